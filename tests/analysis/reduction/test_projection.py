"""Random matrices, and the bound of Johnson and Lindenstrauss."""

from __future__ import annotations

import math

import numpy as np
import pytest

from w2v.analysis.reduction.projection import MATRICES, bound_dim, bound_eps, random_matrix


@pytest.mark.parametrize("kind", MATRICES)
def test_matrix_keeps_squared_lengths_in_the_mean(kind: str) -> None:
    matrix = random_matrix(400, 100, kind, 1) * math.sqrt(100)
    assert matrix.dtype == np.float32 and matrix.shape == (400, 100)
    assert matrix.mean() == pytest.approx(0, abs=0.03) and (matrix ** 2).mean() == pytest.approx(1, abs=0.03)


def test_matrices_of_coins_have_their_values() -> None:
    rademacher, achlioptas = (random_matrix(300, 60, kind, 2) * math.sqrt(60) for kind in MATRICES[1:])
    assert set(np.round(rademacher.ravel(), 4)) == {-1.0, 1.0}
    values, counts = np.unique(np.round(achlioptas, 4), return_counts=True)
    np.testing.assert_allclose(values, [-math.sqrt(3), 0, math.sqrt(3)], atol=1e-3)
    np.testing.assert_allclose(counts / counts.sum(), [1 / 6, 2 / 3, 1 / 6], atol=0.02)


def test_seed_decides_the_matrix() -> None:
    first, same, other = (random_matrix(20, 5, "gaussian", seed) for seed in (1, 1, 2))
    assert np.array_equal(first, same) and not np.array_equal(first, other)


@pytest.mark.parametrize(("words", "eps"), [(100, 0.3), (74_000, 0.5), (10 ** 7, 0.1), (2, 0.9)])
def test_bound_is_the_formula_and_its_inverse(words: int, eps: float) -> None:
    k = bound_dim(words, eps)
    needed = 4 * math.log(words) / (eps ** 2 / 2 - eps ** 3 / 3)
    assert k == math.ceil(needed)
    found = bound_eps(words, k)
    assert found is not None and found <= eps and bound_dim(words, found * (1 + 1e-9)) <= k


def test_too_few_dimensions_guarantee_nothing() -> None:
    words = 74_000
    least = math.ceil(24 * math.log(words))
    assert bound_eps(words, least - 1) is None and bound_eps(words, least) is not None
    assert bound_dim(1, 0.5) == 1 and bound_eps(1, 1) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", MATRICES)
@pytest.mark.parametrize(("words", "eps"), [(30, 0.3), (60, 0.5), (100, 0.8)])
def test_bound_holds_for_all_pairs_of_random_vectors(words: int, eps: float, kind: str) -> None:
    rows = np.random.default_rng(words).normal(size=(words, 500))
    image = rows @ random_matrix(500, bound_dim(words, eps), kind, 3)
    i, j = np.triu_indices(words, 1)
    ratios = ((image[i] - image[j]) ** 2).sum(axis=1) / ((rows[i] - rows[j]) ** 2).sum(axis=1)
    assert len(ratios) > 400 and (np.abs(ratios - 1) <= eps).all()
