"""Mutations of real queries: whatever comes of them, the engine answers and the graph stays."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from graph_engines import TINY, started
from hypothesis import HealthCheck, Phase, example, given, seed, settings
from mutate import ROOT, movies_queries, mutated, tiny_queries

from pytest_cypherbench.flow import Execution, Failure, FailureKind, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.graphs import Engine
    from pytest_cypherbench.values import Row

GRAPHS = {
    "movies": (ROOT / "cases" / "graphs" / "movies", movies_queries()),
    "tiny": (TINY, tiny_queries()),
}
# Two thousand on both engines and graphs; Neo4j plans each anew, ten times as slow.
EXAMPLES = {"embedded": 750, "neo4j-local": 250}
SMALL = Limits(seconds=1, rows=1000, value_bytes=2**20, depth=32)
OURS = Limits(seconds=30)
INNOCENT = "MATCH (n) RETURN count(n)"
CONTENT = (
    "MATCH (n) RETURN labels(n), properties(n)",
    "MATCH (a)-[r]->(b) RETURN properties(a), type(r), properties(r), properties(b)",
)
mutations = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking a query that kills its engine takes hours
    suppress_health_check=list(HealthCheck),
)


@dataclass(repr=False)
class Subject:
    """An engine, what its graph held at first, and what came of the mutations so far."""

    engine: Engine
    queries: list[str]
    content: list[str] = field(default_factory=list)
    innocent: tuple[Row, ...] = ()
    seen: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def __repr__(self) -> str:
        return f"Subject({self.engine.name})"

    def begin(self) -> None:
        self.content, self.innocent = self.read(), self.ask(INNOCENT)

    def ask(self, statement: str) -> tuple[Row, ...]:
        done = self.engine.run(statement, {}, OURS)
        assert isinstance(done, Execution), done
        return done.rows

    def read(self) -> list[str]:
        return [repr(sorted(map(repr, self.ask(statement)))) for statement in CONTENT]

    def hit(self, statement: str) -> None:
        """Run one mutation: it ends in rows or in a failure of its own, the next query is right."""
        started_at = time.perf_counter()
        done = self.engine.run(statement, {}, SMALL)
        assert isinstance(done, Execution | Failure)
        kind = done.kind if isinstance(done, Failure) else "rows"
        assert kind is not FailureKind.ENGINE_ERROR, done
        assert self.ask(INNOCENT) == self.innocent
        self.seen[kind] += 1
        self.seconds += time.perf_counter() - started_at


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in EXAMPLES],
)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """ArcadeDB, and the Neo4j that can be ended with a query that nothing else ends."""
    with started(request.param, tmp_path_factory.mktemp("state")) as found:
        yield found


@pytest.fixture(scope="module", params=list(GRAPHS))
def subject(request: pytest.FixtureRequest, running: Engine) -> Iterator[Subject]:
    folder, queries = GRAPHS[request.param]
    running.load(folder)
    found = Subject(running, queries)
    found.begin()
    yield found
    assert found.read() == found.content
    rate = found.seen.total() / found.seconds if found.seconds else 0.0
    print(f"\n{running.name}, {request.param}: {dict(found.seen)}, {rate:.0f} queries/s")


def test_mutations_end_in_an_answer_and_change_nothing(subject: Subject) -> None:
    """What a machine can think of: rows or a typed failure, never an error of the engine;
    the query after each is answered right, and in the end the graph is what it was."""

    @seed(len(subject.queries))  # the same in every run, another for each graph
    @settings(mutations, max_examples=EXAMPLES[subject.engine.name])
    @given(statement=mutated(subject.queries))
    @example(statement="RETURN reduce(l = null, i IN range(1, 5000) | [l]) AS x")
    @example(statement="*/ MATCH (n) RETURN n")
    @example(statement="RETURN toString() AS x")
    @example(statement="RETURN date({year: 1815, month: 12, day:, }) AS x")
    @example(statement="")
    def hit(statement: str) -> None:
        subject.hit(statement)

    hit()
