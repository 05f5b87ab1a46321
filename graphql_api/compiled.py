"""An executor that compiles what is asked below an object into plain Python functions, and leaves every surprise to graphql-core.

graphql-core walks the selection again for every object of a list. Here the selection is walked once, and becomes source such as

    def f3(o, later, given):
        if type(o) is not c1: raise Surprise
        v2 = o.name
        r = {"name": v2 if type(v2) is str else k5(v2), "child": None}
        later[0].append((o, r))
        return r

A field whose resolver is async is put off: its objects are collected, answered together (`graphql_api/together.py`), and completed by
the next function, level by level. Anything unforeseen (a value of another type, a null where none may be, an error, an odd directive)
ends the attempt, and graphql-core answers for that subtree, from its beginning, and for what is still to be begun; so every error, with its message, path and
locations, is graphql-core's own. Queries only read, and below a mutation's answer everything only reads: twice is as good as once.

A document is compiled when it comes a second time: one that is asked once costs what it always did. It leans on the executor's
insides, so graphql-core is pinned, and tests/graphql_api/test_compiled.py holds both executors against each other.
"""

from __future__ import annotations

import inspect
from asyncio import TaskGroup
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from types import FunctionType
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLUnionType,
    OperationDefinitionNode,
    SelectionNode,
    Undefined,
    VariableNode,
)
from graphql.execution.collect_fields import FieldDetails, collect_subfields
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from graphql_api.scalars import SCALARS
from graphql_api.together import MANY

MOST_DOCUMENTS, MOST_PLANS = 256, 512  # remembered; the longest unused is forgotten
_BACK = "strawberry-definition"  # where a GraphQL type or field has the Strawberry definition that it was made from
_KNOWN_DIRECTIVES = frozenset({"skip", "include"})
_EXACT = {"String": str, "ID": str, "Boolean": bool}  # a value of exactly this type is its own answer


class Surprise(Exception):  # noqa: N818 - it says what happened
    """This value or selection is not one for compiled code."""


@dataclass(frozen=True, slots=True)
class _Given:
    """The arguments of a field as the document writes them; their values are worked out once a run."""

    rule: GraphQLField
    declared: StrawberryField
    details: FieldDetails


@dataclass(frozen=True, slots=True)
class _Later:
    """A field that is answered when the objects around it are done: for many at once, or one by one side by side."""

    key: str
    many: Callable[..., Awaitable[Iterable[Any]]]
    given: int | None
    complete: str


@dataclass(slots=True)
class _Plan:
    """What is asked below one object, as functions. The nodes are kept, so that no other node has their place in memory."""

    nodes: tuple[object, ...]
    begin: Callable[..., dict[str, Any]] | None = None
    later: list[_Later] = field(default_factory=list)
    given: list[_Given] = field(default_factory=list)
    functions: Mapping[str, Any] = field(default_factory=dict)


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor, with compiled code for whatever is below an object."""

    _plans: OrderedDict[tuple[object, ...], _Plan] = OrderedDict()  # noqa: RUF012 - one for the process
    _asked: OrderedDict[int, OperationDefinitionNode] = OrderedDict()  # noqa: RUF012 - kept, so that no other has its place in memory

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first_time = id(self.operation) not in self._asked  # a text is parsed once, and is the same nodes whenever it comes
        _remember(self._asked, id(self.operation), self.operation, MOST_DOCUMENTS)
        self._plain = first_time or bool(self.abort_signal or (self.middleware_manager and self.middleware_manager.middlewares))

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: list[FieldDetails],
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """The answer below an object: from compiled code where there is some and nothing surprises it, else from graphql-core."""
        plan = None if self._plain or position_context is not None else self._plan(return_type, field_details_list)
        if plan is not None and plan.begin is not None:
            try:
                given = [self._values(one) for one in plan.given]
                later: list[list[tuple[Any, dict[str, Any]]]] = [[] for _ in plan.later]
                data = plan.begin(result, later, given)
            except Exception:  # whatever it was, graphql-core finds it again and says it in its own words
                self._plain = True
            else:
                if any(later):
                    return self._finish(plan, data, later, given, (return_type, field_details_list, info, path, result, position_context))
                return data
        return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)

    async def _finish(
        self, plan: _Plan, data: dict[str, Any], later: list[list[tuple[Any, dict[str, Any]]]], given: list[dict[str, Any]], again: Any
    ) -> Any:
        """Answer what was put off. A field comes before those below it, so one pass is enough."""
        try:
            for field_, waiting in zip(plan.later, later, strict=True):
                if waiting:
                    values = await field_.many([one for one, _ in waiting], **({} if field_.given is None else given[field_.given]))
                    complete = plan.functions[field_.complete]
                    for (_, answer), value in zip(waiting, values, strict=True):
                        answer[field_.key] = complete(value, later, given)
        except Exception:
            self._plain = True
            found = super().complete_object_value(*again)
            return await found if self.is_awaitable(found) else found
        return data

    def _plan(self, wanted: GraphQLObjectType, details: list[FieldDetails]) -> _Plan:
        """The functions for a selection, if it can be compiled."""
        nodes = tuple(one.node for one in details)
        key = (id(wanted), self._conditions, *map(id, nodes))
        plan = self._plans.get(key)
        if plan is None:
            plan = _Plan((wanted, *nodes))
            try:
                _Compiler(self, plan).compile(wanted, details)
            except Exception:  # a fault of the document, too, is graphql-core's to tell
                plan.begin = None
        _remember(self._plans, key, plan, MOST_PLANS)
        return plan

    @property
    def _conditions(self) -> tuple[object, ...]:
        """What @skip and @include depend on in this run."""
        found: tuple[object, ...] | None = self.__dict__.get("_conditions_found")
        if found is None:
            asked = _condition_names(self.operation.selection_set.selections, self.fragment_definitions)
            found = self.__dict__["_conditions_found"] = tuple((name, self.variable_values.coerced.get(name)) for name in sorted(asked))
        return found

    def _values(self, given: _Given) -> dict[str, Any]:
        found = get_argument_values(given.rule, given.details.node, self.variable_values, None, self.hide_suggestions)
        schema: Any = self.schema.extensions[_BACK]
        registry = schema.schema_converter.scalar_registry
        return convert_arguments(found, given.declared.arguments, scalar_registry=registry, config=schema.config)


def _remember(kept: OrderedDict[Any, Any], key: object, value: object, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)


def _condition_names(selections: Iterable[SelectionNode], fragments: Mapping[str, FragmentDefinitionNode]) -> frozenset[str]:
    """The variables that directives use, in an operation and in the fragments that it reaches."""
    found, seen, work = set(), set(), list(selections)
    while work:
        node = work.pop()
        for directive in node.directives or ():
            found |= {each.value.name.value for each in directive.arguments or () if isinstance(each.value, VariableNode)}
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in seen and name in fragments:
                seen.add(name)
                work.extend(fragments[name].selection_set.selections)
        elif (inner := getattr(node, "selection_set", None)) is not None:
            work.extend(inner.selections)
    return frozenset(found)


class _Compiler:
    """Writes the functions of one plan. Names in the source are made here; what a client wrote appears only as quoted keys."""

    def __init__(self, executor: CompiledExecutor, plan: _Plan) -> None:
        self._executor = executor
        self._plan = plan
        self._names: dict[str, Any] = {"Surprise": Surprise, "listed": _listed}
        self._source: list[str] = []

    def compile(self, wanted: GraphQLObjectType, details: list[FieldDetails]) -> None:
        """Fill the plan, or raise Surprise."""
        entry = self._object(wanted, details)
        exec(compile("\n".join(self._source), "<compiled selection>", "exec"), self._names)  # noqa: S102 - written below, of our own names
        self._plan.functions = self._names
        self._plan.begin = self._names[entry]

    def _name(self, prefix: str, value: Any = None) -> str:
        name = f"{prefix}{len(self._names)}"
        self._names[name] = value
        return name

    def _object(self, wanted: GraphQLObjectType, details: list[FieldDetails]) -> str:
        """A function for the fields asked of one type of object."""
        executor, definition = self._executor, wanted.extensions.get(_BACK)
        if not isinstance(definition, StrawberryObjectDefinition):
            raise Surprise
        collected = collect_subfields(
            executor.schema, executor.fragments, executor.variable_values, executor.operation, wanted, details, executor.hide_suggestions
        )
        if collected.new_defer_usages:
            raise Surprise
        name, reads, parts, puts = self._name("f"), [], [], []
        for key, asked in collected.grouped_field_set.items():
            if any(one.fragment_variable_values for one in asked) or any(map(_odd, asked)):
                raise Surprise
            field_name = asked[0].node.name.value
            if field_name == "__typename":
                parts.append(f"{key!r}: {wanted.name!r}")
                continue
            rule = wanted.fields[field_name]
            declared, function = _resolver(rule)
            if function is None:
                value = self._name("v")
                reads.append(f"    {value} = o.{declared.python_name}")
                parts.append(f"{key!r}: {self._value(rule.type, asked, value)}")
            elif declared.is_async:
                parts.append(f"{key!r}: None")
                puts.append(f"    later[{self._put_off(key, rule, declared, function, asked)}].append((o, r))")
            else:
                value, call = self._name("v"), self._name("m", function)
                given = self._given(rule, declared, asked)
                reads.append(f"    {value} = {call}(o{'' if given is None else f', **given[{given}]'})")
                parts.append(f"{key!r}: {self._value(rule.type, asked, value)}")
        head = f"def {name}(o, later, given):\n    if type(o) is not {self._name('c', definition.origin)}: raise Surprise"
        self._source.append("\n".join([head, *reads, f"    r = {{{', '.join(parts)}}}", *puts, "    return r"]))
        return name

    def _put_off(self, key: str, rule: GraphQLField, declared: StrawberryField, function: FunctionType, asked: list[FieldDetails]) -> int:
        """The place among the fields that are answered later: before those below it."""
        place, complete = len(self._plan.later), self._name("f")
        many = getattr(function, MANY, None) or _side_by_side(function)
        self._plan.later.append(_Later(key, many, self._given(rule, declared, asked), complete))
        self._source.append(f"def {complete}(v, later, given):\n    return {self._value(rule.type, asked, 'v')}")
        return place

    def _given(self, rule: GraphQLField, declared: StrawberryField, asked: list[FieldDetails]) -> int | None:
        if not rule.args:
            return None
        self._plan.given.append(_Given(rule, declared, asked[0]))
        return len(self._plan.given) - 1

    def _value(self, wanted: GraphQLOutputType, asked: list[FieldDetails], value: str, depth: int = 0) -> str:
        """An expression for the answer of a value; `value` is a name. Null where none may be is a surprise to whatever is called with it."""
        if isinstance(wanted, GraphQLNonNull):
            return self._present(wanted.of_type, asked, value, depth)
        return f"(None if {value} is None else {self._present(wanted, asked, value, depth)})"

    def _present(self, wanted: Any, asked: list[FieldDetails], value: str, depth: int) -> str:
        if isinstance(wanted, GraphQLList):
            item = f"x{depth}"
            return f"[{self._value(wanted.of_type, asked, item, depth + 1)} for {item} in listed({value})]"
        if isinstance(wanted, GraphQLObjectType):
            return f"{self._object(wanted, asked)}({value}, later, given)"
        if isinstance(wanted, GraphQLInterfaceType | GraphQLUnionType):
            return f"{self._one_of(wanted, asked)}[type({value})]({value}, later, given)"
        if isinstance(wanted, GraphQLEnumType):
            members: Any = getattr(wanted, "wrapped_cls", ())
            names = self._name("e", {member: wanted.coerce_output_value(member) for member in members})
            return f"{names}[{value}]"
        slow = self._name("k", _leaf(wanted, self._executor.is_awaitable))
        if wanted.name in _EXACT:
            return f"({value} if type({value}) is {_EXACT[wanted.name].__name__} else {slow}({value}))"
        if wanted.name in _SIMPLE:
            kind, write = _SIMPLE[wanted.name]
            return f"({self._name('w', write)}({value}) if type({value}) is {self._name('t', kind)} else {slow}({value}))"
        return f"{slow}({value})"

    def _one_of(self, wanted: GraphQLInterfaceType | GraphQLUnionType, asked: list[FieldDetails]) -> str:
        """A table of functions, by the type of the object; one that is not in it is a surprise."""
        table = self._name("a", {})
        for each in self._executor.schema.get_possible_types(wanted):
            definition: Any = each.extensions.get(_BACK)
            function = self._object(each, asked)
            # The functions do not exist yet; they are looked up by name when the first object comes.
            self._names[table][definition.origin] = _named(self._names, function)
        return table


def _resolver(rule: GraphQLField) -> tuple[StrawberryField, FunctionType | None]:
    """How a field is answered: by an attribute (no function), or by a method of the object with nothing around it."""
    declared = rule.extensions.get(_BACK)
    if not isinstance(declared, StrawberryField) or declared.extensions or declared.permission_classes:
        raise Surprise
    resolver = declared.base_resolver
    if resolver is None:
        if not getattr(rule.resolve, "_is_default", False) or rule.args:
            raise Surprise
        return declared, None
    odd = resolver.info_parameter or resolver.root_parameter or resolver.parent_parameter or not resolver.self_parameter
    function = resolver.wrapped_func
    if odd or not isinstance(function, FunctionType) or inspect.isasyncgenfunction(function):
        raise Surprise
    return declared, function


def _odd(asked: FieldDetails) -> bool:
    node: FieldNode = asked.node
    return asked.defer_usage is not None or any(each.name.value not in _KNOWN_DIRECTIVES for each in node.directives or ())


def _side_by_side(one: FunctionType) -> Callable[..., Awaitable[list[Any]]]:
    """A resolver of one object for many: their loaders gather what they ask for."""

    async def many(objects: list[Any], **given: Any) -> list[Any]:
        async with TaskGroup() as group:  # one that fails ends the others, so that none reads on when the request is over
            asked = [group.create_task(one(each, **given)) for each in objects]
        return [each.result() for each in asked]

    return many


def _named(names: Mapping[str, Any], function: str) -> Callable[..., Any]:
    def call(value: Any, later: Any, given: Any) -> Any:
        return names[function](value, later, given)

    return call


def _listed(value: Any) -> Any:
    if type(value) is list or type(value) is tuple:
        return value
    raise Surprise


def _leaf(wanted: GraphQLScalarType, is_awaitable: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """The scalar's own way to write a value, for values that are not of the usual type."""

    def written(value: Any) -> Any:
        if value is None or value is Undefined or isinstance(value, Exception) or is_awaitable(value):
            raise Surprise
        found = wanted.coerce_output_value(value)
        if found is None or found is Undefined:
            raise Surprise
        return found

    return written


def _finite(value: float) -> float:
    if not isfinite(value):
        raise Surprise
    return value


def _small(value: int) -> int:
    if not -(2**31) <= value < 2**31:
        raise Surprise
    return value


_SIMPLE: Mapping[str, tuple[type, Callable[[Any], Any]]] = {
    "Int": (int, _small),
    "Float": (float, _finite),
    "Date": (date, SCALARS[date].serialize or str),
    "DateTime": (datetime, SCALARS[datetime].serialize or str),
}
