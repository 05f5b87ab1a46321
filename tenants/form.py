"""What an authority is made of, as somebody writes it down: read whole, every fault at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tenants.codes import check_dfe_code
from tenants.dfe import GSS, REGIONS, STALE_GSS

LONGEST_NAME = 100
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")


@dataclass(frozen=True, slots=True)
class Form:
    """A new authority."""

    tenant: str
    name: str
    dfe_code: str
    gss_code: str
    region_code: str | None = None
    training: bool = False
    opened_on: date | None = None  # the day from which it has its duties, where that is known


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong with it: what, why it matters, what to do."""

    what: str
    why: str
    do: str

    def __str__(self) -> str:
        return f"{self.what}. {self.why}. {self.do}."


class FaultyForm(Exception):  # noqa: N818 - the house says what it is
    """A form that no authority can be made from; carries every fault found, not the first."""

    def __init__(self, faults: tuple[Wrong, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def read_form(text: str) -> dict[str, Any]:
    """The fields of a YAML file. Raises FaultyForm."""
    try:
        given = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "The file"
        raise FaultyForm((Wrong(f"{where} is not YAML", "It cannot be read", "mend it there"),)) from None
    if not isinstance(given, dict):
        raise FaultyForm((Wrong("The file has no fields", "An authority has a slug, a name and its codes", "see docs/tenants.md"),))
    return {str(name): value for name, value in given.items()}


def form_of(given: Mapping[str, Any]) -> Form:
    """A form whose every field is sound. Raises FaultyForm."""
    known = [one.name for one in fields(Form)]
    faults = [
        Wrong(f"{name!r} is no field", "It would be ignored", f"the fields are {', '.join(known)}") for name in given if name not in known
    ]
    told = {name: given.get(name) for name in known}
    told = {name: value.strip() if isinstance(value, str) else value for name, value in told.items()}
    faults += _wrong(told)
    if faults:
        raise FaultyForm(tuple(faults))
    return Form(**{name: value for name, value in told.items() if value is not None})


def _wrong(told: Mapping[str, Any]) -> Iterator[Wrong]:
    slug, name, code, gss, region = (told[one] for one in ("tenant", "name", "dfe_code", "gss_code", "region_code"))
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
        yield Wrong(f"tenant {slug!r} is no slug", "It stands in addresses and ids", "use 2 to 40 lower-case letters, digits and hyphens")
    if not isinstance(name, str) or not 1 < len(name) <= LONGEST_NAME or not name.isprintable():
        yield Wrong("name is missing, too long or not text", "Letters bear it", f"give 2 to {LONGEST_NAME} characters")
    if not isinstance(code, str):
        yield Wrong("dfe_code is no text", "YAML reads 003 as a number", 'write it in quotes, as "302"')
    elif wrong := check_dfe_code(code):
        yield Wrong(f"dfe_code {code} {wrong[0]}", "Plans are handed from council to council by it", wrong[1])
    if not isinstance(gss, str) or not (GSS.fullmatch(gss) or (told["training"] and re.fullmatch(r"E[0-9]{8}", gss))):
        yield Wrong(
            f"gss_code {gss!r} is not the GSS code of a council", "It begins with E06, E08, E09 or E10", "give the nine signs of it"
        )
    elif gss in STALE_GSS:
        yield Wrong(f"gss_code {gss} is stale", "The Office for National Statistics replaced it", f"give {STALE_GSS[gss]}")
    if region is not None and region not in REGIONS:
        yield Wrong(f"region_code {region!r} is none of the nine regions", "They are E12000001 to E12000009", "give one, or leave it out")
    if not isinstance(told["training"], bool | None):
        yield Wrong("training is neither true nor false", "A training authority has a clock of its own", "write true or false")
    if told["opened_on"] is not None and type(told["opened_on"]) is not date:
        yield Wrong("opened_on is no day", "Its duties begin with it", "write it as 2027-04-01")
