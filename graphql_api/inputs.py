"""What a mutation is given. The key is made by the client before sending: the same key twice is one act."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import orjson
import strawberry
from strawberry import UNSET, Maybe

from statute.types import Fault, Value

KEY = "Made by the client before sending; the same key twice is one act."
CASE = "The id of the case."
EXPECTED = "The version that the caller had seen; stale: Conflict."
ON = "The civil day it happened; left out: today."
FACTS = "The facts that the act records."
ITEM = "Which of several alike: an adviser's name in the definition, or the id of a setting."
LONGEST_KEY = 200


@strawberry.input(one_of=True, description="One value of one kind.")
class FactValueInput:
    date: Maybe[date] = strawberry.field(description="A civil date.")
    text: Maybe[str] = strawberry.field(description="A text.")
    yes_no: Maybe[bool] = strawberry.field(description="Yes or no.")
    choice: Maybe[str] = strawberry.field(description="One of the choices of the definition.")
    number: Maybe[int] = strawberry.field(description="A whole number.")


@strawberry.input(description="A fact: its name in the definition, and its value.")
class FactInput:
    name: str = strawberry.field(description="As in the definition.")
    value: FactValueInput = strawberry.field(description="Its value.")


def facts_of(given: list[FactInput]) -> tuple[dict[str, Value], list[Fault]]:
    """The facts as the core takes them, and what is wrong with the list itself."""
    found: dict[str, Value] = {}
    faults = []
    for one in given:
        if one.name in found:
            faults.append(Fault(f"facts.{one.name}", "is given twice", "a fact has one value", "give it once"))
        for kind in ("date", "text", "yes_no", "choice", "number"):
            some = getattr(one.value, kind)
            if some is not None and some is not UNSET:
                value = some.value
                found[one.name] = value.isoformat() if isinstance(value, date) else value
    return found, faults


def journal_key(person: object, key: str) -> str:
    """The key under which an act of this person is recorded: opaque, because Temporal does not encrypt it."""
    return hashlib.sha256(f"{person}:{key}".encode()).hexdigest()[:20]


def fingerprint(mutation: str, given: Any) -> str:
    """The fingerprint of a request without its key: the same key with another content is a mistake."""
    plain = orjson.dumps([mutation, given], option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(plain).hexdigest()


def faulty_key(key: str) -> Fault | None:
    """What is wrong with a client's key."""
    if key.strip() and len(key) <= LONGEST_KEY:
        return None
    return Fault(
        "key", "is empty or too long", "it is what makes a repeated request one act", f"make a UUID; at most {LONGEST_KEY} characters"
    )
