"""What a reference text says about its result: its order, its sort keys, its lists without order.

Knows nothing of results or engines; rewrites the text so that sort keys come with the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_cypherbench.compare.lists import aggregates, output_shapes
from pytest_cypherbench.compare.values import ORDERED, Shape
from pytest_cypherbench.cypher import (
    CypherTextError,
    Kind,
    clauses,
    name,
    normal,
    projection,
    source,
    statements,
    tokenize,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_cypherbench.compare.lists import Found, Tokens
    from pytest_cypherbench.cypher import Clause, Item, Projection

SORT_COLUMN = "__sort_"
_DIRECTIONS = frozenset({"ASC", "ASCENDING", "DESC", "DESCENDING"})
_WORDS = frozenset(
    {"AND", "OR", "XOR", "NOT", "IN", "IS", "NULL", "TRUE", "FALSE", "STARTS", "ENDS", "WITH"}
    | {"CONTAINS", "CASE", "WHEN", "THEN", "ELSE", "END"}
)
_RANDOM = frozenset({"RAND", "RANDOMUUID"})


@dataclass(frozen=True, slots=True)
class Reading:
    """``statement``: the text to run, the reference itself or with its sort keys as last columns.

    ``ordered``: the result as a whole is ordered; ``sort_keys``: the place of each key among the
    output columns, None for one that ``statement`` adds; empty with ``why_order_is_unknown`` if
    rows that tie cannot be told. ``columns``: how far lists have an order, by place, and None where
    a value depends on an order that nothing fixes; after ``*`` only ``names`` tell."""

    statement: str
    ordered: bool = False
    sort_keys: tuple[int | None, ...] = ()
    why_order_is_unknown: str = ""
    columns: tuple[Found, ...] = ()
    names: Mapping[str, Found] = field(default_factory=dict)
    star: bool = False

    def places(self, width: int) -> list[int]:
        """Where each sort key stands in a row whose own columns are ``width``."""
        added = iter(range(width, width + len(self.sort_keys)))
        return [next(added) if place is None else place for place in self.sort_keys]

    def shapes(self, names: Sequence[str], width: int) -> tuple[Shape, ...]:
        """The shape of each of ``width`` columns with these names."""
        return tuple(found or ORDERED for found in self._found(names, width))

    def undetermined(self, names: Sequence[str], width: int) -> frozenset[int]:
        """The columns whose values depend on an order that nothing fixes."""
        found = self._found(names, width)
        return frozenset(i for i, shape in enumerate(found) if shape is None)

    def _found(self, names: Sequence[str], width: int) -> list[Found]:
        if not self.star and len(self.columns) == width:
            return list(self.columns)
        by_name = [self.names.get(column, ORDERED) for column in names[:width]]
        return [*by_name, *[ORDERED] * (width - len(by_name))]


def read_reference(reference: str) -> Reading:
    """Read a reference; a text that cannot be read claims nothing (and fails when it is run)."""
    try:
        tokens = tokenize(reference)
    except CypherTextError:
        return Reading(reference)
    parts = statements(tokens)
    if len(parts) != 1:
        return Reading(reference)
    found = clauses(parts[0])
    returns = [i for i, clause in enumerate(found) if clause.keyword == "RETURN"]
    if not returns:
        return Reading(reference)
    read = projection(found, returns[-1])
    columns, names = output_shapes(parts[0])
    star = any(_is_star(item) for item in read.items)
    shapes = {"columns": tuple(columns), "names": names, "star": star}
    union = any(clause.keyword.startswith("UNION") for clause in found)
    if union or not read.order_by or any(map(_random, read.order_by)):
        return Reading(reference, **shapes)  # type: ignore[arg-type]
    statement, keys, why = _with_sort_keys(reference, found[returns[-1]], read, star=star)
    return Reading(statement, bool(read.order_by), keys, why, **shapes)  # type: ignore[arg-type]


def _with_sort_keys(
    reference: str, clause: Clause, read: Projection, *, star: bool
) -> tuple[str, tuple[int | None, ...], str]:
    """The statement that returns every sort key, the places of the keys, or why there is none."""
    places: list[int | None] = []
    added: list[str] = []
    closed = read.distinct or any(aggregates(item.tokens) for item in read.items)
    for key in map(_without_direction, read.order_by):
        place = None if star else _place(key, read.items)
        if place is None:
            if closed and not _depends_on_columns(key, read.items):
                why = f"its sort key {source(reference, key)} cannot be returned beside its rows"
                return reference, (), why
            expression = _substituted(reference, key, read.items)
            added.append(f", {expression} AS `{SORT_COLUMN}{len(added)}`")
        places.append(place)
    end = clause.tokens[-1].end
    return reference[:end] + "".join(added) + reference[end:], tuple(places), ""


def _is_star(item: Item) -> bool:
    return len(item.tokens) == 1 and item.tokens[0].text == "*"


def _without_direction(key: Tokens) -> Tokens:
    return key[:-1] if len(key) > 1 and key[-1].upper in _DIRECTIONS else key


def _random(key: Tokens) -> bool:
    return any(token.upper in _RANDOM for token in key)


def _place(key: Tokens, items: Sequence[Item]) -> int | None:
    """The output column that holds a key: by its alias, or because it is the same expression."""
    for index, item in enumerate(items):
        if item.alias is not None and len(key) == 1 and item.alias == name(key[0]):
            return index
    other = {i.alias for i in items if i.alias is not None and _texts(i.tokens) != (i.alias,)}
    if any(_free(key, index) and name(token) in other for index, token in enumerate(key)):
        return None  # a name in the key means a column, the same name in an item does not
    return next((i for i, item in enumerate(items) if normal(item.tokens) == normal(key)), None)


def _free(tokens: Tokens, index: int) -> bool:
    """Whether the token at ``index`` names a variable: no property, label, key, function, word."""
    token = tokens[index]
    before = tokens[index - 1].text if index else ""
    after = tokens[index + 1].text if index + 1 < len(tokens) else ""
    if token.kind not in {Kind.WORD, Kind.QUOTED} or token.upper in _WORDS:
        return False
    return before not in {".", ":"} and after not in {"(", ":"}


def _substituted(reference: str, key: Tokens, items: Sequence[Item]) -> str:
    """The text of a key with the aliases in it replaced by what they stand for."""
    meaning = {
        item.alias: source(reference, item.tokens) for item in items if item.alias is not None
    }
    text, position = "", key[0].start
    for index, token in enumerate(key):
        expression = meaning.get(name(token)) if _free(key, index) else None
        if expression is not None:
            text += f"{reference[position : token.start]}({expression})"
            position = token.end
    return text + reference[position : key[-1].end]


def _depends_on_columns(key: Tokens, items: Sequence[Item]) -> bool:
    """Whether a key follows from the output columns, so that returning it as well neither splits a
    group nor keeps a row that DISTINCT would drop. Aggregates must be spelled as a column's."""
    aliases = {item.alias for item in items}
    spelled = sorted((_texts(item.tokens) for item in items), key=len, reverse=True)
    index = 0
    while index < len(key):
        rest = _texts(key[index:])
        size = next((len(words) for words in spelled if rest[: len(words)] == words), 0)
        if size == 0 and (
            aggregates(key[index : index + 2])
            or (_free(key, index) and name(key[index]) not in aliases)
        ):
            return False
        index += size or 1
    return True


def _texts(tokens: Tokens) -> tuple[str, ...]:
    return tuple(token.text for token in tokens)
