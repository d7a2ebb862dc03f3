"""GGUF files through llama.cpp: open, quantise, and say in one line why either failed.

Knows nothing of prompts or answers. Does not protect from a file made to attack llama.cpp's reader.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import llama_cpp  # noqa: TID253  # one adapter with gguf.py

from pytest_cypherbench.backends.variants import GGUF_TYPES
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ERROR = 4  # of ggml's log levels; 5 continues a line
_SILENT = llama_cpp.llama_log_callback(lambda *_: None)  # llama.cpp keeps only a bare pointer to it
_DAMAGED = "it may be damaged or cut short: delete it and fetch it again"
_FIXES = (
    ("unknown model architecture", "a newer llama-cpp-python may know it"),
    ("alloc", "choose a smaller variant or a shorter context"),
)


def open_model(path: Path) -> object:
    """llama.cpp's model, to be freed by the caller. UserError for a file that holds none."""
    if not path.is_file():
        raise UserError(f"no model file {path} (--model)", fix="give the path of a .gguf file")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise UserError(f"{path.name} is not a GGUF file (--model)", fix=_DAMAGED)
    with _errors() as lines:
        model = llama_cpp.llama_model_load_from_file(
            os.fsencode(path), llama_cpp.llama_model_default_params()
        )
    if not model:
        raise _unusable(path, lines)
    return model


def open_context(path: Path, model: object, tokens: int, threads: tuple[int, int]) -> object:
    """A context of so many tokens, with threads for answer and prompt; the caller frees it."""
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = params.n_batch = tokens
    params.n_outputs_max = 1  # only the last token's scores are ever read
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
