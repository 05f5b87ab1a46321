"""`waymark policy explain`: why somebody may or may not, by rule and by row. Through the public API, as a manager of the council."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from bootstrap.client import Asked
from bootstrap.faults import StackFault
from bootstrap.settings import Settings
from bootstrap.sign_in import token_for
from bootstrap.terminal import Json, TenantOption, give

policy_app = typer.Typer(no_args_is_help=True)
EXPLAIN = """query($subject: String!, $object: String!, $act: String!, $id: ID) {
  explainAccess(subject: $subject, object: $object, act: $act, id: $id) { allowed reason roles
    decidedBy { line text allows } rules { line text relation allows holds } relations { kind since until current } } }"""


@policy_app.callback()
def policy() -> None:
    """Who may do what, and why."""


@policy_app.command("explain")
def policy_explain(
    subject: Annotated[str, typer.Option(help="Whose: as the sign-in service knows them.")],
    of: Annotated[str, typer.Option("--object", help="What: case, child, letter, setting ...")],
    act: Annotated[str, typer.Option(help="What they want to do: read, as_family ...")],
    row: Annotated[str, typer.Option("--id", help="Which; left out for what is judged on the council as a whole.")] = "",
    tenant: TenantOption = "westshire",
    role: Annotated[str, typer.Option(help="Who asks: la_manager or auditor.")] = "la_manager",
    as_json: Json = False,
) -> None:
    """Why somebody may or may not: the rule with its line, the rows with their days, and every deny that was weighed."""
    settings = Settings()
    asked = Asked(f"http://127.0.0.1:{settings.port}", token_for(settings, tenant, role, lasts=timedelta(minutes=10)), tenant)
    found = asked(EXPLAIN, subject=subject, object=of, act=act, id=row or None)["explainAccess"]
    if found is None:
        raise StackFault("There is nothing to explain.", f"No such person or row, or a {role} may not see it.", "see `waymark people`.")
    by = found["decidedBy"]
    lines = [f"{'May' if found['allowed'] else 'May not'}: {found['reason']}", f"As {', '.join(found['roles'])}"]
    lines += [f"Decided by policies/national.csv:{by['line']}: {by['text']}" if by else "No rule speaks of it for these roles."]
    lines += ["", "Weighed", *(f"  {'holds' if one['holds'] else '-':<6} :{one['line']:<4} {one['text']}" for one in found["rules"])]
    rows = [
        f"  {one['kind']:<17} {one['since']} to {one['until'] or '-'}{'' if one['current'] else '  (not today)'}"
        for one in found["relations"]
    ]
    give(found, as_json=as_json, lines=[*lines, "", "Rows", *(rows or ["  none"])])
