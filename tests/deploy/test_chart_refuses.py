"""What the chart does not take: a wrong value is refused before anything is rendered, and says where it is."""

import re
from typing import Any

import pytest

from tests.deploy.releases import Render, Values, mode, over


@pytest.mark.parametrize(
    ("patch", "path"),
    [
        ({"imagee": {}}, "imagee"),
        ({"image": {"digest": "nope"}}, "/image/digest"),
        ({"image": {"tag": "latest"}}, "/image/tag"),
        ({"image": {"repository": ""}}, "/image/repository"),
        ({"image": {"repository": "registry.example/waymark:latest"}}, "/image/repository"),
        ({"image": {"pullPolicy": "Sometimes"}}, "/image/pullPolicy"),
        ({"database": {"existingSecret": ""}}, "/database/existingSecret"),
        ({"database": {"ownerSecret": None}}, "/database"),
        ({"database": {"url": "postgresql://waymark:secret@db/waymark"}}, "'url'"),
        ({"codec": {"existingSecret": ""}}, "/codec/existingSecret"),
        ({"temporal": {"address": "temporal-frontend"}}, "/temporal/address"),
        ({"identity": {"issuers": ""}}, "/identity/issuers"),
        ({"telemetry": {"endpoint": "collector:4318"}}, "/telemetry/endpoint"),
        ({"telemetry": {"variables": {"PATH": "/x"}}}, "PATH"),
        ({"telemetry": {"variables": {"OTEL_EXPORTER_OTLP_HEADERS": "t"}}}, "OTEL_EXPORTER_OTLP_HEADERS"),
        ({"api": {"replicas": 0}}, "/api/replicas"),
        ({"api": {"replicas": "2"}}, "/api/replicas"),
        ({"api": {"resources": {"limits": {"memory": None}}}}, "/api/resources/limits"),
        ({"api": {"tmpSize": "lots"}}, "/api/tmpSize"),
        ({"worker": {"terminationGracePeriodSeconds": 10}}, "/worker/terminationGracePeriodSeconds"),
        ({"worker": {"securityContext": {"runAsUser": 0}}}, "securityContext"),
        ({"networkPolicy": {"dns": []}}, "/networkPolicy/dns"),
        ({"networkPolicy": {"apiFrom": [{}]}}, "/networkPolicy/apiFrom/0"),
        ({"networkPolicy": {"egress": {"database": {"ports": [0]}}}}, "/networkPolicy/egress/database/ports/0"),
    ],
)
def test_a_bad_value_is_refused_and_its_path_named(helm: Any, render: Render, patch: Values, path: str) -> None:
    with pytest.raises(helm.HelmValuesError) as refused:
        render(over(mode("least"), patch))
    assert path in str(refused.value)


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({"api": {"autoscaling": {"enabled": True, "minReplicas": 9}}}, "minReplicas 9 is above maxReplicas 6"),
        ({"api": {"preStopSeconds": 60}}, "must be longer than api.preStopSeconds"),
        ({"database": {"ownerSecret": "waymark-database"}}, "must not share one URL"),
    ],
)
def test_values_that_contradict_each_other_are_refused_in_a_sentence(helm: Any, render: Render, patch: Values, says: str) -> None:
    with pytest.raises(helm.HelmError, match=re.escape(says)):
        render(over(mode("least"), patch))


def test_a_chart_with_no_values_says_everything_it_lacks(helm: Any, render: Render) -> None:
    with pytest.raises(helm.HelmValuesError) as refused:
        render({})
    lacks = ("image/repository", "database/existingSecret", "database/ownerSecret", "codec/existingSecret")
    lacks += ("temporal/address", "identity/issuers", "identity/audience")
    assert [path for path in lacks if f"'/{path}'" not in str(refused.value)] == []
    assert "$ref" not in str(refused.value)


def test_global_values_are_let_through_for_an_umbrella_chart(render: Render) -> None:
    assert render(over(mode("least"), {"global": {"anything": 1}})) == render(mode("least"))
