"""p values of moves between texts against runs of one text."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest

from w2v.analysis.differences.null import _difference, _divisions, excess, run_pairs
from w2v.evaluation.statistics.significance import benjamini_hochberg


def similarity(n_old: int, n_new: int, m: int, shifted: int, seed: int = 0, distance: float = 3.0) -> np.ndarray:
    """(pairs, m) minus the squared distances of runs in 5 dimensions; the first words differ between the texts."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n_old + n_new, m, 5)) * np.linspace(0.5, 2, m)[:, None]
    points[n_old:, :shifted, 0] += distance
    return np.stack([-((points[i] - points[j]) ** 2).sum(axis=1) for i, j in run_pairs(n_old, n_new)]).astype("f4")


RUNS = [(2, 1), (1, 2), (2, 2), (3, 2), (3, 3), (4, 4), (5, 1), (5, 5)]


@pytest.mark.parametrize("n_old, n_new", RUNS)
def test_p_is_uniform_if_nothing_moved(n_old: int, n_new: int) -> None:
    m = 4000
    found = excess(similarity(n_old, n_new, m, 0), n_old, n_new, np.arange(m), np.arange(m), 1e-9, 1)
    for level in (0.01, 0.05, 0.5):
        assert (found.p <= level).mean() == pytest.approx(level, rel=0.35)
    rare = found.p[3000:]
    assert (rare <= 0.05).mean() == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize("n_old, n_new", RUNS)
@pytest.mark.parametrize("shifted", [20, 3000])
def test_words_that_moved_are_significant_also_if_they_are_most_words(n_old: int, n_new: int, shifted: int) -> None:
    m = 4000
    pairs = similarity(n_old, n_new, m, shifted, distance=12)
    found = excess(pairs, n_old, n_new, np.arange(m), np.arange(m), 1e-9, 1)
    significant = benjamini_hochberg(found.p) <= 0.05
    assert significant[:shifted].mean() > 0.99
    assert significant[shifted:].sum() <= 0.06 * significant.sum() + 4  # the rate is that of many experiments


@pytest.mark.parametrize("n_old, n_new", RUNS)
def test_between_and_within_are_means_of_pairs(n_old: int, n_new: int) -> None:
    pairs = similarity(n_old, n_new, 300, 0)
    found = excess(pairs, n_old, n_new, np.arange(300), np.arange(300), 1e-9, 1)
    across = np.array([i < n_old <= j for i, j in run_pairs(n_old, n_new)])
    assert across.sum() == n_old * n_new
    assert found.between == pytest.approx(pairs[across].mean(axis=0), rel=1e-4)
    assert found.within == pytest.approx(pairs[~across].mean(axis=0), rel=1e-4)


@pytest.mark.parametrize("n_old, n_new", [*RUNS, (8, 8)])
def test_divisions_do_not_resemble_the_real_one(n_old: int, n_new: int) -> None:
    real, *others = _divisions(n_old, n_new, 1)
    assert real == frozenset(range(n_old)) and 1 <= len(others) <= 20 and len(set(others)) == len(others)
    n = n_old + n_new
    moved = np.array([i < n_old <= j for i, j in combinations(range(n), 2)], dtype="f4")
    for other in others:
        assert len(other) == n_old and other != real
        assert -(_difference(other, n) @ moved) <= 1e-6  # of a move between the texts it sees none
        assert n_old != n_new or 0 in other
    if comb(n, n_old) <= 20:
        assert _divisions(n_old, n_new, 2) == [real, *others]


def test_words_without_a_value_have_none() -> None:
    pairs = similarity(2, 2, 300, 0)
    pairs[:, 7] = np.nan
    found = excess(pairs, 2, 2, np.arange(300), np.arange(300), 1e-9, 1)
    assert np.isnan(found.p[7]) and np.isfinite(np.delete(found.p, 7)).all()
