"""Changes in expressions: comparisons and aggregating functions.

Knows nothing of patterns or clauses. Not made, because they mean the same or nothing: comparisons
of ids, whose order follows no rule, and ``count(x)`` as ``count(*)`` where x is never null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.audit.mutants.reading import MutantKind
from pytest_cypherbench.cypher import Kind, name
from pytest_cypherbench.syntax.brackets import Holds, is_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.audit.mutants.reading import Mutant, Reading

_COMPARISONS = {
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "=": ("<>",),
    "<>": ("=",),
}
_TESTS = {
    ("IS", "NULL"): "IS NOT NULL",
    ("IS", "NOT", "NULL"): "IS NULL",
    ("STARTS", "WITH"): "CONTAINS",
    ("ENDS", "WITH"): "CONTAINS",
    ("CONTAINS",): "STARTS WITH",
}
_AGGREGATIONS = {
    "SUM": ("avg", "max"),
    "AVG": ("sum", "max"),
    "MIN": ("max",),
    "MAX": ("min",),
    "STDEV": ("avg",),
    "PERCENTILECONT": ("percentileDisc",),
}
_IDS = frozenset({"ID", "ELEMENTID"})
_PATHS = frozenset({"SHORTESTPATH", "ALLSHORTESTPATHS", "SHORTEST", "ANY", "ALL"})


def comparisons(reading: Reading) -> Iterator[Mutant]:
    """Each comparison made another: at its bound, and the other way."""
    tokens = reading.tokens
    for place, token in enumerate(tokens):
        if token.kind is Kind.SYMBOL and token.text in _COMPARISONS:
            if _assigns(reading, place) or _of_ids(reading, place):
                continue
            shown = reading.spelled(tokens[max(0, place - 3) : place + 2])
            for other in _COMPARISONS[token.text]:
                what = f"{other} for {token.text} in … {shown}"
                edit = (token.start, token.end, other)
                yield reading.mutant(MutantKind.COMPARISON, what, edit)
        for words, other in _TESTS.items():
            if tuple(t.upper for t in tokens[place : place + len(words)]) == words:
                edit = (token.start, tokens[place + len(words) - 1].end, other)
                what = f"{other} for {' '.join(words)}"
                yield reading.mutant(MutantKind.COMPARISON, what, edit)


def _assigns(reading: Reading, place: int) -> bool:
    """Whether an ``=`` gives a name to a path, or a start to ``reduce``."""
    if reading.tokens[place].text != "=":
        return False
    after, parent = reading.tokens[place + 1], reading.brackets.parents[place]
    before = reading.tokens[place - 2] if place > 1 else None
    begins = before is not None and (before.upper == "MATCH" or before.text in {",", "[", "("})
    if begins and parent > 0 and reading.tokens[parent - 1].upper == "REDUCE":
        return True
    is_path = reading.brackets.holds.get(place + 1) is Holds.NODE or after.upper in _PATHS
    nested = [token.text for token in reading.tokens[place + 1 : place + 3]] == ["(", "("]
    return begins and (is_path or nested)


def _of_ids(reading: Reading, place: int) -> bool:
    near = reading.tokens[max(0, place - 4) : place + 2]
    return any(token.upper in _IDS for token in near)


def aggregations(reading: Reading) -> Iterator[Mutant]:
    """Each aggregating function replaced by another; ``count(x)`` by ``count(*)`` where x may be
    null."""
    for place, token in enumerate(reading.tokens[:-1]):
        if reading.tokens[place + 1].text != "(" or token.kind is not Kind.WORD:
            continue
        for other in _AGGREGATIONS.get(token.upper, ()):
            what = f"{other}() for {token.text}()"
            edit = (token.start, token.end, other)
            yield reading.mutant(MutantKind.AGGREGATION, what, edit)
        inside = reading.brackets.inside(place + 1)
        if token.upper == "COUNT" and _may_be_null(reading, inside):
            first, last = reading.tokens[inside[0]], reading.tokens[inside[-1]]
            what = f"count(*) for count({reading.text[first.start : last.end]})"
            edit = (first.start, last.end, "*")
            yield reading.mutant(MutantKind.AGGREGATION, what, edit)


def _may_be_null(reading: Reading, inside: range) -> bool:
    tokens = [reading.tokens[place] for place in inside]
    if not tokens or tokens[0].upper == "DISTINCT" or tokens[0].text == "*":
        return False
    if len(tokens) > 1:
        return True
    optional = (
        token
        for found, _ in reading.levels()
        for clause in found
        if clause.keyword == "OPTIONAL MATCH"
        for token in clause.tokens
    )
    return is_name(tokens[0]) and name(tokens[0]) in {name(token) for token in optional}
