"""Average linkage of unit vectors, and the purity of clusters.

Place in the data flow: unit vectors of words -> cluster of each word, for categorisation.

Sources
-------
Muellner 2011 (arXiv 1109.2378), sections 2 and 3: average linkage by chains of nearest neighbours.
"""

from __future__ import annotations

import numpy as np

from w2v.evaluation.statistics.bootstrap import Ints
from w2v.types import Matrix


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
