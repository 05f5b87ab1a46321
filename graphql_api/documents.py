"""The documents of our own clients, known by their SHA-256: a client sends the fingerprint, and a council's API may take no others.

They are the files of `graphql_api/trusted`, exactly as they are there; a client is built with them, and asks

    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "..."}}, "variables": {...}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from graphql_api.document import TurnedAway


def fingerprint(text: str) -> str:
    """The SHA-256 of a document, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


@cache
def trusted() -> Mapping[str, str]:
    """Our own documents by their fingerprints."""
    folder = files("graphql_api") / "trusted"
    texts = [each.read_text("utf-8") for each in folder.iterdir() if each.name.endswith(".graphql")]
    return MappingProxyType({fingerprint(text): text for text in texts})


def named(request: Mapping[str, Any]) -> str | None:
    """The document that a request names by its fingerprint; nothing where it names none.

    Raises:
        TurnedAway: it names one that is not ours, or sends a document that has another fingerprint.
    """
    wanted = (request.get("extensions") or {}).get("persistedQuery")
    if wanted is None:
        return None
    found = wanted.get("sha256Hash") if isinstance(wanted, dict) else None
    if not isinstance(found, str):
        raise TurnedAway("WRONG_SHAPE", "`extensions.persistedQuery.sha256Hash` is the fingerprint of a document, as text.")
    sent = request.get("query")
    if sent is None:
        text = trusted().get(found)
        if text is None:
            raise TurnedAway("PERSISTED_QUERY_NOT_FOUND", "No document of ours has this fingerprint.")
        return text
    if not isinstance(sent, str) or fingerprint(sent) != found:
        raise TurnedAway("WRONG_FINGERPRINT", "The document that was sent has another fingerprint.")
    return sent


class OnlyTrusted(SchemaExtension):
    """Whatever way a document came, over HTTP or a WebSocket, it is one of ours or is not looked at."""

    def on_operation(self) -> Iterator[None]:
        """Refuse before anything is parsed."""
        query = self.execution_context.query
        if not query or fingerprint(query) not in trusted():
            raise GraphQLError("Only the documents of our own clients are answered here.", extensions={"code": "ONLY_TRUSTED"})
        yield
