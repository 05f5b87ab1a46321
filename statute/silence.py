"""What is possible though others keep silent or time stands still: `steps(shape, silence)`.

A step of the law that one party could take by itself must not come to hang on another's, on an answer or on waiting. Every path may
still be open in such a process, and yet whoever waits can hold it up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from statute.explore import CAP, Unproven, Walk
from statute.paths import Place, Rule
from statute.shape import Shape
from statute.types import Kind

Taken = tuple[str, str, str]  # an act, a stage, an outcome


@dataclass(frozen=True, slots=True)
class Silence:
    """Who does nothing. A case is opened by anybody."""

    only: frozenset[str] = frozenset()  # these alone act, in what is theirs alone; empty: everybody does
    without: str = ""  # whatever this one may do is left undone
    refused: bool = False  # whatever a gate asks is answered no
    timeless: bool = False  # no time that must be given comes to its end

    def allows(self, rule: Rule) -> bool:
        if self.refused and any(rule.truths.values()):
            return False
        return self.without not in rule.act.by and (not self.only or self.only.issuperset(rule.act.by))


@lru_cache(maxsize=2048)
def steps(of: Shape, silence: Silence) -> Mapping[Taken, tuple[str, ...]]:
    """Every step that can still be taken, with the shortest path to it.

    Raises:
        Unproven: there are too many states to walk.
    """
    walk = Walk(of.process)
    walk.at = [[rule for rule in rules if silence.allows(rule)] for rules in walk.at]
    first: dict[Place, tuple[Place | None, str]] = {}
    for opening in walk.rules:
        start = walk.take(opening, (0, 0, 0, 0)) if opening.act.kind is Kind.OPENED else None
        if start is not None:
            first.setdefault(start, (None, opening.label))
    found: dict[Taken, tuple[Place, str]] = {}
    waiting = deque(first)
    while waiting:
        place = waiting.popleft()
        for rule, label, target in walk.onward(place):
            if rule is not None:
                found.setdefault((rule.act.name, walk.stages[place[0]], rule.outcome), (place, label))
            elif silence.timeless:
                continue
            if target not in first:
                first[target] = (place, label)
                waiting.append(target)
                if len(first) > CAP:
                    raise Unproven(f"more than {CAP} states, so nothing is shown")
    return {taken: (*_path(first, place), label) for taken, (place, label) in found.items()}


def _path(first: Mapping[Place, tuple[Place | None, str]], place: Place | None) -> tuple[str, ...]:
    labels = []
    while place is not None:
        place, label = first[place]
        labels.append(label)
    return tuple(labels[::-1])
