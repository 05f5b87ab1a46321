"""That the checks of the chart can fail: each rule, and the schemas, against a release that was spoilt on purpose."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.deploy.releases import Valid, one, pod
from tests.deploy.rules import RULES, Obj

API, WORKER, JOB = ("Deployment", "-api"), ("Deployment", "-worker"), ("Job", "-migrations")


def first(objects: list[Obj], which: tuple[str, str]) -> Obj:
    """The first container of a workload."""
    return pod(objects, *which)["containers"][0]


PLANTED: list[tuple[str, Callable[[list[Obj]], Any]]] = [
    ("pods_are_restricted", lambda r: first(r, API)["securityContext"].update(readOnlyRootFilesystem=False)),
    ("pods_are_restricted", lambda r: first(r, JOB)["securityContext"].pop("capabilities")),
    ("pods_are_restricted", lambda r: first(r, WORKER)["securityContext"].update(privileged=True)),
    ("pods_are_restricted", lambda r: pod(r, *WORKER)["securityContext"].update(runAsUser=0)),
    ("pods_are_restricted", lambda r: pod(r, *API)["securityContext"].pop("seccompProfile")),
    ("pods_are_restricted", lambda r: pod(r, *API).update(hostNetwork=True)),
    ("pods_are_restricted", lambda r: pod(r, *API)["volumes"].append({"name": "h", "hostPath": {"path": "/"}})),
    ("pods_are_restricted", lambda r: pod(r, *API).update(initContainers=[{"name": "i", "image": "i:1"}])),
    ("nothing_comes_from_the_cluster", lambda r: pod(r, *JOB).pop("automountServiceAccountToken")),
    ("nothing_comes_from_the_cluster", lambda r: pod(r, *API).pop("enableServiceLinks")),
    ("nothing_comes_from_the_cluster", lambda r: pod(r, *API).update(serviceAccountName="default")),
    ("writing_has_a_size", lambda r: pod(r, *API)["volumes"][0].update(emptyDir={})),
    ("writing_has_a_size", lambda r: first(r, WORKER)["volumeMounts"].pop(0)),
    ("images_stay_what_they_are", lambda r: first(r, API).update(image="registry.example:5000/waymark:latest")),
    ("images_stay_what_they_are", lambda r: first(r, API).update(image="registry.example:5000/waymark")),
    ("resources_are_said", lambda r: first(r, WORKER)["resources"]["limits"].pop("memory")),
    ("resources_are_said", lambda r: first(r, WORKER)["resources"]["requests"].pop("cpu")),
    ("probes_reach_a_port", lambda r: first(r, WORKER)["livenessProbe"]["httpGet"].update(port="http")),
    ("probes_reach_a_port", lambda r: first(r, API).pop("startupProbe")),
    ("probes_reach_a_port", lambda r: first(r, API)["livenessProbe"]["httpGet"].update(path="/readyz")),
    ("stopping_takes_its_time", lambda r: pod(r, *WORKER).update(terminationGracePeriodSeconds=10)),
    ("stopping_takes_its_time", lambda r: pod(r, *API).pop("terminationGracePeriodSeconds")),
    ("secrets_stay_apart", lambda r: first(r, API)["env"].append({"name": "WAYMARK_DATABASE_OWNER_URL", "value": "x"})),
    ("secrets_stay_apart", lambda r: first(r, JOB)["env"].append({"name": "WAYMARK_CODEC_KEYS", "value": "x"})),
    ("secrets_stay_apart", lambda r: first(r, API)["env"].append({"name": "X", "value": "smtp://a:b@mail"})),
    ("secrets_stay_apart", lambda r: first(r, API)["env"].append(first(r, API)["env"][0])),
    ("secrets_stay_apart", lambda r: r.append({"kind": "Secret", "metadata": {"name": "s"}})),
    ("selectors_find_their_pods", lambda r: one(r, "Service")["spec"]["selector"].pop("app.kubernetes.io/component")),
    ("selectors_find_their_pods", lambda r: one(r, "Service")["spec"]["ports"][0].update(targetPort="web")),
    (
        "selectors_find_their_pods",
        lambda r: one(r, "PodDisruptionBudget", "-worker")["spec"]["selector"]["matchLabels"].update(typo="x"),
    ),
    ("one_hand_on_replicas", lambda r: one(r, *API)["spec"].update(replicas=2)),
    ("one_hand_on_replicas", lambda r: one(r, *WORKER)["spec"].pop("replicas")),
    ("one_hand_on_replicas", lambda r: one(r, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"].update(name="x")),
    ("network_is_closed", lambda r: r.remove(one(r, "NetworkPolicy", "-deny"))),
    ("network_is_closed", lambda r: one(r, "NetworkPolicy", "-api")["spec"]["ingress"].append({})),
    ("network_is_closed", lambda r: one(r, "NetworkPolicy", "-worker")["spec"]["egress"].append({"ports": []})),
    ("network_is_closed", lambda r: one(r, "NetworkPolicy", "-migrations")["spec"]["egress"].pop(0)),
    ("network_is_closed", lambda r: one(r, "NetworkPolicy", "-api")["spec"].update(policyTypes=["Ingress"])),
    ("hooks_bring_what_they_need", lambda r: one(r, "ServiceAccount", "-migrations")["metadata"].pop("annotations")),
    (
        "hooks_bring_what_they_need",
        lambda r: one(r, "NetworkPolicy", "-migrations")["metadata"]["annotations"].update({"helm.sh/hook-weight": "0"}),
    ),
    ("names_are_sound", lambda r: r.append(r[0])),
    ("names_are_sound", lambda r: r[0]["metadata"].update(name="n" * 64)),
]


@pytest.mark.parametrize(("rule", "plant"), PLANTED, ids=[f"{r}-{n}" for n, (r, _) in enumerate(PLANTED)])
def test_a_planted_mistake_turns_its_rule_red(released: list[Obj], rule: str, plant: Callable[[list[Obj]], Any]) -> None:
    assert RULES[rule](released) == []
    plant(released)
    assert RULES[rule](released) != []


def test_every_rule_has_a_planted_mistake() -> None:
    assert {rule for rule, _ in PLANTED} == set(RULES)


@pytest.mark.parametrize(
    "plant",
    [
        lambda r: pod(r, *API).update(terminationGracePeriod=5),
        lambda r: first(r, API).update(comand=["x"]),
        lambda r: one(r, "Service")["spec"]["ports"][0].update(port="eighty"),
        lambda r: one(r, *WORKER)["spec"].pop("selector"),
        lambda r: first(r, API)["env"].append({"name": "X", "value": 1}),
    ],
)
def test_a_planted_fault_is_not_valid_kubernetes(released: list[Obj], valid: Valid, plant: Callable[[list[Obj]], Any]) -> None:
    import kubernetes_validate

    def all_valid() -> None:
        for obj in released:
            valid(obj)

    all_valid()
    plant(released)
    with pytest.raises(kubernetes_validate.ValidationError):
        all_valid()
