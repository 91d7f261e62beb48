"""Medians and spreads in windows of frequency."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.differences.windows import usual


@pytest.mark.parametrize("m", [1, 50, 199, 200, 201, 5000, 30_000])
def test_middle_and_spread_follow_the_frequency(m: int) -> None:
    rng = np.random.default_rng(m)
    places = np.arange(m)
    level, width = np.linspace(1, 2, m), np.linspace(0.1, 0.3, m)
    middle, spread = usual(level + width * rng.normal(size=m), places, 1e-9).at(places)
    if m >= 5000:
        assert np.abs(middle - level).max() < 0.15 and np.abs(spread / width - 1).max() < 0.5
        assert np.abs(middle - level).mean() < 0.02 and np.abs(spread / width - 1).mean() < 0.1
    assert middle.shape == spread.shape == (m,) and (spread > 0).all()


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_words_that_moved_far_do_not_change_what_is_usual(share: float) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=2000)
    values[:int(100 * share)] = 1000
    values[1500:1500 + int(500 * share)] = -1000
    middle, spread = usual(values, np.arange(2000), 1e-9).at(np.arange(2000))
    assert np.abs(middle).max() < 0.8 and spread.max() < 2.5


def test_exact_values_of_one_window() -> None:
    values = np.array([[1.0, 2.0, 4.0, np.nan, 8.0]])
    found = usual(values, np.arange(5), 0.0)
    assert found.middle.tolist() == [3.0] and found.spread.tolist() == [pytest.approx(1.4826 * 1.5)]
    assert usual(np.ones(5), np.arange(5), 0.25).spread.tolist() == [0.25]
    assert np.isnan(usual(np.full(3, np.nan), np.arange(3), 0.1).at(np.arange(3))[0]).all()


def test_places_of_a_sample_are_those_of_the_words() -> None:
    places = np.arange(0, 100_000, 50)
    middle, _ = usual(places / 100_000, places, 1e-9).at(np.array([5000, 40_000, 85_000]))
    assert middle == pytest.approx([0.05, 0.4, 0.85], abs=0.01)
