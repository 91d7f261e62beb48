"""Silhouettes against all pairs and scikit-learn; means of groups with intervals against tables of Student's t."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.clusters.silhouette import group_means, silhouettes
from w2v.evaluation.statistics import kmeans


def cloud(n: int = 300, d: int = 8, k: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, k, n)
    rows = rng.normal(size=(k, d))[labels] + rng.normal(size=(n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), labels


def all_pairs(units: np.ndarray, labels: np.ndarray) -> list[float]:
    distances = 1 - units.astype(np.float64) @ units.T
    found = []
    for i, own in enumerate(labels):
        same = (labels == own) & (np.arange(len(labels)) != i)
        if not same.any():
            found.append(0.0)
            continue
        a = distances[i, same].mean()
        b = min(distances[i, labels == other].mean() for other in set(labels.tolist()) - {own})
        found.append((b - a) / max(a, b))
    return found


@pytest.mark.parametrize("step", [16, 8192])
def test_silhouettes_are_those_of_all_pairs(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    monkeypatch.setattr(kmeans, "_MOST_ROWS", step)
    units, labels = cloud()
    labels[labels == 3] = 4  # an empty cluster
    labels[:2] = 6, 7  # words that are alone
    found = silhouettes(units, labels, 8)
    assert np.allclose(found, all_pairs(units, labels), atol=1e-5) and found[0] == found[1] == 0


def test_silhouettes_of_one_cluster_are_unknown_and_of_equal_vectors_zero() -> None:
    units, _ = cloud(10)
    assert np.isnan(silhouettes(units, np.zeros(10, dtype=np.int64), 3)).all()
    same = np.tile(units[:1], (6, 1))
    assert np.allclose(silhouettes(same, np.array([0, 0, 0, 1, 1, 1]), 2), 0, atol=1)


def test_silhouettes_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    units, labels = cloud(seed=2)
    expected = metrics.silhouette_samples(units.astype(np.float64), labels, metric="cosine")
    assert np.allclose(silhouettes(units, labels, 6), expected, atol=1e-5)


@pytest.mark.parametrize(("size", "quantile"), [(2, 12.7062), (3, 4.3027), (4, 3.1824), (6, 2.5706), (11, 2.2281),
                                                (101, 1.9840), (10_001, 1.9602)])
def test_intervals_are_those_of_student(size: int, quantile: float) -> None:
    values = np.random.default_rng(size).normal(size=size)
    [found] = group_means(values, np.zeros(size, dtype=np.int64), 1, (-np.inf, np.inf))
    half = quantile * values.std(ddof=1) / size ** 0.5
    assert found.value == pytest.approx(values.mean())
    assert found.interval == pytest.approx((values.mean() - half, values.mean() + half), rel=0.01, abs=0.01 * half)


def test_intervals_end_at_the_largest_cosine() -> None:
    [found] = group_means(np.array([0.8, 1.0]), np.zeros(2, dtype=np.int64), 1)
    assert found.interval is not None and found.interval[1] == 1


def test_means_of_groups_are_separate() -> None:
    found = group_means(np.array([1.0, 3, 5, 9]), np.array([0, 0, 2, 2]), 4, (0, 10))
    assert [one.value for one in found[::2]] == [2, 7]
    assert np.isnan([found[1].value, found[3].value]).all() and found[1].interval is None
    [alone] = group_means(np.array([4.0]), np.array([0]), 1)
    assert alone.value == 4 and alone.interval is None
