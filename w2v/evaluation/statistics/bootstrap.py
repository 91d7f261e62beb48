"""How sure a number is: resampling of questions and pairs, paired tests, and Holm's correction.

Place in the data flow: outcomes of single questions and pairs -> intervals and p values. Every function takes a seed
and gives the same numbers for it; nothing grows with the number of draws but the draws themselves.

Sources
-------
Efron & Tibshirani 1993, chapters 12, 13 (percentile intervals), 16 (paired tests); Holm 1979.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from w2v.types import Interval

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DRAWS = 10_000
LEVEL = 0.95
SEED = 1

_BLOCK = 1 << 17  # counts at a time: what a block needs stays in the cache


def percentiles(draws: Floats) -> Interval:
    """The middle 95 % of the draws; draws without a value (NaN) are left out, and NaN if no draw has one."""
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return math.nan, math.nan
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(draws, [tail, 100 - tail])
    return float(low), float(high)


def reflected(value: float, draws: Floats) -> Interval:
    """The percentile interval turned about the value, which takes out the bias of what resampling itself raises, as it
    raises purity; Davison & Hinkley 1997, equation 5.6."""
    low, high = percentiles(draws)
    return 2 * value - high, 2 * value - low


def proportion_interval(right: int, questions: int, draws: int = DRAWS, seed: int = SEED) -> Interval | None:
    """Of a share of right answers: resampled with replacement, their number is binomial, so it is drawn as such.

    Where all answers are right or none is, resampling knows no other end: that end is Clopper and Pearson's (1934).
    """
    if not questions or not draws:
        return None
    if right in (0, questions):
        far = ((1 - LEVEL) / 2) ** (1 / questions)
        return (0.0, 1 - far) if right == 0 else (far, 1.0)
    return percentiles(np.random.default_rng(seed).binomial(questions, right / questions, draws) / questions)


def counts_of_draws(n: int, draws: int, seed: int) -> Iterator[Floats]:
    """How often each of n items is drawn, for `draws` samples of size n, a block (b, n) at a time."""
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK // max(n, 1))
    for start in range(0, draws, block):
        b = min(block, draws - start)
        drawn = rng.integers(0, n, size=(b, n), dtype=np.int64)
        drawn += (np.arange(b) * n)[:, None]
        yield np.bincount(drawn.ravel(), minlength=b * n).reshape(b, n).astype(np.float64)


def mean_draws(values: Floats, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """(k, draws) means of resampled columns of `values` (k, n): the same columns for all k."""
    n = values.shape[1]
    return np.concatenate([values @ counts.T / n for counts in counts_of_draws(n, draws, seed)], axis=1)


def spearman_draws(gold: Floats, scores: Sequence[Floats], draws: int = DRAWS, seed: int = SEED) -> Floats:
    """(k, draws) Spearman correlations of `gold` (n,) with each of the k `scores` (n,), over the same resampled pairs.

    Ranks within a sample need no sorting: each vector is sorted once, and the rank of a value in a sample is the
    running sum of how often the values below it were drawn; equal values, and all copies of one, share the mean of
    their ranks. NaN where a sample has no variation.
    """
    first = np.argsort(scores[0], kind="stable")  # pairs in this order, so that one vector needs no reordering
    gold_ranks = _Ranks(gold[first])
    ranks = [_Ranks(values[first]) for values in scores]
    result = []
    for counts in counts_of_draws(len(gold), draws, seed):
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
    """Ranks of the values of one vector in samples of them."""

    def __init__(self, values: Floats) -> None:
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        self.starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        self.order = None if np.array_equal(order, np.arange(len(order))) else order
        self.distinct = len(self.starts) == len(values)
        self.group = np.empty(len(values), dtype=np.int64)  # of each value
        self.group[order] = np.cumsum(np.bincount(self.starts, minlength=len(values))) - 1

    def of(self, counts: Floats) -> tuple[Floats, Floats]:
        """(b, n) ranks less their mean, and (b,) their sum of squares, in samples with these counts (b, n)."""
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


def pearson_draws(gold: Floats, scores: Sequence[Floats], draws: int = DRAWS, seed: int = SEED) -> Floats:
    """(k, draws) Pearson correlations, as `spearman_draws`."""
    gold = gold - gold.mean()
    centred = [values - values.mean() for values in scores]
    columns = np.stack([gold, gold * gold, *(c for v in centred for c in (v, v * v, v * gold))])
    sums = mean_draws(columns, draws, seed)
    result = []
    for at in range(2, len(columns), 3):
        mean, square, product = sums[at:at + 3]
        with np.errstate(invalid="ignore", divide="ignore"):
            values = (product - mean * sums[0]) / np.sqrt((square - mean * mean) * (sums[1] - sums[0] * sums[0]))
        result.append(np.clip(values, -1, 1))
    return np.stack(result)


def purity_draws(clusters: Sequence[Ints], classes: Ints, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """(k, draws) purities of k clusterings (n,) of the same n words, over the same resampled words."""
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


# --------------------------------------------------------------------------------------------------- tests


def difference_p(differences: Floats) -> float:
    """Two-sided p of no difference from resampled differences: twice the smaller share on one side of 0, never 0."""
    differences = differences[np.isfinite(differences)]
    if not len(differences):
        return math.nan
    side = min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    return min(1.0, 2 * (side + 1) / (len(differences) + 1))


def mcnemar_p(first_only: int, second_only: int) -> float:
    """Exact two-sided p that two systems are right equally often, from the questions that only one of them gets right.

    Source: McNemar 1947, with the binomial distribution itself in place of its approximation.
    """
    n, k = first_only + second_only, min(first_only, second_only)
    if n == 0:
        return 1.0
    logs = [math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) - n * math.log(2) for i in range(k + 1)]
    top = max(logs)
    return min(1.0, 2 * math.exp(top) * math.fsum(math.exp(value - top) for value in logs))


def holm(values: Sequence[float]) -> list[float]:
    """Holm's step-down correction of p values that are looked at together; NaN stays NaN and is not counted."""
    order = sorted((i for i, p in enumerate(values) if not math.isnan(p)), key=lambda i: values[i])
    result = [math.nan] * len(values)
    largest = 0.0
    for place, i in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - place) * values[i]))
        result[i] = largest
    return result
