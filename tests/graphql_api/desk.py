"""An issuer in memory, with rotation and outages, and the clocks that a test turns."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import Key, OKPKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphql_api.identity import Verifier

ISSUER = "https://issuer.test"


def ed25519() -> Key:
    return OKPKey.generate_key("Ed25519", parameters={"kid": secrets.token_hex(4), "use": "sig"})


@dataclass(frozen=True)
class In:
    """An instant so many seconds from when the token is made."""

    seconds: int


class Desk:
    """A real issuer in memory: discovery and keys over HTTP, rotation, outages."""

    def __init__(self, url: str = ISSUER) -> None:
        self.url = url
        self.keys = [ed25519()]
        self.away = False
        self.asked = 0
        self.says_issuer = url
        self.jwks_uri = f"{url}/jwks"
        self.answer: Callable[[], Response] = lambda: JSONResponse({"keys": [k.as_dict(private=False) for k in self.keys]})
        self.app = Starlette(routes=[Route("/.well-known/openid-configuration", self._about), Route("/jwks", self._jwks)])

    async def _about(self, request: Request) -> Response:
        self.asked += 1
        await asyncio.sleep(0.005)
        if self.away:
            return Response("down", 503)
        return JSONResponse({"issuer": self.says_issuer, "jwks_uri": self.jwks_uri})

    async def _jwks(self, request: Request) -> Response:
        return self.answer()

    def token(self, key: Key | None = None, alg: str = "Ed25519", header: dict[str, Any] | None = None, **claims: Any) -> str:
        key = key or self.keys[0]
        now = int(time.time())
        body = {"iss": self.url, "aud": "waymark", "sub": "ada", "iat": now, "exp": now + 600, "tenants": {"westshire": ["parent"]}}
        body |= {name: now + value.seconds if isinstance(value, In) else value for name, value in claims.items()}
        head = {"alg": alg, "kid": key.kid, "typ": "at+jwt", **(header or {})}
        head = {name: value for name, value in head.items() if value is not None}
        body = {name: value for name, value in body.items() if value is not None}
        return jwt.encode(head, body, key, algorithms=[alg], default_type=None)


@dataclass
class Hands:
    """The clocks that a test turns."""

    now: float = 0.0
    clock: float = 1000.0

    def on(self, seconds: float) -> None:
        self.now += seconds
        self.clock += seconds


def verifier_of(desk: Desk, hands: Hands) -> Verifier:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(desk.app))
    return Verifier([desk.url], "waymark", http, remember=100, now=lambda: time.time() + hands.now, clock=lambda: hands.clock)
