"""Distributions that the checks compare with: cosines of random vectors, the test of Kolmogorov and Smirnov, and
intervals of rank correlations.

Place in the data flow: samples of numbers -> p values and intervals.
"""

from __future__ import annotations

import math

import numpy as np

from w2v.evaluation.statistics.student import NORMAL
from w2v.types import Floats, Interval

_GRID = 1 << 14


def cosine_distribution(dim: int, cosines: Floats) -> Floats:
    """Return P(cosine <= x) for each x, for two random vectors of at least 2 dimensions.

    The exact distribution: the density of the angle's sine t is (1 - t^2)^((d - 3) / 2), which for many dimensions
    becomes the normal distribution of variance 1/d. With t = sin(a) it is cos(a)^(d - 2), which is bounded, and is
    integrated by the trapezoidal rule.
    """
    angles = np.linspace(-np.pi / 2, np.pi / 2, _GRID + 1)
    density = np.maximum(np.cos(angles), 0) ** (dim - 2)
    below = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2)))
    found: Floats = np.interp(np.arcsin(np.clip(cosines, -1, 1)), angles, below / below[-1])
    return found


def ks_test(distribution: Floats) -> tuple[float, float]:
    """Return the largest distance between an empirical and an expected distribution, and its p value.

    Parameters
    ----------
    distribution : (n,) expected distribution function at each value.

    Source
    ------
    Stephens 1970, the asymptotic p value with a correction for small n.
    """
    ordered, n = np.sort(distribution), len(distribution)
    steps = np.arange(n + 1) / n
    distance = float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))
    scaled = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * distance
    if scaled < 0.2:
        return distance, 1.0
    terms = [2 * (-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101)]
    return distance, min(1.0, max(0.0, math.fsum(terms)))


def spearman_interval(correlation: float, n: int) -> Interval | None:
    """Return the 95 % interval of a rank correlation of n pairs; None below 10 pairs.

    Source: Bonett & Wright 2000, for Fisher's z of Spearman's coefficient.
    """
    if n < 10:
        return None
    if abs(correlation) >= 1:
        return correlation, correlation
    z = math.atanh(correlation)
    wide = NORMAL * math.sqrt((1 + correlation ** 2 / 2) / (n - 3))
    return math.tanh(z - wide), math.tanh(z + wide)
