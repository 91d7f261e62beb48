"""Intervals by Student's t, against tables of its quantiles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from w2v.evaluation.statistics.student import mean_interval, student_interval, student_quantile


@pytest.mark.parametrize(("freedom", "quantile"), [
    (1, 12.7062), (2, 4.3027), (3, 3.1824), (5, 2.5706), (10, 2.2281), (19, 2.0930), (100, 1.9840), (math.inf, 1.96)])
def test_quantiles_are_those_of_the_table(freedom: float, quantile: float) -> None:
    assert student_quantile(freedom) == pytest.approx(quantile, rel=0.01 if freedom < 10 else 1e-4)


def test_an_interval_without_degrees_of_freedom_is_that_of_the_normal_distribution() -> None:
    assert student_interval(1.0, 0.5) == pytest.approx((0.02, 1.98), abs=1e-4)


@pytest.mark.parametrize("n", [2, 8, 500])
def test_the_interval_of_a_mean_holds_it_in_95_of_100_samples(n: int) -> None:
    rng = np.random.default_rng(n)
    found = [mean_interval(rng.normal(3.0, 2.0, n)) for _ in range(2000)]
    inside = np.mean([one is not None and one[0] <= 3.0 <= one[1] for one in found])
    assert 0.935 < inside < 0.965
    assert mean_interval(np.ones(1)) is None is mean_interval(np.ones(0))
