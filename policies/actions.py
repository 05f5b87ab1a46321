"""The words of authorisation, declared once: objects, acts on them, roles, capacities, and who is asking.

An act is judged on one row: `ACTS` says on which kind of row (`Scope`), so that a policy cannot ask for a relation that
has no meaning there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class Object(StrEnum):
    """What a person may want to do something with."""

    CASE = "case"
    CHILD = "child"
    CLOCK = "clock"
    CONFIGURATION = "configuration"
    FLAG = "flag"
    JOURNAL = "journal"
    LETTER = "letter"
    MEDIATOR = "mediator"
    OPERATION = "operation"
    PERSON = "person"
    PILOT = "pilot"
    PROCESS = "process"
    PROVISION = "provision"
    SCHEMA = "schema"
    SETTING = "setting"
    TENANT = "tenant"
    WEBHOOK = "webhook"


class Act(StrEnum):
    """What a person may want to do. The `as_*` acts are capacities: in whose place something is done on a case."""

    ADVANCE = "advance"
    ALLOW_DESTINATION = "allow_destination"
    APPROVE = "approve"
    BREAK_GLASS = "break_glass"
    AS_ADVISER = "as_adviser"
    AS_DECISION_MAKER = "as_decision_maker"
    AS_FAMILY = "as_family"
    AS_HEALTH_BODY = "as_health_body"
    AS_LOCAL_AUTHORITY = "as_local_authority"
    AS_MEDIATION_ADVISER = "as_mediation_adviser"
    AS_PROVIDER = "as_provider"
    AS_REQUESTER = "as_requester"
    AS_SCHOOL = "as_school"
    AS_SETTING = "as_setting"
    AS_TRIBUNAL = "as_tribunal"
    CLAIM_EXCUSE = "claim_excuse"
    CONFIGURE = "configure"
    CONSENT = "consent"
    CREATE = "create"
    END_SIGN_IN = "end_sign_in"
    ENROL = "enrol"
    EVALUATE = "evaluate"
    EXPLAIN = "explain"
    GRANT_SUPPORT = "grant_support"
    KEEP = "keep"
    KILL = "kill"
    LIST = "list"
    OPEN = "open"
    PROPOSE = "propose"
    READ = "read"
    READ_BREAKS = "read_breaks"
    READ_FAMILY_VIEW = "read_family_view"
    READ_LINE = "read_line"
    READ_LIST = "read_list"
    REGISTER = "register"
    RECORD_CAPACITY = "record_capacity"
    RECORD_TERMS = "record_terms"
    WITHDRAW = "withdraw"
    RUN_ROUND = "run_round"


class Role(StrEnum):
    """What a person is in one local authority. A person may be several things at once."""

    AP_PROVIDER = "ap_provider"
    AUDITOR = "auditor"
    DECISION_MAKER = "decision_maker"
    EDUCATIONAL_PSYCHOLOGIST = "educational_psychologist"
    HEALTH_ADVISER = "health_adviser"
    HEALTH_COMMISSIONER = "health_commissioner"
    LA_ADMINISTRATOR = "la_administrator"
    LA_CASEWORKER = "la_caseworker"
    LA_MANAGER = "la_manager"
    MEDIATION_ADVISER = "mediation_adviser"
    NATIONAL_PILOT_AUTHORITY = "national_pilot_authority"
    OPS = "ops"
    PARENT = "parent"
    SCHOOL_HEAD = "school_head"
    SCHOOL_SENCO = "school_senco"
    SETTING_CONSULTED = "setting_consulted"
    SOCIAL_CARE_ADVISER = "social_care_adviser"
    TRIBUNAL_STAFF = "tribunal_staff"
    YOUNG_PERSON = "young_person"


# In place of a role, where a rule denies: an order binds the person, in whatever role they come.
ANYBODY = "anybody"


class Scope(StrEnum):
    """The kind of row on which an act is judged; `tenant` for what belongs to the authority as a whole."""

    CASE = "case"
    CHILD = "child"
    PERSON = "person"
    SETTING = "setting"
    TENANT = "tenant"


# The definition's word for a capacity (`by:`) -> the act that the policy grants. `school` is the school where the child is
# on roll, whoever there acts for it: a head alone may suspend (Education Act 2002 s.51A) while a SENCO writes down a review
# meeting, and no capacity tells the two apart. The school answers for who signs; the journal keeps who it was.
CAPACITIES: Mapping[str, Act] = MappingProxyType(
    {
        "adviser": Act.AS_ADVISER,
        "decision_maker": Act.AS_DECISION_MAKER,
        "family": Act.AS_FAMILY,
        "health_body": Act.AS_HEALTH_BODY,
        "local_authority": Act.AS_LOCAL_AUTHORITY,
        "mediation_adviser": Act.AS_MEDIATION_ADVISER,
        "provider": Act.AS_PROVIDER,
        "requester": Act.AS_REQUESTER,
        "school": Act.AS_SCHOOL,
        "setting": Act.AS_SETTING,
        "tribunal": Act.AS_TRIBUNAL,
    }
)

# Two acts make a row that does not exist yet, and are judged on the row it will hang from: a case to be opened on its
# child, a child to be registered on its setting.
ACTS: Mapping[Object, Mapping[Act, Scope]] = MappingProxyType(
    {
        Object.CASE: {
            Act.AS_ADVISER: Scope.CASE,
            Act.AS_DECISION_MAKER: Scope.CASE,
            Act.AS_FAMILY: Scope.CASE,
            Act.AS_HEALTH_BODY: Scope.CASE,
            Act.AS_LOCAL_AUTHORITY: Scope.CASE,
            Act.AS_MEDIATION_ADVISER: Scope.CASE,
            Act.AS_PROVIDER: Scope.CASE,
            Act.AS_REQUESTER: Scope.CASE,
            Act.AS_SCHOOL: Scope.CASE,
            Act.AS_SETTING: Scope.CASE,
            Act.AS_TRIBUNAL: Scope.CASE,
            Act.BREAK_GLASS: Scope.CASE,
            Act.CLAIM_EXCUSE: Scope.CASE,
            Act.LIST: Scope.CASE,
            Act.OPEN: Scope.CHILD,
            Act.READ: Scope.CASE,
            Act.READ_LINE: Scope.CASE,
            Act.READ_LIST: Scope.CASE,
        },
        Object.CHILD: {Act.CREATE: Scope.SETTING, Act.LIST: Scope.CHILD, Act.READ: Scope.CHILD},
        Object.CONFIGURATION: {Act.APPROVE: Scope.TENANT, Act.READ: Scope.TENANT},
        Object.CLOCK: {Act.ADVANCE: Scope.TENANT, Act.READ: Scope.CASE},
        Object.FLAG: {Act.APPROVE: Scope.TENANT, Act.PROPOSE: Scope.TENANT, Act.READ: Scope.TENANT, Act.WITHDRAW: Scope.TENANT},
        Object.JOURNAL: {Act.READ: Scope.CASE, Act.READ_FAMILY_VIEW: Scope.CASE},
        Object.LETTER: {Act.READ: Scope.CASE},
        Object.MEDIATOR: {Act.KEEP: Scope.TENANT, Act.READ: Scope.PERSON},
        Object.OPERATION: {Act.READ: Scope.TENANT},
        Object.PERSON: {
            Act.CREATE: Scope.TENANT,
            Act.END_SIGN_IN: Scope.TENANT,
            Act.GRANT_SUPPORT: Scope.TENANT,
            Act.LIST: Scope.PERSON,
            Act.READ: Scope.PERSON,
        },
        Object.PILOT: {
            Act.CONSENT: Scope.CHILD,
            Act.ENROL: Scope.TENANT,
            Act.EVALUATE: Scope.TENANT,
            Act.KILL: Scope.TENANT,
            Act.READ: Scope.TENANT,
        },
        Object.PROCESS: {Act.READ: Scope.TENANT},
        Object.PROVISION: {Act.READ: Scope.CASE},
        Object.SCHEMA: {Act.READ: Scope.TENANT},
        Object.SETTING: {
            Act.CREATE: Scope.TENANT,
            Act.LIST: Scope.SETTING,
            Act.READ: Scope.SETTING,
            Act.RECORD_CAPACITY: Scope.SETTING,
            Act.RECORD_TERMS: Scope.SETTING,
        },
        Object.TENANT: {
            Act.CONFIGURE: Scope.TENANT,
            Act.EXPLAIN: Scope.TENANT,
            Act.READ: Scope.TENANT,
            Act.READ_BREAKS: Scope.TENANT,
            Act.RUN_ROUND: Scope.TENANT,
        },
        Object.WEBHOOK: {Act.ALLOW_DESTINATION: Scope.TENANT, Act.READ: Scope.TENANT, Act.REGISTER: Scope.TENANT},
    }
)

# How a refusal names the act: completes "Your role here does not let you ..." and "..., so you may not ...".
_SAY_ACT: Mapping[Act, str] = MappingProxyType(
    {
        Act.ADVANCE: "advance the clock",
        Act.ALLOW_DESTINATION: "allow a host to be told of changes",
        Act.REGISTER: "register where changes are told",
        Act.APPROVE: "approve what another proposed for this council",
        Act.AS_ADVISER: "act as an adviser in this case",
        Act.AS_DECISION_MAKER: "decide for the council in this case",
        Act.AS_FAMILY: "act for the family in this case",
        Act.AS_HEALTH_BODY: "act for the health service in this case",
        Act.AS_LOCAL_AUTHORITY: "act for the council in this case",
        Act.AS_MEDIATION_ADVISER: "act as the mediation adviser in this case",
        Act.AS_PROVIDER: "act for a provider of alternative provision in this case",
        Act.AS_REQUESTER: "act for the school or college that made the request",
        Act.AS_SCHOOL: "act for the child's school in this case",
        Act.AS_SETTING: "answer for a school or college in this case",
        Act.AS_TRIBUNAL: "act for the tribunal in this case",
        Act.BREAK_GLASS: "open a case in which you have no part",
        Act.CLAIM_EXCUSE: "claim that a limit does not apply in this case",
        Act.CONFIGURE: "change the settings of this council",
        Act.CONSENT: "say for this family whether it takes part in a pilot",
        Act.END_SIGN_IN: "end the sign-in of somebody of this council",
        Act.ENROL: "enrol this council in a pilot",
        Act.EVALUATE: "read how a pilot went",
        Act.EXPLAIN: "see why somebody may or may not",
        Act.GRANT_SUPPORT: "let somebody of the service look at a child's cases",
        Act.KEEP: "keep the register of mediators",
        Act.KILL: "switch a pilot off for every case",
        Act.OPEN: "open a case for this child",
        Act.PROPOSE: "propose a flag for this council",
        Act.READ_BREAKS: "see who opened cases in which they have no part",
        Act.READ_FAMILY_VIEW: "see the family's view of what happened",
        Act.READ_LINE: "see what a list of settings says of your own",
        Act.READ_LIST: "see the list of settings that was made for this child",
        Act.RECORD_CAPACITY: "say how many places this school or college has",
        Act.RECORD_TERMS: "record the terms of this school or college",
        Act.WITHDRAW: "withdraw a flag of this council",
        Act.RUN_ROUND: "run a round of places for this council",
    }
)
_SAY_OBJECT: Mapping[Object, str] = MappingProxyType(
    {
        Object.CASE: "cases",
        Object.CHILD: "children's records",
        Object.CLOCK: "the deadlines of cases",
        Object.CONFIGURATION: "what this council sets for itself",
        Object.FLAG: "flags",
        Object.JOURNAL: "the full journal of cases",
        Object.LETTER: "letters",
        Object.MEDIATOR: "the register of mediators",
        Object.OPERATION: "how the service is running",
        Object.PERSON: "people's records",
        Object.PILOT: "pilots",
        Object.PROCESS: "the procedures",
        Object.PROVISION: "the provision that a plan proposes",
        Object.SCHEMA: "how the interface is built",
        Object.SETTING: "schools and colleges",
        Object.TENANT: "this council",
        Object.WEBHOOK: "where changes are told",
    }
)
_SAY_PLAIN: Mapping[Act, str] = MappingProxyType({Act.CREATE: "add to", Act.LIST: "list", Act.READ: "see"})


def in_words(obj: Object, act: Act) -> str:
    """The act as a verb phrase fit for a user."""
    return f"{_SAY_PLAIN[act]} {_SAY_OBJECT[obj]}" if act in _SAY_PLAIN else _SAY_ACT[act]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, as the token says: the person, the local authority, and the person's roles there. No name."""

    person_id: UUID
    tenant: str
    roles: frozenset[str]
