"""The chart: linted, rendered, validated and held to our own rules, with no cluster and no helm binary."""

import functools
import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.deploy.releases import CHART, MODES, REPOSITORY, Render, Valid, Values, mode, one, over
from tests.deploy.rules import Obj, broken, containers, of_kind

SWITCHES: list[Values] = [
    {"api": {"autoscaling": {"enabled": True}}},
    {"migrations": {"hook": False}},
    {"temporal": {"mtls": {"existingSecret": "m"}, "apiKey": {"existingSecret": "k"}}},
    {"smtp": {"existingSecret": "s"}},
    {"telemetry": {"endpoint": "https://otel.example:4318"}},
    {"networkPolicy": {"apiFrom": [], "workerFrom": []}},
]


def pairs() -> Iterator[Values]:
    """Every pair of switches, and all of them, over the least that can be released."""
    for chosen in (*itertools.combinations_with_replacement(SWITCHES, 2), SWITCHES):
        yield functools.reduce(over, chosen, mode("least"))


# What the chart is


def test_there_is_an_example_for_every_mode() -> None:
    assert set(MODES) == {"least", "production", "argo", "bare"}


@pytest.mark.parametrize("name", MODES)
def test_the_chart_lints_strictly(helm: Any, name: str) -> None:
    report = helm.lint(str(CHART), mode(name), strict=True, namespace="send")
    assert report["errors"] == []
    assert [m for m in report["messages"] if m["severity"] > 1] == []


def test_the_chart_and_the_program_have_one_version() -> None:
    said = yaml.safe_load((CHART / "Chart.yaml").read_text())
    program = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert said["appVersion"] == program


def test_the_chart_brings_no_database_and_no_temporal(chart: Any) -> None:
    assert chart.metadata.get("dependencies") is None
    assert not (CHART / "charts").exists()


# What it renders


@pytest.mark.parametrize("name", MODES)
def test_every_object_of_every_mode_is_valid_kubernetes(render: Render, valid: Valid, name: str) -> None:
    objects = render(mode(name))
    assert {o["kind"] for o in objects} >= {"Deployment", "Service", "ServiceAccount"}
    for obj in objects:
        valid(obj)


@pytest.mark.parametrize("name", MODES)
def test_every_mode_keeps_every_rule(render: Render, name: str) -> None:
    values = mode(name)
    closed = values.get("networkPolicy", {}).get("enabled", True)
    assert set(broken(render(values))) == (set() if closed else {"network_is_closed"})


def test_every_pair_of_switches_is_valid_and_keeps_every_rule(render: Render, valid: Valid) -> None:
    for values in pairs():
        objects = render(values)
        assert broken(objects) == {}, values
        for obj in objects:
            valid(obj)


def test_the_same_values_render_the_same_bytes(helm: Any) -> None:
    texts = []
    for _ in range(2):
        with helm.Chart.load(str(CHART)) as fresh:
            texts.append(fresh.render(mode("production"), name="waymark", namespace="send"))
    assert texts[0] == texts[1]
    sources = "".join(p.read_text() for p in (CHART / "templates").iterdir())
    assert not re.search(r"\b(now|rand\w+|uuidv4|gen(CA|SelfSigned|Signed|PrivateKey)\w*|lookup)\b", sources)


def test_a_long_release_name_still_gives_sound_names(render: Render) -> None:
    assert broken(render(over(mode("least"), {"migrations": {"hook": False}}), "a" * 53)) == {}


def test_containers_run_the_commands_of_the_program(released: list[Obj]) -> None:
    assert {c["name"]: " ".join(c["command"]) for _, c in containers(released)} == {
        "api": "waymark api run --host 0.0.0.0 --port 8000",
        "worker": "waymark worker run --health-port 9000",
        "migrations": "waymark db migrate",
    }


def test_a_digest_wins_over_a_tag_and_the_tag_over_the_charts_version(render: Render) -> None:
    def image(**said: str) -> str:
        objects = render(over(mode("least"), {"image": said}))
        (used,) = {c["image"] for _, c in containers(objects)}
        return used

    digest = "sha256:" + "a" * 64
    assert image(tag="1.2.3", digest=digest) == f"registry.example/waymark@{digest}"
    assert image(tag="1.2.3") == "registry.example/waymark:1.2.3"
    assert image() == "registry.example/waymark:0.1.0"


def test_a_plain_migrations_job_is_renamed_only_when_its_pod_changes(render: Render) -> None:
    def name(patch: Values) -> str:
        return one(render(over(mode("argo"), patch)), "Job")["metadata"]["name"]

    assert name({}) == name({"api": {"replicas": 5}})
    assert name({}) != name({"image": {"tag": "0.1.1"}})
    assert name({}) != name({"database": {"ownerUrlKey": "other"}})


def test_a_hook_is_asked_for_only_where_hooks_are_known(render: Render) -> None:
    def hooks(objects: list[Obj]) -> set[str]:
        return {o["kind"] for o in objects if "helm.sh/hook" in o["metadata"].get("annotations", {})}

    assert hooks(render(mode("production"))) == {"Job", "ServiceAccount", "NetworkPolicy"}
    assert hooks(render(mode("argo"))) == set()


def test_ways_out_follow_the_addresses_given(released: list[Obj]) -> None:
    def ports(end: str) -> set[int]:
        ways = one(released, "NetworkPolicy", end)["spec"]["egress"]
        return {p["port"] for way in ways for p in way["ports"]}

    assert ports("-api") == {53, 6432, 7233, 4318, 443, 8443}
    assert ports("-worker") == {53, 6432, 7233, 4318, 587}
    assert ports("-migrations") == {53, 6432}


def test_nobody_named_means_nobody_let_in(render: Render) -> None:
    objects = render(over(mode("least"), {"networkPolicy": {"apiFrom": [], "workerFrom": []}}))
    assert not any("ingress" in p["spec"] for p in of_kind(objects, "NetworkPolicy"))


# What it says of itself


def secrets_read(objects: list[Obj]) -> dict[str, set[tuple[str, str]]]:
    """Variable -> (container, key) for every key of a Secret that a release reads, mounted files included."""
    read: dict[str, set[tuple[str, str]]] = {}
    for obj in of_kind(objects, "Deployment", "Job"):
        spec = obj["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        keys = {i["path"]: i["key"] for v in spec["volumes"] for i in v.get("secret", {}).get("items", [])}
        mount = next((m["mountPath"] for m in container["volumeMounts"] if m["name"] == "temporal-mtls"), None)
        for entry in container["env"]:
            reference = entry.get("valueFrom", {}).get("secretKeyRef")
            if reference:
                read.setdefault(entry["name"], set()).add((container["name"], reference["key"]))
            elif mount and entry.get("value", "").startswith(mount):
                key = keys.pop(entry["value"].removeprefix(mount + "/"))
                read.setdefault(entry["name"], set()).add((container["name"], key))
        assert not keys, f"mounted and never read: {keys}"
    return read


def test_every_key_of_a_secret_is_in_the_readme(render: Render, chart: Any) -> None:
    row = re.compile(r"^\| `(\w+)`[^|]*\| `([\w.]+)` \| `([\w.]+)` \(`([^`]+)`\) \| ([\w, ]+) \|$", re.MULTILINE)
    said = {
        variable: {(who, default) for who in readers.split(", ")}
        for variable, _, _, default, readers in row.findall((CHART / "README.md").read_text())
    }
    everything = functools.reduce(over, SWITCHES[2:], mode("production"))
    assert secrets_read(render(everything)) == said
    for _, secret, key, default, _ in row.findall((CHART / "README.md").read_text()):
        for path, wanted in ((secret, ""), (key, default)):
            value: Any = chart.values
            for step in path.split("."):
                value = value[step]
            assert value == wanted, path


@pytest.mark.parametrize(
    ("name", "warned"),
    [
        ("production", set()),
        ("least", {"tag", "Temporal"}),
        ("argo", {"tag", "plain Job"}),
        ("bare", {"tag", "Migrations are off", "Network policies are off"}),
    ],
)
def test_the_notes_warn_of_what_is_weaker_than_it_could_be(chart: Any, name: str, warned: set[str]) -> None:
    notes = chart.render(mode(name), name="waymark", namespace="send")["waymark/templates/NOTES.txt"]
    said = {
        "tag": "named by a tag",
        "Temporal": "without mTLS and without an API key",
        "plain Job": "plain Job",
        "Migrations are off": "Migrations are off",
        "Network policies are off": "Network policies are off",
    }
    assert {key for key, words in said.items() if words in notes} == warned


def test_the_schema_knows_exactly_the_values_that_have_a_default(chart: Any) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())

    def compare(of: Obj, values: Any, path: str) -> None:
        of = schema["definitions"][of["$ref"].rpartition("/")[2]] if "$ref" in of else of
        if "properties" in of:
            assert of["additionalProperties"] is False, path
            assert set(of["properties"]) == set(values), path
            for key, below in of["properties"].items():
                compare(below, values[key], f"{path}/{key}")

    compare(schema, chart.values, "")
