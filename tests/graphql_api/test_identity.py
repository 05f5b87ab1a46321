"""Only a token that its issuer signed for us, now, tells who is asking."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from starlette.responses import JSONResponse, Response

from graphql_api.identity import Caller, Claims, IssuerAway, Unauthorised, Verifier, choose_tenant
from tests.graphql_api.desk import ISSUER, Desk, Hands, In, ed25519, verifier_of


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def verifier(desk: Desk, hands: Hands) -> Verifier:
    return verifier_of(desk, hands)


@pytest.fixture
def hands() -> Hands:
    return Hands()


async def test_a_good_token_says_who_and_where(verifier: Verifier, desk: Desk) -> None:
    token = desk.token(sub="ada", tenants={"westshire": ["parent"], "northmoor": ["la_caseworker", "la_manager"]})
    claims = await verifier(token)
    assert (claims.subject, claims.issuer) == ("ada", ISSUER)
    assert claims.tenants == {"westshire": frozenset({"parent"}), "northmoor": frozenset({"la_caseworker", "la_manager"})}


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "ES384", "Ed25519"])
async def test_the_usual_algorithms_are_accepted(alg: str, verifier: Verifier, desk: Desk) -> None:
    parameters: Any = {"kid": "k1", "use": "sig", "alg": alg}
    keys: dict[str, Callable[[], Key]] = {
        "RS256": lambda: RSAKey.generate_key(2048, parameters),
        "PS256": lambda: RSAKey.generate_key(2048, parameters),
        "ES256": lambda: ECKey.generate_key("P-256", parameters),
        "ES384": lambda: ECKey.generate_key("P-384", parameters),
        "Ed25519": lambda: OKPKey.generate_key("Ed25519", parameters),
    }
    desk.keys = [keys[alg]()]
    assert (await verifier(desk.token(alg=alg))).subject == "ada"


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("for another service", {"aud": "other"}, "claim"),
    ("for nobody", {"aud": None}, "lacks a claim"),
    ("for a list without us", {"aud": ["a", "b"]}, "claim"),
    ("expired beyond the leeway", {"exp": In(-31)}, "expired"),
    ("without an end", {"exp": None}, "lacks a claim"),
    ("with an end that is a text", {"exp": "tomorrow"}, "claim"),
    ("with an end that is true", {"exp": True}, "claim"),
    ("issued in the future", {"iat": In(120)}, "claim"),
    ("without a date of issue", {"iat": None}, "lacks a claim"),
    ("not valid yet", {"nbf": In(120)}, "claim"),
    ("of nobody", {"sub": None}, "lacks a claim"),
    ("of an empty name", {"sub": ""}, "claim"),
    ("of a number", {"sub": 7}, "claim"),
    ("of a name with NUL", {"sub": "a\x00"}, "subject"),
    ("of a very long name", {"sub": "a" * 256}, "subject"),
    ("of another issuer", {"iss": "https://evil.test"}, "not known"),
    ("of an issuer that is a list", {"iss": [ISSUER]}, "not known"),
    ("with tenants as a list", {"tenants": ["westshire"]}, "tenants"),
    ("with roles as a text", {"tenants": {"westshire": "parent"}}, "tenants"),
    ("with a role that is a number", {"tenants": {"westshire": [1]}}, "tenants"),
    ("with a tenant that is no slug", {"tenants": {"West Shire'--": ["parent"]}}, "tenants"),
    ("with 300 tenants", {"tenants": {f"t{n}": [] for n in range(300)}}, "tenants"),
    ("that is an ID token", {"header": {"typ": "JWT"}}, "at+jwt"),
    ("without a type", {"header": {"typ": None}}, "at+jwt"),
    ("without a key id", {"header": {"kid": None}}, "name its key"),
    ("with a key id that is not published", {"header": {"kid": "zz"}}, "does not publish"),
]


@pytest.mark.parametrize(("claims", "why"), [(claims, why) for _, claims, why in BAD], ids=[name for name, _, _ in BAD])
async def test_a_token_is_refused(claims: dict[str, Any], why: str, verifier: Verifier, desk: Desk) -> None:
    with pytest.raises(Unauthorised, match=re.escape(why)):
        await verifier(desk.token(**claims))


@pytest.mark.parametrize("claims", [{"exp": In(-15)}, {"iat": In(15), "exp": In(600)}, {"aud": ["other", "waymark"]}])
async def test_clocks_may_differ_by_half_a_minute_and_audiences_may_be_several(
    claims: dict[str, Any], verifier: Verifier, desk: Desk
) -> None:
    assert (await verifier(desk.token(**claims))).subject == "ada"


async def test_a_token_signed_by_somebody_else_under_our_key_id_is_refused(verifier: Verifier, desk: Desk) -> None:
    forged = OKPKey.generate_key("Ed25519", parameters={"kid": desk.keys[0].kid})  # type: ignore[arg-type]
    with pytest.raises(Unauthorised, match="signature"):
        await verifier(desk.token(key=forged))


async def test_a_changed_payload_is_refused(verifier: Verifier, desk: Desk) -> None:
    head, _, signature = desk.token().split(".")
    other = desk.token(tenants={"westshire": ["la_administrator"]}).split(".")[1]
    with pytest.raises(Unauthorised, match="signature"):
        await verifier(f"{head}.{other}.{signature}")


async def test_a_token_without_a_signature_is_refused(verifier: Verifier, desk: Desk) -> None:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "at+jwt", "kid": desk.keys[0].kid}).encode())
    with pytest.raises(Unauthorised, match="not accepted"):
        await verifier(f"{head.decode().rstrip('=')}.{desk.token().split('.')[1]}.")


async def test_a_public_key_used_as_a_secret_is_refused(verifier: Verifier, desk: Desk) -> None:
    desk.keys = [RSAKey.generate_key(2048, {"kid": "k1"})]
    secret = desk.keys[0].as_pem(private=False)  # type: ignore[union-attr]
    head, body, _ = desk.token(alg="RS256", header={"alg": "RS256"}).split(".")
    head = _encoded(json.dumps({"alg": "HS256", "kid": "k1", "typ": "at+jwt"}).encode())
    signature = hmac.new(secret, f"{head}.{body}".encode(), hashlib.sha256).digest()
    with pytest.raises(Unauthorised, match="signed in a way"):
        await verifier(f"{head}.{body}.{_encoded(signature)}")


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


# Keys


async def test_keys_are_fetched_once_for_many_callers_at_once(verifier: Verifier, desk: Desk) -> None:
    tokens = [desk.token(sub=f"p{n}") for n in range(20)]
    await asyncio.gather(*(verifier(token) for token in tokens))
    assert verifier.fetches == 1


async def test_a_caller_who_is_cut_short_does_not_make_the_issuer_seem_away(verifier: Verifier, desk: Desk) -> None:
    first = asyncio.create_task(verifier(desk.token(sub="first")))
    await asyncio.sleep(0)
    second = asyncio.create_task(verifier(desk.token(sub="second")))
    await asyncio.sleep(0.001)
    first.cancel()
    assert (await second).subject == "second"


async def test_nobody_waits_for_fresh_keys_while_old_ones_serve(verifier: Verifier, desk: Desk, hands: Hands) -> None:
    await verifier(desk.token())
    hands.on(601)
    tokens = [desk.token(sub=f"p{n}", exp=int(time.time()) + 3600) for n in range(2)]
    asking = asyncio.create_task(verifier(tokens[0]))
    await asyncio.sleep(0.001)
    assert (await verifier(tokens[1])).subject == "p1"
    assert not asking.done()
    assert (await asking).subject == "p0"
    assert verifier.fetches == 2


async def test_a_new_key_is_found_by_asking_again_once(verifier: Verifier, desk: Desk, hands: Hands) -> None:
    await verifier(desk.token())
    desk.keys.insert(0, ed25519())
    hands.on(11)
    assert (await verifier(desk.token())).subject == "ada"
    assert verifier.fetches == 2


async def test_made_up_key_ids_cannot_make_us_ask_and_ask(verifier: Verifier, desk: Desk, hands: Hands) -> None:
    await verifier(desk.token())
    hands.on(11)
    for n in range(50):
        with pytest.raises(Unauthorised):
            await verifier(desk.token(header={"kid": f"made-up-{n}"}))
    assert verifier.fetches == 2


async def test_a_key_that_is_withdrawn_stops_working(verifier: Verifier, desk: Desk, hands: Hands) -> None:
    withdrawn = desk.token(exp=int(time.time()) + 86_400)
    await verifier(withdrawn)
    desk.keys = [ed25519()]
    hands.on(601)
    with pytest.raises(Unauthorised, match="does not publish"):
        await verifier(withdrawn)


async def test_old_keys_stay_good_while_the_issuer_is_away(verifier: Verifier, desk: Desk, hands: Hands) -> None:
    await verifier(desk.token())
    desk.away = True
    hands.on(601)
    tokens = [desk.token(sub=f"p{n}", exp=int(time.time()) + 3600) for n in range(5)]
    asked = desk.asked
    assert {(await verifier(token)).subject for token in tokens} == {f"p{n}" for n in range(5)}
    assert desk.asked == asked + 1, "an issuer that is away is not asked for each request"


async def test_an_issuer_never_reached_is_said_to_be_away_and_then_found(verifier: Verifier, desk: Desk, hands: Hands) -> None:
    desk.away = True
    for _ in range(3):
        with pytest.raises(IssuerAway):
            await verifier(desk.token())
    assert desk.asked == 1
    desk.away = False
    hands.on(11)
    assert (await verifier(desk.token())).subject == "ada"


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Response("<html>"),
        lambda: JSONResponse([]),
        lambda: JSONResponse({}),
        lambda: JSONResponse({"keys": []}),
        lambda: JSONResponse({"keys": "x"}),
        lambda: JSONResponse({"keys": [1]}),
        lambda: JSONResponse({"keys": [{"kty": "OKP", "crv": "Ed25519"}]}),
        lambda: JSONResponse({"keys": [{"kty": "OKP", "crv": "nope", "x": "AA"}]}),
        lambda: Response("[" * 200_000),
        lambda: Response("x" * 300_000),
        lambda: Response("", 302, {"location": "https://evil.test/jwks"}),
    ],
)
async def test_an_issuer_that_answers_nonsense_counts_as_away(answer: Callable[[], Response], verifier: Verifier, desk: Desk) -> None:
    desk.answer = answer
    with pytest.raises(Unauthorised):
        await verifier(desk.token())


async def test_an_endless_list_of_keys_is_not_read(verifier: Verifier, desk: Desk) -> None:
    keys = json.dumps({"keys": [key.as_dict(private=False) for key in desk.keys]})
    desk.answer = lambda: Response(keys + " " * 300_000)
    with pytest.raises(IssuerAway):
        await verifier(desk.token())


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("says_issuer", "https://other.test"), ("jwks_uri", "http://issuer.test/jwks"), ("jwks_uri", "file:///etc/passwd"), ("jwks_uri", 7)],
)
async def test_discovery_of_another_issuer_or_without_privacy_is_not_followed(
    attribute: str, value: Any, verifier: Verifier, desk: Desk
) -> None:
    setattr(desk, attribute, value)
    with pytest.raises(IssuerAway):
        await verifier(desk.token())


@pytest.mark.parametrize("issuer", ["http://issuer.example", "ftp://issuer.example", "issuer", "", "http://10.0.0.1"])
def test_an_issuer_must_be_reached_privately(issuer: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Verifier([issuer], "waymark", httpx.AsyncClient())


async def test_the_key_of_one_issuer_cannot_sign_for_another() -> None:
    one, two = Desk("https://one.test"), Desk("https://two.test")
    transport = httpx.AsyncClient(
        mounts={"https://one.test": httpx.ASGITransport(one.app), "https://two.test": httpx.ASGITransport(two.app)}
    )
    verifier = Verifier([one.url, two.url], "waymark", transport)
    assert (await verifier(one.token())).issuer == one.url
    assert (await verifier(two.token())).issuer == two.url
    with pytest.raises(Unauthorised, match="does not publish"):
        await verifier(two.token(key=one.keys[0]))


# The memory of tokens


async def test_a_token_is_checked_once_and_then_remembered(verifier: Verifier, desk: Desk) -> None:
    token = desk.token()
    assert await verifier(token) is await verifier(token)


async def test_a_remembered_token_ends_when_it_says(verifier: Verifier, desk: Desk, hands: Hands) -> None:
    token = desk.token(exp=int(time.time()) + 20)
    await verifier(token)
    hands.on(45)
    assert (await verifier(token)).subject == "ada"
    hands.on(7)
    with pytest.raises(Unauthorised, match="expired"):
        await verifier(token)


async def test_the_memory_is_bounded_and_keeps_what_is_used(verifier: Verifier, desk: Desk) -> None:
    used = await verifier(token := desk.token(sub="used"))
    for n in range(150):
        await verifier(desk.token(sub=f"p{n}"))
        assert await verifier(token) is used
    assert len(verifier._seen) == 100
    assert not any(b"." in fingerprint and len(fingerprint) > 32 for fingerprint in verifier._seen)


# Tenants


def claims(**tenants: list[str]) -> Claims:
    return Claims("ada", ISSUER, {name: frozenset(roles) for name, roles in tenants.items()})


def test_the_only_tenant_is_meant_when_none_is_named() -> None:
    assert choose_tenant(claims(westshire=["parent"]), None) == Caller("ada", ISSUER, "westshire", frozenset({"parent"}))


def test_of_several_tenants_one_must_be_chosen() -> None:
    several = claims(westshire=["parent"], northmoor=["la_manager"])
    with pytest.raises(Unauthorised, match=r"X-Waymark-Tenant: northmoor, westshire"):
        choose_tenant(several, None)
    assert choose_tenant(several, "northmoor").roles == {"la_manager"}


def test_a_tenant_that_the_token_does_not_name_is_not_given() -> None:
    with pytest.raises(Unauthorised, match="does not name the tenant"):
        choose_tenant(claims(westshire=["parent"]), "northmoor")
    with pytest.raises(Unauthorised, match="no tenant"):
        choose_tenant(claims(), "northmoor")
