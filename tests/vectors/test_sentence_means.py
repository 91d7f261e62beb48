"""Means of the vectors of words, and their components, against loops in float64 and a singular value decomposition."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.vectors import sentence_means
from w2v.vectors.sentence_means import (
    Moments,
    counted_probabilities,
    paired_cosines,
    remove_components,
    sif_weights,
    weighted_means,
    zipf_probabilities,
)

RNG = np.random.default_rng(3)
TABLE = RNG.normal(size=(40, 6)).astype(np.float32)


@pytest.mark.parametrize("lengths", [[3, 0, 5, 1], [0], [], [0, 0, 12], [25, 30]])
@pytest.mark.parametrize("block", [1, 4, 7, 4096])
@pytest.mark.parametrize("weighted", [False, True])
def test_means_equal_a_loop_whatever_the_block(monkeypatch, lengths, block, weighted):
    monkeypatch.setattr(sentence_means, "_WORDS", block)
    rows = RNG.integers(0, 40, sum(lengths))
    weights = RNG.choice([0.0, 0.5, 2.0, -1.0], sum(lengths)) if weighted else None
    ends = np.cumsum(lengths, dtype=np.int64)
    found = weighted_means(TABLE.__getitem__, rows, ends, weights, 6)
    assert found.shape == (len(lengths), 6) and found.dtype == np.float64
    factor = np.ones(len(rows)) if weights is None else weights
    for end, length, mean in zip(ends, lengths, found, strict=True):
        part = slice(end - length, end)
        counted = np.count_nonzero(factor[part])
        total = (factor[part, None] * TABLE[rows[part]].astype(np.float64)).sum(axis=0)
        np.testing.assert_allclose(mean, total / max(counted, 1), atol=1e-12)


def test_sif_weights_are_those_of_the_paper():
    counts = np.array([60, 30, 10])
    p = counted_probabilities(counts)
    np.testing.assert_allclose(p(np.array([2, 0])), [0.1, 0.6])
    np.testing.assert_allclose(sif_weights(np.array([0, 2]), p, 0.01), [0.01 / 0.61, 0.01 / 0.11])


@pytest.mark.parametrize("n", [1, 7, 1000, 1001, 50_000])
def test_zipf_probabilities_sum_to_one_and_fall_with_the_rank(n):
    found = zipf_probabilities(n)(np.arange(n))
    assert found.sum() == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(found[0] / found, np.arange(1, n + 1))


@pytest.mark.parametrize("count", [1, 3, 6])
def test_components_are_singular_vectors(count):
    vectors = (RNG.normal(size=(50, 6)) * [9, 7, 5, 3, 2, 1]).astype(np.float32)
    moments = Moments(6)
    moments.add(vectors[:20])
    moments.add(vectors[20:])
    found = moments.components(count)
    right = np.linalg.svd(vectors.astype(np.float64))[2][:count]
    assert found.dtype == np.float32 and moments.vectors == 50
    np.testing.assert_allclose(np.abs(np.sum(found * right, axis=1)), 1, atol=1e-6)
    assert (np.take_along_axis(found, np.abs(found).argmax(axis=1)[:, None], axis=1) > 0).all()


def test_directions_without_vectors_are_no_components():
    moments = Moments(6)
    moments.add(np.zeros((3, 6)))
    assert moments.components(2).shape == (0, 6) and moments.vectors == 0
    moments.add(np.eye(6)[:2] * [[2.0], [1.0]])
    np.testing.assert_array_equal(moments.components(6), np.eye(6, dtype=np.float32)[:2])


@pytest.mark.parametrize("components", [np.eye(6)[:2], RNG.normal(size=(3, 6)), np.zeros((0, 6))])
def test_removal_leaves_no_projection_and_nothing_else_changes(components):
    vectors = RNG.normal(size=(30, 6))
    left = vectors.copy()
    remove_components(left, components.astype(np.float32))
    assert np.abs(left @ components.T).max(initial=0) < 1e-6
    basis = np.linalg.qr(components.T)[0]
    np.testing.assert_allclose(left, vectors - vectors @ basis @ basis.T, atol=1e-6)


def test_cosines_of_pairs_are_zero_with_zero_vectors():
    a = np.array([[3, 4], [0, 0], [1, 0], [0, 0]], dtype=np.float32)
    b = np.array([[6, 8], [1, 1], [0, -2], [0, 0]], dtype=np.float32)
    assert paired_cosines(a, b).tolist() == [1, 0, 0, 0]
    assert paired_cosines(a[:0], b[:0]).shape == (0,)
