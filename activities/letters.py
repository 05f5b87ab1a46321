"""Letters: rendered from the definition's own paragraphs, and checked against what the law prescribes before they may leave."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from html.parser import HTMLParser
from importlib import resources

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from statute.definition import Act
from statute.explain import written
from statute.pilot import Pilot
from tenants.configuration import Letters


@dataclass(frozen=True)
class Occasion:
    """What a letter says besides its prescribed paragraphs, and how the council's letters look. Never leaves this package but inside a letter."""

    authority: str
    reference: str
    child: str
    day: date
    training: bool
    head: Letters = field(default_factory=Letters)
    pilots: tuple[str, ...] = ()  # what a family is told of the pilots beyond the law in force under which its case runs


class Incomplete(Exception):  # noqa: N818 - it says what is so
    """A prescribed element is missing from a letter: it must not be sent. `elements` are names, not contents."""

    def __init__(self, elements: tuple[str, ...]) -> None:
        super().__init__(f"missing: {', '.join(elements)}")
        self.elements = elements


def render(notice: Act, occasion: Occasion, recorded: Mapping[str, str]) -> str:
    """The letter as HTML. An element without a paragraph of its own holds the recorded fact of its name.

    Raises:
        Incomplete: something that the law prescribes is missing.
    """
    elements = {name: text or recorded.get(name, "") for name, text in notice.contains.items()}
    html = _template().render(
        title=notice.say,
        authority=occasion.authority,
        reference=occasion.reference,
        child=occasion.child,
        day=written(occasion.day),
        training=occasion.training,
        head=occasion.head,
        pilots=occasion.pilots,
        elements=elements,
        citations="; ".join(str(cite) for cite in notice.cites),
    )
    missing = missing_elements(notice, html)
    if missing:
        raise Incomplete(missing)
    return html


def beyond_the_law(pilots: Iterable[Pilot]) -> tuple[str, ...]:
    """A paragraph for each pilot that goes beyond the law in force: every letter of a case under one says so."""
    return tuple(
        f"{pilot.title} is a pilot and no law. It goes beyond the law in force ({'; '.join(map(str, pilot.departs_from))}). {pilot.say}"
        for pilot in pilots
        if pilot.beyond
    )


def missing_elements(notice: Act, html: str) -> tuple[str, ...]:
    """The prescribed elements that a finished letter does not hold, read from the letter itself."""
    found = _Sections()
    found.feed(html)
    return tuple(name for name in notice.contains if not found.text.get(name, "").strip())


def digest_of(html: str) -> str:
    """The fingerprint of a letter as it left."""
    return hashlib.sha256(html.encode()).hexdigest()


class _Sections(HTMLParser):
    """The text of each `<section id=...>`."""

    def __init__(self) -> None:
        super().__init__()
        self.text: dict[str, str] = {}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._inside = dict(attrs).get("id") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.text[self._inside] = self.text.get(self._inside, "") + data


@cache
def _template() -> Template:
    source = resources.files("activities").joinpath("templates", "letter.html").read_text("utf-8")
    environment = Environment(loader=DictLoader({"letter": source}), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("letter")
