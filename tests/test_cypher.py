"""Tokens, statements and clauses of a Cypher text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_cypherbench.cypher import (
    CypherTextError,
    Kind,
    blocks,
    clauses,
    name,
    normal,
    projection,
    source,
    split,
    statements,
    tokenize,
)


def keywords(text: str) -> list[str]:
    return [clause.keyword for clause in clauses(tokenize(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MATCH (n) RETURN n", ["MATCH", "RETURN"]),
        ("match (n) where n.x STARTS WITH 'a' return n", ["MATCH", "WHERE", "RETURN"]),
        (
            "OPTIONAL MATCH (n) WITH n ORDER BY n.x SKIP 1 LIMIT 2 RETURN n",
            ["OPTIONAL MATCH", "WITH", "ORDER BY", "SKIP", "LIMIT", "RETURN"],
        ),
        ("MATCH (n:Match {limit: 1}) RETURN n.order AS limit", ["MATCH", "RETURN"]),
        ("RETURN 1 UNION ALL RETURN 2", ["RETURN", "UNION ALL", "RETURN"]),
        ("RETURN 'x order by y' // LIMIT 3", ["RETURN"]),
        ("RETURN 1 // as Neo4j does\rLIMIT 3", ["RETURN", "LIMIT"]),
        ("RETURN 1 // no line ends here\u2028LIMIT 3", ["RETURN"]),
        (
            "MATCH (n) WHERE EXISTS { MATCH (n)--() RETURN 1 } RETURN n",
            ["MATCH", "WHERE", "RETURN"],
        ),
        ("LOAD CSV WITH HEADERS FROM 'x' AS row RETURN row", ["LOAD CSV", "RETURN"]),
        ("Answer - MATCH (n) RETURN n", ["", "MATCH", "RETURN"]),
        ("MATCH (a) ON CREATE SET a.x = 1", ["MATCH", "ON CREATE SET"]),
        ("", []),
    ],
)
def test_clauses_are_found_where_they_begin(text: str, expected: list[str]) -> None:
    """Keywords count only where a clause can begin, never as names, in strings or in brackets."""
    assert keywords(text) == expected


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("1..3", ["1", "..", "3"]),
        ("1.5e-3+.5", ["1.5e-3", "+", ".5"]),
        ("a.b<>$p", ["a", ".", "b", "<>", "$p"]),
        ("`a``b`-->()", ["`a``b`", "-", "->", "(", ")"]),
        ("'it\\'s' + \"x\"", ["'it\\'s'", "+", '"x"']),
        ("a /* ; */ ; b", ["a", ";", "b"]),
        ("$`odd name`", ["$`odd name`"]),
        ("0x1F 1_000", ["0x1F", "1_000"]),
    ],
)
def test_tokens(text: str, kinds: list[str]) -> None:
    """Numbers, ranges, strings, names and parameters are cut as Cypher cuts them."""
    assert [token.text for token in tokenize(text)] == kinds


@pytest.mark.parametrize(
    "text", ["'abc", '"abc', "`abc", "/* abc", "RETURN (1", "RETURN 1)", "[1)", "MATCH \\u0028n)"]
)
def test_a_text_that_is_cut_off_is_refused(text: str) -> None:
    """What ends inside something, or hides characters behind escapes, is no token list."""
    with pytest.raises(CypherTextError):
        tokenize(text)


def test_statements_split_at_semicolons_outside_strings_and_brackets() -> None:
    """Only a semicolon in the open ends a statement."""
    tokens = tokenize("RETURN ';' ; MATCH (n) RETURN n;")
    assert [normal(part) for part in statements(tokens)] == ["RETURN ';'", "MATCH ( n ) RETURN n"]


def test_projection_reads_items_aliases_and_sort_keys() -> None:
    """DISTINCT, aliases (quoted too) and ORDER BY keys come out as tokens."""
    text = "MATCH (n) RETURN DISTINCT n.x AS `a b`, f(n.y, 1) ORDER BY n.x DESC, f(1, 2) LIMIT 3"
    found = clauses(tokenize(text))
    read = projection(found, 1)
    assert read.distinct
    assert [item.alias for item in read.items] == ["a b", None]
    assert [source(text, item.tokens) for item in read.items] == ["n.x", "f(n.y, 1)"]
    assert [source(text, key) for key in read.order_by] == ["n.x DESC", "f(1, 2)"]


def test_blocks_are_subqueries_and_not_maps() -> None:
    """Braces that hold clauses are subqueries; braces that hold keys are maps."""
    tokens = tokenize("MATCH (n {match: 1}) WHERE COUNT { MATCH (n)--() } > 1 RETURN n {.x}")
    assert [normal(block) for block in blocks(tokens)] == ["MATCH ( n ) - - ( )"]


def test_name_undoes_backticks() -> None:
    """A quoted name stands for what is between the backticks."""
    assert [name(token) for token in tokenize("`a``b` c")] == ["a`b", "c"]


@given(st.text())
def test_any_text_gives_tokens_or_one_error(text: str) -> None:
    """No text crashes the reader, and tokens never overlap."""
    try:
        tokens = tokenize(text)
    except CypherTextError:
        return
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    assert all(text[t.start : t.end] == t.text and t.end > t.start for t in tokens)
    assert all(isinstance(t.kind, Kind) for t in tokens)
    clauses(tokens), statements(tokens), split(tokens), blocks(tokens)
