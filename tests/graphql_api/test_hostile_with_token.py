"""The hostile corpus on the whole application with a good token: no internal error, and each answer costs a bounded number of statements."""

from __future__ import annotations

from typing import cast

import pytest

from store.session import Database
from tests.durable import Shell
from tests.graphql_api.clerk import OFFICER, PARENT, hired
from tests.graphql_api.conftest import Api, apis
from tests.graphql_api.counted import counted
from tests.graphql_api.hostile import CORPUS
from tests.graphql_api.hostile_with_token import REAL
from tests.graphql_api.lived import opened
from tests.seeds import WESTSHIRE
from workflows.engine import Engine

MOST_STATEMENTS = 120  # twelve fields at the top, and the ten statements of the deepest page of ours


def test_no_two_of_the_corpus_have_one_name_and_it_is_large() -> None:
    names = [one.name for one in REAL]
    assert len(set(names)) == len(names)
    assert len(names) + len(CORPUS) > 500


async def test_a_database_that_is_away_is_told_with_503_and_when_to_come_again() -> None:
    nowhere = Database("postgresql://waymark@127.0.0.1:1/waymark", wait_seconds=1)
    async with apis(nowhere) as made:
        api = made(cast(Engine, None))
        for query in ("{ viewer { name } }", "{ cases { nodes { id } } }"):
            answer = await api.raw(WESTSHIRE, OFFICER, query)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            (error,) = answer.json()["errors"]
            assert error["extensions"] == {"code": "UNAVAILABLE"}
            assert "127.0.0.1" not in answer.text, "nothing of where the records are"
    await nowhere.close()


@pytest.mark.durable
async def test_nothing_that_is_sent_with_a_good_token_breaks_anything_or_costs_without_bound(api: Api, shell: Shell) -> None:
    for _ in range(3):
        await opened(shell.database)
    wrong: list[str] = []
    answered = 0
    administrator = await hired(shell.database, "la_administrator", "la_manager", "ops")
    for caller in (OFFICER, PARENT, administrator):
        for one in REAL:
            with counted() as statements:
                answer = await api.sent(WESTSHIRE, caller, one.body(), one.headers)
            said = answer.json() if "json" in answer.headers["content-type"] else {"errors": []}
            if not said["errors" if not said.get("data") else "data"]:
                wrong.append(
                    f"{one.name}: neither data nor errors: {answer.status_code} {answer.headers['content-type']} {answer.text[:200]}"
                )
            codes = {error["extensions"].get("code") for error in said.get("errors") or ()}
            answered += answer.status_code == 200
            if answer.status_code >= 500 or "INTERNAL" in codes or len(statements) > MOST_STATEMENTS or len(answer.content) > 300_000:
                wrong.append(
                    f"{one.name}: {answer.status_code} {codes} {len(statements)} statements, {len(answer.content)} bytes, {answer.text[:200]}"
                )
        for hostile in CORPUS:
            answer = await api.sent(WESTSHIRE, caller, hostile.body, hostile.headers, hostile.method, hostile.query_string)
            if answer.status_code >= 500 or '"INTERNAL"' in answer.text:
                wrong.append(f"{hostile.name}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert answered > len(REAL), "most come to the schema: a corpus that the guard alone answers shows nothing of what is behind it"
