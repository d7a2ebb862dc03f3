"""Patterns that stand as expressions, such as ``(a)-[:R]->()`` in a WHERE: where they are, whether
Neo4j 5 takes them there, and whether the embedded engine means the same by them.

Knows nothing of verdicts. A reading of tokens: what is no pattern of nodes for it says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_cypherbench.graphs.embedded.traits import COMPARISONS, NO_FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.graphs.embedded.traits import Statement

_CONNECTIVES = frozenset({"AND", "OR", "XOR"})
# Operators that bind tighter than the connectives: beside them a pattern is a value, not a test.
_TIGHT = COMPARISONS | {"=~", "+", "-", "*", "/", "%", "^", "||", "IN", "CONTAINS"}
_TIGHT_AFTER = _TIGHT | {"[", ".", "IS", "STARTS", "ENDS", "::", ":", "->", "<-"}
_HEADS = frozenset({"MATCH", "CREATE", "MERGE"})
_CLAUSES = _HEADS | {"WHERE", "RETURN", "WITH", "UNWIND", "BY", "SKIP", "LIMIT", "YIELD", "CALL"}
_PROJECTIONS = frozenset({"RETURN", "WITH", "UNWIND", "BY", "SKIP", "LIMIT"})
_PATH_FUNCTIONS = frozenset({"SHORTESTPATH", "ALLSHORTESTPATHS"})
_SUBQUERIES = frozenset({"EXISTS", "COUNT", "COLLECT"})


@dataclass(frozen=True, slots=True)
class PatternExpression:
    """Tokens ``first`` to ``last`` with the brackets around the pattern alone, the function (in
    capitals) whose only argument that is, whether Neo4j takes it there, and whether the embedded
    engine means the same by it."""

    first: int
    last: int
    function: str
    allowed: bool
    understood: bool


def pattern_expressions(found: Statement) -> Iterator[PatternExpression]:
    """All patterns that are expressions, in the order of the text."""
    part_of_earlier: set[int] = set()
    for index, token in enumerate(found.tokens):
        if token.text != "(" or index in part_of_earlier or not _is_node(found, index):
            continue
        nodes = _chain(found, index)
        if len(nodes) > 1:
            part_of_earlier.update(nodes)
            if not _is_matched(found, index):
                yield _read(found, index, found.closers[nodes[-1]])


def _is_node(found: Statement, index: int) -> bool:
    """Whether ``(name:Label {…} WHERE …)`` opens here, with any of its parts."""
    if _function(found, index):
        return False
    first = index + 2 if found.is_name(index + 1) else index + 1
    return found.at(first) in {")", ":", "{", "WHERE", "IS"} or found.at(first)[:1] == "$"


def _function(found: Statement, opener: int) -> str:
    """The function, in capitals, whose arguments this bracket opens; "" for any other bracket."""
    named = found.at(opener) == "(" and found.is_name(opener - 1)
    return found.at(opener - 1) if named and found.at(opener - 1) not in NO_FUNCTIONS else ""


def _chain(found: Statement, index: int) -> list[int]:
    """The opening brackets of the nodes that relationships connect with the one at ``index``."""
    nodes = [index]
    while True:
        after = found.closers[nodes[-1]] + 1
        if found.at(after) not in {"-", "<-"}:
            return nodes
        if found.at(after + 1) == "[":
            after = found.closers[after + 1]
        if found.at(after + 1) not in {"-", "->"} or found.at(after + 2) != "(":
            return nodes
        nodes.append(after + 2)


def _is_matched(found: Statement, index: int) -> bool:
    """Whether the pattern is what a clause or a comprehension matches, not an expression."""
    opener = found.openers[index]
    head = index - 2 if found.at(index - 1) == "=" and found.is_name(index - 2) else index
    keyword = _keyword(found, index)
    if opener < 0 or found.at(opener) == "{":
        subquery = opener > 0 and found.at(opener - 1) in _SUBQUERIES
        return keyword in _HEADS or (keyword == "" and subquery)
    if keyword == "WHERE":
        return False
    if found.at(opener) == "[":
        inside = range(opener + 1, found.closers[opener])
        divided = any(found.at(i) == "|" and found.openers[i] == opener for i in inside)
        return head == opener + 1 and divided
    if found.at(opener - 1) in _PATH_FUNCTIONS:
        return True
    return head == opener + 1 and _is_matched(found, opener)


def _words_before(found: Statement, index: int) -> Iterator[tuple[int, str]]:
    """What stands before a place within its innermost bracket, from right to left, names of
    properties and labels left out."""
    opener = found.openers[index]
    for place in range(index - 1, opener, -1):
        if found.openers[place] == opener and found.at(place - 1) not in {".", ":"}:
            yield place, found.at(place)


def _keyword(found: Statement, index: int) -> str:
    """The clause keyword that governs this place within its innermost bracket; "" for none."""
    for place, word in _words_before(found, index):
        if word in _CLAUSES and found.at(place - 1) not in {"STARTS", "ENDS"}:
            return word
    return ""


def _open_case(found: Statement, index: int) -> int:
    """The place of the CASE that is open here within the innermost bracket; -1 for none."""
    depth = 0
    for place, word in _words_before(found, index):
        depth += {"END": 1, "CASE": -1}.get(word, 0)
        if depth < 0:
            return place
    return -1


def _read(found: Statement, first: int, last: int) -> PatternExpression:
    alone = found.at(first - 1) == "(" and found.at(last + 1) == ")"
    while alone and not _function(found, first - 1):
        first, last = first - 1, last + 1
        alone = found.at(first - 1) == "(" and found.at(last + 1) == ")"
    function = _function(found, first - 1) if alone else ""
    allowed = function == "EXISTS" if function else _is_test(found, first, last)
    understood = _is_understood(found, first, alone=bool(function))
    return PatternExpression(first, last, function, allowed, understood)


def _is_test(found: Statement, first: int, last: int) -> bool:
    """Whether nothing but a boolean can stand here."""
    before, after = found.at(first - 1), found.at(last + 1)
    starts = before == "WITH" and found.at(first - 2) in {"STARTS", "ENDS"}
    if after in _TIGHT_AFTER or before in _TIGHT or starts:
        return False
    if after in _CONNECTIVES or before in {*_CONNECTIVES, "NOT", "WHERE"}:
        return True
    if before == "WHEN":
        return found.at(_open_case(found, first) + 1) == "WHEN"
    return before == "|" and _function(found, found.openers[first]) == "REDUCE"


def _is_understood(found: Statement, first: int, *, alone: bool) -> bool:
    """ArcadeDB takes a bare pattern only as a part of a WHERE, connected by AND, OR, XOR and NOT;
    elsewhere it refuses it or, worse, takes it for false. exists() it takes outside of WITH."""
    around = set(_keywords_around(found, first))
    if alone:
        return "WITH" not in around
    if _PROJECTIONS & around:
        return False
    while _open_case(found, first) < 0:
        opener = found.openers[first]
        where = _keyword(found, first) == "WHERE"
        if found.at(opener) == "[" or _function(found, opener):
            return where and found.at(opener - 1) in {"-", "<-"}
        if where or found.at(opener) != "(":
            return where
        first = opener
        if {found.at(first - 1), found.at(found.closers[first] + 1)} & _TIGHT_AFTER:
            return False
    return False


def _keywords_around(found: Statement, index: int) -> Iterator[str]:
    """The clause keywords of all levels around a place, innermost first."""
    while index >= 0:
        yield _keyword(found, index)
        index = found.openers[index]
