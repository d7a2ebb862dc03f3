"""The order of the stages: case, prompt, generation, query, execution, verdict, record.

Knows nothing of pytest, files or reports; the one place that knows which stage follows which.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pytest_cypherbench.asking import Trial
from pytest_cypherbench.compare import judge as compare
from pytest_cypherbench.compare import judge_any
from pytest_cypherbench.flow import (
    Case,
    Copies,
    Excerpt,
    Execution,
    Failure,
    Outcome,
    Prompt,
    Query,
    Record,
    Verdict,
)

if TYPE_CHECKING:
    from pytest_cypherbench.asking import Model, Timer
    from pytest_cypherbench.flow import Generation
    from pytest_cypherbench.loaded import Graph

EXCERPT_ROWS = 20
# What a text that ends too early looks like.
_CUT_OFF = frozenset({Outcome.NO_QUERY, Outcome.SYNTAX_ERROR})


def judge(
    case: Case,
    model: Model,
    graph: Graph,
    *,
    key: str,
    prompt: Prompt,
    timer: Timer,
    sample: int = 0,
) -> Record:
    """Take one case through every stage; a wrong reference costs no generation."""
    record = partial(
        Record,
        key=key,
        case=case,
        model=model.label,
        sample=sample,
        prompt_sha256=prompt_sha256(prompt),
        engine=f"{graph.engine.name} ({graph.engine.version})",
    )
    expected = graph.answers(case)
    if isinstance(expected, Failure):
        return record(expected=_excerpt(expected), verdict=compare(case, expected, expected))
    trial = Trial(case, model, graph, prompt)
    known = trial.known()  # whose time was another run's
    generation, seconds = (known, ()) if known else _answer(trial, timer)
    query = trial.read(generation)
    predicted = trial.run(query.text) if query.text is not None else None
    verdict, copies = _verdict(case, graph, query, expected, predicted)
    return record(
        expected=_excerpt(expected[0]),
        verdict=_cut_off(verdict) if generation.finish == "length" else verdict,
        generation=generation,
        round_seconds=seconds,
        query=query,
        predicted=_excerpt(predicted),
        copies=copies,
        likelihood=None if sample else model.likelihood(prompt, case.reference),
    )


def _answer(trial: Trial, timer: Timer) -> tuple[Generation, tuple[float, ...]]:
    trial.model.warm(trial.prompt)
    return timer(trial.answer)


def _verdict(
    case: Case,
    graph: Graph,
    query: Query,
    expected: tuple[Execution, ...],
    predicted: Execution | Failure | None,
) -> tuple[Verdict, Copies | None]:
    """What the answer is worth on the graph and, if it is right there, on its altered copies."""
    if query.text is None or predicted is None:
        return Verdict(Outcome.NO_QUERY, query.reason), None
    # Frozen rows come from another database: its element ids mean nothing here.
    verdict = judge_any(case, expected, predicted, same_database=case.expect is None)
    if verdict.outcome is Outcome.PASS and graph.variants:
        return graph.by_luck(case, query.text, verdict)
    return verdict, None


def _cut_off(verdict: Verdict) -> Verdict:
    """The verdict on an answer that reached its limit, which may be all that is wrong with it."""
    if verdict.outcome not in _CUT_OFF:
        return verdict
    return replace(verdict, reason=f"{verdict.reason}; the answer was cut off (--max-tokens)")


def prompt_sha256(prompt: Prompt) -> str:
    """A hash of the messages as they are sent, and of the grammar if there is one."""
    return _sha256(repr((prompt.messages, prompt.grammar) if prompt.grammar else prompt.messages))


def record_key(case: Case, model: Model, graph: Graph, prompt: Prompt) -> str:
    """A hash of all that a record depends on: a journal's record is used again only if it fits."""
    info = model.backend.info
    asked = (info.label, info.sha256, info.runtime, model.sampling, prompt.messages, prompt.grammar)
    how = (model.template.afterwards, model.scores, model.pace.batch)
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
    return _sha256(repr((asked, how, judged, on)))


def _excerpt(result: Execution | Failure | None) -> Excerpt | Failure | None:
    if isinstance(result, Execution):
        rows = result.rows[:EXCERPT_ROWS]
        return Excerpt(result.columns, rows, len(result.rows), result.seconds)
    return result


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
