"""Taking a document apart without trusting it: every reading gives a value of the right type, and notes a fault where it had none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from statute.definition import FactRule, FactType, FactUse, Span, Unit
from statute.types import Citation, Evidence, Fault

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
SPAN = re.compile(r"(\d{1,4}) (day|week|month|working_day|school_day|tribunal_day|tribunal_working_day)s?")
RELATIVE = re.compile(r"(\d{1,4} [a-z_]+) (from|before) ([a-z][a-z0-9_]*)")
LOOKALIKES = frozenset({"on", "off", "yes", "no", "y", "n", "true", "false"})
NO_SPAN = Span(0, Unit.DAYS)
DEEPEST, LARGEST = 40, 100_000  # levels and values of a document: the largest process has 8 and some 2,000
MAY_BE_EMPTY = "reviewed"  # null says that nobody with legal authority has reviewed the file


def oversized(document: object) -> bool:
    """Whether a document is too deep or too large to be read: aliases can make a short text endless."""
    level, count = [document], 0
    for _ in range(DEEPEST):
        following: list[object] = []
        for value in level:
            if isinstance(value, dict):
                following += [*value, *value.values()]
            elif isinstance(value, (list, tuple, set)):
                following += value
            if len(following) > LARGEST:
                return True
        count += len(following)
        if not following or count > LARGEST:
            return count > LARGEST
        level = following
    return True


class Reader:
    """Collects faults while it reads, so that an author sees all of them at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.law: Mapping[str, Mapping[str, str]] = {}
        self.sources: Mapping[str, Evidence] = {}

    def fault(self, path: str, what: str, why: str, do: str) -> None:
        self.faults.append(Fault(path or "(the document)", what, why, do))

    def mapping(self, value: object, path: str, required: str, optional: str = "") -> dict[str, Any] | None:
        """A mapping with exactly the allowed keys. Keys are space separated."""
        if not isinstance(value, dict):
            self.fault(path, f"is {_kind(value)}, not a mapping", "the format has named parts here", "write `key: value` pairs")
            return None
        allowed = required.split() + optional.split()
        for key in value:
            if key not in allowed:
                close = get_close_matches(str(key), allowed, 1)
                advice = f"did you mean `{close[0]}`" if close else f"use one of: {', '.join(allowed)}"
                self.fault(f"{path}.{key}".lstrip("."), "is an unknown key", "a misspelt rule would be silently lost", advice)
        for key in dict.fromkeys(allowed):
            if key in value and value[key] is None and key != MAY_BE_EMPTY:
                self.fault(
                    f"{path}.{key}".lstrip("."), "is empty", "an empty rule would be silently lost", "write it out, or remove the key"
                )
        for key in required.split():
            if key not in value:
                self.fault(f"{path}.{key}".lstrip("."), "is missing", "the rule means nothing without it", f"add `{key}:`")
        return value

    def entries(self, parent: Mapping[str, Any], key: str, path: str = "") -> Iterator[tuple[str, Any]]:
        """The named rules of a section; a bad name is a fault and is left out."""
        section = parent.get(key)
        where = f"{path}.{key}".lstrip(".")
        if section is None:
            return
        if not isinstance(section, dict):
            self.fault(where, f"is {_kind(section)}, not a mapping", "its rules have names", "write `name: rule` pairs")
            return
        for name, value in section.items():
            law = where == "law" and isinstance(name, str) and name.isupper()
            if not law and (not isinstance(name, str) or not NAME.fullmatch(name) or name in LOOKALIKES):
                self.fault(
                    f"{where}.{name}", "is not a name", "names are lower case words joined by _ and never yes, no, on or off", "rename it"
                )
            elif value is None:
                self.fault(f"{where}.{name}", "is empty", "an empty rule would be silently lost", "write it out, or remove the name")
            else:
                yield name, value

    def texts(self, value: object, path: str, keys: str) -> dict[str, str]:
        found = self.mapping(value, path, keys) or {}
        return {key: self.text(found.get(key), f"{path}.{key}") for key in keys.split()}

    def text(self, value: object, path: str, *, empty: bool = False) -> str:
        if isinstance(value, str) and (value.strip() or empty):
            return value
        if value is not None:  # a missing or empty key was told already
            self.fault(
                path,
                f"is {_kind(value)}, not a text",
                "people read it",
                "write a sentence or a name, in quotes if it looks like something else",
            )
        return ""

    def items(self, value: object, path: str) -> list[Any]:
        if isinstance(value, list):
            return value
        if value is not None:
            self.fault(path, f"is {_kind(value)}, not a list", "there may be several", "write [a, b]")
        return []

    def names(self, value: object, path: str) -> tuple[str, ...]:
        found = []
        for number, name in enumerate(self.items(value, path)):
            if not isinstance(name, str) or not NAME.fullmatch(name):
                self.fault(
                    f"{path}[{number}]", f"{name!r} is not a name", "a condition is a name", "use the name of a rule of this definition"
                )
            elif name in found:
                self.fault(f"{path}[{number}]", f"{name} is listed twice", "once is enough", "remove one")
            else:
                found.append(name)
        return tuple(found)

    def number(self, value: object, path: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        if value is not None:
            self.fault(path, f"is {value!r}, not a number above zero", "versions and spans are counted", "write a whole number")
        return 0

    def truth(self, value: object, path: str) -> bool:
        if isinstance(value, bool):
            return value
        self.fault(path, f"is {value!r}, not true or false", "YAML 1.2 knows no other truths", "write true or false")
        return False

    def day(self, value: object, path: str) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if value is not None:
            self.fault(path, f"is {value!r}, not a date", "law comes into force on a day", "write it as 2014-09-01")
        return date.min

    def one_of(self, value: object, path: str, allowed: tuple[str, ...]) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        if value is not None:
            self.fault(path, f"is {value!r}", "the format knows only some words here", f"use one of: {', '.join(filter(None, allowed))}")
        return allowed[0]

    def span(self, value: object, path: str, *, unit: Unit | None = None) -> Span:
        match = SPAN.fullmatch(value) if isinstance(value, str) else None
        found = Span(int(match[1]), Unit(match[2] + "s")) if match else NO_SPAN
        if not match or (unit and found.unit is not unit):
            units = unit.value if unit else ", ".join(Unit)
            self.fault(path, f"{value!r} is not a span", f"spans count {units}", "write for example `6 weeks` or `5 working_days`")
        return found

    def relative(self, value: object, path: str, word: str) -> tuple[Span, str]:
        match = RELATIVE.fullmatch(value) if isinstance(value, str) else None
        if not match or match[2] != word:
            self.fault(
                path, f"{value!r} does not say when", f"it is a span {word} a fact", f"write for example `1 week {word} closed_from`"
            )
            return NO_SPAN, ""
        return self.span(match[1], path), match[3]

    def evidence(self, value: object) -> dict[str, Evidence]:
        """`sources`: every citation used, under what was read for it."""
        listed = self.mapping(value, "sources", "", "primary secondary none") or {}
        found: dict[str, Evidence] = {}
        for evidence, citations in listed.items():
            if evidence not in [known.value for known in Evidence]:
                continue
            for number, text in enumerate(self.items(citations, f"sources.{evidence}")):
                path = f"sources.{evidence}[{number}]"
                if not isinstance(text, str):
                    what = f"{text!r} is not a text"
                    self.fault(path, what, "a citation is an instrument and a pinpoint", "write for example `SEND reg.5(1)`")
                    continue
                if text in found:
                    self.fault(path, f"{text} is listed twice", "a citation has one evidence mark", "keep the weaker mark")
                found[text] = Evidence(evidence)
        return found

    def fact_rule(self, name: str, value: object) -> FactRule:
        if value == []:
            self.fault(f"facts.{name}", "is a choice of nothing", "nobody could ever record it", "list what it may be")
        if isinstance(value, list):
            return FactRule(name, FactType.CHOICE, self.names(value, f"facts.{name}"))
        types = tuple(kind.value for kind in FactType if kind is not FactType.CHOICE)
        return FactRule(name, FactType(self.one_of(value, f"facts.{name}", types)))

    def fact_uses(self, value: object, path: str) -> tuple[FactUse, ...]:
        """`[received_on, views?]`: a question mark makes a fact optional."""
        names = self.items(value, path)
        for number, name in enumerate(names):
            if not isinstance(name, str):
                self.fault(f"{path}[{number}]", f"is {_kind(name)}, not a name", "an act takes facts by name", "write it as in `facts`")
        return tuple(FactUse(name.removesuffix("?"), not name.endswith("?")) for name in names if isinstance(name, str))

    def cites(self, value: object, path: str) -> tuple[Citation, ...]:
        """`SEND reg.5(1)` or a list of such; each must be listed under `sources`, with what was read for it."""
        found = []
        for text in value if isinstance(value, list) else [] if value is None else [value]:
            instrument, _, pinpoint = str(text).partition(" ")
            if instrument not in self.law or not pinpoint:
                self.fault(
                    path,
                    f"{text!r} is no citation",
                    "a citation is an instrument listed under `law` and a pinpoint",
                    "write for example `SEND reg.5(1)`",
                )
            elif text not in self.sources:
                self.fault(
                    path,
                    f"{text} has no evidence mark",
                    "a reader must see what was checked",
                    "list it under sources: primary, secondary or none",
                )
            else:
                found.append(Citation(instrument, pinpoint, self.sources[str(text)]))
        return tuple(found)


def _kind(value: object) -> str:
    if value is None:
        return "empty"
    names = {dict: "a mapping", list: "a list", str: "a text", bool: "a truth", int: "a number", float: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")
