"""Anchor words of an axis: the direction between two sets, its resamples, and whether the anchors fit it.

Place in the data flow: unit vectors of anchor words -> direction -> `axis`. The anchors enter as a matrix of products
(m, m) of theirs, so that resampling and permuting them needs no vectors.

Sources
-------
Kozlowski, Taddy & Evans 2019 (American Sociological Review 84, 905) and Grand et al. 2022 (Nature Human Behaviour 6,
975): the direction is the mean of the differences of pairs. It is also the difference of the means, so that pairs
change only what is resampled and what is left out. Fournier, Dupoux & Dunbar 2020 (2020.conll-1.29): coherence of
pairs against shuffled pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from w2v.analysis.estimate import Estimate
from w2v.evaluation.statistics.bootstrap import percentile_interval
from w2v.types import Floats

_BLOCK = 1 << 19  # numbers at a time


@dataclass(frozen=True)
class Anchors:
    """Unit vectors of the words at both ends of an axis.

    Attributes
    ----------
    start, end : (a, d) and (b, d) float64.
    pairs : whether start[i] and end[i] are a pair, a = b.
    """

    start: Floats
    end: Floats
    pairs: bool

    @property
    def vectors(self) -> Floats:
        """(a + b, d), the start first."""
        return np.concatenate((self.start, self.end))

    @property
    def direction(self) -> Floats:
        """(d,) mean of the end - mean of the start, not scaled."""
        found: Floats = self.end.mean(axis=0) - self.start.mean(axis=0)
        return found

    @property
    def resampled(self) -> bool:
        """Whether there is anything to resample: two words or more at one end, or two pairs."""
        return max(len(self.start), len(self.end)) > 1

    def weights(self, draws: int, seed: int) -> Iterator[Floats]:
        """Yield blocks (k, a + b) of weights whose sums of anchors are directions of resamples."""
        rng, a, b = np.random.default_rng(seed), len(self.start), len(self.end)
        step = max(1, _BLOCK // (a + b))
        for first in range(0, draws, step):
            k = min(step, draws - first)
            start = rng.multinomial(a, np.full(a, 1 / a), size=k) / a
            end = start if self.pairs else rng.multinomial(b, np.full(b, 1 / b), size=k) / b
            yield np.concatenate((-start, end), axis=1)


def projection_replicates(anchors: Anchors, words: Floats, draws: int, seed: int) -> Floats:
    """Return (n, draws) cosines of unit vectors (n, d) with the axes of resampled anchors; NaN for an axis of length 0.
    """
    vectors = anchors.vectors
    products, cosines = vectors @ vectors.T, vectors @ words.T
    found = []
    for weights in anchors.weights(draws, seed):
        lengths = np.sqrt(np.maximum(np.einsum("ki,ij,kj->k", weights, products, weights, optimize=True), 0))
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(np.where(lengths > 1e-9, (weights @ cosines).T / lengths, np.nan))
    return np.concatenate(found, axis=1) if found else np.empty((len(words), 0))


def accuracy(anchors: Anchors, permutations: int, draws: int, seed: int) -> Estimate | None:
    """Return the share of anchors that lie on their own side of the axis of the others (leave-one-out).

    Of pairs: the end of the pair lies further along than its start. Otherwise: the word is nearer to the mean of the
    other words of its end than to that of the other end. `chance` and `p` are from anchors whose sides are permuted.
    None if there is nothing to leave out: fewer than 2 words at an end, or than 2 pairs.
    """
    a, b = len(anchors.start), len(anchors.end)
    if min(a, b) < 2:
        return None
    rng = np.random.default_rng(seed)
    if anchors.pairs:
        differences = anchors.end - anchors.start
        sides = np.concatenate((np.ones((1, a)), rng.choice([-1.0, 1.0], size=(permutations, a))))
        right = _right_pairs(differences @ differences.T, sides)
    else:
        vectors = anchors.vectors
        sides = np.concatenate((np.zeros(a), np.ones(b)))[None].repeat(permutations + 1, axis=0)
        sides[1:] = rng.permuted(sides[1:], axis=1)
        right = _right_words(vectors @ vectors.T, sides)
    shares = right.mean(axis=1)
    value = Estimate.share(int(right[0].sum()), right.shape[1], draws=draws, seed=seed)
    p = (1 + int((shares[1:] >= shares[0] - 1e-9).sum())) / (permutations + 1) if permutations else None
    return Estimate(value.value, value.interval, float(shares[1:].mean()) if permutations else None, p)


def _right_pairs(products: Floats, signs: Floats) -> Floats:
    """Return (k, m) 1 where the difference of a pair has a positive product with the sum of those of the others."""
    others = signs @ products - signs * np.diag(products)
    return (signs * others > 0).astype(np.float64)


def _right_words(products: Floats, sides: Floats) -> Floats:
    """Return (k, m) 1 where a word is nearer to the mean of its own side, without the word, than to that of the other.

    Parameters
    ----------
    products : (m, m) of the vectors.
    sides : (k, m) 1 for words at the end, 0 for words at the start; equally many ones in each row.
    """
    own = np.diag(products)
    result = np.zeros_like(sides)
    for side in (sides, 1 - sides):
        n_own, n_other = side[0].sum(), (1 - side[0]).sum()
        with_own, with_other = side @ products, (1 - side) @ products
        own_sum = np.einsum("ki,ki->k", side, with_own)[:, None]
        other_sum = np.einsum("ki,ki->k", 1 - side, with_other)[:, None]
        own_square = (own_sum - 2 * with_own + own) / (n_own - 1) ** 2
        nearer = ((with_own - own) / (n_own - 1) - own_square / 2
                  > with_other / n_other - other_sum / n_other ** 2 / 2)
        result += side * nearer
    return result


def coherence(anchors: Anchors, permutations: int, draws: int, seed: int) -> Estimate | None:
    """Return the mean cosine between the differences of pairs; None without two pairs.

    The interval is from resampled pairs; `chance` and `p` are from pairs whose ends are shuffled among them.
    """
    m = len(anchors.start)
    if not anchors.pairs or m < 2:
        return None
    rng = np.random.default_rng(seed)
    cosines = _cosines(anchors.end - anchors.start)
    value = _mean_between(cosines)
    shuffled = np.array([_mean_between(_cosines(anchors.end[rng.permutation(m)] - anchors.start))
                         for _ in range(min(permutations, 1000))])
    p = float((1 + (shuffled >= value - 1e-9).sum()) / (1 + len(shuffled))) if len(shuffled) else None
    counts = rng.multinomial(m, np.full(m, 1 / m), size=draws).astype(np.float64)
    np.fill_diagonal(cosines, 0)
    weights = counts.sum(axis=1) ** 2 - (counts * counts).sum(axis=1)  # of different pairs
    with np.errstate(invalid="ignore", divide="ignore"):
        replicates = np.einsum("ki,ij,kj->k", counts, cosines, counts, optimize=True) / weights
    interval = percentile_interval(replicates) if draws and m > 2 else None
    return Estimate(value, interval, float(shuffled.mean()) if len(shuffled) else None, p)


def _cosines(differences: Floats) -> Floats:
    lengths = np.linalg.norm(differences, axis=1, keepdims=True)
    units = differences / np.where(lengths > 0, lengths, 1)
    found: Floats = units @ units.T
    return found


def _mean_between(cosines: Floats) -> float:
    m = len(cosines)
    return float((cosines.sum() - np.trace(cosines)) / (m * (m - 1)))
