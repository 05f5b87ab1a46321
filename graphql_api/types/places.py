"""Places as they are shown: the local inclusion plan, a child's tailored list, the family's order, offers, and rounds."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from enum import Enum
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.types.law import Citation
from graphql_api.types.paging import PageInfo
from graphql_api.types.people import Setting, setting_by


@strawberry.enum(name="PlacePhase", description="A phase of education, as places are counted.")
class Phase(Enum):
    NURSERY = strawberry.enum_value("nursery", description="Before Reception.")
    PRIMARY = strawberry.enum_value("primary", description="Infant, junior and primary schools.")
    MIDDLE = strawberry.enum_value("middle", description="Middle schools.")
    SECONDARY = strawberry.enum_value("secondary", description="Secondary schools.")
    POST_16 = strawberry.enum_value("post_16", description="After compulsory schooling.")


@strawberry.enum(description="What a setting is in law.")
class SettingCategory(Enum):
    MAINTAINED_SCHOOL = strawberry.enum_value("maintained_school", description="A maintained school, special ones too.")
    MAINTAINED_NURSERY = strawberry.enum_value("maintained_nursery", description="A maintained nursery school.")
    ACADEMY = strawberry.enum_value("academy", description="An Academy, of any kind.")
    FURTHER_EDUCATION = strawberry.enum_value("further_education", description="An institution of the further education sector.")
    NON_MAINTAINED_SPECIAL = strawberry.enum_value("non_maintained_special", description="A non-maintained special school.")
    APPROVED_SCHOOL = strawberry.enum_value("section_41_school", description="An independent special school approved under CFA s.41.")
    APPROVED_POST_16 = strawberry.enum_value("section_41_post_16", description="A special post-16 institution approved under CFA s.41.")
    INDEPENDENT = strawberry.enum_value("independent", description="Wholly independent: the duty to name it does not apply.")


@strawberry.enum(description="The only grounds on which a setting that was asked for need not be named (CFA s.39(4)).")
class PlacementGround(Enum):
    UNSUITABLE = strawberry.enum_value("unsuitable", description="Unsuitable for the child's age, ability, aptitude or special needs.")
    EDUCATION_OF_OTHERS = strawberry.enum_value(
        "education_of_others", description="Attendance would be incompatible with the efficient education of others."
    )
    USE_OF_RESOURCES = strawberry.enum_value(
        "use_of_resources", description="Attendance would be incompatible with the efficient use of resources."
    )


@strawberry.enum(description="What became of one preference.")
class PreferenceOutcome(Enum):
    OFFERED = strawberry.enum_value("offered", description="A place is offered here.")
    NO_PLACE = strawberry.enum_value("no_place", description="No place was free at that moment: a fact, and no ground in law.")
    NOT_TOLD = strawberry.enum_value("not_told", description="Nobody told whether there is a place.")
    GROUND = strawberry.enum_value("ground", description="A decision maker stated a ground.")
    NOT_REACHED = strawberry.enum_value("not_reached", description="It comes after the one that is offered.")


@strawberry.enum(description="Whether a place is a child's.")
class PlaceStatus(Enum):
    HELD = strawberry.enum_value("held", description="Kept until the family answers, or the time runs out.")
    TAKEN = strawberry.enum_value("taken", description="The family accepted it.")
    LAPSED = strawberry.enum_value("lapsed", description="The time ran out; another may be offered.")
    GIVEN_UP = strawberry.enum_value("given_up", description="The family declined it.")


@strawberry.type(description="How many places a setting has for those who begin in September of a year, as told of a moment.")
class Capacity:
    version: int = strawberry.field(description="What recordCapacity takes as expectedVersion; 0 where nobody told yet.")
    places: int = strawberry.field(description="How many there are.")
    free: int = strawberry.field(description="How many are neither kept for a child nor taken.")
    as_of: datetime = strawberry.field(description="The moment of which that was told.")


@strawberry.type(description="One setting in one phase of the local inclusion plan.")
class InclusionLine:
    context: Private[Context]
    key: Private[UUID]
    phase: Phase = strawberry.field(description="The phase.")
    first_year: int = strawberry.field(description="The first year group; 0 is Reception.")
    last_year: int = strawberry.field(description="The last year group.")
    category: SettingCategory = strawberry.field(description="What it is in law.")
    mainstream: bool = strawberry.field(description="Whether it is mainstream.")
    needs: list[str] = strawberry.field(description="The needs it meets, by the codes of the SEN2 return.")
    capacity: Capacity | None = strawberry.field(description="Its places for the entry that was asked for; null where nobody told.")

    @strawberry.field(description="The setting.")
    async def setting(self) -> Setting | None:
        return await setting_by(self.context, self.key)


@strawberry.type(description="A line in a list.")
class InclusionLineEdge:
    node: InclusionLine = strawberry.field(description="The line.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of the lines of a plan.")
class InclusionLineConnection:
    edges: list[InclusionLineEdge] = strawberry.field(description="The lines with their places.")
    nodes: list[InclusionLine] = strawberry.field(description="The lines.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


@strawberry.type(description="One published version of the settings of the local inclusion plan.")
class InclusionPlan:
    version: int = strawberry.field(description="What publishInclusionPlan takes as expectedVersion.")
    reach_metres: int = strawberry.field(description="How far a setting may be for a list: the council's own choice, and no law.")
    digest: str = strawberry.field(description="The fingerprint of its content.")
    published_at: datetime = strawberry.field(description="When it was published.")
    lines: InclusionLineConnection = strawberry.field(description="Its settings.")


@strawberry.type(description="A reason for a setting, or against it, or for where it stands.")
class ListReason:
    name: str = strawberry.field(description="Its name.")
    say: str = strawberry.field(description="In words for the family.")
    speaks_for: bool = strawberry.field(description="Whether it speaks for the setting.")
    citations: list[Citation] = strawberry.field(description="The law, where it speaks of that.")


@strawberry.type(description="One setting of the plan, on the list or not.")
class ListEntry:
    context: Private[Context]
    key: Private[UUID | None]
    listed: bool = strawberry.field(description="Whether it is on the list.")
    rank: int | None = strawberry.field(description="Its place on the list, from 1.")
    mainstream: bool = strawberry.field(description="Whether it is mainstream.")
    distance_metres: int | None = strawberry.field(description="In a straight line, rounded to 100 metres.")
    free: int | None = strawberry.field(description="How many places were free, as told.")
    as_of: date | None = strawberry.field(description="The day of which that was told.")
    reasons: list[ListReason] = strawberry.field(description="Why: always at least one.")

    @strawberry.field(description="The setting; null where a type is meant and no setting.")
    async def setting(self) -> Setting | None:
        return await setting_by(self.context, self.key)


@strawberry.type(description="An entry in a list.")
class ListEntryEdge:
    node: ListEntry = strawberry.field(description="The entry.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of the entries of a tailored list.")
class ListEntryConnection:
    edges: list[ListEntryEdge] = strawberry.field(description="The entries with their places.")
    nodes: list[ListEntry] = strawberry.field(description="The entries.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


@strawberry.type(description="What the family wants, in its order.")
class Preferences:
    context: Private[Context]
    keys: Private[tuple[UUID, ...]]
    version: int = strawberry.field(description="Its number: what offerPlace takes as expectedPreferences.")
    mainstream: bool = strawberry.field(description="Whether the family asks for mainstream education, whatever is offered.")
    by_council: bool = strawberry.field(description="Whether the council wrote it in the family's name.")
    given_at: datetime = strawberry.field(description="When it was given.")

    @strawberry.field(description="The settings, the first first.")
    async def settings(self) -> list[Setting]:
        found = await asyncio.gather(*(setting_by(self.context, key) for key in self.keys))  # one statement for all
        return [one for one in found if one is not None]


@strawberry.type(description="What became of one preference.")
class PreferenceAnswer:
    context: Private[Context]
    key: Private[UUID | None]
    preference: int = strawberry.field(description="Which, from 1.")
    outcome: PreferenceOutcome = strawberry.field(description="What became of it.")
    say: str = strawberry.field(description="In words for the family.")
    ground: PlacementGround | None = strawberry.field(description="The ground, where a decision maker stated one.")
    owed: bool = strawberry.field(description="Whether a person still has to state a ground before another is named.")
    citations: list[Citation] = strawberry.field(description="By what law.")

    @strawberry.field(description="The setting.")
    async def setting(self) -> Setting | None:
        return await setting_by(self.context, self.key)


@strawberry.type(description="What was offered, or could not be, with an answer to every preference. It decides nothing about the plan.")
class PlaceOffer:
    context: Private[Context]
    key: Private[UUID | None]
    id: strawberry.ID = strawberry.field(description="Its id.")
    made_at: datetime = strawberry.field(description="When it was made.")
    status: PlaceStatus | None = strawberry.field(description="What became of the place; null where none was free.")
    expires_at: datetime | None = strawberry.field(description="Until when it is kept.")
    answers: list[PreferenceAnswer] = strawberry.field(description="An answer to every preference.")

    @strawberry.field(description="Where a place is offered; null where none was free, and then a person goes on.")
    async def setting(self) -> Setting | None:
        return await setting_by(self.context, self.key)


@strawberry.type(description="A ground that a decision maker stated for one setting and this child.")
class StatedGround:
    context: Private[Context]
    key: Private[UUID | None]
    ground: PlacementGround = strawberry.field(description="Which of the three.")
    reasons: str = strawberry.field(description="Why. Personal data.")

    @strawberry.field(description="The setting.")
    async def setting(self) -> Setting | None:
        return await setting_by(self.context, self.key)


@strawberry.type(description="A child's tailored list: it advises and binds nobody.")
class TailoredList:
    version: int = strawberry.field(description="Which one it is for this case, from 1.")
    built_at: datetime = strawberry.field(description="When it was built.")
    plan_version: int = strawberry.field(description="From which version of the local inclusion plan.")
    rule: str = strawberry.field(description="By which version of the rule.")
    digest: str = strawberry.field(description="The fingerprint of its content, capacities included.")
    phase: Phase = strawberry.field(description="For which phase.")
    entry: int = strawberry.field(description="For the places of those who begin in the September of that year.")
    say: str = strawberry.field(description="What the family may ask for besides.")
    citations: list[Citation] = strawberry.field(description="By what law.")
    entries: ListEntryConnection = strawberry.field(
        description="Every setting of the plan, those on the list first; for a setting that was consulted only its own."
    )
    preferences: Preferences | None = strawberry.field(description="What the family wants; null where it did not say, and for settings.")
    grounds: list[StatedGround] = strawberry.field(description="The grounds that were stated; none for settings.")
    offers: list[PlaceOffer] = strawberry.field(description="The last offers, the newest first; none for settings.")


@strawberry.type(description="What a round has for one child.")
class PlacedChild:
    context: Private[Context]
    key: Private[UUID | None]
    case_id: strawberry.ID = strawberry.field(description="The case.")
    answers: list[PreferenceAnswer] = strawberry.field(description="An answer to every preference.")

    @strawberry.field(description="Where the child has a place; null: a person goes on.")
    async def setting(self) -> Setting | None:
        return await setting_by(self.context, self.key)


@strawberry.type(description="A round of places for many children at once.")
class PlaceRound:
    name: str = strawberry.field(description="Its name, declared before: it seeds the draw between equals.")
    on: date = strawberry.field(description="The day of the round.")
    digest: str = strawberry.field(description="The fingerprint of what would be, or is: what a confirmation takes as expectedDigest.")
    confirmed: bool = strawberry.field(description="Whether places are kept; otherwise this only shows what would be.")
    placed: list[PlacedChild] = strawberry.field(description="The children of the round.")
    alone: list[strawberry.ID] = strawberry.field(description="Cases whose date in law comes first: each is offered a place alone, now.")
    not_yet: list[strawberry.ID] = strawberry.field(description="Cases in which the family still has time to say what it wants.")
    left_out: int = strawberry.field(description="How many cases are not the caller's to act in, or have a place already.")
