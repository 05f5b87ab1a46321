"""How much a GraphQL document asks for, measured in one visit of each of its nodes, fragments expanded by arithmetic."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NoReturn

from graphql import (
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    parse,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Every number that the guard keeps. A legitimate page of ours uses about a third of each."""

    # A council's configuration is up to 60,000 characters of YAML, each up to four bytes of UTF-8; it travels as a variable.
    body_bytes: int = 256 * 1024
    document_characters: int = 64 * 1024
    json_depth: int = 24
    json_values: int = 10_000  # a proposal of provision holds 200 items of a dozen values, and keys count
    number_characters: int = 40
    tokens: int = 2_000
    comments: int = 500
    brackets: int = 60
    operations: int = 5
    fragments: int = 30
    root_fields: int = 12
    depth: int = 12
    selections: int = 600
    aliases: int = 30
    repeats: int = 30
    directives: int = 60
    variables: int = 60
    # The standard introspection query is deep by nature; it may not revisit lists of types, which is what grows.
    introspection_depth: int = 18
    introspection_lists: int = 2
    remembered_documents: int = 512
    remembered_characters: int = 8 * 1024


class TurnedAway(Exception):  # noqa: N818 - the house names refusals by what happened
    """The request goes no further: `code` for programs, the text for people."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document: its kind (query, mutation, subscription) and how much it asks for."""

    name: str | None
    kind: str
    root_fields: int
    depth: int
    selections: int
    aliases: int
    introspective: bool = False
    asked: frozenset[str] = frozenset()  # the names of the fields at the top


@dataclass(frozen=True, slots=True)
class Measured:
    """A document within the limits. `visited` counts the nodes that measuring it looked at."""

    operations: tuple[Operation, ...]
    visited: int

    def choose(self, name: str | None) -> Operation:
        """The operation that will run."""
        if name is None:
            if len(self.operations) == 1:
                return self.operations[0]
            raise TurnedAway("OPERATION_NAME_NEEDED", "The document has several operations; say which in operationName.")
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise TurnedAway("OPERATION_NOT_FOUND", "The document has no operation of the name given in operationName.")


@dataclass(slots=True)
class _Reach:
    """The deepest path found, in fields, and the most lists of types met on one path."""

    depth: int = 0
    lists: int = 0

    def take(self, depth: int, lists: int) -> None:
        self.depth = max(self.depth, depth)
        self.lists = max(self.lists, lists)


@dataclass(frozen=True, slots=True)
class _Spread:
    fragment: str
    at: _Reach
    root: bool
    introspective: bool


@dataclass(slots=True)
class _Tally:
    """What one definition holds itself; its spreads are added once each by `_total`."""

    plain: _Reach = field(default_factory=_Reach)
    introspective: _Reach = field(default_factory=_Reach)
    selections: int = 0
    aliases: int = 0
    root_fields: int = 0
    asked: set[str] = field(default_factory=set)
    spreads: list[_Spread] = field(default_factory=list)


# Strings and comments are skipped as the lexer does, so that a bracket inside one neither hides nor makes depth. An
# unterminated string takes the rest of its line (of the text, for a block string): each character is read once.
_BRACKETS = re.compile(
    r'"""(?:[^"\\]|\\"""|\\|"(?!""))*+(?:"""|\Z)|"(?:[^"\\\r\n]|\\[^\r\n])*+"?|#[^\r\n]*+|(?P<open>[{\[(])|(?P<shut>[}\])])'
)
_INTROSPECTION = frozenset({"__schema", "__type"})
_LISTS_OF_TYPES = frozenset({"fields", "interfaces", "possibleTypes", "inputFields"})


def measure(text: str, limits: Limits) -> Measured:
    """Measure a document, or raise TurnedAway with the first limit that it passes."""
    _check_brackets(text, limits)
    try:
        document = parse(text, no_location=True, max_lexical_tokens=limits.tokens, max_comments=limits.comments)
    except GraphQLError as fault:
        if "more than" in fault.message and "Parsing aborted" in fault.message:
            _too_much("TOO_MANY_TOKENS", "words", limits.tokens)
        raise TurnedAway("NOT_GRAPHQL", fault.message[:200]) from None
    except (RecursionError, ValueError, OverflowError):
        raise TurnedAway("NOT_GRAPHQL", "The document cannot be read.") from None

    operations: list[OperationDefinitionNode] = []
    fragments: dict[str, FragmentDefinitionNode] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations.append(definition)
        elif isinstance(definition, FragmentDefinitionNode):
            if definition.name.value in fragments:
                raise TurnedAway("NOT_GRAPHQL", "Two fragments have the same name.")
            fragments[definition.name.value] = definition
        else:
            raise TurnedAway("NOT_AN_OPERATION", "Only operations and fragments can be asked.")
    if not operations:
        raise TurnedAway("NOT_AN_OPERATION", "The document has no operation.")
    if len(operations) > limits.operations:
        _too_much("TOO_MANY_OPERATIONS", "operations", limits.operations)
    if len(fragments) > limits.fragments:
        _too_much("TOO_MANY_FRAGMENTS", "fragments", limits.fragments)
    names = [operation.name.value if operation.name else None for operation in operations]
    if len(set(names)) < len(names) or (None in names and len(names) > 1):
        raise TurnedAway("NOT_GRAPHQL", "Each of several operations needs its own name.")

    survey = _Survey(limits)
    tallies = {name: survey.tally(fragment) for name, fragment in fragments.items()}
    totals: dict[str, _Tally] = {}
    for name in fragments:
        _total_of_fragment(name, tallies, totals, ())
    measured = []
    for title, operation in zip(names, operations, strict=True):
        total = _total(survey.tally(operation), totals)
        kind = operation.operation.value
        _check_operation(kind, total, limits)
        depth = max(total.plain.depth, total.introspective.depth)
        introspective, asked = total.introspective.depth > 0, frozenset(total.asked)
        measured.append(Operation(title, kind, total.root_fields, depth, total.selections, total.aliases, introspective, asked))
    return Measured(tuple(measured), survey.visited)


def _too_much(code: str, what: str, limit: int) -> NoReturn:
    raise TurnedAway(code, f"The request has too many {what}: at most {limit} are read.")


def _check_brackets(text: str, limits: Limits) -> None:
    """Nesting is bounded before parsing, because the parser calls itself for each level."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        if found.lastgroup == "open":
            depth += 1
            if depth > limits.brackets:
                raise TurnedAway("TOO_DEEP", f"The document nests more than {limits.brackets} brackets.")
        elif found.lastgroup == "shut":
            depth -= 1


def _check_operation(kind: str, total: _Tally, limits: Limits) -> None:
    if total.plain.depth > limits.depth:
        raise TurnedAway("TOO_DEEP", f"The document is deeper than {limits.depth} fields.")
    reach = total.introspective
    if reach.depth > limits.introspection_depth or reach.lists > limits.introspection_lists:
        raise TurnedAway("TOO_DEEP", "The question about the schema goes round in it; the standard one is answered.")
    if total.root_fields > limits.root_fields:
        _too_much("TOO_MANY_ROOT_FIELDS", "fields at the top", limits.root_fields)
    if kind == "mutation" and total.root_fields > 1:
        raise TurnedAway("ONE_MUTATION", "One request is one act: send each mutation by itself, with its own key.")
    if kind == "subscription" and total.root_fields > 1:
        raise TurnedAway("ONE_SUBSCRIPTION", "One stream watches one thing: ask for each by itself.")
    if total.selections > limits.selections:
        _too_much("TOO_MANY_SELECTIONS", "fields, fragments counted each time they are used", limits.selections)
    if total.aliases > limits.aliases:
        _too_much("TOO_MANY_ALIASES", "aliases", limits.aliases)


class _Survey:
    """Looks at every node of a document once, and keeps the counts that hold for the document as a whole."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._repeats = 0
        self._directives = 0
        self.visited = 0

    def tally(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> _Tally:
        """Count one definition with its own stack of work, never by recursion."""
        tally = _Tally()
        # Inline fragments share the names of the selection set around them, as the merging of fields does.
        names: Counter[str] = Counter()
        self._look_beside(definition)
        variables = getattr(definition, "variable_definitions", None) or ()
        if len(variables) > self._limits.variables:
            _too_much("TOO_MANY_VARIABLES", "variables", self._limits.variables)
        for variable in variables:
            self._look_beside(variable)
            self._values([variable.default_value] if variable.default_value else [])
        work: list[tuple[SelectionSetNode, int, int, bool, Counter[str]]] = []
        work.append((definition.selection_set, 0, 0, False, names))
        while work:
            selection_set, depth, lists, introspective, names = work.pop()
            for node in selection_set.selections:
                tally.selections += 1
                self._look_beside(node)
                if isinstance(node, FieldNode):
                    inside = introspective or (depth == 0 and node.name.value in _INTROSPECTION)
                    more = lists + (node.name.value in _LISTS_OF_TYPES)
                    (tally.introspective if inside else tally.plain).take(depth + 1, more)
                    tally.root_fields += depth == 0
                    if depth == 0:
                        tally.asked.add(node.name.value)
                    tally.aliases += node.alias is not None
                    self._repeat(names, (node.alias or node.name).value)
                    self._values([argument.value for argument in node.arguments or ()])
                    if node.selection_set:
                        work.append((node.selection_set, depth + 1, more, inside, Counter()))
                elif isinstance(node, InlineFragmentNode):
                    work.append((node.selection_set, depth, lists, introspective, names))
                elif isinstance(node, FragmentSpreadNode):
                    spread = _Spread(node.name.value, _Reach(depth, lists), depth == 0, introspective)
                    tally.spreads.append(spread)
                    self._repeat(names, "..." + node.name.value)
        return tally

    def _repeat(self, names: Counter[str], name: str) -> None:
        # The rule that fields of one name can be merged compares all pairs of them: the number of pairs is what is kept small.
        self._repeats += names[name] > 0
        names[name] += 1
        if self._repeats > self._limits.repeats:
            _too_much("TOO_MANY_REPEATS", "fields asked again under the same name", self._limits.repeats)

    def _look_beside(self, node: Node) -> None:
        self.visited += 1
        for directive in getattr(node, "directives", None) or ():
            self.visited += 1
            self._directives += 1
            if self._directives > self._limits.directives:
                _too_much("TOO_MANY_DIRECTIVES", "directives", self._limits.directives)
            self._values([argument.value for argument in directive.arguments or ()])

    def _values(self, work: list[Node]) -> None:
        while work:
            value = work.pop()
            self.visited += 1
            if isinstance(value, ListValueNode):
                work.extend(value.values)
            elif isinstance(value, ObjectValueNode):
                work.extend(entry.value for entry in value.fields)
            elif isinstance(value, IntValueNode | FloatValueNode):
                check_number(value.value, self._limits)
            elif isinstance(value, StringValueNode):
                check_text(value.value)


def check_number(written: str, limits: Limits) -> None:
    """A number that is long or not finite is nobody's fact, and costs more to read than it says."""
    if len(written) > limits.number_characters or not math.isfinite(float(written)):
        raise TurnedAway("NUMBER_TOO_LONG", f"A number has more than {limits.number_characters} characters or is too large.")


def check_text(text: str) -> None:
    """Text that Postgres cannot store, or that cannot be written as UTF-8, stops here."""
    if "\x00" in text or _SURROGATE.search(text):
        raise TurnedAway("TEXT_CANNOT_BE_KEPT", "A text holds a character that cannot be stored: NUL or half of a pair.")


_SURROGATE = re.compile("[\ud800-\udfff]")


def _total_of_fragment(name: str, own: dict[str, _Tally], totals: dict[str, _Tally], path: tuple[str, ...]) -> None:
    """Fill `totals` for this fragment and those it spreads: each is totalled once, so a blow-up is only a large number."""
    if name in path:
        raise TurnedAway("FRAGMENT_CYCLE", "A fragment spreads itself.")
    if name in totals or name not in own:
        return
    for inner in {spread.fragment for spread in own[name].spreads}:
        _total_of_fragment(inner, own, totals, (*path, name))
    totals[name] = _total(own[name], totals)


def _total(own: _Tally, totals: dict[str, _Tally]) -> _Tally:
    plain = _Reach(own.plain.depth, own.plain.lists)
    introspective = _Reach(own.introspective.depth, own.introspective.lists)
    total = _Tally(plain, introspective, own.selections, own.aliases, own.root_fields, set(own.asked))
    for spread in own.spreads:
        inner = totals.get(spread.fragment)
        if inner is None:
            continue  # validation says so, with the name
        total.selections += inner.selections
        total.aliases += inner.aliases
        for reach, deep in ((inner.plain, plain), (inner.introspective, introspective)):
            # Below a field the whole inner part is of that field's sort; at the top each part keeps its own.
            below = introspective if spread.introspective else plain
            target = deep if spread.root else below
            target.take(spread.at.depth + reach.depth, spread.at.lists + reach.lists)
        if spread.root:
            total.root_fields += inner.root_fields
            total.asked |= inner.asked
    return total
