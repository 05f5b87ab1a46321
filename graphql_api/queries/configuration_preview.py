"""`configurationPreview`: what a version would do, before anybody decides. It changes no case and no rule."""

from __future__ import annotations

from graphql_api import configuring
from graphql_api.context import Context
from graphql_api.types import results
from graphql_api.types.configuration import configuration_of, proof_of
from graphql_api.types.rehearsed import ConfigurationPreview, rehearsal_of
from store import configurations
from tenants.configuration import empty
from tenants.differences import differences


async def preview(
    context: Context, version: int, *, rehearsing: bool, again: bool
) -> ConfigurationPreview | results.Denied | results.NotFound | results.Unavailable:
    """The differences, the proof, and what would become of the open cases, where it keeps the law."""
    async with context.read() as reading:
        may, today = reading.standing.may(*configuring.READ), reading.standing.today
        one = await configurations.read(reading.session, version) if may.allowed else None
        now = await configurations.published(reading.session) if may.allowed else None
    if not may.allowed:
        return results.Denied(reason=may.reason)
    if one is None:
        return results.NotFound(say=configuring.NO_VERSION)
    new, old = configuring.read_document(one), configuring.read_document(now) if now else empty()
    proved = await configuring.prove(context, one)
    if isinstance(proved, results.Unavailable) or proved.proof is None:
        return results.unavailable()
    proof = proof_of(proved.proof)
    rehearsal = None
    if rehearsing and proof.sound:
        # Cases of processes that either of them speaks of; those pinned to anything are looked at in any case.
        processes = sorted({*new.processes, *old.processes})
        summary = await configuring.rehearse(context, proved, processes, again=again)
        if isinstance(summary, results.Unavailable):
            return summary
        rehearsal = rehearsal_of(context, version, summary)
    async with context.read() as reading:
        entries = await configurations.history(reading.session, [version])
    return ConfigurationPreview(
        configuration=configuration_of(context, proved, entries[version]),
        differences=differences(old, new, configuring.processes_of(today, old, new)),
        refused=[fault for process in proof.processes for fault in process.refused],
        proof=proof,
        rehearsal=rehearsal,
    )
