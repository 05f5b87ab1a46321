"""A release rendered and validated in process; both libraries are heavy, so only the tests that ask pay for them."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml  # YAML 1.1, as the API server reads it: an unquoted `yes` must show itself here

from tests.deploy.releases import CHART, Render, Valid, Values, mode
from tests.deploy.rules import Obj

KUBERNETES = "1.34"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@pytest.fixture(scope="session")
def helm() -> Any:
    import helm_python

    return helm_python


@pytest.fixture(scope="session")
def chart(helm: Any) -> Iterator[Any]:
    with helm.Chart.load(str(CHART)) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def render(chart: Any) -> Render:
    def rendered(values: Values, name: str = "waymark") -> list[Obj]:
        texts = chart.render(values, name=name, namespace="send")
        text = "\n---\n".join(text for path, text in texts.items() if path.endswith(".yaml"))
        return [d for d in yaml.load_all(text, LOADER) if d]

    return rendered


@pytest.fixture(scope="session")
def valid() -> Valid:
    import kubernetes_validate

    seen: set[str] = set()

    def check(obj: Obj) -> None:
        text = json.dumps(obj, sort_keys=True)
        if text not in seen:
            kubernetes_validate.validate(obj, KUBERNETES, strict=True)
            seen.add(text)

    return check


@pytest.fixture(scope="session")
def fullest(render: Render) -> list[Obj]:
    return render(mode("production"))


@pytest.fixture
def released(fullest: list[Obj]) -> list[Obj]:
    """The fullest example, rendered; a copy that a test may spoil."""
    return copy.deepcopy(fullest)
