"""Documents over any schema, drawn from a seed: aliases, fragments, merged fields, unions, interfaces, directives, arguments good and bad."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
)

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
DEEPEST = 5


@dataclass
class Drawn:
    """One document, being written. The same field of a type always gets the same arguments, so that fields can be merged."""

    schema: GraphQLSchema
    random: Random
    ids: list[str]
    fragments: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)

    def query(self) -> str:
        """An operation with its fragments."""
        root = self.schema.query_type
        assert root is not None
        asked = self.selection(root, 0)
        return f"query($yes: Boolean!, $no: Boolean!) {asked} {' '.join(self.fragments)} fragment Used on Query {{ __typename @include(if: $yes) @skip(if: $no) }}"

    def selection(self, of: Composite, depth: int) -> str:
        parts = ["...Used"] if of is self.schema.query_type else []
        if not isinstance(of, GraphQLUnionType):
            usable = [name for name, rule in of.fields.items() if self._usable(rule, depth)]
            for name in self.random.sample(usable, min(len(usable), self.random.randint(1, 3 if depth == 0 else 6))):
                parts += [self.field(of, name, depth) for _ in range(2 if self.random.random() < 0.1 else 1)]
        if isinstance(of, GraphQLUnionType | GraphQLInterfaceType):
            parts += [self.inside(each, depth) for each in self.schema.get_possible_types(of) if self.random.random() < 0.6]
        if self.random.random() < 0.15 and depth < DEEPEST:
            parts.append(self.spread(of, depth))
        if not parts or self.random.random() < 0.15:
            parts.append("__typename")
        self.random.shuffle(parts)
        return "{ " + " ".join(parts) + " }"

    def field(self, of: Composite, name: str, depth: int) -> str:
        assert not isinstance(of, GraphQLUnionType)
        rule = of.fields[name]
        inner: GraphQLNamedType = get_named_type(rule.type)
        # by its type and name, so that two fields of one response name are always the same field
        alias = f"{of.name}_{name}: " if depth > 0 and self.random.random() < 0.5 else ""
        if (
            depth > 0
            and not alias
            and name in ("name", "kind", "id", "journal", "setting", "child", "cases", "relations", "citations", "say")
        ):
            alias = f"{of.name}_{name}: "
        asked = f" {self.selection(inner, depth + 1)}" if isinstance(inner, Composite) else ""
        return f"{alias}{name}{self._arguments(of, name, rule)}{self._directive()}{asked}"

    def inside(self, each: GraphQLObjectType, depth: int) -> str:
        inner = [
            self.field(each, name, depth + 1)
            for name in self.random.sample(list(each.fields), 1)
            if self._usable(each.fields[name], depth + 1)
        ]
        return f"... on {each.name}{self._directive()} {{ {each.name}_type: __typename {' '.join(inner)} }}"

    def spread(self, of: Composite, depth: int) -> str:
        if self.random.random() < 0.5:
            return f"... {self._directive()} {self.selection(of, depth + 1)}".replace("...Used", "__typename")
        name = f"F{len(self.fragments)}"
        self.fragments.append("")  # its place: those inside come after it
        self.fragments[int(name[1:])] = f"fragment {name} on {of.name} {self.selection(of, depth + 1)}".replace("...Used", "__typename")
        return f"...{name}{self._directive()}"

    def _usable(self, rule: GraphQLField, depth: int) -> bool:
        inner = get_named_type(rule.type)
        if isinstance(inner, Composite) and depth >= DEEPEST:
            return False
        return all(self._argument(argument) is not None for argument in rule.args.values() if is_required_argument(argument))

    def _arguments(self, of: Composite, name: str, rule: GraphQLField) -> str:
        place = f"{of.name}.{name}"
        if place not in self.given:
            found = []
            for key, argument in rule.args.items():
                written = self._argument(argument)
                if written is not None and (is_required_argument(argument) or self.random.random() < 0.4):
                    found.append(f"{key}: {written}")
            self.given[place] = f"({', '.join(found)})" if found else ""
        return self.given[place]

    def _argument(self, argument: GraphQLArgument) -> str | None:
        kind: Any = get_named_type(argument.type)
        if isinstance(kind, GraphQLEnumType):
            return next(iter(kind.values))
        texts = ['"junk"', '""', *(f'"{each}"' for each in ("ehc_plan", "annual_review"))]
        return {
            "ID": lambda: f'"{self.random.choice([*self.ids, "junk"])}"',
            "String": lambda: self.random.choice(texts if is_required_argument(argument) else ["null"] * 6 + texts),
            "Int": lambda: str(self.random.choice([-1, 1, 2, 50, 50, 100])),
            "Boolean": lambda: self.random.choice(["true", "false"]),
            "Date": lambda: '"2026-03-02"',
        }.get(kind.name, lambda: None)()

    def _directive(self) -> str:
        kinds = [
            " @include(if: $yes)",
            " @skip(if: $no)",
            " @include(if: $no)",
            " @skip(if: $yes)",
            " @include(if: true)",
            " @skip(if: true)",
        ]
        return self.random.choice(kinds) if self.random.random() < 0.12 else ""
