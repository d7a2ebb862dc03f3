"""What a statement is made of, for the rules of ``decidable`` and ``rejected``: brackets, names
with their kinds, function calls, property accesses, and the types of the graph's properties.

Knows nothing of rules or engines.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_cypherbench import cypher
from pytest_cypherbench.cypher import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_cypherbench.cypher import Clause, Token
    from pytest_cypherbench.flow import Schema

NAMES = frozenset({Kind.WORD, Kind.QUOTED})
# ``n.name`` is three tokens.
PROPERTY_TOKENS = 3
COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})
AGGREGATES = frozenset(
    {
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "collect",
        "stdev",
        "stdevp",
        "percentilecont",
        "percentiledisc",
    }
)


@dataclass(frozen=True, slots=True)
class Call:
    """A function call: its name in lower case, the index of its first token, its arguments."""

    name: str
    index: int
    arguments: tuple[tuple[Token, ...], ...]
    end: int


@dataclass(frozen=True)
class Statement:
    """A tokenized statement and the types that each property name has in the loaded graph."""

    text: str
    tokens: tuple[Token, ...]
    types: Mapping[str, frozenset[str]]
    several_labels: bool = True

    def at(self, index: int) -> str:
        """The token's text in capitals if it is a word; "" beyond the ends."""
        if not 0 <= index < len(self.tokens):
            return ""
        token = self.tokens[index]
        return token.upper or token.text

    def is_name(self, index: int) -> bool:
        """Whether a word or quoted name stands here."""
        return 0 <= index < len(self.tokens) and self.tokens[index].kind in NAMES

    def text_of(self, index: int) -> str:
        """The name that stands here; "" if none does."""
        return cypher.name(self.tokens[index]) if self.is_name(index) else ""

    def types_before(self, index: int) -> frozenset[str]:
        """The types of the property that ends just before ``index``; empty if there is none."""
        if self.is_name(index - 1) and self.at(index - 2) == ".":
            return self.types.get(cypher.name(self.tokens[index - 1]), frozenset())
        return frozenset()

    @cached_property
    def openers(self) -> tuple[int, ...]:
        """For each token the index of the innermost bracket that it stands in, -1 for none."""
        found: list[int] = []
        stack: list[int] = []
        for index, token in enumerate(self.tokens):
            if token.kind is Kind.SYMBOL and token.text in {")", "]", "}"}:
                stack.pop()
            found.append(stack[-1] if stack else -1)
            if token.kind is Kind.SYMBOL and token.text in {"(", "[", "{"}:
                stack.append(index)
        return tuple(found)

    @cached_property
    def closers(self) -> Mapping[int, int]:
        """The index of the bracket that closes each opening one."""
        found: dict[int, int] = {}
        stack: list[int] = []
        for index, token in enumerate(self.tokens):
            if token.kind is Kind.SYMBOL and token.text in {"(", "[", "{"}:
                stack.append(index)
            elif token.kind is Kind.SYMBOL and token.text in {")", "]", "}"}:
                found[stack.pop()] = index
        return found

    @cached_property
    def levels(self) -> tuple[tuple[Clause, ...], ...]:
        """The clauses of the statement, then those of each subquery in braces."""
        parts = [self.tokens, *cypher.blocks(self.tokens)]
        return tuple(cypher.clauses(part) for part in parts if part)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """All function calls, namespaced ones with their dots."""
        return tuple(self._calls())

    def _calls(self) -> Iterator[Call]:
        for index, token in enumerate(self.tokens):
            if token.text != "(" or token.kind is not Kind.SYMBOL or not self.is_name(index - 1):
                continue
            first = index - 1
            while self.at(first - 1) == "." and self.is_name(first - 2):
                first -= 2
            if self.tokens[first].upper in NO_FUNCTIONS or self.at(first - 1) in {":", "|", "."}:
                continue
            if self.at(first - 1) == "CALL" or self.at(first - 1) in {"!", "&"}:
                continue
            name = "".join(cypher.name(part) for part in self.tokens[first:index]).lower()
            end = self.closers[index]
            yield Call(name, first, cypher.split(self.tokens[index + 1 : end]), end)

    @cached_property
    def accesses(self) -> tuple[tuple[int, str], ...]:
        """(index of the dot, property name) of each ``.name`` outside the names of functions."""
        inside = {i for call in self.calls for i in range(call.index, call.index + _width(call))}
        return tuple(
            (index, cypher.name(self.tokens[index + 1]))
            for index, token in enumerate(self.tokens)
            if token.text == "." and self.is_name(index + 1) and index not in inside
        )

    @cached_property
    def kinds(self) -> Mapping[str, frozenset[str]]:
        """For each introduced name what it may be: node, relationship, list, path, other."""
        found: dict[str, set[str]] = {}
        for index in range(len(self.tokens)):
            if self.is_name(index) and (kind := self._introduces(index)):
                found.setdefault(cypher.name(self.tokens[index]), set()).add(kind)
        return {name: frozenset(kinds) for name, kinds in found.items()}

    def _introduces(self, index: int) -> str:
        before, after = self.at(index - 1), self.at(index + 1)
        if before in {"AS", "YIELD"} or after == "IN" or (before == "," and after == "="):
            return "other"
        if before == "[" and self.at(index - 2) in {"-", "<-"}:
            return "list" if self._variable_length(index) else "relationship"
        if after == "=" and self.at(index + 2) in {
            "(",
            "SHORTESTPATH",
            "ALLSHORTESTPATHS",
            "ANY",
            "ALL",
        }:
            return "path" if before in {"MATCH", ","} else "other"
        if before == "(" and after in {":", ")", "{", "WHERE", "IS", "=", ","}:
            called = self.is_name(index - 2) and self.at(index - 2) not in NO_FUNCTIONS
            return "" if called and after in {")", ","} else "node" if after != "=" else "other"
        return "other" if before == "," and self._in_import(index) else ""

    def _in_import(self, index: int) -> bool:
        opener = self.openers[index]
        return opener > 0 and self.at(opener) == "(" and self.at(opener - 1) == "CALL"

    def _variable_length(self, index: int) -> bool:
        end = self.closers[self.openers[index]]
        following = self.at(end + 1)
        return any(self.at(i) == "*" for i in range(index, end)) or following == "{"


# Before these a bracket is no argument list.
NO_FUNCTIONS = frozenset(
    {
        "MATCH",
        "WHERE",
        "AND",
        "OR",
        "XOR",
        "NOT",
        "IN",
        "RETURN",
        "WITH",
        "UNWIND",
        "CALL",
        "WHEN",
        "THEN",
        "ELSE",
        "CASE",
        "AS",
        "BY",
        "ON",
        "DISTINCT",
        "MERGE",
        "CREATE",
        "SHORTESTPATH",
        "ALLSHORTESTPATHS",
        "CONTAINS",
        "STARTS",
        "ENDS",
        "IS",
        "LIMIT",
        "SKIP",
        "OFFSET",
        "UNION",
        "OPTIONAL",
        "YIELD",
    }
)


def _width(call: Call) -> int:
    """Tokens of a call's name."""
    return 2 * call.name.count(".") + 1


def property_types(schema: Schema) -> dict[str, frozenset[str]]:
    """The types that each property name has anywhere in the graph."""
    found: dict[str, set[str]] = {}
    for entity in (*schema.labels, *schema.relationships):
        for entry in entity.properties:
            found.setdefault(entry.name, set()).update(entry.types)
    return {name: frozenset(types) for name, types in found.items()}
