"""The few statistics that reports need, over scipy where it has them.

Knows nothing of cases or models.
"""

from __future__ import annotations

from math import comb, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def wilson(hits: float, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval of a proportion, both ends in 0 to 1; (0, 1) without trials.

    ``hits`` need not be whole, which scipy asks for: where every trial is the mean of several
    samples it is not. Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212."""
    if trials == 0:
        return 0.0, 1.0
    share = hits / trials
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    centre = share + z * z / (2 * trials)
    half = z * sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    scale = 1 + z * z / trials
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The quantile by linear interpolation between order statistics; None of no values."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def mcnemar(gained: int, lost: int) -> float:
    """Exact two-sided p-value that two models are right equally often, from the cases on which
    exactly one of them is; 1 where there is none.

    Source: Q. McNemar, Psychometrika 12 (1947) 153-157, in its exact form: a binomial test of the
    discordant pairs against one half."""
    if gained + lost == 0:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(gained, gained + lost, 0.5).pvalue)


def correlation(truths: Sequence[bool], values: Sequence[float]) -> float | None:
    """The point-biserial correlation of a yes-or-no with a number, -1 to 1, as scipy computes it;
    None where either does not vary."""
    if len(set(truths)) < 2 or len(set(values)) < 2:  # noqa: PLR2004 to vary takes two
        return None
    from scipy.stats import pointbiserialr

    return float(pointbiserialr(truths, values).statistic)


def pass_at(k: int, samples: int, passed: int) -> float:
    """The unbiased estimate that at least one of ``k`` samples passes, from ``passed`` of
    ``samples``; ValueError for more than there are.

    Source: M. Chen et al., arXiv:2107.03374 (2021), section 2.1."""
    if not 0 < k <= samples:
        raise ValueError(f"pass@{k} of {samples} samples")
    return 1.0 - comb(samples - passed, k) / comb(samples, k)
