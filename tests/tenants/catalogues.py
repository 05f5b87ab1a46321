"""A small catalogue of each kind, to be broken by tests."""

from __future__ import annotations

from typing import Any


def national(**more: Any) -> dict[str, Any]:
    """A sound document of the national kind."""
    from datetime import date

    return {
        "national_standards": True,
        "version": 1,
        "title": "An example",
        "status": "example",
        "evidence": "none",
        "say": "Not law.",
        "in_force": {"from": date(2024, 9, 1)},
        **body("standards"),
        **more,
    }


def local(**more: Any) -> dict[str, Any]:
    """A sound document of the local kind."""
    return {"local_provision": True, "title": "Westshire", "say": "What we offer.", **body("offers"), **more}


def body(of: str) -> dict[str, Any]:
    return {
        "provisions": {"therapy": "Therapy", "teaching": "Teaching"},
        of: {
            "weekly_therapy": entry(at_least={"minutes": 30, "every": "week"}),
            "adapted": entry(needs="all", tier="universal", phases="all", what="teaching", by=["setting"]),
        },
    }


def entry(**more: Any) -> dict[str, Any]:
    return {
        "say": "A therapist works with the child",
        "needs": ["SLCN", "ASD"],
        "tier": "specialist",
        "phases": ["primary", "secondary"],
        "section": "F",
        "what": "therapy",
        "by": ["health_body", "local_authority"],
        **more,
    }
