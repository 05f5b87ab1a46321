"""The commands themselves, on a running stack: a split that is killed with -9 in the middle goes on when it is given again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from bootstrap.faults import StackFault
from bootstrap.lifecycle import created, shown
from bootstrap.operating import verified
from bootstrap.sign_in import issuer
from bootstrap.tenant_files import one_taken_up, taken_up
from tenants.form import Form
from tests.bootstrap.conftest import OFFICER, WAYMARK, Standing, asked, fact, outside, waymark

pytestmark = pytest.mark.durable
CASES, OF = 30, "parted"
PLAN = f"order: The Order\non: 2026-01-01\nfrom: {OF}\nto:\n  - {{tenant: parted-east, children: [NAMED]}}\n  - {{tenant: parted-west, rest: true}}\n"
HASHES = (
    "select encode(sha256(string_agg(encode(j.hash, 'hex'), ',' order by case_id, seq)::bytea), 'hex') from waymark.journal j where {where}"
)
OPEN = """mutation($input: OpenCaseInput!) { openCase(input: $input) { __typename ... on CaseChanged { case { id } } } }"""


def opened(standing: Standing) -> list[str]:
    """A council with children, an officer, and a case of each child; the ids of the children."""
    columns = "tenant, id, name, subject, roles"
    standing.sql(f"insert into waymark.person ({columns}) values ('{OF}', '{uuid4()}', 'Officer', '{OFFICER}', '{{la_caseworker}}')")
    token = issuer(standing.settings).token(OFFICER, {OF: ["la_caseworker"]})
    children = [str(uuid4()) for _ in range(CASES)]
    rows = ", ".join(f"('{OF}', '{child}', 'A', 'B', '2018-01-01')" for child in children)
    standing.sql(f"insert into waymark.child (tenant, id, given_name, family_name, born_on) values {rows}")
    facts = [fact("received_on", date=datetime.now(UTC).date().isoformat()), fact("requested_by", choice="parent")]
    for child in children:
        given = {"key": uuid4().hex, "process": "ehc_plan", "childId": child, "facts": facts}
        answer = asked(standing.url, token, OPEN, input=given)
        assert answer["data"]["openCase"]["__typename"] == "CaseChanged", answer
    return children


def killed_at(progress: int, words: list[str], environment: dict[str, str]) -> str:
    """Start a command and kill it when it has told its progress so many times; the last that it told."""
    process = subprocess.Popen(words, env=outside(environment), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    told = ""
    for _ in range(progress):
        told = process.stderr.readline()
    time.sleep(0.05)  # well into the next batch
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    return told


async def test_a_split_that_is_killed_goes_on_when_it_is_given_again(standing: Standing, tmp_path: Path) -> None:
    here = standing.settings
    for slug, code in ((OF, "971"), ("parted-east", "972"), ("parted-west", "973")):
        await created(here, Form(slug, f"{slug} Council", code, f"E06000{code}", training=True), "tests", "a drill")
    children = opened(standing)
    before = standing.sql(HASHES.format(where=f"tenant = '{OF}'")).strip()
    plan = tmp_path / "plan"
    plan.write_text(PLAN)
    words = [str(WAYMARK), "tenant", "split", str(plan)]
    refused = waymark(*words[1:], environment=standing.environment, patience=180)
    assert (refused.returncode, "does not know: 1 children" in refused.stdout) == (1, True)
    plan.write_text(PLAN.replace("NAMED", ", ".join(children[:5])))

    assert "to parted-west: 20 of 25" in killed_at(2, words, standing.environment)
    assert standing.sql(f"select status from waymark.tenant where tenant = '{OF}'").strip() == "suspended"
    killed_at(1, words, standing.environment)
    done = waymark(*words[1:], environment=standing.environment, patience=180)
    assert done.returncode == 0, done.stderr

    reports, sound = await verified(here, "")
    assert sound, reports
    came = "(tenant, case_id) in (select o.tenant, o.case_id from waymark.case_origin o where j.seq <= o.until) and tenant like 'parted-%'"
    assert standing.sql(HASHES.format(where=came)).strip() == before
    found, _ = await shown(here, OF)
    assert (found["status"], found["unfinished"]["cases"]) == ("closed", 0)
    for slug, many in (("parted-east", 5), ("parted-west", CASES - 5)):
        rebuilt, _, _ = await taken_up(here, slug)
        assert (rebuilt.started, rebuilt.running) == (0, many)
    one = standing.sql("select case_id from waymark.case_origin where tenant = 'parted-east' limit 1").strip()
    with pytest.raises(StackFault, match="runs"):
        await one_taken_up(here, "parted-east", one)
    with pytest.raises(StackFault, match="has no open case"):
        await one_taken_up(here, OF, one)
