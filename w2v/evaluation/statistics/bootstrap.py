"""Bootstrap: replicates of a statistic over resampled items, and confidence intervals from them.

Place in the data flow: outcomes of single items -> replicates -> intervals. A parameter `draws` is the number of
replicates. The same seed gives the same numbers. Apart from the replicates themselves, memory does not grow with their
number.

Sources
-------
Efron & Tibshirani 1993, chapters 12 and 13 (percentile intervals); Davison & Hinkley 1997 (basic intervals).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from w2v.types import Floats, Interval

Ints = npt.NDArray[np.int64]

DRAWS = 10_000  # bootstrap replicates
LEVEL = 0.95
SEED = 1

_BLOCK = 1 << 17  # counts at a time: the arrays of a block stay in the cache


def percentile_interval(replicates: Floats) -> Interval:
    """Return the interval of the middle 95 % of the replicates, without those that are NaN; NaN if all are."""
    replicates = replicates[np.isfinite(replicates)]
    if not len(replicates):
        return math.nan, math.nan
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(replicates, [tail, 100 - tail])
    return float(low), float(high)


def basic_interval(value: float, replicates: Floats) -> Interval:
    """Return the basic bootstrap interval: the percentile interval reflected about the value.

    It removes the bias of statistics that resampling itself raises, such as purity. Source: Davison & Hinkley 1997,
    equation 5.6.
    """
    low, high = percentile_interval(replicates)
    return 2 * value - high, 2 * value - low


def proportion_interval(right: int, questions: int, draws: int = DRAWS, seed: int = SEED) -> Interval | None:
    """Return the interval of a share of right answers; None without questions or draws.

    The number of right answers in a resample is binomial, and is drawn as such. If all answers are right or all are
    wrong, every resample is the same; then one bound is that of Clopper and Pearson (1934).
    """
    if not questions or not draws:
        return None
    if right in (0, questions):
        far = ((1 - LEVEL) / 2) ** (1 / questions)
        return (0.0, 1 - far) if right == 0 else (far, 1.0)
    return percentile_interval(np.random.default_rng(seed).binomial(questions, right / questions, draws) / questions)


def resample_counts(n: int, draws: int, seed: int) -> Iterator[Floats]:
    """Iterate over blocks (b, n) that say how often each of n items is in a resample, for `draws` resamples in all."""
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK // max(n, 1))
    for start in range(0, draws, block):
        b = min(block, draws - start)
        drawn = rng.integers(0, n, size=(b, n), dtype=np.int64)
        drawn += (np.arange(b) * n)[:, None]
        yield np.bincount(drawn.ravel(), minlength=b * n).reshape(b, n).astype(np.float64)


def mean_replicates(values: Floats, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Return (k, draws) means of the rows of `values` (k, n); all rows share the same resamples of the n items."""
    n = values.shape[1]
    return np.concatenate([values @ counts.T / n for counts in resample_counts(n, draws, seed)], axis=1)


def spearman_replicates(gold: Floats, scores: Sequence[Floats], draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Return (k, draws) Spearman correlations of `gold` (n,) with each of k `scores` (n,), over the same resamples.

    Ranks within a resample need no sorting: each vector is sorted once, and the rank of a value in a resample is the
    running sum of the counts of the values below it. Equal values, and all copies of one, share the mean of their
    ranks. NaN where a resample has no variation.
    """
    first = np.argsort(scores[0], kind="stable")  # in this order the first of the scores needs no reordering
    gold_ranks = _Ranks(gold[first])
    ranks = [_Ranks(values[first]) for values in scores]
    result = []
    for counts in resample_counts(len(gold), draws, seed):
        weighted, variance = gold_ranks.of(counts)
        weighted *= counts
        block = []
        for one in ranks:
            own, spread = one.of(counts)
            with np.errstate(invalid="ignore", divide="ignore"):
                block.append(np.einsum("ij,ij->i", weighted, own) / np.sqrt(variance * spread))
        result.append(np.stack(block))
    return np.concatenate(result, axis=1)


class _Ranks:
    """Ranks of the values of one vector in resamples of them."""

    def __init__(self, values: Floats) -> None:
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        self.starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        self.order = None if np.array_equal(order, np.arange(len(order))) else order
        self.distinct = len(self.starts) == len(values)
        self.group = np.empty(len(values), dtype=np.int64)  # of each value
        self.group[order] = np.cumsum(np.bincount(self.starts, minlength=len(values))) - 1

    def of(self, counts: Floats) -> tuple[Floats, Floats]:
        """Return (b, n) ranks minus their mean, and (b,) their sums of squares, in resamples with `counts` (b, n)."""
        n = counts.shape[1]
        drawn = counts if self.order is None else counts[:, self.order]
        if not self.distinct:
            drawn = np.add.reduceat(drawn, self.starts, axis=1)
        ranks = np.cumsum(drawn, axis=1)
        ranks -= drawn / 2
        ranks -= n / 2
        spread = np.einsum("ij,ij,ij->i", drawn, ranks, ranks)
        if self.order is not None or not self.distinct:
            ranks = ranks[:, self.group]
        return ranks, spread


def pearson_replicates(gold: Floats, scores: Sequence[Floats], draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Return (k, draws) Pearson correlations; parameters as `spearman_replicates`."""
    gold = gold - gold.mean()
    centred = [values - values.mean() for values in scores]
    columns = np.stack([gold, gold * gold, *(c for v in centred for c in (v, v * v, v * gold))])
    sums = mean_replicates(columns, draws, seed)
    result = []
    for at in range(2, len(columns), 3):
        mean, square, product = sums[at:at + 3]
        with np.errstate(invalid="ignore", divide="ignore"):
            values = (product - mean * sums[0]) / np.sqrt((square - mean * mean) * (sums[1] - sums[0] * sums[0]))
        result.append(np.clip(values, -1, 1))
    return np.stack(result)


def purity_replicates(clusters: Sequence[Ints], classes: Ints, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Return (k, draws) purities of k clusterings (n,) of the same n words, over the same resamples of words."""
    n, n_classes = len(classes), int(classes.max()) + 1
    result = []
    rng = np.random.default_rng(seed)
    cells = [cluster * n_classes + classes for cluster in clusters]
    sizes = [(int(cluster.max()) + 1) * n_classes for cluster in clusters]
    block = max(1, _BLOCK // max(n, *sizes))
    for start in range(0, draws, block):
        b = min(block, draws - start)
        drawn = rng.integers(0, n, size=(b, n))
        one = []
        for cell, size in zip(cells, sizes, strict=True):
            at = cell[drawn] + (np.arange(b) * size)[:, None]
            table = np.bincount(at.ravel(), minlength=b * size).reshape(b, -1, n_classes)
            one.append(table.max(axis=2).sum(axis=1) / n)
        result.append(np.stack(one))
    return np.concatenate(result, axis=1)
