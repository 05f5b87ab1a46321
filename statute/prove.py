"""Whether a merged process keeps the law: `prove(national, merged, days)` gives its certificate, or what it takes away, with the path.

It knows nothing of how a merged process was made: every path of both is walked, every rule is compared, and of every limit whose
number is another the dates are worked out for a thousand days and more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from statute.certificate import Certificate, CounterExample
from statute.comparison import Comparison, rights_in
from statute.days import Days
from statute.definition import Process
from statute.explore import Right, certified
from statute.shape import shape


def prove(national: Process, merged: Process, days: Days) -> Certificate | CounterExample:
    """Walk the merged process, and hold it against the national one.

    Raises:
        Unproven: there are too many states to walk.
    """
    comparing = Comparison(national, merged, days)
    found = certified(merged, comparing.now)
    if isinstance(found, CounterExample):
        return found
    rules = (comparing.endings(found), comparing.acts(), comparing.gates(), comparing.deadlines(), comparing.time_for_both())
    wrong = next(chain(*rules, comparing.rights(), comparing.whole()), None)
    return wrong or replace(found, national=national.digest)


def possible(process: Process) -> Mapping[Right, tuple[str, ...]]:
    """Every act of the family at every stage, with every outcome, that some path allows: with the shortest such path.

    Raises:
        Unproven: there are too many states to walk.
    """
    return rights_in(shape(process))
