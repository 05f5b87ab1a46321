"""One running stack for the commands and the traces: its own folder, its own ports, a collector beside it, and a family with rare names."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from bootstrap.embedded import DATABASE, Stack, prepare
from bootstrap.settings import Settings
from bootstrap.sign_in import issuer
from bootstrap.temporal import free_port
from tenants.identifiers import upn_check_letter
from tests.bootstrap.collector import Collector, collecting

WAYMARK = Path(sys.executable).with_name("waymark")
COUNCIL, OFFICER = "westshire", "jo.marsh"
ANSWER = """{ __typename ... on CaseChanged { case { id reference version } } ... on Refused { say } ... on Denied { reason }
  ... on Invalid { faults { path what } } ... on NotFound { say } ... on Unavailable { say } }"""
# Words that occur nowhere else: whatever holds one of them holds personal data.
CHILD, PARENT = ("Quillabelle", "Zanzotterby"), "Ottoline Zanzotterby"
SUBJECT, EMAIL = "ottoline.zanzotterby", "ottoline.zanzotterby@families.invalid"
FAMILY = uuid4()
VIEWS, REASONS, EVIDENCE = "She hums marmaladishly.", "Her wheelbarrow was foxgloved.", "A letter from Dr Thistlequack."
_NUMBER = "991999926907"
UPN = upn_check_letter(_NUMBER) + _NUMBER


def outside(environment: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would speak to Waymark or to OpenTelemetry, and with what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WAYMARK_", "OTEL_"))}
    return {**kept, "COLUMNS": "500", **(environment or {})}


def waymark(*words: str, environment: dict[str, str] | None = None, patience: float = 60) -> subprocess.CompletedProcess[str]:
    """The command, as somebody at a terminal would start it."""
    return subprocess.run(
        [str(WAYMARK), *words], env=outside(environment), capture_output=True, text=True, timeout=patience, stdin=subprocess.DEVNULL
    )


@dataclass(frozen=True)
class Api:
    """A running API, asked by whoever is named."""

    settings: Settings

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def ask(self, query: str, *, subject: str = OFFICER, role: str = "la_caseworker", **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        return asked(self.url, issuer(self.settings).token(subject, {COUNCIL: [role]}), query, **variables)

    def act(self, mutation: str, *, subject: str = OFFICER, role: str = "la_caseworker", **given: Any) -> dict[str, Any]:
        """What a mutation answers."""
        kind = mutation[0].upper() + mutation[1:] + "Input"
        document = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {ANSWER} }}"
        answer = self.ask(document, subject=subject, role=role, input={"key": uuid4().hex, **given})
        assert not answer.get("errors"), answer["errors"]
        found: dict[str, Any] = answer["data"][mutation]
        return found

    def open(self, child: UUID, received: date | None = None, *facts: dict[str, Any], **more: Any) -> dict[str, Any]:
        """An EHC plan case, received today or on a day."""
        day = received or datetime.now(UTC).date()
        told = [fact("received_on", date=day.isoformat()), fact("requested_by", choice="parent"), *facts]
        opened = self.act("openCase", process="ehc_plan", childId=str(child), facts=told, **more)
        assert opened["__typename"] == "CaseChanged", opened
        case: dict[str, Any] = opened["case"]
        return case


@dataclass(frozen=True)
class Standing(Api):
    """The stack that stands while these tests run, with its collector."""

    stack: Stack
    collector: Collector

    @property
    def environment(self) -> dict[str, str]:
        """What a command beside this stack is told."""
        return environment_of(self.settings)

    def sql(self, statement: str) -> str:
        """A statement of the superuser's, whom nothing but a trigger stops."""
        return self.stack.postgres.run_sql(statement, DATABASE)

    def pupil(self) -> UUID:
        """One more child, of no rare name."""
        return self._child("Another", "Pupil", "null")

    def child_of_the_family(self) -> UUID:
        """One more child of the family with the rare names; the number, which belongs to one child, goes to the last."""
        self.sql(f"update waymark.child set upn = null where upn = '{UPN}'")
        child = self._child(*CHILD, f"'{UPN}'")
        columns, relation = "tenant, id, person_id, kind, child_id, starts_on", f"'{uuid4()}', '{FAMILY}', 'parent', '{child}'"
        self.sql(f"insert into waymark.relation ({columns}) values ('{COUNCIL}', {relation}, '2018-01-01')")
        return child

    def _child(self, given_name: str, family_name: str, upn: str) -> UUID:
        child = uuid4()
        columns, names = "tenant, id, given_name, family_name, upn, born_on", f"'{given_name}', '{family_name}', {upn}"
        self.sql(f"insert into waymark.child ({columns}) values ('{COUNCIL}', '{child}', {names}, '2018-01-01')")
        return child


def environment_of(settings: Settings) -> dict[str, str]:
    return {"WAYMARK_HOME": str(settings.home), "WAYMARK_PORT": str(settings.port), "WAYMARK_UI_PORT": str(settings.ui_port)}


def asked(url: str, token: str, query: str, **variables: Any) -> dict[str, Any]:
    """The answer to whoever holds a token."""
    given = {"query": query, "variables": variables}
    answer: dict[str, Any] = httpx.post(f"{url}/graphql", json=given, headers={"authorization": f"Bearer {token}"}, timeout=30).json()
    return answer


def fact(name: str, **value: str) -> dict[str, Any]:
    """A fact of an act, as the API takes it."""
    return {"name": name, "value": value}


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def standing() -> AsyncIterator[Standing]:
    """The stack, with telemetry on; started once for all who ask for it, on the main thread."""
    with collecting() as collector, tempfile.TemporaryDirectory(prefix="waymark-standing-", ignore_cleanup_errors=True) as home:
        stack = prepare(Settings(home=Path(home), port=free_port(), ui_port=free_port()), lambda _: None)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
                patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")  # milliseconds
                await stack.start()
            there = Standing(stack.settings, stack, collector)
            columns = "tenant, id, name, email, subject, roles"
            there.sql(
                f"insert into waymark.person ({columns}) values ('{COUNCIL}', '{FAMILY}', '{PARENT}', '{EMAIL}', '{SUBJECT}', '{{parent}}')"
            )
            yield there
        finally:
            stack.stop()
            stack.postgres.erase()
