"""`waymark config ...`: a council's configuration out and in, and what it would do. Through the public API, as an administrator."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from bootstrap.client import Asked
from bootstrap.faults import StackFault
from bootstrap.settings import Settings
from bootstrap.sign_in import token_for
from bootstrap.terminal import Json, TenantOption, give

configuration_app = typer.Typer(no_args_is_help=True)
Version = Annotated[int | None, typer.Option("--version", help="A version; left out: the one that is in force.")]
ROLE = "la_administrator"
YAML = "query($version: Int) { configuration(version: $version) { version status yaml } }"
DRAFT = """mutation($input: DraftConfigurationInput!) { draftConfiguration(input: $input) { __typename
  ... on ConfigurationRecorded { configuration { version revision status digest } } ... on Invalid { faults { path what why do } }
  ... on Refused { say } ... on Denied { reason } ... on NotFound { say } ... on Unavailable { say } ... on ConfigurationConflict { say } } }"""
PREVIEW = """query($version: Int!, $rehearse: Boolean!) { configurationPreview(version: $version, rehearse: $rehearse) { __typename
  ... on Denied { reason } ... on NotFound { say } ... on Unavailable { say }
  ... on ConfigurationPreview { differences refused { path what why do }
    proof { sound milliseconds choices apart { process pilots why } processes { process version sound certificate { digest states } counterExample { say path } } }
    rehearsal { lookedAt unchanged mayMove stay worsen cases(first: 100) { nodes { reference mayMove worsens say differences { say } } } } } } }"""


@configuration_app.command("export")
def config_export(tenant: TenantOption = "westshire", version: Version = None, as_json: Json = False) -> None:
    """The whole configuration as YAML, on stdout: what `import` takes."""
    found = _asked(tenant)(YAML, version=version)["configuration"]
    if found is None:
        raise StackFault(
            "There is no such configuration.", "A council that sets nothing works by the law as it is.", "see docs/configuration.md."
        )
    give(found, as_json=as_json, lines=[found["yaml"].rstrip()])


@configuration_app.command("import")
def config_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A document as docs/configuration.md describes it.")],
    why: Annotated[str, typer.Option("--why", help="The reason, for the history.")],
    tenant: TenantOption = "westshire",
    as_json: Json = False,
) -> None:
    """Make a draft of a document. It is proposed, approved by a second person and published through the API."""
    given = {"key": uuid4().hex, "yaml": file.read_text("utf-8"), "why": why}
    answer = _asked(tenant)(DRAFT, input=given)["draftConfiguration"]
    if answer["__typename"] == "ConfigurationRecorded":
        found = answer["configuration"]
        give(
            found,
            as_json=as_json,
            lines=[f"Version {found['version']} is a {found['status']}; `waymark config preview {found['version']}`"],
        )
        return
    faults = answer.get("faults") or [{"path": "", "what": answer.get("say") or answer.get("reason"), "why": "", "do": ""}]
    give(answer, as_json=as_json, lines=[_fault(fault) for fault in faults])
    raise typer.Exit(1)


@configuration_app.command("preview")
def config_preview(
    version: Annotated[int, typer.Argument(help="The version.")],
    tenant: TenantOption = "westshire",
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Play every open case under it as well.")] = False,
    as_json: Json = False,
) -> None:
    """What a version would do: in words, by the law, and to every open case. It changes nothing."""
    found = _asked(tenant)(PREVIEW, version=version, rehearse=rehearse)["configurationPreview"]
    if found["__typename"] != "ConfigurationPreview":
        raise StackFault("There is no preview.", found.get("reason") or found.get("say"), "see `waymark config export`.")
    give(found, as_json=as_json, lines=list(_told(found)))
    raise typer.Exit(0 if found["proof"]["sound"] else 1)


def _told(found: dict[str, Any]) -> list[str]:
    lines = ["What would be otherwise", *(f"  {line}" for line in found["differences"] or ["nothing"])]
    lines += ["", "By the law"]
    for proof in found["proof"]["processes"]:
        name = f"{proof['process']} v{proof['version']}"
        if proof["sound"]:
            lines.append(f"  {name}: proved; {proof['certificate']['states']} states, digest {proof['certificate']['digest']}")
        if proof["counterExample"]:
            lines += [
                f"  {name}: {proof['counterExample']['say']}",
                *(f"    {n}. {step}" for n, step in enumerate(proof["counterExample"]["path"], 1)),
            ]
    if found["proof"]["choices"]:
        lines.append(f"  proved beside {found['proof']['choices']} choices of pilots as well")
    lines += [f"  {one['process']} opens without {', '.join(one['pilots'])}: {one['why']}" for one in found["proof"]["apart"]]
    lines += [f"  {_fault(fault)}" for fault in found["refused"]]
    if found["rehearsal"]:
        told = found["rehearsal"]
        lines += [
            "",
            f"Of {told['lookedAt']} open cases {told['mayMove']} may move and {told['stay']} stay, {told['worsen']} of them to be no worse off",
        ]
        for case in told["cases"]["nodes"]:
            lines += [f"  {case['reference']}  {case['say'] or 'may move'}", *(f"    {one['say']}" for one in case["differences"])]
    return lines


def _fault(fault: dict[str, str]) -> str:
    return ". ".join(part for part in (f"{fault['path']}: {fault['what']}".lstrip(": "), fault["why"], fault["do"]) if part) + "."


def _asked(tenant: str) -> Asked:
    settings = Settings()
    token = token_for(settings, tenant, ROLE, lasts=timedelta(minutes=10))
    return Asked(f"http://127.0.0.1:{settings.port}", token, tenant)
