"""The command `waymark`, as somebody at a terminal starts it beside a running stack: what it says, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from bootstrap import asking
from bootstrap.faults import StackFault
from bootstrap.operating import examined, verified
from bootstrap.settings import Settings
from bootstrap.temporal import free_port
from tenants.seeds import identity
from tests.bootstrap.conftest import COUNCIL, WAYMARK, Api, Standing, asked, environment_of, outside, waymark

pytestmark = [pytest.mark.durable, pytest.mark.timeout(240)]
SNAPSHOT = Path(__file__).resolve().parent.parent.parent / "graphql_api" / "schema.graphql"
LAW = "si_2020_471"
Done = subprocess.CompletedProcess[str]


class Up:
    """`waymark up` in a folder of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        with (self.settings.home / "up.out").open("wb") as out:
            self._process = subprocess.Popen(
                [str(WAYMARK), "up"],
                env=outside(environment_of(self.settings)),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # a terminal of its own, as it were
            )

    def said(self) -> str:
        return (self.settings.home / "up.out").read_text("utf-8")

    def serves(self, patience: float = 60) -> bool:
        """Wait until it says that it serves."""
        give_up = time.monotonic() + patience
        while time.monotonic() < give_up and self._process is not None and self._process.poll() is None:
            if "Ctrl-C stops everything" in self.said():
                return httpx.get(f"{Api(self.settings).url}/readyz").status_code == 200
            time.sleep(0.1)
        return False

    def interrupt(self, patience: float = 30) -> int:
        """Ctrl-C, which a terminal sends to everybody in it; how it ended."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(patience)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)


def database_of(home: Path) -> Path:
    """Where the database of a data folder lies: elsewhere, if the user that it runs as cannot get there."""
    pointer = home / "postgres" / "data-is-at"
    return Path(pointer.read_text("utf-8").strip()) if pointer.exists() else home


def processes_of(home: Path) -> list[str]:
    """Everything that runs on a data folder: what names it in its command or in its environment."""
    found, places = [], (str(home).encode(), str(database_of(home)).encode())
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = ((process / name).read_bytes() for name in ("cmdline", "environ"))
        except OSError:  # it has ended
            continue
        if any(place in command + environment for place in places):
            found.append(command.replace(b"\0", b" ").decode("utf-8", "replace"))
    return found


@pytest.fixture(scope="module")
def own() -> Iterator[Up]:
    """A stack of its own, begun at once, so that it starts while the commands below run."""
    with tempfile.TemporaryDirectory(prefix="waymark-own-", ignore_cleanup_errors=True) as home:
        up = Up(Settings(home=Path(home).resolve(), port=free_port(), ui_port=free_port()))
        up.begin()
        yield up
        up.end()
        shutil.rmtree(database_of(up.settings.home))


@pytest.fixture(scope="module")
def cases(standing: Standing) -> list[str]:
    return [standing.open(standing.pupil())["id"] for _ in range(2)]


@pytest.fixture(scope="module")
def told(
    own: Up, standing: Standing, cases: list[str], recorded: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Done]]]:
    """What the commands that only read say, two at a time: each of them takes seconds to start."""
    case, files = cases[0], tmp_path_factory.mktemp("given")
    old = files / "old.graphql"
    old.write_text(SNAPSHOT.read_text("utf-8").replace("nextDeadline: Clock", "nearest: Clock"), "utf-8")
    broken = files / "broken.yaml"
    broken.write_text("process: small\nversion: 1\ntitel: Misspelt\n", "utf-8")
    commands = {
        "token": ["token", "--tenant", COUNCIL, "--role", "parent"],
        "people": ["people", "--json"],
        "cases": ["case", "list"],
        "cases --json": ["case", "list", "--json"],
        "case": ["case", "show", case],
        "case --json": ["case", "show", case, "--json"],
        "explain": ["explain", case],
        "nope": ["case", "show", "NOPE"],
        "usage": ["case", "show"],
        "doctor": ["doctor", "--json"],
        "sdl": ["schema", "print"],
        "old sdl": ["schema", "check", str(old)],
        "broken": ["check", "--json", str(broken)],
        "laws": ["law", "list"],
        "stranger": ["audit", "verify", "--tenant", "nowhere"],
        "audit": ["audit", "verify"],
        "rehearsal": ["law", "rehearse", LAW],
        "revision": ["law", "revise", LAW],
    }
    elsewhere = {**standing.environment, "WAYMARK_PORT": str(free_port()), "WAYMARK_UI_PORT": str(free_port())}
    with socket.create_server(("127.0.0.1", 0)) as somebody, ThreadPoolExecutor(2) as pool:
        taken = Settings(home=files / "taken", port=somebody.getsockname()[1], ui_port=free_port())
        found = {name: pool.submit(waymark, *words, environment=standing.environment) for name, words in commands.items()}
        found["second up"] = pool.submit(waymark, "up", environment=elsewhere)
        found["taken port"] = pool.submit(waymark, "up", environment=environment_of(taken))
        found["gone"] = pool.submit(waymark, "audit", "verify", environment=environment_of(gone(files / "gone", taken.port)))
        yield found


Told = dict[str, Future[Done]]


def well(done: Done) -> str:
    """What a command said that went well."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_token_is_good_at_the_api(standing: Standing, told: Told) -> None:
    token = well(told["token"].result()).strip()
    answer = asked(standing.url, token, "{ viewer { name roles } }")
    assert answer["data"]["viewer"] == {"name": "Alex Green", "roles": ["parent"]}


def test_people_are_listed_with_their_roles_and_relations(told: Told) -> None:
    people = {one["subject"]: one for one in json.loads(well(told["people"].result()))}
    assert people["alex.green"]["roles"] == ["parent"]
    assert people["alex.green"]["relations"] == ["parent of Robin Green"]
    assert people["priya.nair"]["relations"] == ["works at Elm Tree Primary School"]


def test_cases_are_listed_for_people_and_for_machines(cases: list[str], told: Told) -> None:
    listed = json.loads(well(told["cases --json"].result()))
    assert set(cases) <= {one["id"] for one in listed}
    due = [one["nextDeadline"]["due"] for one in listed]
    assert due == sorted(due)
    lines = well(told["cases"].result()).splitlines()
    for one, line in zip(listed, lines, strict=True):
        assert line.split("  ") == [
            one["reference"],
            "ehc_plan/considering",
            one["nextDeadline"]["due"],
            "Tell the family whether their child will be assessed",
            one["id"],
        ]


def test_a_list_goes_on_past_its_first_page(standing: Standing, cases: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAGE", 1)
    listed, _ = asking.worklist(standing.settings, COUNCIL, "la_caseworker")
    assert set(cases) <= {one["id"] for one in listed}


def test_a_case_is_shown_for_people_and_for_machines(cases: list[str], told: Told) -> None:
    case = json.loads(well(told["case --json"].result()))
    assert (case["id"], case["stage"]["name"], case["version"]) == (cases[0], "considering", 1)
    assert [entry["name"] for entry in case["journal"]["nodes"]] == ["request_received"]
    text = well(told["case"].result())
    assert text.startswith(f"{case['reference']}  The council is deciding whether to assess  (version 1)\n\nClocks\n")
    for clock in case["clocks"]:
        assert f"  {clock['due'] or '-':<11} {clock['status']:<10} {clock['say']}\n" in text
    for action in case["actions"]:
        assert f"  {action['name']}: {action['say']}\n" in text
    assert text.endswith("  A request for an EHC needs assessment was received\n")


def test_every_date_is_explained_with_its_steps_and_its_law(told: Told) -> None:
    text = well(told["explain"].result())
    [last] = [part for part in text.split("\nSend ") if part.startswith("the final plan: 20")]
    assert "    Received on: " in last
    assert "    + 20 weeks, not counting that day = " in last
    assert "    SEND reg.13(2) (evidence: primary)" in last


def test_what_is_not_there_is_told_in_three_lines(told: Told) -> None:
    done = told["nope"].result()
    assert (done.returncode, done.stdout) == (3, "")
    what, why, do = done.stderr.splitlines()
    assert (what, why) == ("There is no such case.", f"Or a la_caseworker of {COUNCIL} may not see it.")
    assert do == "What to do: see `waymark case list`."


def test_wrong_usage_ends_with_2_and_says_what_is_missing(told: Told) -> None:
    done = told["usage"].result()
    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing argument 'case'" in done.stderr


def test_a_doctor_finds_a_running_stack_well(told: Told) -> None:
    seen = json.loads(well(told["doctor"].result()))
    assert [one["what"] for one in seen if not one["ok"]] == []
    assert sum("is free or ours" in one["what"] for one in seen) == 2


def test_the_printed_schema_is_the_committed_one(told: Told) -> None:
    assert well(told["sdl"].result()) == SNAPSHOT.read_text("utf-8")


def test_a_schema_that_would_break_a_client_ends_with_1_and_names_the_field(told: Told) -> None:
    done = told["old sdl"].result()
    assert done.stdout == "FIELD_REMOVED: Field Case.nearest was removed.\n"
    assert done.returncode == 1


def test_a_broken_definition_ends_with_1_and_names_the_fault(told: Told) -> None:
    done = told["broken"].result()
    [report] = json.loads(done.stdout)
    assert report["sound"] is False
    [fault] = [fault for fault in report["faults"] if fault["path"] == "titel"]
    assert all(fault[part].strip() for part in ("what", "why", "do"))
    assert done.returncode == 1


def test_changes_of_the_law_are_listed_with_their_dates(told: Told) -> None:
    [line] = [line for line in well(told["laws"].result()).splitlines() if line.startswith(LAW)]
    assert line.startswith(f"{LAW}  published  2020-05-01 to 2020-09-25  ")


def test_an_audit_of_a_council_that_is_not_there_finds_nothing_well(told: Told) -> None:
    done = told["stranger"].result()
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[0] == "There is no tenant nowhere here."


@pytest.fixture(scope="module")
def recorded(standing: Standing, cases: list[str]) -> str:
    """What was recorded and sent before any command ran: once the letters of the openings have left."""
    give_up = time.monotonic() + 10
    while standing.sql("select from waymark.outbox where status <> 'done' limit 1") and time.monotonic() < give_up:
        time.sleep(0.1)
    return _recorded(standing)


def _recorded(standing: Standing) -> str:
    counts = ", ".join(f"(select count(*) from waymark.{table})" for table in ("journal", "outbox", "letter"))
    return standing.sql(f"select {counts}, (select sum(seq) from waymark.case_file)")


def test_a_rehearsal_touches_no_case_and_tells_nobody(standing: Standing, cases: list[str], recorded: str, told: Told) -> None:
    text = well(told["rehearsal"].result())
    listed = asking.worklist(standing.settings, COUNCIL, "la_caseworker")[0]
    assert all(f"{one['reference']}  ehc_plan\n" in text for one in listed if one["id"] in cases)
    assert _recorded(standing) == recorded


def test_a_law_that_is_not_in_force_moves_no_case_and_says_so(standing: Standing, cases: list[str], recorded: str, told: Told) -> None:
    done = told["revision"].result()
    assert done.returncode == 0
    assert done.stderr.count(" is not in force on ") >= len(cases)
    assert done.stderr.endswith(f"0 cases moved under {LAW}.\n")
    assert _recorded(standing) == recorded


def test_an_audit_of_a_whole_journal_ends_with_0(standing: Standing, told: Told) -> None:
    lines = well(told["audit"].result()).splitlines()
    entries = standing.sql(f"select count(*) from waymark.journal where tenant = '{COUNCIL}'").strip()
    assert [line for line in lines if line.startswith(f"{COUNCIL}: {entries} entries of ")]
    assert all(line.endswith(" 0 broken") for line in lines)


async def test_a_journal_that_was_tampered_with_ends_an_audit_with_1_and_names_the_case(
    standing: Standing, cases: list[str], told: Told
) -> None:
    told["audit"].result()  # it looked before
    reference = asking.shown(standing.settings, COUNCIL, "la_caseworker", cases[0])[0]["reference"]
    where = f"where seq = 1 and case_id = (select id from waymark.case_file where reference = '{reference}')"
    case, actor = standing.sql(f"select case_id, actor from waymark.journal {where}").strip().split("|")
    tamper = f"update waymark.journal set actor = 'somebody' {where}"
    with pytest.raises(StackFault, match="append-only"):
        standing.sql(tamper)
    standing.sql(f"alter table waymark.journal disable trigger user; {tamper}")
    try:
        done = waymark("audit", "verify", "--json", environment=standing.environment)
    finally:
        standing.sql(f"update waymark.journal set actor = '{actor}' {where}; alter table waymark.journal enable trigger user")
    broken = {one["tenant"]: [(fault["case_id"], fault["seq"]) for fault in one["broken"]] for one in json.loads(done.stdout)}
    assert broken == {COUNCIL: [(case, 1)], "eastmere": [], "northmoor": []}
    assert done.returncode == 1
    assert (await verified(standing.settings, COUNCIL))[1], "it is as it was"


def gone(home: Path, port: int) -> Settings:
    """A stack that has ended: it left its file behind, which says where its database was, and somebody else listens on its port."""
    settings = Settings(home=home, port=port, ui_port=free_port())
    left = {**environment_of(settings), "WAYMARK_DATABASE_URL": f"postgresql://waymark_app:x@127.0.0.1:{free_port()}/waymark"}
    home.mkdir()
    (home / "stack.json").write_text(json.dumps(left), "utf-8")
    return settings


def test_an_audit_beside_a_stack_that_has_ended_is_no_verdict(told: Told) -> None:
    done = told["gone"].result()
    assert (done.returncode, done.stdout) == (3, "")
    what, _, do = done.stderr.splitlines()
    assert what == "The database could not answer."
    assert "make run" in do


def test_a_doctor_beside_a_stack_that_has_ended_sees_that_its_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        settings = gone(tmp_path / "home", somebody.getsockname()[1])
        assert [one["what"] for one in examined(settings) if not one["ok"]] == [f"port {settings.port} is free or ours"]


def test_a_second_stack_on_the_same_folder_is_turned_away(standing: Standing, told: Told) -> None:
    done = told["second up"].result()
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"Another Waymark uses this folder: {standing.settings.home.resolve()}")
    assert "WAYMARK_HOME" in done.stderr
    assert httpx.get(f"{standing.url}/readyz").status_code == 200


def test_a_port_that_is_taken_is_told_with_the_variable_that_changes_it(told: Told) -> None:
    done = told["taken port"].result()
    assert (done.returncode, done.stdout) == (3, "")
    what, _, do = done.stderr.splitlines()
    assert what.startswith("Port ")
    assert what.endswith(" is taken.")
    assert "set WAYMARK_PORT to another port" in do


def test_ctrl_c_ends_everything_and_the_next_start_goes_on_where_it_was(own: Up) -> None:
    api, home = Api(own.settings), own.settings.home
    assert own.serves(), own.said()
    case = api.open(identity(COUNCIL, "child", "robin"))
    for name in ("waymark up", "bin/postgres -D", "temporal server", "worker run", "api run"):
        assert any(name in process for process in processes_of(home)), name
    assert own.interrupt() == 0
    assert processes_of(home) == []
    assert own.said().endswith("Stopped. `make run` goes on where this was.\n")
    own.begin()
    assert own.serves(), own.said()
    again = api.act("completeTask", caseId=case["id"], name="consult_family")
    assert (again["__typename"], again["case"]) == ("CaseChanged", {**case, "version": case["version"] + 1})
    assert own.interrupt() == 0
    assert processes_of(home) == []
