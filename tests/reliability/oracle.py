"""What must be true of the journal after anything: read from Postgres directly, never through the API or a cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

Row = tuple[str, int, str]  # case, sequence, key


def faults(rows: Iterable[Row], acked: Collection[tuple[str, str]]) -> list[str]:
    """Everything lost, doubled or missing in between; `acked` are the (case, key) that somebody was told are recorded."""
    rows = list(rows)
    seen = Counter((case, key) for case, _, key in rows)
    found = [f"lost: {case} {key}" for case, key in acked if not seen[case, key]]
    found += [f"doubled: {case} {key}" for (case, key), times in seen.items() if times > 1]
    sequences: dict[str, list[int]] = {}
    for case, seq, _ in rows:
        sequences.setdefault(case, []).append(seq)
    found += [f"gap: {case}" for case, numbers in sequences.items() if sorted(numbers) != list(range(1, len(numbers) + 1))]
    return found
