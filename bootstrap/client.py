"""A small GraphQL client for the command line: it asks the public API like everybody else."""

from __future__ import annotations

from typing import Any

import httpx

from bootstrap.faults import StackFault


class Asked:
    """One person at the API."""

    def __init__(self, url: str, token: str, tenant: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=60, headers={"Authorization": f"Bearer {token}", "X-Waymark-Tenant": tenant})

    def __call__(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer.

        Raises:
            StackFault: no API there, or an answer with errors.
        """
        try:
            answer = self._http.post("/graphql", json={"query": document, "variables": variables}).json()
        except (httpx.HTTPError, ValueError) as error:
            raise StackFault("The API does not answer.", type(error).__name__, "start it with `make run`, or set WAYMARK_PORT.") from None
        if answer.get("errors"):
            raise StackFault("The API could not answer.", answer["errors"][0]["message"], "see api.log in the data folder.")
        data: dict[str, Any] = answer["data"]
        return data
