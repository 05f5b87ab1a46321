"""The local authorities of a file of the Department for Education: read whole, every fault at once, no old code mapped silently."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from ruamel.yaml import YAML

from tenants.codes import CLOSED, check_dfe_code

LARGEST = 16 * 1024 * 1024  # bytes; the published files of one year have 0.4 million at most
COLUMNS = ("time_period", "geographic_level", "region_code", "region_name", "new_la_code", "old_la_code", "la_name")
LEVEL = "local authority"
REGIONS = {
    "E12000001": "North East",
    "E12000002": "North West",
    "E12000003": "Yorkshire and The Humber",
    "E12000004": "East Midlands",
    "E12000005": "West Midlands",
    "E12000006": "East of England",
    "E12000007": "London",
    "E12000008": "South East",
    "E12000009": "South West",
}
# GSS codes that the Department still publishes and the Office for National Statistics replaced in 2023
STALE_GSS = {"E10000023": "E06000065", "E10000027": "E06000066"}
GSS = re.compile(r"E(06|08|09|10)[0-9]{6}")
_PERIOD = re.compile(r"[0-9]{4}([0-9]{2})?")
_LONGEST_NAME, _LONGEST_SLUG = 100, 40


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know about the file, or wrong with it: where, what, why, and what to do about it."""

    line: int
    what: str
    why: str
    do: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}. {self.why}. {self.do}."


class FaultyFile(Exception):  # noqa: N818 - the house says what it is
    """A file that nothing may be taken from; carries every fault found, not the first."""

    def __init__(self, faults: tuple[Remark, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority as the file has it in its latest period."""

    dfe_code: str
    gss_code: str
    name: str
    region_code: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An old code: what came after it, as far as that is known. It is never mapped."""

    dfe_code: str
    name: str
    last_period: str
    after: tuple[str, ...]
    remark: Remark


@dataclass(frozen=True, slots=True)
class Published:
    """What a sound file says, by DfE code."""

    period: str
    authorities: tuple[Authority, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[Remark, ...]
    other_rows: int  # of England, of regions: totals, no authorities


@dataclass(frozen=True, slots=True)
class Area:
    """A local authority of the Change Programme."""

    dfe_code: str
    gss_code: str
    name: str
    region_code: str
    lead: bool


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    period: str
    said: Authority


def change_programme() -> dict[str, Area]:
    """The areas of the Change Programme by DfE code."""
    text = (resources.files("tenants") / "change_programme.yaml").read_text("utf-8")
    regions = YAML(typ="safe", pure=True).load(text)["areas"]
    return {one["dfe_code"]: Area(region_code=region, **one) for region, areas in regions.items() for one in areas}


def read(raw: bytes) -> Published:
    """The authorities of a file as it was published.

    Raises:
        FaultyFile: with every fault of the file; nothing of it counts.
    """
    rows, other, faults = _rows(_text(raw))
    if not rows and not faults:
        why = f"It has {other} rows, of England or of regions" if other else "It has a heading and nothing under it"
        faults = [Remark(1, "No row is of a local authority", why, "download the file with the geographic level Local authority")]
    faults += _at_odds(rows)
    if faults:
        raise FaultyFile(_once(faults))
    return _published(rows, other)


def slugs(authorities: Iterable[Authority], taken: Mapping[str, str]) -> dict[str, str]:
    """A slug for each DfE code, from the name; where two would have one, or a code holds it already (`taken`), the DfE code is added."""
    plain = {one.dfe_code: slug_of(one.name, one.dfe_code) for one in authorities}
    wanted = list(plain.values())
    return {
        code: slug if wanted.count(slug) == 1 and taken.get(slug, code) == code else f"{_cut(slug, _LONGEST_SLUG - 4)}-{code}"
        for code, slug in plain.items()
    }


def slug_of(name: str, dfe_code: str) -> str:
    """A name in lower case, ASCII and hyphens; `la-` and the code where that leaves nothing to know it by."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = _cut(re.sub(r"[^a-z0-9]+", "-", re.sub("['`]", "", ascii_name)).strip("-"), _LONGEST_SLUG)
    return slug if re.fullmatch("[a-z][a-z0-9-]+", slug) else f"la-{dfe_code}"


def _cut(slug: str, longest: int) -> str:
    """The whole words of a slug that fit."""
    if len(slug) <= longest:
        return slug
    return (slug[: longest + 1].rpartition("-")[0] or slug[:longest]).rstrip("-")


def _text(raw: bytes) -> str:
    if len(raw) > LARGEST:
        do = "give one of the published files of local authorities, not the whole release"
        raise FaultyFile((Remark(1, f"The file is larger than {LARGEST // 2**20} MiB", "The published files have less than one", do),))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        do = "give the file as it was downloaded, or save it as CSV UTF-8"
        raise FaultyFile((Remark(line, "The file is not UTF-8", "Names of councils would be written wrongly", do),)) from None
    if not text.strip():
        raise FaultyFile((Remark(1, "The file is empty", "There is no authority in it", "download it again"),))
    return text


def _rows(text: str) -> tuple[list[_Row], int, list[Remark]]:
    """The rows of authorities that are sound by themselves, how many rows are of others, and what is wrong with the rest."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[_Row] = []
    faults: list[Remark] = []
    other = 0
    try:
        heading = [name.strip() for name in next(lines)]
        places = _places(heading)
        for values in lines:
            if not any(values):
                continue
            if len(values) != len(heading):
                what = f"The row has {len(values)} fields and the heading {len(heading)}"
                faults.append(Remark(lines.line_num, what, "A value may stand under a wrong name", "give the file as it was downloaded"))
                continue
            row = {name: " ".join(values[place].split()) for name, place in places.items()}
            if row["geographic_level"].casefold() != LEVEL:
                other += 1
                continue
            said = Authority(row["old_la_code"], row["new_la_code"], row["la_name"], row["region_code"])
            found = _Row(lines.line_num, row["time_period"], said)
            wrong = [*_wrong(found), *_wrong_region(found.line, said.region_code, row["region_name"])]
            faults += wrong
            rows += [] if wrong else [found]
    except csv.Error as error:
        faults.append(Remark(lines.line_num, f"The file is no CSV: {error}", "It cannot be read on", "give the file as it was downloaded"))
    return rows, other, faults


def _places(heading: list[str]) -> dict[str, int]:
    """Where each column is. Raises FaultyFile with every one that is missing or there twice."""
    faults = []
    for name in COLUMNS:
        if (found := heading.count(name)) != 1:
            what = f"The column {name} is {'missing' if not found else f'there {found} times'}"
            do = "give a file of the release that has rows of local authorities, such as annual_reviews.csv"
            faults.append(Remark(1, what, "The Department's open data standard gives it once to every row of an authority", do))
    if faults:
        raise FaultyFile(tuple(faults))
    return {name: heading.index(name) for name in COLUMNS}


def _wrong(row: _Row) -> Iterator[Remark]:
    """What is wrong with one row by itself."""
    one = row.said
    if one.dfe_code not in CLOSED and (wrong := check_dfe_code(one.dfe_code)):
        yield Remark(row.line, f"old_la_code {one.dfe_code!r} {wrong[0]}", "The authority is known by it", wrong[1])
    if not GSS.fullmatch(one.gss_code):
        why = "It begins with E06, E08, E09 or E10, and six digits follow"
        yield Remark(row.line, f"new_la_code {one.gss_code!r} is not the GSS code of a council", why, "correct it where it was published")
    if not 1 < len(one.name) <= _LONGEST_NAME or not one.name.isprintable():
        why = f"A name has 2 to {_LONGEST_NAME} signs that can be printed"
        yield Remark(row.line, f"la_name {one.name[:_LONGEST_NAME]!r} is no name", why, "correct it where it was published")
    if not _PERIOD.fullmatch(row.period):
        why = "Which councils there are now is told from the latest"
        yield Remark(row.line, f"time_period {row.period!r} is no year", why, "write it as 2024 or as 202425")


def _wrong_region(line: int, code: str, name: str) -> Iterator[Remark]:
    known = REGIONS.get(code)
    if known is None:
        yield Remark(line, f"region_code {code!r} is none of the nine regions", "They are E12000001 to E12000009", "give the region's code")
    elif known.casefold() != name.casefold():
        yield Remark(line, f"region_name {name!r} is not that of {code}", f"That is {known}", "see whether the columns were shifted")


def _at_odds(rows: list[_Row]) -> Iterator[Remark]:
    """Where two rows of one period say different things of one code, or the same of two."""
    seen: dict[tuple[str, ...], str] = {}
    for row in rows:
        one = row.said
        for what, value in (("name", one.name), ("GSS code", one.gss_code), ("region", one.region_code)):
            before = seen.setdefault((row.period, one.dfe_code, what), value)
            if before != value:
                why = f"In one period ({row.period}) a council has one {what}"
                told = f"{one.dfe_code} has the {what} {value} here and {before} before"
                yield Remark(row.line, told, why, "correct the row that is wrong")
        other = seen.setdefault((row.period, one.gss_code), one.dfe_code)
        if other != one.dfe_code:
            why = f"In one period ({row.period}) it is one council's"
            yield Remark(row.line, f"{one.gss_code} is of {one.dfe_code} here and of {other} before", why, "correct the row that is wrong")


def _published(rows: list[_Row], other: int) -> Published:
    latest = max(row.period for row in rows)
    by_code: dict[str, list[_Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.period, -row.line)):
        by_code[row.said.dfe_code].append(row)  # the last is the first line of its latest period
    authorities: list[Authority] = []
    left_out: list[LeftOut] = []
    remarks: list[Remark] = []
    for code, found in sorted(by_code.items()):
        last = found[-1]
        if code in CLOSED or last.period != latest:
            left_out.append(_left_out(last, latest))
            continue
        authorities.append(last.said)
        remarks += _told(found)
    return Published(latest, tuple(authorities), tuple(left_out), tuple(remarks), other)


def _left_out(row: _Row, latest: str) -> LeftOut:
    one = row.said
    told = f"{one.dfe_code} {one.name}"
    if closed := check_dfe_code(one.dfe_code):
        remark = Remark(row.line, f"{told} {closed[0]}", f"Its rows end with {row.period}, and it is mapped to no other", closed[1])
    else:
        why = f"Its rows end with {row.period}: a council that is published no longer may have been abolished"
        do = "find out which council came after, and use that one's code"
        remark = Remark(row.line, f"{told} is not in the file's latest period, {latest}", why, do)
    return LeftOut(one.dfe_code, one.name, row.period, CLOSED.get(one.dfe_code, ()), remark)


def _told(found: list[_Row]) -> Iterator[Remark]:
    """What to know about an authority that is taken: a stale GSS code, and what earlier periods said otherwise."""
    last = found[-1]
    one = last.said
    if now := STALE_GSS.get(one.gss_code):
        why = f"The Office for National Statistics replaced it by {now} in 2023, the Department publishes it still"
        yield Remark(last.line, f"{one.dfe_code} {one.name} has the stale GSS code {one.gss_code}", why, "map it by its DfE code")
    for what, attribute in (("name", "name"), ("GSS code", "gss_code"), ("region", "region_code")):
        taken = getattr(one, attribute)
        before = {value: row for row in found if (value := getattr(row.said, attribute)) != taken}
        for value, row in before.items():
            why = f"The latest rows have {taken}, and that is taken"
            yield Remark(row.line, f"{one.dfe_code} {one.name} had the {what} {value} in {row.period}", why, "map it by its DfE code")


def _once(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Each fault once, at its first line, with how often it is there again."""
    found: dict[str, list[Remark]] = defaultdict(list)
    for one in remarks:
        found[one.what].append(one)
    first = [(min(alike, key=lambda one: one.line), len(alike) - 1) for alike in found.values()]
    told = [Remark(one.line, one.what, f"{one.why}; and so {more} times more" if more else one.why, one.do) for one, more in first]
    return tuple(sorted(told, key=lambda one: (one.line, one.what)))
