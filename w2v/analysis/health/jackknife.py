"""Measures of the moments of vectors, with intervals by the jackknife.

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

from w2v.analysis.health.samples import Vectors
from w2v.analysis.moments import Moments, Sums, effective_rank
from w2v.evaluation.statistics.student import student_interval
from w2v.types import Floats, Interval, Matrix
from w2v.vectors.lengths import unit_rows

_LARGEST = 700.0  # exponent in float64


@dataclass(frozen=True)
class Groups:
    """Sums over groups of vectors, which have the same origin."""

    parts: tuple[Sums, ...]

    @cached_property
    def sums(self) -> Sums:
        """Sums over all vectors."""
        first = self.parts[0]
        return Sums(sum(one.count for one in self.parts), np.sum([one.total for one in self.parts], axis=0),
                    sum((one.products for one in self.parts), np.zeros_like(first.products)), first.origin)

    @cached_property
    def whole(self) -> Moments:
        """Moments of all vectors."""
        return self.sums.moments

    @property
    def without(self) -> Iterator[Moments]:
        """Moments without each group."""
        return (self.sums.without(one).moments for one in self.parts)

    def estimate(self, statistic: Callable[[Moments], float]) -> Jackknifed:
        """Return a statistic of the moments, with its jackknife interval."""
        return jackknife(statistic(self.whole), [statistic(one) for one in self.without])


@dataclass(frozen=True)
class Jackknifed:
    """A number and its 95 % interval."""

    value: float
    interval: Interval


def jackknife(value: float, without: Sequence[float]) -> Jackknifed:
    """Return the interval of a value, from the values without each of g groups."""
    left, g = np.asarray(without), len(without)
    error = math.sqrt((g - 1) / g * float(((left - left.mean()) ** 2).sum()))
    return Jackknifed(value, student_interval(value, error, g - 1))


def moments_of(vectors: Vectors, *, unit: bool) -> Groups:
    """Return the sums of vectors, or of these vectors scaled to length 1."""
    parts: list[Sums] = []
    for group in range(vectors.n_groups):
        blocks = map(unit_rows, vectors.blocks(group)) if unit else vectors.blocks(group)
        parts.append(Sums.of(blocks, vectors.dim, parts[0].origin if parts else None))
    return Groups(tuple(parts))


def estimated_rank(groups: Groups) -> Jackknifed:
    """Return `effective_rank` of the covariance.

    The values without each group are those to the first order, -log(p) dp for each eigenvalue's share p: exact ones
    would take an eigenvalue decomposition each.
    """
    shares, axes = groups.whole.shares, groups.whole.axes
    logs = np.log(np.maximum(shares, 1e-300))
    entropy = -float(shares @ logs)
    left = []
    for one in groups.without:
        parts: Floats = np.einsum("ij,ij->j", axes, one.covariance @ axes)
        change = parts / max(float(parts.sum()), 1e-300) - shares
        left.append(math.exp(entropy - float(change @ logs)))
    return jackknife(effective_rank(shares), left)


def partition_ratio(vectors: Vectors, whole: Moments, *, centred: bool) -> Jackknifed:
    """Return min Z(c) / max Z(c) with Z(c) the sum over vectors w of exp(c . w), 0 to 1; 1 is isotropic.

    c runs over the eigenvectors of the second moment with both signs: the sign of an eigenvector is arbitrary. Longer
    vectors give smaller values. So vectors are scaled down, if necessary, to a root mean square length of sqrt(d), as
    the model of Arora et al. assumes.

    Parameters
    ----------
    whole : moments of the vectors.
    centred : subtract the mean vector first.
    """
    mean = whole.mean if centred else np.zeros(vectors.dim)
    matrix = whole.covariance if centred else whole.second
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
