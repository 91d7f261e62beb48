"""Significance: p values of a difference, and their correction for several tests.

Place in the data flow: counts and bootstrap replicates -> p values.

Sources
-------
Efron & Tibshirani 1993, chapter 16 (paired bootstrap tests); McNemar 1947; Holm 1979.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from w2v.types import Floats


def difference_p(differences: Floats) -> float:
    """Return the two-sided p value of no difference, from bootstrap replicates of the difference.

    It is twice the smaller share of replicates on one side of 0, and never 0 itself; NaN if no replicate has a value.
    """
    differences = differences[np.isfinite(differences)]
    if not len(differences):
        return math.nan
    side = min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    return min(1.0, 2 * (side + 1) / (len(differences) + 1))


def mcnemar_p(first_only: int, second_only: int) -> float:
    """Return the exact two-sided p value of McNemar's test, that two systems are right equally often.

    Parameters
    ----------
    first_only, second_only : number of questions that only the first or only the second system answers right.

    Source: McNemar 1947, with the binomial distribution instead of its normal approximation.
    """
    n, k = first_only + second_only, min(first_only, second_only)
    if n == 0:
        return 1.0
    logs = [math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) - n * math.log(2) for i in range(k + 1)]
    top = max(logs)
    return min(1.0, 2 * math.exp(top) * math.fsum(math.exp(value - top) for value in logs))


def holm(values: Sequence[float]) -> list[float]:
    """Return p values corrected by Holm's step-down method for being tested together; NaN stays and is not counted."""
    order = sorted((i for i, p in enumerate(values) if not math.isnan(p)), key=lambda i: values[i])
    result = [math.nan] * len(values)
    largest = 0.0
    for place, i in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - place) * values[i]))
        result[i] = largest
    return result


def benjamini_hochberg(values: Floats) -> Floats:
    """Return p values (n,) adjusted for the false discovery rate; NaN stays and is not counted.

    Among the tests with a result of at most 0.05, the expected share of true null hypotheses is at most 5 %, for tests
    that are independent or positively dependent.

    Source: Benjamini & Hochberg 1995.
    """
    result = np.full(len(values), np.nan)
    order = np.argsort(values, kind="stable")  # NaN comes last
    order = order[:int((~np.isnan(values)).sum())]
    steps = values[order] * len(order) / np.arange(1, len(order) + 1)
    result[order] = np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1])
    return result
