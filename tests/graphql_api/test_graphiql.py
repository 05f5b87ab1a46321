"""The page works without the internet, and what we ship of others is what they published."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from graphql import parse
from starlette.applications import Starlette

from graphql_api.document import Limits, measure
from graphql_api.graphiql import POLICY, page, static

FOLDER = Path(str(files("graphql_api"))) / "static" / "graphiql"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
OWN = {"page.html", "page.js", "page.css", "icon.svg", "first_query.graphql", "manifest.json"}


class References(HTMLParser):
    """What the page makes a browser fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.inline = ""
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._script = tag == "script"
        self.fetched += [value for name in ("src", "href", "action", "data", "poster") if (value := given.get(name))]
        assert not [name for name in given if name.startswith("on")], "no script in an attribute"

    def handle_data(self, data: str) -> None:
        if self._script:
            self.inline += data.strip()


@pytest.fixture
def html() -> str:
    return bytes(page().body).decode("utf-8")


@pytest.fixture
def references(html: str) -> References:
    found = References()
    found.feed(html)
    return found


async def test_every_file_that_the_page_fetches_is_served_by_us(references: References) -> None:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=[static])), base_url="http://127.0.0.1")
    assert len(references.fetched) == 9
    for reference in references.fetched:
        assert reference.startswith("/static/graphiql/")
        answer = await client.get(reference)
        assert answer.status_code == 200, reference
        assert answer.content


def test_the_page_names_no_other_host_and_runs_no_inline_script(html: str, references: References) -> None:
    assert not re.search(r"https?:|//[a-z]", html)
    assert references.inline == ""


@pytest.mark.parametrize("name", ["page.js", "page.css", "icon.svg"])
def test_our_own_files_name_no_other_host(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://", text)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.css")), ids=lambda path: path.name)
def test_styles_fetch_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    fetched = [url for url in re.findall(r"url\(\s*[\"']?([^\"')]{0,60})", text) if not url.startswith(("data:", "#"))]
    assert not fetched
    assert "@import" not in text


def test_no_file_asks_for_a_source_map() -> None:
    for path in FOLDER.rglob("*"):
        if path.is_file():
            assert b"sourceMappingURL" not in path.read_bytes(), path.name


def test_scripts_name_no_host_that_code_is_fetched_from() -> None:
    for path in FOLDER.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"//[\w.-]*(unpkg|jsdelivr|cdnjs|googleapis|esm\.sh)", text), path.name


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    headers = page().headers
    assert headers["content-security-policy"] == POLICY
    directives = {name: sources.split() for name, _, sources in (part.partition(" ") for part in POLICY.split("; "))}
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == ["'self'"]
    assert directives["connect-src"] == ["'self'"]
    assert directives["frame-ancestors"] == ["'none'"]
    every_source = {source for sources in directives.values() for source in sources}
    assert every_source == {"'none'", "'self'", "data:", "'unsafe-inline'"}
    assert [name for name, sources in directives.items() if "'unsafe-inline'" in sources] == ["style-src"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_tokens_are_neither_kept_nor_put_in_the_address() -> None:
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    assert "isHeadersEditorEnabled: true" in script
    assert "shouldPersistHeaders: false" in script
    for word in ("history.", "pushState", "replaceState", "location.search", "localStorage", "document.cookie"):
        assert word not in script


def test_the_first_query_explains_itself_and_passes_the_guard(html: str) -> None:
    query = (FOLDER / "first_query.graphql").read_text(encoding="utf-8")
    assert parse(query)
    assert measure(query, Limits()).operations[0].name == "NearestDeadlines"
    assert "waymark token" in query
    assert "NearestDeadlines" in html
    assert "@@" not in html


@pytest.mark.parametrize("row", MANIFEST["files"], ids=lambda row: row["file"])
def test_a_vendored_file_is_what_the_manifest_says(row: dict[str, str]) -> None:
    assert hashlib.sha256((FOLDER / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    assert row["licence"] == "MIT"
    assert ("upstream_sha256" in row) == ("change" in row), "a changed file says how, and what it was"


def test_nothing_is_shipped_that_the_manifest_does_not_name() -> None:
    shipped = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert shipped - OWN == {row["file"] for row in MANIFEST["files"]}


def test_every_package_comes_with_its_licence() -> None:
    packages = {row["package"] for row in MANIFEST["files"]}
    licensed = {row["package"] for row in MANIFEST["files"] if row["file"].startswith("licences/")}
    assert packages - licensed == {"@graphiql/plugin-explorer"}, "it ships no licence file; the manifest says why that is enough"
    assert "graphiql-explorer" in licensed
    for row in MANIFEST["files"]:
        if row["file"].startswith("licences/"):
            assert "Permission is hereby granted" in (FOLDER / row["file"]).read_text(encoding="utf-8")
