"""Two hundred families who want twenty places at the same moment: the clients, and the oracle that looks at what is left.

Run as a script it is a process of clients that can be killed: `python -m tests.reliability.racing ADDRESS FILE`; what was acknowledged
is written to the file, a line each, before anything else is done.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from statute.offering import Outcome
from statute.placing import Phase
from store.inclusion import Room, tell
from store.people import Setting, add_setting
from store.places import Asked, Made, Order, Reservation, give_order, make_offer, offers_by_key, orders_of, reserved
from store.session import Database
from store.tables import case_file, child
from tests.seeds import SPACE, WESTSHIRE

FAMILIES, PLACES, ENTRY, SEED = 200, 5, 2027, 20270118
NOW = datetime(2027, 1, 18, 9, 0, tzinfo=UTC)
CASES = [uuid5(SPACE, f"race|case{n}") for n in range(FAMILIES)]
SETTINGS = [uuid5(SPACE, f"race|setting{n}") for n in range(4)]
ROOMS = [Room(one, Phase.SECONDARY, ENTRY) for one in SETTINGS]


def wants(n: int) -> tuple[UUID, ...]:
    """What a family wants: two to four of the settings, in an order of its own."""
    chance = random.Random(f"{SEED}|{n}")
    return tuple(chance.sample(SETTINGS, chance.randint(2, 4)))


async def prepare(database: Database) -> None:
    """Four settings with five places each, and two hundred children with a case and an order."""
    by, slug = WESTSHIRE.caseworker.id, WESTSHIRE.slug
    children = [
        {"tenant": slug, "id": uuid5(SPACE, f"race|child{n}"), "given_name": "A", "family_name": f"Child{n}", "born_on": date(2016, 3, 1)}
        for n in range(FAMILIES)
    ]
    file = {"tenant": slug, "process": "phase_transfer", "version": 1, "process_digest": "p", "stage": "ahead", "seq": 1, "state": {}}
    files = [
        {**file, "id": one, "reference": f"R{n}", "child_id": children[n]["id"], "opened_on": date(2026, 9, 1)}
        for n, one in enumerate(CASES)
    ]
    async with database.tenant(slug) as session:
        await session.execute(insert(child), children)
        await session.execute(insert(case_file), files)
        for n, room in enumerate(ROOMS):
            await add_setting(session, Setting(room.setting_id, f"School {n}", None, "academy"))
            assert await tell(session, room, PLACES, NOW, by, 0) == 1
        for n, one in enumerate(CASES):
            await give_order(session, one, "order", Order(0, wants(n), False, by, "family", "", NOW))


async def ask(database: Database, n: int) -> Made:
    """One family's offer, asked for under the same key until there is an answer."""
    asked = Asked(CASES[n], "race", Phase.SECONDARY, ENTRY, WESTSHIRE.caseworker.id, NOW + timedelta(days=15))
    while True:
        try:
            async with database.tenant(WESTSHIRE.slug) as session:
                made = await make_offer(session, asked, NOW)
        except (DBAPIError, SQLAlchemyError, OSError) as error:
            if isinstance(error, DBAPIError) and not error.connection_invalidated and "starting up" not in str(error.orig):
                raise
            await asyncio.sleep(0.2)
        else:
            return made


async def race(database: Database, acknowledge: Callable[[int, Made], None], seed: int = SEED) -> None:
    """Every family at once, some of them twice, in an order that chance gives."""
    chance = random.Random(seed)
    runners = [*range(FAMILIES), *chance.sample(range(FAMILIES), FAMILIES // 4)]
    chance.shuffle(runners)

    async def run(n: int) -> None:
        acknowledge(n, await ask(database, n))

    async with asyncio.TaskGroup() as group:
        for n in runners:
            group.create_task(run(n))


async def left(database: Database) -> tuple[dict[int, Made], list[Reservation]]:
    """What is recorded: every family's offer, and every place that is held or taken."""
    async with database.tenant(WESTSHIRE.slug) as session:
        orders, offers = await orders_of(session, CASES), await offers_by_key(session, CASES, "race")
        assert [orders[one].settings for one in CASES] == [wants(n) for n in range(FAMILIES)]
        return {CASES.index(case): made for case, made in offers.items()}, await reserved(session, ROOMS)


def faults(offers: dict[int, Made], places: Sequence[Reservation], acked: Sequence[tuple[int, str, str]]) -> list[str]:
    """What is wrong: two in one place, more than there are, one lost, an order not honoured, a refusal without a word."""
    found = []
    full = Counter(one.setting_id for one in places)
    cases = Counter(one.case_id for one in places)
    found += [f"too many: {count} in {PLACES} places" for count in full.values() if count > PLACES]
    found += [f"two places: case {CASES.index(case)}" for case, count in cases.items() if count > 1]
    held = {(one.case_id, one.setting_id) for one in places}
    for n, offer_id, setting in acked:
        made = offers.get(n)
        if made is None or (str(made.id), made.content["setting"]) != (offer_id, setting):
            found.append(f"lost: what was told family {n}")
    for n, made in offers.items():
        chosen = made.content["setting"]
        if chosen and (CASES[n], UUID(chosen)) not in held:
            found.append(f"lost: the place of family {n}")
        order = [str(one) for one in wants(n)]
        before = order[: order.index(chosen)] if chosen else order
        found += [f"order: family {n} was passed over" for one in before if full[UUID(one)] < PLACES]
        answers = {answer["setting"]: answer for answer in made.content["answers"]}
        if list(answers) != order:
            found.append(f"unexplained: family {n}")
        for one in before:
            answer = answers.get(one)
            if answer is None or answer["outcome"] != Outcome.NO_PLACE or "no reason in law" not in answer["say"] or not answer["owed"]:
                found.append(f"unexplained: family {n}")
    found += [f"nobody's: a place of case {one.case_id}" for one in places if CASES.index(one.case_id) not in offers]
    return found


async def main(address: str, file: Path) -> None:
    """Race, and write down each acknowledgement."""
    database = Database(address, 12, wait_seconds=60)
    with file.open("a", buffering=1) as out:
        await race(database, lambda n, made: print(n, made.id, made.content["setting"] or "-", file=out, flush=True))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
