"""Clustering of unit vectors: spherical k-means, average linkage, and the purity of clusters.

Place in the data flow: unit vectors of words -> cluster of each word, for categorisation.

Sources
-------
Dhillon & Modha 2001 (spherical k-means); Arthur & Vassilvitskii 2007 (k-means++); Muellner 2011 (arXiv 1109.2378),
sections 2 and 3 (average linkage by chains of nearest neighbours).
"""

from __future__ import annotations

import numpy as np

from w2v.evaluation.statistics.bootstrap import SEED, Ints
from w2v.types import Matrix

RESTARTS = 10
_ROUNDS = 100


def spherical_kmeans(units: Matrix, k: int, *, restarts: int = RESTARTS, seed: int = SEED) -> Ints:
    """Return (n,) the cluster of each unit vector (n, d), from the start with the largest sum of cosines."""
    rng = np.random.default_rng(seed)
    best, best_sum = np.zeros(len(units), dtype=np.int64), -np.inf
    for _ in range(restarts):
        labels, total = _lloyd(units, _spread_out(units, k, rng))
        if total > best_sum + 1e-9:
            best, best_sum = labels, total
    return best


def _spread_out(units: Matrix, k: int, rng: np.random.Generator) -> Matrix:
    """Return k of the vectors as first centres (k-means++): distant from the earlier ones with a higher probability."""
    chosen = [int(rng.integers(len(units)))]
    distance = np.full(len(units), np.inf)
    for _ in range(k - 1):
        distance = np.minimum(distance, np.maximum(1 - units @ units[chosen[-1]], 0).astype(np.float64))
        total = distance.sum()
        chosen.append(int(rng.choice(len(units), p=distance / total) if total > 0 else rng.integers(len(units))))
    return units[chosen].copy()


def _lloyd(units: Matrix, centres: Matrix) -> tuple[Ints, float]:
    """Return the clusters after Lloyd's iterations, and the sum of cosines; `centres` (k, d) are overwritten."""
    labels = np.full(len(units), -1, dtype=np.int64)
    every = np.arange(len(units))
    for _ in range(_ROUNDS):
        cosines = units @ centres.T
        new = cosines.argmax(axis=1)
        if np.array_equal(new, labels):
            break
        labels = new
        own = cosines[every, labels]
        for cluster in range(len(centres)):
            members = labels == cluster
            # a centre without words moves to the word that is farthest from its centre
            mean = units[members].sum(axis=0) if members.any() else units[int(own.argmin())]
            length = float(np.linalg.norm(mean))
            centres[cluster] = mean / length if length > 0 else mean
            if not members.any():
                own[int(own.argmin())] = 1
    return labels, float((units @ centres.T)[every, labels].sum())


def average_linkage(units: Matrix, k: int) -> Ints:
    """Return (n,) the cluster of each unit vector (n, d) by average linkage.

    The two clusters whose words have the smallest mean distance (1 - cosine) are merged until k are left. Memory: n x n
    float32.
    """
    n = len(units)
    distance: Matrix = units @ units.T
    np.subtract(1, distance, out=distance)
    np.fill_diagonal(distance, np.inf)
    size = np.ones(n)
    merges: list[tuple[float, int, int]] = []
    alive = np.ones(n, dtype=bool)
    chain: list[int] = []
    while len(merges) < n - 1:
        if not chain:
            chain.append(int(alive.argmax()))
        last = chain[-1]
        near = int(distance[last].argmin())
        if len(chain) > 1 and distance[last, chain[-2]] <= distance[last, near]:
            near = chain[-2]  # on a tie the previous one, so that the chain ends
        if len(chain) < 2 or near != chain[-2]:
            chain.append(near)
            continue
        del chain[-2:]
        low, high = sorted((last, near))
        merges.append((float(distance[low, high]), low, high))
        row = (size[low] * distance[low] + size[high] * distance[high]) / (size[low] + size[high])
        row[[low, high]] = np.inf
        size[low] += size[high]
        distance[low], distance[:, low] = row, row
        distance[high], distance[:, high] = np.inf, np.inf
        alive[high] = False
    return _cut(merges, n, k)


def _cut(merges: list[tuple[float, int, int]], n: int, k: int) -> Ints:
    """Return the clusters after the n - k merges at the smallest distances."""
    parent = list(range(n))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for _, low, high in sorted(merges, key=lambda merge: merge[0])[:n - k]:
        parent[root(high)] = root(low)
    return np.unique([root(i) for i in range(n)], return_inverse=True)[1].reshape(-1).astype(np.int64)


def purity(clusters: Ints, classes: Ints) -> float:
    """Return the share of words that belong to the most frequent class of their cluster.

    Source: Manning, Raghavan & Schuetze 2008, section 16.3.
    """
    table = np.zeros((int(clusters.max()) + 1, int(classes.max()) + 1), dtype=np.int64)
    np.add.at(table, (clusters, classes), 1)
    return float(table.max(axis=1).sum() / len(classes))
