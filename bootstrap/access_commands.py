"""`waymark token ...`: a token of the embedded issuer; and ending a sign-in, in every council or in one."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated, Any
from uuid import uuid4

import typer

from bootstrap.faults import StackFault
from bootstrap.settings import Settings
from bootstrap.terminal import Json, TenantOption, give, leave, run, whoever

token_app = typer.Typer(invoke_without_command=True)


@token_app.callback()
def token(
    context: typer.Context,
    tenant: TenantOption = "westshire",
    role: Annotated[str, typer.Option(help="A role that somebody has there, for example parent.")] = "parent",
    person: Annotated[str, typer.Option(help="Whose, where several have the role (see `waymark people`).")] = "",
    hours: int = 8,
) -> None:
    """A bearer token of the embedded issuer."""
    if context.invoked_subcommand is None:
        from bootstrap.sign_in import token_for

        sys.stdout.write(token_for(Settings(), tenant, role, person, timedelta(hours=hours)) + "\n")


@token_app.command("revoke")
def token_revoke(
    why: Annotated[str, typer.Option("--why", help="The reason, for the record: no child's name.")],
    subject: Annotated[str, typer.Option(help="Every token of this subject that was made until now.")] = "",
    token_id: Annotated[str, typer.Option("--jti", help="One token, by its jti.")] = "",
    tenant: Annotated[str, typer.Option(help="In one local authority; left out: in all.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who orders it; left out: who is signed in on this machine.")] = "",
    as_json: Json = False,
) -> None:
    """End a sign-in at once. As the owner: WAYMARK_DATABASE_OWNER_URL, or the stack of this data folder."""
    if bool(subject) == bool(token_id) or not why.strip():
        raise StackFault(
            "It is not clear what is to be ended.",
            "A subject ends with all tokens, a jti is one token, and the record needs a reason.",
            "give --why, and one of --subject and --jti.",
        )
    found = run(revoked(Settings(), subject, token_id, tenant, by or whoever(), why))
    give(found, as_json=as_json, lines=[f"ended in {len(found['tenants'])}: {', '.join(found['tenants'])}"])
    leave(0)


async def revoked(settings: Settings, subject: str, token_id: str, tenant: str, by: str, why: str) -> dict[str, Any]:
    """End it in one authority, or in all of them, where somebody may be known tomorrow who is not today. Raises StackFault."""
    from bootstrap.lifecycle import known, owning
    from store import access
    from store.tables_access import SUBJECT, TOKEN

    kind, what = (SUBJECT, subject) if subject else (TOKEN, token_id)
    async with owning(settings) as database:
        tenants = [(await known(database, tenant)).tenant] if tenant else await database.slugs()
        for slug in tenants:
            async with database.tenant(slug) as session:
                await access.revoke(session, access.Ended(uuid4(), kind, what, by, why))
    return {"tenants": tenants}
