"""The audit of texts: names against a schema, normal forms, duplicates, leaks, waivers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_cypherbench.audit.alike import find_duplicates, find_leaks
from pytest_cypherbench.audit.findings import Check, Findings
from pytest_cypherbench.audit.known import unknown_names
from pytest_cypherbench.cypher import tokenize
from pytest_cypherbench.flow import Case, Entity, Origin, Pattern, Property, Schema
from pytest_cypherbench.syntax.normal import normal_query, question_words

SCHEMA = Schema(
    (
        Entity("City", (Property("at", ("POINT",)), Property("name", ("STRING",))), 3),
        Entity(
            "Person",
            (
                Property("born", ("INTEGER",)),
                Property("joined", ("DATE",)),
                Property("name", ("STRING",)),
            ),
            5,
        ),
    ),
    (Entity("KNOWS", (Property("since", ("DATE",)),), 4), Entity("LIVES_IN", (), 4)),
    (Pattern("Person", "KNOWS", "Person"), Pattern("Person", "LIVES_IN", "City")),
)
KNOWN = """
MATCH (p:Person {name: 'A'})-[k:KNOWS {since: date()}]->(:Person) RETURN p.born, k.since.year
MATCH (n) WHERE n:Person OR n:City RETURN n.name
MATCH (p:Person)-[:KNOWS|LIVES_IN]->(x) RETURN x.at.longitude, p.joined.MONTH
MATCH (p:Person) RETURN p {.name, year: p.joined.year} AS m, {key: 1}.key
WITH {a: {b: 1}} AS m RETURN m.a.b
MATCH (p:Person) WITH collect(p) AS people RETURN head(people).name, people[0].born
MATCH path = (:Person)-[:KNOWS*1..3]->(:Person) RETURN [n IN nodes(path) | n.name]
MATCH (p:Person) RETURN duration.between(p.joined, date('2020-01-01')).months AS months
MATCH (p:Person) WITH duration.inDays(p.joined, date()) AS d RETURN d.days
MATCH (p:Person) WHERE EXISTS { (p)-[:LIVES_IN]->(:City {name: 'Paris'}) } RETURN count(p)
MATCH (`a b`:`Person`) RETURN `a b`.`name`
MATCH (c:City) RETURN point.distance(c.at, point({latitude: 1, longitude: 2})) AS metres
UNWIND [{k: 1}] AS row RETURN row.k
MATCH (a)-[:KNOWS]->+(b) RETURN count(*)
MATCH (x:!City) RETURN x.born
MATCH (p:Person) RETURN [(p)-[:LIVES_IN]->(c:City) | c.name] AS cities
"""
UNKNOWN = {
    "MATCH (p:Persn) RETURN p.name": "the graph has no label Persn",
    "MATCH (p) WHERE p:Robot RETURN p.name": "the graph has no label Robot",
    "MATCH (p:Person)-[:LIKES]->(c) RETURN p.name": "the graph has no relationship type LIKES",
    "MATCH (p:Person)-[:KNOWS|LIKES]->(c) RETURN p.name": "the graph has no relationship type LIKES",
    "MATCH (p:Person) RETURN p.at": "Person has no property at",
    "MATCH (:Person)-[k:KNOWS]->() RETURN k.name": "KNOWS has no property name",
    "MATCH (p:Person {nme: 'A'}) RETURN p.born": "Person has no property nme",
    "MATCH (p:Person) RETURN p {.nme} AS m": "Person has no property nme",
    "MATCH (n) RETURN n.since": "any node has no property since",
    "MATCH (p:Person) RETURN p.joined.hour": "joined (DATE) has no hour",
    "MATCH (p:Person) WITH p AS q RETURN q.at": "Person has no property at",
    "MATCH (p:Person) RETURN head(collect(p)).nme": "nothing in the graph has the property nme",
}


def row(name: str, question: str = "", reference: str = "", **more: object) -> Case:
    question = question or f"the question of {name}"
    reference = reference or f"RETURN '{name}'"
    return Case(name, "town", question, reference, Origin("a.yaml", 1), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("query", KNOWN.strip().splitlines())
def test_what_the_graph_has_is_known(query: str) -> None:
    """Labels, types, properties, components, keys of maps and functions are told apart."""
    assert unknown_names(tokenize(query), SCHEMA) == ()


@pytest.mark.parametrize("query", UNKNOWN)
def test_what_the_graph_lacks_is_named(query: str) -> None:
    """The one wrong name of a query is found, and whose it is."""
    assert unknown_names(tokenize(query), SCHEMA) == (UNKNOWN[query],)


def test_queries_that_differ_in_writing_are_one() -> None:
    """White space, comments, case of keywords, quotes, names of variables and columns."""
    one = "MATCH (p:Person {name: 'A'}) // who\nRETURN p.born AS born ORDER BY born ASC"
    other = 'match (x:Person{name:"A"}) return x.born as y order by y'
    assert normal_query(one) == normal_query(other)


@pytest.mark.parametrize(
    "other", ["'B'}) RETURN p.born", "'A'}) RETURN p.joined", "'A'}) RETURN 1"]
)
def test_queries_that_ask_for_other_things_are_two(other: str) -> None:
    """Constants and properties count."""
    one = "MATCH (p:Person {name: 'A'}) RETURN p.born"
    assert normal_query(one) != normal_query(f"MATCH (p:Person {{name: {other}")


def test_questions_that_differ_in_writing_are_one() -> None:
    """Case, accents, quotes and punctuation do not count."""
    assert question_words("Who's “Émile”?") == question_words("who s emile")


def test_duplicates_are_found_once_each() -> None:
    """The same question, and the same query; not the same query in another language."""
    findings = Findings()
    query = "MATCH (p:Person) RETURN p.name"
    cases = [
        row("first", "Who is there?", query),
        row("second", "who is there", "RETURN 2"),
        row("third", "Name them", "MATCH (q:Person) RETURN q.name"),
        row("french", "Qui est là ?", query, language="fr"),
    ]
    find_duplicates(cases, findings)
    assert [(f.case_id, f.reason.partition(" (")[0]) for f in findings.found] == [
        ("second", "the question is that of first"),
        ("third", "the reference is that of first"),
    ]


def test_leaks_are_found_and_nothing_else() -> None:
    """The question, the query, and most of the question; not a shared opening."""
    training = [
        row("t1", "Which books were lent to nobody in the last two years?"),
        row("t2", "How many doctors are there in each ward?", "MATCH (d:Doctor) RETURN count(d)"),
    ]
    training = [replace(case, graph="other") for case in training]
    cases = [
        row("same", "which books were lent to NOBODY in the last two years"),
        row("near", "Which films were lent to nobody in the last two years?"),
        row("query", "Doctors?", "match (x:Doctor) return count(x) as doctors"),
        row("opening", "How many trains are there on each line?"),
    ]
    findings = Findings()
    find_leaks(cases, training, findings)
    assert [f.case_id for f in findings.found] == ["same", "near", "query"]
    assert {f.check for f in findings.found} == {Check.LEAK}


def test_a_graph_in_the_training_set_is_a_leak() -> None:
    """A test graph that training asks about is found at each of its cases."""
    findings = Findings()
    find_leaks([row("a")], [row("b")], findings)
    assert [f.reason for f in findings.found] == [
        "the graph town is in the training set: b (a.yaml, row 1)"
    ]


def test_a_waiver_waives_its_check_alone() -> None:
    """A finding with a waiver keeps its reason; others stay open."""
    findings = Findings()
    case = row("a", waive={"strength": "one row"})
    findings.add(Check.STRENGTH, case, "weak")
    findings.add(Check.EMPTY, case, "no rows")
    findings.made(case, Check.STRENGTH, Check.EMPTY)
    waived = {finding.check: finding.waived for finding in findings.settled([case])}
    assert waived == {Check.STRENGTH: "one row", Check.EMPTY: ""}


def test_a_waiver_without_a_finding_is_one() -> None:
    """Where the check was made; where it was not, nothing can be said."""
    findings = Findings()
    made, unmade = row("a", waive={"strength": "x"}), row("b", waive={"strength": "x"})
    findings.made(made, Check.STRENGTH)
    found = findings.settled([made, unmade])
    assert [(f.check, f.case_id) for f in found] == [(Check.WAIVER, "a")]


def test_a_waiver_of_no_check_is_a_finding() -> None:
    """With the nearest name; what says that there is nothing to judge by cannot be waived."""
    case = row("a", waive={"strenght": "x", "parses": "y"})
    reasons = [finding.reason for finding in Findings().settled([case])]
    assert len(reasons) == 2
    assert "did you mean strength?" in reasons[0]
