"""A reference as its mutants are made from it, and how a change is written into its text.

Knows nothing of what is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_cypherbench.compare import read_reference
from pytest_cypherbench.cypher import CypherTextError, blocks, clauses, source, statements, tokenize
from pytest_cypherbench.flow import Order
from pytest_cypherbench.syntax.names import read_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.cypher import Clause, Token
    from pytest_cypherbench.flow import Case, Schema
    from pytest_cypherbench.syntax.brackets import Brackets
    from pytest_cypherbench.syntax.names import Names


class MutantKind(StrEnum):
    """What is changed in a mutant."""

    DIRECTION = "direction"
    LABEL = "label"
    TYPE = "type"
    PROPERTY = "property"
    LENGTH = "path length"
    COMPARISON = "comparison"
    AGGREGATION = "aggregation"
    FILTER = "filter"
    DISTINCT = "distinct"
    LIMIT = "limit"
    ORDER = "order"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A query with one change, and what that is in a few words."""

    kind: MutantKind
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A reference with its tokens and names. ``ordered``: the order of its rows counts."""

    text: str
    tokens: tuple[Token, ...]
    names: Names
    schema: Schema
    ordered: bool

    @property
    def brackets(self) -> Brackets:
        """What the brackets hold."""
        return self.names.brackets

    def levels(self) -> Iterator[tuple[tuple[Clause, ...], str]]:
        """The clauses of the query and of each subquery, with the word before its braces."""
        places = {token.start: place for place, token in enumerate(self.tokens)}
        yield clauses(self.tokens), ""
        for block in blocks(self.tokens):
            opener = places[block[0].start] - 1
            yield clauses(block), self.tokens[opener - 1].upper

    def spelled(self, tokens: tuple[Token, ...]) -> str:
        """The text of these tokens on one line."""
        return " ".join(source(self.text, tokens).split())

    def mutant(self, kind: MutantKind, what: str, *edits: tuple[int, int, str]) -> Mutant:
        """The text with each ``start:end`` (characters) replaced."""
        text = self.text
        for start, end, instead in sorted(edits, reverse=True):
            text = text[:start] + instead + text[end:]
        return Mutant(kind, what, text)


def read(case: Case, schema: Schema) -> Reading | None:
    """Read a case's reference; None if it is not one Cypher statement."""
    try:
        parts = statements(tokenize(case.reference))
    except CypherTextError:
        return None
    if len(parts) != 1:
        return None
    ordered = case.order is Order.SIGNIFICANT or (
        case.order is None and read_reference(case.reference).ordered
    )
    return Reading(case.reference, parts[0], read_names(parts[0]), schema, ordered)
