"""Concentration steps: which pairs are kept, and when they end."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.linear_map import LinearMap
from w2v.analysis.trimmed import agreeing


def scores_of(values: list[list[float]]) -> tuple[list[list[int]], np.ndarray]:
    """Return the pairs kept of a sequence of scores, one (n,) for each fit, and the numbers of pairs in each fit."""
    fits: list[np.ndarray] = []

    def fit(chosen: np.ndarray) -> LinearMap:
        fits.append(chosen)
        return LinearMap(np.eye(1, dtype=np.float32))

    kept = agreeing(fit, lambda change: np.array(values[len(fits) - 1]), 4, 2, len(values))
    return [one.tolist() for one in fits], kept


def test_pairs_with_the_highest_cosines_are_fitted_again() -> None:
    fits, kept = scores_of([[0.1, 0.9, 0.8, 0.0], [0.9, 0.5, 0.1, 0.8]])
    assert fits == [[0, 1, 2, 3], [1, 2]] and kept.tolist() == [0, 3]


def test_steps_end_when_the_pairs_stay_the_same() -> None:
    fits, kept = scores_of([[0.1, 0.9, 0.8, 0.0]] * 5)
    assert fits == [[0, 1, 2, 3], [1, 2]] and kept.tolist() == [1, 2]


def test_of_equal_pairs_the_first_are_kept() -> None:
    assert scores_of([[0.5, 0.5, 0.5, 0.5]])[1].tolist() == [0, 1]


@pytest.mark.parametrize("kept", [4, 9])
def test_all_pairs_need_no_fit(kept: int) -> None:
    def fit(chosen: np.ndarray) -> LinearMap:
        raise AssertionError

    assert agreeing(fit, lambda change: np.zeros(4), 4, kept, 3).tolist() == [0, 1, 2, 3]
