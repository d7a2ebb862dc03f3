"""The order of the stages: case, prompt, generation, query, execution, verdict, record.

Knows nothing of pytest, files or reports; the one place that knows which stage follows which.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from pytest_cypherbench.backends.guarded import ask
from pytest_cypherbench.compare import (
    each_reference,
    judge_any,
    judge_on_copies,
    read_reference,
    undetermined,
)
from pytest_cypherbench.compare import judge as compare
from pytest_cypherbench.errors import CypherbenchError
from pytest_cypherbench.extract import extract
from pytest_cypherbench.flow import (
    Case,
    Copies,
    Excerpt,
    Execution,
    Failure,
    FailureKind,
    Generation,
    Limits,
    Outcome,
    Prompt,
    Query,
    Record,
    Sampling,
    Schema,
    Verdict,
)
from pytest_cypherbench.graphs import REORDERED, Copy, Copying

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_cypherbench.backends import Backend
    from pytest_cypherbench.graphs import Engine
    from pytest_cypherbench.prompts import PromptTemplate
    from pytest_cypherbench.values import Value

EXCERPT_ROWS = 20
# What a text that ends too early looks like.
_CUT_OFF = frozenset({Outcome.NO_QUERY, Outcome.SYNTAX_ERROR})
Timer: TypeAlias = Callable[[Callable[[], Generation]], tuple[Generation, tuple[float, ...]]]


def once(generate: Callable[[], Generation]) -> tuple[Generation, tuple[float, ...]]:
    """The timer where nothing times: one generation, by its own clock."""
    generation = generate()
    return generation, (generation.seconds,)


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


@dataclass(slots=True)
class Model:
    """An open backend with the way in which it is asked; ``seconds``: the longest that one answer
    may take, 0 for no limit."""

    backend: Backend
    template: PromptTemplate
    sampling: Sampling
    seconds: float = 0.0
    say: Callable[[str], None] = lambda _: None
    _warm: object = None

    @property
    def label(self) -> str:
        """The model as the user wrote it."""
        return self.backend.info.label

    def prompt(self, case: Case, schema: Schema) -> Prompt:
        """What the model is asked."""
        return self.template.render(case, schema)

    def ask(self, case: Case, graph: Graph) -> Query:
        """Prompt, generate, extract: the query that the model writes for a case."""
        return extract(self.generate(self.prompt(case, graph.schema)).text)

    def generate(self, prompt: Prompt) -> Generation:
        """The raw answer to one prompt."""
        return self._asked(prompt, self.sampling)

    def warm(self, prompt: Prompt) -> None:
        """Evaluate a shared prefix that is not warm yet, so that no case's figure pays for it."""
        shared = (prompt.messages[:-1], prompt.messages[-1].content[: prompt.shared_chars])
        if shared != self._warm:
            self._asked(prompt, Sampling(max_tokens=1))
            self._warm = shared

    def _asked(self, prompt: Prompt, sampling: Sampling) -> Generation:
        return ask(self.backend, prompt, sampling, seconds=self.seconds, say=self.say)


def judge(
    case: Case, model: Model, graph: Graph, *, key: str, prompt: Prompt, timer: Timer
) -> Record:
    """Take one case through every stage; a wrong reference costs no generation."""
    expected = graph.answers(case)
    generation: Generation | None = None
    seconds: tuple[float, ...] = ()
    query: Query | None = None
    predicted: Execution | Failure | None = None
    copies: Copies | None = None
    if isinstance(expected, Failure):
        verdict = compare(case, expected, expected)
    else:
        model.warm(prompt)
        generation, seconds = timer(lambda: model.generate(prompt))
        query = extract(generation.text)
        if query.text is None:
            verdict = Verdict(Outcome.NO_QUERY, query.reason)
        else:
            predicted = graph.run(query.text, case.params)
            verdict, copies = _judge_rows(case, graph, query.text, expected, predicted)
        if generation.finish == "length" and verdict.outcome in _CUT_OFF:
            reason = f"{verdict.reason}; the answer was cut off (--max-tokens)"
            verdict = replace(verdict, reason=reason)
    return Record(
        key=key,
        case=case,
        model=model.label,
        sample=0,
        prompt_sha256=prompt_sha256(prompt),
        generation=generation,
        round_seconds=seconds,
        query=query,
        predicted=_excerpt(predicted),
        expected=_excerpt(expected if isinstance(expected, Failure) else expected[0]),
        verdict=verdict,
        engine=f"{graph.engine.name} ({graph.engine.version})",
        copies=copies,
    )


def _judge_rows(
    case: Case,
    graph: Graph,
    statement: str,
    expected: tuple[Execution, ...],
    predicted: Execution | Failure,
) -> tuple[Verdict, Copies | None]:
    """What the rows are worth on the graph and, if they are right there, on its altered copies."""
    # Frozen rows come from another database: its element ids mean nothing here.
    verdict = judge_any(case, expected, predicted, same_database=case.expect is None)
    if verdict.outcome is Outcome.PASS and graph.variants:
        return graph.by_luck(case, statement, verdict)
    return verdict, None


def prompt_sha256(prompt: Prompt) -> str:
    """A hash of the messages as they are sent."""
    return _sha256(repr(prompt.messages))


def record_key(case: Case, model: Model, graph: Graph, prompt: Prompt) -> str:
    """A hash of all that a record depends on: a journal's record is used again only if it fits."""
    info = model.backend.info
    asked = (info.label, info.sha256, info.runtime, model.sampling, prompt.messages)
    judged = (
        case.id,
        case.reference,
        case.accept,
        case.params,
        case.order,
        case.tolerance,
        case.expect,
    )
    on = (graph.engine.name, graph.engine.version, graph.schema, graph.variants)
    return _sha256(repr((asked, judged, on)))


def _excerpt(result: Execution | Failure | None) -> Excerpt | Failure | None:
    if isinstance(result, Execution):
        rows = result.rows[:EXCERPT_ROWS]
        return Excerpt(result.columns, rows, len(result.rows), result.seconds)
    return result


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
