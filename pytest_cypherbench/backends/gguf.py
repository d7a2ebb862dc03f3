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

import llama_cpp

from pytest_cypherbench.backends.chat import ChatTemplate, common_prefix, stand_ins
from pytest_cypherbench.backends.variants import GGUF_TYPES
from pytest_cypherbench.errors import SuiteError, UserError
from pytest_cypherbench.flow import Generation
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.flow import Message, Prompt, Sampling

_CONTEXT_TOKENS = 4096
_ERROR = 4  # of ggml's log levels; 5 continues a line
_SILENT = llama_cpp.llama_log_callback(lambda *_: None)  # llama.cpp keeps only a bare pointer to it


class Gguf:
    """A GGUF model. What cases share is evaluated once, always as a batch of its own, and every
    remainder from that same state: a text therefore depends on nothing that ran before."""

    def __init__(self, spec: ModelSpec) -> None:
        self._model = self._context = None
        path = _gguf_file(spec)
        generating, reading = _threads(spec.threads)
        with _errors() as lines:
            self._model = llama_cpp.llama_model_load_from_file(
                os.fsencode(path), llama_cpp.llama_model_default_params()
            )
            if not self._model:
                raise _unusable(path, lines)
            self._context_tokens = spec.context_tokens or min(
                _CONTEXT_TOKENS, llama_cpp.llama_model_n_ctx_train(self._model)
            )
            self._context = _open_context(self._model, self._context_tokens, generating, reading)
            if not self._context or not llama_cpp.llama_get_memory(self._context):
                self.close()
                raise _unusable(path, lines)
        self.info = replace(
            spec.info,
            runtime=f"llama-cpp-python {llama_cpp.__version__}, "
            f"{generating}/{reading} threads (answer/prompt)",
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
        """Answer one prompt. Output tokens do not count the one that ends the answer; the first
        prompt with a new shared part pays for evaluating it."""
        started = perf_counter()
        tokens = self._tokens(prompt.messages)
        room = self._context_tokens - len(tokens)
        if room < 1:
            raise SuiteError(
                f"prompt of {len(tokens)} tokens does not fit the context of {self._context_tokens}",
                fix="a model or a setting with a longer context, or a smaller schema",
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
        if self._held == prefix and llama_cpp.llama_memory_seq_rm(
            self._memory, 0, len(prefix), -1
        ):
            return
        self._held = None  # stays so if evaluating the prefix is interrupted
        llama_cpp.llama_memory_clear(self._memory, True)  # noqa: FBT003  # ctypes: by position
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
            self._vocabulary, data, len(data), array, size, not opened, True
        )
        return array[:count]

    def _piece(self, token: int, size: int = 64) -> bytes:
        buffer = ctypes.create_string_buffer(size)
        used = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, True)
        return buffer.raw[:used] if used >= 0 else self._piece(token, -used)

    def _token_text(self, token: int) -> str:
        return self._piece(token).decode("utf-8", "replace") if token >= 0 else ""


def quantise(source: Path, target: Path, variant: str) -> None:
    """Write ``source`` as another type, from whatever precision it has. UserError for a type that
    does not exist and for a file that llama.cpp cannot convert or write."""
    if variant not in GGUF_TYPES:
        raise unknown("variant", variant, GGUF_TYPES, flag="--model")
    params = llama_cpp.llama_model_quantize_default_params()
    prefix = "ALL" if variant == "f32" else "MOSTLY"
    params.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_{prefix}_{variant.upper()}")
    params.allow_requantize = True
    with _errors() as lines:
        status = llama_cpp.llama_model_quantize(
            os.fsencode(source), os.fsencode(target), ctypes.byref(params)
        )
    if status:
        raise UserError(
            f"{source.name} could not be quantised to {variant} (--model): {_reason(lines)}",
            fix="choose another variant, or check the file and the free space beside it",
        )


def _threads(asked: int | None) -> tuple[int, int]:
    """Threads for answer and prompt. An answer is bound by memory, and its threads wait for each
    other at every layer: half the processors are as fast and do not collapse beside a neighbour
    (two of two gave 3 tokens/s where one gave 66)."""
    if asked:
        return asked, asked
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, processors // 2), processors


def _gguf_file(spec: ModelSpec) -> Path:
    path = spec.path
    if path is None or not path.is_file():
        raise UserError(
            f"no model file {path or ''} (--model {spec.info.label})", fix="give an existing .gguf"
        )
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise UserError(
                f"{path.name} is not a GGUF file (--model {spec.info.label})",
                fix="delete it and fetch it again, or name another file",
            )
    return path


def _open_context(model: object, tokens: int, generating: int, reading: int) -> object:
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = params.n_batch = tokens
    params.n_outputs_max = 1  # only the last token's scores are ever read
    params.n_threads, params.n_threads_batch = generating, reading
    return llama_cpp.llama_init_from_model(model, params)


@contextmanager
def _errors() -> Iterator[list[str]]:
    """Keep llama.cpp silent, and what it says went wrong."""
    lines: list[str] = []

    @llama_cpp.llama_log_callback
    def keep(level: int, text: bytes, _: object) -> None:
        if level == _ERROR:
            lines.append(" ".join(text.decode("utf-8", "replace").split()))

    llama_cpp.llama_log_set(keep, None)
    try:
        yield lines
    finally:
        llama_cpp.llama_log_set(_SILENT, None)


def _reason(lines: list[str]) -> str:
    """The line that says why, without the name of the function that wrote it."""
    telling = [line for line in lines if "error loading model" in line] or lines
    return telling[0].rpartition("error loading model: ")[2] if telling else "no reason given"


_FIXES = (
    ("unknown model architecture", "a newer llama-cpp-python may know it"),
    ("alloc", "choose a smaller variant or a shorter context"),
)


def _unusable(path: Path, lines: list[str]) -> UserError:
    reason = _reason(lines)
    fix = "the file may be damaged or cut short: delete it and fetch it again"
    for sign, better in _FIXES:
        fix = better if sign in reason else fix
    return UserError(f"{path.name} cannot be loaded (--model): {reason}", fix=fix)


@contextmanager
def _sampler(sampling: Sampling) -> Iterator[object]:
    """Greedy, or plain sampling at a temperature from the seed."""
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    if sampling.temperature > 0:
        # 2**32 - 1 would mean a seed by chance
        links = (
            llama_cpp.llama_sampler_init_temp(sampling.temperature),
            llama_cpp.llama_sampler_init_dist(sampling.seed % (2**32 - 1)),
        )
    else:
        links = (llama_cpp.llama_sampler_init_greedy(),)
    for link in links:
        llama_cpp.llama_sampler_chain_add(chain, link)
    try:
        yield chain
    finally:
        llama_cpp.llama_sampler_free(chain)
