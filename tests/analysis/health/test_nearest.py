"""k-occurrences and intrinsic dimension against plain computations."""

import numpy as np
import pytest
from helpers.spaces import gaussian, rotation

from w2v.analysis.health.nearest import Nearest, skewness, two_nn


def units(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def plain_two_nn(vectors):
    """Facco et al. 2017, in float64, with all distances."""
    vectors = np.asarray(vectors, dtype=np.float64)
    distances = np.sort(np.linalg.norm(vectors[:, None] - vectors[None], axis=2), axis=1)
    ratios = np.sort(distances[:, 2] / distances[:, 1])
    n = len(ratios)
    kept = int(0.9 * n)
    x, y = np.log(ratios[:kept]), -np.log(1 - np.arange(kept) / n)
    return np.linalg.lstsq(x[:, None], y, rcond=None)[0][0]


def test_neighbours_and_occurrences_equal_a_full_sort():
    vectors = units(gaussian(120, 6))
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    expected = np.argsort(-cosines, axis=1)[:, :10]
    near = Nearest(vectors)
    assert (near.found == expected).all()
    assert (near.occurrences == np.bincount(expected.ravel(), minlength=120)).all()
    assert near.cosines == pytest.approx(cosines.max(axis=1), abs=1e-6)


@pytest.mark.parametrize("dim", [2, 5, 20])
def test_intrinsic_dimension_equals_a_plain_computation(dim):
    vectors = units(gaussian(300, dim))
    assert two_nn(Nearest(vectors).ratios) == pytest.approx(plain_two_nn(vectors), rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("dim", [2, 3, 5])
def test_intrinsic_dimension_of_a_subspace_is_known(dim):
    """Unit vectors of a subspace of dim + 1 dimensions lie on a sphere of dim dimensions."""
    vectors = gaussian(4000, dim + 1) @ rotation(40)[:dim + 1]
    assert two_nn(Nearest(units(vectors)).ratios) == pytest.approx(dim, rel=0.08)


@pytest.mark.parametrize("scale", [1e-2, 1e-4, 1e-5])
def test_small_distances_are_not_lost_in_rounding(scale):
    """Neighbours at distances whose cosines are 1 in float32."""
    centre = np.zeros(8)
    centre[0] = 1
    vectors = units(centre + scale * np.pad(gaussian(300, 3), ((0, 0), (1, 4))))
    distances = Nearest(vectors).distances[:, 0]
    plain = np.sort(np.linalg.norm(vectors[:, None].astype(float) - vectors[None], axis=2), axis=1)[:, 1]
    assert distances == pytest.approx(plain, rel=2e-3, abs=1e-9)


def test_equal_vectors_have_no_ratio():
    vectors = units(np.tile(gaussian(10, 4), (2, 1)))
    assert len(Nearest(vectors).ratios) == 0
    assert np.isnan(two_nn(np.empty(0))) and np.isnan(two_nn(np.ones(20)))


@pytest.mark.parametrize("values", [[1, 2, 3, 10], [0, 0, 0, 5], [3, 3, 3, 3]])
def test_skewness(values):
    x = np.array(values, dtype=float)
    spread = x.std()
    expected = ((x - x.mean()) ** 3).mean() / spread ** 3 if spread else 0
    assert skewness(np.array(values)) == pytest.approx(expected)


def test_skewness_of_a_resample_is_that_of_its_values():
    values, counts = np.array([1, 5, 2, 8]), np.array([2.0, 0, 1, 3])
    assert skewness(values, counts) == pytest.approx(skewness(np.array([1, 1, 2, 8, 8, 8])))
