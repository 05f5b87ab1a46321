"""Pilots that somebody might plant: a small lawful one for each process, to be spoilt, and the ways to read what came of it."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

from statute.definition import Process
from statute.overlay import merge
from statute.pilot import Pilot, parse_pilot
from workflows import library
from workflows.library import read_yaml, shelf

AUTHORITY = ("local_authority", "decision_maker", "health_body", "setting", "school", "provider", "adviser")


def document(process: str = "ehc_plan", **rules: Any) -> dict[str, Any]:
    """A pilot within the law that adds these rules to one process."""
    return {
        "pilot": "planted",
        "title": "A planted pilot",
        "say": "It is planted.",
        "why": "To see it refused.",
        "status": "published",
        "legal_basis": {"say": "None.", "cite": "NEW s.1"},
        "about": "alternative_provision",
        "beyond_current_law": False,
        "cost_to_family": "none",
        "in_force": {"from": date(2026, 1, 1)},
        "eligible": "any",
        "consent": "none",
        "flag": "planted_flag",
        "variant": "planted",
        "law": {"NEW": {"title": "A new law", "number": "2026 c. 1"}},
        "sources": {"primary": ["NEW s.1"]},
        "processes": {process: rules},
    }


def shelved(name: str) -> dict[str, Any]:
    """The document of a pilot on the shelf, to be spoilt."""
    found = read_yaml(shelf().joinpath(library.PILOTS, f"{name}.yaml").read_text("utf-8"))
    assert isinstance(found, dict)
    return deepcopy(found)


def laid(pilot: Pilot | dict[str, Any], process: str) -> Process:
    """A process under a pilot."""
    return merge(library.get(process, 1), pilot if isinstance(pilot, Pilot) else parse_pilot(pilot))
