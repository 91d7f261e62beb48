"""Correlation of two lists of numbers: coefficients of Pearson and Spearman, and their p values."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from w2v.types import Floats


def pearson(x: npt.ArrayLike, y: npt.ArrayLike) -> float | None:
    """Return the Pearson correlation, in float64; None for fewer than two pairs or if one list has no variation."""
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    a, b = a - a.mean(), b - b.mean()
    value = float(a @ b / math.sqrt(float(a @ a) * float(b @ b)))
    return max(-1.0, min(1.0, value))


def spearman(x: npt.ArrayLike, y: npt.ArrayLike) -> float | None:
    """Return the Spearman rank correlation; equal values share the mean of their ranks; None as `pearson`."""
    return pearson(average_ranks(x), average_ranks(y))


def average_ranks(values: npt.ArrayLike) -> Floats:
    """Return the ranks, from 1; equal values share the mean of their ranks."""
    _, group, counts = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[group.reshape(-1)]


def p_value(correlation: float, pairs: int) -> float:
    """Return the two-sided p value of no correlation, by the normal approximation of Fisher's z; NaN below 4 pairs."""
    if pairs < 4:
        return math.nan
    if abs(correlation) >= 1:
        return 0.0
    return math.erfc(abs(math.atanh(correlation)) * math.sqrt((pairs - 3) / 2))
