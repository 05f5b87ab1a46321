"""Global ids and cursors: opaque to clients, and nothing that a client sends as one can raise."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

import orjson
import strawberry

_LONGEST = 400


def global_id(kind: str, key: UUID | str) -> strawberry.ID:
    """The id of an object for clients: its type and its key, in base64."""
    return strawberry.ID(base64.b64encode(f"{kind}:{key}".encode()).decode())


def split(given: str) -> tuple[str, UUID] | None:
    """The type and the key that an id names; nothing when it is not one of ours."""
    decoded = _decode(given)
    kind, _, key = decoded.partition(":") if decoded else ("", "", "")
    found = as_uuid(key)
    return (kind, found) if kind and found else None


def key_of(kind: str, given: str) -> UUID | None:
    """The key of an id of this type; nothing for an id of another type or for anything else."""
    found = split(given)
    return found[1] if found and found[0] == kind else None


def as_uuid(text: str) -> UUID | None:
    """A UUID in its usual form only, so that one key has one spelling."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def cursor(*parts: str | int | None) -> str:
    """Where a page ends, for the next one to begin after."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode()


def read_cursor(given: str, length: int) -> list[str | int | None] | None:
    """The parts of a cursor; nothing when it is not one of that length."""
    decoded = _decode(given, urlsafe=True)
    try:
        parts = orjson.loads(decoded) if decoded else None
    except orjson.JSONDecodeError:
        return None
    if not isinstance(parts, list) or len(parts) != length or not all(part is None or isinstance(part, str | int) for part in parts):
        return None
    return parts


def _decode(given: str, *, urlsafe: bool = False) -> str | None:
    if not given or len(given) > _LONGEST or not given.isascii():
        return None
    try:
        return base64.b64decode(given, altchars=b"-_" if urlsafe else None, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
