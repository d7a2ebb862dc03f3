"""A model's scores for what comes next: the token that they choose, and how likely one is.

Knows nothing of models. Scores are one row of numbers, a token each, as numpy has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np  # noqa: TID253  # every runtime brings it

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from pytest_cypherbench.flow import Sampling

    Scores: TypeAlias = npt.NDArray[np.float32]
    Pick: TypeAlias = Callable[[Scores], int]


def picker_of(sampling: Sampling) -> Pick:
    """Scores → the next token: the likeliest, or drawn at a temperature.

    Draws are made by a generator of this answer's own, so that the seed alone decides.
    """
    if sampling.temperature <= 0:
        return lambda scores: int(scores.argmax())
    generator = np.random.default_rng(sampling.seed)

    def draw(scores: Scores) -> int:
        chances = np.exp(_log_softmax(scores / sampling.temperature))
        return int(generator.choice(chances.size, p=chances / chances.sum()))

    return draw


def log_probability(scores: Scores, token: int) -> float:
    """The natural logarithm of a token's probability, by softmax."""
    return float(_log_softmax(scores)[token])


def _log_softmax(scores: Scores) -> npt.NDArray[np.float64]:
    shifted = scores.astype(np.float64) - scores.max()
    found: npt.NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum())
    return found
