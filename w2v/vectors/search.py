"""The mathematics of a search: lengths of rows, what is searched, how it is compared, and the best rows of each query.

Place in the data flow: questions of `w2v.vectors.neighbours` -> rows and scores. Knows no words. A tile of the rows and a block
of the queries meet in one BLAS product, whose scores stay in the cache until `_topk.Best` has looked at them: memory
grows neither with the rows nor with the queries that are given at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.formats.rows import Rows
from w2v.types import Indices, Matrix, Scores
from w2v.vectors._topk import Best, cosmul

METRICS = ("cosine", "dot", "euclidean")
COSMUL_EPSILON = np.float32(1e-6)  # Levy & Goldberg 2014, section 6: 0.001; gensim and hyperwords: 1e-6

_NORM_BLOCK = 8192
_SCORES = 1 << 18  # scores of a tile: 1 MB stays in the cache; with
_BLOCK = 1024      # queries a product at most: of ten shapes tried, the best on a core with 1 MB of L2
_TILE = 1 << 19    # numbers of a tile of the rows, if few queries make it wide


@dataclass(frozen=True)
class Lengths:
    """Lengths of n rows; see `row_lengths`.

    Attributes
    ----------
    norms : (n,) float32, 1 for a zero row.
    inverse : (n,) float32, what makes a row one of length 1; NaN for a broken row.
    broken : rows that no factor makes so: a number is not finite, or the length has no float32.
    """

    norms: Scores
    inverse: Scores
    broken: Indices


def row_lengths(vectors: Matrix | Rows) -> Lengths:
    """Lengths of the rows (n, d) in blocks, so that nothing as large as the matrix is made."""
    norms = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), _NORM_BLOCK):
        block = vectors[start:start + _NORM_BLOCK]
        with np.errstate(over="ignore", invalid="ignore"):
            norms[start:start + _NORM_BLOCK] = np.sqrt(np.einsum("ij,ij->i", block, block))
    norms[norms == 0] = 1
    with np.errstate(over="ignore"):
        inverse = np.reciprocal(norms)
    broken = np.flatnonzero(~(np.isfinite(norms) & np.isfinite(inverse)))
    inverse[broken] = np.nan
    return Lengths(norms, inverse, broken)


def unit_length(vector: npt.NDArray[Any]) -> Matrix:
    """The vector at length 1 as float32; a zero vector stays as it is."""
    length = float(np.linalg.norm(vector.astype(np.float64)))
    return (vector / length if length > 0 else vector).astype(np.float32)


def unit_rows(rows: Matrix) -> Matrix:
    """The rows (k, d) at length 1, in place; zero rows stay, a broken one becomes NaN."""
    with np.errstate(invalid="ignore", over="ignore"):
        rows *= row_lengths(rows).inverse[:, None]
    return rows


@dataclass(frozen=True)
class Tile:
    """Some rows of a `Space`: a query's score is (query @ vectors.T) * scale + shift, None being 1 and 0."""

    vectors: Matrix
    scale: Scores | None
    shift: Scores | None
    first: int
    rows: Indices | None


@dataclass(frozen=True)
class Space:
    """What is searched, and how it is compared.

    Attributes
    ----------
    metric : "cosine", "dot", or "euclidean", whose scores are query . row - |row|^2 / 2: in the order of nearness.
    start, stop : the rows, if there are no
    indices : (m,) rows to search in, rising.
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
        """Tiles of `width` rows."""
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
class Questions:
    """k queries in numbers.

    Attributes
    ----------
    vectors : (k, d) float32, one vector a query; or (t, d), all terms of all queries, for 3CosMul.
    skip_from, skip : rows that are no answers to query i: skip[skip_from[i] : skip_from[i + 1]].
    begin, weights : for 3CosMul: query i has the terms begin[i] : begin[i + 1], with their weights (t,).
    """

    vectors: Matrix
    skip_from: Indices
    skip: Indices
    begin: Indices | None = None
    weights: Scores | None = None

    def __len__(self) -> int:
        return len(self.skip_from) - 1


def _scored(space: Space, asked: Questions) -> Iterator[tuple[Tile, int, Matrix]]:
    """(tile, first query, scores (queries, width) before scale and shift) of each product; the scores are overwritten
    by the next one. After 3CosMul there is nothing to scale."""
    k, d = len(asked), max(1, space.rows.shape[1])
    begin = asked.begin if asked.begin is not None else np.arange(k + 1)
    block = max(1, min(k, _BLOCK))
    most = max((int(begin[min(q + block, k)] - begin[q]) for q in range(0, k, block)), default=1)
    width = max(1, min(max(256, _SCORES // max(most, 1)), max(256, _TILE // d), len(space)))
    products = np.empty(max(most, 1) * width, dtype=np.float32)
    combined = np.empty(block * width, dtype=np.float32) if asked.begin is not None else products
    for tile in space.tiles(width):
        across = tile.vectors.T
        for q in range(0, k, block):
            end = min(q + block, k)
            low, high, wide = int(begin[q]), int(begin[end]), across.shape[1]
            out = products[:(high - low) * wide].reshape(high - low, wide)
            with np.errstate(invalid="ignore", over="ignore"):
                np.matmul(asked.vectors[low:high], across, out=out)
            if asked.begin is not None and asked.weights is not None and tile.scale is not None:
                scores = combined[:(end - q) * wide].reshape(end - q, wide)
                cosmul(out, tile.scale, asked.weights[low:high], begin[q:end + 1] - low, float(COSMUL_EPSILON), scores)
                yield Tile(tile.vectors, None, None, tile.first, tile.rows), q, scores
            else:
                yield tile, q, out


def nearest(space: Space, asked: Questions, topn: int) -> tuple[Indices, Scores, Indices]:
    """The best rows of each query, without those it skips and without broken ones; equal scores by rising row.

    Returns
    -------
    rows (k, topn) and scores (k, topn), best first, and how many there are of each (k,); what stands after them is -1
    and NaN. The scores of the metric "euclidean" are distances, smallest first.
    """
    topn = max(0, min(topn, len(space)))
    best = Best(len(asked), topn)
    if topn:
        for tile, query, scores in _scored(space, asked):
            best.add(scores, query, tile.scale, tile.shift, tile.first, tile.rows, asked.skip_from, asked.skip)
    rows, scores, sizes = best.sorted()
    if space.metric == "euclidean":
        for i, size in enumerate(sizes):
            exact = distances_to(space.rows[rows[i, :size]], asked.vectors[i])
            order = np.argsort(exact, kind="stable")
            rows[i, :size], scores[i, :size] = rows[i, :size][order], exact[order]
    return rows, scores, sizes


def every_score(space: Space, asked: Questions) -> Scores:
    """(m,) scores of one query with all rows of the space, in its order; NaN for broken rows."""
    result = np.empty(len(space), dtype=np.float32)
    at = 0
    for tile, _, scores in _scored(space, asked):
        part = scores[0]
        if space.metric == "euclidean":
            part = distances_to(tile.vectors, asked.vectors[0])
        elif tile.scale is not None:
            with np.errstate(invalid="ignore"):
                part = part * tile.scale
        result[at:at + len(part)] = part
        at += len(part)
    return result


def distances_to(vectors: Matrix, query: Matrix) -> Scores:
    """(k,) Euclidean distances of rows (k, d) to one vector, from the differences: no small one is lost in rounding."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.linalg.norm(vectors - query, axis=1), dtype=np.float32)
