"""Moments of vectors, and how their variance spreads over dimensions; the same of random vectors.

Place in the data flow: vectors in blocks -> `Sums` -> `Moments` -> principal axes, shares of the variance, ranks.

`Moments.covariance` is about the mean; `Moments.about(origin)` is about any point, such as 0.

Sources
-------
Roy & Vetterli 2007 (The effective rank: a measure of effective dimensionality), with shares of the variance; Bartlett
1933 for the covariance of random vectors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from w2v.types import Floats, Matrix

_EQUAL = 1e-6  # components of an axis that differ by less, relative to the largest, are equal up to rounding


@dataclass(frozen=True)
class Moments:
    """First and second moments of vectors.

    Attributes
    ----------
    count : number of vectors.
    mean : (d,).
    covariance : (d, d), divided by `count`.
    """

    count: int
    mean: Floats
    covariance: Floats

    def about(self, origin: Floats) -> Floats:
        """Return (d, d) the mean outer product of the vectors minus an origin (d,)."""
        offset = self.mean - origin
        return self.covariance + np.outer(offset, offset)

    @property
    def second(self) -> Floats:
        """(d, d) mean outer product of the vectors as they are."""
        return self.about(np.zeros(len(self.mean)))

    @cached_property
    def _principal(self) -> tuple[Floats, Floats]:
        variances, axes = principal_axes(self.covariance)
        return shares_of(variances), axes

    @property
    def shares(self) -> Floats:
        """(d,) variances along the principal axes as shares of their sum, falling; zeros if all are zero."""
        return self._principal[0]

    @property
    def axes(self) -> Floats:
        """(d, d) principal axes of the covariance in its columns, in the same order."""
        return self._principal[1]


@dataclass(frozen=True)
class Sums:
    """Sums over vectors minus an origin, in float64.

    Attributes
    ----------
    count : number of vectors.
    total : (d,) sum of the vectors minus the origin.
    products : (d, d) sum of their outer products.
    origin : (d,), near the mean, so that nothing is lost to cancellation.
    """

    count: int
    total: Floats
    products: Floats
    origin: Floats

    @classmethod
    def of(cls, blocks: Iterable[Matrix | Floats], d: int, origin: Floats | None = None) -> Sums:
        """Add up vectors in blocks (k, d). The products within a block are computed in its type.

        Parameters
        ----------
        origin : (d,); None for the mean of the first block.
        """
        count, total, products = 0, np.zeros(d), np.zeros((d, d))
        for block in blocks:
            if not len(block):
                continue
            if origin is None:
                origin = np.asarray(block.mean(axis=0, dtype=np.float64))
            moved = block - origin.astype(block.dtype)
            count += len(moved)
            total += moved.sum(axis=0, dtype=np.float64)
            products += moved.T @ moved
        return cls(count, total, products, np.zeros(d) if origin is None else origin)

    def without(self, part: Sums) -> Sums:
        """Return the sums without some of the vectors, which have the same origin."""
        return Sums(self.count - part.count, self.total - part.total, self.products - part.products, self.origin)

    @property
    def moments(self) -> Moments:
        """Moments of the vectors; zero if there are none."""
        offset = self.total / max(1, self.count)
        covariance = self.products / max(1, self.count) - np.outer(offset, offset)
        return Moments(self.count, self.origin + offset, covariance)


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


def participation_ratio(covariance: Floats) -> float:
    """Return (sum of the eigenvalues)^2 / sum of their squares of a covariance (d, d), 1 to d."""
    squares = float((covariance ** 2).sum())
    return float(np.trace(covariance)) ** 2 / squares if squares else 0.0


def random_shares(count: int, d: int, seed: int) -> Floats:
    """Return (d,) shares of the variance, falling, for as many random vectors from N(0, I): the null model.

    The second moment of n >= d vectors is drawn as L L' / n with a lower triangle L (Bartlett), in O(d^3) for any n.
    """
    rng = np.random.default_rng(seed)
    values = np.zeros(d)
    if count < d:
        drawn = rng.standard_normal((count, d))
        values[:count] = np.linalg.eigvalsh(drawn @ drawn.T)[::-1]
    else:
        lower = np.tril(rng.standard_normal((d, d)), -1)
        lower[np.diag_indices(d)] = np.sqrt(rng.chisquare(count - np.arange(d)))
        values[:] = np.linalg.eigvalsh(lower @ lower.T)[::-1]
    return shares_of(np.maximum(values, 0.0))
