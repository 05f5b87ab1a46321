"""The versions of a council's configuration: draft, proposed, approved, published. Two who change one do so one after the other, and each sees what was there.

What may be published is kept here and in the database: it was proved as it stands, and a second person agreed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, cast, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from statute.tenant_overlay import parse_overlay
from store import overlays
from store.session import tenant_of
from store.tables import person
from store.tables_configuration import configuration, configuration_event
from tenants.configuration import laid, parse_configuration

OPEN = ("draft", "proposed", "approved")


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it stands."""

    version: int
    status: str
    revision: int
    document: dict[str, Any]
    digest: str
    based_on: int | None
    restores: int | None
    why: str
    proof: dict[str, Any] | None
    rehearsal: dict[str, Any] | None
    left_out: list[dict[str, Any]]
    created_by: UUID
    created_at: datetime
    edited_by: UUID
    edited_at: datetime
    proposed_by: UUID | None
    proposed_at: datetime | None
    approved_by: UUID | None
    approved_at: datetime | None
    published_by: UUID | None
    published_at: datetime | None

    @property
    def proved(self) -> bool:
        """Whether a proof vouches for the document as it stands."""
        return bool(self.proof and self.proof["sound"] and self.proof["digest"] == self.digest)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history: who did what with a version, when and why."""

    version: int
    n: int
    at: datetime
    person_id: UUID
    what: str
    revision: int
    digest: str
    why: str


@dataclass(frozen=True, slots=True)
class By:
    """Who does something with a version, when and why; `key` is the request's, and `fingerprint` what it asked for."""

    person_id: UUID
    at: datetime
    key: str = ""
    fingerprint: str = ""
    why: str = ""


class Stale(Exception):  # noqa: N818 - it says what is so
    """Somebody else was quicker: `now` is what is there, and nothing was changed."""

    def __init__(self, now: Version, say: str) -> None:
        super().__init__(say)
        self.now, self.say = now, say


class NotYet(Exception):  # noqa: N818
    """The version is not where this can be done: why, in words."""


class Missing(NotYet):
    """There is no such version."""

    def __init__(self) -> None:
        super().__init__("There is no such version")


async def read(session: AsyncSession, version: int, *, hold: bool = False) -> Version | None:
    """A version; with `hold` nobody else changes it until the transaction ends."""
    query = select(configuration).where(configuration.c.version == version)
    row = (await session.execute(query.with_for_update() if hold else query)).one_or_none()
    return _version(row) if row else None


async def published(session: AsyncSession) -> Version | None:
    """The one that is in force; nothing where the council sets nothing."""
    row = (await session.execute(select(configuration).where(configuration.c.status == "published"))).one_or_none()
    return _version(row) if row else None


async def page(session: AsyncSession, before: int | None, limit: int) -> list[Version]:
    """Versions, the latest first."""
    query = select(configuration).order_by(configuration.c.version.desc()).limit(limit)
    return [_version(row) for row in await session.execute(query if before is None else query.where(configuration.c.version < before))]


async def history(session: AsyncSession, versions: Sequence[int]) -> dict[int, list[Entry]]:
    """What was done with some versions, in order; one statement however many they are."""
    columns = [column for column in configuration_event.c if column.name not in ("tenant", "key", "fingerprint")]
    query = (
        select(*columns).where(configuration_event.c.version.in_(versions)).order_by(configuration_event.c.version, configuration_event.c.n)
    )
    found: dict[int, list[Entry]] = {version: [] for version in versions}
    for row in await session.execute(query):
        found[row.version].append(Entry(**row._mapping))
    return found


class Mismatch(Exception):  # noqa: N818
    """The key was used for another request."""


async def done_before(session: AsyncSession, by: By) -> Version | None:
    """What the same request of the same person led to, if it was made before. Raises Mismatch."""
    where = (configuration_event.c.person_id == by.person_id) & (configuration_event.c.key == by.key)
    row = (await session.execute(select(configuration_event.c.version, configuration_event.c.fingerprint).where(where))).one_or_none()
    if row is None:
        return None
    if row.fingerprint != by.fingerprint:
        raise Mismatch
    return await read(session, row.version)


async def known_people(session: AsyncSession, named: Sequence[str]) -> dict[str, UUID]:
    """Whom these subjects and ids name: each as it was given, and the person."""
    if not named:
        return {}
    where = or_(person.c.subject.in_(named), cast(person.c.id, Text).in_(named))
    rows = (await session.execute(select(person.c.id, person.c.subject).where(where))).all()
    by = {row.subject: row.id for row in rows} | {str(row.id): row.id for row in rows}
    return {one: by[one] for one in named if one in by}


async def draft(session: AsyncSession, by: By, document: Mapping[str, Any], digest: str, restores: int | None = None) -> Version:
    """A new draft, based on what is in force."""
    await _alone(session)
    number = (await session.scalar(select(func.max(configuration.c.version))) or 0) + 1
    based_on = await session.scalar(select(configuration.c.version).where(configuration.c.status == "published"))
    row = {
        "tenant": tenant_of(session), "version": number, "status": "draft", "revision": 1, "document": document, "digest": digest,
        "based_on": based_on, "restores": restores, "why": by.why, "created_by": by.person_id, "created_at": by.at,
        "edited_by": by.person_id, "edited_at": by.at,
    }  # fmt: skip
    await session.execute(insert(configuration).values(**row))
    return await _noted(session, number, by, "drafted" if restores is None else "drafted to go back")


async def roll_back(session: AsyncSession, by: By, former: Version, law: str) -> Version:
    """The document of an earlier version as a new one, with its proof, proposed at once.

    Raises:
        NotYet: the earlier version is not proved under this law.
    """
    _need_proof(former, law)
    made = await draft(session, By(by.person_id, by.at, why=by.why), former.document, former.digest, former.version)
    await record_proof(session, made.version, made.digest, former.proof or {})
    return await propose(session, made.version, made.revision, by, law)


async def edit(session: AsyncSession, version: int, expected: int, by: By, document: Mapping[str, Any], digest: str) -> Version:
    """Another document for a draft; what was proposed or approved is a draft again, and based on what is in force now.

    Raises:
        Stale: it was changed since that revision.
        NotYet: it is no draft any more, or there is none.
    """
    held = await _held(session, version, expected)
    if held.status not in OPEN:
        raise NotYet(f"Version {version} is {held.status}: what is or was in force never changes. Draft another")
    based_on = await session.scalar(select(configuration.c.version).where(configuration.c.status == "published"))
    changes = {
        "document": document, "digest": digest, "status": "draft", "based_on": based_on, "restores": None, "why": by.why or held.why,
        "edited_by": by.person_id, "edited_at": by.at, "proof": None, "rehearsal": None, "proposed_by": None, "proposed_at": None,
        "approved_by": None, "approved_at": None,
    }  # fmt: skip
    return await _changed(session, held, by, "edited", changes)


async def propose(session: AsyncSession, version: int, expected: int, by: By, law: str) -> Version:
    """Ask a second person to agree. `law` is the fingerprint of the law of today, against which it must have been proved.

    Raises:
        Stale: it was changed since that revision, or another version was published since it was begun.
        NotYet: it is not a draft, or is not proved.
    """
    held = await _held(session, version, expected)
    if held.status != "draft":
        raise NotYet(f"Version {version} is {held.status} already")
    _need_proof(held, law)
    await _need_base(session, held)
    return await _changed(session, held, by, "proposed", {"status": "proposed", "proposed_by": by.person_id, "proposed_at": by.at})


async def approve(session: AsyncSession, version: int, expected: int, by: By) -> Version:
    """A second person agrees.

    Raises:
        Stale: it was changed since that revision.
        NotYet: it was not proposed, or this person proposed it or changed it last.
    """
    held = await _held(session, version, expected)
    if held.status != "proposed":
        raise NotYet(f"Version {version} is {held.status}: only what is proposed can be approved")
    if by.person_id in (held.proposed_by, held.edited_by):
        raise NotYet("Who proposed a configuration, or changed it last, cannot approve it: a second person does")
    return await _changed(session, held, by, "approved", {"status": "approved", "approved_by": by.person_id, "approved_at": by.at})


async def publish(session: AsyncSession, version: int, expected: int, by: By, law: str) -> Version:
    """Put it in force: the former is superseded, its overlays are kept for ever, and cases opened from now on are pinned to it.

    Raises:
        Stale: it was changed since that revision, or another version was published since it was begun.
        NotYet: nobody approved it, or the proof is of another document or another law.
    """
    await _alone(session)
    held = await _held(session, version, expected)
    if held.status != "approved":
        raise NotYet(f"Version {version} is {held.status}: only what a second person approved can be published")
    _need_proof(held, law)
    await _need_base(session, held)
    read_again = parse_configuration(held.document)
    if read_again.digest != held.digest:
        raise NotYet(f"Version {version} is not what was proved")
    former = await published(session)
    if former is not None:
        again = By(by.person_id, by.at, why=f"Version {version} was published")
        await _changed(session, former, again, "superseded", {"status": "superseded"})
    documents = dict(zip((overlay.digest for overlay in read_again.overlays), laid(read_again.document), strict=True))
    await overlays.keep(session, documents)
    changes = {"status": "published", "published_by": by.person_id, "published_at": by.at, "left_out": []}
    return await _changed(session, held, by, "published", changes)


async def withdraw(session: AsyncSession, version: int, expected: int, by: By) -> Version:
    """Give up what is not published.

    Raises:
        Stale: it was changed since that revision.
        NotYet: it is or was in force: then another takes its place.
    """
    held = await _held(session, version, expected)
    if held.status not in OPEN:
        raise NotYet(f"Version {version} is {held.status}. What is in force is replaced by publishing another version")
    return await _changed(session, held, by, "withdrawn", {"status": "withdrawn"})


async def record_proof(session: AsyncSession, version: int, digest: str, proof: Mapping[str, Any]) -> None:
    """Keep what the proof of this document gave; of a document that was changed meanwhile nothing is kept."""
    where = (configuration.c.version == version) & (configuration.c.digest == digest) & configuration.c.status.in_(OPEN)
    await session.execute(update(configuration).where(where).values(proof=proof))


async def record_left_out(session: AsyncSession, version: int, left_out: Sequence[Mapping[str, Any]]) -> None:
    """Note which overlays of what is in force the law of this release does not allow: no new case is pinned to them."""
    await session.execute(update(configuration).where(configuration.c.version == version).values(left_out=list(left_out)))


async def in_force(session: AsyncSession, process: str) -> dict[str, dict[str, Any]]:
    """The overlays of one process that a case which opens now is pinned to: documents by digest, in their order."""
    found = await published(session)
    if found is None:
        return {}
    apart = {one["digest"] for one in found.left_out}
    written = [dict(one) for one in laid(found.document) if one["process"] == process]
    return {digest: one for one in written if (digest := parse_overlay(one).digest) not in apart}


async def _held(session: AsyncSession, version: int, expected: int) -> Version:
    held = await read(session, version, hold=True)
    if held is None:
        raise Missing
    if held.revision != expected:
        raise Stale(held, "Somebody changed it since. Look at what is there now, and do it again")
    return held


def _need_proof(held: Version, law: str) -> None:
    if not held.proved or held.proof is None:
        raise NotYet("It is not proved that it keeps every limit and right: look at its preview")
    if held.proof["law"] != law:
        raise NotYet("The law changed since it was proved: look at its preview again")


async def _need_base(session: AsyncSession, held: Version) -> None:
    now = await published(session)
    if now is not None and now.version != held.based_on:
        raise Stale(
            now, f"Version {now.version} was published since this was begun. Look at the differences and edit it: then it is based on that"
        )


async def _changed(session: AsyncSession, held: Version, by: By, what: str, changes: Mapping[str, Any]) -> Version:
    values = {**changes, "revision": held.revision + 1}
    await session.execute(update(configuration).where(configuration.c.version == held.version).values(**values))
    return await _noted(session, held.version, by, what)


async def _noted(session: AsyncSession, version: int, by: By, what: str) -> Version:
    found = await read(session, version)
    if found is None:  # pragma: no cover - it was written in this transaction
        raise Missing
    n = (await session.scalar(select(func.max(configuration_event.c.n)).where(configuration_event.c.version == version)) or 0) + 1
    row = {
        "tenant": tenant_of(session), "version": version, "n": n, "at": by.at, "person_id": by.person_id, "what": what,
        "revision": found.revision, "digest": found.digest, "why": by.why, "key": by.key or None,
        "fingerprint": by.fingerprint,
    }  # fmt: skip
    await session.execute(insert(configuration_event).values(**row))
    return found


async def _alone(session: AsyncSession) -> None:
    """One after another, of one council, until the transaction ends."""
    await session.execute(
        text("select pg_advisory_xact_lock(hashtext('configuration'), hashtext(:tenant))"), {"tenant": tenant_of(session)}
    )


def _version(row: Row[Any]) -> Version:
    return Version(**{name: value for name, value in row._mapping.items() if name != "tenant"})
