"""Pairs of one domain: families in turn, each draw checked, nothing said or asked twice.

Knows nothing of files. The first n pairs of a longer run are those of a shorter one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from training.pairs.checking import refused
from training.pairs.diversity import fourgrams, normal_query, normal_question, shared
from training.pairs.draw import Draft, Draw, Impossible
from training.pairs.phrasing import surface

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_cypherbench.loaded import Graph
    from training.pairs.domain import Domain
    from training.pairs.family import Family

TAGS = ("match", "filter", "aggregation", "ordering", "optional", "path", "subquery", "temporal",
        "string", "list", "union")  # fmt: skip
MOST_SHARED = 0.5
_TRIES = 14
_SURFACES = 8
_HARDEST = 5
_EASY = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of a case file."""

    id: str
    question: str
    reference: str
    graph: str
    tags: tuple[str, ...]
    difficulty: int


@dataclass(slots=True)
class Sampler:
    """Makes the pairs of a domain; ``refusals`` counts why drafts were left out, per family."""

    domain: Domain
    graph: Graph
    families: Sequence[Family]
    seed: int
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    _questions: set[str] = field(default_factory=set)
    _queries: set[str] = field(default_factory=set)
    _grams: list[frozenset[tuple[str, ...]]] = field(default_factory=list)

    def avoid(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Questions and queries that exist already."""
        for question, query in pairs:
            self._questions.add(normal_question(question))
            self._queries.add(normal_query(query))

    def pairs(self, count: int) -> Iterator[Pair]:
        """Up to ``count`` pairs; fewer where the domain has no more to give."""
        rng = Random(f"{self.seed} {self.domain.name}")  # noqa: S311 - no secrets
        made: Counter[str] = Counter()
        # Simple questions are few families but most of what people ask.
        alive = [f for f in self.families for _ in range(_EASY if f.difficulty == 1 else 1)]
        while alive and made.total() < count:
            rng.shuffle(alive)
            for family in tuple(alive):
                if made.total() >= count:
                    return
                if family not in alive:
                    continue
                pair = self._try(family, made, rng)
                if pair is None:
                    alive = [other for other in alive if other is not family]
                    continue
                made[family.name] += 1
                yield pair

    def _try(self, family: Family, made: Counter[str], rng: Random) -> Pair | None:
        """A pair of one family, or None if no try gives a new one."""
        for _ in range(_TRIES):
            draw = Draw(self.domain, rng)
            try:
                draft = family.make(draw)
            except Impossible:
                continue
            reason = self._reason(draft)
            question = "" if reason else self._new_question(draft, draw, rng)
            if reason or not question:
                self.refusals[family.name, (reason or "like another question")[:90]] += 1
                continue
            self._keep(question, draft)
            tags = {*family.tags, *draft.tags}
            return Pair(
                id=f"{self.domain.name}-{family.name}-{made[family.name] + 1}",
                question=question,
                reference=draft.query,
                graph=self.domain.name,
                tags=tuple(tag for tag in TAGS if tag in tags),
                difficulty=min(family.difficulty + draft.harder, _HARDEST),
            )
        return None

    def _reason(self, draft: Draft) -> str:
        if normal_query(draft.query) in self._queries:
            return "a query of another pair"
        return refused(draft, self.graph)

    def _new_question(self, draft: Draft, draw: Draw, rng: Random) -> str:
        """A surface that is unlike all questions so far; empty if none is found."""
        for _ in range(_SURFACES):
            question = surface(draft.says, draw.constants, rng)
            grams = fourgrams(question)
            if normal_question(question) in self._questions:
                continue
            if all(shared(grams, other) <= MOST_SHARED for other in self._grams):
                return question
        return ""

    def _keep(self, question: str, draft: Draft) -> None:
        self._questions.add(normal_question(question))
        self._queries.add(normal_query(draft.query))
        self._grams.append(fourgrams(question))
