"""The image's recipe: linted by hadolint, and held to what the chart and the lock promise."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DOCKERFILE = REPOSITORY / "Dockerfile"
HADOLINT = Path(sys.executable).parent / "hadolint"
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


def linted(path: Path) -> tuple[int, set[str]]:
    """Hadolint's exit code, and the codes of what it found."""
    run = subprocess.run([HADOLINT, "--no-color", "--format", "json", path], capture_output=True, text=True, check=False, timeout=60)
    return run.returncode, {found["code"] for found in json.loads(run.stdout)}


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile, each as its word and its joined line."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    return [(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in joined)]


def packages() -> set[str]:
    """What the wheel is made of."""
    return set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def stages(text: str) -> list[list[tuple[str, str]]]:
    """The instructions of each stage; what comes before the first FROM is dropped."""
    found: list[list[tuple[str, str]]] = []
    for instruction in instructions(text):
        if instruction[0] == "FROM":
            found.append([])
        if found:
            found[-1].append(instruction)
    return found


def faults(text: str) -> list[str]:
    """What the recipe breaks of our own rules; empty when nothing."""
    found = []
    every = instructions(text)
    built, *middle, served = stages(text)
    if middle or built is served:
        found.append("two stages, one that builds and one that serves")
    base = re.fullmatch(r"BASE=(\S+):(\S+)", every[0][1]) if every[0][0] == "ARG" else None
    if base is None or base[2] == "latest":
        found.append("ARG BASE comes first and names a version")
    if any(not rest.startswith("${BASE}") for word, rest in every if word == "FROM"):
        found.append("every stage starts from BASE")
    for rest in (r for w, r in every if w == "RUN"):
        for install in re.findall(r"pip install[^&|;]*", rest):
            if not ("--require-hashes" in install or {"--no-deps", "--no-index"} <= set(install.split())):
                found.append(f"fetches what the lock does not name: {install.strip()}")
    if not any(w == "RUN" and "--requirement requirements.lock" in r for w, r in built):
        found.append("nothing is installed from requirements.lock")
    if any(w == "RUN" and "pip" in r for w, r in served):
        found.append("the serving stage installs")
    users = [r for w, r in served if w == "USER"]
    if users != ["10001:10001"]:
        found.append(f"runs as {users}")
    if [r for w, r in served if w == "ENTRYPOINT"] != ['["waymark"]']:
        found.append("the entry point is the program")
    copied = {source for w, r in built if w == "COPY" for source in r.split()[:-1]}
    if copied != packages() | {"pyproject.toml", PROJECT["project"]["readme"], "requirements.lock"}:
        found.append(f"copies {sorted(copied)}")
    if any(not r.startswith("--from=build ") for w, r in served if w == "COPY"):
        found.append("the serving stage copies from the sources")
    if any(w == "ADD" for w, _ in every):
        found.append("ADD may fetch")
    if any(re.search(r"(?i)passw|secret|token|_key", r) for w, r in every if w in ("ARG", "ENV")):
        found.append("a secret would stay in a layer")
    return found


def test_hadolint_finds_nothing() -> None:
    assert linted(DOCKERFILE) == (0, set())


def test_no_rule_of_hadolint_is_switched_off() -> None:
    assert "hadolint ignore" not in DOCKERFILE.read_text()
    assert not list(REPOSITORY.glob(".hadolint.y*ml"))


@pytest.mark.parametrize(
    ("code", "plant"),
    [
        ("DL3002", lambda text: text.replace("USER 10001:10001", "USER root")),
        ("DL3007", lambda text: text.replace("FROM ${BASE} AS build", "FROM python:latest AS build")),
        ("DL3008", lambda text: text + "RUN apt-get update && apt-get install --yes curl\n"),
        ("DL3013", lambda text: text + "RUN pip install requests\n"),
        ("DL3025", lambda text: text.replace('ENTRYPOINT ["waymark"]', "ENTRYPOINT waymark")),
        ("DL4006", lambda text: text + "RUN cat /etc/passwd | wc -l\n"),
    ],
)
def test_hadolint_finds_a_planted_fault(tmp_path: Path, code: str, plant: Callable[[str], str]) -> None:
    spoilt = tmp_path / "Dockerfile"
    spoilt.write_text(plant(DOCKERFILE.read_text()))
    rc, codes = linted(spoilt)
    assert rc == 1
    assert code in codes


def test_the_recipe_keeps_our_own_rules() -> None:
    assert faults(DOCKERFILE.read_text()) == []


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("python:3.11-slim-bookworm", "python:latest", "names a version"),
        ("--require-hashes ", "", "the lock does not name"),
        ("--no-deps --no-index", "--no-deps", "the lock does not name"),
        ("USER 10001:10001", "USER 0", "runs as"),
        ("USER 10001:10001\n", "", "runs as"),
        ('ENTRYPOINT ["waymark"]', 'ENTRYPOINT ["sh", "-c", "waymark"]', "entry point"),
        ("COPY statute statute\n", "", "copies"),
        ("COPY statute statute\n", "COPY . .\n", "copies"),
        ("COPY --from=build /opt/waymark /opt/waymark", "COPY . /opt/waymark", "from the sources"),
        ("EXPOSE 8000 9000", "ADD https://example.org/x /x", "ADD"),
        ("PYTHONUNBUFFERED=1", "DATABASE_PASSWORD=x", "secret"),
        ("EXPOSE 8000 9000", "RUN pip install --no-deps --no-index x", "serving stage installs"),
        ("EXPOSE 8000 9000", "FROM ${BASE}", "two stages"),
    ],
)
def test_a_planted_fault_breaks_our_own_rules(was: str, becomes: str, says: str) -> None:
    text = DOCKERFILE.read_text()
    assert was in text
    assert any(says in fault for fault in faults(text.replace(was, becomes)))


def test_what_waymark_up_embeds_is_taken_out_again() -> None:
    embedded = {re.split(r"[=<>]", name)[0] for name in PROJECT["project"]["optional-dependencies"]["embedded"]}
    lock = (REPOSITORY / "requirements.lock").read_text()
    assert all(re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE) for name in embedded)
    gone = {name for out in re.findall(r"pip uninstall --yes ([^\n\\]+)", DOCKERFILE.read_text()) for name in out.split()}
    assert embedded <= gone


def test_only_what_is_copied_reaches_the_builder() -> None:
    rules = [r for r in (REPOSITORY / ".dockerignore").read_text().splitlines() if r and not r.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert let_in == packages() | {"pyproject.toml", PROJECT["project"]["readme"], "requirements.lock"}


def test_the_entry_point_is_a_program_of_the_wheel() -> None:
    assert "waymark" in PROJECT["project"]["scripts"]
