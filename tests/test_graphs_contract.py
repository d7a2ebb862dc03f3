"""What every engine promises, asked of each for real: ArcadeDB always, the ways to a Neo4j where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from graph_engines import ENGINES, TINY, started

from pytest_cypherbench.errors import SuiteError
from pytest_cypherbench.flow import Execution, Failure, FailureKind, Limits, Pattern
from pytest_cypherbench.graphs.data import read_graph
from pytest_cypherbench.graphs.load import facts
from pytest_cypherbench.graphs.schema import schema
from pytest_cypherbench.values import (
    Duration,
    Node,
    Point,
    Relationship,
    Temporal,
    Value,
)
from pytest_cypherbench.values import Path as GraphPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_cypherbench.flow import Schema
    from pytest_cypherbench.graphs import Engine

LIMITS = Limits(seconds=10)


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    with started(request.param, tmp_path_factory.mktemp("state")) as found:
        found.load(TINY)
        yield found


def rows(
    engine: Engine, statement: str, params: Mapping[str, Value] | None = None
) -> tuple[tuple[Value, ...], ...]:
    done = engine.run(statement, params or {}, LIMITS)
    assert isinstance(done, Execution), done
    return done.rows


def failure(engine: Engine, statement: str, limits: Limits = LIMITS) -> Failure:
    done = engine.run(statement, {}, limits)
    assert isinstance(done, Failure), done
    return done


def test_engine_names_product_and_version(engine: Engine) -> None:
    """A record can say which product and which version answered."""
    product = "ArcadeDB 26." if engine.name == "embedded" else "Neo4j 5.26."
    assert engine.version.startswith(product)


def test_schema_is_what_the_files_hold(engine: Engine) -> None:
    """Introspection gives the same schema on every engine, with types, counts and directions."""
    found: Schema = engine.load(TINY)
    assert found == schema(facts(read_graph(TINY)))
    assert Pattern("Person", "LIVES_IN", "City") in found.patterns
    assert Pattern("City", "LIVES_IN", "Person") not in found.patterns


def test_a_million_blanks_change_nothing(engine: Engine) -> None:
    """They are read past, by our reader and by the engine's, to the clause behind them."""
    query = "MATCH (p:Person) RETURN p.name ORDER BY p.name" + " " * 1_000_000
    assert rows(engine, query + "LIMIT 0") == ()
    assert rows(engine, query + "LIMIT 1") == rows(engine, query.strip())[:1] != ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("height", 1.65),
        ("active", True),
        ("birthday", Temporal("date", "1815-12-10")),
        ("wakes", Temporal("time", "06:30:00.000000000+01:00")),
        ("sleeps", Temporal("local_time", "23:15:30.500000000")),
        ("joined", Temporal("date_time", "2020-06-01T12:00:00.000000000+02:00[Europe/Paris]")),
        ("seen", Temporal("local_date_time", "2024-02-29T23:59:59.999999999")),
        ("commute", Duration(14, 3, 14706, 700_000_000)),
        ("home", Point(4326, (-0.1276, 51.5072))),
        ("nicknames", ["Countess", "Enchantress"]),
        ("scores", [3, 1, 2]),
        ("trips", [Temporal("date", "2020-01-31"), Temporal("date", "2021-12-24")]),
        ("nothing", None),
    ],
)
def test_values_survive(engine: Engine, name: str, value: Value) -> None:
    """A value of every type comes back as it stands in the file."""
    assert rows(engine, f"MATCH (p:Person {{name: 'Ada'}}) RETURN p.{name}") == ((value,),)


def test_offsets_survive(engine: Engine) -> None:
    """A date-time with an offset but no zone keeps its offset."""
    found = rows(engine, "MATCH (p:Person) WHERE p.name STARTS WITH 'Émile' RETURN p.joined")
    assert found == ((Temporal("date_time", "2021-01-01T00:00:00.000000000-05:00"),),)


def test_graph_values_come_whole(engine: Engine) -> None:
    """Nodes have labels and properties, relationships their ends, paths their sequence."""
    ((path, step),) = rows(
        engine, "MATCH p=(:Robot {name: 'Marvin'})-[r:KNOWS]->(:Person) RETURN p, r"
    )
    assert isinstance(path, GraphPath)
    assert isinstance(step, Relationship)
    marvin, ada = path.nodes
    assert marvin.labels == {"Person", "Robot"}
    assert ada.properties["name"] == "Ada"
    assert path.relationships == (step,)
    assert (step.start.element_id, step.end.element_id) == (marvin.element_id, ada.element_id)


def test_self_loops_and_unicode(engine: Engine) -> None:
    """A relationship from a node to itself and names beyond ASCII are loaded like any other."""
    assert rows(engine, "MATCH (p)-[:KNOWS]->(p) RETURN p.name") == (("Grace",),)
    assert rows(engine, "MATCH (c:`Lieblings Ort` {name: 'München'}) RETURN count(c)") == ((1,),)


def test_params_reach_the_statement(engine: Engine) -> None:
    """Parameters are values, never text of the statement."""
    given: dict[str, Value] = {"name": "Ada' RETURN 1 //", "list": [1, {"a": None}]}
    assert rows(engine, "RETURN $name, $list", given) == ((given["name"], given["list"]),)


def test_columns_are_named_even_without_rows(engine: Engine) -> None:
    """An empty result still says which columns it would have had."""
    done = engine.run("MATCH (n:Nope) RETURN n.x, count(n) AS many, n.y AS z", {}, LIMITS)
    assert isinstance(done, Execution)
    assert (done.columns, done.rows) == (("n.x", "many", "z"), ())


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE (n:X) RETURN n",
        "MATCH (n) SET n.x = 1 RETURN n",
        "MATCH (n) DETACH DELETE n",
        "MERGE (n:X) RETURN n",
        "MATCH (n:Person) REMOVE n.name RETURN n",
        "MATCH (n) CALL { WITH n SET n.x = 1 } RETURN n",
        "FOREACH (x IN [1] | CREATE (:X))",
        "CREATE INDEX foo FOR (n:Person) ON (n.name)",
        "DROP INDEX foo",
        "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
        "LOAD CSV FROM 'http://127.0.0.1:1/' AS line RETURN line",
        "CALL dbms.listConfig()",
        "CALL apoc.load.json('file:///etc/passwd')",
        "SHOW USERS",
        "USE system RETURN 1",
        "RETURN 1; RETURN 2",
        "MATCH (n) /* SET */ WITH n /**/ SET/**/n.x = 1",
    ],
)
def test_writes_and_escapes_are_blocked(engine: Engine, statement: str) -> None:
    """What would write, administer or reach out of the graph is blocked and changes nothing."""
    before = rows(engine, "MATCH (n) RETURN count(n), count(n.name), count(n.x)")
    assert failure(engine, statement).kind is FailureKind.BLOCKED
    assert rows(engine, "MATCH (n) RETURN count(n), count(n.name), count(n.x)") == before


def test_write_words_as_names_are_not_blocked(engine: Engine) -> None:
    """Keywords in strings, as properties, labels, types and variables harm nobody."""
    statement = (
        "MATCH (set:Person {name: 'Ada'}) WHERE NOT set:Create AND set.delete IS NULL "
        "RETURN 'DROP (x)' AS merge, set.name // DELETE n"
    )
    assert rows(engine, statement) == (("DROP (x)", "Ada"),)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("MATCH (n RETURN n", FailureKind.SYNTAX_ERROR),
        ("SELECT * FROM Person", FailureKind.SYNTAX_ERROR),
        ("MATCH (n) RETURN m", FailureKind.SYNTAX_ERROR),
        ("RETURN foo(1)", FailureKind.SYNTAX_ERROR),
        ("RETURN 'not closed", FailureKind.SYNTAX_ERROR),
        ("RETURN 1/0", FailureKind.RUNTIME_ERROR),
        ("MATCH (p:Person) RETURN p.name * 2", FailureKind.RUNTIME_ERROR),
        ("RETURN $missing", FailureKind.RUNTIME_ERROR),
    ],
)
def test_faults_are_told_apart(engine: Engine, statement: str, kind: FailureKind) -> None:
    """A query's own fault is a syntax or a runtime error, with one line that says why."""
    found = failure(engine, statement)
    assert found.kind is kind
    assert found.reason
    assert "\n" not in found.reason


@pytest.mark.parametrize(
    "statement",
    [
        "UNWIND range(1,3000) AS x UNWIND range(1,3000) AS y UNWIND range(1,3000) AS z "
        "WITH x, y, z WHERE x = y + z RETURN count(*)",
        # Neither server looks at the clock inside nested reduce().
        "RETURN reduce(s = 0, x IN range(1,2000) | s + reduce(t = 0, y IN range(1,2000) | "
        "t + reduce(u = 0, z IN range(1,40) | u + 1))) AS s",
    ],
)
def test_long_queries_end(engine: Engine, statement: str) -> None:
    """A query past its limit is a timeout, and the next one is answered."""
    assert failure(engine, statement, Limits(seconds=0.5)).kind is FailureKind.TIMEOUT
    assert rows(engine, "MATCH (p:Robot) RETURN count(p)") == ((2,),)


@pytest.mark.parametrize(
    ("statement", "limits"),
    [
        ("UNWIND range(1,1001) AS x RETURN x", Limits(rows=1000)),
        ("UNWIND range(1,100) AS x RETURN 'abcdefghij'", Limits(value_bytes=999)),
        ("RETURN [[[[1]]]] AS x", Limits(depth=3)),
    ],
)
def test_large_results_are_cut_off(engine: Engine, statement: str, limits: Limits) -> None:
    """More rows, bytes or depth than allowed is too_large; exactly as many is not."""
    assert failure(engine, statement, limits).kind is FailureKind.TOO_LARGE
    once_more = Limits(
        rows=limits.rows + 1, value_bytes=limits.value_bytes + 1, depth=limits.depth + 1
    )
    assert isinstance(engine.run(statement, {}, once_more), Execution)


def test_loading_again_changes_nothing(engine: Engine) -> None:
    """The graph that is loaded already is not loaded twice."""
    before = rows(engine, "MATCH (n) RETURN count(n)")
    engine.load(TINY)
    assert rows(engine, "MATCH (n) RETURN count(n)") == before


def test_graphs_replace_each_other(engine: Engine, tmp_path: Path) -> None:
    """Queries see the graph that was loaded last, from Cypher scripts too, and no other."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.cypher").write_text(
        "CREATE CONSTRAINT only FOR (x:Thing) REQUIRE x.id IS UNIQUE;\n"
        "CREATE (:Thing {id: 1, text: 'a;b'})-[:PART_OF]->(:Thing {id: 2});\n// end\n",
        encoding="utf-8",
    )
    found = engine.load(other)
    assert [(entity.name, entity.count) for entity in found.labels] == [("Thing", 2)]
    assert rows(engine, "MATCH (n) RETURN count(n)") == ((2,),)
    engine.load(TINY)
    assert rows(engine, "MATCH (n:Thing) RETURN count(n)") == ((0,),)


def test_a_folder_that_is_no_graph_harms_nothing(engine: Engine, tmp_path: Path) -> None:
    """A bad folder is the suite's fault; the graph before it stays."""
    with pytest.raises(SuiteError):
        engine.load(tmp_path / "nowhere")
    assert isinstance(rows(engine, "MATCH (p:Robot) RETURN p LIMIT 1")[0][0], Node)
