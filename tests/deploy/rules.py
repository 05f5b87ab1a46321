"""What a rendered release must keep, one rule a function; a rule answers with its faults, in words."""

import re
from collections.abc import Callable, Iterator
from typing import Any

Obj = dict[str, Any]
Rule = Callable[[list[Obj]], list[str]]

WORKER_GRACEFUL_SECONDS = 10
TMP = "/tmp"  # noqa: S108 (the one path a pod may write)
OWNER = "WAYMARK_DATABASE_OWNER_URL"


def called(obj: Obj) -> str:
    """The name a fault calls an object by."""
    return f"{obj['kind']}/{obj['metadata']['name']}"


def of_kind(objects: list[Obj], *kinds: str) -> list[Obj]:
    """The objects of these kinds, in order."""
    return [o for o in objects if o["kind"] in kinds]


def workloads(objects: list[Obj]) -> Iterator[tuple[str, Obj, Obj]]:
    """Every object that makes pods: its name, itself, and its pod template."""
    for obj in of_kind(objects, "Deployment", "Job", "StatefulSet", "DaemonSet"):
        yield called(obj), obj, obj["spec"]["template"]


def containers(objects: list[Obj]) -> Iterator[tuple[str, Obj]]:
    """Every container, the initial ones too."""
    for name, _, template in workloads(objects):
        for kind in ("initContainers", "containers"):
            for container in template["spec"].get(kind, []):
                yield f"{name}/{container['name']}", container


def chosen(selector: Obj, labels: dict[str, str]) -> bool:
    """Does a selector choose what carries these labels? (This chart uses matchLabels alone.)"""
    return all(labels.get(k) == v for k, v in selector.items())


def pods_are_restricted(objects: list[Obj]) -> list[str]:
    faults = []
    for name, _, template in workloads(objects):
        spec = template["spec"]
        own = spec.get("securityContext", {})
        wanted = {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}}
        faults += [f"{name}: pod {k} is {own.get(k)!r}" for k, v in wanted.items() if own.get(k) != v]
        faults += [f"{name}: {k}" for k in ("hostNetwork", "hostPID", "hostIPC") if spec.get(k)]
        faults += [f"{name}: hostPath {v['name']}" for v in spec.get("volumes", []) if "hostPath" in v]
    for name, container in containers(objects):
        own = container.get("securityContext", {})
        wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsNonRoot": True}
        faults += [f"{name}: {k} is {own.get(k)!r}" for k, v in wanted.items() if own.get(k) is not v]
        if own.get("capabilities") != {"drop": ["ALL"]}:
            faults.append(f"{name}: capabilities are {own.get('capabilities')!r}")
        if own.get("privileged") or own.get("runAsUser", 10001) != 10001:
            faults.append(f"{name}: privileged or another user")
        faults += [f"{name}: hostPort" for p in container.get("ports", []) if "hostPort" in p]
    return faults


def nothing_comes_from_the_cluster(objects: list[Obj]) -> list[str]:
    """No token of the cluster's, and no WAYMARK_PORT=tcp://... from a Service that happens to be called waymark."""
    faults = [
        f"{name}: {key}"
        for name, _, template in workloads(objects)
        for key in ("automountServiceAccountToken", "enableServiceLinks")
        if template["spec"].get(key) is not False
    ]
    accounts = of_kind(objects, "ServiceAccount")
    faults += [f"{called(a)}: token" for a in accounts if a.get("automountServiceAccountToken") is not False]
    known = {a["metadata"]["name"] for a in accounts}
    for name, _, template in workloads(objects):
        account = template["spec"].get("serviceAccountName")
        if account not in known:
            faults.append(f"{name}: account {account} is not in the release")
    return faults


def writing_has_a_size(objects: list[Obj]) -> list[str]:
    faults = []
    for name, _, template in workloads(objects):
        volumes = {v["name"]: v for v in template["spec"].get("volumes", [])}
        faults += [f"{name}: {v} has no size" for v, b in volumes.items() if "emptyDir" in b and "sizeLimit" not in b["emptyDir"]]
        for container in template["spec"]["containers"]:
            mounts = {m["mountPath"]: m for m in container.get("volumeMounts", [])}
            faults += [f"{name}: mounts {m['name']}, not a volume" for m in mounts.values() if m["name"] not in volumes]
            if "emptyDir" not in volumes.get(mounts.get(TMP, {}).get("name"), {}):
                faults.append(f"{name}: /tmp can't be written")
    return faults


def images_stay_what_they_are(objects: list[Obj]) -> list[str]:
    faults = []
    for name, container in containers(objects):
        image = container["image"]
        tag = image.rpartition("/")[2].partition(":")[2]
        if not re.search(r"@sha256:[0-9a-f]{64}$", image) and tag in ("", "latest"):
            faults.append(f"{name}: {image}")
    return faults


def resources_are_said(objects: list[Obj]) -> list[str]:
    faults = []
    for name, container in containers(objects):
        given = container.get("resources", {})
        limits, requests = given.get("limits", {}), given.get("requests", {})
        if "memory" not in limits:
            faults.append(f"{name}: no memory limit")
        if "cpu" not in requests:
            faults.append(f"{name}: no cpu request")
        if "cpu" in limits:
            faults.append(f"{name}: a cpu limit throttles")
    return faults


def probes_reach_a_port(objects: list[Obj]) -> list[str]:
    faults = []
    for obj in of_kind(objects, "Deployment"):
        for container in obj["spec"]["template"]["spec"]["containers"]:
            ports = {p["name"] for p in container.get("ports", [])}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                port = container.get(probe, {}).get("httpGet", {}).get("port")
                if port not in ports:
                    faults.append(f"{called(obj)}: {probe} asks {port}")
            if container.get("livenessProbe", {}).get("httpGet", {}).get("path") == "/readyz":
                faults.append(f"{called(obj)}: a database that is away would restart the pod")
    return faults


def stopping_takes_its_time(objects: list[Obj]) -> list[str]:
    faults = []
    for obj in of_kind(objects, "Deployment"):
        spec = obj["spec"]["template"]["spec"]
        grace = spec.get("terminationGracePeriodSeconds", 0)
        for container in spec["containers"]:
            sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            if grace <= sleep + WORKER_GRACEFUL_SECONDS * (container["name"] == "worker"):
                faults.append(f"{called(obj)}: {grace} s is too short")
    return faults


def secrets_stay_apart(objects: list[Obj]) -> list[str]:
    faults = [f"{called(o)}: the chart makes a Secret" for o in of_kind(objects, "Secret")]
    for name, container in containers(objects):
        names = [e["name"] for e in container.get("env", [])]
        faults += [f"{name}: {n} twice" for n in sorted({n for n in names if names.count(n) > 1})]
        owner = container["name"] == "migrations"
        if (OWNER in names) is not owner:
            faults.append(f"{name}: {OWNER} {'is missing' if owner else 'is not its business'}")
        serving = {"WAYMARK_DATABASE_URL", "WAYMARK_CODEC_KEYS"}
        if bool(serving & set(names)) is owner:
            faults.append(f"{name}: {sorted(serving)}")
        for entry in container.get("env", []):
            secret = re.search(r"(DATABASE\w*|SMTP)_URL$|_KEYS$|_API_KEY$|_HEADERS$", entry["name"])
            if "value" in entry and (secret or re.search(r"://[^/@]*:[^/@]*@", entry["value"])):
                faults.append(f"{name}: {entry['name']} is written out")
        faults += [f"{name}: envFrom takes more than it names" for _ in container.get("envFrom", [])]
    return faults


def selectors_find_their_pods(objects: list[Obj]) -> list[str]:
    faults = []
    pods = {name: template["metadata"]["labels"] for name, _, template in workloads(objects)}
    for obj in of_kind(objects, "Deployment"):
        if not chosen(obj["spec"]["selector"]["matchLabels"], pods[called(obj)]):
            faults.append(f"{called(obj)}: does not find its own pods")
    single = [(o, o["spec"]["selector"]) for o in of_kind(objects, "Service")]
    single += [(o, o["spec"]["selector"]["matchLabels"]) for o in of_kind(objects, "PodDisruptionBudget", "Deployment")]
    for obj, selector in single:
        found = [name for name, labels in pods.items() if chosen(selector, labels)]
        if len(found) != 1:
            faults.append(f"{called(obj)}: finds {found}")
    for obj in of_kind(objects, "Service"):
        ports = {
            p["name"]
            for _, o, t in workloads(objects)
            if chosen(obj["spec"]["selector"], t["metadata"]["labels"]) and o["kind"] == "Deployment"
            for c in t["spec"]["containers"]
            for p in c.get("ports", [])
        }
        faults += [f"{called(obj)}: no port {p['targetPort']}" for p in obj["spec"]["ports"] if p["targetPort"] not in ports]
    return faults


def one_hand_on_replicas(objects: list[Obj]) -> list[str]:
    scaled = {o["spec"]["scaleTargetRef"]["name"] for o in of_kind(objects, "HorizontalPodAutoscaler")}
    deployments = {o["metadata"]["name"]: o for o in of_kind(objects, "Deployment")}
    faults = [f"autoscaler: no Deployment {name}" for name in sorted(scaled - deployments.keys())]
    for name, obj in deployments.items():
        if ("replicas" in obj["spec"]) is (name in scaled):
            faults.append(f"{called(obj)}: replicas {'fight the autoscaler' if name in scaled else 'are not said'}")
    return faults


def network_is_closed(objects: list[Obj]) -> list[str]:
    policies = of_kind(objects, "NetworkPolicy")
    faults = []
    for policy in policies:
        spec = policy["spec"]
        if sorted(spec.get("policyTypes", [])) != ["Egress", "Ingress"]:
            faults.append(f"{called(policy)}: only {spec.get('policyTypes')}")
        faults += [f"{called(policy)}: lets anybody in" for rule in spec.get("ingress", []) if not rule.get("from")]
        faults += [f"{called(policy)}: lets out to any port" for rule in spec.get("egress", []) if not rule.get("ports")]
    pods = {name: template["metadata"]["labels"] for name, _, template in workloads(objects)}
    for name, labels in pods.items():
        mine = [p["spec"] for p in policies if chosen(p["spec"]["podSelector"].get("matchLabels", {}), labels)]
        if not any("ingress" not in s and "egress" not in s for s in mine):
            faults.append(f"{name}: nothing denies by default")
        ways = [(p.get("port"), p.get("protocol")) for s in mine for r in s.get("egress", []) for p in r["ports"]]
        if (53, "UDP") not in ways or (53, "TCP") not in ways:
            faults.append(f"{name}: can't ask DNS")
    for policy in policies:
        if not any(chosen(policy["spec"]["podSelector"].get("matchLabels", {}), labels) for labels in pods.values()):
            faults.append(f"{called(policy)}: finds no pod")
    return faults


def hooks_bring_what_they_need(objects: list[Obj]) -> list[str]:
    """A hook runs before the release's own objects exist: account and policy must be hooks that come earlier."""

    def weight(obj: Obj) -> int | None:
        notes = obj["metadata"].get("annotations", {})
        return int(notes["helm.sh/hook-weight"]) if "helm.sh/hook" in notes else None

    faults = []
    policies = of_kind(objects, "NetworkPolicy")
    for job in of_kind(objects, "Job"):
        when = weight(job)
        if when is None:
            continue
        spec = job["spec"]["template"]
        needed = [o for o in of_kind(objects, "ServiceAccount") if o["metadata"]["name"] == spec["spec"]["serviceAccountName"]]
        own = [p for p in policies if "egress" in p["spec"] and chosen(p["spec"]["podSelector"]["matchLabels"], spec["metadata"]["labels"])]
        for obj in needed + own:
            before = weight(obj)
            if before is None or before >= when:
                faults.append(f"{called(job)}: {called(obj)} does not come before it")
    return faults


def names_are_sound(objects: list[Obj]) -> list[str]:
    seen: set[str] = set()
    faults = []
    for obj in objects:
        name = called(obj)
        if name in seen:
            faults.append(f"{name}: twice")
        seen.add(name)
        if len(obj["metadata"]["name"]) > 63:
            faults.append(f"{name}: too long")
        labels = obj["metadata"].get("labels", {})
        faults += [f"{name}: label {k}={v}" for k, v in labels.items() if not re.fullmatch(r"[A-Za-z0-9._-]{1,63}", v)]
    return faults


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        pods_are_restricted,
        nothing_comes_from_the_cluster,
        writing_has_a_size,
        images_stay_what_they_are,
        resources_are_said,
        probes_reach_a_port,
        stopping_takes_its_time,
        secrets_stay_apart,
        selectors_find_their_pods,
        one_hand_on_replicas,
        network_is_closed,
        hooks_bring_what_they_need,
        names_are_sound,
    )
}


def broken(objects: list[Obj]) -> dict[str, list[str]]:
    """The rules that are broken, with their faults."""
    return {name: faults for name, rule in RULES.items() if (faults := rule(objects))}
