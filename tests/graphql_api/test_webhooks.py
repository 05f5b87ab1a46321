"""Webhooks with a real receiver: who may set them up, what they are told, how it is signed, and where it never goes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from activities.delivery import FileDelivery
from activities.webhooks import Teller, public
from graphql_api.mutations.register_webhook import host_of
from statute.types import Kind
from store import people, webhooks
from store.session import Database
from tests.conftest import Dsns
from tests.graphql_api.conftest import Api
from tests.graphql_api.lived import FIRST, opened
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
CASEWORKER = WESTSHIRE.caseworker
ADMINISTRATOR = replace(
    CASEWORKER, id=uuid4(), subject="westshire|administrator", email="ada@westshire.example", roles=["la_administrator"]
)
MANAGER = replace(CASEWORKER, id=uuid4(), subject="westshire|manager", email=None, roles=["la_manager"])
ALLOW = """mutation($input: AllowWebhookHostInput!) { allowWebhookHost(input: $input) { __typename
  ... on WebhookHostAllowed { host { host } replayed } ... on Invalid { faults { path what } } } }"""
REGISTER = """mutation($input: RegisterWebhookInput!) { registerWebhook(input: $input) { __typename
  ... on WebhookRegistered { webhook { id url status } secret } ... on Invalid { faults { path what } } } }"""
END = """mutation($input: EndWebhookInput!) { endWebhook(input: $input) { __typename ... on WebhookEnded { webhook { status } replayed } } }"""
LISTED = "{ webhooks { url status failingSince lastError } webhookHosts { host } }"


class Receiver:
    """A real HTTP server that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.port = 0

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        self.told.append((headers, await reader.readexactly(int(headers["content-length"]))))
        more = f"location: http://127.0.0.1:{self.port}/elsewhere\r\n" if self.status == 302 else ""
        writer.write(f"HTTP/1.1 {self.status} So\r\n{more}content-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.meet, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


@pytest.fixture
async def manned(database: Database) -> Database:
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_person(session, ADMINISTRATOR)
        await people.add_person(session, MANAGER)
    return database


async def registered(database: Database, url: str, host: str = "127.0.0.1") -> webhooks.Webhook:
    async with database.tenant(WESTSHIRE.slug) as session:
        await webhooks.allow(session, webhooks.Host(host, MANAGER.id, "tests"))
        return await webhooks.register(session, webhooks.Webhook(uuid4(), url, host, b"s" * 32, ADMINISTRATOR.id))


async def now_due(database: Database) -> None:
    async with database.tenant(WESTSHIRE.slug) as session:
        await session.execute(text("update waymark.webhook_post set not_before = clock_timestamp()"))


async def waiting(database: Database) -> int:
    async with database.tenant(WESTSHIRE.slug) as session:
        return int(await session.scalar(text("select count(*) from waymark.webhook_post")) or 0)


async def test_a_step_is_told_signed_and_without_personal_data(manned: Database, tmp_path: Path) -> None:
    async with receiving() as receiver:
        hook = await registered(manned, f"http://127.0.0.1:{receiver.port}/hook")
        life = await opened(manned)
        await life.step(Kind.DONE, "notify_partners", FIRST)
        teller = Teller(manned, FileDelivery(tmp_path), anywhere=True)
        assert await teller.once() == 2
        assert (await teller.once(), await waiting(manned)) == (0, 0)
    for n, (headers, body) in enumerate(sorted(receiver.told, key=lambda one: json.loads(one[1])["data"]["sequence"]), 1):
        told: Any = json.loads(body)
        assert told["type"] == "case.changed"
        assert told["data"]["caseId"] == str(life.id)
        assert (told["data"]["sequence"], set(told["data"])) == (n, {"tenant", "caseId", "sequence", "kind", "process"})
        assert not any(word.encode() in body for word in WESTSHIRE.canaries)
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = base64.b64encode(hmac.new(hook.secret, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{digest}"


async def test_what_failed_is_told_again_under_the_same_id_and_a_redirect_is_a_failure(manned: Database, tmp_path: Path) -> None:
    async with receiving() as receiver:
        await registered(manned, f"http://127.0.0.1:{receiver.port}/hook")
        await opened(manned)
        teller = Teller(manned, FileDelivery(tmp_path), anywhere=True)
        receiver.status = 302
        assert await teller.once() == 0
        assert await teller.once() == 0, "it waits before it tries again"
        assert len(receiver.told) == 1, "nothing was told at the place that it was sent on to"
        receiver.status = 200
        await now_due(manned)
        assert await teller.once() == 1
        assert receiver.told[0][0]["webhook-id"] == receiver.told[1][0]["webhook-id"]


async def test_a_webhook_that_fails_for_days_is_disabled_and_its_administrators_are_told(manned: Database, tmp_path: Path) -> None:
    async with receiving() as receiver:
        hook = await registered(manned, f"http://127.0.0.1:{receiver.port}/hook")
        await opened(manned)
        receiver.status = 500
        teller = Teller(manned, FileDelivery(tmp_path), anywhere=True)
        await teller.once()
        async with manned.tenant(WESTSHIRE.slug) as session:
            await session.execute(text("update waymark.webhook set failing_since = clock_timestamp() - interval '4 days'"))
        await now_due(manned)
        await teller.once()
    async with manned.tenant(WESTSHIRE.slug) as session:
        found = await webhooks.read(session, hook.id)
    assert found is not None
    assert (found.status, found.last_error) == ("disabled", "500")
    assert await waiting(manned) == 0
    assert "was disabled" in (tmp_path / WESTSHIRE.slug / f"webhook-{hook.id}.txt").read_text()


async def test_what_the_owner_restores_or_hands_over_is_not_told_again(manned: Database, dsns: Dsns) -> None:
    await registered(manned, "https://hooks.example/", "hooks.example")
    owner = Database(dsns.owner, pool_size=1)
    await opened(owner)
    assert await waiting(manned) == 0
    await owner.close()


async def test_nothing_is_connected_to_that_is_not_public_whatever_the_name_says(manned: Database, tmp_path: Path) -> None:
    """The resolver answers what an attacker's name server would; the sink on loopback sees no connection."""
    async with receiving() as receiver:
        await registered(manned, f"https://hooks.example:{receiver.port}/", "hooks.example")
        await opened(manned)
        for answer in (["127.0.0.1"], ["::1"], ["169.254.169.254"], ["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], []):

            async def resolve(host: str, port: int, answer: list[str] = answer) -> list[str]:
                assert host == "hooks.example"
                return answer

            await now_due(manned)
            assert await Teller(manned, FileDelivery(tmp_path), resolve=resolve).once() == 0
        async with manned.tenant(WESTSHIRE.slug) as session:
            assert [one.last_error for one in await webhooks.listed(session)] == ["no public address"]
        assert receiver.told == []


async def test_the_address_that_was_checked_is_the_one_connected_to(manned: Database, tmp_path: Path) -> None:
    """A name that exists nowhere is told all the same: it is asked for once, and never again."""
    asked: list[str] = []
    async with receiving() as receiver:

        async def resolve(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"]

        await registered(manned, f"http://hooks.nowhere.invalid:{receiver.port}/", "hooks.nowhere.invalid")
        await opened(manned)
        assert await Teller(manned, FileDelivery(tmp_path), anywhere=True, resolve=resolve).once() == 1
        assert asked == ["hooks.nowhere.invalid"]


async def test_two_people_set_a_webhook_up_and_either_alone_cannot(manned: Database, reader: Api) -> None:
    host = {"key": "1", "host": "Hooks.Westshire.example", "why": "our case system"}
    url = {"key": "2", "url": "https://hooks.westshire.example/in"}
    assert (await reader.ask(WESTSHIRE, ADMINISTRATOR, ALLOW, input=host))["allowWebhookHost"]["__typename"] == "Denied"
    assert (await reader.ask(WESTSHIRE, ADMINISTRATOR, REGISTER, input=url))["registerWebhook"]["faults"][0]["path"] == "url"
    assert (await reader.ask(WESTSHIRE, MANAGER, REGISTER, input=url))["registerWebhook"]["__typename"] == "Denied"
    allowed = (await reader.ask(WESTSHIRE, MANAGER, ALLOW, input=host))["allowWebhookHost"]
    assert allowed == {"__typename": "WebhookHostAllowed", "host": {"host": "hooks.westshire.example"}, "replayed": False}
    first = (await reader.ask(WESTSHIRE, ADMINISTRATOR, REGISTER, input=url))["registerWebhook"]
    assert first["secret"].startswith("whsec_")
    assert (await reader.ask(WESTSHIRE, ADMINISTRATOR, REGISTER, input=url))["registerWebhook"] == first
    assert (await reader.ask(WESTSHIRE, CASEWORKER, LISTED)) == {"webhooks": [], "webhookHosts": []}
    assert (await reader.ask(NORTHMOOR, NORTHMOOR.caseworker, LISTED)) == {"webhooks": [], "webhookHosts": []}
    assert len((await reader.ask(WESTSHIRE, MANAGER, LISTED))["webhooks"]) == 1
    ended = await reader.ask(WESTSHIRE, ADMINISTRATOR, END, input={"key": "3", "webhookId": first["webhook"]["id"]})
    assert ended["endWebhook"] == {"__typename": "WebhookEnded", "webhook": {"status": "ended"}, "replayed": False}
    await opened(manned)
    assert await waiting(manned) == 0


@pytest.mark.parametrize(
    "url",
    ["http://a.example/", "ftp://a.example/", "https://u:p@a.example/", "https://", "https://a.example/#x", "https://a.example:0/",
     "https://a.example:99999/", "https://a\\b.example/", "https://a.example/ x", "javascript:1", "https://ä.example/"],
)  # fmt: skip
def test_an_address_that_may_not_be_told_is_refused(url: str) -> None:
    assert host_of(url)[1] is not None


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255",
     "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1"],
)  # fmt: skip
def test_an_address_that_is_not_of_the_internet_is_known(address: str) -> None:
    assert not public(address)


def test_an_address_of_the_internet_is_known() -> None:
    assert public("8.8.8.8")
    assert public("2001:4860:4860::8888")
