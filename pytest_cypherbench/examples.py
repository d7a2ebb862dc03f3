"""Where the examples of a prompt come from: the pairs of a file or folder, none of them a case.

Knows nothing of how the nearest are found or shown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_cypherbench.cases import describe
from pytest_cypherbench.cases.folders import read_paths
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.prompts import Shots
from pytest_cypherbench.syntax.normal import normal_query, question_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pytest_cypherbench.flow import Case
    from pytest_cypherbench.prompts import PromptTemplate
    from pytest_cypherbench.settings import Settings

DEFAULT_COUNT = 4
# Says which graphs of a folder are for training: {train: [NAME, …], …}.
SPLIT = "split.yaml"
_WORD = re.compile(r"\w+")
_RENAMED = re.compile(r"v\d+|desc|skip")  # what a normal form may hold and its query may not


@dataclass(frozen=True, slots=True)
class ExampleSource:
    """``count`` examples a question, from the pairs in ``path``; ``flag`` named it, or "" the
    default."""

    path: Path
    count: int
    flag: str
    root: Path

    def shots(self, cases: Sequence[Case]) -> Shots:
        """The pairs, ready to be searched. Raises UserError for a file that cannot be read, a bad
        row, and a pair that asks or answers what one of the run's cases does."""
        pairs = self._read()
        if leaks := list(_leaks(pairs, cases)):
            pair, case, what = leaks[0]
            more = f" ({len(leaks)} such pairs)" if len(leaks) > 1 else ""
            raise UserError(
                f"{self._named()}: the {what} of {pair.id} ({pair.origin.file}, row "
                f"{pair.origin.row}) is that of the case {case.id}{more}",
                fix="an example must not be a case: take it out, or deselect the case",
            )
        return Shots(pairs, self.count)

    def describe(self) -> str:
        """For the header."""
        path = (
            self.path.relative_to(self.root) if self.path.is_relative_to(self.root) else self.path
        )
        return f"{self.count} examples a question from {path}"

    def _named(self) -> str:
        return f"{self.flag} {self.path}" if self.flag else f"the examples in {self.path}"

    def _read(self) -> list[Case]:
        found = read_paths([self.path], self.root, default_graph="examples")
        if found.bad:
            raise UserError(f"{self._named()}: {describe(found.bad[0])}", fix="correct the row")
        graphs = self._training_graphs()
        pairs = [case for case in found.cases if graphs is None or case.graph in graphs]
        if not pairs:
            raise UserError(
                f"{self._named()} holds no pairs",
                fix="give a file or folder of rows with a question and a reference",
            )
        return pairs

    def _training_graphs(self) -> frozenset[str] | None:
        """Those that a split file beside the pairs is said to train on; None without one."""
        import yaml

        file = self.path / SPLIT
        if not file.is_file():
            return None
        try:
            return frozenset(yaml.safe_load(file.read_text("utf-8"))["train"])
        except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
            raise UserError(
                f"{self._named()}: {SPLIT} does not say which graphs are for training",
                fix="give it a list of their names under 'train'",
            ) from error


def source_of_examples(template: PromptTemplate, settings: Settings) -> ExampleSource | None:
    """Where this run's examples come from; None for a prompt that has none.

    Raises UserError for options that such a prompt cannot follow, and a path that is not there."""
    chosen = settings.shots_from
    if not template.has_examples:
        for flag, given in (("--shots", settings.shots), ("--shots-from", chosen)):
            if given is not None:
                raise UserError(
                    f"{flag} is for a prompt with examples, and --prompt {template.name} has none",
                    fix="give --prompt few-shot, or a prompt file that uses 'examples'",
                )
        return None
    path, flag = (chosen, "--shots-from") if chosen else (settings.training, "")
    if not path.exists():
        raise UserError(
            f"no training pairs in {path}, which --prompt {template.name} takes examples from"
            if not flag
            else f"{flag} {path}: no such file or folder",
            fix="give a file or folder of pairs with --shots-from",
        )
    return ExampleSource(path, settings.shots or DEFAULT_COUNT, flag, settings.root)


def _leaks(pairs: Sequence[Case], cases: Iterable[Case]) -> Iterator[tuple[Case, Case, str]]:
    """The pairs that have a case's question or query, with the case."""
    questions = {words: pair for pair in pairs if (words := question_words(pair.question))}
    queries = _Queries(pairs)
    for case in cases:
        if found := questions.get(question_words(case.question)):
            yield found, case, "question"
        for reference in (case.reference, *case.accept):
            if found := queries.like(reference):
                yield found, case, "query"


class _Queries:
    """Pairs by the words of their queries: to normalise thousands takes seconds, so only those are
    normalised that hold every word of what they are compared with."""

    def __init__(self, pairs: Sequence[Case]) -> None:
        self._pairs = pairs
        self._holders: defaultdict[str, set[int]] = defaultdict(set)
        for place, pair in enumerate(pairs):
            for word in _WORD.findall(pair.reference.casefold()):
                self._holders[word].add(place)

    def like(self, reference: str) -> Case | None:
        """The first pair whose query differs from this one in writing alone."""
        wanted = normal_query(reference)
        words = {word for word in _WORD.findall(wanted.casefold()) if not _RENAMED.fullmatch(word)}
        holders = sorted((self._holders.get(word, set()) for word in words), key=len)
        places = set(range(len(self._pairs))).intersection(*holders)
        for place in sorted(places):
            if normal_query(self._pairs[place].reference) == wanted:
                return self._pairs[place]
        return None
