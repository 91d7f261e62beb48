"""Principal components: mean and covariance of the vectors, their axes, and how the variance spreads over them.

Place in the data flow: rows in blocks -> `Moments` (d, d) in float64 -> variances and axes.

Sources
-------
Roy & Vetterli 2007 (The effective rank: a measure of effective dimensionality), with shares of the variance; Bartlett
1933 for the covariance of random vectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2v.analysis.linear_map import BLOCK
from w2v.types import Floats
from w2v.vectors.table import Table

_EQUAL = 1e-6  # components of an axis that differ by less, relative to the largest, are equal up to rounding


@dataclass(frozen=True)
class Moments:
    """First and second moments of vectors.

    Attributes
    ----------
    words : number of vectors.
    mean : (d,).
    covariance : (d, d), divided by `words`.
    """

    words: int
    mean: Floats
    covariance: Floats

    def about(self, origin: Floats) -> Floats:
        """Return (d, d) the mean outer product of the vectors minus an origin (d,)."""
        offset = self.mean - origin
        return self.covariance + np.outer(offset, offset)


def moments(table: Table) -> Moments:
    """Return the moments of all vectors that are not broken, in one pass over blocks with sums in float64."""
    d = table.vector_size
    broken = table.fill_norms().broken
    origin, total, products, words = np.zeros(d), np.zeros(d), np.zeros((d, d)), 0
    step = max(1, BLOCK // max(1, d))
    for start in range(0, len(table), step):
        block = table.rows[start:start + step]
        inside = broken[(broken >= start) & (broken < start + step)] - start
        if len(inside):
            block = np.delete(block, inside, axis=0)
        if not len(block):
            continue
        if not words:  # near the mean, so that nothing is lost to cancellation
            origin = block.mean(axis=0, dtype=np.float64)
        centred = block - origin
        words += len(centred)
        total += centred.sum(axis=0)
        products += centred.T @ centred
    if not words:
        return Moments(0, origin, products)
    offset = total / words
    return Moments(words, origin + offset, products / words - np.outer(offset, offset))


def principal_axes(moment: Floats) -> tuple[Floats, Floats]:
    """Return the variances (d,) in falling order and the axes (d, d), one in each column.

    The sign of an axis is free. Here its largest component is positive, and the first one of several that are equal,
    so that it does not depend on the machine.

    Parameters
    ----------
    moment : (d, d), symmetric and positive semidefinite.
    """
    values, axes = np.linalg.eigh(moment)
    values, axes = np.maximum(values[::-1], 0.0), axes[:, ::-1]
    sizes = np.abs(axes)
    first = np.argmax(sizes >= sizes.max(axis=0) * (1 - _EQUAL), axis=0)
    return values, axes * np.where(np.take_along_axis(axes, first[None], axis=0) < 0, -1.0, 1.0)


def shares_of(variances: Floats) -> Floats:
    """Return (d,) variances as shares of their sum; zeros if all are zero."""
    total = variances.sum()
    return variances / total if total > 0 else np.zeros_like(variances)


def effective_rank(shares: Floats) -> float:
    """Return the exponential of the entropy of shares (d,): d if they are equal, 1 if one component has it all."""
    positive = shares[shares > 0]
    return float(np.exp(-(positive * np.log(positive)).sum()))


def random_shares(words: int, d: int, seed: int) -> Floats:
    """Return (d,) shares of the variance, falling, for as many random vectors from N(0, I): the null model.

    The second moment of n >= d vectors is drawn as L L' / n with a lower triangle L (Bartlett), in O(d^3) for any n.
    """
    rng = np.random.default_rng(seed)
    values = np.zeros(d)
    if words < d:
        drawn = rng.standard_normal((words, d))
        values[:words] = np.linalg.eigvalsh(drawn @ drawn.T)[::-1]
    else:
        lower = np.tril(rng.standard_normal((d, d)), -1)
        lower[np.diag_indices(d)] = np.sqrt(rng.chisquare(words - np.arange(d)))
        values[:] = np.linalg.eigvalsh(lower @ lower.T)[::-1]
    return shares_of(np.maximum(values, 0.0))
