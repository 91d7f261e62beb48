"""Unit vectors in blocks: those of words, and random ones with their moments."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.clusters import units as units_module
from w2v.analysis.clusters.units import NormalUnits, WordUnits, sampled_moments
from w2v.analysis.moments import Moments
from w2v.formats.rows import STORED, Rows
from w2v.vectors.lengths import row_lengths


@pytest.mark.parametrize("dtype", STORED)
def test_units_of_words_are_rows_of_length_one(dtype: str) -> None:
    plain = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32) * 7
    rows, chosen = Rows.encode(plain, dtype), np.array([3, 4, 9, 30])
    units = WordUnits(rows, row_lengths(rows).inverse, chosen)
    expected = rows[:] / np.linalg.norm(rows[:], axis=1, keepdims=True)
    assert len(units) == 4 and np.allclose(units[1:3], expected[[4, 9]], atol=1e-6)
    assert np.allclose(units[np.array([0, 3])], expected[[3, 30]], atol=1e-6)
    assert np.array_equal(rows[:], Rows.encode(plain, dtype)[:])


def test_random_units_are_the_same_in_any_blocks() -> None:
    units = NormalUnits(1000, Moments(9, np.array([1.0, 0, 0]), np.diag([1.0, 4, 0.1])), seed=3)
    whole = units[:]
    assert whole.shape == (1000, 3) and np.allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)
    assert np.allclose(np.concatenate([units[start:start + 70] for start in range(0, 1000, 70)]), whole, atol=1e-6)
    assert np.allclose(units[np.array([0, 255, 256, 999])], whole[[0, 255, 256, 999]], atol=1e-6)
    assert units[1000:].shape == (0, 3)
    assert not np.allclose(NormalUnits(1000, Moments(9, np.zeros(3), np.eye(3)), seed=4)[:5], whole[:5])


def test_random_units_have_the_mean_and_covariance_of_the_words() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(30_000, 5)) * [0.3, 0.2, 0.1, 0.1, 0.3] + [1.0, 0, 0.5, 0, 0]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    known = sampled_moments(rows.astype(np.float32), 1)
    assert np.allclose(known.mean, rows.mean(axis=0), atol=1e-5)
    assert np.allclose(known.covariance, np.cov(rows.T, bias=True), atol=1e-5)
    random = NormalUnits(30_000, known, seed=1)[:]
    assert np.allclose(random.mean(axis=0), known.mean, atol=0.005)
    assert np.allclose(np.cov(random.T), known.covariance, atol=0.006)


def test_random_units_of_one_direction_are_that_direction() -> None:
    rows = np.tile(np.float32([[0.6, 0.8]]), (9, 1))
    assert np.allclose(NormalUnits(9, sampled_moments(rows, 1), seed=1)[:], rows, atol=1e-3)


def test_moments_of_a_sample_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(2).normal(size=(5000, 4)).astype(np.float32)
    whole = sampled_moments(rows, 1)
    monkeypatch.setattr(units_module, "_BLOCK", 100)
    assert np.allclose(sampled_moments(rows, 1).covariance, whole.covariance, atol=1e-4)
    monkeypatch.setattr(units_module, "FULL", 2000)
    some = sampled_moments(rows, 1)
    assert np.allclose(some.mean, whole.mean, atol=0.1) and not np.array_equal(some.mean, whole.mean)
