"""Paired tests: whether two files of vectors differ on the same items of a set.

Place in the data flow: outcomes of the items that both files know -> difference, interval, p value. Right and wrong
answers are compared by McNemar's exact test, everything else by resampling the same items for both files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from w2v.evaluation.statistics.bootstrap import (
    mean_replicates,
    percentile_interval,
    purity_replicates,
    spearman_replicates,
)
from w2v.evaluation.statistics.clusters import purity
from w2v.evaluation.statistics.correlation import spearman
from w2v.evaluation.statistics.ranking import auc_and_precision, ranking_replicates
from w2v.evaluation.statistics.significance import difference_p, mcnemar_p
from w2v.types import Floats, Interval


class PairedTest(NamedTuple):
    """Values of both files on the common items, the 95 % interval of second minus first, and the two-sided p value."""

    first: float
    second: float
    interval: Interval
    p: float


PairedTestFunction = Callable[[Floats, Floats, Floats, int, int], PairedTest | None]
"""Test of two files of vectors on one set.

Parameters: the outcomes of the items that both files know (`Items.values`, two or more), first and second; what they
are compared with (`Items.gold`, zeros if there is nothing); the number of bootstrap replicates, 1 or more; their seed.
Returns None if the test is not defined for these items.
"""


def compare_replicates(first: float, second: float, replicates: Floats) -> PairedTest:
    """Compare two statistics by their bootstrap replicates (2, draws) over the same resamples."""
    differences = replicates[1] - replicates[0]
    return PairedTest(first, second, percentile_interval(differences), difference_p(differences))


def compare_answers(first: Floats, second: Floats, gold: Floats, draws: int, seed: int) -> PairedTest:
    """Compare the shares of right answers: outcomes (n,) are 1 or 0. `gold` is not used."""
    n, only_first, only_second = len(first), int((first > second).sum()), int((second > first).sum())
    probabilities = [only_first / n, only_second / n, 1 - (only_first + only_second) / n]
    drawn = np.random.default_rng(seed).multinomial(n, probabilities, draws)
    return PairedTest(float(first.mean()), float(second.mean()), percentile_interval((drawn[:, 1] - drawn[:, 0]) / n),
                      mcnemar_p(only_first, only_second))


def compare_correlations(first: Floats, second: Floats, gold: Floats, draws: int, seed: int) -> PairedTest | None:
    """Compare the Spearman correlations of outcomes (n,) with `gold` (n,); None if one of them is not defined."""
    values = spearman(gold, first), spearman(gold, second)
    if values[0] is None or values[1] is None:
        return None
    return compare_replicates(values[0], values[1], spearman_replicates(gold, [first, second], draws, seed))


def compare_purities(first: Floats, second: Floats, gold: Floats, draws: int, seed: int) -> PairedTest:
    """Compare the purities of clusters: outcomes (n,) are cluster numbers, `gold` (n,) class numbers."""
    one, two, classes = (values.astype(np.int64) for values in (first, second, gold))
    return compare_replicates(purity(one, classes), purity(two, classes),
                              purity_replicates([one, two], classes, draws, seed))


def compare_means(first: Floats, second: Floats, gold: Floats, draws: int, seed: int) -> PairedTest:
    """Compare the means of outcomes (n,). `gold` is not used."""
    return compare_replicates(float(first.mean()), float(second.mean()),
                              mean_replicates(np.stack([first, second]), draws, seed))


def compare_rankings(first: Floats, second: Floats, gold: Floats, draws: int, seed: int) -> PairedTest | None:
    """Compare the areas under the ROC curve of scores (n,), where `gold` (n,) is 1 for positive items and 0 for others;
    None without both."""
    positive = gold > 0
    values = auc_and_precision(positive, first), auc_and_precision(positive, second)
    if values[0] is None or values[1] is None:
        return None
    return compare_replicates(values[0][0], values[1][0],
                              ranking_replicates(positive, [first, second], draws, seed)[:, 0])


def compare_ratios(first: Floats, second: Floats, gold: Floats, draws: int, seed: int) -> PairedTest:
    """Compare the sums of outcomes (n,) divided by the sum of `gold` (n,), which is above 0."""
    sums = mean_replicates(np.stack([first, second, gold]), draws, seed)
    return compare_replicates(float(first.sum() / gold.sum()), float(second.sum() / gold.sum()), sums[:2] / sums[2])
