"""Models against the first of their run, over the cases that both were judged on.

Knows nothing of how it is shown. A difference of two rates says little where the same cases pass
and fail: what counts is on which cases exactly one of the two is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pytest_cypherbench.stats import mcnemar, quantile

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of every sample of every case that was judged: whether it passed, and the seconds of the answer.
Results: TypeAlias = "Mapping[tuple[str, int], tuple[bool, float | None]]"


@dataclass(frozen=True, slots=True)
class Pairing:
    """One model against another. ``gained``: cases that only this one passes, ``lost``: that only
    the other passes; ``p_value``: of as many by chance (exact McNemar), which is meant for one
    sample a case; ``slowdown``: the median over the cases of this one's seconds to the other's."""

    against: str
    cases: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    p_value: float
    slowdown: float | None


def pair(against: str, first: Results, second: Results) -> Pairing:
    """``second`` against ``first``."""
    gained: list[str] = []
    lost: list[str] = []
    ratios: list[float] = []
    common = [key for key in second if key in first]
    for key in common:
        (before, seconds_before), (after, seconds_after) = first[key], second[key]
        if before != after:
            (gained if after else lost).append(key[0])
        if seconds_before and seconds_after:
            ratios.append(seconds_after / seconds_before)
    return Pairing(
        against=against,
        cases=len(common),
        gained=tuple(gained),
        lost=tuple(lost),
        p_value=mcnemar(len(gained), len(lost)),
        slowdown=quantile(ratios, 0.5),
    )
