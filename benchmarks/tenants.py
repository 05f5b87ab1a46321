"""The proof for a whole country: 153 councils, each with overlays of several processes, proved in one run as at a start."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from statistics import median
from time import perf_counter, process_time
from typing import Any

from statute.comparison import last_days
from statute.explore import CAP, Certificate, Trail, Walk, survey
from statute.overlay import merge
from statute.prove import prove
from statute.shape import shape
from statute.tenant_overlay import parse_overlay
from tests.statute.overlays import lawful_document
from workflows import library
from workflows.proving import proved

TENANTS, EACH, SEED = 153, 4, 2026
PROCESSES = (
    "ehc_plan", "annual_review", "phase_transfer", "reassessment", "ceasing", "plan_amendment", "mediation_and_appeal", "order_compliance",
    "ap_tier1", "ap_tier2", "ap_tier3", "suspension", "personal_budget", "council_complaint", "social_care_complaint",
)  # fmt: skip


def compare() -> None:
    """Print how long the proofs take, all of them from nothing, and one more when the rest is known."""
    written = list(overlays())
    assert {name for name, _ in written} == set(PROCESSES)
    forget()
    took: list[float] = []
    begun, used = perf_counter(), process_time()
    for name, document in written:
        at = perf_counter()
        found = proved(name, 1, (), (document,))
        took.append(perf_counter() - at)
        assert found.sound, (name, document, found.wrong())
    whole, cpu = perf_counter() - begun, process_time() - used
    walks = survey.cache_info().misses
    again = perf_counter()
    for name, document in written:
        proved(name, 1, (), (document,))
    warm = perf_counter() - again
    print(f"proof, {TENANTS} councils with {len(written)} overlays of {len(PROCESSES)} processes (goal: under 10 s)")
    print(
        f"  all from nothing: {whole:.2f} s ({cpu:.2f} s of CPU); each {median(took) * 1e3:.1f} ms in the middle, {max(took):.2f} s at most"
    )
    print(f"  walked {walks} shapes for {2 * len(written)} processes; dates worked out for {last_days.cache_info().misses} spans")
    print(f"  all once more, as when one of them is published: {warm:.2f} s, {warm / len(written) * 1e3:.1f} ms each")
    one, each = walk_anew()
    print(f"  the largest process: a walk {each * 1e3:.0f} ms, a proof that needs none {one * 1e3:.1f} ms; ratio {each / one:.0f}")


def overlays() -> Iterator[tuple[str, dict[str, Any]]]:
    """For each council some overlays of different processes, drawn without thought; those that a proof would refuse are drawn again."""
    for tenant in range(TENANTS):
        chance = Random(SEED * 1000 + tenant)
        for name in chance.sample(PROCESSES, EACH):
            yield name, sound(name, chance)


def sound(name: str, chance: Random) -> dict[str, Any]:
    process = library.get(name, 1)
    while True:
        document = lawful_document(process, chance)
        if document is not None and isinstance(prove(process, merge(process, parse_overlay(document)), library.england()), Certificate):
            return document


def forget() -> None:
    """As a process that has just begun, but for the definitions that it read."""
    survey.cache_clear()
    last_days.cache_clear()


def walk_anew() -> tuple[float, float]:
    """Seconds of a proof that needs no walk, and of one walk, of the largest process."""
    process = library.get("mediation_and_appeal", 1)
    begun = perf_counter()
    for _ in range(10):
        prove(process, process, library.england())
    one, begun = (perf_counter() - begun) / 10, perf_counter()
    assert Walk(shape(process).process).search(Trail(), CAP) is None
    return one, perf_counter() - begun


if __name__ == "__main__":
    compare()
