"""The whole schema, walked: what a caller reaches in it, and documents that ask for all of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from graphql import GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType, get_named_type

from graphql_api.schema import schema

# where cases, children, settings and people are asked for all that hangs from them, and for how many of the arguments; elsewhere for
# their own values: what may not be seen at all shows there already
WHOLE = {"case": 1, "cases": 1, "children": 1, "settings": 1, "viewer": 1, "node": 1}
ENTITIES = ("Case", "Child", "Person", "Setting", "Process")
ANEW = frozenset({"Provision", "ProvisionItem"})  # in full wherever they come: they lead to nothing else
FRAGMENT = "... on "  # the guard counts names that come again in the fragments of one document
WORD = re.compile(r"[A-Za-z_]\w*")
ROOTS = ("Query", "Mutation", "Subscription")


def served() -> GraphQLSchema:
    """The schema that is served."""
    return schema()._schema


def fields() -> set[str]:
    """`Type.field` of everything that can be reached, from every root."""
    found: set[str] = set()
    todo: list[GraphQLNamedType] = [each for each in (served().query_type, served().mutation_type, served().subscription_type) if each]
    seen: set[str] = set()
    while todo:
        kind = todo.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            todo.extend(served().get_possible_types(kind))
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            found |= {f"{kind.name}.{name}" for name in kind.fields}
            todo.extend(get_named_type(each.type) for each in kind.fields.values())
    return found


def selection(kind: GraphQLNamedType, seen: set[str] | None = None, *, asked: set[str] | None = None) -> str:
    """Everything below a type: in full where the type comes first, its values alone where it comes again; empty for a value."""
    seen = set() if seen is None else seen
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        below = [(one.name, selection(one, seen, asked=asked)) for one in served().get_possible_types(kind)]
        return "{ __typename " + " ".join(f"... on {name} {inner}" for name, inner in below if inner) + " }"
    if not isinstance(kind, GraphQLObjectType):
        return ""
    again, parts = kind.name in seen, []
    seen |= {kind.name} - ANEW
    for name, one in kind.fields.items():
        inside = get_named_type(one.type)
        composite = isinstance(inside, GraphQLObjectType | GraphQLUnionType | GraphQLInterfaceType)
        if composite and name != "edges" and again:
            continue
        inner = "{ cursor }" if name == "edges" else selection(inside, seen, asked=asked)
        if composite and not inner:
            continue
        page = "(first: 3)" if "first" in one.args else ""  # the guard counts what an answer could hold
        parts.append(f"{name}{page} {inner}" if composite else name)
        if asked is not None:
            asked.add(f"{kind.name}.{name}")
    return "{ " + " ".join(parts) + " }" if parts else ""


def queries(given: Mapping[str, list[str]], asked: set[str] | None = None) -> Iterator[tuple[str, str]]:
    """Each field of the root with each of its arguments: its name and its part of a document. In full with the first of them."""
    root = served().query_type
    assert root is not None
    for name, one in root.fields.items():
        for number, arguments in enumerate(given.get(name, ["(first: 6)" if "first" in one.args else ""])):
            seen = set() if name in WHOLE and number < WHOLE[name] else set(ENTITIES)
            yield name, f"{name}_{number}: {name}{arguments} {selection(get_named_type(one.type), seen, asked=asked)}"


def documents(parts: Iterable[tuple[str, str]], most: int = 500) -> Iterator[str]:
    """The parts, together in as few documents as the guard lets through."""
    held: list[str] = []
    for _, part in parts:
        if held and (
            sum(len(WORD.findall(each)) for each in (*held, part)) > most
            or len(held) == 12
            or sum(FRAGMENT in each for each in (*held, part)) > 3
        ):
            yield "{ " + " ".join(held) + " }"
            held = []
        held.append(part)
    yield "{ " + " ".join(held) + " }"
