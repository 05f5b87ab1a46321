"""Cases on the command line, asked for through the public API like everything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bootstrap.client import Asked
from bootstrap.faults import StackFault
from bootstrap.settings import Settings
from bootstrap.sign_in import token_for

CLOCKS = """clocks { name item itemLabel say binds force due status metOn
  receipt { processDigest calendarDigest steps { say date } citations { instrument pinpoint evidence } } }"""
PAGE = 50
MORE = "pageInfo { hasNextPage endCursor }"
WORKLIST = f"""query($first: Int!, $after: String) {{ worklist(first: $first, after: $after) {{ {MORE}
  nodes {{ id reference version process {{ name }} stage {{ name }} nextDeadline {{ name say due status }} }} }} }}"""
CASE = "query($id: ID!) { case(id: $id) { id reference version openedOn process { name title } stage { name say } %s } }"
SHOWN = "clocks { name item itemLabel say due status metOn } actions { name say }"
JOURNAL = f"""query($id: ID!, $first: Int!, $after: String) {{ case(id: $id) {{ journal(first: $first, after: $after) {{ {MORE}
  nodes {{ sequence name say on recordedAt }} }} }} }}"""

Answer = tuple[Any, list[str]]


def worklist(settings: Settings, tenant: str, role: str) -> Answer:
    """The cases that a role sees, the nearest legal limit first."""
    asked = _asked(settings, tenant, role)
    nodes = _pages(lambda place: asked(WORKLIST, **place)["worklist"])
    lines = []
    for case in nodes:
        nearest = case["nextDeadline"]
        due = f"{nearest['due']}  {nearest['say']}" if nearest else "nothing due"
        lines.append(f"{case['reference']}  {case['process']['name']}/{case['stage']['name']}  {due}  {case['id']}")
    return nodes, lines or ["No cases."]


def shown(settings: Settings, tenant: str, role: str, case_id: str) -> Answer:
    """One case: stage, clocks, what may be done, and its journal."""
    asked = _asked(settings, tenant, role)
    case = _case(asked, tenant, role, case_id, SHOWN)
    case["journal"] = {"nodes": _pages(lambda place: asked(JOURNAL, id=case_id, **place)["case"]["journal"])}
    lines = [f"{case['reference']}  {case['stage']['say']}  (version {case['version']})", "", "Clocks"]
    lines += [f"  {clock['due'] or '-':<11} {clock['status']:<10} {_name(clock)}" for clock in case["clocks"]]
    lines += ["", "May be done now", *(f"  {action['name']}: {action['say']}" for action in case["actions"]), "", "Journal"]
    lines += [f"  {entry['sequence']:>3}  {entry['on']}  {entry['say']}" for entry in case["journal"]["nodes"]]
    return case, lines


def explained(settings: Settings, tenant: str, role: str, case_id: str) -> Answer:
    """Every date of a case, with its steps and its law."""
    case = _case(_asked(settings, tenant, role), tenant, role, case_id, CLOCKS)
    lines = []
    for clock in case["clocks"]:
        receipt = clock["receipt"]
        lines.append(f"{_name(clock)}: {clock['due'] or 'as soon as practicable'} ({clock['status'].lower().replace('_', ' ')})")
        lines += [f"    {step['say']}" for step in receipt["steps"]]
        lines += [f"    {cite['instrument']} {cite['pinpoint']} (evidence: {cite['evidence'].lower()})" for cite in receipt["citations"]]
    return case, lines


def _name(clock: dict[str, Any]) -> str:
    return f"{clock['say']} ({clock['itemLabel']})" if clock["itemLabel"] else str(clock["say"])


def _pages(page: Callable[[dict[str, Any]], dict[str, Any]]) -> list[dict[str, Any]]:
    """All of a list, page after page: one that ended at the fiftieth case would hide the others."""
    nodes: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        found = page({"first": PAGE, "after": after})
        nodes += found["nodes"]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return nodes


def _case(asked: Asked, tenant: str, role: str, case_id: str, fields: str) -> dict[str, Any]:
    case: dict[str, Any] | None = asked(CASE % fields, id=case_id)["case"]
    if case is None:
        raise StackFault("There is no such case.", f"Or a {role} of {tenant} may not see it.", "see `waymark case list`.")
    return case


def _asked(settings: Settings, tenant: str, role: str) -> Asked:
    token = token_for(settings, tenant, role, lasts=timedelta(minutes=10))
    return Asked(f"http://127.0.0.1:{settings.port}", token, tenant)
