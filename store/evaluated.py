"""Which variant of each flag a case gets that opens now: evaluated through OpenFeature, read in the transaction that pins it.

The provider reads the council's rows in the session of whoever asks (`in_force` holds them), so that pinning and killing a pilot come
one after the other. What it may know of the child comes by the binding and is in no evaluation context: hooks and traces see the
council and the process, never a child.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError, GeneralError, TypeMismatchError
from openfeature.flag_evaluation import FlagEvaluationDetails, FlagResolutionDetails, FlagValueType, Reason
from openfeature.hook import Hook, HookContext, HookHints
from openfeature.provider import AbstractProvider, Metadata
from opentelemetry import trace
from sqlalchemy.ext.asyncio import AsyncSession

from statute.choose import Council, choice
from statute.pilot import Pilot
from store import flags, people, pilots
from store.session import tenant_of
from tenants.dfe import change_programme
from tenants.flags import KNOWN, Child, Cohort, cohort_of

DOMAIN = "waymark"
EVENT = "feature_flag.evaluation"


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The variants other than the law's that apply, by flag, and the pilots that they stand for, in the order in which they are laid."""

    flags: Mapping[str, str] = field(default_factory=dict)
    pilots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asking:
    """One opening: what was read for it in its transaction. Bound to the task that opens."""

    process: str
    day: date
    child: Child | None
    set: Mapping[str, flags.Flag]
    offered: Mapping[tuple[str, str], Pilot]
    groups: frozenset[str]
    enrolled: Mapping[str, pilots.Enrolment]
    consents: Mapping[str, tuple[bool, date]]


_ASKING: ContextVar[_Asking | None] = ContextVar("waymark_flags", default=None)


class Unevaluated(RuntimeError):  # noqa: N818
    """A flag could not be evaluated. The SDK would answer the default: a case must not open under rules that nobody chose."""


async def evaluated(session: AsyncSession, process: str, day: date, child: Child | None, offered: Iterable[Pilot]) -> Evaluated:
    """The flags of a case of a process that opens on a day, as they stand in this transaction.

    Raises:
        Unevaluated: the evaluation itself failed.
    """
    concerned = {(one.flag, one.variant): one for one in offered if process in one.parts}
    if not concerned:
        return Evaluated()
    found = await flags.in_force(session, day)
    if not found:
        return Evaluated()  # nothing is set here: no council pays for what it does not use
    asking = _Asking(
        process,
        day,
        child,
        found,
        concerned,
        groups_of(await people.read_tenant(session)),
        await pilots.enrolments(session, hold=True),
        await pilots.answers(session, child.id) if child else {},
    )
    bound = _ASKING.set(asking)
    try:
        chosen: dict[str, str] = {}
        context = EvaluationContext(tenant_of(session), {"process": process, "on": day.isoformat()})
        for name in sorted({flag for flag, _ in concerned}):
            details = await _client().get_string_details_async(name, KNOWN[name].default, context)
            if details.error_code is not None:
                raise Unevaluated(f"flag {name}: {details.error_code}")
            chosen[name] = details.value
    finally:
        _ASKING.reset(bound)
    others = {name: variant for name, variant in chosen.items() if variant != KNOWN[name].default}
    return Evaluated(others, tuple(concerned[each].name for each in others.items()))


class CouncilFlags(AbstractProvider):
    """The provider: decides from what was read for the opening that is bound to this task."""

    def get_metadata(self) -> Metadata:
        return Metadata(name="waymark-postgres")

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        known, asking = KNOWN.get(flag_key), _ASKING.get()
        if known is None:
            raise FlagNotFoundError(f"no flag {flag_key}")
        if asking is None:
            raise GeneralError("a flag is evaluated within an opening, in its transaction")
        one = asking.set.get(flag_key)
        if one is None:
            return FlagResolutionDetails(default_value, reason=Reason.DEFAULT, variant=known.default)
        cohort = cohort_of(one.cohort)
        against = _against(asking, one, cohort)
        if against:
            reason = Reason.DEFAULT if against in ("cohort", "not for this process") else Reason.DISABLED
            return FlagResolutionDetails(default_value, reason=reason, variant=known.default, flag_metadata={"against": against})
        reason = Reason.SPLIT if cohort.percent < 100 else Reason.TARGETING_MATCH
        return FlagResolutionDetails(one.variant, reason=reason, variant=one.variant, flag_metadata={"revision": one.revision})

    async def resolve_string_details_async(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        return self.resolve_string_details(flag_key, default_value, evaluation_context)

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        raise TypeMismatchError("flags have variants by name")

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        raise TypeMismatchError("flags have variants by name")

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        raise TypeMismatchError("flags have variants by name")

    def resolve_object_details(  # type: ignore[override]
        self, flag_key: str, default_value: FlagValueType, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[FlagValueType]:
        raise TypeMismatchError("flags have variants by name")


def groups_of(council: people.Tenant | None) -> frozenset[str]:
    """The groups of councils to which one belongs. A council for training trains for everything."""
    if council is None:
        return frozenset()
    return frozenset({"change_programme"} if council.training or council.dfe_code in change_programme() else ())


def _against(asking: _Asking, one: flags.Flag, cohort: Cohort) -> str:
    """Why a setting in force does not apply to this opening; nothing where it does. Without any one of these the law as it is applies."""
    pilot = asking.offered.get((one.name, one.variant))
    if pilot is None:
        return "not for this process"
    if not cohort.takes_in(one.name, asking.process, asking.child, asking.day):
        return "cohort"
    enrolled = [name for name, known in asking.enrolled.items() if known.holds(asking.day)]
    consented = asking.consents.get(pilot.name, (False, asking.day))[0]
    violations = choice([pilot], Council(asking.groups, enrolled, consented), asking.day)
    return "; ".join(violation.what for violation in violations)


class Told(Hook):
    """Tells the current span of each evaluation, by the conventions of OpenTelemetry. The context id is the council."""

    def finally_after(self, hook_context: HookContext, details: FlagEvaluationDetails[FlagValueType], hints: HookHints) -> None:
        provider = hook_context.provider_metadata
        trace.get_current_span().add_event(
            EVENT,
            {
                "feature_flag.key": hook_context.flag_key,
                "feature_flag.result.variant": details.variant or str(details.value),
                "feature_flag.result.reason": str(details.reason or Reason.UNKNOWN).lower(),
                "feature_flag.provider.name": provider.name if provider else "",
                "feature_flag.context.id": hook_context.evaluation_context.targeting_key or "",
            },
        )


@cache
def _client() -> OpenFeatureClient:
    """The SDK's client of our provider; a domain of its own, so that it is in nobody's way."""
    api.set_provider_and_wait(CouncilFlags(), DOMAIN)
    client = api.get_client(DOMAIN)
    client.add_hooks([Told()])
    return client
