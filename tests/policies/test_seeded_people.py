"""The fictional authorities have somebody for every role, and seeding them again is seeding them once."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select

from bootstrap.seed import seed
from policies.actions import Role
from store.session import Database
from store.tables import child, person, relation, setting
from tenants.identifiers import check_upn, check_urn
from tenants.seeds import Seed, all_seeds
from tests.conftest import Dsns

SEEDS = {one.tenant: one for one in all_seeds()}


@pytest.mark.parametrize("one", [one for one in SEEDS.values() if one.children], ids=[name for name, one in SEEDS.items() if one.children])
def test_every_role_has_somebody_in_every_authority_that_has_children(one: Seed) -> None:
    assert {role for each in one.people for role in each.roles} == set(Role)


@pytest.mark.parametrize("one", SEEDS.values(), ids=SEEDS)
def test_who_acts_for_a_place_works_there_and_who_is_independent_works_nowhere(one: Seed) -> None:
    kinds = {each.id: each.kind for each in one.settings}
    for each in one.people:
        places = {kinds[place] for place in each.works_at}
        if {Role.SCHOOL_HEAD, Role.SCHOOL_SENCO, Role.SETTING_CONSULTED} & set(each.roles):
            assert places, each.subject
        if Role.AP_PROVIDER in each.roles:
            assert places == {"alternative_provision"}
        if {Role.MEDIATION_ADVISER, Role.TRIBUNAL_STAFF, Role.HEALTH_COMMISSIONER} & set(each.roles):
            assert places == set()


@pytest.mark.parametrize("one", SEEDS.values(), ids=SEEDS)
def test_the_numbers_are_sound_and_of_the_block_that_belongs_to_nobody(one: Seed) -> None:
    assert one.dfe_code in ("991", "992", "993")
    for urn in (each.urn for each in one.settings):
        assert check_urn(urn) is None
        assert urn.startswith(one.dfe_code)
    for upn in (each.upn for each in one.children):
        assert check_upn(upn) is None
        assert upn[1:].startswith(f"{one.dfe_code}9999")
    ids = [each.id for each in (*one.settings, *one.children, *one.people)]
    numbers = [each.urn for each in one.settings] + [each.upn for each in one.children]
    assert [each for each, times in Counter([*ids, *numbers]).items() if times > 1] == []


def test_a_child_added_to_a_seed_leaves_the_numbers_of_the_others() -> None:
    """A database that was seeded before knows them by these; the number counts the lines."""
    assert [each.upn[1:] for each in SEEDS["westshire"].children] == [f"99199992600{n}" for n in (1, 2, 3, 4)]
    assert [each.given_name for each in SEEDS["westshire"].children] == ["Robin", "Sam", "Ella", "Isla"]


def test_one_child_is_young_enough_for_a_whole_life() -> None:
    one = SEEDS["westshire"]
    isla = one.children[3]
    assert isla.born_on == date(2022, 3, 9)
    assert next(each.name for each in one.settings if each.id == isla.setting_id) == "Elm Tree Primary School"
    assert [each.subject for each in one.people if isla.id in each.parent_of] == ["rory.fenn"]


@pytest.mark.stored
async def test_seeding_twice_is_seeding_once(empty_dsns: Dsns) -> None:
    owner = Database(empty_dsns.owner, pool_size=1)

    async def counted() -> dict[str, list[int]]:
        found = {}
        for slug in SEEDS:
            async with owner.tenant(slug) as session:
                found[slug] = [
                    await session.scalar(select(func.count()).select_from(each)) or 0 for each in (setting, person, child, relation)
                ]
        return found

    try:
        await seed(owner)
        first = await counted()
        assert first["westshire"][:3] == [
            len(each) for each in (SEEDS["westshire"].settings, SEEDS["westshire"].people, SEEDS["westshire"].children)
        ]
        await seed(owner)
        assert await counted() == first
    finally:
        await owner.close()
