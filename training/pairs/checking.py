"""Whether a draft is a sound pair: runs, returns rows but not too many, has one right result.

Knows nothing of how drafts are made.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pytest_cypherbench.compare import judge
from pytest_cypherbench.flow import Case, Execution, Failure, Limits, Origin, Outcome
from pytest_cypherbench.graphs import ENGINES, Engine, EngineSpec
from pytest_cypherbench.loaded import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training.pairs.draw import Draft

ENGINE = "embedded"
MOST_ROWS = 100


@contextmanager
def opened_engine() -> Iterator[Engine]:
    """The embedded engine, closed at the end."""
    with tempfile.TemporaryDirectory(prefix="cypherbench-pairs-") as folder:
        base = Path(folder)
        spec = EngineSpec(state_folder=base / "engines", run_folder=base / "run")
        engine = cast("type[Engine]", ENGINES.load(ENGINE))(spec)  # type: ignore[call-arg]
        try:
            yield engine
        finally:
            engine.close()


def load(engine: Engine, folder: Path) -> Graph:
    """The graph of a folder, loaded."""
    return Graph(folder.name, folder, engine.load(folder), engine, Limits())


def refused(draft: Draft, graph: Graph) -> str:
    """Why a draft is no sound pair; empty if it is."""
    case = Case("draft", graph.name, "", draft.query, Origin("", 0))
    result = graph.expected(case)
    if isinstance(result, Failure):
        return f"{result.kind}: {result.reason}"
    if not 1 <= len(result.rows) <= MOST_ROWS:
        return "no rows" if not result.rows else "too many rows"
    if all(value is None for row in result.rows for value in row):
        return "nothing but nulls"
    for other in draft.same:
        if not _agrees(case, result, graph.run(other, {})):
            return "another reading gives other rows"
    return ""


def _agrees(case: Case, expected: Execution, other: Execution | Failure) -> bool:
    return judge(case, expected, other, same_database=True).outcome is Outcome.PASS
