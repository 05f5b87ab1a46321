"""The proof of a configuration from documents alone: the same in a process of its own, and plain enough to be stored."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

from workflows import library
from workflows.proving import Proof, proved

TARGET = {"overlay": "early", "process": "ehc_plan", "why": "Early.", "deadlines": {"final_plan_sent": {"within": "18 weeks"}}}
LATER = {**TARGET, "deadlines": {"final_plan_sent": {"within": "21 weeks"}}}
NEVER = {**TARGET, "deadlines": {}, "gates": {"family_heard": {"needs": ["setting_consulted"]}}}


def asked(*documents: object) -> Proof:
    return proved("ehc_plan", 1, (), documents)


def test_a_certificate_names_both_fingerprints_and_can_be_stored() -> None:
    found = asked(TARGET)
    assert found.sound
    assert found.certificate is not None
    told: dict[str, Any] = json.loads(json.dumps(found.as_document()))["certificate"]
    assert told["national"] == library.get("ehc_plan", 1).digest != told["digest"]
    assert told["states"] > 100 < told["transitions"]
    assert {route["ending"] for route in told["routes"]} == library.get("ehc_plan", 1).endings
    longest = next(route["steps"] for route in told["routes"] if route["ending"] == told["longest"])
    assert len(longest) == max(len(route["steps"]) for route in told["routes"])
    assert told["limits"]["final_plan_sent"] == "20 weeks from received on"  # the law's, whatever the council aims at
    assert told["limits"]["family_consulted"] == "as soon as practicable from received on"


@pytest.mark.parametrize(
    ("documents", "path", "law"),
    [
        ((LATER,), "deadlines.final_plan_sent.within", "SEND reg.13(2)"),
        ((NEVER,), "will_assess", "CFA s.36(4)"),
        ((TARGET, TARGET), "deadlines.final_plan_sent", "of the law"),
        (("nonsense",), "(the document)", "named parts"),
    ],
)
def test_what_stands_in_the_way_is_told_in_one_shape(documents: tuple[object, ...], path: str, law: str) -> None:
    found = asked(*documents)
    assert not found.sound
    [fault] = [one for one in found.wrong() if one.path == path]
    assert law in fault.why
    assert fault.what
    assert fault.do
    assert json.loads(json.dumps(found.as_document()))["sound"] is False


def test_an_unknown_process_is_no_proof() -> None:
    with pytest.raises(library.Unknown):
        proved("ehc_plan", 99)


@pytest.mark.thorough
def test_a_process_of_its_own_gives_the_same_answer() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for documents in ((TARGET,), (LATER,), (NEVER,)):
            assert pool.submit(proved, "ehc_plan", 1, (), documents).result() == asked(*documents)
