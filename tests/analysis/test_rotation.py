"""Orthogonal Procrustes against SciPy; with means; between different dimensions."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.rotated_spaces import clustered, random_rotation, vectors

from w2v.analysis.rotation import cross_moment, fit_centred, fit_rotation, paired_cosines


def unit(rows: np.ndarray) -> np.ndarray:
    rows = rows.astype(np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize(("n", "d"), [(50, 3), (400, 20), (30, 25)])
def test_rotation_is_that_of_scipy(n: int, d: int) -> None:
    linalg = pytest.importorskip("scipy.linalg")
    a, b = clustered(n, d, 1), clustered(n, d, 2)
    rows = np.random.default_rng(3).permutation(n)[: n - 2]
    found = fit_rotation(vectors(a), rows, vectors(b), rows[::-1]).matrix
    expected, _ = linalg.orthogonal_procrustes(unit(a[rows]), unit(b[rows[::-1]]))
    assert np.abs(found - expected).max() < 1e-5


@pytest.mark.parametrize("d", [2, 10, 60])
def test_rotation_is_found_back_and_is_orthogonal(d: int) -> None:
    a, rotation, rows = clustered(200, d, 4), random_rotation(d, 5), np.arange(200)
    found = fit_rotation(vectors(a), rows, vectors(a @ rotation), rows)
    assert np.abs(found.matrix - rotation).max() < 1e-5 and found.keeps_products
    assert np.allclose(found.matrix.T @ found.matrix, np.eye(d), atol=1e-6)


def test_means_are_subtracted_before_vectors_are_scaled() -> None:
    a, b, rows = clustered(90, 4, 1), clustered(90, 5, 2), np.arange(90)
    means = a.mean(axis=0), b.mean(axis=0)
    expected = unit(a - means[0]).T @ unit(b - means[1])
    assert np.allclose(cross_moment(vectors(a), rows, vectors(b), rows, means=means), expected, atol=1e-4)


@pytest.mark.parametrize(("scale", "seed"), [(1.0, 1), (0.2, 2), (40.0, 3)])
def test_centred_fit_finds_a_similarity_back(scale: float, seed: int) -> None:
    """A rotated, scaled and moved copy is mapped onto the original; without the means it is not."""
    a, rows = clustered(150, 8, seed), np.arange(150)
    b = scale * a @ random_rotation(8, seed + 10) + np.random.default_rng(seed).normal(size=8) * 5 * scale
    old, new = vectors(a), vectors(b)
    found = fit_centred(old, rows, new, rows)
    assert np.allclose(found(a), b, atol=1e-3 * scale) and not found.keeps_products
    assert paired_cosines(old, rows, new, rows, fit_rotation(old, rows, new, rows)).mean() < 0.99


def test_centred_fit_of_equal_vectors_has_no_scale() -> None:
    """All vectors are their mean: there is nothing to divide by."""
    same = vectors(np.ones((4, 3)))
    found = fit_centred(same, np.arange(4), vectors(clustered(4, 3, 1)), np.arange(4))
    assert np.isfinite(found.matrix).all() and np.isfinite(found(np.ones((1, 3), dtype=np.float32))).all()


@pytest.mark.parametrize(("d", "e"), [(3, 7), (7, 3)])
def test_map_between_dimensions_has_orthonormal_rows_or_columns(d: int, e: int) -> None:
    """With more dimensions in the target, A is embedded without loss."""
    a, rows = clustered(100, d, 6), np.arange(100)
    b = a @ random_rotation(max(d, e), 7)[:d, :e]
    found = fit_rotation(vectors(a), rows, vectors(b), rows)
    small = found.matrix @ found.matrix.T if d < e else found.matrix.T @ found.matrix
    assert found.matrix.shape == (d, e) and np.allclose(small, np.eye(min(d, e)), atol=1e-6) and not found.is_rotation
    assert (np.abs(found(a) - b).max() < 1e-4) == (d < e)
