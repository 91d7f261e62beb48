"""Eigenvalues and eigenvectors of symmetric matrices against NumPy's."""

import numpy as np
import pytest

from w2v.training.rounds import _merge


def symmetric(eigenvalues, seed=1):
    """A matrix with these eigenvalues, and random eigenvectors."""
    n = len(eigenvalues)
    vectors = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))[0]
    matrix = (vectors * eigenvalues) @ vectors.T
    return (matrix + matrix.T) / 2


def random_matrix(n, seed=2):
    matrix = np.random.default_rng(seed).normal(size=(n, n))
    return matrix + matrix.T


CASES = {
    "1x1": np.array([[-3.0]]), "2x2": np.array([[2.0, -1.0], [-1.0, 0.5]]), "2x2 diagonal": np.diag([1.0, 2.0]),
    "3x3": random_matrix(3), "random": random_matrix(48), "d = 300": random_matrix(300),
    "zeros": np.zeros((16, 16)), "one": np.eye(32), "diagonal": np.diag(np.arange(20.0)),
    "rank 1": np.outer(np.arange(1.0, 33), np.arange(1.0, 33)), "padded": np.pad(random_matrix(20), (0, 12)),
    "repeated": symmetric([5.0] * 10 + [1.0] * 20 + [0.0] * 10),
    "nearly repeated": symmetric(1 + 1e-13 * np.arange(30)),
    "steep": symmetric(10.0 ** -np.arange(0, 30, 0.5)), "small": 1e-150 * random_matrix(16),
    "large": 1e150 * random_matrix(16), "apart": np.kron(np.eye(4), random_matrix(4)),
    "moment": np.cov(np.random.default_rng(5).normal(size=(112, 500))),
    "tridiagonal": np.diag(np.ones(20)) + np.diag(np.ones(19), 1) + np.diag(np.ones(19), -1),
}


@pytest.mark.parametrize("case", [pytest.param(case, marks=pytest.mark.slow if case == "d = 300" else ())
                                  for case in CASES])
def test_eigenvalues_and_vectors_are_those_of_numpy(case):
    matrix = CASES[case]
    before, size = matrix.copy(), max(np.abs(matrix).max(), 1e-300)
    values, vectors = _merge.eigen(matrix)
    n = len(matrix)
    assert np.array_equal(matrix, before), "the matrix was changed"
    assert np.all(np.diff(values) <= 0), "largest first"
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix)[::-1], atol=4e-15 * n * size)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(n), atol=2e-15 * n)
    np.testing.assert_allclose(((vectors.T * values) @ vectors) / size, matrix / size, atol=1e-14 * n)


def test_result_has_the_same_bytes_each_time():
    for n in [2, 16, 112]:
        first, again = (_merge.eigen(random_matrix(n)) for _ in range(2))
        assert all(a.tobytes() == b.tobytes() for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [(0, 0), (3, 3), (1, 5), (15, 15)])
def test_matrix_that_is_not_finite_is_one_error(bad, place):
    matrix = random_matrix(16)
    matrix[place] = matrix[place[::-1]] = bad
    with pytest.raises(FloatingPointError, match="not finite"):
        _merge.eigen(matrix)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_small_matrix_that_is_not_finite_is_one_error(n):
    with pytest.raises(FloatingPointError, match="not finite"):
        _merge.eigen(np.full((n, n), np.nan))


@pytest.mark.parametrize("shape", [(0, 0), (2, 3), (3, 2)])
def test_matrix_must_be_square(shape):
    with pytest.raises(ValueError, match="square"):
        _merge.eigen(np.zeros(shape))
