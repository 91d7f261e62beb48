"""Average linkage and purity: against planted groups, a naive linkage, and a value computed by hand."""

import itertools

import numpy as np
import pytest
from helpers.evaluation import clustered

from w2v.evaluation.statistics.clusters import average_linkage, purity


def partition(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


def test_average_linkage_finds_planted_groups():
    units, labels = clustered([9, 14, 5, 22])
    mixed = np.random.default_rng(1).permutation(len(units))
    clusters = average_linkage(units[mixed], 4)
    assert partition(clusters) == partition(labels[mixed])
    assert purity(clusters, labels[mixed]) == 1


def naive_linkage(units, k):
    clusters = [[i] for i in range(len(units))]
    distance = 1 - units.astype(np.float64) @ units.T
    while len(clusters) > k:
        a, b = min(itertools.combinations(range(len(clusters)), 2),
                   key=lambda pair: distance[np.ix_(clusters[pair[0]], clusters[pair[1]])].mean())
        clusters[a] += clusters.pop(b)
    return {frozenset(cluster) for cluster in clusters}


@pytest.mark.parametrize("k", [1, 2, 5, 11, 40])
def test_average_linkage_is_the_naive_one(k):
    units, _ = clustered([40], noise=3.0, seed=k)
    assert partition(average_linkage(units, k)) == naive_linkage(units, k)


def test_average_linkage_survives_equal_vectors():
    units, _ = clustered([60], noise=5.0)
    assert average_linkage(np.tile(units[:1], (5, 1)), 2).max() == 1


def test_purity_is_the_hand_computed_one():
    # clusters {a a b} {b b} {c a}: 2 + 2 + 1 of 7
    assert purity(np.array([0, 0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 1, 2, 0])) == pytest.approx(5 / 7)
