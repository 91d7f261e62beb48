"""The mathematics of queries: lengths of rows, how a query scores a word, and the top of the scores tile by tile.

Place in the data flow: queries of `KeyedVectors` -> rows and scores. Knows no words: only rows, unit vectors, and a
function that gives the cosines with a tile of the vocabulary. A tile is one BLAS product for all queries, and memory
does not grow with the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.vectorfile import Matrix

Scores = npt.NDArray[np.float32]
Cosines = Callable[[Matrix, int, int], Scores]  # unit vectors (k, d), start, stop -> (k, stop - start)
Scorer = Callable[[int, int], Scores]  # start, stop -> (queries, stop - start) scores of a tile of the vocabulary
Key = str | int | np.integer[Any]  # a word or its row
Keys = Any  # a key, a vector (d,), a (key or vector, weight) pair, or a sequence of these

COSMUL_EPSILON = np.float32(1e-6)  # Levy & Goldberg 2014, section 6: 0.001; gensim and hyperwords: 1e-6

_NORM_BLOCK = 8192
_SCORES = 1 << 19  # scores at a time: 2 MB stay in the cache; of nine sizes tried, this and its neighbours were best


@dataclass(frozen=True)
class Lengths:
    """Lengths of n rows; see `row_lengths`.

    Attributes
    ----------
    norms : (n,) float32, 1 for a zero row.
    inverse : (n,) float32, what makes a row one of length 1; 0 for a broken row.
    broken : rows that no factor makes so: a number is not finite, or the length has no float32.
    """

    norms: Scores
    inverse: Scores
    broken: npt.NDArray[np.int64]


def row_lengths(vectors: Matrix) -> Lengths:
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
    inverse[broken] = 0
    return Lengths(norms, inverse, broken)


def unit_length(vector: npt.NDArray[Any]) -> Matrix:
    """The vector at length 1 as float32; a zero vector stays as it is."""
    length = float(np.linalg.norm(vector.astype(np.float64)))
    return (vector / length if length > 0 else vector).astype(np.float32)


@dataclass(frozen=True)
class Query:
    """One query of t terms.

    Attributes
    ----------
    units : (t, d) float32 unit vectors.
    weights : (t,) float32, negative for what the answer should be far from.
    known : rows of the words among the terms; they are no answers.
    """

    units: Matrix
    weights: npt.NDArray[np.float32]
    known: list[int]


def split_terms(items: Keys, weight: float) -> list[tuple[Any, float]]:
    """(key or vector, weight) of each term of what a user may give; `weight` for those that bring none."""
    if items is None:
        return []
    if isinstance(items, (str, int, np.integer)) or (isinstance(items, np.ndarray) and items.ndim == 1):
        items = [items]
    elif isinstance(items, tuple) and len(items) == 2 and isinstance(items[1], (float, int, np.number)) \
            and isinstance(items[0], (str, np.ndarray)):
        items = [items]
    pairs = (item if isinstance(item, tuple) else (item, weight) for item in items)
    return [(key, float(own_weight)) for key, own_weight in pairs]


def scorer(queries: Sequence[Query], cosines: Cosines, method: str) -> Scorer:
    """How these queries score a word: "3cosadd" or "3cosmul", as `KeyedVectors.most_similar` tells.

    Raises
    ------
    ValueError : the method is unknown.
    """
    if method == "3cosadd":
        means = np.stack([unit_length(query.weights @ query.units) for query in queries])
        return lambda start, stop: cosines(means, start, stop)
    if method != "3cosmul":
        raise ValueError(f'method must be "3cosadd" or "3cosmul", not {method!r}')
    terms = np.concatenate([query.units for query in queries])

    def score(start: int, stop: int) -> Matrix:
        shifted = (cosines(terms, start, stop) + 1) / 2
        scores = np.empty((len(queries), stop - start), dtype=np.float32)
        at = 0
        for row, query in enumerate(queries):
            sign = query.weights > 0
            own = shifted[at:at + len(sign)]
            scores[row] = own[sign].prod(axis=0) / (own[~sign].prod(axis=0) + COSMUL_EPSILON)
            at += len(sign)
        return scores

    return score


def top(score: Scorer, known: Sequence[Sequence[int]], topn: int, stop: int) -> list[list[tuple[int, float]]]:
    """(row, score) of the `topn` best words of each query, without its `known` rows; equal scores by rising row.

    The first tile gives each query a bar to pass; after that a tile costs one comparison a score, and only the few
    scores above the bar are ever sorted. Only rows below `stop` are looked at.
    """
    k = len(known)
    if topn < 1:
        return [[] for _ in range(k)]
    skip_row = np.repeat(np.arange(k), [len(ids) for ids in known])
    skip_id = np.fromiter((i for ids in known for i in ids), dtype=np.int64)
    best = _Best(k, topn)
    start, width = 0, max(1024, 2 * topn)
    while start < stop:
        end = min(start + width, stop)
        scores = score(start, end)
        inside = (skip_id >= start) & (skip_id < end)
        scores[skip_row[inside], skip_id[inside] - start] = -np.inf
        best.add(scores, start)
        start, width = end, max(1024, _SCORES // k)
    return best.rows()


class _Best:
    """The best `topn` of each of k queries over all tiles seen; equal scores by index."""

    def __init__(self, k: int, topn: int) -> None:
        self.k, self.topn = k, topn
        self.bar: Scores | None = None
        self.row, self.index = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        self.score = np.empty(0, dtype=np.float32)

    def add(self, scores: Matrix, start: int) -> None:
        """Take in the (k, width) scores of the words from `start` on."""
        width = scores.shape[1]
        if self.bar is None:
            at = max(width - self.topn, 0)
            hits = scores >= np.partition(scores, at, axis=1)[:, at, None]
        else:
            hits = scores > self.bar[:, None]
        flat = np.flatnonzero(hits)
        row, column = np.divmod(flat, width)
        row, column = np.concatenate((self.row, row)), np.concatenate((self.index, column + start))
        score = np.concatenate((self.score, scores.ravel()[flat]))
        order = np.lexsort((column, -score, row))
        row, column, score = row[order], column[order], score[order]
        first = np.searchsorted(row, np.arange(self.k))
        keep = np.arange(len(row)) - first[row] < self.topn
        self.row, self.index, self.score = row[keep], column[keep], score[keep]
        self._raise_bar()

    def _raise_bar(self) -> None:
        counts = np.bincount(self.row, minlength=self.k)
        full = counts == self.topn
        bar = np.full(self.k, -np.inf, dtype=np.float32)
        bar[full] = self.score[np.cumsum(counts)[full] - 1]
        self.bar = bar

    def rows(self) -> list[list[tuple[int, float]]]:
        ends = np.cumsum(np.bincount(self.row, minlength=self.k))[:-1]
        return [[(int(i), float(s)) for i, s in zip(index, score, strict=True) if s != -np.inf]
                for index, score in zip(np.split(self.index, ends), np.split(self.score, ends), strict=True)]
