"""Counts the SQL statements of one answer: with compiled code, without it, and the first time a document is seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine as SqlEngine


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the database is asked meanwhile; those that begin and end transactions are not among them."""
    statements: list[str] = []

    def asked(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(SqlEngine, "before_cursor_execute", asked)
    try:
        yield statements
    finally:
        event.remove(SqlEngine, "before_cursor_execute", asked)
