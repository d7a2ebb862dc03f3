"""The embedded engine against Neo4j, statement by statement: it agrees, or says that it cannot.

``graphs/probes.txt`` holds the statements, one a line: what models write, right and wrong, and the
corners of the language. Left out are rows that Neo4j itself leaves open (ties under LIMIT, the
first of a collect).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from graph_engines import TINY, started
from groups import uses_server

from pytest_cypherbench.cypher import clauses, tokenize
from pytest_cypherbench.flow import Execution, Failure, FailureKind, Limits
from pytest_cypherbench.values import Node, Relationship, Value
from pytest_cypherbench.values import Path as GraphPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.graphs import Engine

pytestmark = uses_server
PROBES = tuple(
    line
    for line in (Path(__file__).parent / "graphs" / "probes.txt").read_text("utf-8").splitlines()
    if line.strip()
)
LIMITS = Limits(seconds=10)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Engine]]:
    state = tmp_path_factory.mktemp("state")
    with started("neo4j-server", state) as neo4j, started("embedded") as embedded:
        neo4j.load(TINY)
        embedded.load(TINY)
        yield neo4j, embedded


def plain(value: Value) -> object:
    """A value without what is an engine's own: ids, and the order of lists, keys and labels."""
    if isinstance(value, Node):
        return "node", sorted(value.labels), plain(dict(value.properties))
    if isinstance(value, Relationship):
        return value.type, plain(value.start), plain(value.end), plain(dict(value.properties))
    if isinstance(value, GraphPath):
        return [plain(n) for n in value.nodes], [r.type for r in value.relationships]
    if isinstance(value, list):
        return sorted(repr(plain(item)) for item in value)
    if isinstance(value, dict):
        return sorted((key, repr(plain(item))) for key, item in value.items())
    if isinstance(value, float):
        return "float", f"{value:.9g}"  # sums depend on the order of their parts
    return type(value).__name__, repr(value)


def answer(engine: Engine, statement: str) -> object:
    """Rows, in order where the statement asks for one, or the kind of the failure."""
    done = engine.run(statement, {}, LIMITS)
    if isinstance(done, Failure):
        return done.kind
    rows = [repr([plain(value) for value in row]) for row in done.rows]
    return rows if is_ordered(statement) else sorted(rows)


def is_ordered(statement: str) -> bool:
    """Whether the last RETURN of a statement without UNION has an ORDER BY."""
    found = [clause.keyword for clause in clauses(tokenize(statement))]
    union = any(keyword.startswith("UNION") for keyword in found)
    return not union and "ORDER BY" in found[len(found) - found[::-1].index("RETURN") :]


@pytest.mark.parametrize("statement", PROBES)
def test_embedded_says_what_neo4j_says(engines: tuple[Engine, Engine], statement: str) -> None:
    """The same rows, the same kind of failure, or undecidable: never another answer."""
    neo4j, embedded = engines
    said = answer(embedded, statement)
    assert said is FailureKind.UNDECIDABLE or said == answer(neo4j, statement)


def test_undecidable_is_the_exception(engines: tuple[Engine, Engine]) -> None:
    """Of all statements, mostly corners, most are judged; plain ones all are."""
    _, embedded = engines
    kinds = Counter(answer(embedded, probe) is FailureKind.UNDECIDABLE for probe in PROBES)
    assert kinds[False] >= 0.85 * len(PROBES)
    for statement in (
        "MATCH (p:Person)-[:LIVES_IN]->(c:City {name: 'Paris'}) RETURN p.name ORDER BY p.name",
        "MATCH (p:Person) RETURN p.active, avg(p.born) AS b, count(*) ORDER BY b DESC LIMIT 1",
        "MATCH (p:Person) WHERE p.birthday < date('1900-01-01') RETURN p.name, p.birthday.year",
        "MATCH (p:Person) WITH p, COUNT { (p)-[:KNOWS]->() } AS c WHERE c > 1 RETURN p.name, c",
    ):
        assert isinstance(embedded.run(statement, {}, LIMITS), Execution), statement
