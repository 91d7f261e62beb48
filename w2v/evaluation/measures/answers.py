"""Analogy methods that answer single questions: which word is to c as b is to a.

Place in the data flow: questions + vectors -> right, wrong or unknown.

Speed: a file of 19,544 questions has only about 900 different words. Their cosines with a tile of the vocabulary are
one small matrix product, and the score of a candidate combines three rows of it. So the work for a question does not
depend on the dimension, and the tile stays in the cache. All methods share the product.

Sources, with unit vectors, for the question a : b = c : x
----------------------------------------------------------
3cosadd : cos(x, b) - cos(x, a) + cos(x, c); Mikolov, Yih & Zweig 2013 (N13-1090), section 3.
3cosmul : cos(x, b) cos(x, c) / (cos(x, a) + 1e-6), cosines shifted to 0..1; Levy & Goldberg 2014 (W14-1618),
    equation 4.
pairdistance : cos(b - a, x - c); Levy & Goldberg 2014, equation 2 ("PairDirection"), PairDistance in vecto.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.analogies import Question
from w2v.types import Indices, Matrix, Scores
from w2v.vectors.search import COSMUL_EPSILON

Outcome = npt.NDArray[np.int8]  # of UNKNOWN, WRONG, RIGHT
# a, b, c (rows of the cosines), c.b - c.a, two buffers -> scores, written to the first buffer
Combine = Callable[[Indices, Indices, Indices, Scores, Matrix, Matrix], None]

UNKNOWN, WRONG, RIGHT = -1, 0, 1
METHODS = ("3cosadd", "3cosmul", "pairdistance")

_QUESTIONS = 8192  # at a time; limits the cosines of one tile to 3 * 8192 rows
_ROWS, _TILE = 64, 1024  # 256 KB of scores: the fastest of six sizes on a core with 1 MB of L2 cache
_PRODUCT = 1 << 21  # cosines in one matrix product
_NEAREST = np.float32(1e-6)  # squared distance below which a direction is not defined


@dataclass(frozen=True)
class Outcomes:
    """Outcomes (q,) of questions: `usual` without the words of the question as candidates, `honest` with them.

    Source of the honest score: Rogers, Drozd & Li 2017 (S17-1017), Linzen 2016 (W16-2503).
    """

    usual: Outcome
    honest: Outcome


class BestCandidates:
    """Best candidate of each of q questions, separately for the allowed and for the excluded rows.

    The excluded rows of a question are its own words. For each tile call `tile`, then `add` for blocks of questions.
    """

    row: npt.NDArray[np.int64]
    score: npt.NDArray[np.float32]

    def __init__(self, n_questions: int, question: Indices, row: Indices) -> None:
        """Take the n pairs of a `question` (n,) and a `row` (n,) that is excluded from it."""
        order = np.argsort(row, kind="stable")
        self._question, self._row = question[order], row[order]
        self.row = np.full((2, n_questions), -1, dtype=np.int64)  # allowed, excluded
        self.score = np.full((2, n_questions), -np.inf, dtype=np.float32)

    def tile(self, start: int, stop: int) -> None:
        """Announce that the next calls of `add` have the scores of the rows [start, stop)."""
        low, high = np.searchsorted(self._row, (start, stop))
        order = np.argsort(self._question[low:high], kind="stable") + low
        self._start = start
        self._asking, self._column = self._question[order].tolist(), (self._row[order] - start).tolist()

    def add(self, at: int, scores: Matrix) -> None:
        """Update with the scores (q, width) of the questions at, at + 1, ...; `scores` is overwritten."""
        low = bisect.bisect_left(self._asking, at)
        high = bisect.bisect_left(self._asking, at + len(scores), low)
        # a loop over few pairs: each question excludes two or three rows of the whole vocabulary
        for question, column in zip(self._asking[low:high], self._column[low:high], strict=True):
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
    def found(self) -> tuple[Indices, Indices]:
        """Best rows (q,) without the excluded ones, and with them; -1 if there is none. The first of equal ones."""
        excluded = (self.score[1] > self.score[0]) | ((self.score[1] == self.score[0]) & (self.row[1] < self.row[0]))
        return self.row[0], np.where(excluded & (self.row[1] >= 0), self.row[1], self.row[0])


def answer(words: WordRows, questions: Sequence[Question], limit: int, methods: Sequence[str]) -> dict[str, Outcomes]:
    """Return the outcomes of the questions by each of the methods; only the first `limit` rows are candidates.

    A question is known if a, b, c and at least one right answer are. All rows that are the same word as one of the
    question, when case is ignored, are excluded; a candidate is right if it is the same word as a right answer.
    """
    rows: dict[str, int] = {}
    for question in questions:
        for word in question:
            if word not in rows:
                rows[word] = words.row(word, limit)
    abc = np.array([[rows[word] for word in question[:3]] for question in questions], dtype=np.int64).reshape(-1, 3)
    sizes = np.array([len(question) - 3 for question in questions], dtype=np.int64)
    right = np.fromiter((rows[word] for question in questions for word in question[3:]), np.int64, int(sizes.sum()))
    target = np.repeat(np.arange(len(questions)), sizes)
    answerable = np.zeros(len(questions), dtype=bool)
    answerable[target[right >= 0]] = True
    known = np.flatnonzero(answerable & (abc >= 0).all(axis=1))
    others = {row: more for row in set(rows.values()) - {-1} if len(more := _same_word(words, row, limit)) > 1}
    first = {other: row for row, more in others.items() for other in more}
    found = {method: np.full((2, len(questions)), -1, dtype=np.int64) for method in methods}
    for start in range(0, len(known), _QUESTIONS):
        part = known[start:start + _QUESTIONS]
        for method, best in _scan(words, abc[part], others, limit, methods).items():
            found[method][:, part] = best.found
    return {method: Outcomes(*(_outcome(one, known, first, right, target) for one in both))
            for method, both in found.items()}


def _same_word(words: WordRows, row: int, limit: int) -> list[int]:
    """Return all rows below `limit` that are the same word as this row."""
    return words.rows(words.kv.index_to_key[row], limit)


def _outcome(found: Indices, known: Indices, first: dict[int, int], right: Indices, target: Indices) -> Outcome:
    """Return the outcomes (q,) of the rows `found` (q,).

    Parameters
    ----------
    known : questions that are known.
    first : the first row of the same word, for rows that are not the only one of their word.
    right, target : rows of right answers, and the question of each.
    """
    outcome = np.full(len(found), UNKNOWN, dtype=np.int8)
    outcome[known] = WRONG
    if first:
        found = np.array([first.get(row, row) for row in found.tolist()], dtype=np.int64)
    hit = (found[target] == right) & (right >= 0)
    outcome[target[hit & (outcome[target] == WRONG)]] = RIGHT
    return outcome


def _scan(
    words: WordRows, abc: Indices, others: dict[int, list[int]], limit: int, methods: Sequence[str]
) -> dict[str, BestCandidates]:
    """Return the best candidates of the questions `abc` (q, 3) by each method."""
    distinct, place = np.unique(abc, return_inverse=True)
    place = place.reshape(abc.shape)
    units = words.kv.unit_vectors(distinct)
    at_c: Scores = np.einsum("ij,ij->i", units[place[:, 2]], units[place[:, 1]] - units[place[:, 0]])
    excluded = excluded_rows(abc, others)
    best = {method: BestCandidates(len(abc), *excluded) for method in methods}
    buffers = np.empty((2, _ROWS * _TILE), dtype=np.float32)
    for start, cosines in _tiles(words, units, limit):
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


def _tiles(words: WordRows, units: Matrix, limit: int) -> Iterator[tuple[int, Matrix]]:
    """Iterate over tiles of the vocabulary: the first row, and the cosines (u, width) of the words with these rows.

    One matrix product covers as many tiles as fit into 8 MB, because each product waits for the threads of BLAS when
    all cores are busy. With very many words a tile is narrower, but at least 64 columns wide.
    """
    columns = _PRODUCT // len(units)
    columns = columns // _TILE * _TILE or max(64, columns)
    for start in range(0, limit, columns):
        cosines = words.kv.cosines(units, start, min(start + columns, limit))
        for at in range(0, cosines.shape[1], _TILE):
            yield start + at, np.ascontiguousarray(cosines[:, at:at + _TILE])


def excluded_rows(rows: Indices, others: dict[int, list[int]]) -> tuple[Indices, Indices]:
    """Return the pairs of a question and a row that is excluded from it, as two arrays (n,).

    Excluded are the rows (q, k) of the words of the questions, and `others`: by row, all rows of the same word.
    """
    question, row = np.repeat(np.arange(len(rows)), rows.shape[1]), rows.ravel()
    if others:
        more = [(q, other) for q, r in zip(question.tolist(), row.tolist(), strict=True)
                for other in others.get(r, ()) if other != r]
        if more:
            extra = np.array(more, dtype=np.int64)
            question, row = np.concatenate((question, extra[:, 0])), np.concatenate((row, extra[:, 1]))
    return question, row


# --------------------------------------------------------------------------------------------------- methods
# mode="clip" lets take() write to `out` without a copy; the indices are always in range


def _combined(operation: np.ufunc, good: Matrix, bad: Matrix) -> Combine:
    """Combine `good`, by b and by c, and `bad`, by a, with a binary operation."""

    def combine(a: Indices, b: Indices, c: Indices, at_c: Scores, scores: Matrix, other: Matrix) -> None:
        good.take(b, axis=0, out=scores, mode="clip")
        good.take(c, axis=0, out=other, mode="clip")
        operation(scores, other, out=scores)
        bad.take(a, axis=0, out=other, mode="clip")
        operation(scores, other, out=scores)

    return combine


def _add(cosines: Matrix) -> Combine:
    return _combined(np.add, cosines, -cosines)


def _multiply(cosines: Matrix) -> Combine:
    good = (cosines + 1) * np.float32(0.5)
    return _combined(np.multiply, good, np.reciprocal(good + COSMUL_EPSILON))


def _direction(cosines: Matrix) -> Combine:
    """Combine to (x - c)(b - a) / |x - c|; |b - a| is the same for all x. A candidate equal to c comes last."""
    squared = 2 - 2 * cosines
    with np.errstate(divide="ignore"):
        inverse: Matrix = np.where(squared > _NEAREST, 1 / np.sqrt(np.maximum(squared, _NEAREST)), -np.inf)
    minus = -cosines

    def combine(a: Indices, b: Indices, c: Indices, at_c: Scores, scores: Matrix, other: Matrix) -> None:
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
