"""YAML for tests, by another and faster reader than the product's. A test holds the two against each other (tests/workflows/test_library.py)."""

from __future__ import annotations

import re
from typing import Any

import yaml


class _Texts(yaml.CSafeLoader):
    """Everything is a text: no yes is a truth and nothing is a day."""


class _Values(yaml.CSafeLoader):
    """Only true, false, whole numbers, nothing and days are more than texts: as in YAML 1.2, with the product's days."""


_Texts.yaml_implicit_resolvers = {}
_Values.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("timestamp", r"\d{4}-\d{2}-\d{2}", "0123456789"),
):
    _Values.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))


def texts(document: str) -> Any:
    """A document as mappings, lists and texts."""
    return yaml.load(document, Loader=_Texts)  # noqa: S506 - a safe loader


def values(document: str) -> Any:
    """A document as plain values."""
    return yaml.load(document, Loader=_Values)  # noqa: S506 - a safe loader
