"""The chain of a case's journal: one way to write an entry down, and the hash that ties it to the entry before."""

from __future__ import annotations

import hashlib
import json
from typing import Any

GENESIS = bytes(32)
_SPELLING = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(content: dict[str, Any]) -> bytes:
    """The one spelling of a content: sorted keys, no white space, UTF-8. Fractions are refused: they have many spellings."""
    _refuse_fractions(content)
    return _SPELLING.encode(content).encode()


def link(prev: bytes, content: dict[str, Any]) -> bytes:
    """The hash of an entry, which depends on every entry before it."""
    return hashlib.sha256(prev + canonical(content)).digest()


def _refuse_fractions(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a fraction has no single spelling and cannot be journalled")
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise TypeError("the names in a journalled content are text")
            _refuse_fractions(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_fractions(inner)
