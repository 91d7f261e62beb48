"""First and second moments of vectors, and the measures that follow from them, with intervals.

Place in the data flow: `Sample` or `RandomSample` -> sums of each group -> `Jackknifed` numbers for the checks of
dimensions.

Sources
-------
Efron & Tibshirani 1993, chapter 11 (jackknife, here of groups); Roy & Vetterli 2007 (effective rank); Mu & Viswanath
2018 (1702.01417), section 2.1, after Arora et al. 2016 (1502.03520), for the partition ratio.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from w2v.analysis.health.samples import Vectors, unit_moments
from w2v.types import Floats, Interval, Matrix
from w2v.vectors.lengths import unit_rows

_T = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26, 12: 2.20, 15: 2.14}
"""Quantile 0.975 of Student's t with one degree of freedom less than the key."""

_LARGEST = 700.0  # exponent in float64


@dataclass(frozen=True)
class Moments:
    """Sums over groups of vectors, and over all but one group.

    Attributes
    ----------
    counts : (g,) vectors in each group.
    sums : (g, d) of the vectors.
    products : (g, d, d) sums of their outer products.
    """

    counts: Floats
    sums: Floats
    products: Floats

    @cached_property
    def whole(self) -> Moment:
        """Moments of all vectors."""
        return Moment(float(self.counts.sum()), self.sums.sum(axis=0), self.products.sum(axis=0))

    @property
    def without(self) -> Iterator[Moment]:
        """Moments without each group."""
        whole = self.whole
        for count, total, product in zip(self.counts, self.sums, self.products, strict=True):
            yield Moment(whole.count - count, whole.total - total, whole.product - product)

    def estimate(self, statistic: Callable[[Moment], float]) -> Jackknifed:
        """Return a statistic of the moments, with its jackknife interval."""
        return jackknife(statistic(self.whole), [statistic(one) for one in self.without])


@dataclass(frozen=True)
class Moment:
    """Moments of `count` vectors: their sum `total` (d,), and the sum `product` (d, d) of their outer products."""

    count: float
    total: Floats
    product: Floats

    @property
    def mean(self) -> Floats:
        """(d,) the mean vector."""
        return self.total / self.count

    @property
    def mean_share(self) -> float:
        """Squared length of the mean vector; of unit vectors it is their mean cosine, each with itself included."""
        return float(self.mean @ self.mean)

    @property
    def covariance(self) -> Floats:
        """(d, d) covariance matrix."""
        return self.product / self.count - np.outer(self.mean, self.mean)

    @cached_property
    def _decomposition(self) -> tuple[Floats, Floats]:
        values, vectors = np.linalg.eigh(self.covariance)
        values = np.clip(values[::-1], 0, None)
        return values / (float(values.sum()) or 1.0), vectors[:, ::-1]

    @property
    def shares(self) -> Floats:
        """(d,) eigenvalues of the covariance as shares of their sum, the largest first; zeros if all are zero."""
        return self._decomposition[0]

    @property
    def eigenvectors(self) -> Floats:
        """(d, d) eigenvectors of the covariance in its columns, in the same order."""
        return self._decomposition[1]

    @property
    def largest_dimension(self) -> float:
        """Largest share of one dimension in the squared lengths."""
        shares = np.diag(self.product)
        return float(shares.max() / shares.sum())


@dataclass(frozen=True)
class Jackknifed:
    """A number and its 95 % interval."""

    value: float
    interval: Interval


def jackknife(value: float, without: Sequence[float]) -> Jackknifed:
    """Return the interval of a value, from the values without each of g groups."""
    left, g = np.asarray(without), len(without)
    error = math.sqrt((g - 1) / g * float(((left - left.mean()) ** 2).sum()))
    wide = _T[max(k for k in _T if k <= g)] * error if g < 20 else 2.09 * error
    return Jackknifed(value, (value - wide, value + wide))


def moments_of(vectors: Vectors, *, unit: bool) -> Moments:
    """Return the moments of vectors, or of these vectors scaled to length 1."""
    g, d = vectors.n_groups, vectors.dim
    counts, sums, products = np.zeros(g), np.zeros((g, d)), np.zeros((g, d, d))
    for group in range(g):
        for block in vectors.blocks(group):
            total, product = unit_moments(unit_rows(block) if unit else block)
            counts[group] += len(block)
            sums[group] += total
            products[group] += product
    return Moments(counts, sums, products)


def effective_rank(moments: Moments) -> Jackknifed:
    """Return exp(entropy of the eigenvalues of the covariance), 1 to d. Source: Roy & Vetterli 2007.

    The values without each group are those to the first order, -log(p) dp for each eigenvalue's share p: exact ones
    would take an eigenvalue decomposition each.
    """
    whole = moments.whole
    shares, vectors = whole.shares, whole.eigenvectors
    logs = np.log(np.maximum(shares, 1e-300))
    entropy = -float(shares @ logs)
    left = []
    for one in moments.without:
        parts: Floats = np.einsum("ij,ij->j", vectors, one.covariance @ vectors)
        change = parts / max(float(parts.sum()), 1e-300) - shares
        left.append(math.exp(entropy - float(change @ logs)))
    return jackknife(math.exp(entropy), left)


def participation_ratio(covariance: Floats) -> float:
    """Return (sum of the eigenvalues)^2 / sum of their squares, 1 to d."""
    squares = float((covariance ** 2).sum())
    return float(np.trace(covariance)) ** 2 / squares if squares else 0.0


def partition_ratio(vectors: Vectors, moments: Moments, *, centred: bool) -> Jackknifed:
    """Return min Z(c) / max Z(c) with Z(c) the sum over vectors w of exp(c . w), 0 to 1; 1 is isotropic.

    c runs over the eigenvectors of the second moment with both signs: the sign of an eigenvector is arbitrary. Longer
    vectors give smaller values. So vectors are scaled down, if necessary, to a root mean square length of sqrt(d), as
    the model of Arora et al. assumes.

    Parameters
    ----------
    moments : those of the vectors.
    centred : subtract the mean vector first.
    """
    whole = moments.whole
    mean = whole.mean if centred else np.zeros(vectors.dim)
    matrix = whole.covariance if centred else whole.product / whole.count
    length = math.sqrt(max(float(np.trace(matrix)), 1e-300))
    directions = (np.linalg.eigh(matrix)[1] * min(1.0, math.sqrt(vectors.dim) / length)).astype(np.float32)
    centre = mean.astype(np.float32)
    sums = np.zeros((vectors.n_groups, 2 * vectors.dim))
    for group in range(vectors.n_groups):
        for block in vectors.blocks(group):
            sums[group] += _partition_sums(np.matmul(block - centre, directions, dtype=np.float32))
    total = sums.sum(axis=0)
    ratio = [float(one.min() / one.max()) for one in (total, *(total - sums))]
    return jackknife(ratio[0], ratio[1:])


def _partition_sums(products: Matrix) -> Floats:
    powers = np.exp(np.clip(products, -_LARGEST, _LARGEST).astype(np.float64))
    return np.concatenate((powers.sum(axis=0), (1 / powers).sum(axis=0)))
