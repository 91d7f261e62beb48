"""Estimates of several means over the same items."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.estimate import Estimate


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
