"""A family of query patterns: one skeleton, or a few close ones, with its tags and difficulty.

Knows nothing of which families there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.pairs.draw import Draft, Draw


@dataclass(frozen=True, slots=True)
class Family:
    """``make`` raises Impossible where the domain has nothing to make the pattern of."""

    name: str
    make: Callable[[Draw], Draft]
    difficulty: int
    tags: tuple[str, ...]
