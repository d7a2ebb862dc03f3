"""Intervals and quantiles."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_cypherbench.stats import quantile, wilson


def test_wilson_matches_the_formula() -> None:
    """Centre and half-width of Wilson's score interval for 7 of 40, z = 1.959964."""
    z, n, p = 1.959963984540054, 40, 7 / 40
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * ((p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5)
    assert wilson(7, 40) == pytest.approx((centre - half, centre + half))


@pytest.mark.parametrize(("hits", "total"), [(0, 40), (40, 40)])
def test_wilson_never_leaves_the_unit_interval(hits: int, total: int) -> None:
    """At the ends it stays within 0 and 1 and is not a point."""
    low, high = wilson(hits, total)
    assert 0 <= low < high <= 1
    assert high - low > 0.05


def test_wilson_of_nothing_is_everything() -> None:
    """No case judged means nothing known."""
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_the_half_quantile_is_the_median(values: list[float]) -> None:
    """quantile(…, 0.5) is the median of the same values."""
    assert quantile(values, 0.5) == pytest.approx(statistics.median(values))


def test_quantile_interpolates_and_knows_nothing_of_nothing() -> None:
    """p95 of 1..101 is 96; of no value it is None."""
    assert quantile(list(range(1, 102)), 0.95) == pytest.approx(96)
    assert quantile([], 0.5) is None
