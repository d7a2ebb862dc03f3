"""The parts of a reference that a choice may hide in: its queries, their cuts, what brackets hold.

Knows nothing of choices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_cypherbench.cypher import CypherTextError, blocks, clauses, statements, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_cypherbench.compare.lists import Tokens
    from pytest_cypherbench.cypher import Clause, Token

CUTS = frozenset({"SKIP", "OFFSET", "LIMIT"})


@dataclass(frozen=True, slots=True)
class Query:
    """A query without UNION, and the word before its braces: CALL, COLLECT …, "" at the top."""

    clauses: tuple[Clause, ...]
    within: str = ""


def statement_of(reference: str) -> Tokens:
    """The tokens of the one statement; none for a text that cannot be read."""
    try:
        parts = statements(tokenize(reference))
    except CypherTextError:
        return ()
    return parts[0] if len(parts) == 1 else ()


def queries(tokens: Tokens) -> Iterator[Query]:
    """The parts of the statement between UNIONs, then those of each subquery."""
    places = {token.start: index for index, token in enumerate(tokens)}
    for level in (tokens, *blocks(tokens)):
        if not level:
            continue
        opener = places[level[0].start] - 1
        within = tokens[opener - 1].upper if opener > 0 else ""
        part: list[Clause] = []
        for clause in clauses(level):
            if clause.keyword.startswith("UNION"):
                yield Query(tuple(part), within)
                part = []
            else:
                part.append(clause)
        yield Query(tuple(part), within)


def cut_at(found: tuple[Clause, ...], index: int) -> tuple[Clause, ...]:
    """The SKIP and LIMIT that begin here."""
    end = index
    while end < len(found) and found[end].keyword in CUTS:
        end += 1
    return found[index:end]


def spelled(text: str, cut: tuple[Clause, ...]) -> str:
    """A cut as the text has it."""
    return text[cut[0].start : cut[-1].end]


def word_at(tokens: Sequence[Token], index: int) -> str:
    """A word in capitals, any other token as it is; "" beyond the ends."""
    return (tokens[index].upper or tokens[index].text) if 0 <= index < len(tokens) else ""


def closing(tokens: Tokens, opener: int) -> int:
    """The place of the bracket that closes the one at ``opener``."""
    depth = tokens[opener].depth
    return next(i for i in range(opener + 1, len(tokens)) if tokens[i].depth == depth)


def inside_of(tokens: Tokens, opener: int) -> Tokens:
    """What stands between the bracket at ``opener`` and its partner."""
    return tokens[opener + 1 : closing(tokens, opener)]
