"""CSLS: nearest neighbours between two spaces, without the words that are near to everything (hubs).

CSLS(x, y) = 2 cos(x, y) - r(x) - r(y), where r is the mean cosine of a vector with its `NEAR` nearest vectors of the
other space. For one x the order of y depends on cos(x, y) - r(y) / 2 only: a search with a number added to each row.
All searches go through `w2v.vectors.search` in tiles; no matrix of all cosines is made.

Place in the data flow: vectors of two spaces, mapped into one -> rows and scores.

Source
------
Conneau et al. 2018 (1710.04087), section 2.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from w2v.formats.rows import Rows
from w2v.types import Indices, Matrix, Scores
from w2v.vectors.lengths import row_lengths
from w2v.vectors.search import QueryBatch, Space, Tile, nearest

NEAR = 10
"""Neighbours whose mean cosine is r: K of the source."""

METHODS = ("cosine", "csls")

_QUERIES = 8192  # vectors at a time


@dataclass(frozen=True)
class CslsSpace(Space):
    """Rows to be searched by cos(x, y) - r(y) / 2.

    Attributes
    ----------
    density : (m,) float32, r of each of the rows searched, in their order.
    """

    density: Scores | None = None

    def tiles(self, width: int) -> Iterator[Tile]:
        """Yield the rows in tiles of `width` rows, with -r / 2 as their shift."""
        begin = 0
        for tile in super().tiles(width):
            end = begin + len(tile.vectors)
            yield tile if self.density is None else replace(tile, shift=self.density[begin:end] * np.float32(-0.5))
            begin = end


def space_of(vectors: Matrix) -> Space:
    """Return the rows (n, d) as a space to be searched by cosine."""
    rows = Rows(vectors)
    return Space(rows, row_lengths(rows), "cosine", 0, len(rows))


def penalised(space: Space, density: Scores) -> CslsSpace:
    """Return a space of cosines with the density (m,) of its rows, to be searched by CSLS."""
    return CslsSpace(space.rows, space.lengths, "cosine", space.start, space.stop, space.indices, density)


def search(space: Space, vectors: Matrix, topn: int) -> tuple[Indices, Scores]:
    """Return the best rows of each unit vector (q, d) and their scores, (q, topn); -1 and NaN where there are fewer."""
    nothing = np.empty(0, dtype=np.int64)
    found = [nearest(space, QueryBatch(part, np.zeros(len(part) + 1, dtype=np.int64), nothing), topn)[:2]
             for start in range(0, max(1, len(vectors)), _QUERIES) for part in [vectors[start:start + _QUERIES]]]
    rows, scores = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(scores)


def densities(vectors: Matrix, space: Space) -> Scores:
    """Return (q,) float32 r of each unit vector (q, d): the mean cosine with its nearest rows of the other space.

    0 for a broken vector or an empty space.
    """
    _, cosines = search(space, vectors, NEAR)
    known = ~np.isnan(cosines)
    means: Scores = np.where(known, cosines, 0).sum(axis=1) / np.maximum(1, known.sum(axis=1)).astype(np.float32)
    return means


def space_densities(space: Space, others: Space) -> Scores:
    """Return (m,) r of each row of a space: its mean cosine with the nearest rows of the other space."""
    parts = []
    for tile in space.tiles(_QUERIES):
        assert tile.scale is not None
        with np.errstate(invalid="ignore", over="ignore"):
            units = tile.vectors * tile.scale[:, None]
        parts.append(densities(units, others))
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.float32)


def mutual_pairs(a: Matrix, b: Matrix) -> tuple[Indices, Indices]:
    """Return the pairs of unit vectors (n, d) and (m, d) that are each other's nearest by CSLS, as two arrays (k,)."""
    space_a, space_b = space_of(a), space_of(b)
    to_b = search(penalised(space_b, densities(b, space_a)), a, 1)[0]
    to_a = search(penalised(space_a, densities(a, space_b)), b, 1)[0]
    if not to_a.size or not to_b.size:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    forward, back = to_b[:, 0], to_a[:, 0]
    own = np.flatnonzero((forward >= 0) & (back[forward] == np.arange(len(a))))
    return own, forward[own]


@dataclass(frozen=True, eq=False)
class Retrieval:
    """Search of vectors of one space, after a map, among words of another.

    Attributes
    ----------
    space : the words to find, by cosine.
    sample : (s, d) unit vectors of words of the first space after the map, from which the density of `space` is
        computed. With all words it is CSLS as published. Tried with 50,000 words of two halves of a corpus, where
        cosine has a precision@1 of 0.291: all words 0.357, 10,000 drawn at random 0.347, 5,000 0.343, the 10,000 most
        frequent 0.321.
    """

    space: Space
    sample: Matrix

    @cached_property
    def penalised(self) -> CslsSpace:
        """The words to find, by CSLS."""
        return penalised(self.space, space_densities(self.space, space_of(self.sample)))

    def nearest(self, vectors: Matrix, topn: int, method: str) -> tuple[Indices, Scores]:
        """Return the best rows of each unit vector (q, d), and their cosines or CSLS, (q, topn)."""
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
        if method == "cosine":
            return search(self.space, vectors, topn)
        rows, scores = search(self.penalised, vectors, topn)
        return rows, 2 * scores - densities(vectors, self.space)[:, None]
