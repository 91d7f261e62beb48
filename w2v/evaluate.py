"""Analogy and word similarity benchmarks, with a table for each section.

Place in the data flow: vectors + question files -> numbers. Works on anything with the lookup and `cosines` of
`KeyedVectors`.

Why it is fast: the score of a candidate x for "a is to b as c is to ?" is cos(x, b) - cos(x, a) + cos(x, c). A file of
19,544 questions has only some 900 different words, so the cosines of those words with a tile of the vocabulary are one
small matrix product, and a question is the sum of three of its rows. The work per question does not depend on the
dimension, the tile stays in the cache, and 3CosMul is the same loop with products for sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from w2v.correlation import pearson, spearman
from w2v.evalsets import Question, Section, read_analogies, read_pairs
from w2v.files import StrPath
from w2v.search import COSMUL_EPSILON
from w2v.vectorfile import Matrix

if TYPE_CHECKING:
    from w2v.keyedvectors import KeyedVectors

Outcome = npt.NDArray[np.int8]  # of UNKNOWN, WRONG, RIGHT
UNKNOWN, WRONG, RIGHT = -1, 0, 1
METHODS = ("3cosadd", "3cosmul")

_QUESTIONS = 8192  # questions at a time; bounds the cosines of one tile to 3 * 8192 rows
_ROWS, _TILE = 64, 1024  # 256 KB of scores: best of six sizes tried on a core with 1 MB of L2


# --------------------------------------------------------------------------------------------------- results


@dataclass(frozen=True)
class Score:
    """Questions of one section or of several: `questions` are those whose four words are known, `total` all."""

    name: str
    correct: int
    questions: int
    total: int

    @property
    def accuracy(self) -> float | None:
        """Fraction of the known questions that are right; None if no question is known."""
        return self.correct / self.questions if self.questions else None

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "correct": self.correct, "questions": self.questions, "total": self.total,
                "accuracy": self.accuracy}


@dataclass(frozen=True)
class AnalogyResult(Score):
    """All sections of an analogy file; `semantic` and `syntactic` only if the file has sections of both kinds."""

    sections: tuple[Score, ...] = ()
    semantic: Score | None = None
    syntactic: Score | None = None
    method: str = "3cosadd"
    restrict_vocab: int | None = None

    def as_dict(self) -> dict[str, Any]:
        result = super().as_dict()
        result["sections"] = [section.as_dict() for section in self.sections]
        for kind in (self.semantic, self.syntactic):
            if kind is not None:
                result[kind.name] = kind.as_dict()
        return result | {"method": self.method, "restrict_vocab": self.restrict_vocab}


@dataclass(frozen=True)
class SimilarityResult:
    """Correlation with human scores over `pairs` pairs of known words; `unknown` pairs were left out.

    `spearman` and `pearson` are None if they are not defined: fewer than two pairs, or no variation.
    """

    name: str
    spearman: float | None
    pearson: float | None
    pairs: int
    unknown: int

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "spearman": self.spearman, "pearson": self.pearson, "pairs": self.pairs,
                "unknown": self.unknown}


# --------------------------------------------------------------------------------------------------- analogies


def analogies(
    kv: KeyedVectors, path: StrPath, *, restrict_vocab: int | None = 30_000, case_insensitive: bool = True,
    method: str = "3cosadd",
) -> AnalogyResult:
    """Score the vectors on an analogy file of the form of Google's questions-words.txt.

    Parameters
    ----------
    kv : the vectors, by falling frequency.
    path : the file.
    restrict_vocab : only the first so many words are candidates, and questions with other words are unknown; None: all.
    case_insensitive : compare in upper case; of the words that fold to the same, the first one answers.
    method : "3cosadd" or "3cosmul".

    Raises
    ------
    FormatError, W2VError : as `read_analogies`.
    ValueError : unknown method, restrict_vocab < 1.

    Source
    ------
    gensim 4, KeyedVectors.evaluate_word_analogies: the numbers are the same. Sections whose name begins with "gram"
    are syntactic, as in Mikolov et al. 2013 (1301.3781), table 1.
    """
    scores = [Score(section.name, int((outcome == RIGHT).sum()), int((outcome != UNKNOWN).sum()), len(outcome))
              for section, outcome in answer_file(kv, path, restrict_vocab=restrict_vocab,
                                                  case_insensitive=case_insensitive, method=method)]
    kinds = [_total("semantic", [score for score in scores if not score.name.startswith("gram")]),
             _total("syntactic", [score for score in scores if score.name.startswith("gram")])]
    semantic, syntactic = kinds if all(kind.total for kind in kinds) else (None, None)
    whole = _total(Path(path).stem, scores)
    return AnalogyResult(whole.name, whole.correct, whole.questions, whole.total, tuple(scores), semantic, syntactic,
                         method, restrict_vocab)


def _total(name: str, scores: Sequence[Score]) -> Score:
    return Score(name, sum(score.correct for score in scores), sum(score.questions for score in scores),
                 sum(score.total for score in scores))


def answer_file(
    kv: KeyedVectors, path: StrPath, *, restrict_vocab: int | None, case_insensitive: bool, method: str = "3cosadd"
) -> Iterator[tuple[Section, Outcome]]:
    """Each section of an analogy file with the outcome of its questions; parameters and errors as `analogies`."""
    sections = read_analogies(path)
    questions = [question for section in sections for question in section.questions]
    outcome = answer(kv, questions, restrict_vocab=restrict_vocab, case_insensitive=case_insensitive, method=method)
    ends = np.cumsum([len(section.questions) for section in sections])
    return zip(sections, np.split(outcome, ends[:-1]), strict=True)


def answer(
    kv: KeyedVectors, questions: Sequence[Question], *, restrict_vocab: int | None = None,
    case_insensitive: bool = True, method: str = "3cosadd",
) -> Outcome:
    """(len(questions),) int8 of UNKNOWN, WRONG, RIGHT; parameters as `analogies`."""
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    folding = _Folding(kv, restrict_vocab, case_insensitive)
    rows = np.array([[folding.row(word) for word in question] for question in questions], dtype=np.int64)
    rows = rows.reshape(-1, 4)
    outcome = np.full(len(rows), UNKNOWN, dtype=np.int8)
    known = np.flatnonzero((rows >= 0).all(axis=1))
    for start in range(0, len(known), _QUESTIONS):
        some = known[start:start + _QUESTIONS]
        found = _best_candidates(kv, rows[some, :3], folding, method)
        outcome[some] = np.where(found >= 0, folding.first[found] == rows[some, 3], False)
    return outcome


class _Folding:
    """Which row answers for a word, and which rows fold to the same word.

    Attributes
    ----------
    size : number of candidates.
    first : (size,) int64, the first row that folds to the same word as this row.
    others : rows other than the first for each first row that has any.
    """

    def __init__(self, kv: KeyedVectors, restrict_vocab: int | None, case_insensitive: bool) -> None:
        if restrict_vocab is not None and restrict_vocab < 1:
            raise ValueError(f"restrict_vocab must be at least 1 or None, not {restrict_vocab}")
        self.fold = str.upper if case_insensitive else str
        words = kv.index_to_key[:restrict_vocab]
        self.size = len(words)
        self._row: dict[str, int] = {}
        self.first = np.fromiter((self._row.setdefault(self.fold(word), i) for i, word in enumerate(words)),
                                 dtype=np.int64, count=len(words))
        self.others: dict[int, list[int]] = {}
        for i in np.flatnonzero(self.first != np.arange(self.size)).tolist():
            self.others.setdefault(int(self.first[i]), []).append(i)

    def row(self, word: str) -> int:
        """Row of the word, -1 if it is unknown."""
        return self._row.get(self.fold(word), -1)

    def excluded(self, abc: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(question, row) of all rows that may not answer, by rising row: the three words and what folds to them."""
        question = np.repeat(np.arange(len(abc)), 3)
        row = abc.ravel()
        if self.others:
            more = [(q, other) for q, r in zip(question.tolist(), row.tolist(), strict=True)
                    for other in self.others.get(r, ())]
            if more:
                extra = np.array(more, dtype=np.int64)
                question, row = np.concatenate((question, extra[:, 0])), np.concatenate((row, extra[:, 1]))
        order = np.argsort(row, kind="stable")
        return question[order], row[order]


def _best_candidates(
    kv: KeyedVectors, abc: npt.NDArray[np.int64], folding: _Folding, method: str
) -> npt.NDArray[np.int64]:
    """(q,) row of the best candidate of each question (q, 3), -1 if there is none; of equal ones the first."""
    words, place = np.unique(abc, return_inverse=True)
    place = place.reshape(abc.shape)
    units = kv.unit_vectors(words)
    question, row = folding.excluded(abc)
    best = np.full(len(abc), -1, dtype=np.int64)
    best_score = np.full(len(abc), -np.inf, dtype=np.float32)
    buffers = np.empty((2, _ROWS, _TILE), dtype=np.float32)
    tile = max(64, min(_TILE, (1 << 22) // len(words)))  # the cosines of a tile take 16 MB at most, or 64 columns
    for start in range(0, folding.size, tile):
        stop = min(start + tile, folding.size)
        cosines = kv.cosines(units, start, stop)
        low, high = np.searchsorted(row, (start, stop))
        by_question = np.argsort(question[low:high], kind="stable") + low
        inside = question[by_question], row[by_question] - start
        _scan_tile(cosines, place, inside, method, start, best, best_score, buffers)
    return best


def _scan_tile(
    cosines: Matrix, place: npt.NDArray[np.int64],
    excluded: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], method: str, start: int,
    best: npt.NDArray[np.int64], best_score: npt.NDArray[np.float32], buffers: npt.NDArray[np.float32],
) -> None:
    """Update `best` and `best_score` with one tile.

    Parameters
    ----------
    cosines : (u, width) of the words of the questions with the tile.
    place : (q, 3) rows of `cosines` of a, b, c.
    excluded : (question, column) pairs that may not answer, by rising question.
    """
    combine: np.ufunc = np.add if method == "3cosadd" else np.multiply
    good: Matrix = cosines if method == "3cosadd" else (cosines + 1) * np.float32(0.5)
    bad: Matrix = -cosines if method == "3cosadd" else np.reciprocal(good + COSMUL_EPSILON)
    width = cosines.shape[1]
    for at in range(0, len(place), _ROWS):
        a, b, c = place[at:at + _ROWS].T
        scores, other = buffers.reshape(2, -1)[:, :len(a) * width].reshape(2, len(a), width)
        # mode="clip" is what lets take() write into `out` without a copy; the indices are in range
        np.take(good, b, axis=0, out=scores, mode="clip")
        np.take(good, c, axis=0, out=other, mode="clip")
        combine(scores, other, out=scores)
        np.take(bad, a, axis=0, out=other, mode="clip")
        combine(scores, other, out=scores)
        low, high = np.searchsorted(excluded[0], (at, at + _ROWS))
        scores[excluded[0][low:high] - at, excluded[1][low:high]] = -np.inf
        column = scores.argmax(axis=1)
        top = scores[np.arange(len(a)), column]
        better = top > best_score[at:at + _ROWS]
        best_score[at:at + _ROWS][better] = top[better]
        best[at:at + _ROWS][better] = column[better] + start


# --------------------------------------------------------------------------------------------------- similarity


def similarity(
    kv: KeyedVectors, path: StrPath, *, case_insensitive: bool = True, restrict_vocab: int | None = None,
    delimiter: str | None = None, unknown_as_zero: bool = False,
) -> SimilarityResult:
    """Correlate the cosines of word pairs with human scores.

    Parameters
    ----------
    kv, path, case_insensitive, restrict_vocab : as `analogies`.
    delimiter : of the file; None finds it line by line.
    unknown_as_zero : pairs with an unknown word count with the cosine 0 instead of being left out.

    Raises
    ------
    FormatError, W2VError : as `read_pairs`. No known pair is no error: the correlations are None.
    """
    pairs = read_pairs(path, delimiter=delimiter)
    folding = _Folding(kv, restrict_vocab, case_insensitive)
    rows = np.array([(folding.row(a), folding.row(b)) for a, b, _ in pairs], dtype=np.int64)
    gold = np.array([score for _, _, score in pairs])
    known = (rows >= 0).all(axis=1)
    cosines = np.zeros(len(pairs))
    first, second = (kv.unit_vectors(rows[known, side]).astype(np.float64) for side in (0, 1))
    cosines[known] = np.einsum("ij,ij->i", first, second)
    used = np.ones_like(known) if unknown_as_zero else known
    return SimilarityResult(Path(path).stem, spearman(gold[used], cosines[used]), pearson(gold[used], cosines[used]),
                            int(used.sum()), int((~known).sum()))


# --------------------------------------------------------------------------------------------------- for people


def format_table(results: Sequence[AnalogyResult | SimilarityResult]) -> str:
    """Aligned tables: sections and totals of each analogy file, one line for each similarity file."""
    parts = [_analogy_table(result) for result in results if isinstance(result, AnalogyResult)]
    pairs = [result for result in results if isinstance(result, SimilarityResult)]
    if pairs:
        parts.append(_similarity_table(pairs))
    return "\n\n".join(parts)


def _analogy_table(result: AnalogyResult) -> str:
    totals = [score for score in (result.semantic, result.syntactic) if score is not None]
    scores = [*result.sections, *totals, Score("all", result.correct, result.questions, result.total)]
    rows = [(score.name, _percent(score.correct, score.questions), f"{score.correct}/{score.questions}",
             _percent(score.questions, score.total)) for score in scores]
    lines = _align([(f"analogies: {result.name}", "accuracy", "correct", "known"), *rows])
    lines.insert(1 + len(result.sections), "-" * len(lines[0]))
    if not result.questions:
        lines.append("no question has four known words: nothing was measured")
    return "\n".join(lines)


def _similarity_table(results: Sequence[SimilarityResult]) -> str:
    rows = [(result.name, _correlation(result.spearman), _correlation(result.pearson), str(result.pairs),
             str(result.unknown)) for result in results]
    lines = _align([("similarity", "Spearman", "Pearson", "pairs", "unknown"), *rows])
    lines += [f"{result.name}: no known pair of words: nothing was measured" for result in results if not result.pairs]
    return "\n".join(lines)


def _align(rows: Sequence[Sequence[str]]) -> list[str]:
    """First column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.rjust(width) if i else cell.ljust(width)
                      for i, (cell, width) in enumerate(zip(row, widths, strict=True))) for row in rows]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _correlation(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
