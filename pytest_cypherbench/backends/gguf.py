"""Backend for GGUF files: llama.cpp in this process, through llama-cpp-python's low-level calls.

Knows nothing of cases, candidates or databases.
"""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from pytest_cypherbench.backends.chat import ChatTemplate, common_prefix, split, stand_ins
from pytest_cypherbench.backends.llama import (
    Vocabulary,
    llama_cpp,
    open_context,
    open_model,
    sampler_of,
    threads_for,
)
from pytest_cypherbench.errors import SuiteError, UserError
from pytest_cypherbench.flow import Generation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.flow import Message, Prompt, Sampling

_CONTEXT_TOKENS = 4096
_DATA = True  # clear the contents too, not only the book-keeping


class Gguf:
    """A GGUF model, whose texts depend on nothing that ran before.

    What cases share is evaluated once, always as a batch of its own, and every remainder from that
    same state in the same split.
    """

    def __init__(self, spec: ModelSpec) -> None:
        if spec.path is None:
            raise UserError(f"no file for --model {spec.info.label}", fix="name a .gguf file")
        threads = threads_for(spec.threads)
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
        self._words = Vocabulary(self._model)
        source = llama_cpp.llama_model_chat_template(self._model, None)
        self._template = ChatTemplate(
            source.decode("utf-8", "replace") if source else None,
            bos=self._words.bos,
            eos=self._words.eos,
        )
        self._shared: tuple[object, tuple[int, ...]] = (None, ())
        self._held: tuple[int, ...] | None = None

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Answer one prompt; the first with a new shared part pays for evaluating that.

        The output tokens do not include the one that ends the answer.
        """
        started = perf_counter()
        tokens = self._tokens(prompt.messages)
        size = self._context_tokens
        room = size - len(tokens)
        if room < 1:
            raise SuiteError(
                f"prompt of {len(tokens)} tokens does not fit the context of {size}",
                fix="use a model with a longer context, or a graph with a smaller schema",
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
        with sampler_of(sampling) as sampler:
            while True:
                token = llama_cpp.llama_sampler_sample(sampler, self._context, -1)
                if self._words.ends(token):
                    return pieces, first, True
                pieces.append(self._words.piece(token))
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
        starts = not (self._words.bos and text.startswith(self._words.bos))
        contents = [message.content for message in messages if message.role != "raw"]
        if not any(map(self._words.holds_markers, contents)):
            return self._words.encode(text, markers=True, starts=starts)
        tokens: list[int] = []
        for piece, own in split(text, contents):
            tokens += self._words.encode(piece, markers=own, starts=starts and not tokens)
        return tokens
