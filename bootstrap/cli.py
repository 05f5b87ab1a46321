"""The command `waymark`: results on stdout, progress on stderr, `--json` for machines, honest exit codes.

0 done; 1 failed; 2 wrong usage; 3 something in the way, with what to do about it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from bootstrap.access_commands import token_app
from bootstrap.configuration_commands import configuration_app
from bootstrap.faults import StackFault
from bootstrap.policy_commands import policy_app
from bootstrap.settings import Settings
from bootstrap.tenant_commands import case_rebuild, tenant_app
from bootstrap.terminal import Json, TenantOption, err, give, leave, run, say

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Waymark: lawful clocks that anyone can check.")
worker_app, api_app, db_app, schema_app, case_app, audit_app, law_app = (typer.Typer(no_args_is_help=True) for _ in range(7))
app.add_typer(worker_app, name="worker", help="The process that plays cases.")
app.add_typer(api_app, name="api", help="The process that serves GraphQL.")
app.add_typer(db_app, name="db", help="The database.")
app.add_typer(schema_app, name="schema", help="The public GraphQL schema.")
app.add_typer(case_app, name="case", help="Cases, through GraphQL.")
app.add_typer(audit_app, name="audit", help="The journal.")
app.add_typer(law_app, name="law", help="Changes of the law, and the cases that are open.")
app.add_typer(configuration_app, name="config", help="What a council sets for itself, through GraphQL.")
app.add_typer(token_app, name="token", help="A token of the embedded issuer; `revoke` ends a sign-in.")
app.add_typer(tenant_app, name="tenant", help="Local authorities.")
app.add_typer(policy_app, name="policy", help="Who may do what, and why.")
case_app.command("rebuild")(case_rebuild)


class Play(StrEnum):
    """What `waymark demo` plays."""

    PLAN = "plan"
    LIFE = "life"


@app.command()
def up(demo: Annotated[bool, typer.Option(help="Play one whole EHC plan case once the stack is up.")] = False) -> None:
    """Start the whole stack on this machine and serve until Ctrl-C."""
    from bootstrap.up import serve

    serve(Settings(), say, play=demo)


@app.command()
def demo(
    which: Annotated[Play, typer.Argument(help="One EHC plan case, or a whole life with a plan, in two councils.")] = Play.PLAN,
    url: str = "",
    tenant: Annotated[str, typer.Option(help="The local authority of the EHC plan case; a life is played in its own two.")] = "westshire",
) -> None:
    """Play one whole EHC plan case, or a whole life, on a running stack, through its public API."""
    settings, console = Settings(), Console(highlight=False, soft_wrap=True)
    there = url or f"http://127.0.0.1:{settings.port}"
    if which is Play.LIFE:
        from bootstrap.demo_life import play as play_life

        play_life(there, settings, console)
        return
    from bootstrap.demo import play

    play(there, settings, tenant, console)


@app.command()
def people(tenant: TenantOption = "westshire", as_json: Json = False) -> None:
    """The seeded people of a tenant, their roles and relations."""
    from bootstrap.sign_in import listed

    found = listed(tenant)
    lines = [f"{one['subject']:<14} {one['name']:<14} {', '.join(one['roles'])}  {one['relations'] or ''}" for one in found]
    give(found, as_json=as_json, lines=lines)


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Definitions and catalogues; none: all on the shelf.")] = None,
    overlay: Annotated[bool, typer.Option(help="The files are a council's overlays (docs/overlays.md).")] = False,
    as_json: Json = False,
) -> None:
    """Check definitions: their form, their soundness, and every path through them. Or prove that overlays keep the law."""
    from bootstrap.checking import check_all, check_overlays

    reports, sound = (check_overlays if overlay else check_all)(files or [])
    give(reports, as_json=as_json, lines=[line for report in reports for line in report["lines"]])
    raise typer.Exit(0 if sound else 1)


@app.command()
def explain(
    case: Annotated[str, typer.Argument(help="The id of a case.")],
    tenant: TenantOption = "westshire",
    role: str = "la_caseworker",
    as_json: Json = False,
) -> None:
    """Every date of a case, with the steps and the law that gave it."""
    from bootstrap.asking import explained

    found, lines = explained(Settings(), tenant, role, case)
    give(found, as_json=as_json, lines=lines)


@case_app.command("list")
def case_list(tenant: TenantOption = "westshire", role: str = "la_caseworker", as_json: Json = False) -> None:
    """The cases that a role sees, the nearest legal limit first."""
    from bootstrap.asking import worklist

    found, lines = worklist(Settings(), tenant, role)
    give(found, as_json=as_json, lines=lines)


@case_app.command("show")
def case_show(case: str, tenant: TenantOption = "westshire", role: str = "la_caseworker", as_json: Json = False) -> None:
    """One case: stage, clocks, what may be done, and its journal."""
    from bootstrap.asking import shown

    found, lines = shown(Settings(), tenant, role, case)
    give(found, as_json=as_json, lines=lines)


@worker_app.command("run")
def worker_run(health_port: int = 0) -> None:
    """Run a worker until it is told to stop."""
    from bootstrap import telemetry, worker

    telemetry.log_to_stderr()
    plugins = telemetry.start("waymark-worker")
    run(_until_signalled(lambda stopped: worker.run(Settings(), stopped, plugins, health_port)))


@api_app.command("run")
def api_run(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the API until it is told to stop."""
    from bootstrap import telemetry, web

    telemetry.log_to_stderr()
    run(web.run(Settings(), host, port, telemetry.start("waymark-api")))


@db_app.command("migrate")
def db_migrate() -> None:
    """Bring the database to the present tables and policies. Needs WAYMARK_DATABASE_OWNER_URL."""
    from store.migrate import migrate

    settings = Settings()
    settings.need("database_owner_url")
    run(migrate(settings.database_owner_url.get_secret_value()))
    say("The database is up to date.")


@schema_app.command("print")
def schema_print() -> None:
    """The SDL of the public schema."""
    from graphql_api.schema import sdl

    sys.stdout.write(sdl())


@schema_app.command("check")
def schema_check(old: Path) -> None:
    """Compare with an older SDL; exit 1 when a client would break."""
    from graphql import build_schema, find_breaking_changes

    from graphql_api.schema import sdl

    try:
        before = old.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StackFault(
            f"The old schema {old} cannot be read.", type(error).__name__, "give the file that `waymark schema print` wrote."
        ) from None
    broken = find_breaking_changes(build_schema(before), build_schema(sdl()))
    for change in broken:
        sys.stdout.write(f"{change.type.name}: {change.description}\n")
    raise typer.Exit(1 if broken else 0)


@audit_app.command("verify")
def audit_verify(tenant: Annotated[str, typer.Option(help="One tenant; none: all.")] = "", as_json: Json = False) -> None:
    """Follow the hash chain of every case: nothing edited, removed, reordered or put in."""
    from bootstrap.operating import verified

    found, sound = run(verified(Settings(), tenant))
    lines = [f"{one['tenant']}: {one['rows']} entries of {one['cases']} cases, {len(one['broken'])} broken" for one in found]
    give(found, as_json=as_json, lines=lines)
    leave(0 if sound else 1)


@law_app.command("list")
def law_list(as_json: Json = False) -> None:
    """The changes of the law on the shelf, with their dates."""
    from workflows import library

    found = [library.amendment(name) for name in library.amendments()]
    lines = [f"{one.name}  {one.status}  {one.since} to {one.until or 'further notice'}  {one.title}" for one in found]
    given = [{"name": one.name, "status": one.status, "from": one.since, "until": one.until, "title": one.title} for one in found]
    give(given, as_json=as_json, lines=lines or ["None."])


@law_app.command("rehearse")
def law_rehearse(name: str, tenant: TenantOption = "westshire", as_json: Json = False) -> None:
    """What a change, a draft of one or a drafted process would do to each open case: dates, excuses, rights. Nothing is changed."""
    from bootstrap.operating import rehearsal

    found = run(rehearsal(Settings(), tenant, name))
    lines = [
        line for one in found for line in (f"{one['reference']}  {one['process']}", *(f"    {each['say']}" for each in one["differences"]))
    ]
    give(found, as_json=as_json, lines=lines or ["No open case would be touched."])
    leave(0)


@law_app.command("revise")
def law_revise(name: str, tenant: TenantOption = "westshire") -> None:
    """Move the open cases under a change that is in force today: each by an entry of its journal."""
    from bootstrap.operating import revision

    say(f"{run(revision(Settings(), tenant, name, say))} cases moved under {name}.")
    leave(0)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look at what this machine and these settings would make difficult."""
    from bootstrap.operating import examined

    found = examined(Settings())
    give(
        found,
        as_json=as_json,
        lines=[f"{'ok ' if one['ok'] else 'NOT'} {one['what']}{'' if one['ok'] else ': ' + one['do']}" for one in found],
    )
    raise typer.Exit(0 if all(one["ok"] for one in found) else 3)


async def _until_signalled(work: Any) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await work(stopped)


def main() -> None:
    """The entry point: faults as three lines, never a traceback for what a person can mend."""
    code = 0
    try:
        code = int(app(standalone_mode=False) or 0)  # without standalone mode an exit code is returned, not raised
    except StackFault as fault:
        what, why, do = map(escape, (fault.what, fault.why, fault.do))
        err.print(f"[bold red]{what}[/]\n{why}\n[bold]What to do:[/] {do}", highlight=False, soft_wrap=True)
        code = 3
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except Exception as error:
        said = getattr(error, "format_message", None)
        if said is not None:
            err.print(f"[bold red]{escape(said())}[/]", highlight=False, soft_wrap=True)
            code = 2
        else:
            err.print(f"[bold red]{type(error).__name__}[/]: {escape(str(error))}", highlight=False, soft_wrap=True)
            code = 1
    leave(code)


if __name__ == "__main__":
    main()
