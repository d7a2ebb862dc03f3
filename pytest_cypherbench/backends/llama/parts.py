"""The parts of llama.cpp that a backend is made of, and one line for whatever fails in them.

Knows nothing of prompts or answers. Does not protect from a file made to attack llama.cpp's reader.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_cypherbench.backends.threads import processors
from pytest_cypherbench.backends.variants import GGUF_TYPES
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.registry import unknown

# llama.cpp's threads meet several times in every layer. Where they spin while they wait, as OpenMP
# lets them for long, a busy neighbour all but stops an answer by two threads (1 token/s); where
# they sleep at once, two are slower than one. A thousand turns, then sleep, keep the best of both:
# 105 tokens/s on a quiet machine, 33 beside a neighbour (asleep at once: 45 and 51). libgomp reads
# this when it is loaded; what the user has chosen stays.
if not os.environ.keys() & {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}:
    os.environ["GOMP_SPINCOUNT"] = "1000"
import llama_cpp  # noqa: TID253  # the one module that loads it

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_cypherbench.flow import Sampling

__all__ = [
    "OUTPUTS",
    "llama_cpp",
    "open_context",
    "open_model",
    "quantise",
    "sampler_of",
    "threads_for",
]

# How many tokens of a batch may keep their scores: an answer needs the last one's, and to score a
# text this many at a time is fast enough. Memory is set aside for each (600 KB in Qwen2.5).
OUTPUTS = 64
_WRITERS = 8
_ERROR = 4  # of ggml's log levels; 5 continues a line
_SILENT = llama_cpp.llama_log_callback(lambda *_: None)  # llama.cpp keeps only a bare pointer to it
_DAMAGED = "it may be damaged or cut short: delete it and fetch it again"
_FIXES = (
    ("unknown model architecture", "a newer llama-cpp-python may know it"),
    ("alloc", "choose a smaller variant or a shorter context"),
)


def open_model(path: Path, *, words_only: bool = False) -> object:
    """llama.cpp's model, or its vocabulary alone, to be freed by the caller. UserError for a file
    that holds none."""
    if not path.is_file():
        raise UserError(f"no model file {path} (--model)", fix="give the path of a .gguf file")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise UserError(f"{path.name} is not a GGUF file (--model)", fix=_DAMAGED)
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = words_only
    with _errors() as lines:
        model = llama_cpp.llama_model_load_from_file(os.fsencode(path), params)
    if not model:
        raise _unusable(path, lines)
    return model


def open_context(path: Path, model: object, tokens: int, threads: tuple[int, int]) -> object:
    """A context of so many tokens, with threads for answer and prompt; the caller frees it."""
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = params.n_batch = tokens
    params.n_outputs_max = OUTPUTS
    params.n_threads, params.n_threads_batch = threads
    with _errors() as lines:
        context = llama_cpp.llama_init_from_model(model, params)
    if not context:
        raise _unusable(path, lines)
    if not llama_cpp.llama_get_memory(context):
        llama_cpp.llama_free(context)
        raise UserError(f"{path.name} writes no text (--model)", fix="choose a chat model")
    return context


def quantise(source: Path, target: Path, variant: str) -> None:
    """Write ``source`` as another type, from whatever precision it has.

    Raises UserError for a type that does not exist and a file that cannot be converted or written.
    """
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


@contextmanager
def _errors() -> Iterator[list[str]]:
    """Keep llama.cpp silent, and what it says went wrong."""
    lines: list[str] = []

    def keep(level: int, text: bytes, _: object) -> None:
        if level == _ERROR:
            lines.append(" ".join(text.decode("utf-8", "replace").split()))

    callback = llama_cpp.llama_log_callback(keep)
    llama_cpp.llama_log_set(callback, None)
    try:
        yield lines
    finally:
        llama_cpp.llama_log_set(_SILENT, None)


def _reason(lines: list[str]) -> str:
    """The line that says why, without the name of the function that wrote it."""
    telling = [line for line in lines if "error loading model" in line] or lines
    return telling[0].rpartition("error loading model: ")[2] if telling else "no reason given"


def _unusable(path: Path, lines: list[str]) -> UserError:
    reason = _reason(lines)
    fixes = [fix for sign, fix in _FIXES if sign in reason]
    return UserError(f"{path.name} cannot be loaded (--model): {reason}", fix=(*fixes, _DAMAGED)[0])


def threads_for(asked: int | None) -> tuple[int, int]:
    """Threads for answer and prompt: every processor reads a prompt, up to eight write an answer,
    which memory soon limits (two write 105 tokens/s, one 70, on two processors)."""
    if asked:
        return asked, asked
    return min(processors(), _WRITERS), processors()


@contextmanager
def sampler_of(sampling: Sampling) -> Iterator[object]:
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
