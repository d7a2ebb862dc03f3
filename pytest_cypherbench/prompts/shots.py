"""Examples for a question: the pairs whose questions are put most like it, whatever they are about.

Knows nothing of files or templates. What a question is about does not count: the names of its own
schema are left out of it, and out of a pair what is a name in its graph and a word in no other
graph's questions. What is left is how something is asked for, which decides the shape of a query
(masked question similarity, as in Gao et al. 2023, arXiv:2308.15363; here by BM25).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING, Any

from pytest_cypherbench.syntax.normal import question_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_cypherbench.flow import Case, Schema

# Words up to this length ("by", "in", "has") are no names, though names are made with them.
_SHORT = 3
# Labels, types and properties in a query, roughly: what stands at a colon or after a dot; texts.
_NAMES = re.compile(r"(?<=[:.|])\s*`?([^\W\d]\w*)|([^\W\d]\w*)\s*:|'([^']*)'|\"([^\"]*)\"")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Example:
    """A question and the query that answers it."""

    question: str
    reference: str


class Shots:
    """``pairs`` ready to be searched for the ``count`` that are nearest to a question; of pairs
    that only differ in names one is kept, so there may be fewer than were asked for."""

    def __init__(self, pairs: Iterable[Case], count: int) -> None:
        from bm25s import BM25

        kept: dict[tuple[str, ...], Case] = {}
        ordered = sorted(pairs, key=lambda case: case.id)
        masks = _masks(ordered)
        for case in ordered:
            words = _words(case.question, masks[case.graph])
            if words:
                kept.setdefault(words, case)
        self._pairs = tuple(kept.values())
        self.count = min(count, len(self._pairs))
        self._index: Any = BM25()
        if kept:
            self._index.index([list(words) for words in kept], show_progress=False)

    def nearest(self, question: str, schema: Schema) -> tuple[Example, ...]:
        """The examples, the nearest last, beside the question; ties go by id."""
        if not self.count:
            return ()
        words = _words(question, _spelled(_names_of(schema)))
        known = [word for word in words if word in self._index.vocab_dict]
        scores = self._index.get_scores(known).tolist() if known else [0.0] * len(self._pairs)
        best = nlargest(self.count, range(len(scores)), key=scores.__getitem__)  # stable
        found = (self._pairs[place] for place in reversed(best))
        return tuple(Example(case.question, case.reference.strip()) for case in found)


def _words(question: str, masked: frozenset[str]) -> tuple[str, ...]:
    """The words without names; numbers are all one."""
    words = ("0" if word.isdigit() else _singular(word) for word in question_words(question))
    return tuple(word for word in words if len(word) <= _SHORT or word not in masked)


def _masks(pairs: Sequence[Case]) -> Mapping[str, frozenset[str]]:
    """For each graph the words of the names and texts in its references that no other graph's
    questions use."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    users: defaultdict[str, set[str]] = defaultdict(set)
    for case in pairs:
        for found in _NAMES.findall(case.reference):
            names[case.graph].update(found)
        for word in _words(case.question, frozenset()):
            users[word].add(case.graph)
    return {
        graph: frozenset(
            word for word in _spelled(names[graph]) if users.get(word, {graph}) == {graph}
        )
        for graph in {case.graph for case in pairs}
    }


def _names_of(schema: Schema) -> Iterable[str]:
    for entity in (*schema.labels, *schema.relationships):
        yield entity.name
        yield from (known.name for known in entity.properties)


def _spelled(names: Iterable[str]) -> frozenset[str]:
    """``releasedIn``, ``RELEASED_IN`` → released, in."""
    return frozenset(
        _singular(word)
        for name in names
        for part in _PARTS.findall(name)
        for word in question_words(part)
    )


def _singular(word: str) -> str:
    if len(word) <= _SHORT or word.endswith("ss"):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word.removesuffix("s")
