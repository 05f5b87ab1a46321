"""The owner makes the published authorities tenants, once however often; what is there is never changed, an old code never mapped."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bootstrap.authorities import imported, listed, opened
from bootstrap.cli import app
from bootstrap.embedded import STACK_FILE
from bootstrap.faults import StackFault
from bootstrap.postgres import OWNER, EmbeddedPostgres
from bootstrap.settings import Settings
from store import flags, people, pilots
from store.session import Database
from store.tables import metadata
from tenants.dfe import LARGEST, REGIONS
from tests.bootstrap.conftest import waymark
from tests.conftest import Dsns
from tests.store.walker import leaks
from tests.tenants.test_dfe import RELEASE, ROWS, file, row
from workflows import library

SOUND = ROWS.splitlines()[2:4]  # Eastbank 981, Wellmouth 982


@pytest.fixture
def release() -> tuple[str, bytes]:
    path = RELEASE / "requests.csv"
    if not path.is_file():
        pytest.skip("the Department's files are not beside this checkout")
    return path.name, opened(path)


@pytest.fixture
def nowhere(tmp_path: Path) -> Settings:
    """No database, and no stack on the data folder."""
    return Settings(home=tmp_path)


def by_owner(dsns: Dsns, home: Path) -> Settings:
    return Settings(home=home, database_owner_url=dsns.owner)


async def tenants(dsns: Dsns) -> dict[str, people.Tenant | None]:
    """Every tenant as the serving role reads it."""
    database, found = Database(dsns.app, 1), {}
    try:
        for slug in await database.slugs():
            async with database.tenant(slug) as session:
                found[slug] = await people.read_tenant(session)
    finally:
        await database.close()
    return found


@pytest.mark.stored
async def test_the_published_file_makes_153_tenants_and_the_second_time_none(
    dsns: Dsns, tmp_path: Path, release: tuple[str, bytes]
) -> None:
    before = await tenants(dsns)
    found, lines, well = await imported(by_owner(dsns, tmp_path), *release)
    assert (len(found["made"]), found["authorities"], found["regions"], found["change_programme"]) == (153, 153, 9, 32)
    assert not well  # for the two old codes, until somebody says that they are known
    assert {one["dfe_code"]: one["after"] for one in found["left_out"]} == {"909": ("942", "943"), "928": ("940", "941")}
    assert [line for line in lines if line.startswith("skipped: line 530: 909 Cumbria is the code of a council that no longer exists")]
    made = await tenants(dsns)
    assert len(made) == len(before) + 153
    assert made["barnet"] == people.Tenant("barnet", "Barnet", "302", "E09000003", region_code="E12000007")
    assert made["somerset"] == people.Tenant("somerset", "Somerset", "933", "E10000027", region_code="E12000009")
    assert {slug: made[slug] for slug in before} == before

    again, _, well = await imported(by_owner(dsns, tmp_path), *release, skip_closed=True)
    assert well
    assert (again["made"], again["differs"], len(again["known"])) == ([], [], 153)
    assert await tenants(dsns) == made


@pytest.mark.stored
async def test_row_security_holds_with_every_authority_there(dsns: Dsns, tmp_path: Path, release: tuple[str, bytes]) -> None:
    await imported(by_owner(dsns, tmp_path), *release)
    found = await leaks(dsns.app, {table.name for table in metadata.sorted_tables}, "barnet")
    assert [each for each in found if "nothing is proved" not in each] == []


@pytest.mark.stored
async def test_every_change_programme_area_is_listed_as_one_by_its_dfe_code(dsns: Dsns, tmp_path: Path, release: tuple[str, bytes]) -> None:
    await imported(by_owner(dsns, tmp_path), *release)
    found, lines = await listed(Settings(home=tmp_path, database_url=dsns.app))
    assert len(found) == len(lines) == 155
    areas = [one for one in found if one["change_programme"]]
    assert len(areas) == 32
    assert {one["region"] for one in areas} == set(REGIONS.values())
    assert sum(one["change_programme_lead"] for one in areas) == 12
    one = next(one for one in found if one["tenant"] == "county-durham")
    assert (one["region"], one["change_programme"], one["change_programme_lead"]) == ("North East", True, False)
    invented = next(one for one in found if one["tenant"] == "westshire")
    assert (invented["region"], invented["change_programme"], invented["training"]) == (None, False, True)


@pytest.mark.stored
async def test_the_areas_of_the_change_programme_are_enrolled_once_in_its_pilots_within_the_law_and_nothing_is_switched_on(
    dsns: Dsns, tmp_path: Path, release: tuple[str, bytes]
) -> None:
    expected = {one.name for one in library.offered() if one.eligible == "change_programme" and not one.beyond}
    found, lines, _ = await imported(by_owner(dsns, tmp_path), *release)
    assert found["enrolled"] == 32 * len(expected) == 64
    assert "64 enrolments made" in lines[-1]
    again, _, _ = await imported(by_owner(dsns, tmp_path), *release)
    assert again["enrolled"] == 0
    database = Database(dsns.app, 1)
    try:
        async with database.tenant("barnet") as session:
            assert set(await pilots.enrolments(session)) == expected
            assert await flags.in_force(session, date.today()) == {}  # noqa: DTZ011 - any day would do
        async with database.tenant("somerset") as session:
            assert await pilots.enrolments(session) == {}
    finally:
        await database.close()


@pytest.mark.stored
async def test_a_name_that_changed_is_told_and_not_written(dsns: Dsns, tmp_path: Path) -> None:
    settings = by_owner(dsns, tmp_path)
    await imported(settings, "first.csv", file("\n".join(SOUND)))
    before = await tenants(dsns)
    found, lines, well = await imported(settings, "next.csv", file(row(la_name="East Bank", new_la_code="E09000985")))
    assert well
    assert [(one["tenant"], one["what"], one["stored"], one["published"]) for one in found["differs"]] == [
        ("eastbank", "name", "Eastbank", "East Bank"),
        ("eastbank", "gss_code", "E09000981", "E09000985"),
    ]
    assert "left as it is: eastbank: its name is Eastbank, the file has East Bank" in lines
    assert await tenants(dsns) == before


@pytest.mark.stored
async def test_a_slug_that_another_authority_has_gets_the_code(dsns: Dsns, tmp_path: Path) -> None:
    settings = by_owner(dsns, tmp_path)
    found, _, _ = await imported(settings, "one.csv", file(row(la_name="Westshire")))
    assert [one["tenant"] for one in found["made"]] == ["westshire-981"]
    again, _, _ = await imported(settings, "one.csv", file(row(la_name="Westshire")))
    assert (again["made"], again["known"]) == ([], ["westshire-981"])


@pytest.mark.stored
async def test_an_import_that_was_cut_short_goes_on_where_it_was(dsns: Dsns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, add = by_owner(dsns, tmp_path), people.add_tenant

    async def only_the_first(session: object, new: people.Tenant) -> None:
        if new.dfe_code != "981":
            raise ConnectionResetError
        await add(session, new)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(people, "add_tenant", only_the_first)
        with pytest.raises(StackFault, match="does not answer"):
            await imported(settings, "f.csv", file("\n".join(SOUND)))
    found, _, _ = await imported(settings, "f.csv", file("\n".join(SOUND)))
    assert ([one["tenant"] for one in found["made"]], found["known"]) == (["wellmouth-city-of"], ["eastbank"])


@pytest.mark.stored
async def test_two_imports_at_once_make_each_authority_once(dsns: Dsns, tmp_path: Path) -> None:
    settings, before = by_owner(dsns, tmp_path), await tenants(dsns)
    await asyncio.gather(*(imported(settings, "f.csv", file("\n".join(SOUND))) for _ in range(4)))
    assert set(await tenants(dsns)) - set(before) == {"eastbank", "wellmouth-city-of"}


@pytest.mark.stored
async def test_a_dry_run_says_what_would_be_made_and_makes_nothing(dsns: Dsns, tmp_path: Path) -> None:
    before = await tenants(dsns)
    for settings in (by_owner(dsns, tmp_path), Settings(home=tmp_path, database_url=dsns.app)):
        found, lines, well = await imported(settings, "f.csv", file("\n".join(SOUND)), dry_run=True)
        assert well
        assert ([one["tenant"] for one in found["made"]], found["database"]) == (["eastbank", "wellmouth-city-of"], True)
        assert lines[0].startswith("would be made: eastbank ")
    assert await tenants(dsns) == before


async def test_a_dry_run_without_a_database_looks_at_the_file_and_says_so(nowhere: Settings) -> None:
    found, lines, well = await imported(nowhere, "f.csv", file("\n".join(SOUND)), dry_run=True)
    assert well
    assert (len(found["made"]), found["database"]) == (2, False)
    assert "no database was asked" in lines[-1]


async def test_without_the_owner_s_address_nothing_is_made_and_that_is_said(nowhere: Settings) -> None:
    with pytest.raises(StackFault, match="WAYMARK_DATABASE_OWNER_URL is not set") as caught:
        await imported(nowhere, "f.csv", file(row()))
    assert "--dry-run" in caught.value.do
    with pytest.raises(StackFault, match="WAYMARK_DATABASE_URL is not set"):
        await listed(nowhere)


@pytest.mark.stored
async def test_the_serving_role_is_told_that_authorities_are_the_owner_s(dsns: Dsns, tmp_path: Path) -> None:
    with pytest.raises(StackFault, match="may not add authorities"):
        await imported(Settings(home=tmp_path, database_owner_url=dsns.app), "f.csv", file(row()))


@pytest.mark.stored
async def test_a_role_above_row_security_is_refused(dsns: Dsns, tmp_path: Path) -> None:
    with pytest.raises(StackFault, match="above row security"):
        await imported(Settings(home=tmp_path, database_owner_url=dsns.superuser), "f.csv", file(row()))
    assert "eastbank" not in await tenants(dsns)


@pytest.mark.stored
async def test_a_database_without_the_tables_says_what_to_run(blank_dsns: Dsns, tmp_path: Path) -> None:
    with pytest.raises(StackFault, match="waymark db migrate"):
        await imported(by_owner(blank_dsns, tmp_path), "f.csv", file(row()))


@pytest.mark.stored
async def test_a_database_that_cannot_be_reached_or_entered_is_told_without_its_password(dsns: Dsns, tmp_path: Path) -> None:
    for url in ("postgresql://waymark_owner:hunter2@127.0.0.1:1/x", dsns.owner.replace("waymark_owner:", "waymark_owner:hunter2")):
        with pytest.raises(StackFault, match="does not answer") as caught:
            await imported(Settings(home=tmp_path, database_owner_url=url), "f.csv", file(row()))
        assert "hunter2" not in str(caught.value)


@pytest.mark.stored
async def test_the_stack_of_this_data_folder_is_imported_into_as_its_owner(dsns: Dsns, postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    (tmp_path / "postgres").symlink_to(postgres.home)
    (tmp_path / STACK_FILE).write_text(json.dumps({"WAYMARK_DATABASE_URL": dsns.app}), "utf-8")
    assert (postgres.home / f"{OWNER}.password").is_file()
    found, _, _ = await imported(Settings(home=tmp_path), "f.csv", file(row()))
    assert [one["tenant"] for one in found["made"]] == ["eastbank"]
    assert "eastbank" in {one["tenant"] for one in (await listed(Settings(home=tmp_path)))[0]}


@pytest.mark.stored
async def test_a_stack_is_no_owner_s_where_another_database_was_named(dsns: Dsns, postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    (tmp_path / "postgres").symlink_to(postgres.home)
    (tmp_path / STACK_FILE).write_text(json.dumps({"WAYMARK_DATABASE_URL": dsns.app}), "utf-8")
    with pytest.raises(StackFault, match="WAYMARK_DATABASE_OWNER_URL"):
        await imported(Settings(home=tmp_path, database_url="postgresql://elsewhere/x"), "f.csv", file(row()))


async def test_nothing_is_taken_from_a_faulty_file_and_every_fault_is_told(nowhere: Settings) -> None:
    found, lines, well = await imported(nowhere, "f.csv", file(f"{row(old_la_code='98')}\n{row(la_name='')}\n{row()}"))
    assert not well
    assert [(one["line"], one["what"]) for one in found["faults"]] == [
        (2, "old_la_code '98' is not the code of a council"),
        (3, "la_name '' is no name"),
    ]
    assert len(lines) == 3


def test_no_more_of_a_huge_file_is_read_than_shows_that_it_is_huge(tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as made:
        made.truncate(LARGEST * 8)
    assert len(opened(huge)) == LARGEST + 1


def test_the_command_answers_machines_and_its_exit_code_is_honest(tmp_path: Path) -> None:
    old, sound = tmp_path / "old.csv", tmp_path / "sound.csv"
    old.write_bytes(file())
    sound.write_bytes(file(row()))
    home = {"WAYMARK_HOME": str(tmp_path)}
    for words, code in (
        ((str(old), "--dry-run"), 1),
        ((str(old), "--dry-run", "--skip-closed"), 0),
        ((str(sound),), 3),
        ((str(tmp_path / "none.csv"),), 2),
    ):
        done = waymark("tenant", "import", "--dfe", *words, "--json", environment=home)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        if code < 2:
            assert {one["tenant"] for one in json.loads(done.stdout)["made"]} >= {"eastbank"}


@pytest.mark.stored
def test_the_commands_import_and_list_on_a_real_database(dsns: Dsns, tmp_path: Path) -> None:
    given = tmp_path / "f.csv"
    given.write_bytes(file("\n".join([*SOUND, row(old_la_code="302", new_la_code="E09000003", la_name="Barnet")])))
    home = {"WAYMARK_HOME": str(tmp_path)}
    done = waymark("tenant", "import", "--dfe", str(given), environment={**home, "WAYMARK_DATABASE_OWNER_URL": dsns.owner})
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 made, 0 there already, 0 old codes skipped" in done.stdout
    done = waymark("tenant", "list", "--json", environment={**home, "WAYMARK_DATABASE_URL": dsns.app})
    assert (done.returncode, done.stderr) == (0, "")
    found = {one["tenant"]: one for one in json.loads(done.stdout)}
    assert {slug: (one["region"], one["change_programme"]) for slug, one in found.items()} == {
        "barnet": ("London", True),
        "eastbank": ("London", False),
        "northmoor": (None, False),
        "wellmouth-city-of": ("South West", False),
        "westshire": (None, False),
    }
    assert found["barnet"]["change_programme_lead"]


def test_the_menu_says_who_may_import() -> None:
    said = CliRunner().invoke(app, ["tenant", "import", "--help"], env={"COLUMNS": "300"}).output
    assert "WAYMARK_DATABASE_OWNER_URL" in said
    assert "--skip-closed" in said
