"""Cases that are the same as another, in a set or between a set and what models were trained on.

Knows nothing of engines: texts are compared.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_cypherbench.audit.findings import Check
from pytest_cypherbench.syntax.normal import ngrams, normal_query, question_words

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from pytest_cypherbench.audit.findings import Findings
    from pytest_cypherbench.flow import Case

# A question has leaked if this share of its runs of three words stands in one training question:
# one word changed in the middle of nine leaves 4 of 7 (0.57), at an end 6 of 7; two questions on
# other things share openings ("how many … are there"), which is less than half. Shorter questions
# have too few runs to tell, and are held against the training set whole.
RUN_WORDS = 3
LEAST_RUNS = 4
LEAK_SHARE = 0.55


def find_duplicates(cases: Sequence[Case], findings: Findings) -> None:
    """The same question, or the same query, about the same graph. One query may stand twice where
    the questions are in different languages."""
    _report(
        cases,
        lambda case: (case.graph, question_words(case.question)),
        "question",
        findings,
    )
    _report(
        cases,
        lambda case: (case.graph, case.language, normal_query(case.reference), repr(case.params)),
        "reference",
        findings,
    )
    for case in cases:
        findings.made(case, Check.DUPLICATE)


def _report(
    cases: Iterable[Case],
    key: Callable[[Case], Hashable],
    what: str,
    findings: Findings,
) -> None:
    seen: dict[Hashable, Case] = {}
    for case in cases:
        first = seen.setdefault(key(case), case)
        if first is not case:
            reason = f"the {what} is that of {first.id} ({_where(first)})"
            findings.add(Check.DUPLICATE, case, reason)


def find_leaks(cases: Sequence[Case], training: Sequence[Case], findings: Findings) -> None:
    """Test cases whose graph, question, query or most of whose question is in the training set."""
    graphs = {case.graph: case for case in training}
    questions = {question_words(case.question): case for case in training}
    queries = {normal_query(case.reference): case for case in training}
    runs: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, case in enumerate(training):
        for run in ngrams(question_words(case.question), RUN_WORDS):
            runs[run].append(index)
    for case in cases:
        words = question_words(case.question)
        for what, found in (
            (f"the graph {case.graph}", graphs.get(case.graph)),
            ("the question", questions.get(words)),
            ("the reference", queries.get(normal_query(case.reference))),
        ):
            if found is not None:
                reason = f"{what} is in the training set: {found.id} ({_where(found)})"
                findings.add(Check.LEAK, case, reason)
        share, nearest = _overlap(words, runs)
        if share >= LEAK_SHARE and questions.get(words) is None:
            other = training[nearest]
            findings.add(
                Check.LEAK,
                case,
                f"{share:.0%} of the question's runs of {RUN_WORDS} words stand in that of "
                f"{other.id} ({_where(other)})",
            )
        if training:
            findings.made(case, Check.LEAK)


def _overlap(words: tuple[str, ...], runs: dict[tuple[str, ...], list[int]]) -> tuple[float, int]:
    """The largest share of a question's runs that one training question has, and which."""
    own = ngrams(words, RUN_WORDS)
    if len(own) < LEAST_RUNS:
        return 0.0, -1
    counts: defaultdict[int, int] = defaultdict(int)
    for run in own:
        for index in runs.get(run, ()):
            counts[index] += 1
    if not counts:
        return 0.0, -1
    nearest = max(counts, key=lambda index: (counts[index], -index))
    return counts[nearest] / len(own), nearest


def _where(case: Case) -> str:
    return f"{case.origin.file}, row {case.origin.row}"
