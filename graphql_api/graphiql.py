"""GraphiQL without the internet: a page whose every file is in this package, and the route that serves those files."""

from __future__ import annotations

import html
from functools import cache
from importlib.resources import files

from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

# Styles are `unsafe-inline` because the editor writes them into the page as it draws; scripts come from us alone.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}

static = Mount("/static", app=StaticFiles(packages=[("graphql_api", "static")]), name="static")


def page() -> Response:
    """The page for GET /graphql in a browser. It holds no secret and asks nothing before somebody gives it a token."""
    return HTMLResponse(_page(), headers=_HEADERS)


@cache
def _page() -> str:
    folder = files("graphql_api") / "static" / "graphiql"
    first_query = (folder / "first_query.graphql").read_text(encoding="utf-8")
    return (folder / "page.html").read_text(encoding="utf-8").replace("@@FIRST_QUERY@@", html.escape(first_query))
