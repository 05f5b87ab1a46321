"""The fictional tenants of the embedded stack, read from one folder each. Ids come from names, so that seeding twice is once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any
from uuid import UUID, uuid5

from ruamel.yaml import YAML

from tenants.identifiers import upn_check_letter
from tenants.mediators import Accreditation

NAMESPACE = UUID("6f1d5f0e-6c1a-4b52-9b1e-7a5b1c2d9e01")


@dataclass(frozen=True)
class SeededSetting:
    """A school or college."""

    id: UUID
    name: str
    kind: str
    urn: str


@dataclass(frozen=True)
class SeededChild:
    """A child, with an invented UPN of a reserved block."""

    id: UUID
    given_name: str
    family_name: str
    born_on: date
    setting_id: UUID
    upn: str


@dataclass(frozen=True)
class SeededPerson:
    """Somebody who can sign in, and how they stand to children and settings."""

    id: UUID
    subject: str
    name: str
    email: str | None
    roles: tuple[str, ...]
    parent_of: tuple[UUID, ...]
    is_child: UUID | None
    works_at: tuple[UUID, ...]
    since: date | None = None  # from when the relations hold, where not from the beginning
    accredited: Accreditation | None = None  # as a mediator


@dataclass(frozen=True)
class Seed:
    """One tenant with everybody in it."""

    tenant: str
    name: str
    dfe_code: str
    gss_code: str
    training: bool
    settings: tuple[SeededSetting, ...]
    children: tuple[SeededChild, ...]
    people: tuple[SeededPerson, ...]


def identity(tenant: str, kind: str, name: str) -> UUID:
    """The id of a seeded thing."""
    return uuid5(NAMESPACE, f"{tenant}/{kind}/{name}")


def all_seeds() -> tuple[Seed, ...]:
    """Every tenant that has a folder, in the order of their slugs."""
    folders = sorted((folder for folder in resources.files("tenants").iterdir() if folder.is_dir()), key=lambda folder: folder.name)
    files = [folder.joinpath("tenant.yaml") for folder in folders]
    return tuple(_seed(YAML(typ="safe", pure=True).load(file.read_text("utf-8"))) for file in files if file.is_file())


def _seed(given: dict[str, Any]) -> Seed:
    tenant, code = given["tenant"], given["dfe_code"]
    return Seed(
        tenant,
        given["name"],
        code,
        given["gss_code"],
        given["training"],
        tuple(
            SeededSetting(identity(tenant, "setting", key), one["name"], one["kind"], one["urn"]) for key, one in given["settings"].items()
        ),
        tuple(
            SeededChild(
                identity(tenant, "child", key),
                one["given_name"],
                one["family_name"],
                one["born_on"],
                identity(tenant, "setting", one["at"]),
                _upn(code, number),
            )
            for number, (key, one) in enumerate(given["children"].items(), 1)
        ),
        tuple(_person(tenant, subject, one) for subject, one in given["people"].items()),
    )


def _person(tenant: str, subject: str, one: dict[str, Any]) -> SeededPerson:
    return SeededPerson(
        identity(tenant, "person", subject),
        subject,
        one["name"],
        one.get("email"),
        tuple(one["roles"]),
        tuple(identity(tenant, "child", key) for key in one.get("parent_of", ())),
        identity(tenant, "child", one["is"]) if "is" in one else None,
        tuple(identity(tenant, "setting", key) for key in one.get("works_at", ())),
        one.get("since"),
        Accreditation(**one["accredited"]) if "accredited" in one else None,
    )


def _upn(code: str, number: int) -> str:
    rest = f"{code}999926{number:03d}"
    return upn_check_letter(rest) + rest
