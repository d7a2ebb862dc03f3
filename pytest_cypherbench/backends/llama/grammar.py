"""Answers of llama.cpp kept to a grammar.

Knows nothing of what the grammar says. The sampler chooses first and the grammar is asked then:
most of what a model wants is allowed, while to ask for every token of the vocabulary takes
llama.cpp up to seconds where much is. What is refused cannot be chosen again, which leaves to all
other tokens the chances that they have among those that the grammar allows.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  # llama_cpp brings it

from pytest_cypherbench.backends.llama.parts import llama_cpp
from pytest_cypherbench.errors import SuiteError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# So many tokens are asked for one by one; then the likeliest ones at once, and ever more of them.
_SINGLY = 4
_BLOCK = 256


class Grammar:
    """A grammar that llama.cpp has read. Raises UserError for one that it cannot read."""

    def __init__(self, model: object, text: str) -> None:
        self.text = text
        vocabulary = llama_cpp.llama_model_get_vocab(model)
        self.count = int(llama_cpp.llama_vocab_n_tokens(vocabulary))
        self._start = llama_cpp.llama_sampler_init_grammar(vocabulary, text.encode(), b"root")
        if not self._start:
            raise UserError(
                "llama.cpp cannot read the grammar (--constrain)",
                fix="leave --constrain out, or try another release of llama-cpp-python",
            )

    @contextmanager
    def place(self) -> Iterator[object]:
        """The beginning of a sentence, from where to go on token by token."""
        place = llama_cpp.llama_sampler_clone(self._start)
        try:
            yield place
        finally:
            llama_cpp.llama_sampler_free(place)

    def close(self) -> None:
        """Free it; harmless when called twice."""
        if self._start:
            llama_cpp.llama_sampler_free(self._start)
        self._start = None


@contextmanager
def picker_of(
    sampler: object, context: object, grammar: Grammar | None
) -> Iterator[Callable[[], int]]:
    """What chooses the token behind the last that was evaluated, from the beginning of an answer.

    It raises SuiteError where the grammar allows no token of the model."""
    sample = partial(llama_cpp.llama_sampler_sample, sampler, context, -1)
    if grammar is None:
        yield sample
        return
    with grammar.place() as place:
        yield partial(_pick, sample, context, place, grammar.count)


def _pick(sample: Callable[[], int], context: object, place: object, count: int) -> int:
    pointer = llama_cpp.llama_get_logits_ith(context, -1)
    scores = np.ctypeslib.as_array(pointer, (count,))
    refused = 0
    while not _allowed(place, [token := sample()])[0]:
        scores[token] = -np.inf
        refused += 1
        if refused > _SINGLY:
            size = min(count, _BLOCK * 4 ** (refused - _SINGLY - 1))
            likeliest = np.argpartition(scores, count - size)[count - size :]
            scores[likeliest[~_allowed(place, likeliest)]] = -np.inf
            if not np.isfinite(scores).any():
                raise SuiteError(
                    "no token of the model continues the answer by the grammar (--constrain)"
                )
    llama_cpp.llama_sampler_accept(place, token)
    return token


def _allowed(place: object, tokens: Sequence[int] | np.ndarray) -> np.ndarray:
    """Which of the tokens may come next."""
    data = (llama_cpp.llama_token_data * len(tokens))()
    view = np.ctypeslib.as_array(data)
    view["id"], view["logit"] = tokens, 0.0
    start = ctypes.cast(data, ctypes.POINTER(llama_cpp.llama_token_data))
    array = llama_cpp.llama_token_data_array(data=start, size=len(tokens), selected=-1)
    llama_cpp.llama_sampler_apply(place, ctypes.byref(array))
    return np.asarray(view["logit"] == 0.0)
