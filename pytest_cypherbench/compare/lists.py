"""In which columns of a query the order of a list means nothing: those that come from collect().

Knows nothing of results or engines. A reading of the text: where it cannot tell, it says so (None).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from pytest_cypherbench.compare.values import BAG, ORDERED, Shape
from pytest_cypherbench.cypher import Kind, clauses, name, projection, split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_cypherbench.cypher import Clause, Projection, Token

    Tokens: TypeAlias = tuple[Token, ...]
    Found: TypeAlias = Shape | None  # None: the value depends on an order that nothing fixes
    Scope: TypeAlias = Mapping[str, Found]

AGGREGATES = frozenset(
    {"COLLECT", "COUNT", "SUM", "AVG", "MIN", "MAX"}
    | {"STDEV", "STDEVP", "PERCENTILECONT", "PERCENTILEDISC"}
)
# Functions whose value does not depend on the order of the list that they are given.
_NEUTRAL = frozenset(
    {"SIZE", "ISEMPTY", "ANY", "ALL", "NONE", "SINGLE", "EXISTS", "COUNT", "APOC.COLL.SORT"}
)
_BAGS = frozenset({"KEYS", "LABELS"})
_SAME_BAG = frozenset({"REVERSE", "APOC.COLL.TOSET"})
# They make new rows, and no longer in the order of an earlier ORDER BY as far as Cypher promises.
_MAKE_ROWS = frozenset({"MATCH", "OPTIONAL MATCH", "CALL", "OPTIONAL CALL"})


@dataclass(frozen=True, slots=True)
class _Reader:
    """Shapes of expressions where these variables are known and rows come ordered or not."""

    scope: Scope
    ordered: bool

    def shape(self, tokens: Tokens) -> Found:
        """The shape of an expression."""
        tokens = _bare(tokens)
        if not tokens:
            return ORDERED
        if len(tokens) == 1:
            return self._variable(tokens[0])
        for read in (self._concatenation, self._call, self._brackets, self._braces, self._entry):
            found = read(tokens)
            if found is not NotImplemented:
                return found  # type: ignore[return-value]
        return None if self._mentions(tokens) else ORDERED

    def _variable(self, token: Token) -> Found:
        if token.kind in {Kind.WORD, Kind.QUOTED}:
            return self.scope.get(name(token), ORDERED)
        return ORDERED

    def _concatenation(self, tokens: Tokens) -> object:
        parts = split(tokens, "+")
        if len(parts) < 2 or not all(parts):  # noqa: PLR2004
            return NotImplemented
        shapes = {self.shape(part) for part in parts}
        return shapes.pop() if len(shapes) == 1 else None

    def _call(self, tokens: Tokens) -> object:
        """A function of arguments in round brackets, or a subquery expression in braces."""
        function, inside = _called(tokens)
        if not function:
            return NotImplemented
        if function == "COLLECT":
            return self._collect(tokens, inside)
        if function in _BAGS:
            return BAG
        if function in _NEUTRAL:
            return ORDERED
        if function in _SAME_BAG:
            return self.shape(inside)
        if function == "COALESCE":
            shapes = {self.shape(part) for part in split(inside) if len(part) != len("[]")}
            return shapes.pop() if len(shapes) == 1 else None
        return NotImplemented

    def _collect(self, tokens: Tokens, inside: Tokens) -> Found:
        if tokens[1].text == "{":
            found = clauses(inside)
            return ORDERED if any(c.keyword == "ORDER BY" for c in found) else BAG
        if inside and inside[0].upper == "DISTINCT":
            inside = inside[1:]
        return _list_of(self.shape(inside), bag=not self.ordered)

    def _brackets(self, tokens: Tokens) -> object:
        """A list comprehension, a pattern comprehension or a list of expressions."""
        if tokens[0].text != "[" or _closing(tokens, 0) != len(tokens) - 1:
            return NotImplemented
        inside = tokens[1:-1]
        if len(inside) > 2 and inside[1].upper == "IN":  # noqa: PLR2004
            return self._comprehension(inside)
        head, *body = split(inside, "|") or ((),)
        if body and head and (head[0].text == "(" or (len(head) > 1 and head[1].text == "=")):
            return _list_of(self.shape(body[0]), bag=True)
        shapes = {self.shape(part) for part in split(inside)}
        return _list_of(shapes.pop(), bag=False) if len(shapes) == 1 else _either(shapes)

    def _comprehension(self, inside: Tokens) -> Found:
        head, *body = split(inside, "|")
        stop = next(
            (i for i, t in enumerate(head) if t.upper == "WHERE" and t.depth == head[0].depth),
            len(head),
        )
        source = self.shape(head[2:stop])
        if source is None:
            return None
        items = source.items or ORDERED
        if body:
            items_found = _Reader({**self.scope, name(inside[0]): items}, self.ordered).shape(
                body[0]
            )
        else:
            items_found = items
        return _list_of(items_found, bag=source.bag)

    def _braces(self, tokens: Tokens) -> object:
        """A map, or a projection of a map or node: ``p {.name, films: collect(m)}``."""
        start = 0 if tokens[0].text == "{" else 1
        if (
            len(tokens) <= start
            or tokens[start].text != "{"
            or tokens[start].kind is not Kind.SYMBOL
        ):
            return NotImplemented
        if _closing(tokens, start) != len(tokens) - 1 or tokens[0].upper in {
            "COLLECT",
            "COUNT",
            "EXISTS",
        }:
            return NotImplemented
        entries: dict[str, Shape] = {}
        for part in split(tokens[start + 1 : -1]):
            named = len(part) > 2 and part[1].text == ":"  # noqa: PLR2004
            found = (
                self.shape(part[2:]) if named else self.shape(part) if len(part) == 1 else ORDERED
            )
            if found is None:
                return None
            if found != ORDERED:
                entries[name(part[0])] = found
        return Shape(entries=tuple(sorted(entries.items(), key=lambda entry: entry[0])))

    def _entry(self, tokens: Tokens) -> object:
        """``row.films`` of a variable that holds a map with such an entry."""
        if [token.text for token in tokens[1:2]] != ["."] or len(tokens) != 3:  # noqa: PLR2004
            return NotImplemented
        found = self._variable(tokens[0])
        return None if found is None else dict(found.entries).get(name(tokens[2]), ORDERED)

    def _mentions(self, tokens: Tokens, *, folded: bool = False) -> bool:
        """Whether a list without order takes part where its order can matter: not in a function of
        _NEUTRAL, and not after IN, unless that is the IN of a reduce (``folded``)."""
        index = 0
        while index < len(tokens):
            end = _call_end(tokens, index)
            function = _function(tokens, index) if end else ""
            member = not folded and index > 0 and tokens[index - 1].upper == "IN"
            if function in _NEUTRAL or (function == "COLLECT" and member):
                index = end + 1
            elif function == "REDUCE":
                if self._mentions(tokens[_name_end(tokens, index) : end], folded=True):
                    return True
                index = end + 1
            elif function == "COLLECT":
                if self.shape(tokens[index : end + 1]) != ORDERED:
                    return True
                index = end + 1
            else:
                named = index > 0 and tokens[index - 1].text == "."
                if not member and not named and self._variable(tokens[index]) != ORDERED:
                    return True
                index += 1
        return False


def output_shapes(
    tokens: Tokens, scope: Scope | None = None
) -> tuple[list[Found], dict[str, Found]]:
    """Shapes of the last RETURN's items by place (without what ``*`` stands for), and by name.

    Of a UNION, the shapes of the last part, but for a column that is a bag in any part."""
    parts: list[list[Clause]] = [[]]
    for clause in clauses(tokens):
        if clause.keyword.startswith("UNION"):
            parts.append([])
        else:
            parts[-1].append(clause)
    places: list[Found] = []
    names: dict[str, Found] = {}
    for part in parts:
        found, names = _walk(tuple(part), dict(scope or {}))
        earlier = places if len(places) == len(found) else found
        places = [new if new != ORDERED else old for new, old in zip(found, earlier, strict=True)]
    return places, names


def _walk(
    found: tuple[Clause, ...], scope: dict[str, Found]
) -> tuple[list[Found], dict[str, Found]]:
    """Follow the variables through the clauses of one query without UNION."""
    places: list[Found] = []
    ordered = False
    for index, clause in enumerate(found):
        if clause.keyword in {"WITH", "RETURN"}:
            read = projection(found, index)
            places, scope = _project(read, _Reader(scope, ordered))
            grouped = read.distinct or any(aggregates(item.tokens) for item in read.items)
            ordered = bool(read.order_by) or (ordered and not grouped)
        elif clause.keyword == "UNWIND" and len(clause.tokens) > 2:  # noqa: PLR2004
            source = _Reader(scope, ordered).shape(clause.tokens[:-2])
            scope[name(clause.tokens[-1])] = ORDERED if source is None else source.items or ORDERED
        elif clause.keyword in _MAKE_ROWS:
            ordered = False
            scope.update(_subquery(clause, scope))
    return places, scope


def _project(read: Projection, reader: _Reader) -> tuple[list[Found], dict[str, Found]]:
    places: list[Found] = []
    names: dict[str, Found] = {}
    for item in read.items:
        if len(item.tokens) == 1 and item.tokens[0].text == "*":
            names.update(reader.scope)
            continue
        found = reader.shape(item.tokens)
        places.append(found)
        if item.alias is not None or len(item.tokens) == 1:
            names[item.alias or name(item.tokens[0])] = found
    return places, names


def _subquery(clause: Clause, scope: dict[str, Found]) -> dict[str, Found]:
    """What a CALL { … } returns, by name."""
    if "CALL" not in clause.keyword:
        return {}
    start = next((i for i, token in enumerate(clause.tokens) if token.text == "{"), None)
    if start is None:
        return {}
    inside = clause.tokens[start + 1 : _closing(clause.tokens, start)]
    return output_shapes(inside, scope)[1]


def aggregates(tokens: Tokens) -> bool:
    """Whether an aggregating function is called in this expression."""
    pairs = pairwise(tokens)
    return any(a.upper in AGGREGATES and b.text == "(" for a, b in pairs)


def _list_of(items: Found, *, bag: bool) -> Found:
    if items is None:
        return None
    return Shape(bag=bag, items=None if items == ORDERED else items)


def _either(shapes: set[Found]) -> Found:
    """Of a list whose elements have several shapes, or none: one shape cannot hold for all."""
    return ORDERED if not shapes else None


def _closing(tokens: Tokens, start: int) -> int:
    """The place of the bracket that closes the one at ``start``."""
    depth = tokens[start].depth
    return next((i for i in range(start + 1, len(tokens)) if tokens[i].depth == depth), len(tokens))


def _bare(tokens: Tokens) -> Tokens:
    """Without brackets around the whole."""
    while len(tokens) > 1 and tokens[0].text == "(" and _closing(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _function(tokens: Tokens, index: int) -> str:
    """The dotted name that ends just before the bracket after ``index``, in capitals."""
    return "".join(token.text for token in tokens[index : _name_end(tokens, index)]).upper()


def _name_end(tokens: Tokens, index: int) -> int:
    end = index + 1
    while end + 1 < len(tokens) and tokens[end].text == "." and tokens[end + 1].kind is Kind.WORD:
        end += 2
    return end


def _call_end(tokens: Tokens, index: int) -> int:
    """The place of the last bracket of the call that begins at ``index``; 0 if none does."""
    end = _name_end(tokens, index)
    if (
        tokens[index].kind is not Kind.WORD
        or end >= len(tokens)
        or tokens[end].text not in {"(", "{"}
    ):
        return 0
    return _closing(tokens, end)


def _called(tokens: Tokens) -> tuple[str, Tokens]:
    """Name and insides of an expression that is one call from end to end; ("", ()) if it is not."""
    if _call_end(tokens, 0) != len(tokens) - 1:
        return "", ()
    function = _function(tokens, 0)
    opening = _name_end(tokens, 0)
    if tokens[opening].text == "{" and function not in {"COLLECT", "COUNT", "EXISTS"}:
        return "", ()
    return function, tokens[opening + 1 : -1]
