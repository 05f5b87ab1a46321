"""Tokens for the seeded people of the embedded stack, and who they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bootstrap.faults import StackFault, no_tenant
from bootstrap.issuer import Issuer
from bootstrap.settings import Settings
from tenants.seeds import Seed, SeededPerson, all_seeds


def issuer(settings: Settings) -> Issuer:
    """The issuer of the stack in the data folder. Raises StackFault when there is none."""
    if not settings.home.is_dir():
        raise StackFault("There is no stack here.", f"{settings.home} does not exist.", "run `make run` first, or set WAYMARK_HOME.")
    return Issuer(settings.home.resolve(), f"http://127.0.0.1:{settings.port}/issuer", audience=settings.audience)


def token_for(settings: Settings, tenant: str, role: str, person: str = "", lasts: timedelta = timedelta(hours=8)) -> str:
    """A token for somebody who has a role in a tenant.

    Raises:
        StackFault: no such tenant, role or person among the seeded ones.
    """
    found = find(tenant, role, person)
    return issuer(settings).token(found.subject, {tenant: [role]}, lasts)


def find(tenant: str, role: str, person: str = "") -> SeededPerson:
    """The first person of a tenant with a role, or the one named. Raises StackFault."""
    seed = _seed(tenant)
    for one in seed.people:
        if role in one.roles and person in ("", one.subject, str(one.id)):
            return one
    roles = sorted({role for one in seed.people for role in one.roles})
    raise StackFault(
        f"Nobody called {person or 'anything'} is a {role} in {tenant}.", f"Roles there: {', '.join(roles)}.", "see `waymark people`."
    )


def listed(tenant: str) -> list[dict[str, Any]]:
    """Everybody of a tenant."""
    seed = _seed(tenant)
    children = {child.id: f"{child.given_name} {child.family_name}" for child in seed.children}
    settings = {setting.id: setting.name for setting in seed.settings}
    return [
        {
            "id": str(one.id),
            "subject": one.subject,
            "name": one.name,
            "roles": list(one.roles),
            "relations": [f"parent of {children[child]}" for child in one.parent_of]
            + ([f"is {children[one.is_child]}"] if one.is_child else [])
            + [f"works at {settings[setting]}" for setting in one.works_at],
            "children": [str(child) for child in (*one.parent_of, *([one.is_child] if one.is_child else []))],
            "settings": [str(setting) for setting in one.works_at],
        }
        for one in seed.people
    ]


def _seed(tenant: str) -> Seed:
    seeds = {seed.tenant: seed for seed in all_seeds()}
    if tenant not in seeds:
        raise no_tenant(tenant, seeds, "Seeded")
    return seeds[tenant]
