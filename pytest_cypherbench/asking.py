"""A case put to a model: what it answers, from where it may come, and how long that took.

Knows nothing of references, verdicts, files or pytest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from pytest_cypherbench.ahead import ONE_AT_A_TIME, Ahead, Pace
from pytest_cypherbench.backends import Scoring
from pytest_cypherbench.backends.guarded import ask, score
from pytest_cypherbench.cache import CacheKey
from pytest_cypherbench.extract import extract
from pytest_cypherbench.flow import (
    Case,
    Execution,
    Failure,
    FailureKind,
    Generation,
    Likelihood,
    Prompt,
    Query,
    Sampling,
    Schema,
)
from pytest_cypherbench.grammar import UNCONSTRAINED, grammar

if TYPE_CHECKING:
    from pytest_cypherbench.backends import Backend
    from pytest_cypherbench.cache import Cache
    from pytest_cypherbench.loaded import Graph
    from pytest_cypherbench.prompts import PromptTemplate

# What a model gets a second try for where its prompt has one.
_REPAIRED = frozenset({FailureKind.SYNTAX_ERROR, FailureKind.RUNTIME_ERROR})
_Number = TypeVar("_Number", int, float)
Timer: TypeAlias = Callable[[Callable[[], Generation]], tuple[Generation, tuple[float, ...]]]


def once(generate: Callable[[], Generation]) -> tuple[Generation, tuple[float, ...]]:
    """The timer where nothing times: one generation, by its own clock."""
    generation = generate()
    return generation, (generation.seconds,)


@dataclass(slots=True)
class Model:
    """An open backend with the way in which it is asked; ``seconds``: the longest that one answer
    may take, 0 for no limit; ``scores``: whether to ask how likely it finds each reference;
    ``cache``: where answers of earlier runs are; ``pace``: how many at once; ``ahead``: what
    is under way before its case; ``constrain``: by which grammar it must write."""

    backend: Backend
    template: PromptTemplate
    sampling: Sampling
    seconds: float = 0.0
    say: Callable[[str], None] = lambda _: None
    scores: bool = False
    cache: Cache | None = None
    constrain: str = UNCONSTRAINED
    pace: Pace = ONE_AT_A_TIME
    ahead: Ahead | None = None
    _warm: list[object] = field(default_factory=list)  # one for all samples

    @property
    def label(self) -> str:
        """The model as the user wrote it."""
        return self.backend.info.label

    def prompt(self, case: Case, schema: Schema) -> Prompt:
        """What the model is asked."""
        prompt = self.template.render(case, schema)
        return replace(prompt, grammar=grammar(schema, self.constrain))

    def ask(self, case: Case, graph: Graph) -> Query:
        """Prompt, generate, extract: the query that the model writes for a case."""
        trial = Trial(case, self, graph, self.prompt(case, graph.schema))
        return trial.read(trial.answer())

    def generate(self, prompt: Prompt) -> Generation:
        """The raw answer to one prompt, and into the cache with it."""
        found = self.ahead.take(prompt) if self.ahead else None
        generation = found or self._asked(prompt, self.sampling)
        if self.cache and (key := self._key(prompt)):
            self.cache.put(key, self.label, generation)
        return generation

    def known(self, prompt: Prompt) -> Generation | None:
        """The answer as an earlier run has it."""
        key = self._key(prompt) if self.cache else ""
        return self.cache.get(key) if self.cache and key else None

    def likelihood(self, prompt: Prompt, text: str) -> Likelihood | None:
        """How likely the model is to write a text; None if nobody asks or it cannot tell."""
        if not self.scores or not isinstance(self.backend, Scoring):
            return None
        return score(self.backend, prompt, text)

    def for_sample(self, sample: int) -> Model:
        """This model, to be asked for another sample: the same but for the seed."""
        if not sample:
            return self
        seed = self.sampling.seed + sample
        return replace(self, sampling=replace(self.sampling, seed=seed))

    def warm(self, prompt: Prompt) -> None:
        """Evaluate a shared prefix that is not warm yet, so that no case's figure pays for it."""
        if self.ahead is None and self._warm != [prompt.shared]:
            self._asked(prompt, Sampling(max_tokens=1))
            self._warm[:] = [prompt.shared]

    def _key(self, prompt: Prompt) -> str:
        """The key of an answer; "" for a model that cannot be told from another."""
        info = self.backend.info
        endpoint = info.label if info.backend == "openai" else ""
        if not (info.sha256 or endpoint):
            return ""
        return CacheKey(
            backend=info.backend,
            variant=info.variant,
            weights_sha256=info.sha256,
            weights_bytes=info.size_bytes,
            runtime=info.runtime,
            endpoint=endpoint,
            prompt=prompt,
            sampling=self.sampling,
            batch_size=self.pace.batch,
        ).sha256

    def _asked(self, prompt: Prompt, sampling: Sampling) -> Generation:
        return ask(self.backend, prompt, sampling, seconds=self.seconds, say=self.say)


@dataclass(slots=True)
class Trial:
    """A case put to a model: an answer, where the prompt has a repair a second one if the first
    does not run, and what the graph returns for a query, asked once however often it is timed."""

    case: Case
    model: Model
    graph: Graph
    prompt: Prompt
    _ran: dict[str, Execution | Failure] = field(default_factory=dict)

    def known(self) -> Generation | None:
        """The answer, if earlier runs have all of it."""
        return self._whole(self.model.known)

    def answer(self) -> Generation:
        """The answer. Its own time is the model's alone; a clock around this also sees the database
        try the first answer, as whoever waits for a repaired one does."""
        found = self._whole(self.model.generate)
        assert found is not None  # noqa: S101 generate gives one
        return found

    def _whole(self, ask: Callable[[Prompt], Generation | None]) -> Generation | None:
        first = ask(self.prompt)
        template = self.model.template
        reason = self._fault(first) if first and template.repairs else ""
        if not first or not reason:
            return first
        second = ask(template.repair(self.prompt, first.text, reason))
        return second and _both(first, second)

    def read(self, generation: Generation) -> Query:
        """The query in an answer."""
        return extract(generation.text, which=self.model.template.source.which)

    def run(self, statement: str) -> Execution | Failure:
        """What the graph returns."""
        if statement not in self._ran:
            self._ran[statement] = self.graph.run(statement, self.case.params)
        return self._ran[statement]

    def _fault(self, generation: Generation) -> str:
        """Why an answer is no query that runs, or "". Only what whoever asks sees too: not that the
        rows are wrong, nor what the guard refuses."""
        query = self.read(generation)
        if query.text is None:
            return query.reason
        result = self.run(query.text)
        return result.reason if isinstance(result, Failure) and result.kind in _REPAIRED else ""


def _both(first: Generation, second: Generation) -> Generation:
    """The second answer at the cost of both."""
    return replace(
        second,
        prompt_tokens=_sum(first.prompt_tokens, second.prompt_tokens),
        output_tokens=_sum(first.output_tokens, second.output_tokens),
        seconds=first.seconds + second.seconds,
        first_token_seconds=_sum(first.first_token_seconds, second.first_token_seconds),
        cached=first.cached or second.cached,
        first=first,
    )


def _sum(one: _Number | None, other: _Number | None) -> _Number | None:
    return None if one is None or other is None else one + other
