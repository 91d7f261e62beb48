"""Exact search: the best rows of each query, all scores of a query, and the rank of one row. Works on row numbers, not
on words.

Place in the data flow: `QueryBatch` of `w2v.vectors.neighbours` -> rows and scores. A tile of rows and a block of
queries meet in one BLAS product, whose scores stay in the cache until `_topk.Best` has read them: memory grows neither
with the number of rows nor with the number of queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2v.formats.rows import Rows
from w2v.types import Floats, Indices, Matrix, Scores
from w2v.vectors._topk import Best, cosmul
from w2v.vectors.lengths import Lengths

METRICS = ("cosine", "dot", "euclidean")
COSMUL_EPSILON = np.float32(1e-6)
"""Of 3CosMul. Levy & Goldberg 2014, section 6: 0.001; gensim and hyperwords: 1e-6."""

_EQUAL = np.float32(1e-6)  # cosines that differ less are equal up to the rounding of a product in float32; of dot
# products this times both lengths
_SCORES = 1 << 18  # scores of a tile: 1 MB stays in the cache; with
_BLOCK = 1024      # queries per product at most: of ten shapes tried, the fastest on a core with 1 MB of L2
_TILE = 1 << 19    # numbers of a tile of the rows, if few queries make it wide


@dataclass(frozen=True)
class Tile:
    """Some rows of a `Space`: the score of a query is (query @ vectors.T) * scale + shift, where None is 1 and 0.

    Attributes
    ----------
    vectors : (width, d) float32.
    scale, shift : (width,) float32 or None.
    first : number of the first row.
    rows : (width,) numbers of the rows; None if they are consecutive.
    """

    vectors: Matrix
    scale: Scores | None
    shift: Scores | None
    first: int
    rows: Indices | None


@dataclass(frozen=True)
class Space:
    """The rows to be searched, and the metric.

    Attributes
    ----------
    rows : (n, d), all rows.
    lengths : of all rows.
    metric : "cosine", "dot", or "euclidean", whose internal scores are query . row - |row|^2 / 2: they order rows by
        distance.
    start, stop : range of rows to search; ignored if there are `indices`.
    indices : (m,) rows to search, in rising order; or None.
    """

    rows: Rows
    lengths: Lengths
    metric: str
    start: int
    stop: int
    indices: Indices | None = None

    def __len__(self) -> int:
        return len(self.indices) if self.indices is not None else max(0, self.stop - self.start)

    def tiles(self, width: int) -> Iterator[Tile]:
        """Yield the rows in tiles of `width` rows."""
        for begin in range(0, len(self), width):
            end = min(begin + width, len(self))
            where: Any = (slice(self.start + begin, self.start + end) if self.indices is None
                          else self.indices[begin:end])
            vectors = self.rows[where]
            scale = self.lengths.inverse[where] if self.metric == "cosine" else None
            if self.metric == "dot" and self.lengths.broken.size:
                scale = np.where(np.isnan(self.lengths.inverse[where]), np.nan, 1).astype(np.float32)
            shift = None
            if self.metric == "euclidean":
                with np.errstate(invalid="ignore", over="ignore"):
                    shift = np.einsum("ij,ij->i", vectors, vectors) * np.float32(-0.5)
            yield Tile(vectors, scale, shift, self.start + begin, None if self.indices is None else where)


@dataclass(frozen=True)
class QueryBatch:
    """k queries as arrays.

    Attributes
    ----------
    vectors : (k, d) float32, one vector per query; for 3CosMul (t, d), all terms of all queries.
    skip_from, skip : rows that are excluded from the answers to query i: skip[skip_from[i] : skip_from[i + 1]].
    begin, weights : for 3CosMul: query i has the terms begin[i] : begin[i + 1], with their weights (t,).
    """

    vectors: Matrix
    skip_from: Indices
    skip: Indices
    begin: Indices | None = None
    weights: Scores | None = None

    def __len__(self) -> int:
        return len(self.skip_from) - 1


def _scored(space: Space, queries: QueryBatch) -> Iterator[tuple[Tile, int, Matrix]]:
    """Yield (tile, first query, scores (queries, width) before scale and shift) of each product.

    The next product overwrites the scores. Scores of 3CosMul are final: their tile has no scale and shift.
    """
    k, d = len(queries), max(1, space.rows.shape[1])
    begin = queries.begin if queries.begin is not None else np.arange(k + 1)
    block = max(1, min(k, _BLOCK))
    most = max((int(begin[min(q + block, k)] - begin[q]) for q in range(0, k, block)), default=1)
    width = max(1, min(max(256, _SCORES // max(most, 1)), max(256, _TILE // d), len(space)))
    products = np.empty(max(most, 1) * width, dtype=np.float32)
    combined = np.empty(block * width, dtype=np.float32) if queries.begin is not None else products
    for tile in space.tiles(width):
        columns = tile.vectors.T
        for q in range(0, k, block):
            end = min(q + block, k)
            low, high, wide = int(begin[q]), int(begin[end]), columns.shape[1]
            out = products[:(high - low) * wide].reshape(high - low, wide)
            with np.errstate(invalid="ignore", over="ignore"):
                np.matmul(queries.vectors[low:high], columns, out=out)
            if queries.begin is not None and queries.weights is not None and tile.scale is not None:
                scores = combined[:(end - q) * wide].reshape(end - q, wide)
                cosmul(out, tile.scale, queries.weights[low:high], begin[q:end + 1] - low, float(COSMUL_EPSILON),
                       scores)
                yield Tile(tile.vectors, None, None, tile.first, tile.rows), q, scores
            else:
                yield tile, q, out


def nearest(space: Space, queries: QueryBatch, topn: int) -> tuple[Indices, Scores, Indices]:
    """Return the best rows of each query, without excluded and broken rows; equal scores in order of rows.

    Returns
    -------
    rows (k, topn) int64 and scores (k, topn) float32, best first, and their number per query (k,); the remaining
    entries are -1 and NaN. The scores of the metric "euclidean" are distances, smallest first.
    """
    topn = max(0, min(topn, len(space)))
    best = Best(len(queries), topn)
    if topn:
        for tile, query, scores in _scored(space, queries):
            best.add(scores, query, tile.scale, tile.shift, tile.first, tile.rows, queries.skip_from, queries.skip)
    rows, scores, sizes = best.sorted()
    if space.metric == "euclidean":
        for i, size in enumerate(sizes):
            exact = distances_to(space.rows[rows[i, :size]], queries.vectors[i])
            order = np.argsort(exact, kind="stable")
            rows[i, :size], scores[i, :size] = rows[i, :size][order], exact[order]
    return rows, scores, sizes


def every_score(space: Space, queries: QueryBatch, out: Matrix | None = None) -> Matrix:
    """Return the scores (k, m) of queries with all rows of the space, in its order; NaN for broken rows.

    Parameters
    ----------
    out : (k, m) float32 to write to; None for a new array.
    """
    result = np.empty((len(queries), len(space)), dtype=np.float32) if out is None else out
    for tile, query, scores in _scored(space, queries):
        at = tile.first - space.start
        part = result[query:query + len(scores), at:at + scores.shape[1]]
        if space.metric == "euclidean":
            for i in range(len(scores)):
                part[i] = distances_to(tile.vectors, queries.vectors[query + i])
        elif tile.scale is not None:
            with np.errstate(invalid="ignore"):
                np.multiply(scores, tile.scale, out=part)
        else:
            part[:] = scores
    return result


def target_ranks(space: Space, queries: QueryBatch, targets: Indices) -> Floats:
    """Return the rank of one row among the rows of a space, for each query: 1 for the best.

    Rows with an equal score share the mean of their ranks, so that vectors that are all the same are no better than
    chance.

    Parameters
    ----------
    space : consecutive rows, with the metric "cosine" or "dot".
    queries : vectors, of length 1 for "cosine"; their excluded rows have no rank.
    targets : (k,) row of each query, within the space.

    Returns
    -------
    (k,) float64: 1 + the number of better rows + half of the number of equal ones; inf for a target that is excluded,
    NaN for a query or a target that is broken.
    """
    owner = np.repeat(np.arange(len(queries)), np.diff(queries.skip_from))
    taken_out = np.concatenate([owner, np.arange(len(queries))]), np.concatenate([queries.skip, targets])
    own = np.empty(len(queries), np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        for q in range(0, len(queries), _BLOCK):
            own[q:q + _BLOCK] = np.einsum("ij,ij->i", queries.vectors[q:q + _BLOCK], space.rows[targets[q:q + _BLOCK]])
        if space.metric == "cosine":
            own *= space.lengths.inverse[targets]
            equal = np.full(len(queries), _EQUAL)
        else:
            equal = _EQUAL * np.linalg.norm(queries.vectors, axis=1) * space.lengths.norms[targets]
    ranks = np.ones(len(queries))
    for tile, q, scores in _scored(space, queries):
        end, stop = q + len(scores), tile.first + len(tile.vectors)
        with np.errstate(invalid="ignore"):
            if tile.scale is not None:
                scores *= tile.scale
        here = (taken_out[0] >= q) & (taken_out[0] < end) & (taken_out[1] >= tile.first) & (taken_out[1] < stop)
        scores[taken_out[0][here] - q, taken_out[1][here] - tile.first] = -np.inf
        better = np.count_nonzero(scores > (own + equal)[q:end, None], axis=1)
        reached = np.count_nonzero(scores >= (own - equal)[q:end, None], axis=1)
        ranks[q:end] += (better + reached) / 2
    ranks[~np.isfinite(own)] = np.nan
    ranks[owner[queries.skip == targets[owner]]] = np.inf
    return ranks


def distances_to(vectors: Matrix, query: Matrix) -> Scores:
    """Return the (k,) Euclidean distances of rows (k, d) to one vector.

    Computed from the differences: small distances would be lost in rounding otherwise.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.linalg.norm(vectors - query, axis=1), dtype=np.float32)
