"""Correlations: against values computed by hand."""

from __future__ import annotations

import math

import pytest

from w2v.evaluation.statistics.correlation import average_ranks, p_value, pearson, spearman


def test_average_ranks_share_ties() -> None:
    assert average_ranks([10, 30, 20, 20, 10, 20]).tolist() == [1.5, 6, 4, 4, 1.5, 4]


def test_spearman_with_ties_is_the_hand_computed_value() -> None:
    # x ranks 1, 2.5, 2.5, 4; y ranks 1, 3, 2, 4: covariance 4.5, variances 4.5 and 5 -> 4.5 / sqrt(22.5)
    assert spearman([1, 2, 2, 3], [10, 30, 20, 40]) == pytest.approx(4.5 / math.sqrt(22.5), abs=1e-15)
    assert spearman([1, 2, 3], [1, 8, 27]) == 1
    assert spearman([1, 2, 3], [3, 2, 1]) == -1


@pytest.mark.parametrize(("x", "y"), [([], []), ([1], [2]), ([1, 1, 1], [1, 2, 3])])
def test_correlation_that_is_not_defined_is_none(x: list, y: list) -> None:
    assert spearman(x, y) is None and pearson(x, y) is None


def test_p_value_falls_with_correlation_and_pairs() -> None:
    assert p_value(0.0, 100) == 1 and math.isnan(p_value(0.5, 3)) and p_value(1.0, 9) == 0
    # Fisher: atanh(0.5) * sqrt(97) = 5.41 standard errors
    assert p_value(0.5, 100) == pytest.approx(6.3e-8, rel=0.02)
    assert p_value(0.5, 50) > p_value(0.5, 100)
