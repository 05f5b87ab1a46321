"""The chart's own examples, laid over one another, and a way to find an object in what they render."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.rules import Obj, of_kind

REPOSITORY = Path(__file__).parents[2]
CHART = REPOSITORY / "deploy" / "helm" / "waymark"
MODES = {p.name.removesuffix("-values.yaml"): p for p in sorted((CHART / "ci").glob("*-values.yaml"))}

Values = dict[str, Any]
Render = Callable[..., list[Obj]]
Valid = Callable[[Obj], None]


def mode(name: str) -> Values:
    """The values of one of the chart's own examples."""
    return yaml.safe_load(MODES[name].read_text())


def over(base: Values, patch: Values) -> Values:
    """A copy of `base` with `patch` laid over it, the way helm merges values."""
    merged = copy.deepcopy(base)
    for key, value in patch.items():
        below = merged.get(key)
        merged[key] = over(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return merged


def one(objects: list[Obj], kind: str, end: str = "") -> Obj:
    """The one object of this kind whose name ends so."""
    (found,) = [o for o in of_kind(objects, kind) if o["metadata"]["name"].endswith(end)]
    return found


def pod(objects: list[Obj], kind: str, end: str) -> Obj:
    """The pod of the one workload of this kind whose name ends so."""
    return one(objects, kind, end)["spec"]["template"]["spec"]
