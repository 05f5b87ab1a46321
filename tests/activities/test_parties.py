"""The part in a case that an act gives: to the person or the setting it is directed at, whatever kind of act it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from activities.record import _parties
from statute.definition import Act, Each, Process
from statute.types import Event, Kind
from store.journal import Party
from workflows import library

PERSON = UUID("0b0e2b3f-7a55-4b0e-9a0c-3f1f0a4f5b11")
PLACE = UUID("7f4f1d3c-2b1a-4c7e-8a6d-1d2e3f405162")
ON = date(2026, 3, 2)
ACTS = (Kind.OPENED, Kind.HAPPENED, Kind.DONE, Kind.SERVED, Kind.DECIDED)


def process(relates: str, kind: Kind = Kind.HAPPENED, each: str = "") -> Process:
    """A procedure of one act. Its `provider` are settings by their ids, its `adviser` have names."""
    act = Act(name="act", kind=kind, say="It is done", by=("local_authority",), at=frozenset(), relates=relates, each=each)
    alike = {"provider": Each("provider", "A provider", {}), "adviser": Each("adviser", "An adviser", {"medical": "Medical advice"})}
    return replace(library.get("ehc_plan", 1), acts=MappingProxyType({"act": act}), each=MappingProxyType(alike))


def event(kind: Kind = Kind.HAPPENED, **more: Any) -> Event:
    return Event(kind, "act", ON, datetime(2026, 3, 2, 9, tzinfo=UTC), "key", "officer", "local_authority", **more)


@pytest.mark.parametrize("kind", ACTS)
@pytest.mark.parametrize("relates", ["asked", "assigned"])
def test_a_person_is_asked_and_assigned_by_any_kind_of_act(kind: Kind, relates: str) -> None:
    assert _parties(process(relates, kind), event(kind, about=str(PERSON))) == [Party(relates, "", PERSON, None, ON)]


@pytest.mark.parametrize("kind", ACTS)
@pytest.mark.parametrize("relates", ["consulted", "requested"])
def test_a_setting_is_consulted_and_requests_by_any_kind_of_act(kind: Kind, relates: str) -> None:
    assert _parties(process(relates, kind), event(kind, about=str(PLACE))) == [Party(relates, "", None, PLACE, ON)]


@pytest.mark.parametrize("relates", ["assigned", "consulted"])
def test_an_item_that_is_a_setting_is_the_setting_itself(relates: str) -> None:
    told = event(item=str(PLACE))
    assert _parties(process(relates, each="provider"), told) == [Party(relates, str(PLACE), None, PLACE, ON)]


def test_a_person_assigned_at_a_setting_has_the_part_only_while_there() -> None:
    told = event(item=str(PLACE), about=str(PERSON))
    assert _parties(process("assigned", each="provider"), told) == [Party("assigned", str(PLACE), PERSON, PLACE, ON)]


def test_an_item_that_has_a_name_is_nobody() -> None:
    for relates in ("asked", "assigned"):
        told = event(item="medical", about=str(PERSON))
        assert _parties(process(relates, each="adviser"), told) == [Party(relates, "medical", PERSON, None, ON)]
        assert _parties(process(relates, each="adviser"), event(item="medical")) == []
    told = event(item="medical", about=str(PLACE))
    assert _parties(process("consulted", each="adviser"), told) == [Party("consulted", "medical", None, PLACE, ON)]


def test_who_is_asked_at_a_setting_is_still_one_person() -> None:
    assert _parties(process("asked", each="provider"), event(item=str(PLACE))) == []
    told = event(item=str(PLACE), about=str(PERSON))
    assert _parties(process("asked", each="provider"), told) == [Party("asked", str(PLACE), PERSON, None, ON)]


@pytest.mark.parametrize("relates", ["asked", "assigned", "consulted", "requested"])
def test_an_act_directed_at_nobody_gives_nobody_a_part(relates: str) -> None:
    assert _parties(process(relates), event()) == []
    assert _parties(process(relates), event(about="hill_school")) == [], "no id: the step stands and the case does not hang on it"
    assert _parties(process(relates, each="provider"), event(item="hill_school")) == []


def test_only_the_act_itself_gives_a_part() -> None:
    about = str(PERSON)
    assert _parties(process(""), event(about=about)) == []
    assert _parties(process("assigned"), replace(event(about=about), name="another")) == []
    for kind in (Kind.EXCUSED, Kind.TIME_PASSED, Kind.REVISED):  # an amendment may have the name of an act
        assert _parties(process("assigned"), event(kind, about=about)) == []


def test_the_acts_of_the_plan_give_the_parts_that_they_always_gave() -> None:
    plan = library.get("ehc_plan", 1)
    school, advice = replace(event(item=str(PLACE)), name="setting_consulted"), event(item="medical", about=str(PERSON))
    assert _parties(plan, school) == [Party("consulted", str(PLACE), None, PLACE, ON)]
    assert _parties(plan, replace(advice, name="advice_requested")) == [Party("asked", "medical", PERSON, None, ON)]
    opened = replace(event(Kind.OPENED, about=str(PLACE)), name="request_received")
    assert _parties(plan, opened) == [Party("requested", "", None, PLACE, ON)]
