"""`waymark tenant ...`: the commands about local authorities. As the owner: WAYMARK_DATABASE_OWNER_URL, or the stack of this data folder."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bootstrap.settings import Settings
from bootstrap.terminal import Json, give, leave, run, say, whoever

tenant_app = typer.Typer(no_args_is_help=True)
Tenant = Annotated[str, typer.Argument(help="The local authority, for example westshire.")]
Why = Annotated[
    str, typer.Option("--why", help="The reason, for its history, and told to whoever may not act there meanwhile: no child's name.")
]
By = Annotated[str, typer.Option("--by", help="Who orders it; left out: who is signed in on this machine.")]


@tenant_app.command("import")
def tenant_import(
    dfe: Annotated[
        Path,
        typer.Option("--dfe", exists=True, dir_okay=False, help="A file of the Department's release on EHC plans, rows of authorities."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    skip_closed: Annotated[
        bool, typer.Option("--skip-closed", help="Old codes in the file are no failure; they are skipped anyhow.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a tenant of each authority in a published file. As the owner: WAYMARK_DATABASE_OWNER_URL, or the stack of this data folder."""
    from bootstrap.authorities import imported, opened

    found, lines, well = run(imported(Settings(), dfe.name, opened(dfe), dry_run=dry_run, skip_closed=skip_closed))
    give(found, as_json=as_json, lines=lines)
    leave(0 if well else 1)


@tenant_app.command("list")
def tenant_list(as_json: Json = False) -> None:
    """The tenants, with their codes, their regions, and whether each was a Change Programme area."""
    from bootstrap.authorities import listed

    found, lines = run(listed(Settings()))
    give(found, as_json=as_json, lines=lines or ["None."])
    leave(0)


@tenant_app.command("create")
def tenant_create(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="A YAML file with these fields; options outrank it.")
    ] = None,
    slug: Annotated[str, typer.Option(help="Its short name, for ever.")] = "",
    name: Annotated[str, typer.Option(help="Its name, as letters bear it.")] = "",
    dfe_code: Annotated[str, typer.Option(help="Three digits of the Department for Education.")] = "",
    gss_code: Annotated[str, typer.Option(help="Its code at the Office for National Statistics.")] = "",
    region: Annotated[str, typer.Option(help="E12000001 to E12000009.")] = "",
    opened_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From when it has its duties.")] = None,
    why: Why = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Make one authority. What is there is never changed: where the form says otherwise, that is told and the exit code is 1."""
    from bootstrap.lifecycle import created
    from tenants.form import FaultyForm, form_of, read_form

    told = {"tenant": slug, "name": name, "dfe_code": dfe_code, "gss_code": gss_code, "region_code": region}
    told["opened_on"] = opened_on.date() if opened_on else None  # type: ignore[assignment]
    try:
        given = read_form(file.read_text("utf-8", "replace")) if file else {}
        form = form_of({**given, **{key: value for key, value in told.items() if value}})
    except FaultyForm as faulty:
        give(
            [{"what": one.what, "why": one.why, "do": one.do} for one in faulty.faults],
            as_json=as_json,
            lines=[str(one) for one in faulty.faults],
        )
        leave(1)
    else:
        found, lines, well = run(created(Settings(), form, by or whoever(), why or "waymark tenant create"))
        give(found, as_json=as_json, lines=lines)
        leave(0 if well else 1)


@tenant_app.command("show")
def tenant_show(tenant: Tenant, as_json: Json = False) -> None:
    """One authority: whether it is active, what it has to do, and its history: who did what, when and why."""
    from bootstrap.lifecycle import shown

    found, lines = run(shown(Settings(), tenant))
    give(found, as_json=as_json, lines=lines)
    leave(0)


@tenant_app.command("suspend")
def tenant_suspend(tenant: Tenant, why: Why, by: By = "") -> None:
    """Let nobody act there but operators and auditors. Limits, reminders and letters go on: the law does not wait."""
    from bootstrap.lifecycle import suspended

    _tell(run(suspended(Settings(), tenant, by or whoever(), why)), tenant, "suspended")


@tenant_app.command("resume")
def tenant_resume(tenant: Tenant, why: Why, by: By = "") -> None:
    """Let a suspended authority act again."""
    from bootstrap.lifecycle import resumed

    _tell(run(resumed(Settings(), tenant, by or whoever(), why)), tenant, "active")


@tenant_app.command("close")
def tenant_close(
    tenant: Tenant,
    why: Why,
    by: By = "",
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of its end; left out: today.")] = None,
    successor: Annotated[list[str] | None, typer.Option(help="Who took its duties over; may be given several times.")] = None,
) -> None:
    """End an authority for good, once it has nothing left to do. Its records stay, for auditors."""
    from bootstrap.lifecycle import closed

    day = on.date() if on else None
    _tell(run(closed(Settings(), tenant, by or whoever(), why, day, successor or [])), tenant, "closed")


@tenant_app.command("export")
def tenant_export(
    tenant: Tenant,
    file: Annotated[Path, typer.Argument(help="A new file; it is sealed with the codec keys, and only you may read it.")],
    why: Why,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Everything of one authority, as it stands at one moment, in one sealed file with a manifest. Personal data."""
    from bootstrap.tenant_files import exported

    found, lines, sound = run(exported(Settings(), tenant, file, by or whoever(), why))
    give(found, as_json=as_json, lines=lines)
    leave(0 if sound else 1)


@tenant_app.command("restore")
def tenant_restore(
    file: Annotated[Path, typer.Argument(help="A file of `waymark tenant export`.")], why: Why, by: By = "", as_json: Json = False
) -> None:
    """Put an authority into a database where it is not, verify it, and let its open cases go on."""
    from bootstrap.tenant_files import restored, taken_up

    found, lines = run(restored(Settings(), file, by or whoever(), why))
    give(found, as_json=as_json, lines=lines)
    _, lines, well = run(taken_up(Settings(), found["tenant"]))
    say("\n".join(lines))
    leave(0 if well else 1)


PlanFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The plan (docs/tenants.md).")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would go where, and what stands against it; do nothing.")]


@tenant_app.command("split")
def tenant_split(plan: PlanFile, dry_run: DryRun = False, by: By = "", as_json: Json = False) -> None:
    """Hand the children of one authority, with everything of theirs, over to those that come after it. Stopped, give the plan again."""
    _reorganise("split", plan, dry_run, by, as_json)


@tenant_app.command("merge")
def tenant_merge(plan: PlanFile, dry_run: DryRun = False, by: By = "", as_json: Json = False) -> None:
    """Hand the children of several authorities over to one. Stopped, give the plan again."""
    _reorganise("merge", plan, dry_run, by, as_json)


def _reorganise(kind: str, file: Path, dry_run: bool, by: str, as_json: bool) -> None:
    from bootstrap.reorganisation import ordered
    from tenants.form import FaultyForm
    from tenants.reorganisation import read_plan

    try:
        plan = read_plan(file.read_text("utf-8", "replace"))
    except FaultyForm as faulty:
        told = [{"what": one.what, "why": one.why, "do": one.do} for one in faulty.faults]
        give(told, as_json=as_json, lines=[str(one) for one in faulty.faults])
        leave(1)
    else:
        found, lines, well = run(ordered(Settings(), plan, kind, by or whoever(), say, dry_run=dry_run))
        give(found, as_json=as_json, lines=lines)
        leave(0 if well else 1)


def case_rebuild(
    case: Annotated[str, typer.Argument(help="The id of one case, refused where it runs; left out: all that do not run.")] = "",
    tenant: Annotated[str, typer.Option(help="The local authority, for example westshire.")] = "westshire",
) -> None:
    """Let open cases go on that do not run, each folded from its journal and compared with what is stored; for after a loss of Temporal."""
    from bootstrap.tenant_files import one_taken_up, taken_up

    if case:
        give({}, as_json=False, lines=[run(one_taken_up(Settings(), tenant, case))])
        leave(0)
    _, lines, well = run(taken_up(Settings(), tenant))
    give({}, as_json=False, lines=lines)
    leave(0 if well else 1)


def _tell(changed: Any, tenant: str, standing: str) -> None:
    say(f"{tenant} is {standing}{'' if changed else ' already: nothing was changed'}.")
    leave(0)
