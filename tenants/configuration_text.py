"""A configuration as YAML for people to read and keep: the same document, its keys in the order in which the form is described."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

_ORDER = (
    "configuration overlay process why overlays closed_days letters escalation teams facts deadlines gates decisions notices without tasks"
    " logo address telephone email sign_off deadline on to say by at members processes within at_least before every from warn who record"
    " needs contains"
)
ORDER = _ORDER.split()


def as_yaml(document: Mapping[str, Any]) -> str:
    """The document as YAML 1.2; `workflows.library.read_yaml` reads it back."""
    writer = YAML(typ="rt", pure=True)
    writer.width = 10_000  # no text is broken where its author did not
    writer.default_flow_style = False
    out = io.StringIO()
    writer.dump(_ordered(document), out)
    return out.getvalue()


def _ordered(value: Any) -> Any:
    """Known keys first, in the order of the form, then names by the alphabet: JSON in a database keeps no order of its own."""
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: (ORDER.index(key) if key in ORDER else len(ORDER), key))
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_ordered(one) for one in value]
    return value
