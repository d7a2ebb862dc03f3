"""What makes a reference answer by chance: random functions, the clock, an order of ids.

Knows nothing of results or engines: a reading of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.compare.parts import (
    Query,
    cut_at,
    inside_of,
    queries,
    spelled,
    statement_of,
    word_at,
)
from pytest_cypherbench.cypher import split

if TYPE_CHECKING:
    from pytest_cypherbench.compare.lists import Tokens
    from pytest_cypherbench.cypher import Clause

_CHANCE = frozenset({"RAND", "RANDOMUUID"})
_MOMENTS = frozenset({"DATE", "DATETIME", "TIME", "LOCALTIME", "LOCALDATETIME"})
_CLOCKS = frozenset({"TRANSACTION", "STATEMENT", "REALTIME"})
_IDS = frozenset({"ID", "ELEMENTID"})


def by_chance(reference: str) -> str:
    """The function whose value is another at every run, or what is cut in an order of ids; "" if
    there is none. How the last projection is ordered does not count where nothing is cut."""
    tokens = statement_of(reference)
    parts = list(queries(tokens))
    skipped = _last_order(parts[0].clauses) if parts else frozenset()
    for index, token in enumerate(tokens[:-1]):
        if tokens[index + 1].text != "(" or token.start in skipped:
            continue
        before = tokens[index - 2].upper if index > 1 and tokens[index - 1].text == "." else ""
        if _varies(token.upper, before, inside_of(tokens, index + 1)):
            called = f"{before.lower()}.{token.text}" if before else token.text
            return f"{called}() is another at every run"
    return _by_identity(reference, tokens, parts)


def _by_identity(reference: str, tokens: Tokens, parts: list[Query]) -> str:
    """What is chosen by ids, or by nodes and relationships, which are ordered by their ids."""
    elements = _elements(tokens)
    for index, token in enumerate(tokens):
        inside = inside_of(tokens, index + 1) if word_at(tokens, index + 1) == "(" else ()
        if token.upper in {"MIN", "MAX"} and len(inside) == 1 and inside[0].text in elements:
            return f"{token.text}({inside[0].text}) goes by ids, which follow no rule"
    for part in parts:
        for index, clause in enumerate(part.clauses):
            cut = cut_at(part.clauses, index + 1) if clause.keyword == "ORDER BY" else ()
            bare = {key[0].text for key in split(clause.tokens) if key and word_at(key, 1) != "."}
            if cut and (bare & elements or any(t.upper in _IDS for t in clause.tokens)):
                return f"{spelled(reference, cut)} cuts an order by ids, which follow no rule"
    return ""


def _elements(tokens: Tokens) -> set[str]:
    """The variables of nodes and relationships in patterns, less those that are given anew."""
    found, given = set(), set()
    for index, token in enumerate(tokens):
        before, opener = word_at(tokens, index - 2), word_at(tokens, index - 1)
        if opener in {"(", "["} and word_at(tokens, index + 1) in {")", "]", ":", "{"}:
            if before in {"MATCH", ",", "-", "<-", "->", "="}:
                found.add(token.text)
        elif opener == "AS" and before != token.text:
            given.add(token.text)
    return found - given


def _last_order(found: tuple[Clause, ...]) -> frozenset[int]:
    """Where the tokens of an ORDER BY at the very end begin."""
    last = found[-1] if found else None
    ends = last is not None and last.keyword == "ORDER BY"
    return frozenset(token.start for token in last.tokens) if ends and last else frozenset()


def _varies(word: str, before: str, inside: Tokens) -> bool:
    """Whether ``before.word(inside)`` is chance or the clock."""
    if before:
        alone = word == "TRUNCATE" and len(split(inside)) == 1
        return before in _MOMENTS and (word in _CLOCKS or alone)
    if word in _MOMENTS:
        entries = split(inside[1:-1]) if inside and inside[0].text == "{" else ((),)
        return not inside or all(entry and entry[0].upper == "TIMEZONE" for entry in entries)
    return word in _CHANCE or word == "TIMESTAMP"
