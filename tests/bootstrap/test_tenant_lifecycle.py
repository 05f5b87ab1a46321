"""What the owner does with an authority from the command line: clear answers, honest exit codes, nothing done twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bootstrap.faults import StackFault
from bootstrap.lifecycle import closed, created, resumed, shown, suspended
from bootstrap.settings import Settings
from store.session import Database
from tenants.form import Form
from tests.bootstrap.conftest import waymark
from tests.conftest import Dsns
from tests.store.steps import open_case

pytestmark = pytest.mark.stored
NEW = Form("east-surrey", "East Surrey Council", "945", "E06000070", "E12000008", opened_on=date(2027, 4, 1))


@pytest.fixture
def settings(dsns: Dsns, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, database_owner_url=dsns.owner, database_url=dsns.app)


async def test_an_authority_is_created_once_and_never_changed_by_asking_again(settings: Settings) -> None:
    found, _, well = await created(settings, NEW, "pat", "the Surrey order")
    assert (found["made"], well) == (True, True)
    found, _, well = await created(settings, NEW, "pat", "the Surrey order")
    assert (found["made"], found["differs"], well) == (False, [], True)
    found, lines, well = await created(settings, replace(NEW, name="Surrey East"), "pat", "again")
    assert not well
    assert lines[0] == "left as it is: its name is East Surrey Council, the form has Surrey East"
    told, _ = await shown(settings, "east-surrey")
    assert (told["name"], told["opened_on"], told["status"], told["region"]) == (NEW.name, NEW.opened_on, "active", "South East")
    assert [(one["kind"], one["by"], one["why"]) for one in told["history"]] == [("created", "pat", "the Surrey order")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dfe_code": "999"}, "westshire has the code 999"),
        ({"name": "westshire county council"}, "westshire has the name Westshire County Council already"),
    ],
)
async def test_a_name_and_a_code_belong_to_one_authority(settings: Settings, change: dict[str, str], said: str) -> None:
    with pytest.raises(StackFault, match=said):
        await created(settings, replace(NEW, **change), "pat", "why")


async def test_slug_name_and_code_of_a_closed_authority_are_not_used_again(settings: Settings) -> None:
    await created(settings, NEW, "pat", "why")
    assert await closed(settings, NEW.tenant, "pat", "it was a mistake", None, ["northmoor"])
    for form in (NEW, replace(NEW, tenant="other", dfe_code="946"), replace(NEW, tenant="other", name="Other")):
        with pytest.raises(StackFault):
            await created(settings, form, "pat", "again")


async def test_it_is_suspended_and_resumed_once_however_often_that_is_asked(settings: Settings) -> None:
    assert [await suspended(settings, "northmoor", "pat", "why") for _ in range(2)] == [True, False]
    assert [await resumed(settings, "northmoor", "pat", "why") for _ in range(2)] == [True, False]
    _, lines = await shown(settings, "northmoor")
    assert [line.split()[4] for line in lines[3:]] == ["created", "suspended", "resumed"]


async def test_it_is_not_closed_with_work_left_nor_tomorrow_nor_after_itself(settings: Settings, database: Database) -> None:
    for on, after, said in (
        (date(2999, 1, 1), [], "lies ahead"),
        (None, ["northmoor"], "after itself"),
        (None, ["nowhere"], "no tenant nowhere"),
    ):
        with pytest.raises(StackFault, match=said):
            await closed(settings, "northmoor", "pat", "why", on, after)
    from tests.seeds import NORTHMOOR

    await open_case(database, 1, NORTHMOOR)
    with pytest.raises(StackFault, match="1 open cases"):
        await closed(settings, "northmoor", "pat", "why", None, [])


async def test_only_the_owner_changes_an_authority(dsns: Dsns, tmp_path: Path) -> None:
    with pytest.raises(StackFault, match="OWNER_URL is not set"):
        await suspended(Settings(home=tmp_path, database_url=dsns.app), "northmoor", "pat", "why")
    with pytest.raises(StackFault, match="may not"):
        await suspended(Settings(home=tmp_path, database_owner_url=dsns.app), "northmoor", "pat", "why")


def test_the_commands_say_what_happened_and_end_with_honest_codes(dsns: Dsns, tmp_path: Path) -> None:
    environment = {"WAYMARK_HOME": str(tmp_path), "WAYMARK_DATABASE_OWNER_URL": dsns.owner}
    form = tmp_path / "east.yaml"
    form.write_text("tenant: east-surrey\nname: East Surrey Council\ndfe_code: '945'\ngss_code: E06000070\n")

    def told(*words: str) -> tuple[int, str]:
        done = waymark("tenant", *words, environment=environment)
        return done.returncode, done.stdout + done.stderr

    code, said = told("create", str(form))
    assert (code, said.startswith("made: east-surrey")) == (0, True)
    assert told("create", str(form), "--name", "Otherwise")[0] == 1
    code, said = told("create", "--slug", "x y", "--name", "West", "--dfe-code", "909", "--gss-code", "E06000071")
    assert code == 1
    assert "is no slug" in said
    assert "give 942 or 943" in said
    assert told("suspend", "east-surrey")[0] == 2  # nobody suspends without saying why
    assert told("suspend", "east-surrey", "--why", "a drill") == (0, "east-surrey is suspended.\n")
    assert told("suspend", "east-surrey", "--why", "a drill") == (0, "east-surrey is suspended already: nothing was changed.\n")
    code, said = told("close", "nowhere", "--why", "a drill")
    assert (code, "There is no tenant nowhere here." in said) == (3, True)
    assert told("close", "east-surrey", "--why", "a drill", "--successor", "northmoor")[0] == 0
    code, said = told("resume", "east-surrey", "--why", "a drill")
    assert (code, "after it came northmoor" in said) == (3, True)
    code, said = told("show", "east-surrey")
    assert code == 0
    assert said.count("a drill") == 2
