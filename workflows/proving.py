"""The proof of a council's configuration, from documents alone: `proved(name, version, amendments, documents)` gives a `Proof`.

What it takes and gives is plain, so that a process of its own can work it out: `ProcessPoolExecutor().submit(proved, ...)`. It is
the same checker at every door: when configuration is loaded, previewed, published and at start, in `waymark check` and in CI.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from statute.explore import Certificate, CounterExample, Unproven
from statute.overlay import merge
from statute.prove import prove
from statute.tenant_overlay import Relaxation, parse_overlay
from statute.types import Fault, Faulty
from workflows import library


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of holding overlays against the law: a certificate, or what is wrong.

    `faults` are mistakes of form and what no tenant may change, each with its statute. `counter_example` is a path that breaks the law.
    """

    certificate: Certificate | None = None
    counter_example: CounterExample | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it may be published."""
        return self.certificate is not None

    def wrong(self) -> tuple[Fault, ...]:
        """Everything that stands in the way, in one shape: where, what, why with the law, what to do."""
        found = self.counter_example
        if found is None:
            return self.faults
        return (*self.faults, Fault(found.rule, found.what, found.say, "take out what leads there"))

    def as_document(self) -> dict[str, object]:
        """It as plain values, to be stored or shown."""
        return {
            "sound": self.sound,
            "certificate": self.certificate.as_document() if self.certificate else None,
            "counter_example": self.counter_example.as_document() if self.counter_example else None,
            "faults": [{"path": one.path, "what": one.what, "why": one.why, "do": one.do} for one in self.faults],
        }


def proved(name: str, version: int, amendments: Iterable[str] = (), documents: Iterable[object] = ()) -> Proof:
    """Whether a process under these overlays, in this order, keeps every limit and right of the law as amended.

    Raises:
        Unknown: there is no such process, version or amendment.
    """
    national = library.under(name, version, tuple(amendments))
    try:
        merged = merge(national, *(parse_overlay(document) for document in documents))
        found = prove(national, merged, library.england())
    except Faulty as faulty:
        return Proof(faults=faulty.faults)
    except Relaxation as relaxation:
        return Proof(faults=tuple(Fault(one.path, one.what, one.why, one.do) for one in relaxation.violations))
    except Unproven as unproven:
        return Proof(faults=(Fault(name, "could not be walked to its end", str(unproven), "take out some of the needs of gates"),))
    if isinstance(found, Certificate):
        return Proof(certificate=found)
    return Proof(counter_example=found)
