"""The door of the API: a caller comes through with a good token, and garbage is always answered 401."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from graphql_api.identity import CALLER, SignIn, Unauthorised, Verifier, identify
from tests.graphql_api.desk import ISSUER, Desk, Hands, verifier_of


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def verifier(desk: Desk, hands: Hands) -> Verifier:
    return verifier_of(desk, hands)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def client(verifier: Verifier) -> httpx.AsyncClient:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope.get(CALLER)
        body = {"tenant": caller.tenant, "roles": sorted(caller.roles)} if caller else {"page": True}
        await JSONResponse(body)(scope, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(SignIn(app, verifier)), base_url="http://api.test")


async def test_a_caller_comes_through_the_door(client: httpx.AsyncClient, desk: Desk) -> None:
    answer = await client.post("/graphql", headers={"Authorization": f"bearer {desk.token()}"})
    assert answer.json() == {"tenant": "westshire", "roles": ["parent"]}


async def test_the_header_chooses_the_tenant(client: httpx.AsyncClient, desk: Desk) -> None:
    token = desk.token(tenants={"westshire": ["parent"], "northmoor": ["auditor"]})
    headers = {"Authorization": f"Bearer {token}", "X-Waymark-Tenant": "northmoor"}
    assert (await client.post("/graphql", headers=headers)).json() == {"tenant": "northmoor", "roles": ["auditor"]}
    del headers["X-Waymark-Tenant"]
    answer = await client.post("/graphql", headers=headers)
    assert answer.status_code == 401
    assert "northmoor, westshire" in answer.json()["errors"][0]["message"]


async def test_the_page_needs_no_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/graphql")).json() == {"page": True}


GARBAGE = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Basic YTpi",
    "Bearer a.b.c",
    "Bearer ...",
    "Bearer " + "." * 500,
    "Bearer " + "a" * 20_000,
    "Bearer " + base64.urlsafe_b64encode(b"[" * 9_000).decode() + ".e30.x",
    "Bearer e30.e30.e30",
    "Bearer bnVsbA.bnVsbA.bnVsbA",
    "Bearer W10.W10.W10",
    "Bearer \xff\xfe",
    "Bearer eyJhbGciOltdfQ.e30.x",
    "Bearer eyJhbGciOnt9fQ.e30.x",
]


@pytest.mark.parametrize("given_header", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_is_answered_401_in_good_form(given_header: str | None, client: httpx.AsyncClient) -> None:
    headers = [] if given_header is None else [(b"Authorization", given_header.encode("latin-1"))]
    answer = await client.post("/graphql", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="waymark"')
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert re.fullmatch(r"[0-9a-f]{32}", error["extensions"]["id"])
    assert len(error["message"]) > 10


async def test_a_bad_token_is_named_in_the_challenge_and_a_missing_one_is_not(client: httpx.AsyncClient) -> None:
    bad = await client.post("/graphql", headers={"Authorization": "Bearer a.b.c"})
    assert 'error="invalid_token"' in bad.headers["www-authenticate"]
    missing = await client.post("/graphql")
    assert missing.headers["www-authenticate"] == 'Bearer realm="waymark"'


async def test_two_tokens_in_one_request_are_refused(client: httpx.AsyncClient, desk: Desk) -> None:
    header = ("Authorization", f"Bearer {desk.token()}")
    answer = await client.post("/graphql", headers=[header, header])
    assert answer.status_code == 401


async def test_an_issuer_that_is_away_is_answered_try_again(client: httpx.AsyncClient, desk: Desk) -> None:
    desk.away = True
    answer = await client.post("/graphql", headers={"Authorization": f"Bearer {desk.token()}"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert answer.json()["errors"][0]["extensions"]["code"] == "ISSUER_AWAY"


async def test_nothing_of_a_token_is_logged(client: httpx.AsyncClient, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="waymark")
    token = desk.token(sub="ada-lovelace", aud="other")
    await client.post("/graphql", headers={"Authorization": f"Bearer {token}"})
    said = " ".join(str(record.__dict__) for record in caplog.records if record.name.startswith("waymark"))
    assert said
    assert "ada-lovelace" not in said
    assert token.split(".")[2] not in said


json_parts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["alg", "kid", "typ", "iss", "crit", "b64", "x"]), inner),
    max_leaves=8,
)
_DESK = Desk()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
@example(".".join([base64.urlsafe_b64encode(b"[" * 3000).decode().rstrip("=")] * 3))
def test_random_text_is_only_ever_unauthorised(token: str) -> None:
    asyncio.run(_refused(token))


@settings(max_examples=200, deadline=None)
@given(json_parts, json_parts, st.binary(max_size=80))
def test_random_parts_are_only_ever_unauthorised(header: Any, body: Any, signature: bytes) -> None:
    if isinstance(header, dict):
        header = {"alg": "Ed25519", "typ": "at+jwt", "kid": _DESK.keys[0].kid, **header}
    if isinstance(body, dict):
        body = {"iss": ISSUER, **body}
    parts = (json.dumps(header).encode(), json.dumps(body).encode(), signature)
    asyncio.run(_refused(".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)))


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["iss", "aud", "sub", "exp", "iat", "nbf", "jti", "tenants"]), json_parts))
def test_random_claims_that_are_well_signed_never_raise_anything_else(given_claims: dict[str, Any]) -> None:
    async def check() -> None:
        verifier = Verifier([ISSUER], "waymark", httpx.AsyncClient(transport=httpx.ASGITransport(_DESK.app)))
        try:
            found = await verifier(_DESK.token(**given_claims))
        except Unauthorised:
            return
        assert found.subject
        assert found.issuer == ISSUER

    asyncio.run(check())


async def _refused(token: str) -> None:
    verifier = Verifier([ISSUER], "waymark", httpx.AsyncClient(transport=httpx.ASGITransport(_DESK.app)))
    with pytest.raises(Unauthorised):
        await identify(verifier, f"Bearer {token}", None)
