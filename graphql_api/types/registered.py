"""What an act on the council's register answers: what is recorded, or a typed refusal."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graphql_api.types.child import Child
from graphql_api.types.people import Setting
from graphql_api.types.person import Person, Relation
from graphql_api.types.results import Denied, Invalid, NotFound, Refused

REPLAYED = "Whether it had been done before: under the same key, or by somebody else."


@strawberry.type(description="The child is recorded.")
class ChildAdded:
    child: Child | None = strawberry.field(description="The child, for those who may see it.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The setting is recorded.")
class SettingAdded:
    setting: Setting = strawberry.field(description="The setting.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The person is recorded, with their relations.")
class PersonAdded:
    person: Person = strawberry.field(description="The person.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The relation is recorded.")
class RelationAdded:
    relation: Relation = strawberry.field(description="The relation.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The relation ends.")
class RelationEnded:
    relation: Relation = strawberry.field(description="The relation, with its last day.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The child is on that roll.")
class ChildMoved:
    child: Child | None = strawberry.field(description="The child, for those who may still see it.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The terms are recorded.")
class TermsRecorded:
    setting: Setting = strawberry.field(description="The setting, with all its terms.")
    replayed: bool = strawberry.field(description=REPLAYED)


# Every union has the four ways of a no, so that one fragment of a client fits them all.
No = Refused | Denied | Invalid | NotFound
AddedChild = ChildAdded | No
AddedSetting = SettingAdded | No
AddedPerson = PersonAdded | No
AddedRelation = RelationAdded | No
EndedRelation = RelationEnded | No
MovedChild = ChildMoved | No
RecordedTerms = TermsRecorded | No

AddChildResult = Annotated[AddedChild, strawberry.union("AddChildResult", description="What became of adding a child.")]
AddSettingResult = Annotated[AddedSetting, strawberry.union("AddSettingResult", description="What became of adding a setting.")]
AddPersonResult = Annotated[AddedPerson, strawberry.union("AddPersonResult", description="What became of adding a person.")]
AddRelationResult = Annotated[AddedRelation, strawberry.union("AddRelationResult", description="What became of adding a relation.")]
EndRelationResult = Annotated[EndedRelation, strawberry.union("EndRelationResult", description="What became of ending a relation.")]
MoveChildResult = Annotated[MovedChild, strawberry.union("MoveChildResult", description="What became of moving a child.")]
RecordTermsResult = Annotated[RecordedTerms, strawberry.union("RecordTermsResult", description="What became of recording terms.")]
