"""Mutants of references: each kind is made where it can be wrong, and only there."""

from __future__ import annotations

import pytest
from test_audit_texts import SCHEMA, row

from pytest_cypherbench.audit.mutants import MutantKind, make_mutants
from pytest_cypherbench.audit.mutants.reading import MutantKind as Kind
from pytest_cypherbench.flow import Order

# kind, reference, some of the mutants
MADE = [
    (Kind.DIRECTION, "MATCH (a:Person)-[:KNOWS]->(b) RETURN a.name",
     ["MATCH (a:Person)<-[:KNOWS]-(b) RETURN a.name"]),
    (Kind.DIRECTION, "MATCH (a)<--(b:City) RETURN a.name", ["MATCH (a)-->(b:City) RETURN a.name"]),
    (Kind.LABEL, "MATCH (c:City) RETURN c.name", ["MATCH (c:Person) RETURN c.name"]),
    (Kind.TYPE, "MATCH (a)-[:KNOWS]->(b) RETURN a.name", ["MATCH (a)-[:LIVES_IN]->(b) RETURN a.name"]),
    (Kind.PROPERTY, "MATCH (p:Person) RETURN p.born",
     ["MATCH (p:Person) RETURN p.joined", "MATCH (p:Person) RETURN p.name"]),
    (Kind.PROPERTY, "MATCH (c:City {name: 'x'}) RETURN count(*)",
     ["MATCH (c:City {at: 'x'}) RETURN count(*)"]),
    (Kind.LENGTH, "MATCH (a:Person)-[:KNOWS*1..3]->(b) RETURN b.name",
     ["MATCH (a:Person)-[:KNOWS]->(b) RETURN b.name",
      "MATCH (a:Person)-[:KNOWS*1..2]->(b) RETURN b.name",
      "MATCH (a:Person)-[:KNOWS*1..4]->(b) RETURN b.name"]),
    (Kind.COMPARISON, "MATCH (p:Person) WHERE p.born > 1900 RETURN p.name",
     ["MATCH (p:Person) WHERE p.born >= 1900 RETURN p.name",
      "MATCH (p:Person) WHERE p.born < 1900 RETURN p.name"]),
    (Kind.COMPARISON, "MATCH (p:Person) WHERE p.born IS NULL RETURN p.name",
     ["MATCH (p:Person) WHERE p.born IS NOT NULL RETURN p.name"]),
    (Kind.COMPARISON, "MATCH (p:Person) WHERE p.name STARTS WITH 'A' RETURN p.name",
     ["MATCH (p:Person) WHERE p.name CONTAINS 'A' RETURN p.name"]),
    (Kind.AGGREGATION, "MATCH (p:Person) RETURN avg(p.born)",
     ["MATCH (p:Person) RETURN sum(p.born)", "MATCH (p:Person) RETURN max(p.born)"]),
    (Kind.AGGREGATION, "MATCH (p:Person) RETURN count(p.born)", ["MATCH (p:Person) RETURN count(*)"]),
    (Kind.FILTER, "MATCH (p:Person) WHERE p.born > 1 AND p.name = 'A' RETURN p.joined",
     ["MATCH (p:Person) WHERE p.name = 'A' RETURN p.joined",
      "MATCH (p:Person) WHERE p.born > 1 RETURN p.joined"]),
    (Kind.FILTER, "MATCH (p:Person {name: 'A', born: 1}) RETURN p.joined",
     ["MATCH (p:Person {born: 1}) RETURN p.joined", "MATCH (p:Person {name: 'A'}) RETURN p.joined"]),
    (Kind.FILTER, "MATCH (p:Person) RETURN [x IN [1, 2] WHERE x > 1 | x] AS l",
     ["MATCH (p:Person) RETURN [x IN [1, 2] | x] AS l"]),
    (Kind.FILTER, "MATCH (p:Person) WHERE EXISTS { (p)-[k:KNOWS]->() WHERE k.since > date() } RETURN 1",
     ["MATCH (p:Person) RETURN 1", "MATCH (p:Person) WHERE EXISTS { (p)-[k:KNOWS]->() } RETURN 1"]),
    (Kind.DISTINCT, "MATCH (p:Person) RETURN DISTINCT p.born", ["MATCH (p:Person) RETURN p.born"]),
    (Kind.DISTINCT, "MATCH (p:Person) RETURN count(DISTINCT p.born)",
     ["MATCH (p:Person) RETURN count( p.born)"]),
    (Kind.DISTINCT, "RETURN 1 AS x UNION RETURN 2 AS x", ["RETURN 1 AS x UNION ALL RETURN 2 AS x"]),
    (Kind.LIMIT, "MATCH (p:Person) RETURN p.name ORDER BY p.name LIMIT 2",
     ["MATCH (p:Person) RETURN p.name ORDER BY p.name LIMIT 1",
      "MATCH (p:Person) RETURN p.name ORDER BY p.name LIMIT 3"]),
    (Kind.ORDER, "MATCH (p:Person) RETURN p.name ORDER BY p.born DESC, p.name",
     ["MATCH (p:Person) RETURN p.name ORDER BY p.born ASC, p.name",
      "MATCH (p:Person) RETURN p.name ORDER BY p.born DESC, p.name DESC"]),
    (Kind.OPTIONAL, "MATCH (p:Person) OPTIONAL MATCH (p)-->(c) RETURN p.name, c.name",
     ["MATCH (p:Person) MATCH (p)-->(c) RETURN p.name, c.name"]),
]  # fmt: skip
# What means the same as the reference, or nothing, and is not made.
UNMADE = [
    (Kind.DIRECTION, "MATCH (a)-[:KNOWS]-(b) RETURN a.name"),
    (Kind.DIRECTION, "MATCH ()-[k:KNOWS]->() RETURN k.since"),
    (Kind.LENGTH, "MATCH p = shortestPath((a:Person)-[:KNOWS*..9]->(b:Person)) RETURN length(p)"),
    (Kind.COMPARISON, "MATCH p = (a:Person)-->(b) RETURN length(p)"),
    (Kind.COMPARISON, "MATCH (a), (b) WHERE elementId(a) < elementId(b) RETURN a.name, b.name"),
    (Kind.COMPARISON, "RETURN reduce(t = 0, x IN [1] | t + x) AS t"),
    (Kind.AGGREGATION, "MATCH (p:Person) RETURN count(p)"),
    (Kind.DISTINCT, "MATCH (p:Person) RETURN p.name"),
    (Kind.DISTINCT, "MATCH (p:Person) RETURN DISTINCT p.name, count(*)"),
    (Kind.DISTINCT, "MATCH (p:Person) RETURN max(DISTINCT p.born)"),
    (Kind.DISTINCT, "MATCH (p:Person) RETURN DISTINCT p.born ORDER BY p.born LIMIT 1"),
    (Kind.ORDER, "MATCH (p:Person) WITH p ORDER BY p.name RETURN p.name"),
]
LINE = "MATCH (p:Person) WHERE p.born IS NOT NULL AND p.born < 1900 RETURN p.name"


def made(reference: str, kind: MutantKind, **more: object) -> list[str]:
    case = row("a", reference=reference, **more)
    return [" ".join(m.text.split()) for m in make_mutants(case, (), SCHEMA) if m.kind is kind]


@pytest.mark.parametrize(("kind", "reference", "expected"), MADE)
def test_mutants_are_made(kind: MutantKind, reference: str, expected: list[str]) -> None:
    """Each change of a kind gives a text of its own, with nothing else changed."""
    assert made(reference, kind) == expected


@pytest.mark.parametrize(("kind", "reference"), UNMADE)
def test_what_means_the_same_is_not_made(kind: MutantKind, reference: str) -> None:
    """No mutant of the kind comes of what it could not make wrong."""
    assert made(reference, kind) == []


def test_an_implied_null_check_is_not_dropped() -> None:
    """A comparison beside it holds of no null."""
    assert made(LINE, Kind.FILTER) == ["MATCH (p:Person) WHERE p.born IS NOT NULL RETURN p.name"]


def test_an_order_that_does_not_count_is_not_turned() -> None:
    """With `order: ignored`, unless rows are cut by it."""
    text = "MATCH (p:Person) RETURN p.name ORDER BY p.name"
    assert made(text, Kind.ORDER, order=Order.IGNORED) == []
    assert len(made(f"{text} LIMIT 2", Kind.ORDER, order=Order.IGNORED)) == 1


def test_likely_names_come_first() -> None:
    """A type that joins the same labels is tried before others."""
    wider = SCHEMA.patterns
    assert {p.type for p in wider} == {"KNOWS", "LIVES_IN"}
    texts = made("MATCH (p:Person)-[:LIVES_IN]->(c:City) RETURN p.name", Kind.LABEL)
    assert texts[0] == "MATCH (p:City)-[:LIVES_IN]->(c:City) RETURN p.name"


def test_what_is_accepted_is_no_mutant() -> None:
    """A wrong query that the case accepts is right."""
    case = row("a", reference="MATCH (p:Person) RETURN DISTINCT p.born")
    texts = [m.text for m in make_mutants(case, ("MATCH (x:Person) RETURN x.born",), SCHEMA)]
    assert "MATCH (p:Person) RETURN  p.born" not in texts


def test_strings_and_quoted_names_are_not_read_as_cypher() -> None:
    """What looks like a query in a string or in backticks stays as it is."""
    text = "MATCH (p:Person) WHERE p.name = 'x < 1 AND DISTINCT' RETURN `a ORDER BY b` LIMIT 3"
    texts = [m.text for m in make_mutants(row("a", reference=text), (), SCHEMA)]
    kept = [t for t in texts if "'x < 1 AND DISTINCT'" in t or "WHERE" not in t]
    assert kept == texts
    assert all("`a ORDER BY b`" in t for t in texts)
