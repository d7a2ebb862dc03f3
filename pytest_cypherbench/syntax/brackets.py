"""What each bracket of a query holds, and the relationships between node patterns.

Knows nothing of schemas or engines. A reading of tokens, as ``cypher`` is: no grammar.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_cypherbench.cypher import Kind, blocks, clauses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_cypherbench.cypher import Token

_NAMES = frozenset({Kind.WORD, Kind.QUOTED})
_SUBQUERIES = frozenset({"EXISTS", "COUNT", "COLLECT", "CALL"})
_MATCHES = frozenset({"MATCH", "OPTIONAL MATCH"})
# Words after which a brace opens a map, where after a variable it opens a map projection.
_BEFORE_MAPS = frozenset(
    {"RETURN", "WITH", "UNWIND", "IN", "WHERE", "AND", "OR", "XOR", "NOT", "WHEN", "THEN", "ELSE"}
    | {"DISTINCT", "BY", "CASE"}
)


class Holds(StrEnum):
    """What stands in a bracket."""

    NODE = "node"
    RELATIONSHIP = "relationship"
    MAP = "map"
    PROJECTION = "map projection"
    QUERY = "subquery"
    QUANTIFIER = "quantifier"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Step:
    """A relationship in a pattern: tokens ``first`` to ``last`` between the brackets of the nodes
    ``left`` and ``right``; ``body`` is its own square bracket, if it has one. All are places."""

    first: int
    last: int
    left: int
    right: int
    body: int | None
    direction: str  # "->", "<-" or "-"


@dataclass(frozen=True, slots=True)
class Brackets:
    """``holds`` and ``ends`` by the place of the opening bracket; ``parents``: for each token the
    place of the bracket around it, -1 on the top level."""

    tokens: tuple[Token, ...]
    parents: tuple[int, ...]
    ends: Mapping[int, int]
    holds: Mapping[int, Holds]
    steps: tuple[Step, ...]

    def inside(self, opener: int) -> range:
        """The places between a bracket and its partner."""
        return range(opener + 1, self.ends[opener])

    def children(self, opener: int) -> list[int]:
        """Those of them that stand in no further bracket."""
        return [place for place in self.inside(opener) if self.parents[place] == opener]


def read_brackets(tokens: tuple[Token, ...]) -> Brackets:
    """Read one statement."""
    parents, ends = _pair(tokens)
    starts = {end: start for start, end in ends.items()}
    steps = tuple(_steps(tokens, starts, ends))
    nodes = {place for step in steps for place in (step.left, step.right)}
    nodes |= set(_lone_nodes(tokens))
    bodies = {step.body for step in steps}
    holds: dict[int, Holds] = {}
    for place in ends:
        if place in nodes:
            holds[place] = Holds.NODE
        elif place in bodies:
            holds[place] = Holds.RELATIONSHIP
        elif tokens[place].text == "{":
            holds[place] = _brace(tokens, place, parents, holds)
        else:
            holds[place] = Holds.OTHER
    return Brackets(tokens, parents, ends, holds, steps)


def is_name(token: Token) -> bool:
    """Whether a token may be a name."""
    return token.kind in _NAMES


def _pair(tokens: tuple[Token, ...]) -> tuple[tuple[int, ...], dict[int, int]]:
    parents, ends, stack = [], {}, [-1]
    for place, token in enumerate(tokens):
        if token.kind is Kind.SYMBOL and token.text in {")", "]", "}"}:
            ends[stack.pop()] = place
        parents.append(stack[-1])
        if token.kind is Kind.SYMBOL and token.text in {"(", "[", "{"}:
            ends[place] = -1  # keeps the order of the openers
            stack.append(place)
    return tuple(parents), ends


def _steps(
    tokens: tuple[Token, ...], starts: Mapping[int, int], ends: Mapping[int, int]
) -> Iterator[Step]:
    """Whatever has the shape of an arrow between two round brackets."""
    texts = [token.text for token in tokens] + [""] * 3
    for end, left in starts.items():
        first = end + 1
        if texts[end] != ")" or texts[first] not in {"-", "<-"}:
            continue
        body = first + 1 if texts[first + 1] == "[" else None
        last = first + 1 if body is None else ends[body] + 1
        if texts[last] not in {"-", "->"}:
            continue
        right = _after_quantifier(texts, last + 1, ends)
        if texts[right] != "(":
            continue
        both = (texts[first] == "<-") == (texts[last] == "->")
        direction = "-" if both else "->" if texts[last] == "->" else "<-"
        yield Step(first, last, left, right, body, direction)


def _after_quantifier(texts: list[str], place: int, ends: Mapping[int, int]) -> int:
    """Beyond the ``+``, ``*`` or ``{1,3}`` that may follow an arrow."""
    if texts[place] in {"+", "*"}:
        return place + 1
    return ends[place] + 1 if texts[place] == "{" else place


def _lone_nodes(tokens: tuple[Token, ...]) -> Iterator[int]:
    """The node patterns of a MATCH that have no arrow: a round bracket on the level of the clause
    which neither calls something nor holds a pattern itself."""
    places = {token.start: place for place, token in enumerate(tokens)}
    for level in (tokens, *blocks(tokens)):
        for clause in clauses(level):
            if clause.keyword not in _MATCHES or not clause.tokens:
                continue
            for token in clause.tokens:
                place = places[token.start]
                called = tokens[place - 1].upper in {"SHORTESTPATH", "ALLSHORTESTPATHS"}
                inner = [token.text for token in tokens[place + 1 : place + 4]]
                nested = inner[:1] == ["("] or inner[1:] == ["=", "("]
                level_of_clause = token.depth == clause.tokens[0].depth
                if token.text == "(" and level_of_clause and not called and not nested:
                    yield place


def _brace(
    tokens: tuple[Token, ...], place: int, parents: tuple[int, ...], holds: Mapping[int, Holds]
) -> Holds:
    before, after = tokens[place - 1], tokens[place + 1]
    if holds.get(parents[place]) in {Holds.NODE, Holds.RELATIONSHIP}:
        return Holds.MAP
    if before.upper in _SUBQUERIES or (before.text == ")" and after.kind is Kind.WORD):
        return Holds.QUERY
    if after.kind is Kind.NUMBER or after.text == ",":
        return Holds.QUANTIFIER
    if is_name(before) and before.upper not in _BEFORE_MAPS:
        return Holds.PROJECTION
    return Holds.MAP
