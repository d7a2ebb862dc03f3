"""Draws the same way in every version of Python. Knows nothing of what is drawn.

Of `random` only `Random(seed).random()` is used: that alone is promised to give the same numbers.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """What is drawn, all of it from one stream of numbers."""

    def __init__(self, seed: int) -> None:
        self._stream = random.Random(seed)  # noqa: S311  data, no secret

    def below(self, end: int) -> int:
        """A number from 0 up to, not including, ``end``."""
        return int(self._stream.random() * end)

    def between(self, first: int, last: int) -> int:
        """A number from first to last, both included."""
        return first + self.below(last - first + 1)

    def percent(self, share: int) -> bool:
        """True as often as that, out of a hundred times."""
        return self.below(100) < share

    def pick(self, items: list[T]) -> T:
        """One of them."""
        return items[self.below(len(items))]

    def some(self, items: list[T], count: int) -> list[T]:
        """That many different ones, or all, in the order drawn."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]

    def day(self, first: date, last: date) -> date:
        """A day from first to last."""
        return first + timedelta(days=self.between(0, (last - first).days))
