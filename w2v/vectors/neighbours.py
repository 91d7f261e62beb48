"""From what a user asks for to neighbours: terms and weights become `search.Questions`, rows become words again.

Place in the data flow: methods of `KeyedVectors` -> `w2v.vectors.search` -> lists of (word, score).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from w2v.types import Indices, Matrix, Scores
from w2v.vectors.lookup import KEY_TYPES, Lookup, Oov, check_oov
from w2v.vectors.search import METRICS, Questions, Space, every_score, nearest, unit_length, unit_rows

Neighbours = list[tuple[str, float]]
Keys = Any  # a key, a vector (d,), a (key or vector, weight) pair, or a sequence of these

METHODS = ("3cosadd", "3cosmul")

_QUERIES, _TERMS = 8192, 1 << 16  # queries and terms at a time, at most
_ANSWERS = 1 << 22  # answers at a time: 50 MB
_RESCORED = 1 << 22  # numbers of the vectors that are scored again at a time


class Approximate(Protocol):
    """An index that finds most of the nearest rows, as `w2v.vectors.approximate.Index` does."""

    def candidates(self, vectors: Matrix, count: int) -> Indices:
        """(k, count) rows near to each of the vectors (k, d), -1 where there are no more."""


def split_terms(items: Keys, weight: float) -> list[tuple[Any, float]]:
    """(key or vector, weight) of each term of what a user may give; `weight` for those that bring none."""
    if items is None:
        return []
    if isinstance(items, KEY_TYPES) or (isinstance(items, np.ndarray) and items.ndim == 1):
        return [(items, weight)]
    if isinstance(items, tuple) and len(items) == 2 and isinstance(items[1], (float, int, np.number)) \
            and isinstance(items[0], (str, np.ndarray)):
        items = [items]
    pairs = (item if isinstance(item, tuple) else (item, weight) for item in items)
    return [(key, float(own_weight)) for key, own_weight in pairs]


class _Terms:
    """Queries as they come in, until there are enough of them."""

    def __init__(self, lookup: Lookup, oov: Oov) -> None:
        self.lookup, self.oov = lookup, oov
        self.rows: list[int] = []  # of each term; -1 if it is a vector
        self.vectors: dict[int, tuple[Matrix, bool]] = {}  # by term; whether it stands for a word
        self.weights: list[float] = []
        self.begin = [0]
        self.skip: list[int] = []
        self.skip_from = [0]

    def add(self, positive: Keys, negative: Keys) -> None:
        if isinstance(positive, str) and negative is None and (row := self.lookup.index.get(positive)) is not None:
            self.rows.append(row)
            self.skip.append(row)
            self.weights.append(1.0)
        else:
            terms = split_terms(positive, 1.0) + split_terms(negative, -1.0)
            if not terms:
                raise ValueError("a query needs at least one word or vector")
            for key, weight in terms:
                self._add_term(key, weight)
        self.begin.append(len(self.rows))
        self.skip_from.append(len(self.skip))

    def _add_term(self, key: Any, weight: float) -> None:
        if isinstance(key, KEY_TYPES):
            item = self.lookup.resolve(key, self.oov)
            if item is None:
                return
            if isinstance(item, int):
                self.skip.append(item)
        else:
            item = np.asarray(key, dtype=np.float32)
            if item.shape != (self.lookup.size,):
                raise ValueError(f"a vector of shape {item.shape} does not fit dimension {self.lookup.size}")
        if not isinstance(item, int):
            self.vectors[len(self.rows)] = item, isinstance(key, str)
        self.rows.append(item if isinstance(item, int) else -1)
        self.weights.append(weight)

    def questions(self, space: Space, method: str) -> Questions:
        """The queries in numbers. A word counts at length 1 for cosines, a vector as long as it is."""
        rows, weights = np.array(self.rows, dtype=np.int64), np.array(self.weights, dtype=np.float32)
        begin = np.array(self.begin, dtype=np.int64)
        skip_from, skip = np.array(self.skip_from, dtype=np.int64), np.array(self.skip, dtype=np.int64)
        vectors = np.empty((len(rows), self.lookup.size), dtype=np.float32)
        known = rows >= 0
        vectors[known] = space.rows[rows[known]]
        cosine = space.metric == "cosine"
        if cosine:
            with np.errstate(invalid="ignore", over="ignore"):
                vectors[known] *= space.lengths.inverse[rows[known], None]
        for term, (vector, of_word) in self.vectors.items():
            vectors[term] = unit_length(vector) if cosine and (of_word or method == "3cosmul") else vector
        if method == "3cosmul":
            return Questions(vectors, skip_from, skip, begin, weights)
        asked = begin[1:] > begin[:-1]  # a query whose words were all left out is asked with NaN: nothing is near it
        combined = np.full((len(asked), self.lookup.size), np.nan, dtype=np.float32)
        if asked.any():
            with np.errstate(invalid="ignore", over="ignore"):
                combined[asked] = np.add.reduceat(vectors * weights[:, None], begin[:-1][asked])
                if not cosine:
                    total = np.add.reduceat(weights, begin[:-1][asked])
                    combined[asked] /= np.where(total == 0, 1, total)[:, None]
        return Questions(unit_rows(combined) if cosine else combined, skip_from, skip)


@dataclass(frozen=True)
class Searcher:
    """One way to search: where, by which method, and what to do with unknown words.

    Raises
    ------
    ValueError : no such metric, method or policy, or 3CosMul with another metric than cosine.
    """

    lookup: Lookup
    space: Space
    oov: Oov = "error"
    method: str = "3cosadd"
    index: Approximate | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f'method must be "3cosadd" or "3cosmul", not {self.method!r}')
        if self.space.metric not in METRICS:
            raise ValueError(f"metric is one of {', '.join(METRICS)}, not {self.space.metric!r}")
        if self.method == "3cosmul" and (self.space.metric != "cosine" or self.index is not None):
            raise ValueError("3cosmul is a formula of exact cosines: no other metric and no index goes with it")
        check_oov(self.oov)

    def blocks(self, positive: Sequence[Keys], negative: Sequence[Keys] | None, topn: int) -> Iterator[Questions]:
        """The queries, as many at a time as their answers and terms take little memory."""
        most = max(1, min(_QUERIES, _ANSWERS // max(1, min(topn, len(self.space)))))
        terms = _Terms(self.lookup, self.oov)
        for i, keys in enumerate(positive):
            terms.add(keys, None if negative is None else negative[i])
            if len(terms.begin) > most or len(terms.rows) >= _TERMS:
                yield terms.questions(self.space, self.method)
                terms = _Terms(self.lookup, self.oov)
        if len(terms.begin) > 1:
            yield terms.questions(self.space, self.method)

    def nearest(self, positive: Sequence[Keys], negative: Sequence[Keys] | None, topn: int) -> list[Neighbours]:
        """The answers to many queries: query i is positive[i] and negative[i]."""
        result: list[Neighbours] = []
        for asked in self.blocks(positive, negative, topn):
            rows, scores, sizes = (nearest(self.space, asked, topn) if self.index is None
                                   else rescored(self.space, asked, self.index, topn))
            words = list(map(self.lookup.words.__getitem__, rows.ravel().tolist())) if rows.size else []
            pairs = list(zip(words, scores.ravel().tolist(), strict=True))
            width = rows.shape[1]
            result += [pairs[i * width:i * width + size] for i, size in enumerate(sizes.tolist())]
        return result

    def every(self, positive: Keys, negative: Keys) -> Scores:
        """(m,) scores of one query with all that is searched."""
        [asked] = self.blocks([positive], [negative], 1)
        return every_score(self.space, asked)


def rescored(space: Space, asked: Questions, index: Approximate, topn: int) -> tuple[Indices, Scores, Indices]:
    """As `search.nearest`, among what an index finds: its rows are scored again, exactly."""
    k = len(asked)
    topn = max(0, min(topn, len(space)))
    rows, scores = np.full((k, topn), -1, dtype=np.int64), np.full((k, topn), np.nan, dtype=np.float32)
    if not topn or not k:
        return rows, scores, np.zeros(k, dtype=np.int64)
    counts = np.diff(asked.skip_from)
    skip = np.full((k, int(counts.max())), -2, dtype=np.int64)
    skip[np.arange(skip.shape[1]) < counts[:, None]] = asked.skip
    found = index.candidates(asked.vectors, min(topn + skip.shape[1], len(space.rows)))
    step = max(1, _RESCORED // (found.shape[1] * max(asked.vectors.shape[1], skip.shape[1])))
    for start in range(0, k, step):
        own = slice(start, start + step)
        near, query = np.sort(found[own], axis=1), asked.vectors[own]
        vectors = space.rows[near.ravel()].reshape(*near.shape, -1)
        with np.errstate(invalid="ignore", over="ignore"):
            if space.metric == "euclidean":
                badness = np.linalg.norm(vectors - query[:, None], axis=2)
            else:
                badness = -np.einsum("kcd,kd->kc", vectors, query)
            if space.metric == "cosine":
                badness *= space.lengths.inverse[near]
        badness[(near < 0) | (near[:, :, None] == skip[own][:, None]).any(axis=2)] = np.nan
        order = np.argsort(badness, axis=1, kind="stable")[:, :topn]  # NaN comes last
        best = np.take_along_axis(badness, order, axis=1)
        rows[own, :order.shape[1]] = np.where(np.isnan(best), -1, np.take_along_axis(near, order, axis=1))
        scores[own, :order.shape[1]] = best if space.metric == "euclidean" else -best
    return rows, scores, np.count_nonzero(rows >= 0, axis=1)


def graph(space: Space, k: int) -> tuple[npt.NDArray[np.int64], Scores]:
    """The k nearest other rows of every row; see `KeyedVectors.neighbor_graph`."""
    n = len(space.rows)
    k = max(0, min(k, n - 1))
    rows, scores = np.empty((n, k), dtype=np.int64), np.empty((n, k), dtype=np.float32)
    step = max(1, min(_QUERIES, _ANSWERS // max(k, 1)))
    for start in range(0, n, step):
        own = np.arange(start, min(start + step, n))
        vectors = space.rows[own]
        if space.metric == "cosine":
            with np.errstate(invalid="ignore", over="ignore"):
                vectors *= space.lengths.inverse[own, None]
        asked = Questions(vectors, np.arange(len(own) + 1), own)
        rows[own], scores[own], _ = nearest(space, asked, k)
    return rows, scores
