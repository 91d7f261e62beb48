"""`Searcher`: from the terms of queries to neighbours. Terms and weights become a `QueryBatch`, rows become words.

Place in the data flow: methods of `KeyedVectors` -> `w2v.vectors.search` or an approximate index -> lists of
(word, score).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt

from w2v.formats.keys import Key, integer_of, is_integer_list, is_key
from w2v.system.resources import require_memory
from w2v.types import Indices, Matrix, Scores
from w2v.vectors.lengths import unit_length, unit_rows
from w2v.vectors.lookup import Lookup, Oov, check_oov
from w2v.vectors.search import METRICS, QueryBatch, Space, every_score, nearest

Neighbours = list[tuple[str, float]]
"""Words and scores, best first."""

Term = Key | npt.NDArray[Any]
"""A key, or a vector (d,)."""

Terms = Term | tuple[Term, float] | Sequence[Term | tuple[Term, float]]
"""One side of a query: a term, a (term, weight) pair, or a list of these; an array (k, d) is k vectors. Where integers
are keys, an array (k,) of integers is k keys."""

METHODS = ("3cosadd", "3cosmul")


class Nearest(NamedTuple):
    """Neighbours of k queries, best first.

    Attributes
    ----------
    ids : (k, m) int64, keys: integers where integers are keys, otherwise rows; -1 where there is no further answer.
    scores : (k, m) float32; NaN where there is no further answer.
    """

    ids: Indices
    scores: Scores


_QUERIES, _TERMS = 8192, 1 << 16  # largest batch, in queries and in terms
_ANSWERS = 1 << 22  # largest batch, in answers: 50 MB
_RESCORED = 1 << 22  # numbers of candidates' vectors that are in memory at a time


class Approximate(Protocol):
    """An index that finds most of the nearest rows, such as `w2v.vectors.approximate.Index`."""

    def candidates(self, vectors: Matrix, count: int) -> Indices:
        """Return (k, count) rows near each of the vectors (k, d), filled up with -1."""
        ...


def split_terms(items: Terms | None, weight: float, integer_keys: bool = False) -> list[tuple[Term, float]]:
    """Return the (term, weight) pairs of one side of a query; `weight` is for terms without one.

    Parameters
    ----------
    integer_keys : whether integers are keys, so that an array of them is a list of keys and not a vector.
    """
    if items is None:
        return []
    is_vector = isinstance(items, np.ndarray) and items.ndim == 1 and not (integer_keys and is_integer_list(items))
    if is_key(items) or is_vector:
        return [(cast(Term, items), weight)]
    if isinstance(items, tuple) and len(items) == 2 and _is_pair(*items):
        term, own = cast(tuple[Term, float], items)
        return [(term, float(own))]
    listed = cast(Iterable[Term | tuple[Term, float]], items)
    pairs = (item if isinstance(item, tuple) else (item, weight) for item in listed)
    return [(term, float(own_weight)) for term, own_weight in pairs]


def _is_pair(first: object, second: object) -> bool:
    """Return whether two values are a term and its weight; two integers are two keys."""
    if isinstance(first, (str, np.ndarray)):
        return isinstance(second, (float, int, np.number))
    return integer_of(first) is not None and isinstance(second, (float, np.floating))


class _BatchBuilder:
    """Collects queries until they are a batch."""

    def __init__(self, lookup: Lookup, oov: Oov) -> None:
        self.lookup, self.oov = lookup, oov
        self.rows: list[int] = []  # of each term; -1 for a vector
        self.vectors: dict[int, tuple[Matrix, bool]] = {}  # by term, and whether it is the vector of a word
        self.weights: list[float] = []
        self.begin = [0]
        self.skip: list[int] = []
        self.skip_from = [0]

    def add(self, positive: Terms | None, negative: Terms | None) -> None:
        """Add a query."""
        if isinstance(positive, str) and negative is None and (row := self.lookup.index.get(positive)) is not None:
            self.rows.append(row)
            self.skip.append(row)
            self.weights.append(1.0)
        else:
            integer_keys = self.lookup.integer_keys
            terms = split_terms(positive, 1.0, integer_keys) + split_terms(negative, -1.0, integer_keys)
            if not terms:
                raise ValueError("a query needs at least one word or vector")
            for term, weight in terms:
                self._add_term(term, weight)
        self.begin.append(len(self.rows))
        self.skip_from.append(len(self.skip))

    def _add_term(self, term: Term, weight: float) -> None:
        if is_key(term):
            item = self.lookup.resolve(term, self.oov)
            if item is None:
                return
            if isinstance(item, int):
                self.skip.append(item)
        else:
            item = np.asarray(term, dtype=np.float32)
            if item.shape != (self.lookup.size,):
                raise ValueError(f"a vector of shape {item.shape} does not fit dimension {self.lookup.size}")
        if not isinstance(item, int):
            self.vectors[len(self.rows)] = item, is_key(term)
        self.rows.append(item if isinstance(item, int) else -1)
        self.weights.append(weight)

    def batch(self, space: Space, method: str) -> QueryBatch:
        """Return the queries as arrays.

        For cosines the vector of a word is scaled to length 1, and a vector that was given keeps its length. Otherwise
        a query is the weighted sum of its vectors over the sum of the weights.
        """
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
            return QueryBatch(vectors, skip_from, skip, begin, weights)
        used = begin[1:] > begin[:-1]  # a query whose words were all left out is NaN: nothing is near it
        combined = np.full((len(used), self.lookup.size), np.nan, dtype=np.float32)
        if used.any():
            with np.errstate(invalid="ignore", over="ignore"):
                combined[used] = np.add.reduceat(vectors * weights[:, None], begin[:-1][used])
                if not cosine:
                    total = np.add.reduceat(weights, begin[:-1][used])
                    combined[used] /= np.where(total == 0, 1, total)[:, None]
        return QueryBatch(unit_rows(combined) if cosine else combined, skip_from, skip)


@dataclass(frozen=True)
class Searcher:
    """A configured search.

    Attributes
    ----------
    lookup : words and their rows.
    space : rows to search, and the metric.
    oov : policy for unknown words in the queries.
    method : one of METHODS.
    index : an approximate index to search with; None searches exactly.

    Raises
    ------
    ValueError : unknown metric, method or policy, or 3CosMul with an index or another metric than cosine.
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
            raise ValueError(f"metric must be one of {', '.join(METRICS)}, not {self.space.metric!r}")
        if self.method == "3cosmul" and (self.space.metric != "cosine" or self.index is not None):
            raise ValueError("3cosmul needs exact cosines: it cannot be combined with another metric or with an "
                             "approximate index")
        check_oov(self.oov)

    def batches(
        self, positive: Sequence[Terms | None] | npt.NDArray[Any],
        negative: Sequence[Terms | None] | npt.NDArray[Any] | None, topn: int,
    ) -> Iterator[QueryBatch]:
        """Yield the queries in batches whose terms and answers take little memory."""
        most = max(1, min(_QUERIES, _ANSWERS // max(1, min(topn, len(self.space)))))
        builder = _BatchBuilder(self.lookup, self.oov)
        for i, terms in enumerate(positive):
            builder.add(terms, None if negative is None else negative[i])
            if len(builder.begin) > most or len(builder.rows) >= _TERMS:
                yield builder.batch(self.space, self.method)
                builder = _BatchBuilder(self.lookup, self.oov)
        if len(builder.begin) > 1:
            yield builder.batch(self.space, self.method)

    def nearest(
        self, positive: Sequence[Terms | None] | npt.NDArray[Any],
        negative: Sequence[Terms | None] | npt.NDArray[Any] | None, topn: int,
    ) -> list[Neighbours]:
        """Return the answers to many queries: query i has the terms positive[i] and negative[i]."""
        result: list[Neighbours] = []
        for rows, scores, sizes in self._found(positive, negative, topn):
            words = list(map(self.lookup.words.__getitem__, rows.ravel().tolist())) if rows.size else []
            pairs = list(zip(words, scores.ravel().tolist(), strict=True))
            width = rows.shape[1]
            result += [pairs[i * width:i * width + size] for i, size in enumerate(sizes.tolist())]
        return result

    def arrays(
        self, positive: Sequence[Terms | None] | npt.NDArray[Any],
        negative: Sequence[Terms | None] | npt.NDArray[Any] | None, topn: int,
    ) -> tuple[Indices, Scores]:
        """Return the answers to many queries as rows and scores (k, topn), filled up with -1 and NaN."""
        k, m = len(positive), max(0, min(topn, len(self.space)))
        require_memory(f"{m:,} answers to each of {k:,} queries", 12 * k * m, "ask fewer queries at a time")
        rows, scores = np.empty((k, m), dtype=np.int64), np.empty((k, m), dtype=np.float32)
        at = 0
        for some, own, _ in self._found(positive, negative, topn):
            rows[at:at + len(some)], scores[at:at + len(some)] = some, own
            at += len(some)
        return rows, scores

    def _found(
        self, positive: Sequence[Terms | None] | npt.NDArray[Any],
        negative: Sequence[Terms | None] | npt.NDArray[Any] | None, topn: int,
    ) -> Iterator[tuple[Indices, Scores, Indices]]:
        """Yield rows, scores and number of answers for each batch of queries, as `search.nearest`."""
        for queries in self.batches(positive, negative, topn):
            yield (nearest(self.space, queries, topn) if self.index is None
                   else rescore_candidates(self.space, queries, self.index, topn))

    def every(
        self, positive: Sequence[Terms | None] | npt.NDArray[Any],
        negative: Sequence[Terms | None] | npt.NDArray[Any] | None, columns: Indices | None = None,
    ) -> Matrix:
        """Return the scores (k, m) of many queries with all rows of the space, or with those at `columns` in it.

        Raises
        ------
        W2VError : they need more memory than is free.
        """
        k, m = len(positive), len(self.space) if columns is None else len(columns)
        require_memory(f"the scores of {k:,} queries with {m:,} words", 4 * k * m, "pass topn for the best of them, or "
                       "ask fewer queries at a time")
        result = np.empty((k, m), dtype=np.float32)
        at = 0
        for queries in self.batches(positive, negative, len(self.space)):
            part = result[at:at + len(queries)]
            if columns is None:
                every_score(self.space, queries, part)
            else:
                np.take(every_score(self.space, queries), columns, axis=1, out=part)
            at += len(queries)
        return result


def rescore_candidates(
    space: Space, queries: QueryBatch, index: Approximate, topn: int
) -> tuple[Indices, Scores, Indices]:
    """Return the best of the rows that an index finds, with exact scores; otherwise like `search.nearest`."""
    k = len(queries)
    topn = max(0, min(topn, len(space)))
    rows, scores = np.full((k, topn), -1, dtype=np.int64), np.full((k, topn), np.nan, dtype=np.float32)
    if not topn or not k:
        return rows, scores, np.zeros(k, dtype=np.int64)
    counts = np.diff(queries.skip_from)
    skip = np.full((k, int(counts.max())), -2, dtype=np.int64)
    skip[np.arange(skip.shape[1]) < counts[:, None]] = queries.skip
    found = index.candidates(queries.vectors, min(topn + skip.shape[1], len(space.rows)))
    step = max(1, _RESCORED // (found.shape[1] * max(queries.vectors.shape[1], skip.shape[1])))
    for start in range(0, k, step):
        part = slice(start, start + step)
        near, query = np.sort(found[part], axis=1), queries.vectors[part]
        vectors = space.rows[near.ravel()].reshape(*near.shape, -1)
        with np.errstate(invalid="ignore", over="ignore"):
            if space.metric == "euclidean":
                badness = np.linalg.norm(vectors - query[:, None], axis=2)
            else:
                badness = -np.einsum("kcd,kd->kc", vectors, query)
            if space.metric == "cosine":
                badness *= space.lengths.inverse[near]
        badness[(near < 0) | (near[:, :, None] == skip[part][:, None]).any(axis=2)] = np.nan
        order = np.argsort(badness, axis=1, kind="stable")[:, :topn]  # NaN comes last
        best = np.take_along_axis(badness, order, axis=1)
        rows[part, :order.shape[1]] = np.where(np.isnan(best), -1, np.take_along_axis(near, order, axis=1))
        scores[part, :order.shape[1]] = best if space.metric == "euclidean" else -best
    return rows, scores, np.count_nonzero(rows >= 0, axis=1)


def neighbor_graph(space: Space, k: int) -> tuple[Indices, Scores]:
    """Return the k nearest other rows of every row; see `KeyedVectors.neighbor_graph`."""
    return neighbours_of(space, np.arange(len(space.rows)), k)


def neighbours_of(space: Space, queries: Indices, k: int) -> tuple[Indices, Scores]:
    """Return the k nearest other rows of some rows.

    Parameters
    ----------
    space : the rows to search, all or some, and the metric.
    queries : (q,) rows, each of which is left out of its own answer.
    k : neighbours of each; at most the number of rows searched that can be answers of all.

    Returns
    -------
    rows (q, k) int64 and scores (q, k) float32, best first; -1 and NaN where there are fewer.
    """
    k = max(0, min(k, len(space) if space.indices is not None else len(space) - 1))
    rows, scores = np.empty((len(queries), k), dtype=np.int64), np.empty((len(queries), k), dtype=np.float32)
    step = max(1, min(_QUERIES, _ANSWERS // max(k, 1)))
    for start in range(0, len(queries), step):
        part = slice(start, start + step)
        own = queries[part]
        vectors = space.rows[own]
        if space.metric == "cosine":
            with np.errstate(invalid="ignore", over="ignore"):
                vectors *= space.lengths.inverse[own, None]
        batch = QueryBatch(vectors, np.arange(len(own) + 1), own)
        rows[part], scores[part], _ = nearest(space, batch, k)
    return rows, scores
