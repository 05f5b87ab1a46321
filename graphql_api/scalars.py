"""The two scalars of time, kept apart: civil dates in London, and instants in UTC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _read_date(given: object) -> date:
    # Only the one form: fromisoformat would also take 20260302 and 2026-W10-1.
    if isinstance(given, str) and _DATE.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    raise GraphQLError("Date: write a day of the calendar as 2026-03-02.")


def _read_instant(given: object) -> datetime:
    if isinstance(given, str) and len(given) <= 40:
        try:
            found = datetime.fromisoformat(given)
            if found.tzinfo is not None:
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise GraphQLError("DateTime: write an instant with its offset, as 2026-03-02T09:30:00Z.")


def _write_instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


SCALARS: Mapping[object, ScalarDefinition] = {
    date: strawberry.scalar(
        name="Date",
        description="A civil date in Europe/London, as 2026-03-02.",
        serialize=date.isoformat,
        parse_value=_read_date,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC, as 2026-03-02T09:30:00.000Z.",
        serialize=_write_instant,
        parse_value=_read_instant,
    ),
}
