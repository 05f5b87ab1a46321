"""The embedded issuer signs for this machine and for nobody else."""

from __future__ import annotations

import asyncio
import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bootstrap.issuer import Issuer, IssuerFault
from graphql_api.identity import Unauthorised, Verifier

HERE = "http://127.0.0.1:8000/issuer"


async def test_the_embedded_issuer_and_the_verifier_agree(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path, HERE)
    app = Starlette(routes=issuer.routes("127.0.0.1"))
    verifier = Verifier([HERE], "waymark", httpx.AsyncClient(transport=httpx.ASGITransport(app)))
    found = await verifier(issuer.token("person-7", {"westshire": ["la_caseworker"]}))
    assert found.subject == "person-7"
    assert found.tenants == {"westshire": frozenset({"la_caseworker"})}
    again = Issuer(tmp_path, HERE).token("person-7", {"westshire": []})
    assert (await verifier(again)).subject == "person-7", "the key outlives the process"
    with pytest.raises(Unauthorised, match="expired"):
        await verifier(issuer.token("person-7", {}, ttl=timedelta(seconds=-60)))


def test_the_key_is_readable_by_its_owner_only_and_is_never_published(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path / "home", HERE)
    file = tmp_path / "home" / "issuer.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["issuer.json"], "no half-written key is left behind"
    assert json.loads(file.read_text())["d"] not in repr(vars(issuer))


async def test_only_the_public_half_is_published_and_only_to_this_machine(tmp_path: Path) -> None:
    app = Starlette(routes=Issuer(tmp_path, HERE).routes("::1"))
    here = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000")
    (key,) = (await here.get("/issuer/jwks")).json()["keys"]
    assert "d" not in key
    assert (await here.get("/issuer/.well-known/openid-configuration")).json()["issuer"] == HERE
    elsewhere = httpx.AsyncClient(transport=httpx.ASGITransport(app, client=("192.0.2.7", 1)), base_url="http://127.0.0.1:8000")
    assert (await elsewhere.get("/issuer/jwks")).status_code == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "waymark.example", "", "127.0.0.1.example"])  # noqa: S104
def test_the_embedded_issuer_cannot_be_mounted_beyond_loopback(host: str, tmp_path: Path) -> None:
    with pytest.raises(IssuerFault, match="not on loopback"):
        Issuer(tmp_path, HERE).routes(host)


@pytest.mark.parametrize(
    "url", ["http://0.0.0.0:8000/issuer", "https://waymark.example/issuer", "http://127.0.0.1:8000/", "https://127.0.0.1/issuer", "x"]
)
def test_the_embedded_issuer_has_no_other_address(url: str, tmp_path: Path) -> None:
    with pytest.raises(IssuerFault):
        Issuer(tmp_path, url)
    assert not (tmp_path / "issuer.json").exists()


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    Issuer(tmp_path, HERE)
    (tmp_path / "issuer.json").chmod(0o644)
    with pytest.raises(IssuerFault, match="chmod 600"):
        Issuer(tmp_path, HERE)


@pytest.mark.parametrize("content", ["", "{}", "null", '{"kty":"oct","k":"c2VjcmV0"}', "c2VjcmV0"])
def test_a_broken_key_is_a_clear_fault_that_shows_nothing_of_it(content: str, tmp_path: Path) -> None:
    file = tmp_path / "issuer.json"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(IssuerFault, match="holds no key") as fault:
        Issuer(tmp_path, HERE)
    assert "c2VjcmV0" not in str(fault.value)


def test_two_processes_that_begin_at_once_share_one_key(tmp_path: Path) -> None:
    async def begin() -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(lambda: Issuer(tmp_path, HERE)._key.kid) for _ in range(8)))

    assert len(set(asyncio.run(begin()))) == 1
