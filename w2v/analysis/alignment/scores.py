"""Scores of an alignment on held-out pairs, each with an interval and its value by chance.

Place in the data flow: anchors, held-out pairs and a map -> numbers of `Alignment`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from w2v.analysis.alignment.anchors import Fitter, shuffled
from w2v.analysis.alignment.csls import METHODS, Retrieval
from w2v.analysis.alignment.dictionary import Pairs
from w2v.analysis.alignment.result import AlignedWord, Histogram, Precision
from w2v.analysis.estimate import Estimate
from w2v.analysis.linear_map import LinearMap
from w2v.analysis.shared_words import frequency_ranks
from w2v.types import Floats, Indices

CUTOFFS = (1, 5)
"""k of precision@k."""

SHUFFLES = 20
"""Rounds of the null model."""

SAMPLE = 5_000
"""Words of A from which densities for CSLS are computed."""

_ANCHORS = 10_000  # most of the anchors to which the null model is fitted
_MEASURED = 2_000  # most of them whose cosines are measured; words for `length_kept`

_EDGES = np.linspace(-1, 1, 41)


@dataclass(frozen=True)
class HeldOut:
    """Pairs that the map is not fitted to, by words of A.

    Attributes
    ----------
    pairs : (m,) pairs.
    words : (q,) distinct rows of A.
    word : (m,) number of the word of each pair, 0 to q - 1.
    """

    pairs: Pairs
    words: Indices
    word: Indices

    @classmethod
    def of(cls, pairs: Pairs) -> HeldOut:
        """Group pairs by words of A."""
        words, word = np.unique(pairs.a, return_inverse=True)
        return cls(pairs, words, word.reshape(-1))

    @property
    def translations(self) -> Indices:
        """(q,) right words of each word."""
        return np.bincount(self.word, minlength=len(self.words))

    def by_word(self, cosines: Floats) -> Floats:
        """Return (q,) the mean over the pairs of each word."""
        return np.bincount(self.word, cosines, len(self.words)) / np.maximum(1, self.translations)


@dataclass(frozen=True)
class Cosines:
    """Cosines of held-out words (q,) and of a sample of the anchors, with their values by chance.

    Attributes
    ----------
    before, after : (q,), without and with the map.
    anchors : (s,) with the map.
    null_before, null_after : (SHUFFLES, q).
    null_anchors : (SHUFFLES,) means.
    """

    before: Floats
    after: Floats
    anchors: Floats
    null_before: Floats
    null_after: Floats
    null_anchors: Floats

    @classmethod
    def measure(cls, spaces: Fitter, anchors: Pairs, test: HeldOut, change: LinearMap, seed: int) -> Cosines:
        """Measure a map on held-out pairs, and maps that are fitted to shuffled anchors on shuffled pairs."""
        rng = np.random.default_rng(seed)
        anchors = anchors.take(rng.permutation(len(anchors))[:_ANCHORS])
        some = np.arange(min(len(anchors), _MEASURED))
        ranks = frequency_ranks(spaces.a)
        null_before, null_after = np.empty((2, SHUFFLES, len(test.words)))
        null_anchors = np.empty(SHUFFLES)
        for i in range(SHUFFLES):
            pairs, mixed = shuffled(anchors, ranks, rng), shuffled(test.pairs, ranks, rng)
            null = spaces.fit(pairs)
            null_anchors[i] = spaces.cosines(pairs.take(some), null).mean()
            null_before[i], null_after[i] = (test.by_word(spaces.cosines(mixed, one)) for one in (None, null))
        before, after = (test.by_word(spaces.cosines(test.pairs, one)) for one in (None, change))
        return cls(before, after, spaces.cosines(anchors.take(some), change), null_before, null_after, null_anchors)

    def estimates(self, draws: int, seed: int) -> tuple[Estimate, Estimate, Estimate, Estimate]:
        """Return the means before and after, their difference, and that of the anchors."""
        before, after = (_compared(values, null, draws, seed) for values, null in (
            (self.before, self.null_before), (self.after, self.null_after)))
        gain = Estimate.mean(self.after - self.before, draws=draws, seed=seed)
        return before, after, gain, Estimate.mean(self.anchors, chance=float(self.null_anchors.mean()), draws=draws,
                                                  seed=seed)

    def histogram(self) -> Histogram:
        """Return the numbers of held-out words by cosine."""
        def count(values: Floats) -> list[int]:
            return [int(number) for number in np.histogram(values, _EDGES)[0]]

        before = None if np.isnan(self.before).any() else tuple(count(self.before))
        chance = tuple(number / SHUFFLES for number in count(self.null_after))
        return Histogram(tuple(_EDGES.round(6).tolist()), before, tuple(count(self.after)), chance)


def _compared(values: Floats, null: Floats, draws: int, seed: int) -> Estimate:
    """Return the mean of values (q,) with its value by chance and p from a null model (SHUFFLES, q)."""
    if not len(values) or np.isnan(values).any():
        return Estimate(math.nan)
    means = null.mean(axis=1)
    found = Estimate.mean(values, chance=float(means.mean()), draws=draws, seed=seed)
    deviation = float(means.std(ddof=1))
    above = found.value - float(means.mean())
    p = 0.5 * math.erfc(above / deviation / math.sqrt(2)) if deviation > 0 else float(above <= 0)
    return Estimate(found.value, found.interval, found.chance, p)


def precisions(spaces: Fitter, test: HeldOut, change: LinearMap, retrieval: Retrieval, draws: int,
               seed: int) -> tuple[tuple[Precision, ...], dict[str, Indices]]:
    """Return precision@k by each method, and the (q,) place of the first right word, 0 if it is not among the best."""
    q, candidates = len(test.words), len(retrieval.space)
    if not q:
        return (), {method: np.empty(0, dtype=np.int64) for method in METHODS}
    vectors = spaces.images(test.words, change)
    right = test.word * len(spaces.b) + test.pairs.b
    found, ranks = [], {}
    for method in METHODS:
        rows, _ = retrieval.nearest(vectors, max(CUTOFFS), method)
        hits = np.isin(np.arange(q)[:, None] * len(spaces.b) + rows, right) & (rows >= 0)
        ranks[method] = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, 0)
        for topn in CUTOFFS:
            chance = float(np.minimum(1, topn * test.translations / candidates).mean())
            count = int(((ranks[method] > 0) & (ranks[method] <= topn)).sum())
            found.append(Precision(method, topn, Estimate.share(count, q, chance=chance, draws=draws, seed=seed)))
    return tuple(found), ranks


def words_of(spaces: Fitter, test: HeldOut, cosines: Cosines, ranks: dict[str, Indices]) -> tuple[AlignedWord, ...]:
    """Return the held-out words with their numbers."""
    right: list[list[str]] = [[] for _ in test.words]
    for number, row in zip(test.word.tolist(), test.pairs.b.tolist(), strict=True):
        right[number].append(spaces.b.index_to_key[row])
    return tuple(
        AlignedWord(spaces.a.index_to_key[row], tuple(right[i]),
                    None if math.isnan(cosines.before[i]) else float(cosines.before[i]), float(cosines.after[i]),
                    *(int(ranks[method][i]) or None for method in METHODS))
        for i, row in enumerate(test.words.tolist()))


def length_kept(spaces: Fitter, change: LinearMap, rows: Indices, draws: int, seed: int) -> Estimate | None:
    """Return the mean share of the squared length of some rows of A that a map keeps; None if it moves the mean."""
    if change.shift is not None:
        return None
    rows = rows[:: max(1, -(-len(rows) // _MEASURED))]
    vectors = spaces.a.rows[rows].astype(np.float64)
    images = change(spaces.a.rows[rows]).astype(np.float64)
    lengths, kept = (np.square(one).sum(axis=1) for one in (vectors, images))
    d, e = change.matrix.shape
    used = lengths > 0
    return Estimate.mean(kept[used] / lengths[used], chance=min(1.0, e / d), draws=draws, seed=seed)
