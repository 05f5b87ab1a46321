"""Small numbers in published tables: 1 to 4 are hidden, and so is what they could be worked out from.

A table counts the same cases once, split into columns, with a row for each group. Whoever reads it is taken to know the total of each row
and of each column, and which combinations do not occur at all. Pure; docs/decisions/0029-evaluation.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

SMALL = range(1, 5)
WIDTH = 4  # a hidden number could be at least this many more or less than the least it could be
Atoms = Mapping[tuple[str, ...], int]  # a case's column in each table -> how many cases of a group
Hidden = dict[int, frozenset[str]]  # table -> its hidden columns, hidden for every group
EVERYTHING = -1


def hidden(groups: Sequence[Atoms], columns: Sequence[Sequence[str]]) -> Hidden:
    """Which columns of which tables have to be hidden; all of them where even the number of cases is small.

    `groups` are two: those in the pilot and those beside it. `columns` are the columns of each table in the order of the atoms.
    """
    if any(sum(group.values()) in SMALL for group in groups):
        return {table: frozenset(names) for table, names in enumerate(columns)} | {EVERYTHING: frozenset()}
    found = {table: _of_table([_counts(group, table, names) for group in groups], names) for table, names in enumerate(columns)}
    while (more := _worked_out(groups, columns, found)) is not None:
        table, name = more
        counts = [_counts(group, table, columns[table]) for group in groups]
        found[table] = _of_table(counts, columns[table], found[table] | {name})
    return found


def _counts(group: Atoms, table: int, names: Sequence[str]) -> dict[str, int]:
    counts = dict.fromkeys(names, 0)
    for atom, many in group.items():
        counts[atom[table]] += many
    return counts


def _of_table(rows: Sequence[Mapping[str, int]], names: Sequence[str], first: frozenset[str] = frozenset()) -> frozenset[str]:
    """The columns of one table to hide: those with a small number, and others until no hidden number is known to within `WIDTH`.

    A column is hidden for both groups, or its total would give the hidden one away.
    """
    chosen = {name for name in names if name in first or any(row[name] in SMALL for row in rows)}
    while chosen and chosen != set(names) and not _wide(rows, chosen):
        chosen.add(
            min(
                (name for name in names if name not in chosen),
                key=lambda name: (sum(row[name] for row in rows) == 0, sum(row[name] for row in rows)),
            )
        )
    return frozenset(chosen)


def _wide(rows: Sequence[Mapping[str, int]], chosen: set[str]) -> bool:
    """Whether each number that could be small may still be one of many: exact for two rows with known totals."""
    totals = [sum(row[name] for name in chosen) for row in rows]
    for name in chosen:
        column = sum(row[name] for row in rows)
        for own in range(len(rows)):
            other = sum(totals) - totals[own]
            least, most = max(0, column - other), min(column, totals[own])
            if rows[own][name] in SMALL and most - least < WIDTH:
                return False
    return True  # a column that is hidden alone is no riddle: the totals of its rows give it away, and so it is never wide


def _worked_out(groups: Sequence[Atoms], columns: Sequence[Sequence[str]], found: Hidden) -> tuple[int, str] | None:
    """A published column by which a hidden small number could be worked out across the tables; nothing where there is none.

    Each published number is a sum over the combinations that occur. A hidden one is given away exactly where it is a sum of published ones.
    """
    for group in groups:
        atoms = sorted(atom for atom, many in group.items() if many)
        shown = [(table, name) for table, names in enumerate(columns) for name in names if name not in found[table]]
        vectors = [[Fraction(1)] * len(atoms), *(_vector(atoms, table, name) for table, name in shown)]
        for table, names in enumerate(columns):
            for name in names:
                if name in found[table] and _counts(group, table, names)[name] in SMALL:
                    used = _combination(vectors, _vector(atoms, table, name))
                    if used is not None and any(used[1:]):
                        candidates = [shown[n - 1] for n in range(1, len(used)) if used[n]]
                        return min(candidates, key=lambda one: (_counts(group, one[0], columns[one[0]])[one[1]], one))
    return None


def _vector(atoms: Sequence[tuple[str, ...]], table: int, name: str) -> list[Fraction]:
    return [Fraction(atom[table] == name) for atom in atoms]


def _combination(vectors: Sequence[Sequence[Fraction]], wanted: Sequence[Fraction]) -> list[Fraction] | None:
    """The factors by which vectors add up to the one that is wanted; none where they cannot."""
    width = len(vectors)
    rows = [[*(vector[n] for vector in vectors), wanted[n]] for n in range(len(wanted))]  # one equation an atom
    pivots: list[int] = []
    for column in range(width):
        at = len(pivots)
        pivot = next((n for n in range(at, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        lead = rows[at][column]
        rows[at] = [value / lead for value in rows[at]]
        for n, row in enumerate(rows):
            if n != at and row[column]:
                rows[n] = [value - row[column] * own for value, own in zip(row, rows[at], strict=True)]
        pivots.append(column)
    if any(row[-1] for row in rows[len(pivots) :]):
        return None
    found = [Fraction(0)] * width
    for n, column in enumerate(pivots):
        found[column] = rows[n][-1]
    return found
