"""Documents that schemathesis writes from the schema: the same ones in every run, so that a fault found stays found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.graphql import from_file, nodes, scalar

from graphql_api.document import Limits, TurnedAway, measure
from graphql_api.schema import sdl

SEED = 20260901
_DAYS = [*(f"2026-0{n}-0{n}" for n in range(1, 10)), "2024-02-29", "0001-01-01", "9999-12-31", "2026-02-30", "", "20260101"]
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def _prepared() -> Any:
    scalar("Date", st.sampled_from(_DAYS).map(nodes.String))
    instants = [(_EPOCH + timedelta(days=n * 30)).isoformat() for n in range(12)] + [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "now",
    ]
    scalar("DateTime", st.sampled_from(instants).map(nodes.String))
    return from_file(sdl())


def documents(examples: int) -> Iterator[tuple[str, str]]:
    """So many documents of each field at the top that the guard lets through, with the name of the field."""
    for found in _prepared().get_all_operations():
        operation = found.ok()
        if operation.definition.is_mutation or operation.definition.is_query:
            for text in _drawn(operation, examples):
                yield operation.label, text


def _drawn(operation: Any, examples: int) -> list[str]:
    drawn: list[str] = []

    @seed(SEED)
    @settings(max_examples=examples * 4, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def draw(case: Any) -> None:
        if len(drawn) < examples and case.body not in drawn:
            try:
                measure(case.body, Limits())
            except TurnedAway:
                return
            drawn.append(case.body)

    draw()
    return drawn


_IDS = re.compile(r'\b(\w*[iI]d): (?:"(?:[^"\\]|\\.)*"|-?\d+)')
_VERSIONS = re.compile(r"\b(expected(?:Version|Revision)|version|entry): -?\d+")


def at_home(text: str, ids: dict[str, str], version: int) -> str:
    """The document with ids of things that are there and a version that is nearly right: so it comes further than to `NotFound`."""

    def there(found: re.Match[str]) -> str:
        return f'{found[1]}: "{ids.get(found[1], ids["id"])}"'

    return _VERSIONS.sub(rf"\1: {version}", _IDS.sub(there, text))
