"""No hidden number can be worked out: tried by force, by everybody who adds and subtracts what is published."""

from __future__ import annotations

import itertools
import random

import pytest

from store.suppression import EVERYTHING, SMALL, WIDTH, Atoms, hidden

COLUMNS = (("open", "settled", "appealed"), ("none", "agreed", "not agreed"), ("no", "yes"))


def counts(group: Atoms, table: int, name: str) -> int:
    return sum(many for atom, many in group.items() if atom[table] == name)


def test_large_numbers_are_all_published() -> None:
    group = dict.fromkeys(itertools.product(*COLUMNS), 10)
    assert hidden([group, group], COLUMNS) == {0: frozenset(), 1: frozenset(), 2: frozenset()}


def test_nought_is_no_small_number() -> None:
    group = {("open", "none", "no"): 40, ("settled", "none", "no"): 30}
    assert hidden([group, group], COLUMNS) == {0: frozenset(), 1: frozenset(), 2: frozenset()}


def test_a_group_of_fewer_than_five_shows_nothing_and_neither_does_the_other() -> None:
    found = hidden([{("open", "none", "no"): 3}, {("open", "none", "no"): 300}], COLUMNS)
    assert found == {0: frozenset(COLUMNS[0]), 1: frozenset(COLUMNS[1]), 2: frozenset(COLUMNS[2]), EVERYTHING: frozenset()}


def test_a_small_number_takes_another_with_it_and_both_groups() -> None:
    """10 settled could be 13 less 3: the total of the row is known."""
    small = {("open", "none", "no"): 40, ("settled", "none", "no"): 10, ("appealed", "none", "no"): 3}
    large = {("open", "none", "no"): 40, ("settled", "none", "no"): 20, ("appealed", "none", "no"): 30}
    assert hidden([small, large], COLUMNS)[0] == {"settled", "appealed"}


def test_what_one_table_hides_another_does_not_give_away() -> None:
    """All who agreed settled and nobody else did: 43 who did not agree are 40 open ones and 3 who appealed. So the open ones go too."""
    small = {("open", "none", "no"): 40, ("settled", "agreed", "no"): 10, ("appealed", "none", "no"): 3}
    large = {("open", "none", "no"): 40, ("settled", "agreed", "no"): 20, ("appealed", "none", "no"): 30}
    assert hidden([small, large], COLUMNS) == {0: frozenset(COLUMNS[0]), 1: frozenset(), 2: frozenset()}
    apart = [{**group, ("open", "agreed", "no"): 9} for group in (small, large)]
    assert hidden(apart, COLUMNS)[0] == {"settled", "appealed"}, "where the two tables do not follow from one another, less is hidden"


def test_two_that_are_hidden_and_together_two_would_both_be_one() -> None:
    small = {("open", "none", "no"): 40, ("settled", "none", "no"): 1, ("appealed", "none", "no"): 1}
    assert hidden([small, small], COLUMNS)[0] == set(COLUMNS[0])


def possible(rows: list[dict[str, int]], names: tuple[str, ...], chosen: frozenset[str]) -> dict[tuple[int, str], set[int]]:
    """Every value that a hidden number may have for somebody who knows all that is shown and every total, by trying them all."""
    left = sorted(chosen)
    totals = [sum(row[name] for name in left) for row in rows]
    sums = {name: sum(row[name] for row in rows) for name in left}
    found: dict[tuple[int, str], set[int]] = {}
    for guess in itertools.product(*(range(min(totals[0], sums[name]) + 1) for name in left)):
        other = [sums[name] - value for name, value in zip(left, guess, strict=True)]
        if sum(guess) == totals[0] and sum(other) == totals[1]:
            for n, values in enumerate((guess, other)):
                for name, value in zip(left, values, strict=True):
                    found.setdefault((n, name), set()).add(value)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_by_force_no_hidden_number_is_known_from_the_totals(seed: int) -> None:
    chance = random.Random(seed)
    atoms = list(itertools.product(*COLUMNS))
    groups = [{atom: chance.choice((0, 0, 0, 1, 2, 3, 6, 9)) for atom in chance.sample(atoms, chance.randint(2, 9))} for _ in range(2)]
    found = hidden(groups, COLUMNS)
    if EVERYTHING in found:
        return
    for table, names in enumerate(COLUMNS):
        rows = [{name: counts(group, table, name) for name in names} for group in groups]
        for name in set(names) - found[table]:
            assert not any(row[name] in SMALL for row in rows), "a small number is shown"
        if found[table] and found[table] != set(names):
            for (n, name), values in possible(rows, names, found[table]).items():
                if rows[n][name] in SMALL:
                    assert len(values) > WIDTH, f"{rows[n][name]} {name} is one of {values}"


def test_a_table_of_which_all_is_hidden_is_not_given_away_by_the_others() -> None:
    chance = random.Random(7)
    atoms = list(itertools.product(*COLUMNS))
    for _ in range(40):
        groups = [{atom: chance.choice((0, 1, 2, 7, 12)) for atom in chance.sample(atoms, 6)} for _ in range(2)]
        found = hidden(groups, COLUMNS)
        if EVERYTHING in found:
            continue
        for group in groups:
            present = [atom for atom, many in group.items() if many]
            shown = [(t, name) for t, names in enumerate(COLUMNS) for name in names if name not in found[t]]
            for table in range(len(COLUMNS)):
                for name in found[table]:
                    if counts(group, table, name) not in SMALL:
                        continue
                    wanted = {atom for atom in present if atom[table] == name}
                    for size in (1, 2):  # a sum, or the difference of a sum and the total
                        for some in itertools.combinations(shown, size):
                            taken = [atom for atom in present for t, n in some if atom[t] == n]
                            assert sorted(taken) != sorted(wanted)
                            assert sorted([*taken, *wanted]) != sorted(present)
