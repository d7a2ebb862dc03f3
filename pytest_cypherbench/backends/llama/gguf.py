"""Backend for GGUF files: llama.cpp in this process, through llama-cpp-python's low-level calls.

Knows nothing of cases, candidates or databases.
"""

from __future__ import annotations

import ctypes
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np  # noqa: TID253  # llama-cpp-python brings it

from pytest_cypherbench.backends.chat import ChatTemplate
from pytest_cypherbench.backends.framing import Framing
from pytest_cypherbench.backends.llama.grammar import Grammar, picker_of
from pytest_cypherbench.backends.llama.parts import (
    OUTPUTS,
    llama_cpp,
    open_context,
    open_model,
    sampler_of,
    threads_for,
)
from pytest_cypherbench.backends.llama.words import Vocabulary
from pytest_cypherbench.backends.scores import log_probability
from pytest_cypherbench.errors import SuiteError, UserError
from pytest_cypherbench.flow import Generation, Likelihood

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

    constrains: ClassVar[Literal[True]] = True

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
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._words = Vocabulary(self._model)
        source = llama_cpp.llama_model_chat_template(self._model, None)
        self._template = ChatTemplate(
            source.decode("utf-8", "replace") if source else None,
            bos=self._words.bos,
            eos=self._words.eos,
        )
        self.info = replace(
            spec.info,
            notes=(*spec.info.notes, *self._template.notes),
            runtime=f"llama-cpp-python {llama_cpp.__version__}, "
            f"{threads[0]}/{threads[1]} threads (answer/prompt)",
        )
        self._framing = Framing(self._words, self._template, self._context_tokens)
        self._held: tuple[int, ...] | None = None
        self._grammar: Grammar | None = None

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Answer one prompt; the first with a new shared part pays for evaluating that.

        The output tokens do not include the one that ends the answer.
        """
        started = perf_counter()
        prefix, rest = self._framing.parts(prompt)
        self._return_to(prefix)
        self._decode(rest)
        used = len(prefix) + len(rest)
        room = self._framing.room(used)
        pieces, first, finish = self._answer(
            sampling, min(sampling.max_tokens, room), self._grammar_of(prompt)
        )
        return Generation(
            text=b"".join(pieces).decode("utf-8", "replace"),
            prompt_tokens=used,
            output_tokens=len(pieces),
            seconds=perf_counter() - started,
            first_token_seconds=first and first - started,
            finish="stop" if finish else "length",
        )

    def score(self, prompt: Prompt, text: str) -> Likelihood:
        """How likely this model is to answer so, from the same state as an answer of its own."""
        wanted = self._words.encode(text, markers=False)
        prefix, rest = self._framing.parts(prompt, room=len(wanted))
        self._return_to(prefix)
        self._decode(rest)
        logprob = 0.0
        for start in range(0, len(wanted), OUTPUTS):
            # The last token's scores predict the first of these, each one's the next.
            block = wanted[start : start + OUTPUTS]
            logprob += self._log_probability(-1, block[0])
            self._decode(block, every=True)
            logprob += sum(self._log_probability(at, token) for at, token in enumerate(block[1:]))
        return Likelihood(logprob, len(wanted), len(text.encode("utf-8", "replace")))

    def close(self) -> None:
        """Free the model; harmless when called twice."""
        if self._grammar:
            self._grammar.close()
        self._grammar = None
        if self._context:
            llama_cpp.llama_free(self._context)
        if self._model:
            llama_cpp.llama_model_free(self._model)
        self._model = self._context = None

    def _grammar_of(self, prompt: Prompt) -> Grammar | None:
        """The prompt's grammar, read once as long as the prompts' is the same."""
        if self._grammar and self._grammar.text != prompt.grammar:
            self._grammar.close()
            self._grammar = None
        if prompt.grammar and not self._grammar:
            self._grammar = Grammar(self._model, prompt.grammar)
        return self._grammar

    def _answer(
        self, sampling: Sampling, limit: int, grammar: Grammar | None
    ) -> tuple[list[bytes], float | None, bool]:
        """Pieces of text, when the first was there, and whether the model ended by itself."""
        pieces: list[bytes] = []
        first = None
        with (
            sampler_of(sampling) as sampler,
            picker_of(sampler, self._context, grammar) as pick,
        ):
            while True:
                token = pick()
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

    def _log_probability(self, at: int, token: int) -> float:
        """Of a token behind the last batch's token at a position."""
        pointer = llama_cpp.llama_get_logits_ith(self._context, at)
        return log_probability(np.ctypeslib.as_array(pointer, (self._words.count,)), token)

    def _decode(self, tokens: Sequence[int], *, every: bool = False) -> None:
        """Evaluate tokens, and keep the scores of every one or of the last alone."""
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        batch = llama_cpp.llama_batch_get_one(array, len(tokens))
        if every:
            batch.logits = (ctypes.c_int8 * len(tokens))(*[1] * len(tokens))
        status = llama_cpp.llama_decode(self._context, batch)
        if status:
            self._held = None
            raise SuiteError(f"llama.cpp could not evaluate the prompt (status {status})")

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        return self._framing.tokens(messages)
