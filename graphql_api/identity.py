"""Who is asking: bearer tokens of the issuers we trust, checked here, and the one tenant that a request is about."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from graphql_api.answers import turned_away

log = logging.getLogger("waymark.graphql_api.identity")

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "Ed25519")
TENANT_HEADER = "x-waymark-tenant"
# The key under which the caller is left in the ASGI scope.
CALLER = "waymark.caller"

_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_TOKEN_CHARACTERS = 16 * 1024
_SUBJECT_CHARACTERS = 255
_MOST_TENANTS = 200
_MOST_ROLES = 50
_JWKS_BYTES = 256 * 1024


class Unauthorised(Exception):  # noqa: N818 - the house names refusals by what happened
    """The caller is not known. `why` is fit to be sent back, and holds nothing of the token."""

    status = 401
    code = "UNAUTHENTICATED"

    def __init__(self, why: str, *, token_given: bool = True) -> None:
        super().__init__(why)
        self.why = why
        self.token_given = token_given


class IssuerAway(Unauthorised):
    """The token may be good, but its issuer cannot be reached and we hold no keys of it."""

    status = 503
    code = "ISSUER_AWAY"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a checked token says: a person of an issuer, and the roles they hold in each tenant."""

    subject: str
    issuer: str
    tenants: Mapping[str, frozenset[str]]
    expires_at: float = 0.0
    issued_at: float = 0.0
    token_id: str = ""  # its `jti`, where it has one


@dataclass(frozen=True, slots=True)
class Caller:
    """One person acting in one tenant with the roles held there. Times are seconds of the epoch; one that is not known is 0."""

    subject: str
    issuer: str
    tenant: str
    roles: frozenset[str]
    tenants: Mapping[str, frozenset[str]] = field(
        default_factory=dict, compare=False
    )  # of the same token: for what is read across councils
    expires_at: float = field(default=0.0, compare=False)
    issued_at: float = field(default=0.0, compare=False)
    token_id: str = field(default="", compare=False)


@dataclass(slots=True)
class _Keys:
    """The keys of one issuer as last seen, and when they were last asked for."""

    held: KeySet | None = None
    fetched_at: float = float("-inf")
    tried_at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Verifier:
    """Checks access tokens (RFC 9068) against the published keys of the issuers it was given, and no others."""

    def __init__(
        self,
        issuers: Sequence[str],
        audience: str,
        http: httpx.AsyncClient,
        *,
        algorithms: Sequence[str] = ALGORITHMS,
        leeway: int = 30,
        keys_for: float = 600.0,
        cooldown: float = 10.0,
        remember: int = 10_000,
        remember_for: float = 60.0,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for issuer in issuers:
            if not _private(issuer):
                raise ValueError(f"An issuer must be https, or http on loopback: {issuer}")
        self._http = http
        self._algorithms = list(algorithms)
        self._leeway = leeway
        self._keys_for = keys_for
        self._cooldown = cooldown
        self._remember = remember
        self._remember_for = remember_for
        self._now = now
        self._clock = clock
        self._keys = {issuer: _Keys() for issuer in issuers}
        self._seen: OrderedDict[bytes, tuple[float, Claims]] = OrderedDict()
        self._registries = {
            issuer: jwt.JWTClaimsRegistry(
                now=lambda: int(now()),
                leeway=leeway,
                iss={"essential": True, "value": issuer},
                aud={"essential": True, "value": audience},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
            )
            for issuer in issuers
        }
        self.fetches = 0

    async def __call__(self, token: str) -> Claims:
        """The claims of a good token; Unauthorised for everything else, however malformed."""
        if not token or len(token) > _TOKEN_CHARACTERS or not token.isascii():
            raise Unauthorised("The token cannot be read.")
        fingerprint = hashlib.sha256(token.encode()).digest()
        remembered = self._seen.get(fingerprint)
        if remembered is not None:
            if self._now() < remembered[0]:
                self._seen.move_to_end(fingerprint)
                return remembered[1]
            del self._seen[fingerprint]
        issuer, key_id = self._look(token)
        key = await self._key(issuer, key_id)
        claims = self._decode(token, issuer, key)
        until = min(claims.expires_at + self._leeway, self._now() + self._remember_for)
        self._seen[fingerprint] = (until, claims)
        while len(self._seen) > self._remember:
            self._seen.popitem(last=False)
        return claims

    def _look(self, token: str) -> tuple[str, str]:
        """Which issuer and key the token names: not believed yet, only used to find the key that must prove it."""
        try:
            head, body, _ = token.split(".")
            header, payload = _part(head), _part(body)
        except (ValueError, RecursionError):
            raise Unauthorised("The token cannot be read.") from None
        if header.get("alg") not in self._algorithms:
            raise Unauthorised("The token is signed in a way that is not accepted.")
        kind = header.get("typ")
        if not isinstance(kind, str) or kind.lower().removeprefix("application/") != "at+jwt":
            raise Unauthorised("The token is not an access token (its typ must be at+jwt).")
        issuer, key_id = payload.get("iss"), header.get("kid")
        if not isinstance(issuer, str) or issuer not in self._keys:
            raise Unauthorised("The issuer of the token is not known here.")
        if not isinstance(key_id, str):
            raise Unauthorised("The token does not name its key.")
        return issuer, key_id

    def _decode(self, token: str, issuer: str, key: Key) -> Claims:
        try:
            decoded = jwt.decode(token, key, algorithms=self._algorithms)
            self._registries[issuer].validate(decoded.claims)
            return _claims(decoded.claims)
        except Unauthorised:
            raise
        except JoseError as fault:
            raise Unauthorised(_SAID.get(fault.error, "The token was not accepted.")) from None
        except Exception:
            # Whatever a forged token makes the libraries do, the answer is the same: it did not prove itself.
            raise Unauthorised("The token was not accepted.") from None

    async def _key(self, issuer: str, key_id: str) -> Key:
        keys = self._keys[issuer]
        held = await self._current(issuer, keys, unknown=None)
        found = _find(held, key_id)
        if found is None:
            found = _find(await self._current(issuer, keys, unknown=key_id), key_id)
        if found is None:
            raise Unauthorised("The token is signed with a key that its issuer does not publish.")
        return found

    async def _current(self, issuer: str, keys: _Keys, unknown: str | None) -> KeySet:
        """The issuer's keys, asked for again when old or when a token names a key that is not among them."""
        if not self._due(keys, unknown):
            return _held(keys)
        if unknown is None and keys.held is not None and keys.lock.locked():
            return keys.held  # somebody is asking already: old keys serve until the answer is there
        async with keys.lock:
            if self._due(keys, unknown):
                try:
                    keys.held = await self._fetch(issuer)
                    keys.fetched_at = self._clock()
                except (httpx.HTTPError, httpx.InvalidURL, JoseError, ValueError, KeyError, TypeError, RecursionError):
                    # The keys that we hold stay good while the issuer is away: its outage is not ours.
                    log.warning("keys of an issuer could not be fetched", extra={"issuer": issuer})
                # After the answer, and not when this caller is cancelled: those who wait must not be told "away" for it.
                keys.tried_at = self._clock()
            return _held(keys)

    def _due(self, keys: _Keys, unknown: str | None) -> bool:
        now = self._clock()
        if now - keys.tried_at < self._cooldown:
            return False
        if unknown is not None:
            return keys.held is None or _find(keys.held, unknown) is None
        return now - keys.fetched_at >= self._keys_for

    async def _fetch(self, issuer: str) -> KeySet:
        about = await self._get(f"{issuer}/.well-known/openid-configuration")
        if about["issuer"] != issuer:
            raise ValueError("the discovery document is of another issuer")
        where = about["jwks_uri"]
        if not isinstance(where, str) or not _private(where):
            raise ValueError("the keys are not published over https")
        keys = KeySet.import_key_set(await self._get(where))
        self.fetches += 1
        return keys

    async def _get(self, url: str) -> Any:
        answer = await self._http.get(url, timeout=5.0, follow_redirects=False)
        answer.raise_for_status()
        if len(answer.content) > _JWKS_BYTES:
            raise ValueError("the answer of the issuer is too large")
        return answer.json()


def choose_tenant(claims: Claims, wanted: str | None) -> Caller:
    """The caller in the tenant that the header names, or in the only one that the token names."""
    if not claims.tenants:
        raise Unauthorised("The token names no tenant.")
    if wanted is None:
        if len(claims.tenants) > 1:
            mine = ", ".join(sorted(claims.tenants))
            raise Unauthorised(f"The token names several tenants; choose one with X-Waymark-Tenant: {mine}.")
        (wanted,) = claims.tenants
    roles = claims.tenants.get(wanted)
    if roles is None:
        raise Unauthorised("The token does not name the tenant in X-Waymark-Tenant.")
    expires, issued = claims.expires_at, claims.issued_at
    return Caller(claims.subject, claims.issuer, wanted, roles, claims.tenants, expires, issued, claims.token_id)


async def identify(verifier: Verifier, authorization: str | None, wanted: str | None) -> Caller:
    """The caller of a request or of a WebSocket, whose first message carries the same two values."""
    if not authorization:
        raise Unauthorised("Send a token: Authorization: Bearer ...", token_given=False)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorised("Send the token as: Authorization: Bearer ...", token_given=False)
    return choose_tenant(await verifier(token.strip()), wanted.strip() if wanted else None)


def unauthorised(why: Unauthorised) -> Response:
    """The answer to a caller who is not known, with what RFC 6750 wants in its header."""
    if why.status == 503:
        return turned_away(why.status, why.code, why.why, {"retry-after": "10"})
    challenge = 'Bearer realm="waymark"'
    if why.token_given:
        challenge += f', error="invalid_token", error_description="{why.why}"'
    return turned_away(why.status, why.code, why.why, {"www-authenticate": challenge})


class SignIn:
    """Pure ASGI middleware: a POST comes with a caller, left in the scope, or it goes no further."""

    def __init__(self, app: ASGIApp, verifier: Verifier) -> None:
        self.app = app
        self.verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # GET is only the page, which holds nothing. A WebSocket says who it is in its first message, since a browser
        # cannot give it headers.
        if scope["type"] == "http" and scope["method"] == "POST":
            headers = Headers(scope=scope)
            try:
                given, wanted = _only(headers, "authorization"), _only(headers, TENANT_HEADER)
                scope = {**scope, CALLER: await identify(self.verifier, given, wanted)}
            except Unauthorised as why:
                await unauthorised(why)(scope, receive, send)
                return
        await self.app(scope, receive, send)


_SAID = {
    "expired_token": "The token has expired.",
    "bad_signature": "The signature of the token is not right.",
    "missing_claim": "The token lacks a claim: iss, aud, sub, exp and iat are needed.",
    "invalid_claim": "A claim of the token is not right for this service.",
}


def _only(headers: Headers, name: str) -> str | None:
    values = headers.getlist(name)
    if len(values) > 1:
        raise Unauthorised(f"The header {name} was sent twice.", token_given=False)
    return values[0] if values else None


def _private(url: str) -> bool:
    """Whether keys fetched from this address are those of the host that it names."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and is_loopback(parts.hostname)


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address means this machine only."""
    if host == "localhost":
        return True
    try:
        return host is not None and ip_address(host).is_loopback
    except ValueError:
        return False


def _part(encoded: str) -> dict[str, Any]:
    raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    part = json.loads(raw)
    if not isinstance(part, dict):
        raise ValueError("not an object")
    return part


def _find(keys: KeySet, key_id: str) -> Key | None:
    return next((key for key in keys.keys if key.kid == key_id), None)


def _held(keys: _Keys) -> KeySet:
    if keys.held is None:
        raise IssuerAway("The issuer of the token cannot be reached now; try again shortly.")
    return keys.held


def _claims(claims: Mapping[str, Any]) -> Claims:
    subject = claims["sub"]
    if not 0 < len(subject) <= _SUBJECT_CHARACTERS or not subject.isprintable():
        raise Unauthorised("The subject of the token cannot be kept.")
    token_id = claims.get("jti", "")
    if not isinstance(token_id, str) or len(token_id) > _SUBJECT_CHARACTERS or not token_id.isprintable():
        raise Unauthorised("The id of the token cannot be kept.")
    return Claims(subject, claims["iss"], _tenants(claims.get("tenants")), float(claims["exp"]), float(claims["iat"]), token_id)


def _tenants(given: object) -> dict[str, frozenset[str]]:
    wrong = Unauthorised("The claim `tenants` must be an object of tenants, each with a list of roles.")
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > _MOST_TENANTS:
        raise wrong
    for slug, roles in given.items():
        if not _SLUG.fullmatch(slug) or not isinstance(roles, list) or len(roles) > _MOST_ROLES:
            raise wrong
        if not all(isinstance(role, str) and _ROLE.fullmatch(role) for role in roles):
            raise wrong
    return {slug: frozenset(roles) for slug, roles in given.items()}
