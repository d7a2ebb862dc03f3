"""References that have one right answer, and references that have several: told apart for real."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from graph_engines import TINY, started
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_cypherbench.cases import load_cases
from pytest_cypherbench.compare import judge
from pytest_cypherbench.compare.chance import by_chance
from pytest_cypherbench.flow import Case, Execution, Failure, FailureKind, Limits, Origin, Outcome
from pytest_cypherbench.graphs.embedded.engine import Embedded
from pytest_cypherbench.graphs.reorder import reordered
from pytest_cypherbench.loaded import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = Path(__file__).parent.parent / "cases"
FILES = sorted((CASES / "movies").glob("*.yaml"))
P = "MATCH (p:Person) "
ROAD = "MATCH q = shortestPath((a {name: 'Ada'})-[:KNOWS*]-(b {born: 1902})) "

DETERMINED = (
    P + "RETURN p.name",
    P + "RETURN p.name ORDER BY p.born LIMIT 3",
    P + "RETURN p.name ORDER BY p.active LIMIT 6",
    P + "RETURN p.name ORDER BY p.active SKIP 6",
    P + "RETURN p.name LIMIT 0",
    P + "RETURN p.name LIMIT 100",
    P + "RETURN count(*) LIMIT 1",
    P + "WHERE p.name = 'Ada' RETURN p.born LIMIT 1",
    # Every row that ties across the cut is the same.
    P + "RETURN p.active IS NULL AS x ORDER BY x LIMIT 4",
    P + "RETURN 'a person' LIMIT 3",
    "MATCH (p:Person)-[:KNOWS]->() RETURN p.name ORDER BY p.name LIMIT 1",
    P + "WITH p ORDER BY p.born LIMIT 2 RETURN p.name",
    # What is cut differs, but not in what is used of it.
    P + "WITH p ORDER BY p.active DESC LIMIT 4 RETURN avg(size(toString(p.active)))",
    P + "WITH p, p.active AS a ORDER BY a LIMIT 2 RETURN collect(a)",
    P + "WITH p ORDER BY p.born RETURN p.name LIMIT 2",
    P + "WITH p.active AS a, count(*) AS c ORDER BY c DESC LIMIT 1 RETURN c",
    P + "WHERE p.born > 0 WITH p ORDER BY p.born RETURN collect(p.name)",
    P + "WHERE p.born > 0 WITH p ORDER BY p.born RETURN collect(p.name)[0], head(collect(p.born))",
    P + "RETURN collect(p.name)",
    P + "RETURN p.active, collect(DISTINCT p.born) AS b ORDER BY size(b), p.active",
    P + "WHERE p.name = 'Ada' RETURN head(collect(p.name))",
    P + "WITH collect(p.name) AS n RETURN size(n), [x IN n WHERE x STARTS WITH 'A'][0]",
    P + "RETURN labels(p), size(keys(p))",
    P + "RETURN p.name ORDER BY rand()",
    P
    + "WHERE p.birthday < date('1900-01-01') RETURN p.name, duration.between(p.birthday, date({year: 2000}))",
    P
    + "CALL (p) { MATCH (p)-[:KNOWS]->(q) RETURN q.name AS q ORDER BY q DESC LIMIT 1 } RETURN p.name, q",
    ROAD + "RETURN length(q)",
    "MATCH q = shortestPath((a {name: 'Ada'})-[*]-(b {name: 'Grace'})) RETURN [n IN nodes(q) | n.name]",
    "MATCH (n:City) RETURN n.name UNION MATCH (n:Robot) RETURN n.name ORDER BY n.name LIMIT 5",
    P + "RETURN COLLECT { MATCH (p)-[:KNOWS]->(q) RETURN q.name ORDER BY q.name }[0] AS first",
    P + "RETURN [(p)-[:KNOWS]->(q) | q.name] AS names",
    P + "RETURN *  ORDER BY p.born LIMIT 1",
)
UNDETERMINED = (
    (P + "RETURN p.name ORDER BY p.active LIMIT 2", "LIMIT 2 cuts a tie"),
    (P + "RETURN p.name ORDER BY p.active DESC SKIP 1 LIMIT 1", "SKIP 1 LIMIT 1 cuts a tie"),
    (P + "RETURN p.name ORDER BY p.born DESC LIMIT 1", "cuts a tie"),
    (
        P + "RETURN p.name AS n, 1 AS one ORDER BY one LIMIT toInteger('2')",
        "LIMIT toInteger('2') cuts",
    ),
    (P + "RETURN p ORDER BY p.active SKIP 5", "SKIP 5 cuts a tie"),
    (P + "RETURN p.name LIMIT 3", "LIMIT 3 stands without ORDER BY"),
    (P + "RETURN DISTINCT p.active SKIP 1", "SKIP 1 stands without ORDER BY"),
    (P + "RETURN p.active, count(*) AS c LIMIT 2", "LIMIT 2 stands without ORDER BY"),
    (P + "WITH p ORDER BY p.active LIMIT 2 RETURN p.name", "LIMIT 2 cuts a tie"),
    (P + "WITH p LIMIT 2 RETURN head(collect(p.active))", "LIMIT 2 stands without ORDER BY"),
    (P + "WITH p LIMIT 2 RETURN *", "LIMIT 2 stands without ORDER BY"),
    (P + "WITH p LIMIT 2 MATCH (p)-[r]-() RETURN p.name, count(r)", "LIMIT 2 stands"),
    (P + "WITH p ORDER BY p.active RETURN p.name LIMIT 2", "rows that tie under ORDER BY p.active"),
    (P + "WITH p ORDER BY p.born RETURN collect(p.name)", "rows that tie under ORDER BY p.born"),
    (
        P + "RETURN p.name IS NULL, count(*) - 1, p.born ORDER BY count(*) - 1 LIMIT 2",
        "LIMIT 2 cuts",
    ),
    (P + "RETURN * ORDER BY p.active LIMIT 2", "LIMIT 2 cuts a tie"),
    (P + "RETURN head(collect(p.name))", "the order of collect(p.name)"),
    (P + "RETURN collect(p.name)[0]", "the order of collect(p.name)"),
    (P + "RETURN collect(DISTINCT p.name)[1..3] AS some", "the order of collect(p.name)"),
    (P + "WITH collect(p) AS ps RETURN last(ps).name", "the order of collect(p)"),
    (P + "WITH collect(p.name) AS n RETURN reduce(s = '', x IN n | s + x)", "the order of collect"),
    (
        P + "WITH head(collect(p)) AS p MATCH (p)-[:KNOWS]->(q) RETURN q.name",
        "the order of collect(p)",
    ),
    (P + "WHERE p.name = 'Ada' RETURN [(p)-[:KNOWS]->(q) | q.name][0] AS x", "the order of [(p)"),
    (
        P + "RETURN COLLECT { MATCH (p)-[:KNOWS]->(q) RETURN q.name }[0] AS x",
        "the order of COLLECT",
    ),
    (P + "RETURN COLLECT { MATCH (p)-[:KNOWS]->(q) RETURN q.name LIMIT 1 } AS x", "LIMIT 1 stands"),
    (P + "WHERE p.name = 'R2-D2' RETURN keys(p)[0]", "the order of keys(p)"),
    (P + "WHERE p.name = 'R2-D2' RETURN labels(p)[0]", "the order of labels(p)"),
    (
        P + "CALL (p) { MATCH (p)-[:KNOWS]->(q) RETURN q LIMIT 1 } RETURN p.name, q.name",
        "LIMIT 1 stands",
    ),
    (
        P + "CALL { WITH p MATCH (p)--(q) RETURN q ORDER BY q.x LIMIT 1 } RETURN q.name",
        "LIMIT 1 cuts",
    ),
    (
        "MATCH (n:City) RETURN n.name AS n UNION MATCH (n:Person) RETURN n.name AS n LIMIT 2",
        "LIMIT 2",
    ),
    (ROAD + "RETURN [r IN relationships(q) | r.weight]", "there are several shortest paths"),
    (ROAD + "RETURN a.name, q", "there are several shortest paths"),
    (P + "RETURN p.name ORDER BY elementId(p) LIMIT 2", ""),
    (P + "RETURN p.name ORDER BY rand() LIMIT 2", "rand() is another at every run"),
    (P + "RETURN p.name, randomUUID() AS id", ""),
    (P + "RETURN p.name, timestamp() AS now", ""),
    (P + "WHERE p.birthday < date() RETURN p.name", "date() is another at every run"),
    ("RETURN datetime() AS now", "datetime() is another at every run"),
    ("RETURN datetime({timezone: 'Europe/Paris'}) AS now", ""),
    ("RETURN localtime.realtime() AS now", ""),
)
# What the last property is asked of: with rows that tie under each key, and lists in each order.
SOURCES = (
    "MATCH (p:Person)",
    "MATCH (p:Person)-[:KNOWS]->(q)",
    "MATCH (p:Person)-[:KNOWS]-(:Person)",
)
KEYS = ("p.name", "p.born", "p.active", "p.active IS NULL", "p.height", "p.name, p.born")
VALUES = ("p.name", "p.born", "p.active", "p.active IS NULL", "p", "1")
AFTER = (
    "RETURN {value} AS x",
    "RETURN collect({value}) AS x",
    "RETURN head(collect({value})) AS x",
    "RETURN collect({value})[..2] AS x",
    "RETURN count(*) AS n, max({value}) AS x",
    "RETURN {value} AS x LIMIT 2",
    "RETURN {value} AS x ORDER BY {key} LIMIT 3",
    "RETURN {value} AS x, count(*) AS n ORDER BY n DESC LIMIT 1",
    "RETURN DISTINCT {value} AS x SKIP 1",
    "WITH p.active AS a, collect({value}) AS xs RETURN a, size(xs), xs[0] AS x",
)
BETWEEN = (
    "",
    "WITH p ORDER BY {key}",
    "WITH p ORDER BY {key} LIMIT 3",
    "WITH DISTINCT p",
    "WITH p LIMIT 2",
)


class Shuffled:
    """The graph, and copies of it that are loaded in the order of a seed."""

    def __init__(self, engine: Embedded) -> None:
        self.graph = Graph("tiny", TINY, engine.load(TINY), engine, Limits())
        facts = engine._graph().facts()
        self._engine = engine
        self._copies = {seed: reordered("tiny", facts, seed) for seed in (1, 2, 3)}

    def results(self, statement: str) -> Iterator[Execution]:
        loaded = self._engine._current
        for copy in self._copies.values():
            self._engine._current = copy
            done = self._engine.run(statement, {}, Limits())
            self._engine._current = loaded
            assert isinstance(done, Execution), done
            yield done


@pytest.fixture(scope="module")
def shuffled() -> Iterator[Shuffled]:
    with started("embedded") as engine:
        assert isinstance(engine, Embedded)
        yield Shuffled(engine)


@pytest.fixture(scope="module", params=["embedded", "neo4j-server"])
def graph(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Graph]:
    with started(request.param, tmp_path_factory.mktemp("state")) as engine:
        schema = engine.load(TINY)
        yield Graph("tiny", TINY, schema, engine, Limits())


def case(reference: str) -> Case:
    return Case("a", "tiny", "?", reference, Origin("a.yaml", 1))


@pytest.mark.parametrize("reference", DETERMINED)
def test_a_reference_with_one_answer_is_used(graph: Graph, reference: str) -> None:
    """No choice is seen where none is, or where it makes no difference to the rows."""
    done = graph.expected(case(reference))
    if not isinstance(done, Failure) or not done.reason.startswith("the embedded engine cannot"):
        assert isinstance(done, Execution), done


@pytest.mark.parametrize(("reference", "reason"), UNDETERMINED)
def test_a_reference_with_several_answers_decides_nothing(
    graph: Graph, reference: str, reason: str
) -> None:
    """It becomes undecidable, with the clause or function that leaves the choice; where the engine
    cannot run it at all, that is the reason."""
    done = graph.expected(case(reference))
    assert isinstance(done, Failure), done
    assert done.kind is FailureKind.UNDECIDABLE
    if not done.reason.startswith("the embedded engine cannot"):
        assert done.reason.startswith("the reference is undetermined: ")
        assert reason in done.reason


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("RETURN date.truncate('year') AS now", "date.truncate() is another at every run"),
        ("RETURN datetime.transaction('Z')", "datetime.transaction() is another at every run"),
        ("RETURN date({timezone: 'Z'})", "date() is another at every run"),
        ("RETURN date({year: 2020, timezone: 'Z'})", ""),
        ("RETURN date.truncate('year', date('2020-02-02'))", ""),
        ("RETURN datetime('2020-01-01'), n.rand, n.date", ""),
        ("MATCH (rand:Date) WHERE rand.time = 'date()' RETURN rand /* rand() */", ""),
        ("MATCH (n) RETURN n ORDER BY rand()", ""),
        ("MATCH (n) WITH n ORDER BY rand() RETURN n LIMIT 1", "rand() is another at every run"),
        ("MATCH (n) RETURN n ORDER BY id(n) LIMIT 1", "LIMIT 1 cuts an order by ids"),
        ("MATCH (n)--(m) RETURN n.x ORDER BY n.x, m DESC LIMIT 1", "LIMIT 1 cuts an order by ids"),
        ("MATCH (n) RETURN n.x ORDER BY n.y LIMIT 1", ""),
        ("MATCH (n) RETURN n.x AS n ORDER BY n LIMIT 1", ""),
        ("MATCH (n)-[r:R]->() RETURN max(r)", "max(r) goes by ids"),
        ("MATCH (n)-[r:R]->() RETURN max(r.x), min(type(r)), count(n)", ""),
        ("RETURN 'not closed", ""),
        ("", ""),
    ],
)
def test_chance_and_the_clock_are_read_from_the_text(reference: str, reason: str) -> None:
    """Functions without a fixed value are seen as such, and nothing that is only spelled alike."""
    assert by_chance(reference).startswith(reason)
    assert bool(by_chance(reference)) is bool(reason)


def test_what_the_text_does_not_show_shows_on_the_copy(
    shuffled: Shuffled,
) -> None:
    """A choice that cannot be written both ways shows on a graph loaded in another order."""
    done = shuffled.graph.expected(case(P + "WITH * ORDER BY p.active LIMIT 2 RETURN p.name"))
    assert isinstance(done, Failure)
    assert "the order in which the graph was loaded" in done.reason


def test_our_own_references_have_one_answer(graph: Graph) -> None:
    """Every reference of the cases that come with us decides."""
    folder = CASES / "graphs" / "movies"
    movies = Graph("movies", folder, graph.engine.load(folder), graph.engine, Limits())
    try:
        cases = [row for file in FILES for row in load_cases(file) if isinstance(row, Case)]
        done = {row.id: movies.expected(row) for row in cases}
    finally:
        graph.engine.load(TINY)  # one database has room for one graph
    assert {key: found for key, found in done.items() if isinstance(found, Failure)} == {}
    assert len(done) >= 40


@given(
    source=st.sampled_from(SOURCES),
    between=st.sampled_from(BETWEEN),
    after=st.sampled_from(AFTER),
    key=st.sampled_from(KEYS),
    value=st.sampled_from(VALUES),
)
@settings(max_examples=150, deadline=None)
def test_what_counts_as_determined_is_the_same_on_every_load(  # noqa: PLR0917
    shuffled: Shuffled,
    source: str,
    between: str,
    after: str,
    key: str,
    value: str,
) -> None:
    """A reference that no means calls undetermined has the same result on three shuffled loads."""
    asked = case(f"{source} {between} {after}".format(key=key, value=value))
    done = shuffled.graph.expected(asked)
    if isinstance(done, Failure):
        assert done.reason.startswith("the reference is undetermined: ")
        return
    for other in shuffled.results(asked.reference):
        verdict = judge(asked, done, other, same_database=False)
        assert verdict.outcome is Outcome.PASS, verdict.reason
