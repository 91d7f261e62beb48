"""Scores of words with all contexts, in blocks."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.contexts import profiles
from w2v.analysis.contexts.profiles import Contexts, mean_vector, parts_of
from w2v.keyedvectors import KeyedVectors

D = 6


def outputs(n: int = 40) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(n, D)).astype(np.float32) + np.float32(0.5)


@pytest.mark.parametrize("block", [1, 30, 1 << 20])
def test_mean_is_that_of_the_usable_vectors(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(profiles, "BLOCK", block)
    rows = outputs()
    rows[[3, 20]] = np.nan
    kv = KeyedVectors([f"w{i}" for i in range(40)], rows)
    np.testing.assert_allclose(mean_vector(kv), np.delete(rows, [3, 20], axis=0).astype(float).mean(axis=0))


@pytest.mark.parametrize("exponent", [0.0, 0.75, 1.0])
@pytest.mark.parametrize("block", [1, 30, 1 << 20])
def test_standard_scores_have_mean_0_and_variance_1(monkeypatch: pytest.MonkeyPatch, block: int,
                                                    exponent: float) -> None:
    monkeypatch.setattr(profiles, "BLOCK", block)
    counts = np.arange(40, 0, -1)
    contexts = Contexts.of(outputs(), counts, exponent)
    np.testing.assert_allclose(contexts.weights, counts ** exponent / (counts ** exponent).sum())
    vectors = np.random.default_rng(2).normal(size=(3, D))
    scores = np.concatenate([contexts.standard_scores(contexts.directions(vectors), part)
                             for part in contexts.blocks(3)])
    assert scores.shape == (40, 3)
    np.testing.assert_allclose(contexts.weights @ scores, 0, atol=1e-12)
    np.testing.assert_allclose(contexts.weights @ scores ** 2, 1)
    raw = outputs().astype(float) @ vectors.T
    np.testing.assert_allclose(scores * contexts.deviations(vectors), raw - contexts.weights @ raw, atol=1e-12)


@pytest.mark.parametrize("block", [1, 50, 1 << 20])
def test_parts_add_up_to_the_correlation(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(profiles, "BLOCK", block)
    contexts = Contexts.of(outputs(), np.arange(40, 0, -1), 0.75)
    vectors = contexts.directions(np.random.default_rng(2).normal(size=(6, D)))
    found = parts_of(contexts, vectors[:3], vectors[3:], 4)
    scores = contexts.standard_scores(vectors, slice(None))
    for i in range(3):
        a, b = scores[:, i], scores[:, i + 3]
        terms = contexts.weights * a * b
        assert found.correlation[i] == pytest.approx(terms.sum())
        assert found.both[i] == pytest.approx(terms[(a > 0) & (b > 0)].sum())
        assert found.neither[i] == pytest.approx(terms[(a < 0) & (b < 0)].sum())
        assert found.against[i] == pytest.approx(terms[a * b < 0].sum())
        assert found.first[i] == pytest.approx(np.sort(terms[(a > 0) & (b > 0)])[-4:].sum())
    assert found.correlation == pytest.approx([np.average(scores[:, i] * scores[:, i + 3], weights=contexts.weights)
                                               for i in range(3)])


def test_contexts_that_are_not_finite_have_no_weight() -> None:
    rows = outputs()
    rows[5, 1], rows[6, 0] = np.nan, np.inf
    found, rest = Contexts.of(rows, None, 1.0), Contexts.of(np.delete(rows, [5, 6], axis=0), None, 1.0)
    assert found.weights[[5, 6]].tolist() == [0, 0] and found.weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(found.covariance, rest.covariance)


def test_vector_whose_scores_are_all_equal_has_no_direction() -> None:
    same = np.tile(np.float32([1, 0, 0, 0, 0, 0]), (10, 1))
    assert not Contexts.of(same, None, 1.0).directions(np.ones((1, D))).any()
