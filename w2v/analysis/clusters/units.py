"""Unit vectors in blocks: those of words, and random ones with the same mean and covariance.

Place in the data flow: rows of `KeyedVectors` -> unit vectors -> `w2v.evaluation.statistics.kmeans`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from w2v.analysis.moments import Moments, Sums
from w2v.analysis.samples import drawn_rows
from w2v.evaluation.statistics.kmeans import FULL, Units
from w2v.formats.rows import Rows
from w2v.types import Floats, Indices, Matrix, Scores
from w2v.vectors.lengths import unit_rows

_BLOCK = 1 << 18  # numbers at a time
_DRAWN = 256  # random vectors drawn from one seed
_FITTED, _FIT_ROUNDS = 1 << 19, 10  # random numbers of `_before_scaling`, and its iterations


class WordUnits:
    """Unit vectors of some rows, made when they are read.

    Parameters
    ----------
    rows, inverse : all rows, and the factors (n,) that scale them to length 1.
    numbers : (m,) rows of the words.
    """

    rows: Rows
    inverse: Scores
    numbers: Indices

    def __init__(self, rows: Rows, inverse: Scores, numbers: Indices) -> None:
        self.rows, self.inverse, self.numbers = rows, inverse, numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, where: Any, /) -> Matrix:
        """Return unit vectors (k, d) of a slice or of an array of numbers."""
        chosen = self.numbers[where]
        vectors = self.rows[chosen]
        vectors *= self.inverse[chosen, None]
        return vectors


class NormalUnits:
    """n random vectors of a normal distribution, scaled to length 1; drawn again each time they are read.

    Parameters
    ----------
    moments : mean and covariance that the vectors of length 1 have.
    """

    n: int
    seed: int
    mean: Matrix
    factor: Matrix

    def __init__(self, n: int, moments: Moments, seed: int) -> None:
        self.n, self.seed = n, seed
        values, directions = np.linalg.eigh(moments.covariance)
        along, deviations = _before_scaling(moments.mean @ directions, np.maximum(values, 0), seed)
        self.mean = (directions @ along).astype(np.float32)
        self.factor = (deviations[:, None] * directions.T).astype(np.float32)

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, where: Any, /) -> Matrix:
        """Return unit vectors (k, d) of a slice or of an array of rising numbers."""
        chosen = np.arange(self.n)[where] if isinstance(where, slice) else np.asarray(where)
        parts = [self._block(int(block))[chosen[chosen // _DRAWN == block] % _DRAWN]
                 for block in np.unique(chosen // _DRAWN)]
        return unit_rows(np.concatenate(parts)) if parts else np.empty((0, len(self.mean)), dtype=np.float32)

    def _block(self, number: int) -> Matrix:
        drawn = np.random.default_rng((self.seed, number)).standard_normal((_DRAWN, len(self.mean)), dtype=np.float32)
        block: Matrix = drawn @ self.factor + self.mean
        return block


def _before_scaling(mean: Floats, variances: Floats, seed: int) -> tuple[Floats, Floats]:
    """Return mean (d,) and standard deviations (d,) of normal vectors that have, after they are scaled to length 1, the
    given mean and variances along each axis. Found by iteration on `_FITTED` numbers; their scale is free."""
    drawn = np.random.default_rng((seed, 0, 1)).standard_normal(
        (min(20_000, max(1000, _FITTED // len(mean))), len(mean)))
    own_mean, own = mean.copy(), variances.copy()
    for _ in range(_FIT_ROUNDS):
        vectors = drawn * np.sqrt(own) + own_mean
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
        own_mean += mean - vectors.mean(axis=0)
        own *= (variances + 1e-12) / (vectors.var(axis=0) + 1e-12)
    return own_mean, np.sqrt(own)


def sampled_moments(units: Units, seed: int) -> Moments:
    """Return the moments of unit vectors, of a sample if there are more than `FULL`."""
    d = units[:1].shape[1]
    step = max(1, _BLOCK // d)
    rows = drawn_rows(np.arange(len(units)), FULL, seed)
    return Sums.of((units[rows[start:start + step]] for start in range(0, len(rows), step)), d).moments
