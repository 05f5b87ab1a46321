"""The Department's published file is read whole: who is an authority now, which codes are old, and every fault at once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tenants import dfe
from tenants.codes import CLOSED
from tenants.dfe import Authority, FaultyFile, Published, Remark, change_programme, read, slug_of, slugs

RELEASE = Path(__file__).resolve().parents[3] / "shared" / "data" / "dfe-ehc-plans-2025"
WITH_AUTHORITIES = (
    "annual_reviews", "assessments", "caseload", "ceased_plans", "newplans", "requests", "sen_needs_all_plans", "timeliness_20_week",
)  # fmt: skip
HEADING = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,new_la_code,old_la_code,la_name,plans"
)
# Invented councils, in the form of the release; the first two lines of rows are totals, the last is the only one of its period.
ROWS = """2024,Calendar year,National,E92000001,England,,,,,,90
2024,Calendar year,Regional,E92000001,England,E12000007,London,,,,40
2024,Calendar year,Local authority,E92000001,England,E12000007,London,E09000981,981,Eastbank,10
2024,Calendar year,Local authority,E92000001,England,E12000009,South West,E06000982,982,"Wellmouth, City of",20
2023,Calendar year,Local authority,E92000001,England,E12000009,South West,E10000982,982,"Wellmouth, City of",20
2023,Calendar year,Local authority,E92000001,England,E12000002,North West,E10000006,909,Cumbria,30
2022,Calendar year,Local authority,E92000001,England,E12000004,East Midlands,E10000983,983,Oldfordshire,5"""


def file(rows: str = ROWS, heading: str = HEADING) -> bytes:
    return f"{heading}\r\n{rows}\r\n".replace("\r\n", "\n").replace("\n", "\r\n").encode()


def row(**changed: str) -> str:
    """One sound row of a council, but for what is changed."""
    values = dict(zip(HEADING.split(","), ROWS.splitlines()[2].split(","), strict=True)) | changed
    return ",".join(values.values())


def faults_of(raw: bytes) -> tuple[Remark, ...]:
    with pytest.raises(FaultyFile) as caught:
        read(raw)
    assert all(fault.what and fault.why and fault.do and fault.line > 0 for fault in caught.value.faults)
    assert str(caught.value).count("\n") == len(caught.value.faults) - 1
    return caught.value.faults


def whats(raw: bytes) -> list[tuple[int, str]]:
    return [(fault.line, fault.what) for fault in faults_of(raw)]


def test_the_councils_of_the_latest_period_are_taken_and_totals_are_none() -> None:
    found = read(file())
    assert found.authorities == (
        Authority("981", "E09000981", "Eastbank", "E12000007"),
        Authority("982", "E06000982", "Wellmouth, City of", "E12000009"),
    )
    assert (found.period, found.other_rows) == ("2024", 2)


def test_an_old_code_is_left_out_with_those_that_came_after() -> None:
    old = read(file()).left_out[0]
    assert (old.dfe_code, old.name, old.last_period, old.after) == ("909", "Cumbria", "2023", ("942", "943"))


def test_an_old_code_is_told_with_its_line_and_what_to_give_instead() -> None:
    [old] = [one for one in read(file()).left_out if one.dfe_code in CLOSED]
    assert (old.remark.line, old.remark.do) == (7, "give 942 or 943, by the child's postcode")
    assert "909 Cumbria is the code of a council that no longer exists" in str(old.remark)


@pytest.mark.parametrize("code", CLOSED)
def test_an_old_code_is_left_out_even_in_the_latest_period(code: str) -> None:
    found = read(file(f"{ROWS}\n{row(old_la_code=code, new_la_code='E10000999')}"))
    assert code not in {one.dfe_code for one in found.authorities}
    assert {one.dfe_code: one.after for one in found.left_out}[code] == CLOSED[code]


def test_a_council_that_is_published_no_longer_is_left_out_though_nobody_knows_what_came_after() -> None:
    [gone] = [one for one in read(file()).left_out if one.dfe_code == "983"]
    assert gone.after == ()
    assert gone.remark.what == "983 Oldfordshire is not in the file's latest period, 2024"


def test_what_earlier_periods_said_otherwise_is_told_and_the_latest_is_taken() -> None:
    [told] = read(file()).remarks
    assert (told.line, told.what) == (6, "982 Wellmouth, City of had the GSS code E10000982 in 2023")
    renamed = read(file(f"{row(la_name='East Bank', time_period='2021')}\n{row()}"))
    assert [one.what for one in renamed.remarks] == ["981 Eastbank had the name East Bank in 2021"]


@pytest.mark.parametrize(("stale", "now"), dfe.STALE_GSS.items())
def test_a_stale_gss_code_is_kept_and_told(stale: str, now: str) -> None:
    found = read(file(row(new_la_code=stale)))
    assert found.authorities[0].gss_code == stale
    assert [now in one.why for one in found.remarks] == [True]


def test_the_order_of_columns_and_a_mark_at_the_beginning_do_not_matter() -> None:
    turned = "\n".join(",".join(reversed(line.split(","))) for line in (HEADING, row()))
    assert read(b"\xef\xbb\xbf" + turned.encode()).authorities == read(file(row())).authorities


def test_every_missing_column_is_told() -> None:
    assert whats(file("1,2", "la_code,name")) == [(1, f"The column {name} is missing") for name in dfe.COLUMNS]
    assert whats(file(f"{row()},x", f"{HEADING},la_name")) == [(1, "The column la_name is there 2 times")]


def test_every_fault_of_the_rows_is_told_at_once_with_its_line() -> None:
    rows = [
        row(old_la_code="98"),
        row(new_la_code="W06000001"),
        row(la_name=""),
        row(time_period="last year"),
        row(region_code="E13000001", region_name="Inner London"),
        row(region_name="South West"),
        f"{row()},one too many",
        row(old_la_code="984", new_la_code="E09000984"),
        row(old_la_code="984", new_la_code="E09000984", la_name="Another"),
        row(old_la_code="985", new_la_code="E09000984", la_name="Third"),
    ]
    assert whats(file("\n".join(rows))) == [
        (2, "old_la_code '98' is not the code of a council"),
        (3, "new_la_code 'W06000001' is not the GSS code of a council"),
        (4, "la_name '' is no name"),
        (5, "time_period 'last year' is no year"),
        (6, "region_code 'E13000001' is none of the nine regions"),
        (7, "region_name 'South West' is not that of E12000007"),
        (8, "The row has 12 fields and the heading 11"),
        (10, "984 has the name Another here and Eastbank before"),
        (11, "E09000984 is of 985 here and of 984 before"),
    ]


@pytest.mark.parametrize("code", ["E12000007", "E92000001", "E0600001", "E060000011", "e06000001", "E06٣٠٠٠٠٠", "", "z"])
def test_only_the_gss_code_of_a_unitary_metropolitan_london_or_county_council_is_taken(code: str) -> None:
    assert whats(file(row(new_la_code=code))) == [(2, f"new_la_code {code!r} is not the GSS code of a council")]


@pytest.mark.parametrize("changed", [{"la_name": "Westbank"}, {"new_la_code": "E09000988"}, {"region_code": "E12000008"}])
def test_two_rows_of_one_period_may_not_say_different_things_of_one_code(changed: dict[str, str]) -> None:
    if "region_code" in changed:
        changed = {**changed, "region_name": "South East"}
    [fault] = faults_of(file(f"{row()}\n{row(**changed)}"))
    assert (fault.line, fault.what[:12]) == (3, "981 has the ")


def test_a_fault_that_is_there_often_is_told_once_and_counted() -> None:
    [fault] = faults_of(file("\n".join([row(old_la_code="z")] * 500)))
    assert fault.line == 2
    assert "499 times more" in fault.why


@pytest.mark.parametrize(
    ("raw", "line", "what"),
    [
        (b"", 1, "The file is empty"),
        (b"\xef\xbb\xbf \r\n", 1, "The file is empty"),
        (file(""), 1, "No row is of a local authority"),
        (file("\n".join(ROWS.splitlines()[:2])), 1, "No row is of a local authority"),
        (file(row()) + b"M\xf4n", 3, "The file is not UTF-8"),
        (HEADING.encode("utf-16"), 1, "The file is not UTF-8"),
        (b"x" * (dfe.LARGEST + 1), 1, "The file is larger than 16 MiB"),
        (file(row(la_name='"never closed')), 2, "The file is no CSV: unexpected end of data"),
        (file(row(la_name="x" * 200_000)), 2, "The file is no CSV: field larger than field limit (131072)"),
    ],
    ids=["empty", "blank", "heading only", "totals only", "latin 1", "utf 16", "huge", "open quote", "long field"],
)
def test_what_is_no_such_file_is_told_so(raw: bytes, line: int, what: str) -> None:
    assert whats(raw) == [(line, what)]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("St. Helens", "st-helens"),
        ("Bristol, City of", "bristol-city-of"),
        ("King's Môn", "kings-mon"),
        ("北", "la-981"),
        ("1st Council", "la-981"),
        ("Wordy " * 12, "wordy-wordy-wordy-wordy-wordy-wordy"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_slug_is_the_name_in_lower_case_ascii_and_hyphens(name: str, slug: str) -> None:
    assert slug_of(name, "981") == slug
    assert re.fullmatch("[a-z][a-z0-9-]{1,39}", slug)


def test_a_slug_that_two_would_have_gets_the_code_of_each() -> None:
    one, two, three = (Authority(code, f"E06000{code}", name, "E12000009") for code, name in (("1", "A B"), ("2", "A-B"), ("3", "C C")))
    assert slugs((one, two, three), {"c-c": "4", "a-b": "1"}) == {"1": "a-b-1", "2": "a-b-2", "3": "c-c-3"}
    assert slugs((three,), {"c-c": "3"}) == {"3": "c-c"}


def test_a_slug_with_a_code_is_no_longer_than_the_table_allows() -> None:
    [slug] = slugs((Authority("981", "E06000981", "x" * 60, "E12000009"),), {"x" * 40: "982"}).values()
    assert slug == f"{'x' * 36}-981"


def test_there_are_32_change_programme_areas_in_nine_regions_with_twelve_leads() -> None:
    areas = change_programme()
    assert len(areas) == 32
    assert {one.region_code for one in areas.values()} == set(dfe.REGIONS)
    assert sum(one.lead for one in areas.values()) == 12
    assert {area.region_code for area in areas.values() if area.lead} == set(dfe.REGIONS)
    assert Counter(dfe.REGIONS[one.region_code] for one in areas.values())["South West"] == 2


@pytest.fixture(params=WITH_AUTHORITIES, scope="module")
def published(request: pytest.FixtureRequest) -> tuple[str, Published]:
    path = RELEASE / f"{request.param}.csv"
    if not path.is_file():
        pytest.skip("the Department's files are not beside this checkout")
    return request.param, read(path.read_bytes())


def test_each_published_file_has_153_authorities_in_nine_regions(published: tuple[str, Published]) -> None:
    _, found = published
    assert len(found.authorities) == len({one.gss_code for one in found.authorities}) == 153
    assert {one.region_code for one in found.authorities} == set(dfe.REGIONS)
    named = slugs(found.authorities, {})
    assert len(set(named.values())) == 153
    assert all(re.fullmatch("[a-z][a-z-]{1,39}", slug) for slug in named.values())
    told = {one.what for one in found.remarks}
    assert {"815 North Yorkshire has the stale GSS code E10000023", "933 Somerset has the stale GSS code E10000027"} <= told


def test_each_published_file_has_every_change_programme_area_as_it_is_written_down(published: tuple[str, Published]) -> None:
    _, found = published
    by_code = {one.dfe_code: one for one in found.authorities}
    for code, area in change_programme().items():
        assert by_code[code] == Authority(code, area.gss_code, area.name, area.region_code)


def test_the_old_codes_of_each_published_file_are_told(published: tuple[str, Published]) -> None:
    name, found = published
    expected = {
        "annual_reviews": set(),
        "sen_needs_all_plans": set(),
        "ceased_plans": {"909"},
        "caseload": {"835", "836", "837", "909", "928"},  # 835 is the old Dorset, gone since 2018/19
    }.get(name, {"909", "928"})
    assert {one.dfe_code: one.after for one in found.left_out} == {code: CLOSED.get(code, ()) for code in expected}


def test_a_file_of_the_release_without_authorities_is_told_every_column_it_lacks() -> None:
    path = RELEASE / "tribunal_appeals.csv"
    if not path.is_file():
        pytest.skip("the Department's files are not beside this checkout")
    assert len(faults_of(path.read_bytes())) == len(dfe.COLUMNS)
