"""What the gguf backend does between two tokens, beside llama.cpp itself."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.backends.llama.gguf import Gguf
from pytest_cypherbench.backends.llama.parts import llama_cpp
from pytest_cypherbench.flow import Message, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_cypherbench.backends import ModelSpec

TOKENS = 24


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


def wall(work: Callable[[], int]) -> tuple[float, int]:
    started = perf_counter()
    written = work()
    return perf_counter() - started, written


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
