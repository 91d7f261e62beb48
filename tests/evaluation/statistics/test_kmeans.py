"""Spherical k-means: planted groups, a plain implementation, samples, mini-batches, scikit-learn."""

import numpy as np
import pytest
from helpers.evaluation import clustered

from w2v.evaluation.statistics import kmeans
from w2v.evaluation.statistics.clusters import purity
from w2v.evaluation.statistics.kmeans import add_rows, block_rows, spherical_kmeans


def partition(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


def cloud(n, d=12, seed=0, groups=30):
    """Unit vectors in overlapping groups."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(groups, d))[rng.integers(0, groups, n)] + rng.normal(size=(n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def plain_kmeans(units, k, restarts, seed):
    """The clusters from the same draws, with one cluster at a time; in float64 after the draws of the centres."""
    rng = np.random.default_rng(seed)
    best, best_total = None, -np.inf
    for _ in range(restarts):
        chosen = [int(rng.integers(len(units)))]
        distance = np.full(len(units), np.inf)
        for _ in range(k - 1):
            distance = np.minimum(distance, np.maximum(1 - units @ units[chosen[-1]], 0).astype(np.float64))
            chosen.append(int(rng.choice(len(units), p=distance / distance.sum())))
        centres, labels = units[chosen].astype(np.float64), None
        while labels is None or not np.array_equal(labels, (units @ centres.T).argmax(axis=1)):
            labels = (units @ centres.T).argmax(axis=1)
            for c in range(k):
                mean = units[labels == c].sum(axis=0, dtype=np.float64)
                centres[c] = mean / np.linalg.norm(mean)
        total = (units @ centres.T)[np.arange(len(units)), labels].sum()
        if total > best_total + 1e-9:
            best, best_total = labels, total
    return best, best_total


@pytest.mark.parametrize(("n", "k"), [(60, 2), (200, 7), (700, 21), (1500, 40)])
def test_clusters_and_total_are_those_of_a_plain_implementation(n, k):
    units = cloud(n, seed=n)
    labels, total = plain_kmeans(units, k, 3, 5)
    found = spherical_kmeans(units, k, restarts=3, seed=5)
    assert np.array_equal(found.labels, labels)
    assert found.total == pytest.approx(total, rel=1e-6)
    assert np.allclose(found.cosines, np.einsum("ij,ij->i", units, found.centres[found.labels]), atol=1e-6)


def test_planted_groups_are_found():
    units, labels = clustered([9, 14, 5, 22])
    mixed = np.random.default_rng(1).permutation(len(units))
    clusters = spherical_kmeans(units[mixed], 4).labels
    assert partition(clusters) == partition(labels[mixed])
    assert purity(clusters, labels[mixed]) == 1


def test_same_seed_gives_the_same_clusters_and_none_is_empty():
    units, _ = clustered([60], noise=5.0)
    first, second = spherical_kmeans(units, 7, seed=3), spherical_kmeans(units, 7, seed=3)
    assert np.array_equal(first.labels, second.labels) and np.array_equal(first.centres, second.centres)
    assert len(set(spherical_kmeans(units, 7).labels.tolist())) == 7


def test_equal_vectors_are_one_cluster():
    units, _ = clustered([60], noise=5.0)
    found = spherical_kmeans(np.tile(units[:1], (5, 1)), 3)
    assert len(set(found.labels.tolist())) == 1 and found.total == pytest.approx(5)
    assert spherical_kmeans(units, 60).total == pytest.approx(60)


@pytest.mark.parametrize("step", [16, 64, 8192])
def test_blocks_do_not_matter(monkeypatch, step):
    units = cloud(900, seed=1)
    whole = spherical_kmeans(units, 11)
    monkeypatch.setattr(kmeans, "_MOST_ROWS", step)
    found = spherical_kmeans(units, 11)
    assert np.array_equal(found.labels, whole.labels) and found.total == pytest.approx(whole.total, rel=1e-6)


@pytest.mark.parametrize("k", [1, 3, 1000, 1 << 17, 1 << 22])
def test_blocks_of_scores_are_bounded(k):
    assert 16 <= block_rows(k) <= 8192 and block_rows(k) * k <= max(1 << 20, 16 * k)


def test_rows_are_added_by_label():
    block, labels = cloud(50), np.random.default_rng(0).integers(0, 9, 50)
    sums, expected = np.ones((9, 12)), np.ones((9, 12))
    add_rows(sums, block, labels)
    np.add.at(expected, labels, block)
    assert np.allclose(sums, expected)


@pytest.mark.parametrize("full", [100_000, 0])
def test_start_on_a_sample_and_mini_batches_are_within_three_percent(monkeypatch, full):
    units = cloud(6000, d=20, groups=50, seed=2)
    whole = spherical_kmeans(units, 40, restarts=3)
    monkeypatch.setattr(kmeans, "SAMPLE", 700)
    monkeypatch.setattr(kmeans, "FULL", full)
    monkeypatch.setattr(kmeans, "_BATCH", 500)
    found = spherical_kmeans(units, 40, restarts=3)
    assert 0.97 < found.total / whole.total < 1.03
    assert np.array_equal(found.labels, (units @ found.centres.T).argmax(axis=1))
    assert np.allclose(np.linalg.norm(found.centres, axis=1), 1, atol=1e-5)


def test_tolerance_stops_early_with_nearly_the_same_total():
    units = cloud(5000, seed=3)
    exact, early = (spherical_kmeans(units, 25, restarts=1, tolerance=share) for share in (0, 1e-3))
    assert early.rounds < exact.rounds and early.total == pytest.approx(exact.total, rel=0.01)


def test_total_does_not_depend_on_order_or_rotation():
    units = cloud(1500, seed=4)
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 12)))
    one = spherical_kmeans(units, 10)
    turned = spherical_kmeans((units @ rotation).astype(np.float32), 10)
    mixed = spherical_kmeans(units[np.random.default_rng(1).permutation(1500)], 10)
    assert np.array_equal(turned.labels, one.labels)
    assert mixed.total == pytest.approx(one.total, rel=0.005)


@pytest.mark.slow
@pytest.mark.parametrize("k", [5, 50])
def test_sum_of_cosines_is_that_of_scikit_learn(k):
    cluster = pytest.importorskip("sklearn.cluster")
    units = cloud(9000, d=30, groups=100, seed=5)
    labels = cluster.KMeans(k, n_init=3, random_state=0).fit(units).labels_
    theirs = sum(np.linalg.norm(units[labels == c].sum(axis=0)) for c in range(k))
    assert spherical_kmeans(units, k, restarts=3, tolerance=1e-4).total > 0.99 * theirs
