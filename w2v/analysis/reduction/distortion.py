"""Distortion by a reduction, measured on samples: squared distances and cosines of random pairs of words.

Place in the data flow: rows before and after -> ratios and errors of pairs -> `Distortion`, and cosines by prefix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.analysis.estimate import Estimate
from w2v.analysis.linear_map import BLOCK
from w2v.formats.rows import Rows
from w2v.types import Floats, Indices, Interval

DRAWS = 1_000  # bootstrap replicates over pairs, of which there are many
_BINS = 40


@dataclass(frozen=True)
class Distortion:
    """Squared distances after the reduction, divided by those before.

    Attributes
    ----------
    pairs : number of pairs of different vectors.
    mean : mean ratio.
    least, most : smallest and largest ratio.
    middle : 95 % of the ratios are in this range.
    expected : the same range by the distribution of a Gaussian projection, chi-squared over its degrees of freedom
        (Wilson & Hilferty 1931); None for other reductions.
    eps : of the next attribute; None if there is no bound.
    within : share of pairs with a ratio between 1 - eps and 1 + eps.
    counts, edges : histogram of the ratios.
    """

    pairs: int
    mean: Estimate
    least: float
    most: float
    middle: Interval
    expected: Interval | None
    eps: float | None
    within: Estimate | None
    counts: tuple[int, ...]
    edges: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "pairs": self.pairs, "mean": self.mean.to_dict(), "least": self.least, "most": self.most,
            "middle": list(self.middle), "expected": None if self.expected is None else list(self.expected),
            "eps": self.eps, "within": None if self.within is None else self.within.to_dict(),
            "counts": list(self.counts), "edges": list(self.edges)}


def distortion(before: Rows, after: Rows, pairs: Indices, eps: float | None, seed: int,
               projected_to: int | None = None) -> Distortion:
    """Measure squared distances of pairs (2, p) of rows.

    Parameters
    ----------
    projected_to : dimensions of a random projection, for `Distortion.expected`.
    """
    ratios = np.empty(pairs.shape[1])
    step = _step(before)
    for start in range(0, len(ratios), step):
        part = slice(start, start + step)
        old, new = (((rows[pairs[0, part]].astype(np.float64) - rows[pairs[1, part]]) ** 2).sum(axis=1)
                    for rows in (before, after))
        ratios[part] = np.divide(new, old, out=np.full(len(old), np.nan), where=old > 0)
    ratios = ratios[np.isfinite(ratios)]
    counts, edges = _histogram(ratios)
    within = None
    if eps is not None:
        inside = int(np.count_nonzero(np.abs(ratios - 1) <= eps))
        within = Estimate.share(inside, len(ratios), draws=DRAWS, seed=seed)
    least, low, high, most = np.percentile(ratios, [0, 2.5, 97.5, 100]) if len(ratios) else np.full(4, math.nan)
    expected = None if projected_to is None else (_chi_squared(projected_to, -1.96), _chi_squared(projected_to, 1.96))
    return Distortion(len(ratios), Estimate.mean(ratios, draws=DRAWS, seed=seed), float(least), float(most),
                      (float(low), float(high)), expected, eps, within, counts, edges)


def _histogram(ratios: Floats) -> tuple[tuple[int, ...], tuple[float, ...]]:
    if not len(ratios):
        return (), ()
    counts, edges = np.histogram(ratios, bins=_BINS)
    return tuple(counts.tolist()), tuple(edges.tolist())


def _chi_squared(k: int, z: float) -> float:
    """Return the quantile of chi-squared over k for a quantile z of the normal distribution."""
    return max(0.0, 1 - 2 / (9 * k) + z * math.sqrt(2 / (9 * k))) ** 3


def prefix_cosines(rows: Rows, pairs: Indices, dims: Sequence[int]) -> Floats:
    """Return (len(dims), p) the cosines of pairs (2, p) of rows by their first numbers, for several dimensions.

    0 if one of two vectors is zero.
    """
    cosines = np.empty((len(dims), pairs.shape[1]))
    at = np.array(dims) - 1
    step = _step(rows)
    for start in range(0, pairs.shape[1], step):
        part = slice(start, start + step)
        a, b = rows[pairs[0, part]].astype(np.float64), rows[pairs[1, part]].astype(np.float64)
        products, first, second = (np.cumsum(numbers, axis=1)[:, at] for numbers in (a * b, a * a, b * b))
        lengths = np.sqrt(first * second)
        cosines[:, part] = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0).T
    return np.clip(cosines, -1.0, 1.0)


def prefix_of(rows: Rows, k: int) -> Rows:
    """Return the first k numbers of each row, without a copy."""
    data: npt.NDArray[Any] = rows.data[:, :k]
    return Rows(data, rows.scale)


def _step(rows: Rows) -> int:
    return max(1, BLOCK // max(1, rows.shape[1]))
