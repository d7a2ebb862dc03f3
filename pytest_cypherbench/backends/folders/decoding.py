"""A model that lies in a folder, asked token by token: one loop for all runtimes that give scores.

Knows nothing of runtimes, cases or databases. The loops that libraries bring are not used: they
follow penalties and cuts of the folder's generation_config.json, and draw from a seed shared with
everybody else.
"""

from __future__ import annotations

import json
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeAlias

import numpy as np  # noqa: TID253  # every runtime brings it

from pytest_cypherbench.backends.chat import ChatTemplate
from pytest_cypherbench.backends.folders.grammars import Grammars
from pytest_cypherbench.backends.folders.words import FolderWords
from pytest_cypherbench.backends.framing import Framing
from pytest_cypherbench.backends.scores import log_probability, picker_of
from pytest_cypherbench.flow import Generation, Likelihood

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.backends.scores import Pick, Scores
    from pytest_cypherbench.flow import Message, ModelInfo, Prompt, Sampling

# What a runtime keeps of the tokens that it has seen; None: it has seen none.
State: TypeAlias = Any
_CONTEXT_TOKENS = 4096
# Exported graphs score every token that they see, a row as long as the vocabulary: 64 of Qwen2.5's
# are 39 MB, a whole prompt would be a gigabyte.
BLOCK = 64


class Network(Protocol):
    """Weights on a runtime: tokens in, scores out."""

    vocabulary: int

    def forward(self, tokens: Sequence[int], state: State, keep: int) -> tuple[Scores, State]:
        """Scores behind each of the last ``keep`` tokens (keep × vocabulary), and the state behind
        all. ``state`` may be used up."""

    def kept(self, state: State) -> State:
        """A state to begin many answers from."""

    def begun(self, kept: State) -> State:
        """A state like the one that is kept, which stays as it is, for one answer to use up."""

    def close(self) -> None:
        """Free the weights."""


class FolderModel:
    """A model whose texts depend on nothing that ran before.

    What cases share is evaluated once, always as a batch of its own; every case begins with that
    same state, and the rest of its prompt is evaluated in one piece.
    """

    constrains: ClassVar[Literal[True]] = True
    info: ModelInfo

    def __init__(self, spec: ModelSpec, folder: Path, network: Network, runtime: str) -> None:
        self._network = network
        self._words = FolderWords(folder, trust_remote_code=spec.trust_remote_code)
        template = ChatTemplate(self._words.template, bos=self._words.bos, eos=self._words.eos)
        notes = (*spec.info.notes, *template.notes)
        self.info = replace(spec.info, notes=notes, runtime=runtime)
        trained = _read(folder / "config.json").get("max_position_embeddings")
        most = min(_CONTEXT_TOKENS, trained) if isinstance(trained, int) else _CONTEXT_TOKENS
        self._framing = Framing(self._words, template, spec.context_tokens or most)
        self._ends = _ends_of(folder, self._words)
        self._held: tuple[tuple[int, ...], State] = ((), None)
        self._grammars: Grammars | None = None

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Answer one prompt; the first with a new shared part pays for evaluating that.

        The output tokens do not include the one that ends the answer.
        """
        started = perf_counter()
        prefix, rest = self._framing.parts(prompt)
        used = len(prefix) + len(rest)
        limit = min(sampling.max_tokens, self._framing.room(used))
        tokens, first, ended = self._answer(
            rest, self._after(prefix), self._picker(prompt, sampling), limit
        )
        return Generation(
            text=self._words.decode(tokens),
            prompt_tokens=used,
            output_tokens=len(tokens),
            seconds=perf_counter() - started,
            first_token_seconds=first and first - started,
            finish="stop" if ended else "length",
        )

    def score(self, prompt: Prompt, text: str) -> Likelihood:
        """How likely this model is to answer so, from the same state as an answer of its own."""
        wanted = self._words.encode(text, markers=False)
        prefix, rest = self._framing.parts(prompt, room=len(wanted))
        logprob = 0.0
        if wanted:
            scores, _ = self._network.forward(
                [*rest, *wanted[:-1]], self._after(prefix), len(wanted)
            )
            logprob = sum(map(log_probability, scores, wanted))
        return Likelihood(logprob, len(wanted), len(text.encode("utf-8", "replace")))

    def close(self) -> None:
        """Free the model; harmless when called twice."""
        self._held = ((), None)
        self._network.close()

    def _picker(self, prompt: Prompt, sampling: Sampling) -> Pick:
        """What chooses the tokens of one answer."""
        pick = picker_of(sampling)
        if not prompt.grammar:
            return pick
        if self._grammars is None:
            self._grammars = Grammars(self._words.tokenizer, self._network.vocabulary, self._ends)
        return self._grammars.keep(pick, prompt.grammar)

    def _answer(
        self, rest: list[int], state: State, pick: Pick, limit: int
    ) -> tuple[list[int], float | None, bool]:
        """Tokens, when the first was there, and whether the model ended by itself."""
        tokens: list[int] = []
        first = None
        scores, state = self._network.forward(rest, state, 1)
        while True:
            token = pick(scores[-1])
            if token in self._ends:
                return tokens, first, True
            tokens.append(token)
            first = first or perf_counter()
            if len(tokens) >= limit:
                return tokens, first, False
            scores, state = self._network.forward([token], state, 1)

    def _after(self, prefix: tuple[int, ...]) -> State:
        """The state behind the prefix, for one answer to go on from."""
        if not prefix:
            return None
        if self._held[0] != prefix:
            self._held = ((), None)  # stays so if evaluating the prefix is interrupted
            state = self._network.forward(prefix, None, 1)[1]
            self._held = (prefix, self._network.kept(state))
        return self._network.begun(self._held[1])

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        return self._framing.tokens(messages)


def by_blocks(
    step: Callable[[Sequence[int], State], tuple[Scores, State]],
    tokens: Sequence[int],
    state: State,
    keep: int,
) -> tuple[Scores, State]:
    """``forward`` of a runtime that can but score every token: some tokens at a time."""
    found: list[Scores] = []
    for start in range(0, len(tokens), BLOCK):
        scores, state = step(tokens[start : start + BLOCK], state)
        unwanted = max(0, len(tokens) - keep - start)
        if unwanted < len(scores):
            found.append(scores[unwanted:])
    return np.concatenate(found), state


def _ends_of(folder: Path, words: FolderWords) -> frozenset[int]:
    """The tokens that end an answer: the folder's own list, and its tokenizer's end."""
    ends: set[int] = set()
    for name in ("generation_config.json", "config.json"):
        found = _read(folder / name).get("eos_token_id")
        ends |= {
            int(token)
            for token in (found if isinstance(found, list) else [found])
            if isinstance(token, int)
        }
    own = words.id_of(words.eos)
    return frozenset(ends | ({own} if own is not None else set()))


def _read(path: Path) -> dict[str, object]:
    """A small file of the folder; what is missing or damaged there says nothing."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
