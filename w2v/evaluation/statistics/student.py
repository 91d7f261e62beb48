"""Student's t: intervals of means and of other numbers whose standard error is known.

Place in the data flow: values -> standard errors -> intervals.

Source: Student 1908; the quantiles by Abramowitz & Stegun 1964, 26.7.5.
"""

from __future__ import annotations

import math

import numpy as np

from w2v.types import Floats, Interval

NORMAL = 1.959964
"""Quantile 0.975 of the normal distribution."""


def student_quantile(freedom: float) -> float:
    """Return the quantile 0.975 of Student's t, within 1 %; exact up to 2 degrees of freedom, and for infinity, which
    is the normal distribution."""
    if freedom <= 2:
        return 12.7062 if freedom == 1 else 4.302653
    z = NORMAL
    terms = ((z ** 3 + z) / 4, (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
             (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384)
    return z + terms[0] / freedom + terms[1] / freedom ** 2 + terms[2] / freedom ** 3


def student_interval(value: float, error: float, freedom: float = math.inf) -> Interval:
    """Return the 95 % interval of a value with this standard error, which was estimated with so many degrees of
    freedom."""
    half = student_quantile(freedom) * error
    return value - half, value + half


def mean_interval(values: Floats) -> Interval | None:
    """Return the 95 % interval of the mean of values (n,); None for fewer than two."""
    n = len(values)
    if n < 2:
        return None
    return student_interval(float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(n), n - 1)
