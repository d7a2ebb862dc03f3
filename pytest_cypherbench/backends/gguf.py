"""Backend for GGUF files: llama.cpp in this process, through llama-cpp-python's low-level calls.

Knows nothing of cases, candidates or databases.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import llama_cpp  # noqa: TID253  # this is its adapter

from pytest_cypherbench.backends.chat import ChatTemplate, common_prefix, stand_ins
from pytest_cypherbench.backends.llama import open_context, open_model
from pytest_cypherbench.errors import SuiteError, UserError
from pytest_cypherbench.flow import Generation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.flow import Message, Prompt, Sampling

_CONTEXT_TOKENS = 4096
# Arguments of foreign functions, which take no keywords.
_SPECIAL = True  # read and write markers such as <|im_end|> as the tokens that they are
_DATA = True  # clear the contents too, not only the book-keeping


class Gguf:
    """A GGUF model, whose texts depend on nothing that ran before.

    What cases share is evaluated once, always as a batch of its own, and every remainder from that
    same state in the same split.
    """

    def __init__(self, spec: ModelSpec) -> None:
        if spec.path is None:
            raise UserError(f"no file for --model {spec.info.label}", fix="name a .gguf file")
        threads = _threads(spec.threads)
        self._context = None
        self._model = open_model(spec.path)
        self._context_tokens = spec.context_tokens or min(
            _CONTEXT_TOKENS, llama_cpp.llama_model_n_ctx_train(self._model)
        )
        try:
            self._context = open_context(spec.path, self._model, self._context_tokens, threads)
        except UserError:
            self.close()
            raise
        self.info = replace(
            spec.info,
            runtime=f"llama-cpp-python {llama_cpp.__version__}, "
            f"{threads[0]}/{threads[1]} threads (answer/prompt)",
        )
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self._bos = self._token_text(llama_cpp.llama_vocab_bos(self._vocabulary))
        source = llama_cpp.llama_model_chat_template(self._model, None)
        self._template = ChatTemplate(
            source.decode("utf-8", "replace") if source else None,
            bos=self._bos,
            eos=self._token_text(llama_cpp.llama_vocab_eos(self._vocabulary)),
        )
        self._shared: tuple[object, tuple[int, ...]] = (None, ())
        self._held: tuple[int, ...] | None = None

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Answer one prompt; the first with a new shared part pays for evaluating that.

        The output tokens do not include the one that ends the answer.
        """
        started = perf_counter()
        tokens = self._tokens(prompt.messages)
        room = self._context_tokens - len(tokens)
        if room < 1:
            raise SuiteError(
                f"prompt of {len(tokens)} tokens does not fit in {self._context_tokens} (context)",
                fix="use a model or a setting with a longer context, or a smaller schema",
            )
        prefix = self._shared_tokens(prompt)
        if len(prefix) >= len(tokens) or tuple(tokens[: len(prefix)]) != prefix:
            prefix = ()
        self._return_to(prefix)
        self._decode(tokens[len(prefix) :])
        pieces, first, finish = self._answer(sampling, min(sampling.max_tokens, room))
        return Generation(
            text=b"".join(pieces).decode("utf-8", "replace"),
            prompt_tokens=len(tokens),
            output_tokens=len(pieces),
            seconds=perf_counter() - started,
            first_token_seconds=first and first - started,
            finish="stop" if finish else "length",
        )

    def close(self) -> None:
        """Free the model; harmless when called twice."""
        if self._context:
            llama_cpp.llama_free(self._context)
        if self._model:
            llama_cpp.llama_model_free(self._model)
        self._model = self._context = None

    def _answer(self, sampling: Sampling, limit: int) -> tuple[list[bytes], float | None, bool]:
        """Pieces of text, when the first was there, and whether the model ended by itself."""
        pieces: list[bytes] = []
        first = None
        with _sampler(sampling) as sampler:
            while True:
                token = llama_cpp.llama_sampler_sample(sampler, self._context, -1)
                if llama_cpp.llama_vocab_is_eog(self._vocabulary, token):
                    return pieces, first, True
                pieces.append(self._piece(token))
                first = first or perf_counter()
                if len(pieces) >= limit:
                    return pieces, first, False
                self._decode((token,))

    def _return_to(self, prefix: tuple[int, ...]) -> None:
        """Make the model's memory hold exactly the prefix, as if nothing had ever followed it."""
        if self._held == prefix and llama_cpp.llama_memory_seq_rm(self._memory, 0, len(prefix), -1):
            return
        self._held = None  # stays so if evaluating the prefix is interrupted
        llama_cpp.llama_memory_clear(self._memory, _DATA)
        if prefix:
            self._decode(prefix)
        self._held = prefix

    def _decode(self, tokens: Sequence[int]) -> None:
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        batch = llama_cpp.llama_batch_get_one(array, len(tokens))
        status = llama_cpp.llama_decode(self._context, batch)
        if status:
            self._held = None
            raise SuiteError(f"llama.cpp could not evaluate the prompt (status {status})")

    def _shared_tokens(self, prompt: Prompt) -> tuple[int, ...]:
        *before, last = prompt.messages
        key = (tuple(before), last.role, last.content[: prompt.shared_chars])
        if self._shared[0] != key:
            self._shared = (key, common_prefix(map(self._tokens, stand_ins(prompt))))
        return self._shared[1]

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        text = self._template.render(messages)
        opened = bool(self._bos) and text.startswith(self._bos)
        data = text.encode("utf-8", "replace")
        size = len(data) + 8
        array = (llama_cpp.llama_token * size)()
        count = llama_cpp.llama_tokenize(
            self._vocabulary, data, len(data), array, size, not opened, _SPECIAL
        )
        return array[:count]

    def _piece(self, token: int, size: int = 64) -> bytes:
        buffer = ctypes.create_string_buffer(size)
        used = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, _SPECIAL)
        return buffer.raw[:used] if used >= 0 else self._piece(token, -used)

    def _token_text(self, token: int) -> str:
        return self._piece(token).decode("utf-8", "replace") if token >= 0 else ""


def _threads(asked: int | None) -> tuple[int, int]:
    """Threads for answer and prompt.

    An answer is bound by memory, and its threads wait for each other at every layer: half the
    processors are about as fast, and do not collapse beside a busy neighbour (measured on two:
    3 tokens/s with two threads, 66 with one).
    """
    if asked:
        return asked, asked
    processors = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return max(1, processors // 2), processors


@contextmanager
def _sampler(sampling: Sampling) -> Iterator[object]:
    """Greedy, or plain sampling at a temperature from the seed."""
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    if sampling.temperature > 0:
        seed = sampling.seed % (2**32 - 1)  # the last one would mean: by chance
        links = [
            llama_cpp.llama_sampler_init_temp(sampling.temperature),
            llama_cpp.llama_sampler_init_dist(seed),
        ]
    else:
        links = [llama_cpp.llama_sampler_init_greedy()]
    for link in links:
        llama_cpp.llama_sampler_chain_add(chain, link)
    try:
        yield chain
    finally:
        llama_cpp.llama_sampler_free(chain)
