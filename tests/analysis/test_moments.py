"""Moments in blocks, principal axes, effective rank, and the null model of variances."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis import samples
from w2v.analysis.moments import Moments, Sums, effective_rank, principal_axes, random_shares, shares_of
from w2v.analysis.samples import usable_blocks
from w2v.keyedvectors import KeyedVectors


def vectors(n: int, d: int, offset: float = 0.0, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, d)) * np.linspace(3, 0.5, d) + offset).astype(np.float32)


def model(rows: np.ndarray) -> KeyedVectors:
    return KeyedVectors([f"w{i}" for i in range(len(rows))], rows)


def moments(kv: KeyedVectors) -> Moments:
    return Sums.of((block.astype(np.float64) for block in usable_blocks(kv)), kv.vector_size).moments


@pytest.mark.parametrize("block", [1, 40, 1 << 20])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_moments_are_those_of_numpy_for_any_block(monkeypatch: pytest.MonkeyPatch, block: int, offset: float) -> None:
    monkeypatch.setattr(samples, "BLOCK", block)
    rows = vectors(300, 7, offset)
    found = moments(model(rows))
    exact = rows.astype(np.float64)
    assert found.count == 300
    np.testing.assert_allclose(found.mean, exact.mean(axis=0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.covariance, np.cov(exact.T, bias=True), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.second, exact.T @ exact / 300, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("broken", [[0], [3, 4, 5], [299], list(range(40))])
def test_broken_rows_have_no_part_in_the_moments(monkeypatch: pytest.MonkeyPatch, broken: list[int]) -> None:
    monkeypatch.setattr(samples, "BLOCK", 70)  # ten rows
    rows = vectors(300, 7)
    rest = np.delete(rows, broken, axis=0).astype(np.float64)
    rows[broken, 2] = [np.nan, np.inf, -np.inf][len(broken) % 3]
    found = moments(model(rows))
    assert found.count == 300 - len(broken)
    np.testing.assert_allclose(found.covariance, np.cov(rest.T, bias=True), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_sums_without_a_part_are_those_of_the_rest(dtype: type, offset: float) -> None:
    rows = vectors(300, 7, offset)
    parts = np.split(rows.astype(dtype), [100, 150])
    origin = parts[0].mean(axis=0, dtype=np.float64)
    whole = Sums.of(parts, 7, origin)
    found = whole.without(Sums.of(parts[1:2], 7, origin)).moments
    rest = np.concatenate((parts[0], parts[2])).astype(np.float64)
    assert found.count == 250
    np.testing.assert_allclose(found.mean, rest.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(found.covariance, np.cov(rest.T, bias=True), atol=1e-4)
    np.testing.assert_allclose(found.about(origin), (rest - origin).T @ (rest - origin) / 250, atol=1e-4)
    np.testing.assert_allclose(found.axes @ np.diag(found.shares) @ found.axes.T,
                               found.covariance / np.trace(found.covariance), atol=1e-9)


def test_moments_of_nothing_are_zero() -> None:
    assert moments(model(np.full((3, 2), np.nan, dtype=np.float32))).count == 0


@pytest.mark.parametrize("d", [1, 2, 9, 40])
def test_axes_are_orthonormal_with_falling_variances_and_a_fixed_sign(d: int) -> None:
    drawn = np.random.default_rng(d).normal(size=(200, d))
    moment = drawn.T @ drawn / 200
    variances, axes = principal_axes(moment)
    np.testing.assert_allclose(axes.T @ axes, np.eye(d), atol=1e-12)
    np.testing.assert_allclose(axes @ np.diag(variances) @ axes.T, moment, atol=1e-12)
    assert (np.diff(variances) <= 0).all()
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(d)] > 0).all()


def test_of_equal_components_the_first_is_positive() -> None:
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    _, axes = principal_axes(turn @ np.diag([1.0, 4.0]) @ turn.T)
    assert (axes[0] > 0).all()


def test_variances_are_not_negative() -> None:
    rows = vectors(3, 8)
    variances, _ = principal_axes(moments(model(rows)).covariance)
    assert (variances >= 0).all() and variances[3:].max() < 1e-10


def test_effective_rank_counts_equal_components() -> None:
    assert effective_rank(np.full(8, 1 / 8)) == pytest.approx(8)
    assert effective_rank(np.array([1.0, 0, 0])) == pytest.approx(1)
    assert effective_rank(np.array([0.5, 0.5, 0, 0])) == pytest.approx(2)
    assert not shares_of(np.zeros(3)).any()


@pytest.mark.parametrize(("words", "d"), [(5, 20), (20, 20), (60, 20), (5000, 20), (1, 4)])
def test_null_model_has_the_variances_of_random_vectors(words: int, d: int) -> None:
    drawn = np.mean([random_shares(words, d, seed) for seed in range(60)], axis=0)
    rng = np.random.default_rng(7)
    exact = []
    for _ in range(60):
        rows = rng.standard_normal((words, d))
        exact.append(shares_of(np.maximum(np.linalg.eigvalsh(rows.T @ rows)[::-1], 0)))
    np.testing.assert_allclose(drawn, np.mean(exact, axis=0), rtol=0.1, atol=0.002)
    assert drawn.sum() == pytest.approx(1)
