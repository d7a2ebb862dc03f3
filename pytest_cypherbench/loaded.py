"""A graph in a database: what queries return there, what references return, and on altered copies.

Knows nothing of models, files or pytest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pytest_cypherbench.compare import (
    each_reference,
    judge_on_copies,
    read_reference,
    undetermined,
)
from pytest_cypherbench.errors import CypherbenchError
from pytest_cypherbench.flow import Case, Copies, Execution, Failure, FailureKind, Limits, Schema
from pytest_cypherbench.graphs import REORDERED, Copy, Copying

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_cypherbench.flow import Verdict
    from pytest_cypherbench.graphs import Engine
    from pytest_cypherbench.values import Value


@dataclass(slots=True)
class Graph:
    """A loaded graph: queries go to the engine, each reference once. ``copy``: not to the graph
    itself but to that copy of it. ``variants``: on how many altered copies a prediction that passes
    is judged too; ``beside`` opens an engine for them where this one holds none."""

    name: str
    folder: Path
    schema: Schema
    engine: Engine
    limits: Limits
    variants: int = 0
    beside: Callable[[], Engine] | None = None
    copy: Copy | None = None
    _references: dict[str, Execution | Failure] = field(default_factory=dict)
    _altered: dict[int, Graph] = field(default_factory=dict)
    _holder: Graph | None = None

    def run(
        self, statement: str, params: Mapping[str, Value], *, copy: Copy | None = None
    ) -> Execution | Failure:
        """Execute one statement; a database that fails is asked a second time. ``copy``: on that
        copy, if the engine has copies."""
        where = copy or self.copy
        copied = where is not None and isinstance(self.engine, Copying)
        run = partial(self.engine.run_on_copy, where) if copied else self.engine.run  # type: ignore[attr-defined]
        result: Execution | Failure = run(statement, params, self.limits)
        if isinstance(result, Failure) and result.kind is FailureKind.ENGINE_ERROR:
            result = run(statement, params, self.limits)
        return result

    def answers(self, case: Case) -> tuple[Execution, ...] | Failure:
        """What the reference and every accepted query returns, or why one of them will not do."""
        return each_reference(case, self.expected)

    def expected(self, case: Case) -> Execution | Failure:
        """The frozen rows, else what the reference returns, with the sort keys that the comparison
        asks for, or why that is not the only right answer."""
        if case.expect is not None:
            return Execution((), case.expect, 0.0)
        key = repr((case.reference, sorted(case.params.items()), case.order, case.tolerance))
        if key not in self._references:
            result = self.run(read_reference(case.reference).statement, case.params)
            if isinstance(result, Execution):
                run = partial(self.run, params=case.params)
                copied = isinstance(self.engine, Copying) and self.copy is None
                on_copy = partial(run, copy=REORDERED) if copied else None
                result = undetermined(case, result, run, on_copy) or result
            if isinstance(result, Failure) and result.kind is FailureKind.ENGINE_ERROR:
                return result
            self._references[key] = result
        return self._references[key]

    def altered(self, seed: int) -> Graph:
        """An altered copy, on an engine that holds copies."""
        if seed not in self._altered:
            self._altered[seed] = Graph(
                self.name, self.folder, self.schema, self.engine, self.limits, copy=Copy(seed)
            )
        return self._altered[seed]

    def by_luck(self, case: Case, statement: str, verdict: Verdict) -> tuple[Verdict, Copies]:
        """The verdict on a prediction that passes here, once altered copies have had their say."""
        if case.expect is not None:
            return verdict, Copies(0, "frozen rows have no graph that could be altered")
        try:
            holder = self._copied()
        except CypherbenchError as error:
            return verdict, Copies(0, str(error))
        if holder is None:
            return verdict, Copies(0, "a graph that was found in a database is not copied")
        control = holder if holder is not self else None
        return judge_on_copies(
            case, statement, verdict, self.variants, copy=holder.altered, control=control
        )

    def _copied(self) -> Graph | None:
        """This graph on an engine that holds copies; None if there is none. Raises SuiteError,
        UserError and EngineError."""
        if isinstance(self.engine, Copying):
            return self
        if self._holder is None and self.beside is not None:
            engine = self.beside()
            schema = engine.load(self.folder)
            self._holder = Graph(self.name, self.folder, schema, engine, self.limits)
        return self._holder
