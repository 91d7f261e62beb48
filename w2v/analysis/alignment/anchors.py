"""Anchors: the pairs of words that a map between two spaces is fitted to, and those held out to measure it.

Place in the data flow: `Pairs` -> held-out pairs, anchors -> `LinearMap`.

Source: Conneau et al. 2018 (1710.04087), sections 2.2 and 3.1, for refinement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2v.analysis.alignment.csls import mutual_pairs
from w2v.analysis.alignment.dictionary import LEAST, Pairs
from w2v.analysis.linear_map import LinearMap
from w2v.analysis.rotation import fit_centred, fit_rotation, paired_cosines
from w2v.analysis.samples import drawn_rows, usable_rows
from w2v.analysis.shared_words import frequency_ranks
from w2v.analysis.trimmed import agreeing
from w2v.types import Floats, Indices, Matrix
from w2v.vectors.lengths import unit_rows
from w2v.vectors.queries import Queries

_STEPS = 10  # of concentration
_BANDS, _LEAST_OF_BAND = 10, 20  # in which pairs are shuffled


@dataclass(frozen=True)
class Fitter:
    """Two spaces between which maps are fitted.

    Attributes
    ----------
    a, b : the spaces.
    center : whether the means of the anchors are brought together too.
    """

    a: Queries
    b: Queries
    center: bool = False

    def fit(self, pairs: Pairs) -> LinearMap:
        """Return the map of A to B by orthogonal Procrustes of unit vectors."""
        fit = fit_centred if self.center else fit_rotation
        return fit(self.a, pairs.a, self.b, pairs.b)

    def cosines(self, pairs: Pairs, change: LinearMap | None = None) -> Floats:
        """Return (m,) the cosine of each pair, after the map; without a map NaN if the dimensions differ."""
        if change is None and self.a.vector_size != self.b.vector_size:
            return np.full(len(pairs), np.nan)
        return paired_cosines(self.a, pairs.a, self.b, pairs.b, change)

    def images(self, rows: Indices, change: LinearMap) -> Matrix:
        """Return (m, e) unit vectors of some rows of A after the map."""
        return unit_rows(change(self.a.rows[rows]))


def split(pairs: Pairs, eligible: Indices, most: int, seed: int) -> tuple[Pairs, Pairs]:
    """Return the anchors and the held-out pairs.

    All pairs of a word of A are on the same side.

    Parameters
    ----------
    eligible : numbers of the pairs that may be held out.
    most : words of A to hold out; at most a fifth of all words of the pairs.
    """
    words = np.unique(pairs.a[eligible])
    count = min(most, len(np.unique(pairs.a)) // 5, len(words))
    drawn = drawn_rows(words, count, seed)
    held = np.isin(pairs.a, drawn)
    usable = np.zeros(len(pairs), dtype=bool)
    usable[eligible] = True
    return pairs.take(np.flatnonzero(~held)), pairs.take(np.flatnonzero(held & usable))


def most_frequent(spaces: Fitter, pairs: Pairs, count: int) -> Pairs:
    """Return the pairs with the lowest mean of the frequency ranks of both words, in the order of that mean."""
    ranks = frequency_ranks(spaces.a)[pairs.a] + frequency_ranks(spaces.b)[pairs.b]
    return pairs.take(np.argsort(ranks, kind="stable")[:count])


def stable_half(spaces: Fitter, pairs: Pairs) -> Pairs:
    """Return the half of the pairs that agrees best (`w2v.analysis.trimmed`), and at least two pairs for each
    dimension if there are as many."""
    kept = max((len(pairs) + 1) // 2, min(len(pairs), 2 * max(spaces.a.vector_size, spaces.b.vector_size)), LEAST)
    return pairs.take(agreeing(lambda chosen: spaces.fit(pairs.take(chosen)),
                               lambda change: spaces.cosines(pairs, change), len(pairs), kept, _STEPS))


def frequent_rows(space: Queries, most: int) -> Indices:
    """Return the rows of the `most` most frequent words, in rising order, without broken ones."""
    rows = usable_rows(space)
    return rows[frequency_ranks(space)[rows] < most]


def induced(spaces: Fitter, change: LinearMap, rows_a: Indices, rows_b: Indices) -> Pairs:
    """Return the pairs of words that are each other's nearest by CSLS after a map, among these rows of both spaces."""
    first, second = mutual_pairs(spaces.images(rows_a, change), unit_rows(spaces.b.rows[rows_b]))
    return Pairs(rows_a[first], rows_b[second])


def shuffled(pairs: Pairs, ranks: Indices, rng: np.random.Generator) -> Pairs:
    """Return the pairs with their second words shuffled among pairs of about the same frequency.

    Shuffled pairs keep what frequency alone gives two spaces in common.

    Parameters
    ----------
    ranks : frequency rank of each row of A.
    """
    order = np.argsort(ranks[pairs.a], kind="stable")
    bands = max(1, min(_BANDS, len(pairs) // _LEAST_OF_BAND))
    b = pairs.b.copy()
    for band in np.array_split(order, bands):
        b[band] = pairs.b[rng.permutation(band)]
    return Pairs(pairs.a, b)
