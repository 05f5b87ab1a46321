"""The embedded issuer of `waymark up`: one Ed25519 key in WAYMARK_HOME, tokens for demonstration, loopback only."""

from __future__ import annotations

import json
import os
import secrets
import stat
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphql_api.identity import is_loopback

PATH = "/issuer"
AUDIENCE = "waymark"
_ALGORITHM = "Ed25519"


class IssuerFault(Exception):  # noqa: N818 - a fault is what the house calls it
    """The embedded issuer must not or cannot run: what is wrong, why it matters, what to do."""

    def __init__(self, what: str, why: str, do: str) -> None:
        super().__init__(f"{what}. {why}. {do}.")
        self.what, self.why, self.do = what, why, do


class Issuer:
    """Signs tokens for people of the embedded stack, and publishes the public half of its key on this machine."""

    def __init__(self, home: Path, issuer_url: str, *, audience: str = AUDIENCE) -> None:
        parts = urlsplit(issuer_url)
        _on_loopback(parts.hostname, "The address of the embedded issuer")
        if parts.scheme != "http" or parts.path != PATH:
            raise IssuerFault(
                f"The address of the embedded issuer is {issuer_url}",
                f"Its pages are served by the API below {PATH}",
                f"Use http://127.0.0.1:<port>{PATH}",
            )
        self.issuer_url = issuer_url
        self.audience = audience
        self._key = _key(home / "issuer.json")

    def token(self, subject: str, tenants: Mapping[str, Sequence[str]], ttl: timedelta = timedelta(hours=8)) -> str:
        """An access token (RFC 9068) for this person with these roles in these tenants."""
        now = int(time.time())
        claims = {
            "iss": self.issuer_url,
            "aud": self.audience,
            "sub": subject,
            "client_id": "waymark-embedded",
            "iat": now,
            "exp": now + int(ttl.total_seconds()),
            "jti": secrets.token_hex(16),
            "tenants": {tenant: list(roles) for tenant, roles in tenants.items()},
        }
        header = {"alg": _ALGORITHM, "kid": self._key.kid, "typ": "at+jwt"}
        return jwt.encode(header, claims, self._key, algorithms=[_ALGORITHM])

    def routes(self, bound_to: str) -> list[Route]:
        """Discovery and keys, for an API that listens on `bound_to`; IssuerFault unless that is loopback."""
        _on_loopback(bound_to, "The API")
        about = {
            "issuer": self.issuer_url,
            "jwks_uri": f"{self.issuer_url}/jwks",
            "id_token_signing_alg_values_supported": [_ALGORITHM],
            "response_types_supported": ["none"],
            "subject_types_supported": ["public"],
        }
        keys = {"keys": [self._key.as_dict(private=False)]}

        async def discovery(request: Request) -> Response:
            return _local_only(request, about)

        async def jwks(request: Request) -> Response:
            return _local_only(request, keys)

        return [Route(f"{PATH}/.well-known/openid-configuration", discovery), Route(f"{PATH}/jwks", jwks)]


def _on_loopback(host: str | None, what: str) -> None:
    if not is_loopback(host):
        raise IssuerFault(
            f"{what} is at {host}, not on loopback",
            "The embedded issuer gives any role to whoever reads its key, so it may serve this machine only",
            "Let the API listen on 127.0.0.1, or name a real issuer in its settings",
        )


def _local_only(request: Request, body: Mapping[str, object]) -> Response:
    # A forwarded port would make loopback a public address: what comes from elsewhere finds nothing.
    if request.client is None or not is_loopback(request.client.host):
        return JSONResponse({"error": "not_found"}, status_code=404)
    return JSONResponse(body, headers={"cache-control": "no-store"})


def _key(path: Path) -> OKPKey:
    """The key of this home: made once, by whichever process comes first, and readable by its owner only."""
    if not path.exists():
        _make(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise IssuerFault(
            f"{path} can be read by others",
            "Whoever reads it can sign in as anybody",
            f"Delete it (tokens then need renewing), or run: chmod 600 {path}",
        )
    try:
        key = OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))
        if not key.is_private or key.curve_name != "Ed25519" or not key.kid:
            raise ValueError("not a private Ed25519 key with an id")
    except Exception:
        # Nothing of the file may show in a message or a trace: it is a secret.
        raise IssuerFault(f"{path} holds no key", "The embedded issuer signs with it", "Delete it: one is made") from None
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parameters = {"kid": secrets.token_hex(8), "use": "sig", "alg": _ALGORITHM}
    key = OKPKey.generate_key("Ed25519", parameters=parameters)  # type: ignore[arg-type]
    fresh = path.with_name(f".issuer.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(key.as_dict(private=True), file)
            file.flush()
            os.fsync(file.fileno())
        # A link fails when the other process was first; then its key is the key.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
