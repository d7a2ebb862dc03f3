"""What a case's queries answer on its graph, and the checks that follow from that.

Knows nothing of files, copies or mutants.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_cypherbench.audit.findings import Check
from pytest_cypherbench.audit.known import unknown_names
from pytest_cypherbench.compare import judge, read_reference, undetermined
from pytest_cypherbench.compare.choices import shows_load_order
from pytest_cypherbench.cypher import CypherTextError, statements, tokenize
from pytest_cypherbench.errors import EngineError
from pytest_cypherbench.flow import Execution, Failure, FailureKind, Outcome
from pytest_cypherbench.graphs import guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.audit.findings import Findings
    from pytest_cypherbench.cypher import Token
    from pytest_cypherbench.flow import Case
    from pytest_cypherbench.loaded import Graph

# The tag of cases whose result has no rows on purpose.
EMPTY = "empty"
_FOUND_BY = {
    FailureKind.SYNTAX_ERROR: Check.PARSES,
    FailureKind.BLOCKED: Check.READ_ONLY,
    FailureKind.RUNTIME_ERROR: Check.RUNS,
    FailureKind.TIMEOUT: Check.BUDGET,
    FailureKind.TOO_LARGE: Check.BUDGET,
}


@dataclass(frozen=True, slots=True)
class Budget:
    """What a reference may take: seconds (the quicker of two runs) and rows."""

    seconds: float = 1.0
    rows: int = 200


@dataclass(slots=True)
class Answer:
    """A case's reference (``number`` 0) or one of its accepted queries, and what it returned on the
    graph as it is. ``undecided``: why this engine cannot tell, "" if it can; ``open``: the query
    leaves its result to the database."""

    case: Case
    number: int
    result: Execution | None = None
    undecided: str = ""
    open: bool = False

    @property
    def what(self) -> str:
        """How findings begin."""
        return f"accept {self.number}: " if self.number else ""

    def ask(self, graph: Graph, *, predicted: bool = False) -> Execution | Failure:
        """Run the query: with its sort keys, as what is expected, or as if a model had written it.
        Raises EngineError if the database fails twice."""
        text = self.case.reference
        statement = text if predicted else read_reference(text).statement
        done = graph.run(statement, self.case.params)
        if isinstance(done, Failure) and done.kind is FailureKind.ENGINE_ERROR:
            raise EngineError(f"{self.case.id}: the database failed twice: {done.reason}")
        return done


def answers_of(case: Case) -> Iterator[Answer]:
    """The reference and the accepted queries, not yet asked."""
    for number, text in enumerate((case.reference, *case.accept)):
        yield Answer(replace(case, reference=text), number)


def is_same(case: Case, expected: Execution, found: Execution, *, same_graph: bool = True) -> bool:
    """Whether what was found passes where this is expected; ``same_graph``: in one database."""
    return judge(case, expected, found, same_database=same_graph).outcome is Outcome.PASS


def check_text(answer: Answer, graph: Graph | None, findings: Findings) -> bool:
    """What can be told without running it; whether it is worth running."""
    case = answer.case
    try:
        parts = statements(tokenize(case.reference))
    except CypherTextError as error:
        findings.add(Check.PARSES, case, f"{answer.what}{error}")
        return False
    if refused := guard.check(case.reference):
        findings.add(Check.READ_ONLY, case, f"{answer.what}{refused.reason}")
        return False
    if graph is not None:
        _check_names(answer, parts[0] if parts else (), graph, findings)
    return True


def _check_names(
    answer: Answer, tokens: tuple[Token, ...], graph: Graph, findings: Findings
) -> None:
    for reason in unknown_names(tokens, graph.schema):
        findings.add(Check.SCHEMA, answer.case, answer.what + reason)
    findings.made(answer.case, Check.SCHEMA)


def check_answer(answer: Answer, graph: Graph, budget: Budget, findings: Findings) -> None:
    """Run it on the graph as it is, and keep what it returns."""
    case, done = answer.case, answer.ask(graph)
    if isinstance(done, Failure):
        check = _FOUND_BY.get(done.kind)
        if check is None:
            answer.undecided = done.reason
        else:
            findings.add(check, case, f"{answer.what}{done.kind}: {done.reason}")
        return
    answer.result = done
    _check_cost(answer, done, graph, budget, findings)
    if not done.rows and EMPTY not in case.tags:
        reason = "no rows: ask for what is there, or tag it 'empty'"
        findings.add(Check.EMPTY, case, answer.what + reason)
    if done.rows and EMPTY in case.tags:
        reason = f"tagged 'empty', but has {len(done.rows)} rows"
        findings.add(Check.EMPTY, case, answer.what + reason)
    findings.made(case, Check.RUNS, Check.BUDGET, Check.EMPTY)
    if reason := left_open(answer, done, graph):
        findings.add(Check.DETERMINED, case, answer.what + reason)
        answer.open = True
    elif not answer.undecided:
        findings.made(case, Check.DETERMINED)


def _check_cost(
    answer: Answer, done: Execution, graph: Graph, budget: Budget, findings: Findings
) -> None:
    if len(done.rows) > budget.rows:
        reason = f"{len(done.rows)} rows, more than {budget.rows}"
        findings.add(Check.BUDGET, answer.case, answer.what + reason)
    if done.seconds <= budget.seconds:
        return
    again = answer.ask(graph)
    seconds = min(done.seconds, again.seconds)
    if seconds > budget.seconds:
        reason = f"{seconds:.1f} s, more than {budget.seconds:g} s"
        findings.add(Check.BUDGET, answer.case, answer.what + reason)


def left_open(answer: Answer, done: Execution, graph: Graph) -> str:
    """What the query leaves to the database, such as a tie under LIMIT, "" if nothing. Where this
    engine cannot run what would show it, the answer becomes undecided instead."""
    refused: list[str] = []

    def ask(statement: str) -> Execution | Failure:
        found = graph.run(statement, answer.case.params)
        if isinstance(found, Failure) and found.kind is FailureKind.UNDECIDABLE:
            refused.append(found.reason)
        return found

    failure = undetermined(answer.case, done, ask)
    if failure is None:
        return ""
    if failure.kind is FailureKind.ENGINE_ERROR:
        raise EngineError(f"{answer.case.id}: the database failed twice: {failure.reason}")
    if refused and failure.reason.endswith("cannot be told"):
        answer.undecided = f"{failure.reason}: {refused[0]}"
        return ""
    return failure.reason


def check_load_order(answer: Answer, copy: Graph, how: str, findings: Findings) -> bool:
    """Whether it returns the same on a copy that was loaded in another order."""
    assert answer.result is not None  # noqa: S101  only what has answered is asked again
    done = answer.ask(copy, predicted=True)
    if isinstance(done, Execution):
        if is_same(answer.case, answer.result, done, same_graph=False):
            return True
        reason = f"other rows on a graph that is loaded {how}"
    else:
        reason = f"fails on a graph that is loaded {how}: {done.kind}: {done.reason}"
    findings.add(Check.LOAD_ORDER, answer.case, answer.what + reason)
    return False


def is_unneeded(first: Answer, other: Answer, graph: Graph) -> bool:
    """Whether an accepted query passes on a graph where the reference alone is expected; so it does
    where one of them has no right value."""
    expected, found = answer_on_copy(first, graph), other.ask(graph, predicted=True)
    if expected is None or isinstance(found, Failure):
        return True
    return is_same(first.case, expected, found)


def answer_on_copy(answer: Answer, copy: Graph) -> Execution | None:
    """What it returns on an altered copy; None where that has not one right value."""
    done = answer.ask(copy)
    if isinstance(done, Failure):
        return None
    if shows_load_order(answer.case.reference):
        probe = Answer(answer.case, answer.number)
        if left_open(probe, done, copy) or probe.undecided:
            return None
    return done
