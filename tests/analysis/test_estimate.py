"""Estimates of several means over the same items."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.estimate import LARGE, Estimate


@pytest.mark.parametrize("draws", [0, 500])
@pytest.mark.parametrize("n", [1, 200])
def test_means_of_rows_are_those_of_each_row(n: int, draws: int) -> None:
    values = np.random.default_rng(1).normal(size=(3, n)) + np.array([[0.0], [1.0], [5.0]])
    found = Estimate.means(values, chance=[0.1, None, 0.3], draws=draws, seed=2)
    assert [one.chance for one in found] == [0.1, None, 0.3]
    for one, row in zip(found, values, strict=True):
        alone = Estimate.mean(row, draws=draws, seed=2)
        assert one.value == pytest.approx(alone.value)
        assert (one.interval is None) == (alone.interval is None) == (n == 1 or not draws)
        if one.interval is not None and alone.interval is not None:
            np.testing.assert_allclose(one.interval, alone.interval, atol=1e-9)


@pytest.mark.parametrize("n", [LARGE, LARGE + 1])
def test_the_interval_of_many_values_is_that_of_the_bootstrap(n: int) -> None:
    values = np.random.default_rng(3).exponential(size=(2, n))
    values[0, 5] = np.nan
    error = np.nanstd(values[0], ddof=1) / np.sqrt(n)
    for found in (Estimate.mean(values[0], draws=500), *Estimate.means(values[1:], chance=[None], draws=500)):
        assert found.interval is not None
        low, high = found.interval
        assert [low - found.value, high - found.value] == pytest.approx([-1.96 * error, 1.96 * error], rel=0.15)
    assert Estimate.mean(values[0], draws=0).interval is None


def test_many_values_need_no_draws() -> None:
    values = np.random.default_rng(3).normal(size=5_000_000)
    assert Estimate.mean(values).interval == Estimate.mean(values, draws=1, seed=9).interval
