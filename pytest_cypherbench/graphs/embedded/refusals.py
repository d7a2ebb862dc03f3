"""What an error of the embedded engine means: the kind that Neo4j would have given, or undecidable.

Knows nothing of connections.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_cypherbench import cypher
from pytest_cypherbench.cypher import Kind
from pytest_cypherbench.flow import Failure, FailureKind

if TYPE_CHECKING:
    from pytest_cypherbench.cypher import Token

# (part of the message, kind); the first that occurs decides.
_BY_MESSAGE = (
    ("LinkedHashMap", FailureKind.UNDECIDABLE),
    ("FeatureNotImplemented", FailureKind.UNDECIDABLE),
    ("InvalidNumberLiteral", FailureKind.UNDECIDABLE),
    ("AmbiguousAggregationExpression", FailureKind.UNDECIDABLE),
    ("regexTimeout", FailureKind.TIMEOUT),
    ("arcadedb.command.timeout", FailureKind.TIMEOUT),
    # A limit of this engine's own: Neo4j might answer.
    ("arcadedb.", FailureKind.UNDECIDABLE),
    ("UndefinedVariable", FailureKind.SYNTAX_ERROR),
    ("Unknown function", FailureKind.SYNTAX_ERROR),
    ("cannot convert", FailureKind.RUNTIME_ERROR),
    ("got DURATION", FailureKind.UNDECIDABLE),
    ("type CypherDuration", FailureKind.UNDECIDABLE),
    ("Cannot compare", FailureKind.UNDECIDABLE),
    # Of nodes and relationships Neo4j knows the type before it runs.
    ("Vertex", FailureKind.SYNTAX_ERROR),
    ("Edge", FailureKind.SYNTAX_ERROR),
    ("got NODE", FailureKind.SYNTAX_ERROR),
    ("got RELATIONSHIP", FailureKind.SYNTAX_ERROR),
)
_ARITY = re.compile(r"expects \d+ .*argument.* but got \d+")
# Neo4j reads months and days of one digit.
_SHORT_DATE = re.compile(r"-?\d{4}-\d{1,2}(-\d{1,2})?")
_TYPE_ERROR = re.compile(
    r"Type mismatch|operands|InvalidArgument|Cannot index|Cannot access property|TypeError|requires"
)
_PARSE_ERROR = re.compile(r"cannot parse '(.*?)'|Invalid duration string: (.*)|NumberOutOfRange")


def restate(failure: Failure, statement: str) -> Failure:
    """The failure with the kind that Neo4j 5 gives for the same mistake."""
    if failure.kind in {FailureKind.TIMEOUT, FailureKind.BLOCKED, FailureKind.TOO_LARGE}:
        return failure
    return replace(failure, kind=_kind(failure, cypher.tokenize(statement)))


def _kind(failure: Failure, tokens: tuple[Token, ...]) -> FailureKind:
    reason = failure.reason
    if "InvalidAggregation" in reason and _aggregate_after_with(tokens):
        return FailureKind.RUNTIME_ERROR  # Neo4j 5.26 lets it through and fails on it later
    for part, kind in _BY_MESSAGE:
        if part in reason:
            return kind
    if failure.kind is FailureKind.SYNTAX_ERROR or _ARITY.search(reason):
        return FailureKind.SYNTAX_ERROR
    if found := _PARSE_ERROR.search(reason):
        return _unparsed(found[1] or found[2] or "", tokens)
    if _TYPE_ERROR.search(reason):
        return _type_error(reason, tokens)
    if failure.kind is FailureKind.ENGINE_ERROR:
        return FailureKind.UNDECIDABLE  # a fault of this engine's own
    return failure.kind


def _aggregate_after_with(tokens: tuple[Token, ...]) -> bool:
    found = cypher.clauses(tokens)
    return any(
        before.keyword == "WITH" and clause.keyword == "WHERE"
        for before, clause in itertools.pairwise(found)
    )


def _unparsed(text: str, tokens: tuple[Token, ...]) -> FailureKind:
    """Neo4j reads literals before it runs, everything else while it runs."""
    if _SHORT_DATE.fullmatch(text) and not re.fullmatch(r"-?\d{4}(-\d\d){1,2}", text):
        return FailureKind.UNDECIDABLE
    literal = any(t.kind is Kind.STRING and (not text or t.text[1:-1] == text) for t in tokens)
    number = not text and any(token.kind is Kind.NUMBER for token in tokens)
    return FailureKind.SYNTAX_ERROR if literal or number else FailureKind.RUNTIME_ERROR


def _type_error(reason: str, tokens: tuple[Token, ...]) -> FailureKind:
    """Neo4j knows the types of literals before it runs, those of properties only while it runs."""
    dynamic = any(token.text == "." or token.kind is Kind.PARAM for token in tokens)
    if "IN requires a list" in reason:
        literal = any(
            word.upper == "IN" and after.kind in {Kind.STRING, Kind.NUMBER}
            for word, after in itertools.pairwise(tokens)
        )
        return FailureKind.SYNTAX_ERROR if literal else FailureKind.UNDECIDABLE
    return FailureKind.RUNTIME_ERROR if dynamic else FailureKind.SYNTAX_ERROR
