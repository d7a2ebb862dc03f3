"""Changes in clauses: filters, DISTINCT, LIMIT, ORDER BY, OPTIONAL.

Knows nothing of patterns or comparisons. Not made, because they mean the same: a null check of what
is compared beside it; DISTINCT where rows are grouped, in MIN and MAX, in EXISTS, before LIMIT 1,
and in the parts of a UNION; the order of rows whose order does not count.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_cypherbench.audit.mutants.reading import MutantKind
from pytest_cypherbench.compare.lists import aggregates
from pytest_cypherbench.compare.parts import CUTS
from pytest_cypherbench.cypher import Kind, normal, projection, split
from pytest_cypherbench.syntax.brackets import Holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.audit.mutants.reading import Mutant, Reading
    from pytest_cypherbench.cypher import Clause, Token

_DISTINCT_AGGREGATES = frozenset({"COUNT", "SUM", "AVG", "COLLECT"})
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "=", "<>"})
_PREDICATES = frozenset({"ANY", "ALL", "NONE", "SINGLE"})
_NULL_CHECK = 3  # IS NOT NULL
_FLIPPED = {"ASC": "DESC", "ASCENDING": "DESC", "DESC": "ASC", "DESCENDING": "ASC"}


# ── filters ──


def filters(reading: Reading) -> Iterator[Mutant]:
    """Each condition left out: parts of a WHERE, a WHERE within brackets, entries of a map."""
    in_clauses = set()
    for found, _ in reading.levels():
        for clause in found:
            if clause.keyword == "WHERE":
                in_clauses.add(clause.start)
                yield from _conditions(reading, clause)
    for place, token in enumerate(reading.tokens):
        if token.upper == "WHERE" and token.start not in in_clauses:
            yield from _inner_where(reading, place)
    for opener, holds in reading.brackets.holds.items():
        if holds is Holds.MAP and _is_pattern(reading, reading.brackets.parents[opener]):
            yield from _entries(reading, opener)


def _conditions(reading: Reading, clause: Clause) -> Iterator[Mutant]:
    parts = _conjuncts(clause.tokens)
    for index, part in enumerate(parts):
        if _is_implied(part, [*parts[:index], *parts[index + 1 :]]):
            continue
        if len(parts) == 1:
            edit = (clause.start, clause.end, "")
        elif index == 0:
            edit = (part[0].start, parts[1][0].start, "")
        else:
            edit = (parts[index - 1][-1].end, part[-1].end, "")
        yield reading.mutant(MutantKind.FILTER, f"without {reading.spelled(part)}", edit)


def _conjuncts(tokens: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    """The conditions that AND joins; one where OR or XOR stands beside."""
    level = tokens[0].depth
    words = [token.upper if token.depth == level else "" for token in tokens]
    if {"OR", "XOR"} & set(words):
        return [tokens]
    cuts = [-1, *(i for i, word in enumerate(words) if word == "AND"), len(tokens)]
    parts = [tokens[a + 1 : b] for a, b in pairwise(cuts)]
    return [part for part in parts if part]


def _is_implied(part: tuple[Token, ...], others: list[tuple[Token, ...]]) -> bool:
    """Whether ``x IS NOT NULL`` stands beside a comparison that begins or ends with x."""
    if [token.upper for token in part[-_NULL_CHECK:]] != ["IS", "NOT", "NULL"]:
        return False
    checked = part[:-_NULL_CHECK]
    size = len(checked)
    return any(
        any(token.text in _COMPARISONS and token.depth == other[0].depth for token in other)
        and normal(checked) in {normal(other[:size]), normal(other[-size:])}
        for other in others
    )


def _inner_where(reading: Reading, place: int) -> Iterator[Mutant]:
    """The WHERE of a pattern, a list comprehension or a subquery without MATCH."""
    opener = reading.brackets.parents[place]
    if opener < 0 or reading.tokens[opener - 1].upper in _PREDICATES:
        return
    inside = [p for p in reading.brackets.children(opener) if p > place]
    bar = next((p for p in inside if reading.tokens[p].text == "|"), None)
    last = reading.brackets.ends[opener] - 1 if bar is None else bar - 1
    spelled = reading.spelled(reading.tokens[place + 1 : last + 1])
    edit = (reading.tokens[place].start, reading.tokens[last].end, "")
    yield reading.mutant(MutantKind.FILTER, f"without {spelled}", edit)


def _entries(reading: Reading, opener: int) -> Iterator[Mutant]:
    end = reading.brackets.ends[opener]
    inside = reading.tokens[opener + 1 : end]
    entries = split(inside)
    for index, entry in enumerate(entries):
        if len(entries) == 1:
            edit = (reading.tokens[opener].start, reading.tokens[end].end, "")
        else:
            rest = [reading.spelled(e) for i, e in enumerate(entries) if i != index]
            edit = (inside[0].start, inside[-1].end, ", ".join(rest))
        yield reading.mutant(MutantKind.FILTER, f"without {reading.spelled(entry)}", edit)


def _is_pattern(reading: Reading, opener: int) -> bool:
    return reading.brackets.holds.get(opener) in {Holds.NODE, Holds.RELATIONSHIP}


# ── DISTINCT ──


def distincts(reading: Reading) -> Iterator[Mutant]:
    """DISTINCT dropped: of rows, in aggregating functions, between the parts of a UNION."""
    for found, within in reading.levels():
        unions = [clause for clause in found if clause.keyword.startswith("UNION")]
        merged = any(clause.keyword != "UNION ALL" for clause in unions)
        for index, clause in enumerate(found):
            merges = merged and clause.keyword == "RETURN"
            if clause.keyword in {"RETURN", "WITH"} and within != "EXISTS" and not merges:
                yield from _rows(reading, found, index)
        for clause in unions:
            if clause.keyword != "UNION ALL":
                edit = (clause.start, clause.end, "UNION ALL")
                yield reading.mutant(MutantKind.DISTINCT, "UNION ALL for UNION", edit)
    yield from _in_functions(reading)


def _rows(reading: Reading, found: tuple[Clause, ...], index: int) -> Iterator[Mutant]:
    clause, read = found[index], projection(found, index)
    grouped = any(aggregates(item.tokens) for item in read.items)
    if read.distinct and not grouped and not _keeps_one(found[index + 1 :]):
        edit = (clause.tokens[0].start, clause.tokens[0].end, "")
        yield reading.mutant(MutantKind.DISTINCT, f"{clause.keyword} without DISTINCT", edit)


def _keeps_one(following: tuple[Clause, ...]) -> bool:
    """Whether LIMIT 1 alone cuts the rows: then it is the same one."""
    level = [clause for clause in following if clause.keyword != "ORDER BY"]
    cuts = {c.keyword: normal(c.tokens) for c in level[:2] if c.keyword in CUTS}
    return cuts == {"LIMIT": "1"}


def _in_functions(reading: Reading) -> Iterator[Mutant]:
    for place, token in enumerate(reading.tokens[:-2]):
        first = reading.tokens[place + 2]
        opens = reading.tokens[place + 1].text == "("
        if token.upper in _DISTINCT_AGGREGATES and opens and first.upper == "DISTINCT":
            end = reading.tokens[reading.brackets.ends[place + 1]].end
            what = f"{reading.text[token.start : end]} without DISTINCT"
            yield reading.mutant(MutantKind.DISTINCT, what, (first.start, first.end, ""))


# ── LIMIT, ORDER BY, OPTIONAL ──


def limits(reading: Reading) -> Iterator[Mutant]:
    """LIMIT and SKIP one more and one less; LIMIT 0 and less than nothing are not made."""
    for found, _ in reading.levels():
        for clause in found:
            if clause.keyword not in CUTS or len(clause.tokens) != 1:
                continue
            token = clause.tokens[0]
            if token.kind is not Kind.NUMBER or not token.text.isdecimal():
                continue
            least = 1 if clause.keyword == "LIMIT" else 0
            for value in (int(token.text) - 1, int(token.text) + 1):
                if value >= least:
                    what = f"{clause.keyword} {value} for {token.text}"
                    edit = (token.start, token.end, str(value))
                    yield reading.mutant(MutantKind.LIMIT, what, edit)


def orders(reading: Reading) -> Iterator[Mutant]:
    """Each sort key the other way, where that counts."""
    for found, within in reading.levels():
        for index, clause in enumerate(found):
            if clause.keyword != "ORDER BY" or not _counts(reading, found, index, within):
                continue
            for key in split(clause.tokens):
                if not key:
                    continue
                last = key[-1]
                flipped = _FLIPPED.get(last.upper) if len(key) > 1 else None
                edit = (last.start, last.end, flipped) if flipped else (last.end, last.end, " DESC")
                what = f"ORDER BY {reading.spelled(key)} the other way"
                yield reading.mutant(MutantKind.ORDER, what, edit)


def _counts(reading: Reading, found: tuple[Clause, ...], index: int, within: str) -> bool:
    """Whether rows are cut, the order of the result counts, or lists are made of the rows."""
    if index + 1 < len(found) and found[index + 1].keyword in CUTS:
        return True
    last = index + 1 == len(found)
    if last and not within:
        return reading.ordered
    end = found[index].end
    lists = any(t.upper == "COLLECT" and t.start >= end for t in reading.tokens)
    return within == "COLLECT" or lists


def optionals(reading: Reading) -> Iterator[Mutant]:
    """Each OPTIONAL MATCH as a MATCH."""
    for found, _ in reading.levels():
        for clause in found:
            if clause.keyword == "OPTIONAL MATCH":
                edit = (clause.start, clause.start + len("OPTIONAL"), "")
                what = f"MATCH for OPTIONAL MATCH {reading.spelled(clause.tokens)}"
                yield reading.mutant(MutantKind.OPTIONAL, what, edit)
