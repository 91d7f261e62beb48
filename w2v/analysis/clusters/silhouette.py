"""Silhouettes of words, exact for cosines, and means of clusters with intervals.

Place in the data flow: unit vectors + clusters -> silhouette of each word -> `Estimate` of each cluster.

Source: Rousseeuw 1987 (Silhouettes). The mean distance 1 - cosine to the words of a cluster is 1 minus the product with
the mean of their unit vectors, so that no pair of words has to be looked at.
"""

from __future__ import annotations

import math

import numpy as np

from w2v.analysis.estimate import Estimate
from w2v.evaluation.statistics.bootstrap import Ints
from w2v.evaluation.statistics.kmeans import Units, add_rows, block_rows
from w2v.evaluation.statistics.student import student_interval
from w2v.types import Floats, Interval


def silhouettes(units: Units, labels: Ints, k: int) -> Floats:
    """Return (n,) the silhouette of each unit vector with the distance 1 - cosine, -1 to 1.

    0 for a word that is alone in its cluster; NaN if there are fewer than two clusters.

    Parameters
    ----------
    labels : (n,) numbers of clusters, 0 to k - 1; some may be empty.
    """
    n, sizes = len(units), np.bincount(labels, minlength=k)
    found = np.full(n, np.nan)
    if np.count_nonzero(sizes) < 2:
        return found
    step = block_rows(k)
    sums = np.zeros((k, units[:1].shape[1]))
    for start in range(0, n, step):
        add_rows(sums, units[start:start + step], labels[start:start + step])
    means = (sums / np.maximum(sizes, 1)[:, None]).astype(np.float32)
    for start in range(0, n, step):
        own = labels[start:start + step]
        every = np.arange(len(own))
        products = units[start:start + step] @ means.T
        products[:, sizes == 0] = -np.inf
        size = sizes[own].astype(np.float64)
        inside = 1 - (products[every, own] * size - 1) / np.maximum(size - 1, 1)  # without the word itself
        products[every, own] = -np.inf
        outside = 1 - products.max(axis=1).astype(np.float64)
        most = np.maximum(np.maximum(inside, outside), 1e-12)
        found[start:start + step] = np.where(size > 1, (outside - inside) / most, 0)
    return found


def group_means(values: Floats, labels: Ints, k: int, bounds: Interval = (-1.0, 1.0)) -> list[Estimate]:
    """Return the mean of each of k groups of values with its 95 % interval by Student's t; None for fewer than two.

    Bootstrap replicates of thousands of groups would take minutes, and have too narrow intervals for small ones.

    Parameters
    ----------
    bounds : smallest and largest possible value; an interval ends there.
    """
    sizes = np.bincount(labels, minlength=k)
    means = np.bincount(labels, values, minlength=k) / np.maximum(sizes, 1)
    squares = np.bincount(labels, (values - means[labels]) ** 2, minlength=k)
    found = []
    for size, mean, square in zip(sizes.tolist(), means.tolist(), squares.tolist(), strict=True):
        if size < 2:
            found.append(Estimate(mean if size else math.nan))
            continue
        low, high = student_interval(mean, math.sqrt(square / (size - 1) / size), size - 1)
        found.append(Estimate(mean, (max(low, bounds[0]), min(high, bounds[1]))))
    return found
