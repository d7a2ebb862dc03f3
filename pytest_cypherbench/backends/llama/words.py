"""The tokens of a GGUF file, as llama.cpp reads and writes them.

Knows nothing of prompts, weights or answers.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_cypherbench.backends.llama.parts import llama_cpp, open_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MARKERS = True  # an argument of a foreign function, which takes no keywords


class Vocabulary:
    """A model's tokens. ``markers`` such as <|im_end|> are tokens of their own, or plain text."""

    def __init__(self, model: object) -> None:
        self._vocabulary = llama_cpp.llama_model_get_vocab(model)
        self.count = int(llama_cpp.llama_vocab_n_tokens(self._vocabulary))
        self.bos = self._text(llama_cpp.llama_vocab_bos(self._vocabulary))
        self.eos = self._text(llama_cpp.llama_vocab_eos(self._vocabulary))

    def encode(self, text: str, *, markers: bool, starts: bool = False) -> list[int]:
        """Token ids; ``starts``: begin with BOS if this model wants one."""
        data = text.encode("utf-8", "replace")
        size = len(data) + 8
        array = (llama_cpp.llama_token * size)()
        count = llama_cpp.llama_tokenize(
            self._vocabulary, data, len(data), array, size, starts, markers
        )
        return list(array[:count])

    def holds_markers(self, text: str) -> bool:
        """Whether a text from outside would be read as more than plain text."""
        return self.encode(text, markers=True) != self.encode(text, markers=False)

    def ends(self, token: int) -> bool:
        """Whether the token ends an answer."""
        return bool(llama_cpp.llama_vocab_is_eog(self._vocabulary, token))

    def piece(self, token: int, size: int = 64) -> bytes:
        """The token's bytes, which need not be whole characters; a marker's are its name."""
        buffer = ctypes.create_string_buffer(size)
        used = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, _MARKERS)
        return buffer.raw[:used] if used >= 0 else self.piece(token, -used)

    def _text(self, token: int) -> str:
        return self.piece(token).decode("utf-8", "replace") if token >= 0 else ""


@contextmanager
def opened_vocabulary(path: Path) -> Iterator[Vocabulary]:
    """The vocabulary of a file, without its weights."""
    model = open_model(path, words_only=True)
    try:
        yield Vocabulary(model)
    finally:
        llama_cpp.llama_model_free(model)
