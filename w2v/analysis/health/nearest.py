"""Neighbours within a sample of vectors: how often each is a neighbour, and the intrinsic dimension.

Place in the data flow: unit vectors of some words, or random ones -> `Nearest` -> the checks of neighbours.

Sources
-------
Radovanović et al. 2010 (Hubs in space), section 3: skewness of k-occurrences. Facco et al. 2017 (Estimating the
intrinsic dimension of datasets by a minimal neighborhood information), equation 5 and the fit without the largest
tenth.
"""

from __future__ import annotations

import numpy as np

from w2v.analysis.neighbour_sets import nearest_rows
from w2v.formats.rows import Rows
from w2v.types import Floats, Indices, Matrix

K = 10
_DISCARDED = 0.1  # share of the largest ratios, which noise and borders change most


class Nearest:
    """The nearest vectors of each of m vectors among the others.

    Of vectors of length 1 the highest cosine is the smallest distance. Distances are those of the vectors minus their
    mean, which are the same: if all vectors share one direction, cosines would lose them in rounding.

    Parameters
    ----------
    units : (m, d) float32 of length 1.

    Attributes
    ----------
    k : neighbours of each: K, or m - 1.
    found : (m, k) numbers of the neighbours, the nearest first.
    distances : (m, k) Euclidean distances to them.
    occurrences : (m,) how often each vector is a neighbour of another.
    """

    k: int
    found: Indices

    def __init__(self, units: Matrix) -> None:
        rows = Rows(units - units.mean(axis=0, dtype=np.float64).astype(np.float32))
        self.k = min(K, len(units) - 1)
        self.found, distances = nearest_rows(rows, np.arange(len(units)), self.k, "euclidean")
        self.distances: Floats = distances.astype(np.float64)
        self.occurrences: Indices = np.bincount(self.found.ravel(), minlength=len(units)).astype(np.int64)

    @property
    def cosines(self) -> Floats:
        """(m,) cosine with the nearest."""
        found: Floats = 1 - self.distances[:, 0] ** 2 / 2
        return found

    @property
    def ratios(self) -> Floats:
        """Ratios of the second distance to the first, without vectors that equal their neighbour."""
        first, second = self.distances[:, :2].T
        found: Floats = second[first > 0] / first[first > 0]
        return found


def skewness(occurrences: Indices, counts: Floats | None = None) -> float:
    """Return the skewness of k-occurrences; 0 if all are equal.

    Parameters
    ----------
    counts : (m,) how often each is in a resample; None for once.
    """
    weights = np.ones(len(occurrences)) if counts is None else counts
    centred = occurrences - float(weights @ occurrences) / weights.sum()
    variance = float(weights @ centred ** 2) / weights.sum()
    return float(weights @ centred ** 3) / weights.sum() / variance ** 1.5 if variance > 0 else 0.0


def two_nn(ratios: Floats) -> float:
    """Return the intrinsic dimension: the slope of -log(1 - F(ratio)) against log(ratio) through the origin, where F is
    the empirical distribution, without the largest tenth; NaN if it cannot be fitted."""
    ordered = np.log(np.sort(ratios))[:int(len(ratios) * (1 - _DISCARDED))]
    expected = -np.log1p(-np.arange(len(ordered)) / max(1, len(ratios)))
    spread = float(ordered @ ordered)
    return float(ordered @ expected) / spread if spread > 0 else float("nan")
