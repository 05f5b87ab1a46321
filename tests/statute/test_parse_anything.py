"""Whatever comes in for a definition: a process that plays, or `Faulty`, and never another exception."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from statute.parse import parse
from statute.types import Faulty
from tests.statute.small import document

FEWER = settings(max_examples=settings.default.max_examples // 2)  # each looks at a whole document

# Whatever comes in: a process that plays, or Faulty.
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.datetimes(), st.binary(max_size=3), st.text(max_size=8),
    st.sampled_from(["say", "asked", "waiting", "ACT s.1", "6 weeks", "must", "2 weeks before asked_on", "primary", "by_hand"]),
)  # fmt: skip
KEYS = st.one_of(
    st.sampled_from([*document(), "say", "cite", "at", "by", "primary", "items"]), st.text(max_size=4), st.integers(), st.none()
)
JUNK = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)), max_leaves=12)


def only_faulty(read: Callable[[Any], object], given_document: Any) -> None:
    """Any other exception fails the test by itself."""
    try:
        read(given_document)
    except Faulty as faulty:
        assert faulty.faults  # noqa: PT017 - a sound document is as welcome


@FEWER
@given(st.dictionaries(st.sampled_from(list(document())), JUNK, max_size=8))
def test_no_section_raises_anything_but_faulty(sections: dict[str, object]) -> None:
    only_faulty(parse, {**document(), **sections})


@FEWER
@given(st.integers(0, 2**32 - 1), st.lists(JUNK, min_size=1, max_size=4))
def test_no_rule_raises_anything_but_faulty_however_it_is_bent(number: int, junks: list[object]) -> None:
    chance, whole = random.Random(number), document()
    for junk in junks:
        bend(whole, chance, junk)
    only_faulty(parse, whole)


def bend(whole: Any, chance: random.Random, junk: object) -> None:
    """Put something strange somewhere in a document, or take something out."""
    part = whole
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        key = chance.choice(keys)
        if isinstance(part[key], (dict, list)) and part[key] and chance.random() < 0.8:
            part = part[key]
            continue
        if chance.random() < 0.2:
            del part[key]
        elif chance.random() < 0.2 and isinstance(part, dict):
            part[chance.choice([None, 1, "zzz", "say", ("a", 1), date(2026, 1, 1)])] = copy.deepcopy(junk)
        else:
            part[key] = copy.deepcopy(junk)
        return
