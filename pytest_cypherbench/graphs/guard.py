"""Refuses statements that would write, administer, or reach out of the graph, before they run.

Knows nothing of engines. A reading of tokens, so that a verdict can say ``blocked``; it is not what
keeps the data safe: read transactions, a user without rights, and rollbacks are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench import cypher
from pytest_cypherbench.cypher import Kind
from pytest_cypherbench.flow import Failure, FailureKind
from pytest_cypherbench.graphs.neo4j.safe import PROCEDURES

if TYPE_CHECKING:
    from pytest_cypherbench.cypher import Token

_WRITES = cypher.ADMINISTRATION | cypher.UPDATES | {"DETACH", "NODETACH"}
_REACHES_OUT = {"LOAD": "LOAD CSV", "USE": "USE", "SHOW": "SHOW"}
_PLANS = frozenset({"EXPLAIN", "PROFILE"})
# Options of ``CYPHER name=value``: how a query is planned and run, never what it may do.
_OPTIONS = frozenset(
    [
        "planner",
        "runtime",
        "updatestrategy",
        "connectcomponentsplanner",
        "expressionengine",
        "operatorengine",
        "interpretedpipesfallback",
        "replan",
        "inferschemaparts",
        "statefulshortestplanningmode",
    ]
)
_PROCEDURES = frozenset(name.lower() for name in PROCEDURES)
# After these words an expression or a name follows, never a clause.
_BEFORE_EXPRESSION = frozenset(
    {
        "RETURN",
        "WITH",
        "UNWIND",
        "WHERE",
        "AS",
        "IN",
        "AND",
        "OR",
        "XOR",
        "NOT",
        "BY",
        "DISTINCT",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "SKIP",
        "OFFSET",
        "LIMIT",
        "CONTAINS",
        "STARTS",
        "ENDS",
        "IS",
        "YIELD",
        "ASC",
        "DESC",
        "MATCH",
        "DELETE",
        "REMOVE",
        "SET",
    }
) - {"ASC", "DESC"}
_ENDS = frozenset({")", "]", "}", "{", "*", ";"})


def check(statement: str) -> Failure | None:
    """A ``blocked`` failure, or None. A text that has no tokens is left to the engine to refuse.

    Read twice, as it stands and with its unicode escapes decoded: engines differ in what they do
    with these, and what one of the two readings forbids is not sent to either."""
    for text in dict.fromkeys((statement, cypher.unescape(statement))):
        try:
            tokens = cypher.tokenize(text)
        except cypher.CypherTextError:
            continue
        if len(cypher.statements(tokens)) > 1:
            return _blocked("more than one statement")
        if refused := _prefix(tokens) or _clauses(tokens):
            return refused
    return None


def allowed_procedure(name: str) -> bool:
    """Whether a prediction may call it."""
    return name.lower() in _PROCEDURES


def _prefix(tokens: tuple[Token, ...]) -> Failure | None:
    """What may stand before a query: CYPHER, with a version and options of the list."""
    position = 0
    while position < len(tokens) and tokens[position].upper == "CYPHER":
        position += 1
        if position < len(tokens) and tokens[position].kind is Kind.NUMBER:
            position += 1
        while position + 1 < len(tokens) and tokens[position + 1].text == "=":
            if (option := tokens[position].text).lower() not in _OPTIONS:
                return _blocked(f"the query option {option} is not on the allow-list")
            position += 3
    if position < len(tokens) and tokens[position].upper in _PLANS:
        return _blocked(f"{tokens[position].upper} asks for a plan, not for rows")
    return None


def _clauses(tokens: tuple[Token, ...]) -> Failure | None:
    for index, token in enumerate(tokens):
        word = token.upper
        if word in _WRITES and in_clause_position(tokens, index):
            return _blocked(f"{word} is not allowed in a read-only query")
        if word in _REACHES_OUT and in_clause_position(tokens, index):
            return _blocked(f"{_REACHES_OUT[word]} reaches out of the graph")
        if word == "CALL" and (name := procedure(tokens, index)) and not allowed_procedure(name):
            return _blocked(f"the procedure {name} is not on the allow-list")
        if word == "TRANSACTIONS" and index and tokens[index - 1].upper in {"IN", "CONCURRENT"}:
            return _blocked("IN TRANSACTIONS is not allowed in a read-only query")
    return None


def procedure(tokens: tuple[Token, ...], index: int) -> str:
    """The procedure that the CALL at ``index`` calls; "" for a subquery or no clause."""
    rest = tokens[index + 1 :]
    if not rest or rest[0].kind not in {Kind.WORD, Kind.QUOTED}:
        return ""
    if not in_clause_position(tokens, index):
        return ""
    parts = [cypher.name(rest[0])]
    for dot, part in zip(rest[1::2], rest[2::2], strict=False):
        if dot.text != ".":
            break
        parts.append(cypher.name(part))
    return ".".join(parts)


def in_clause_position(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether a clause may begin here: after a complete expression, before what a clause takes."""
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if after is None:
        return index == 0
    if after.kind is Kind.SYMBOL and after.text not in {"(", "{"}:
        return False
    if index == 0:
        return True
    before = tokens[index - 1]
    if before.kind is Kind.SYMBOL:
        return before.text in _ENDS
    return before.upper not in _BEFORE_EXPRESSION or before.upper == "MATCH"


def _blocked(reason: str) -> Failure:
    return Failure(FailureKind.BLOCKED, reason)
