"""What the gguf backend costs beside llama.cpp itself, in ratios of walls taken in one run.

The two loops that it is measured against are written straight on llama.cpp's calls.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.backends.gguf import Gguf
from pytest_cypherbench.backends.llama import llama_cpp
from pytest_cypherbench.flow import Message, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_cypherbench.backends import ModelSpec

TOKENS = 24
SCHEMA = "\n".join(
    f"(:Label{number} {{name: STRING, since: INTEGER}})-[:TYPE_{number}]->(:Other{number})"
    for number in range(24)
)
OPENING = f"The graph:\n{SCHEMA}\n\nQuestion: "
PROMPTS = [
    Prompt(
        str(number),
        (
            Message("system", "You write Cypher. Answer with one query and nothing else."),
            Message("user", f"{OPENING}How many nodes are linked to node {number}?"),
        ),
        len(OPENING),
    )
    for number in range(5)
]


class Bare:
    """llama.cpp and nothing around it: token ids in, token ids out."""

    def __init__(self, model: Gguf) -> None:
        self.context, self.memory = model._context, model._memory
        self.vocabulary = llama_cpp.llama_model_get_vocab(model._model)
        self.sampler = llama_cpp.llama_sampler_init_greedy()

    def evaluate(self, tokens: list[int]) -> None:
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        assert not llama_cpp.llama_decode(
            self.context, llama_cpp.llama_batch_get_one(array, len(tokens))
        )

    def cut(self, length: int) -> None:
        assert llama_cpp.llama_memory_seq_rm(self.memory, 0, length, -1)

    def answer(self) -> int:
        for count in range(TOKENS):
            token = llama_cpp.llama_sampler_sample(self.sampler, self.context, -1)
            if llama_cpp.llama_vocab_is_eog(self.vocabulary, token):
                return count
            if count < TOKENS - 1:
                self.evaluate([token])
        return TOKENS


@pytest.fixture(scope="module")
def model(smollm2: ModelSpec) -> Iterator[Gguf]:
    opened = Gguf(smollm2)
    yield opened
    opened.close()


def through_backend(model: Gguf, prompts: list[Prompt]) -> int:
    model._held = None  # the shared part is evaluated anew, as the loops do
    answers = [model.generate(prompt, Sampling(max_tokens=TOKENS)) for prompt in prompts]
    return sum(answer.output_tokens or 0 for answer in answers)


def reusing(model: Gguf, ids: list[list[int]]) -> int:
    bare, shared = Bare(model), len(model._shared[1])
    bare.cut(0)
    bare.evaluate(ids[0][:shared])
    written = 0
    for tokens in ids:
        bare.cut(shared)
        bare.evaluate(tokens[shared:])
        written += bare.answer()
    return written


def recomputing(model: Gguf, ids: list[list[int]]) -> int:
    bare, written = Bare(model), 0
    for tokens in ids:
        bare.cut(0)
        bare.evaluate(tokens)
        written += bare.answer()
    return written


def wall(work: Callable[[], int]) -> tuple[float, int]:
    started = perf_counter()
    written = work()
    return perf_counter() - started, written


@pytest.mark.slow
def test_backend_beside_bare_loops(model: Gguf, figure: Callable[[str], None]) -> None:
    """The backend takes the time of a bare loop with the same reuse, half that of one without."""
    through_backend(model, PROMPTS[:2])
    ids = [model._tokens(prompt.messages) for prompt in PROMPTS]
    walls: dict[str, list[float]] = {"backend": [], "bare": [], "naive": []}
    for _ in range(2):  # by turns, so that a busy neighbour meets all of them
        seconds, written = wall(lambda: through_backend(model, PROMPTS))
        walls["backend"].append(seconds)
        seconds, same = wall(lambda: reusing(model, ids))
        walls["bare"].append(seconds)
        assert same == written
    walls["naive"].append(wall(lambda: recomputing(model, ids))[0])
    best = {name: min(seconds) for name, seconds in walls.items()}
    overhead, gain = best["backend"] / best["bare"], best["backend"] / best["naive"]
    figure(
        f"{len(PROMPTS)} prompts of {len(ids[0])} tokens, {len(model._shared[1])} shared, "
        f"{written} written: backend {best['backend']:.2f} s ÷ bare loop {best['bare']:.2f} s = "
        f"{overhead:.3f}; ÷ loop without reuse {best['naive']:.2f} s = {gain:.3f}"
    )
    assert overhead < 1.3
    assert gain < 0.6


def test_overhead_per_token(model: Gguf, figure: Callable[[str], None]) -> None:
    """What the backend does between two tokens is far below what the model does."""
    prompt = Prompt("x", (Message("raw", "MATCH (a:A) RETURN a " * 4),), 0)
    tokens = model._tokens(prompt.messages)
    bare = Bare(model)
    for _ in range(3):
        answer = model.generate(prompt, Sampling(max_tokens=TOKENS))
        bare.cut(0)
        bare.evaluate(tokens)
        seconds, written = wall(bare.answer)
        assert written == answer.output_tokens
    assert answer.first_token_seconds is not None
    ours = (answer.seconds - answer.first_token_seconds) / (TOKENS - 1)
    figure(f"{ours * 1e3:.2f} ms a token, bare loop {seconds / TOKENS * 1e3:.2f} ms")
    assert ours < 2 * seconds / TOKENS
