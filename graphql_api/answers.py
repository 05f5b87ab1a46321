"""An answer that never reached the schema, in the form of a GraphQL response: a message, a code and an id to quote."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import uuid4

from starlette.responses import JSONResponse

log = logging.getLogger("waymark.graphql_api")


def turned_away(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The one form in which the API says no before a resolver runs."""
    error_id = uuid4().hex
    # The message may quote what the caller sent, so only the code and the id are logged.
    log.info("request turned away", extra={"status": status, "code": code, "error_id": error_id})
    body = {"data": None, "errors": [{"message": message, "extensions": {"code": code, "id": error_id}}]}
    return JSONResponse(body, status_code=status, headers={"cache-control": "no-store", **(headers or {})})
