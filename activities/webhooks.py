"""Tells a council's own systems that a case moved on: signed, retried, and only where it may go.

The address is resolved when it is told, every answer of the resolver must be a public one, and the one that was checked is the one
connected to: a name that changes its mind in between (DNS rebinding) gains nothing. No redirect is followed and no proxy asked. What is
told is which case and step, of which kind and process: no name, no text. Signed as Standard Webhooks has it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid5

import httpcore
import orjson
from sqlalchemy import any_
from sqlalchemy.exc import SQLAlchemyError

from activities.delivery import Delivery
from store import people, webhooks
from store.session import Database
from store.tables import person

log = logging.getLogger("waymark.activities")
OFTEN, EACH = 2.0, 0.05  # seconds between rounds, and more for each tenant that there is
TAKES = 10.0  # seconds for one telling
AT_ONCE = 8


class Forbidden(OSError):  # noqa: N818 - the house names refusals by what happened
    """The host is no public one."""


def public(address: str) -> bool:
    """Whether an address is one of the internet: not of this machine, this network, a cloud's metadata, a group, or one wrapped in another."""
    one = ipaddress.ip_address(address)
    if isinstance(one, ipaddress.IPv6Address):
        if one.ipv4_mapped is not None:
            return public(str(one.ipv4_mapped))
        if one.sixtofour is not None or one.teredo is not None or one in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return one.is_global and not one.is_multicast and not one.is_reserved


async def resolved(host: str, port: int) -> list[str]:
    """What the resolver says. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


Resolver = Callable[[str, int], Any]


class Pinned(httpcore.AsyncNetworkBackend):
    """Connects to an address that was checked, and never asks for the name again. TLS still proves the name."""

    def __init__(self, resolve: Resolver = resolved, *, anywhere: bool = False) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._resolve = resolve
        self._anywhere = anywhere

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the form of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        if not addresses or not (self._anywhere or all(map(public, addresses))):
            raise Forbidden("no public address")
        return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """As Standard Webhooks has it: HMAC-SHA256 over id, time and body."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


class Teller:
    """Works through what the webhooks of every tenant are to be told. `anywhere` lets it go to this machine and network, without TLS."""

    def __init__(self, database: Database, delivery: Delivery, *, anywhere: bool = False, resolve: Resolver = resolved) -> None:
        self._database, self._delivery, self._anywhere = database, delivery, anywhere
        self._backend = Pinned(resolve, anywhere=anywhere)
        self._tls = ssl.create_default_context()
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Go on for ever; cancel to stop. Nothing that fails here ends it."""
        while True:
            slugs: list[str] = []
            try:
                slugs = await self._database.slugs()
                await self.once(slugs)
            except (OSError, SQLAlchemyError) as error:
                log.warning("webhooks cannot reach the database", extra={"error": type(error).__name__})
            await asyncio.sleep(OFTEN + EACH * len(slugs))

    async def once(self, slugs: list[str] | None = None) -> int:
        """One round over these tenants, or all; how much was told."""
        tenants = await self._database.slugs() if slugs is None else slugs
        return sum([await self._tenant(tenant) for tenant in tenants])

    async def _tenant(self, tenant: str) -> int:
        async with self._database.tenant(tenant) as session:
            posts = await webhooks.claim(session)
        return sum(await asyncio.gather(*(self._post(tenant, post) for post in posts)))

    async def _post(self, tenant: str, post: webhooks.Post) -> bool:
        async with self._places:
            error = await self._tell(tenant, post)
        async with self._database.tenant(tenant) as session:
            if error is None:
                await webhooks.told(session, post)
                return True
            gone = error == "410" and await webhooks.end(session, post.webhook_id, webhooks.DISABLED, error)
            disabled = gone or await webhooks.failed(session, post, error)
            who = await people.list_people(session, limit=100, where=any_(person.c.roles) == "la_administrator") if disabled else []
        if disabled:
            text = f"The webhook to {post.host} was disabled: it could not be told ({error}). What it missed is in the journal.\n"
            await self._delivery.reminder(tenant, f"webhook-{post.webhook_id}", text, tuple(one.email for one in who if one.email))
        return False

    async def _tell(self, tenant: str, post: webhooks.Post) -> str | None:
        """Tell it; what went wrong, as a word."""
        if urlsplit(post.url).scheme != "https" and not self._anywhere:
            return "not https"
        message_id, now = f"msg_{uuid5(post.webhook_id, f'{post.case_id}:{post.seq}').hex}", int(time.time())
        data = {"tenant": tenant, "caseId": str(post.case_id), "sequence": post.seq, "kind": post.kind, "process": post.process}
        body = orjson.dumps({"type": "case.changed", "data": data})
        headers: dict[bytes | str, bytes | str] = {
            "content-type": "application/json",
            "user-agent": "waymark-webhook",
            "webhook-id": message_id,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(post.secret, message_id, now, body),
        }
        try:
            async with (
                asyncio.timeout(TAKES),
                httpcore.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._backend) as pool,
                pool.stream("POST", post.url, headers=headers, content=body) as answer,
            ):
                status = answer.status  # nothing of the answer's body is read
        except Forbidden:
            return "no public address"
        except (OSError, TimeoutError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ValueError) as error:
            return type(error).__name__
        return None if 200 <= status < 300 else str(status)
