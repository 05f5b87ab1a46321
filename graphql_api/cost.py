"""How many values an answer may hold, worked out from the document and its variables before anything is read.

Each field of each object is one; a list counts as long as its page may be, or as LIST or NODES where it has no page. A fragment is worked out once for
each size of page it is used with, however often it is spread: the work is linear in the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)
from strawberry.extensions import SchemaExtension

from graphql_api.types.paging import bounded

LIST = 10  # how long a list without pages is taken to be: clocks of a case, facts of an action, steps of a receipt
NODES = 25  # the same for things with an id, which lead to others and back: the cases of the child of a case of a child
MOST = 250_000  # our own pages of a hundred cases hold less than a half of it


def cost(schema: GraphQLSchema, document: DocumentNode, name: str | None, variables: Mapping[str, Any]) -> int:
    """The most values that the answer to one operation of a valid document may hold, lists without pages taken to be LIST long."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    [operation] = [one for one in operations if name is None or (one.name and one.name.value == name)][:1]
    return _Count(schema, document, variables).of(operation.selection_set, schema.get_root_type(operation.operation), 1)


class _Count:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        self._known: dict[tuple[str, int], int] = {}
        self.visited = 0

    def of(self, selected: SelectionSetNode, parent: Any, page: int) -> int:
        """The values of one object; `page` is how many of a list it may hold, if it is a connection."""
        total = 0
        for node in selected.selections:
            self.visited += 1
            if isinstance(node, FieldNode):
                total += 1
                rule = getattr(parent, "fields", {}).get(node.name.value)
                if rule is not None and node.selection_set:
                    inner = rule.type.of_type if isinstance(rule.type, GraphQLNonNull) else rule.type
                    if isinstance(inner, GraphQLList):
                        total += (page or _length(get_named_type(inner))) * self.of(node.selection_set, get_named_type(inner), 0)
                    else:
                        total += self.of(node.selection_set, get_named_type(inner), self._page(node) if "first" in rule.args else 0)
            elif isinstance(node, FragmentSpreadNode):
                total += self._spread(node.name.value, page)
            else:
                condition = getattr(node, "type_condition", None)
                inside = self._schema.get_type(condition.name.value) if condition else parent
                total += self.of(node.selection_set, inside, page)  # type: ignore[attr-defined]
        return total

    def _spread(self, name: str, page: int) -> int:
        if (name, page) not in self._known:
            fragment = self._fragments[name]
            self._known[name, page] = self.of(fragment.selection_set, self._schema.get_type(fragment.type_condition.name.value), page)
        return self._known[name, page]

    def _page(self, node: FieldNode) -> int:
        asked: Any = next((one.value for one in node.arguments or () if one.name.value == "first"), None)
        if isinstance(asked, IntValueNode):
            return bounded(int(asked.value))
        given = self._variables.get(asked.name.value) if isinstance(asked, VariableNode) else None
        return bounded(given if isinstance(given, int) else 100 if isinstance(asked, VariableNode) else None)


def _length(kind: Any) -> int:
    return NODES if any(one.name == "Node" for one in getattr(kind, "interfaces", ())) else LIST


class Costed(SchemaExtension):
    """Refuse what would hold too much, whichever way it came."""

    def on_execute(self) -> Iterator[None]:
        """After the document is valid, before anything is read."""
        context = self.execution_context
        schema: Any = context.schema
        if context.graphql_document is not None:
            found = cost(schema._schema, context.graphql_document, context.operation_name, context.variables or {})
            if found > MOST:
                said = f"The answer could hold {found} values; {MOST} are the most. Ask for shorter pages, or for less of each."
                raise GraphQLError(said, extensions={"code": "TOO_COSTLY"})
        yield
