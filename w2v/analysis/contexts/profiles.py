"""Profiles: the scores of words with all contexts, centred, in blocks of contexts.

Place in the data flow: output vectors and counts -> `Contexts` -> standard scores of any words with blocks of contexts.
`w2v.analysis.contexts.why` explains the formulas.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from w2v.analysis.linear_map import BLOCK
from w2v.analysis.samples import usable_blocks
from w2v.types import Counts, Floats, Indices, Matrix
from w2v.vectors.table import Table


def mean_vector(table: Table) -> Floats:
    """Return (d,) the mean of all vectors that are not broken, summed in float64; zeros if there are none."""
    total, count = np.zeros(table.vector_size), 0
    for block in usable_blocks(table):
        total += block.sum(axis=0, dtype=np.float64)
        count += len(block)
    return total / max(1, count)


@dataclass(frozen=True)
class Contexts:
    """Output vectors with weights, and their weighted moments.

    Attributes
    ----------
    outputs : (n, d) float32.
    weights : (n,), sum 1; 0 for a context with NaN or infinity.
    mean : (d,) weighted mean of the output vectors.
    covariance : (d, d) weighted covariance.
    """

    outputs: Matrix
    weights: Floats
    mean: Floats
    covariance: Floats

    @classmethod
    def of(cls, outputs: Matrix, counts: Counts | None, exponent: float) -> Contexts:
        """Weight contexts by count^exponent, or all alike without counts, and compute the moments in float64."""
        n, d = outputs.shape
        weights = np.ones(n) if counts is None else np.maximum(counts, 0).astype(np.float64) ** exponent
        step = max(1, BLOCK // max(1, d))
        for start in range(0, n, step):
            part = slice(start, start + step)
            weights[part][~np.isfinite(outputs[part]).all(axis=1)] = 0
        if weights.sum() > 0:
            weights /= weights.sum()
        origin, offset, products = np.zeros(d), np.zeros(d), np.zeros((d, d))
        if weights.any():  # any context: without an origin near the mean, digits are lost to cancellation
            origin = outputs[int(np.argmax(weights))].astype(np.float64)
        for start in range(0, n, step):
            part = slice(start, start + step)
            block, weight = _finite(outputs[part]) - origin, weights[part, None]
            offset += (block * weight).sum(axis=0)
            products += (block * weight).T @ block
        return cls(outputs, weights, origin + offset, products - np.outer(offset, offset))

    def deviations(self, vectors: Floats) -> Floats:
        """Return (m,) the standard deviation of the scores of vectors (m, d) over the contexts."""
        variances: Floats = np.einsum("ij,jk,ik->i", vectors, self.covariance, vectors, optimize=True)
        return np.sqrt(np.maximum(variances, 0.0))

    def directions(self, vectors: Floats) -> Floats:
        """Return vectors (m, d) over their `deviations`, zeros where that is 0: their scores are standard scores."""
        deviations = self.deviations(vectors)[:, None]
        return np.divide(vectors, deviations, out=np.zeros_like(vectors), where=deviations > 0)

    def standard_scores(self, directions: Floats, rows: Indices | slice) -> Floats:
        """Return (k, m) scores of m `directions` with some contexts: mean 0 and variance 1 over all contexts."""
        return (_finite(self.outputs[rows]) - self.mean) @ directions.T

    def blocks(self, columns: int) -> Iterator[slice]:
        """Yield ranges of contexts for which arrays with so many columns are small."""
        step = max(1, BLOCK // max(columns, self.outputs.shape[1]))
        return (slice(start, start + step) for start in range(0, len(self.outputs), step))


def _finite(block: Matrix) -> Floats:
    """Return a block as float64, with zeros in the place of numbers that are not finite, whose weight is 0."""
    return np.nan_to_num(block.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


@dataclass(frozen=True)
class Parts:
    """Correlations of p pairs of profiles, split by the signs of the scores; each attribute is (p,).

    Attributes
    ----------
    both, neither, against : sums over the contexts whose scores are both positive, both negative, of opposite signs.
    first : sum over the contexts that contribute most to `both`.
    """

    both: Floats
    neither: Floats
    against: Floats
    first: Floats

    @property
    def correlation(self) -> Floats:
        """(p,) sum of the parts."""
        return self.both + self.neither + self.against


def parts_of(contexts: Contexts, a: Floats, b: Floats, topn: int) -> Parts:
    """Return the parts of the correlations of pairs of directions (p, d), in blocks of contexts.

    Parameters
    ----------
    topn : number of contexts in `Parts.first`.
    """
    p = len(a)
    both, neither, against = np.zeros(p), np.zeros(p), np.zeros(p)
    best = np.zeros((topn, p))
    directions = np.concatenate((a, b))
    for part in contexts.blocks(2 * p):
        scores = contexts.standard_scores(directions, part)
        first, second = scores[:, :p], scores[:, p:]
        terms = contexts.weights[part, None] * first * second
        positive = np.where((first > 0) & (second > 0), terms, 0.0)
        both += positive.sum(axis=0)
        against += np.minimum(terms, 0.0).sum(axis=0)
        neither += np.where((first < 0) & (second < 0), terms, 0.0).sum(axis=0)
        joined = np.concatenate((best, positive))
        best = np.partition(joined, len(joined) - topn, axis=0)[-topn:]
    return Parts(both, neither, against, best.sum(axis=0))
