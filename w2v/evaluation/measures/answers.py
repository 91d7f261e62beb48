"""Analogies of single questions: which word is to c as b is to a.

Place in the data flow: questions + vectors -> right, wrong or unknown.

Why it is fast: a file of 19,544 questions has only some 900 different words, so the cosines of those words with a tile
of the vocabulary are one small matrix product, and the score of a candidate is made of three of its rows: the work per
question does not depend on the dimension, and the tile stays in the cache. All methods share the product.

Sources, with unit vectors, for the question a : b = c : x
----------------------------------------------------------
3cosadd : cos(x, b) - cos(x, a) + cos(x, c); Mikolov, Yih & Zweig 2013 (N13-1090), section 3.
3cosmul : cos(x, b) cos(x, c) / (cos(x, a) + 1e-6), cosines moved to 0..1; Levy & Goldberg 2014 (W14-1618), equation 4.
pairdistance : cos(b - a, x - c); Levy & Goldberg 2014, equation 2 ("PairDirection"), PairDistance in vecto.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from w2v.evaluation.measures.lookup import Lookup, Rows
from w2v.evaluation.sets.lines import Question
from w2v.formats.vectorfile import Matrix
from w2v.vectors.search import COSMUL_EPSILON

Outcome = npt.NDArray[np.int8]  # of UNKNOWN, WRONG, RIGHT
Scores = npt.NDArray[np.float32]
# a, b, c (rows of the cosines), the cosines c.b - c.a, two buffers -> scores in the first one
Combine = Callable[[Rows, Rows, Rows, Scores, Matrix, Matrix], None]

UNKNOWN, WRONG, RIGHT = -1, 0, 1
METHODS = ("3cosadd", "3cosmul", "pairdistance")

_QUESTIONS = 8192  # questions at a time; bounds the cosines of one tile to 3 * 8192 rows
_ROWS, _TILE = 64, 1024  # 256 KB of scores: best of six sizes tried on a core with 1 MB of L2
_PRODUCT = 1 << 21  # cosines of one product
_NEAREST = np.float32(1e-6)  # squared distance below which a direction is not defined


@dataclass(frozen=True)
class Outcomes:
    """(q,) outcomes of the questions: `usual` without the words of the question, `honest` with them as candidates.

    Source of the honest score: Rogers, Drozd & Li 2017 (S17-1017), Linzen 2016 (W16-2503).
    """

    usual: Outcome
    honest: Outcome


class Best:
    """The best candidate of each of q questions, kept apart for those that may answer and those that are barred."""

    def __init__(self, n_questions: int, question: Rows, row: Rows) -> None:
        """`question`, `row`: (n,) pairs that are barred."""
        order = np.argsort(row, kind="stable")
        self._question, self._row = question[order], row[order]
        self.row = np.full((2, n_questions), -1, dtype=np.int64)  # may answer, barred
        self.score = np.full((2, n_questions), -np.inf, dtype=np.float32)

    def tile(self, start: int, stop: int) -> None:
        """The next `add` calls are about rows [start, stop)."""
        low, high = np.searchsorted(self._row, (start, stop))
        order = np.argsort(self._question[low:high], kind="stable") + low
        self._start = start
        self._asking, self._column = self._question[order].tolist(), (self._row[order] - start).tolist()

    def add(self, at: int, scores: Matrix) -> None:
        """Take in the scores (rows, width) of the questions from `at` on; `scores` is written to."""
        low = bisect.bisect_left(self._asking, at)
        high = bisect.bisect_left(self._asking, at + len(scores), low)
        for question, column in zip(self._asking[low:high], self._column[low:high], strict=True):  # two or three
            if scores[question - at, column] > self.score[1, question]:
                self.score[1, question] = scores[question - at, column]
                self.row[1, question] = column + self._start
            scores[question - at, column] = -np.inf
        columns = scores.argmax(axis=1)
        top = scores[np.arange(len(scores)), columns]
        part = slice(at, at + len(scores))
        better = top > self.score[0, part]
        self.score[0, part][better] = top[better]
        self.row[0, part][better] = columns[better] + self._start

    @property
    def found(self) -> tuple[Rows, Rows]:
        """(q,) rows found without the barred ones, and with them; -1 if there is none. Of equal ones the first."""
        barred = (self.score[1] > self.score[0]) | ((self.score[1] == self.score[0]) & (self.row[1] < self.row[0]))
        return self.row[0], np.where(barred & (self.row[1] >= 0), self.row[1], self.row[0])


def answer(lookup: Lookup, questions: Sequence[Question], limit: int, methods: Sequence[str]) -> dict[str, Outcomes]:
    """Outcomes of the questions by method. Only the first `limit` rows are candidates.

    A question is known if a, b, c and one right answer at least are. Rows that fold to a word of the question are
    barred with it; a candidate is right if it folds to a right answer.
    """
    rows: dict[str, int] = {}
    for words in questions:
        for word in words:
            if word not in rows:
                rows[word] = lookup.row(word, limit)
    abc = np.array([[rows[word] for word in words[:3]] for words in questions], dtype=np.int64).reshape(-1, 3)
    sizes = np.array([len(words) - 3 for words in questions], dtype=np.int64)
    right = np.fromiter((rows[word] for words in questions for word in words[3:]), np.int64, int(sizes.sum()))
    target = np.repeat(np.arange(len(questions)), sizes)
    some = np.zeros(len(questions), dtype=bool)
    some[target[right >= 0]] = True
    known = np.flatnonzero(some & (abc >= 0).all(axis=1))
    others = {row: more for row in set(rows.values()) - {-1} if len(more := _folded(lookup, row, limit)) > 1}
    first = {other: row for row, more in others.items() for other in more}
    found = {method: np.full((2, len(questions)), -1, dtype=np.int64) for method in methods}
    for start in range(0, len(known), _QUESTIONS):
        part = known[start:start + _QUESTIONS]
        for method, best in _scan(lookup, abc[part], others, limit, methods).items():
            found[method][:, part] = best.found
    return {method: Outcomes(*(_outcome(one, known, first, right, target) for one in both))
            for method, both in found.items()}


def _folded(lookup: Lookup, row: int, limit: int) -> list[int]:
    return lookup.rows(lookup.kv.index_to_key[row], limit)


def _outcome(found: Rows, known: Rows, first: dict[int, int], right: Rows, target: Rows) -> Outcome:
    outcome = np.full(len(found), UNKNOWN, dtype=np.int8)
    outcome[known] = WRONG
    if first:
        found = np.array([first.get(row, row) for row in found.tolist()], dtype=np.int64)
    hit = (found[target] == right) & (right >= 0)
    outcome[target[hit & (outcome[target] == WRONG)]] = RIGHT
    return outcome


def _scan(
    lookup: Lookup, abc: Rows, others: dict[int, list[int]], limit: int, methods: Sequence[str]
) -> dict[str, Best]:
    """The best candidates of the questions (q, 3) by each method."""
    words, place = np.unique(abc, return_inverse=True)
    place = place.reshape(abc.shape)
    units = lookup.kv.unit_vectors(words)
    at_c: Scores = np.einsum("ij,ij->i", units[place[:, 2]], units[place[:, 1]] - units[place[:, 0]])
    barred = barred_rows(abc, others)
    best = {method: Best(len(abc), *barred) for method in methods}
    buffers = np.empty((2, _ROWS * _TILE), dtype=np.float32)
    for start, cosines in _tiles(lookup, units, limit):
        width = cosines.shape[1]
        for method in methods:
            combine = _COMBINE[method](cosines)
            best[method].tile(start, start + width)
            for at in range(0, len(place), _ROWS):
                a, b, c = place[at:at + _ROWS].T
                scores, other = buffers[:, :len(a) * width].reshape(2, len(a), width)
                combine(a, b, c, at_c[at:at + _ROWS], scores, other)
                best[method].add(at, scores)
    return best


def _tiles(lookup: Lookup, units: Matrix, limit: int) -> Iterator[tuple[int, Matrix]]:
    """The cosines (u, width) of the words with each tile of the vocabulary, and where the tile begins.

    A product is for as many tiles as fit into 8 MB: few products, because where all cores are busy each one waits for
    the threads of BLAS. With very many words a tile is narrower, but 64 columns wide at least.
    """
    columns = _PRODUCT // len(units)
    columns = columns // _TILE * _TILE or max(64, columns)
    for start in range(0, limit, columns):
        cosines = lookup.kv.cosines(units, start, min(start + columns, limit))
        for at in range(0, cosines.shape[1], _TILE):
            yield start + at, np.ascontiguousarray(cosines[:, at:at + _TILE])


def barred_rows(words: Rows, others: dict[int, list[int]]) -> tuple[Rows, Rows]:
    """(question, row) of all rows that may not answer: the words (q, k) of the questions and what folds to them."""
    question, row = np.repeat(np.arange(len(words)), words.shape[1]), words.ravel()
    if others:
        more = [(q, other) for q, r in zip(question.tolist(), row.tolist(), strict=True)
                for other in others.get(r, ()) if other != r]
        if more:
            extra = np.array(more, dtype=np.int64)
            question, row = np.concatenate((question, extra[:, 0])), np.concatenate((row, extra[:, 1]))
    return question, row


# --------------------------------------------------------------------------------------------------- methods
# mode="clip" is what lets take() write into `out` without a copy; the indices are in range


def _joined(join: np.ufunc, good: Matrix, bad: Matrix) -> Combine:
    """What speaks for a candidate, by b and by c, joined with what speaks against it, by a."""

    def combine(a: Rows, b: Rows, c: Rows, at_c: Scores, scores: Matrix, other: Matrix) -> None:
        good.take(b, axis=0, out=scores, mode="clip")
        good.take(c, axis=0, out=other, mode="clip")
        join(scores, other, out=scores)
        bad.take(a, axis=0, out=other, mode="clip")
        join(scores, other, out=scores)

    return combine


def _add(cosines: Matrix) -> Combine:
    return _joined(np.add, cosines, -cosines)


def _multiply(cosines: Matrix) -> Combine:
    good = (cosines + 1) * np.float32(0.5)
    return _joined(np.multiply, good, np.reciprocal(good + COSMUL_EPSILON))


def _direction(cosines: Matrix) -> Combine:
    """(x - c)(b - a) / |x - c|; the length of b - a is the same for all x. A candidate at c itself comes last."""
    squared = 2 - 2 * cosines
    with np.errstate(divide="ignore"):
        inverse: Matrix = np.where(squared > _NEAREST, 1 / np.sqrt(np.maximum(squared, _NEAREST)), -np.inf)
    minus = -cosines

    def combine(a: Rows, b: Rows, c: Rows, at_c: Scores, scores: Matrix, other: Matrix) -> None:
        cosines.take(b, axis=0, out=scores, mode="clip")
        minus.take(a, axis=0, out=other, mode="clip")
        np.add(scores, other, out=scores)
        np.subtract(scores, at_c[:, None], out=scores)
        inverse.take(c, axis=0, out=other, mode="clip")
        with np.errstate(invalid="ignore"):
            np.multiply(scores, other, out=scores)
        scores[other == -np.inf] = -np.inf

    return combine


_COMBINE: dict[str, Callable[[Matrix], Combine]] = {
    "3cosadd": _add, "3cosmul": _multiply, "pairdistance": _direction}
