"""The order of an audit: texts, then graph by graph the graph itself and each copy of it.

Knows nothing of the command line or of how findings are shown. A copy costs a load, so all cases of
a graph are asked on it before the next one is made.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_cypherbench.audit import answers
from pytest_cypherbench.audit.alike import find_duplicates, find_leaks
from pytest_cypherbench.audit.answers import Answer, Budget
from pytest_cypherbench.audit.copies import Copies
from pytest_cypherbench.audit.findings import Check, Finding, Findings
from pytest_cypherbench.audit.strength import Tally, Trial
from pytest_cypherbench.errors import EngineError, SuiteError
from pytest_cypherbench.flow import Limits
from pytest_cypherbench.loaded import Graph
from pytest_cypherbench.places import find_graph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pytest_cypherbench.cases.folders import Rows
    from pytest_cypherbench.flow import Case, Execution
    from pytest_cypherbench.graphs import Engine

# For all that runs: a mutant that takes longer is not worth waiting for.
LIMITS = Limits(seconds=5.0, rows=20_000)


@dataclass(frozen=True, slots=True)
class Plan:
    """How thorough an audit is: how many shuffled and altered copies, and whether with mutants."""

    budget: Budget = field(default_factory=Budget)
    shuffles: int = 3
    altered: int = 4
    strength: bool = True


@dataclass(slots=True)
class Audit:
    """What came of it. ``undecided``: cases that this engine cannot run or tell, with the reason;
    ``seconds``: by phase; ``loads``: how often a graph or a copy was loaded."""

    plan: Plan
    findings: Findings = field(default_factory=Findings)
    tally: Tally = field(default_factory=Tally)
    undecided: list[tuple[Case, str]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    loads: int = 0
    graphs: int = 0

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Add to the seconds of a phase."""
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self.seconds[phase] = self.seconds.get(phase, 0.0) + spent


def check_texts(rows: Rows, training: Rows, audit: Audit) -> None:
    """What needs no database."""
    found = audit.findings
    with audit.timed("texts"):
        for bad in (*rows.bad, *training.bad):
            found.found.append(Finding(Check.ROW, "", bad.origin.file, bad.origin.row, bad.reason))
        for case in rows.cases:
            if not case.tags:
                found.add(Check.TAGS, case, "no tags: say what the question needs")
            if case.difficulty is None:
                found.add(Check.DIFFICULTY, case, "no difficulty: give 1 to 5")
            found.made(case, Check.TAGS, Check.DIFFICULTY)
        find_duplicates(rows.cases, found)
        find_leaks(rows.cases, training.cases, found)


def by_graph(cases: Sequence[Case], root: Path, home: Path, audit: Audit) -> dict[Path, list[Case]]:
    """The cases of each graph folder; a case without one is found once for its graph."""
    groups: dict[Path, list[Case]] = {}
    for case in cases:
        try:
            folder = find_graph(case, root, home)
        except SuiteError as error:
            audit.findings.add(Check.GRAPH, case, str(error))
            _check_unrun([case], audit)
            continue
        groups.setdefault(folder, []).append(case)
    return groups


def check_graph(cases: Sequence[Case], folder: Path, engine: Engine, audit: Audit) -> None:
    """All that needs the database, for the cases of one graph. What is wrong with the graph, or
    with the database while it holds it, is a finding, so that the next graph is audited."""
    audit.graphs += 1
    try:
        with audit.timed("graph"):
            graph = Graph(cases[0].graph, folder, engine.load(folder), engine, LIMITS)
            audit.loads += 1
    except (SuiteError, EngineError) as error:
        audit.findings.add(Check.GRAPH, cases[0], f"{error} ({len(cases)} cases ask about it)")
        _check_unrun(cases, audit)
        return
    try:
        _Graph(graph, audit).check(cases)
    except (SuiteError, EngineError) as error:
        audit.findings.add(Check.GRAPH, cases[0], f"broken off: {error}")


def _check_unrun(cases: Sequence[Case], audit: Audit) -> None:
    for case in cases:
        for answer in answers.answers_of(case):
            answers.check_text(answer, None, audit.findings)


@dataclass(slots=True)
class _Graph:
    """One graph's cases on it and on its copies."""

    graph: Graph
    audit: Audit
    answers: list[Answer] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)
    # Accepted queries that no graph has told from the reference yet.
    unneeded: list[Answer] = field(default_factory=list)

    def check(self, cases: Sequence[Case]) -> None:
        found, plan = self.audit.findings, self.audit.plan
        with self.audit.timed("graph"):
            for case in cases:
                self._ask(case)
            self.unneeded = [
                a for a in self.answers if a.number and self._is_unneeded(a, self.graph)
            ]
        with self.audit.timed("mutants"):
            if plan.strength:
                self._try_mutants(cases)
        if plan.shuffles or plan.altered:
            copies = Copies.of(self.graph)
            with self.audit.timed("shuffled copies"):
                self._shuffle(copies)
            with self.audit.timed("altered copies"):
                self._alter(copies)
        for answer in self.unneeded:
            reason = f"{answer.what}the same rows as the reference, here and on every altered copy"
            found.add(Check.ACCEPT, answer.case, reason)
        for answer in self.answers:
            if answer.number and plan.altered:
                found.made(answer.case, Check.ACCEPT)
        for trial in self.trials:
            trial.report(found)

    # ── on the graph as it is ──

    def _ask(self, case: Case) -> None:
        for answer in answers.answers_of(case):
            if not answers.check_text(answer, self.graph, self.audit.findings):
                continue
            answers.check_answer(answer, self.graph, self.audit.plan.budget, self.audit.findings)
            if answer.undecided:
                self.audit.undecided.append((case, answer.what + answer.undecided))
            if answer.result is not None:
                self.answers.append(answer)

    def _try_mutants(self, cases: Sequence[Case]) -> None:
        for case in cases:
            expected = self._results(case)
            if expected is None:
                continue
            trial = Trial.of(case, self.graph)
            trial.first(self.graph, expected, self.audit.tally)
            self.trials.append(trial)

    def _results(self, case: Case) -> list[Execution] | None:
        """What its queries return here; None if one of them does not."""
        found = [a.result for a in self.answers if a.case.id == case.id and a.result is not None]
        return found if len(found) == 1 + len(case.accept) else None

    # ── on copies ──

    def _shuffle(self, copies: Copies) -> None:
        left = [answer for answer in self.answers if not answer.open]  # else it is said already
        for how, copy in copies.shuffled(self.audit.plan.shuffles):
            self.audit.loads += 1
            found = self.audit.findings
            left = [a for a in left if answers.check_load_order(a, copy, how, found)]
        if self.audit.plan.shuffles:
            for answer in self.answers:
                self.audit.findings.made(answer.case, Check.LOAD_ORDER)

    def _alter(self, copies: Copies) -> None:
        for copy in copies.altered(self.audit.plan.altered):
            self.audit.loads += 1
            self.unneeded = [a for a in self.unneeded if self._is_unneeded(a, copy)]
            for trial in self.trials:
                if trial.left and (expected := self._on_copy(trial.case, copy)):
                    trial.again(copy, expected, self.audit.tally)

    def _on_copy(self, case: Case, copy: Graph) -> list[Execution]:
        """What its queries return there; nothing if one of them has not one right value."""
        found = [
            answers.answer_on_copy(answer, copy)
            for answer in self.answers
            if answer.case.id == case.id
        ]
        return [] if None in found else [done for done in found if done is not None]

    def _is_unneeded(self, answer: Answer, graph: Graph) -> bool:
        """Whether an accepted query returns the reference's rows, here or on a copy."""
        first = next(a for a in self.answers if a.case.id == answer.case.id)
        return not first.number and answers.is_unneeded(first, answer, graph)
