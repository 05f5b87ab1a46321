"""schemathesis with a valid token: whatever it writes, for whichever role, nothing of ours breaks."""

from __future__ import annotations

from collections import Counter

import pytest

from graphql_api.identifiers import global_id
from graphql_api.schema import schema
from tests.durable import Shell
from tests.graphql_api import fuzzed
from tests.graphql_api.clerk import OFFICER, PARENT, hired
from tests.graphql_api.conftest import Api
from tests.graphql_api.lived import opened
from tests.seeds import WESTSHIRE

pytestmark = [pytest.mark.durable, pytest.mark.timeout(600)]
EXAMPLES = 4  # of each field at the top, half of them with ids of things that are there


async def test_no_document_that_the_schema_allows_breaks_anything_for_a_family_an_officer_or_an_administrator(
    api: Api, shell: Shell
) -> None:
    life = await opened(shell.database)
    child, setting = WESTSHIRE.children[0], WESTSHIRE.setting
    ids = {
        "id": global_id("Case", life.id),
        "caseId": global_id("Case", life.id),
        "childId": global_id("Child", child.id),
        "settingId": global_id("Setting", setting.id),
        "personId": global_id("Person", PARENT.id),
    }
    callers = [PARENT, OFFICER, await hired(shell.database, "la_administrator", "la_manager")]
    asked: Counter[str] = Counter()
    broken: list[str] = []
    for number, (field, text) in enumerate(fuzzed.documents(EXAMPLES)):
        document = fuzzed.at_home(text, ids, number % 3) if number % 2 else text
        for caller in callers:
            answer = await api.raw(WESTSHIRE, caller, document)
            said = answer.json()
            codes = {error["extensions"]["code"] for error in said.get("errors") or ()}
            if answer.status_code != 200 or "INTERNAL" in codes:
                broken.append(f"{answer.status_code} {caller.roles} {answer.text[:300]}\n{document}")
            asked[field] += "data" in said
    assert not broken, "\n\n".join(broken)
    core = schema()._schema
    assert core.query_type is not None
    assert core.mutation_type is not None
    assert len(asked) == len(core.query_type.fields) + len(core.mutation_type.fields), "every field at the top is among them"
    assert sum(asked.values()) > 2 * len(callers) * len(asked)
