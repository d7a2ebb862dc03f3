"""Intervals and quantiles."""

from __future__ import annotations

import statistics
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from pytest_cypherbench.stats import mcnemar, pass_at, quantile, wilson


@given(st.integers(1, 500), st.data())
def test_wilson_is_the_interval_of_scipy(trials: int, data: st.DataObject) -> None:
    """For whole numbers it is what scipy computes."""
    hits = data.draw(st.integers(0, trials))
    found = binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    assert wilson(hits, trials) == pytest.approx((found.low, found.high), abs=1e-12)


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


def test_mcnemar_is_the_binomial_test_of_the_flips() -> None:
    """1 of 9 flips the other way: p = 2 · (1 + 9) / 2⁹; without flips nothing is known."""
    assert mcnemar(1, 8) == mcnemar(8, 1) == pytest.approx(20 / 512)
    assert mcnemar(0, 0) == 1.0


@given(st.integers(1, 8), st.data())
def test_pass_at_k_is_the_mean_over_all_choices(samples: int, data: st.DataObject) -> None:
    """The estimate is the share of all choices of k samples in which one passes."""
    passed = data.draw(st.integers(0, samples))
    k = data.draw(st.integers(1, samples))
    choices = list(combinations([True] * passed + [False] * (samples - passed), k))
    expected = sum(map(any, choices)) / len(choices)
    assert pass_at(k, samples, passed) == pytest.approx(expected)


@pytest.mark.parametrize("k", [0, 4])
def test_pass_at_more_than_there_are_is_an_error(k: int) -> None:
    """pass@4 of three samples cannot be estimated."""
    with pytest.raises(ValueError, match=f"pass@{k} of 3 samples"):
        pass_at(k, 3, 1)
