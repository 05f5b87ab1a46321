"""The national catalogue on the shelf: found by version and day, each read and checked once. It is an example and no law: the file says so."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache
from importlib.resources.abc import Traversable

from tenants.standards import Catalogue, parse_local, parse_national
from workflows.library import LOCK, Unknown, read_yaml, shelf

FOLDER = "standards"


def files() -> dict[int, Traversable]:
    """Every file of the catalogue by its version."""
    found = (file for file in shelf().joinpath(FOLDER).iterdir() if file.name.startswith("v") and file.name.endswith(".yaml"))
    return {int(file.name[1:-5]): file for file in found}


@cache
def get(version: int) -> Catalogue:
    """A version by its exact number.

    Raises:
        Unknown: it is not on the shelf.
        Faulty: the file is broken.
    """
    file = files().get(version)
    if file is None:
        raise Unknown(f"no version {version} of the national standards: there are {', '.join(map(str, sorted(files())))}")
    return parse_national(read_yaml(file.read_text("utf-8")))


@cache
def versions() -> tuple[Catalogue, ...]:
    """Every version, the latest first."""
    return tuple(get(version) for version in sorted(files(), reverse=True))


def in_force(on: date) -> Catalogue | None:
    """The version that is looked at on a day; nothing before the first."""
    return next((one for one in versions() if one.in_force_from <= on), None)


def local(text: str, version: int, in_force_from: date) -> Catalogue:
    """What a council's local inclusion plan offers, from the text of its file.

    Raises:
        Faulty: with every fault, and where the text is no YAML.
    """
    return parse_local(read_yaml(text), version, in_force_from)


def changed_since_published() -> list[str]:
    """Versions whose content is not the one in `published.lock`, or that the lock does not know."""
    locked = dict(line.split()[::-1] for line in shelf().joinpath(LOCK).read_text("utf-8").splitlines() if line.strip())
    digests = {f"{FOLDER}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest() for _, file in sorted(files().items())}
    return [f"{name} {digest}" for name, digest in digests.items() if locked.get(name) != digest]
