"""The policy against a table that was written from the law by hand, and against itself: every role, every act, every relation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from ruamel.yaml import YAML

from policies.actions import ACTS, ANYBODY, CAPACITIES, Act, Actor, Object, Role, Scope, in_words
from policies.enforcer import Policy, Unfit, capacities, decide, national
from policies.relations import IN_TENANT, MEANT, RELATIONS, Facts
from workflows import library

TABLE: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("expected.yaml").read_text("utf-8"))
ME = UUID("6f0d2c1e-7d0a-4f5e-9b7e-2f3c4d5e6f70")


def one(*roles: str) -> Actor:
    return Actor(ME, "westshire", frozenset(roles))


def facts(*names: str, item: str = "") -> Facts:
    """What holds in a row of one's own authority; a parent whose rights were handed over is a parent all the same."""
    held = {"any", *names} | ({"own_child"} if "handed_over" in names else set())
    held |= {"kept_from_acting", "kept_from_papers"} if "kept_from_record" in names else set()
    return Facts(frozenset(held), frozenset((name, item) for name in held & {"asked", "consulted"}))


def every_act() -> Iterator[tuple[Object, Act, Scope]]:
    for obj, acts in ACTS.items():
        for act, scope in acts.items():
            yield obj, act, scope


def situations(scope: Scope) -> Iterator[Facts]:
    """Every relation alone, and every two together: a deny shows only beside what would be allowed."""
    for n in (1, 2):
        for names in combinations(sorted(MEANT[scope]), n):
            yield facts(*names, item="medical")


def expected(role: str, obj: Object, act: Act, held: frozenset[str]) -> bool:
    cell = TABLE["allowed"][f"{obj}.{act}"][role]
    allowed = set() if cell == "never" else {cell} if isinstance(cell, str) else set(cell)
    denied = any(f"{obj}.{act}" in ban["acts"] and role in ban["roles"] and held & set(ban["while"]) for ban in TABLE["denied"])
    return bool(allowed & held) and not denied


def test_the_table_has_every_act_and_every_role() -> None:
    assert set(TABLE["roles"]) == set(Role)
    assert set(TABLE["allowed"]) == {f"{obj}.{act}" for obj, act, _ in every_act()}
    for name, row in TABLE["allowed"].items():
        assert set(row) == set(Role), name
        assert {cell for cells in row.values() for cell in ([cells] if isinstance(cells, str) else cells)} <= {*RELATIONS, "never"}
    assert {act for _, act, _ in every_act()} == set(Act)
    assert set(ACTS) == set(Object)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_exactly_what_the_table_says(role: Role) -> None:
    walked = 0
    for obj, act, scope in every_act():
        for held in situations(scope):
            decision = decide(one(role), obj, act, held, "medical")
            allowed = expected(role, obj, act, held.relations)
            assert decision.allowed == allowed, f"{role} {act} {obj} while {sorted(held.relations)}: {decision}"
            walked += 1
        assert not decide(one(role), obj, act, Facts(frozenset()), "medical").allowed, "no relation at all, not even to the authority"
    assert walked == sum(len(MEANT[scope]) * (len(MEANT[scope]) + 1) // 2 for _, _, scope in every_act())


def test_a_person_without_a_role_may_do_nothing() -> None:
    everything = facts(*RELATIONS, item="medical")
    for obj, act, _ in every_act():
        assert not decide(one(), obj, act, everything, "medical").allowed
        assert not decide(one("headteacher"), obj, act, everything, "medical").allowed


def test_whoever_may_act_on_a_case_may_read_it() -> None:
    for role in Role:
        for name in RELATIONS:
            held = facts(name, item="medical")
            if capacities(one(role), held, "medical"):
                assert decide(one(role), Object.CASE, Act.READ, held).allowed, f"{role} while {name}"


def test_whoever_may_open_a_case_may_read_the_child() -> None:
    for role in Role:
        for name in RELATIONS:
            if decide(one(role), Object.CASE, Act.OPEN, facts(name)).allowed:
                assert decide(one(role), Object.CHILD, Act.READ, facts(name)).allowed, f"{role} while {name}"


def test_an_act_is_listed_for_those_who_may_read_and_for_nobody_else() -> None:
    for role in Role:
        for name in RELATIONS:
            assert (
                decide(one(role), Object.CASE, Act.LIST, facts(name)).allowed
                == decide(one(role), Object.CASE, Act.READ, facts(name)).allowed
                == decide(one(role), Object.CLOCK, Act.READ, facts(name)).allowed
            )


def test_an_adviser_acts_only_as_asked() -> None:
    doctor, asked = one(Role.HEALTH_ADVISER), facts("asked", item="medical")
    assert capacities(doctor, asked, "medical") == {"adviser"}
    assert capacities(doctor, asked, "psychological") == frozenset()
    assert capacities(doctor, asked) == frozenset()
    assert decide(doctor, Object.CASE, Act.READ, asked).allowed
    assert decide(doctor, Object.CASE, Act.AS_ADVISER, asked, "psychological").reason == "You were not asked for this advice."


def test_a_setting_does_not_answer_for_another() -> None:
    head, consulted = one(Role.SETTING_CONSULTED), facts("consulted", item="oak")
    assert capacities(head, consulted, "oak") == {"setting"}
    assert capacities(head, consulted, "elm") == frozenset()


def test_a_provider_that_is_only_consulted_answers_for_itself_and_one_that_is_assigned_acts_in_the_whole_case() -> None:
    provider = one(Role.AP_PROVIDER)
    assert capacities(provider, facts("consulted", item="rowan"), "rowan") == {"provider"}
    assert capacities(provider, facts("consulted", item="rowan"), "alder") == frozenset()
    assert capacities(provider, facts("consulted", item="rowan")) == frozenset()
    assert capacities(provider, facts("assigned")) == capacities(provider, facts("assigned"), "rowan") == {"provider"}


def test_a_health_body_answers_what_it_was_asked_and_nothing_else() -> None:
    commissioner = one(Role.HEALTH_COMMISSIONER)
    assert capacities(commissioner, facts("asked")) == {"health_body"}
    assert capacities(commissioner, facts("asked", item="medical"), "medical") == {"health_body"}
    assert capacities(commissioner, facts("asked", item="medical"), "psychological") == frozenset()
    assert capacities(commissioner, facts("assigned"), "medical") == {"health_body"}


@pytest.mark.parametrize(("role", "capacity"), [(Role.MEDIATION_ADVISER, "mediation_adviser"), (Role.TRIBUNAL_STAFF, "tribunal")])
def test_mediation_and_tribunal_know_of_no_case_that_is_not_theirs(role: Role, capacity: str) -> None:
    assert capacities(one(role), facts("assigned")) == {capacity}
    assert decide(one(role), Object.CASE, Act.READ, facts("assigned")).allowed
    for name in set(RELATIONS) - {"assigned", "kept_from_record"}:
        assert capacities(one(role), facts(name)) == frozenset(), name
        assert decide(one(role), Object.CASE, Act.READ, facts(name)).reason == "This case is not assigned to you."


def test_the_school_is_the_one_where_the_child_is_on_roll() -> None:
    head, senco = one(Role.SCHOOL_HEAD), one(Role.SCHOOL_SENCO)
    for staff in (head, senco):
        assert capacities(staff, facts("on_roll")) == {"school", "requester"}
        assert capacities(staff, facts("requested")) == {"requester"}, "the school that asked, and where the child is no longer"
    assert decide(head, Object.CASE, Act.READ, facts("requested")).allowed
    assert not decide(head, Object.CASE, Act.READ, facts("consulted")).allowed
    said = decide(head, Object.CASE, Act.AS_SCHOOL, facts("requested")).reason
    assert said == "The child is not on the roll of a school or college where you work."


@pytest.mark.parametrize("role", [Role.SCHOOL_HEAD, Role.SCHOOL_SENCO])
def test_nobody_acts_for_the_school_in_the_case_of_their_own_child(role: Role) -> None:
    for tie, said in (("own_child", "You are a parent of this child here"), ("self", "This is about you")):
        held = facts("on_roll", tie)
        assert "school" not in capacities(one(role, Role.PARENT), held)
        assert decide(one(role, Role.PARENT), Object.CASE, Act.READ, held).allowed
        decision = decide(one(role), Object.CASE, Act.AS_SCHOOL, held)
        assert decision.reason == f"{said}, so you may not act for the child's school in this case."


@pytest.mark.parametrize("role", [Role.HEALTH_COMMISSIONER, Role.MEDIATION_ADVISER, Role.TRIBUNAL_STAFF])
def test_who_must_be_impartial_has_no_part_in_the_case_of_their_own_child(role: Role) -> None:
    assert capacities(one(role), facts("assigned", "own_child")) == frozenset()
    assert capacities(one(role), facts("assigned", "self")) == frozenset()
    assert capacities(one(role, Role.PARENT), facts("assigned", "own_child")) == {"family"}


def test_every_capacity_that_a_definition_names_is_one_that_the_policy_can_grant() -> None:
    """Otherwise the act is for nobody, and asking for it would find no words for the refusal."""
    named = {
        (name, capacity) for name, version in library.files() for act in library.get(name, version).acts.values() for capacity in act.by
    }
    assert {(name, capacity) for name, capacity in named if capacity not in CAPACITIES} == set()
    granted = {act for _, act, _, _, effect in national().rules() if effect == "allow"}
    assert {str(act) for act in CAPACITIES.values()} <= granted


def test_capacities_add_up_over_roles_and_relations() -> None:
    senco = one(Role.SCHOOL_SENCO)
    assert capacities(senco, facts("on_roll", "asked", item="education"), "education") == {"school", "requester", "adviser"}
    assert capacities(one(Role.LA_MANAGER), IN_TENANT) == {"local_authority", "decision_maker"}
    assert capacities(one(Role.LA_CASEWORKER, Role.DECISION_MAKER), IN_TENANT) == {"local_authority", "decision_maker"}
    assert capacities(one(Role.SCHOOL_HEAD, Role.SETTING_CONSULTED), facts("on_roll", "consulted", item="elm"), "elm") == {
        "school",
        "requester",
        "setting",
    }
    of_families_and_council = {"family", "requester", "local_authority", "decision_maker"}
    assert set(CAPACITIES) == of_families_and_council | {
        "adviser",
        "setting",
        "school",
        "provider",
        "health_body",
        "mediation_adviser",
        "tribunal",
    }


def test_an_officer_is_only_a_parent_in_the_case_of_their_own_child() -> None:
    officer = one(Role.PARENT, Role.LA_CASEWORKER, Role.DECISION_MAKER)
    assert capacities(officer, facts("own_child")) == {"family"}
    assert capacities(officer, IN_TENANT) == {"local_authority", "decision_maker"}
    said = decide(officer, Object.CASE, Act.AS_DECISION_MAKER, facts("own_child"))
    assert said.reason == "You are a parent of this child here, so you may not decide for the council in this case."


def test_after_compulsory_school_age_the_parent_still_reads_and_no_longer_acts() -> None:
    held = facts("handed_over")
    assert decide(one(Role.PARENT), Object.CASE, Act.READ, held).allowed
    assert capacities(one(Role.PARENT), held) == frozenset()
    assert capacities(one(Role.YOUNG_PERSON), facts("self")) == {"family"}
    assert capacities(one(Role.PARENT, Role.YOUNG_PERSON), facts("self")) == {"family"}, "a young parent in their own case"


def test_whom_an_order_keeps_from_the_record_sees_and_does_nothing_although_a_parent_and_whatever_else_they_are() -> None:
    for roles in ([Role.PARENT], [Role.PARENT, Role.LA_MANAGER], [Role.SCHOOL_HEAD], list(Role)):
        held = facts("own_child", "on_roll", "asked", "consulted", "assigned", "granted", "kept_from_record", item="medical")
        assert capacities(one(*roles), held, "medical") == frozenset()
        for obj, act, scope in every_act():
            if scope is Scope.CASE or (obj is Object.CHILD and scope is Scope.CHILD):
                assert not decide(one(*roles), obj, act, held, "medical").allowed, f"{roles} {act} {obj}"
    said = decide(one(Role.PARENT), Object.CASE, Act.READ, facts("own_child", "kept_from_record")).reason
    assert said == "An order keeps you from the record of this child, so you may not see cases."


def test_whom_an_order_keeps_from_acting_still_reads_and_whom_it_keeps_from_the_papers_still_acts() -> None:
    parent = one(Role.PARENT)
    still, without = facts("own_child", "kept_from_acting"), facts("own_child", "kept_from_papers")
    assert capacities(parent, still) == frozenset()
    assert capacities(parent, without) == {"family"}
    for obj, act in ((Object.CASE, Act.READ), (Object.CLOCK, Act.READ), (Object.CHILD, Act.READ)):
        assert decide(parent, obj, act, still).allowed
        assert decide(parent, obj, act, without).allowed
    for obj, act in ((Object.LETTER, Act.READ), (Object.PROVISION, Act.READ), (Object.JOURNAL, Act.READ_FAMILY_VIEW)):
        assert decide(parent, obj, act, still).allowed
        assert not decide(parent, obj, act, without).allowed


def test_support_sees_a_case_while_it_was_granted_and_none_of_its_papers() -> None:
    support = one(Role.OPS)
    assert decide(support, Object.CASE, Act.READ, facts("granted")).allowed
    assert not decide(support, Object.CASE, Act.READ, IN_TENANT).allowed
    assert capacities(support, facts("granted")) == frozenset()
    for obj, act in ((Object.LETTER, Act.READ), (Object.PROVISION, Act.READ), (Object.JOURNAL, Act.READ), (Object.CHILD, Act.READ)):
        assert not decide(support, obj, act, facts("granted")).allowed


@pytest.mark.parametrize("role", [Role.SCHOOL_HEAD, Role.SCHOOL_SENCO])
def test_what_is_judged_on_a_school_is_explained_by_the_school_and_by_no_child(role: Role) -> None:
    for obj, act in ((Object.SETTING, Act.RECORD_TERMS), (Object.CHILD, Act.CREATE)):
        assert decide(one(role), obj, act, facts("on_roll")).reason == "You work at this school or college."
        assert decide(one(role), obj, act, IN_TENANT).reason == "This is not for a school or college where you work."
    said = decide(one(Role.LA_MANAGER), Object.SETTING, Act.RECORD_TERMS, IN_TENANT)
    assert said.reason == "Your role here does not let you record the terms of this school or college."


def test_a_decision_explains_itself_in_a_sentence_without_personal_data() -> None:
    assert decide(one(Role.PARENT), Object.CASE, Act.READ, IN_TENANT).reason == "You are not a parent of this child here."
    assert (
        decide(one(Role.NATIONAL_PILOT_AUTHORITY), Object.CASE, Act.READ, IN_TENANT).reason == "Your role here does not let you see cases."
    )
    assert decide(one(Role.SCHOOL_SENCO), Object.CASE, Act.READ, IN_TENANT).reason.startswith("The child is not on the roll")
    for role in Role:
        for obj, act, scope in every_act():
            for name in MEANT[scope]:
                decision = decide(one(role), obj, act, facts(name))
                assert decision.reason[0].isupper()
                assert decision.reason.endswith(".")
                assert "_" not in decision.reason
                assert str(ME) not in decision.reason + decision.rule
                assert bool(decision.rule) or not decision.allowed, "what is allowed names its rule"
    assert all(in_words(obj, act) for obj, act, _ in every_act())


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("p, case, read, parent, own_chid, allow", "no relation own_chid"),
        ("p, case, read, parrent, own_child, allow", "no role parrent"),
        ("p, case, read, anybody, own_child, allow", "no role anybody"),
        ("p, case, raed, parent, own_child, allow", "no act raed on case"),
        ("p, child, as_family, parent, own_child, allow", "no act as_family on child"),
        ("p, setting, read, parent, own_child, allow", "means nothing on a setting"),
        ("p, case, read, parent, own_child, alow", "neither allow nor deny"),
        ("p, case, read, parent, own_child, deny", "said twice"),
        ("d, case, read, parent, any, deny", "not a rule"),
        ("p, case, read, parent, any", "not a rule"),
        ("p2, case, read, ops, any, allow", "not a rule"),
        ("# fine\n  p, case, read, ops, any, allow # a remark", "neither allow nor deny"),
    ],
)
def test_a_policy_with_a_fault_does_not_load(tmp_path: Path, line: str, fault: str) -> None:
    rules = tmp_path / "rules.csv"
    rules.write_text(f"p, case, read, parent, own_child, allow\n{line}\n", "utf-8")
    with pytest.raises(Unfit, match=fault):
        Policy(Path("policies/model.conf"), rules)


def test_a_model_with_another_effect_does_not_load(tmp_path: Path) -> None:
    model = tmp_path / "model.conf"
    model.write_text(Path("policies/model.conf").read_text("utf-8").replace(" && !some(where (p.eft == deny))", ""), "utf-8")
    with pytest.raises(Unfit, match="one allow, and no deny"):
        Policy(model, Path("policies/national.csv"))


def test_every_rule_of_the_file_is_loaded() -> None:
    lines = [line for line in Path("policies/national.csv").read_text("utf-8").splitlines() if line.startswith("p,")]
    assert [", ".join(("p", *rule)) for rule in national().rules()] == lines


@pytest.mark.thorough
def test_no_rule_can_be_dropped_or_turned_round_unnoticed(tmp_path: Path) -> None:
    """Mutants of the policy: without any one rule, or with its effect reversed, the table is no longer met."""
    lines = [line for line in Path("policies/national.csv").read_text("utf-8").splitlines() if line.startswith("p,")]
    turned = {"allow": "deny", "deny": "allow"}
    for n, line in enumerate(lines):
        obj, act, of, _, effect = (part.strip() for part in line.split(",")[1:])
        scope = ACTS[Object(obj)][Act(act)]
        if of == ANYBODY:
            turned_round = [*lines[:n], line.removesuffix(effect) + turned[effect], *lines[n + 1 :]]
            (tmp_path / "rules.csv").write_text("\n".join(turned_round), "utf-8")
            with pytest.raises(Unfit, match="no role anybody"):
                Policy(Path("policies/model.conf"), tmp_path / "rules.csv")
        for mutant in ([],) if of == ANYBODY else ([], [line.removesuffix(effect) + turned[effect]]):
            rules = tmp_path / "rules.csv"
            rules.write_text("\n".join(lines[:n] + mutant + lines[n + 1 :]), "utf-8")
            policy = Policy(Path("policies/model.conf"), rules)
            assert any(
                policy.decide(one(role), Object(obj), Act(act), held, "medical").allowed
                != expected(role, Object(obj), Act(act), held.relations)
                for role in (Role if of == ANYBODY else (of,))
                for held in situations(scope)
            ), f"without a trace: {line} -> {mutant}"
