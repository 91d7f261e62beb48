"""Benchmarks of word vectors, by file, by name, or a whole suite; the numbers of `w2v evaluate`.

    w2v.evaluate(kv)                                    # the standard suite: all sets that are found
    w2v.evaluate(kv, suite=["google", "my-pairs.tsv"])  # sets by name and by path
    w2v.evaluate.analogies(kv, "questions-words.txt")   # one file
    w2v.evaluate.similarity(kv, "ws353.tsv")

Place in the data flow: the public face of `w2v.evaluation`, which does the work. The module itself can be called;
`evaluate.run` is the same function under a name of its own, for type checkers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from w2v.evaluation.measures import answers as _answers
from w2v.evaluation.measures.analogies import METHODS, outcomes, score_sections
from w2v.evaluation.measures.answers import RIGHT, UNKNOWN, WRONG, Outcome
from w2v.evaluation.measures.lookup import OWN_RESTRICT, Lookup
from w2v.evaluation.measures.similarity import score_pairs
from w2v.evaluation.output.tables import format_table
from w2v.evaluation.results import (
    AnalogyResult,
    CategoryResult,
    ChoiceResult,
    DegreesResult,
    Evaluation,
    Failure,
    Measure,
    OutlierResult,
    Result,
    Score,
    SimilarityResult,
)
from w2v.evaluation.sets.lines import Question, Section, read_analogies, read_pairs, words_of
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED
from w2v.evaluation.suite import Settings, Source, evaluate_suite, read_suite
from w2v.types import StrPath

if TYPE_CHECKING:
    from w2v.vectors.queries import Queries

__all__ = [
    "METHODS", "RIGHT", "UNKNOWN", "WRONG", "AnalogyResult", "CategoryResult", "ChoiceResult", "DegreesResult",
    "Evaluation", "Failure", "Measure", "OutlierResult", "Result", "Score", "SimilarityResult", "analogies", "answer",
    "answer_file", "format_table", "run", "similarity",
]


def run(
    kv: Queries, suite: Source | Iterable[Source] = "standard", *, datasets: StrPath | None = None,
    methods: Sequence[str] = ("3cosadd",), restrict_vocab: int | None = OWN_RESTRICT, case_insensitive: bool = True,
    draws: int = DRAWS, seed: int = SEED,
) -> Evaluation:
    """Evaluate vectors on several sets.

    Parameters
    ----------
    kv : the vectors, by falling frequency.
    suite : "standard" (every set of `w2v datasets list` that is found), a set's name or path, or a list of these; a
        path with its kind as (path, kind) where the content leaves doubt.
    datasets : folder with sets, searched before that of W2V_DATASETS and the cache folder.
    methods : of METHODS, for analogies; each gives a result of its own.
    restrict_vocab : analogies are answered by the first so many words only, and questions with others are unknown; None
        for all words.
    case_insensitive : compare in upper case; of the words that fold to the same, the first one answers.
    draws, seed : of the bootstrap behind the intervals; 0 draws for none.

    Returns
    -------
    Evaluation : results, sets that are missing, and failures: sets that are broken or of which no word is known.

    Raises
    ------
    W2VError : a folder of sets that is none. ValueError : unknown method, restrict_vocab < 1.
    """
    sources = [suite] if isinstance(suite, (str, tuple)) or not isinstance(suite, Iterable) else list(suite)
    settings = Settings(tuple(methods), restrict_vocab, case_insensitive, draws, seed)
    return evaluate_suite(kv, read_suite(sources, datasets), settings, kv.source)


def analogies(
    kv: Queries, path: StrPath, *, restrict_vocab: int | None = OWN_RESTRICT, case_insensitive: bool = True,
    method: str = "3cosadd", draws: int = DRAWS, seed: int = SEED,
) -> AnalogyResult:
    """Score the vectors on an analogy file of the form of Google's questions-words.txt.

    Parameters
    ----------
    path : the file.
    method : one of METHODS; see `w2v.evaluation.measures.answers` and `w2v.evaluation.measures.classes` for their sources.
    kv, restrict_vocab, case_insensitive, draws, seed : as `run`.

    Raises
    ------
    FormatError, W2VError : as `read_analogies`.
    ValueError : unknown method, restrict_vocab < 1.

    Source
    ------
    gensim 4, KeyedVectors.evaluate_word_analogies: the numbers are the same. Sections whose name begins with "gram"
    are syntactic, as in Mikolov et al. 2013 (1301.3781), table 1.
    """
    sections = read_analogies(path)
    lookup = Lookup(kv, words_of(sections), case_insensitive)
    return score_sections(lookup, _stem(path), sections, restrict_vocab=restrict_vocab, methods=[method], draws=draws,
                          seed=seed)[0]


def similarity(
    kv: Queries, path: StrPath, *, case_insensitive: bool = True, restrict_vocab: int | None = None,
    delimiter: str | None = None, unknown_as_zero: bool = False, draws: int = DRAWS, seed: int = SEED,
) -> SimilarityResult:
    """Correlate the cosines of word pairs with human scores.

    Parameters
    ----------
    delimiter : of the file; None finds it line by line.
    unknown_as_zero : pairs with an unknown word count with the cosine 0 instead of being left out.
    kv, path, case_insensitive, restrict_vocab, draws, seed : as `run`; all words by default.

    Raises
    ------
    FormatError, W2VError : as `read_pairs`. No known pair is no error: the correlations are None.
    """
    pairs = read_pairs(path, delimiter=delimiter)
    lookup = Lookup(kv, {word for a, b, _ in pairs for word in (a, b)}, case_insensitive)
    return score_pairs(lookup, _stem(path), pairs, restrict_vocab=restrict_vocab, unknown_as_zero=unknown_as_zero,
                       draws=draws, seed=seed)


def answer_file(
    kv: Queries, path: StrPath, *, restrict_vocab: int | None, case_insensitive: bool, method: str = "3cosadd"
) -> list[tuple[Section, Outcome]]:
    """Each section of an analogy file with the outcome of its questions; parameters and errors as `analogies`."""
    sections = read_analogies(path)
    lookup = Lookup(kv, words_of(sections), case_insensitive)
    found = outcomes(lookup, sections, lookup.limit(restrict_vocab), [method])[method]
    return [(section, both.usual) for section, both in zip(sections, found, strict=True)]


def answer(
    kv: Queries, questions: Sequence[Question], *, restrict_vocab: int | None = None,
    case_insensitive: bool = True, method: str = "3cosadd",
) -> Outcome:
    """(len(questions),) int8 of UNKNOWN, WRONG, RIGHT; words after the fourth are right answers too."""
    if method not in _answers.METHODS:
        raise ValueError(f"method must be one of {', '.join(_answers.METHODS)}, not {method!r}")
    lookup = Lookup(kv, {word for question in questions for word in question}, case_insensitive)
    return _answers.answer(lookup, questions, lookup.limit(restrict_vocab), [method])[method].usual


def _stem(path: StrPath) -> str:
    from pathlib import Path

    return Path(path).stem


class _Face(ModuleType):
    """This module, made callable: `w2v.evaluate(kv)` is `w2v.evaluate.run(kv)`."""

    def __call__(self, *args: Any, **options: Any) -> Evaluation:
        return run(*args, **options)


sys.modules[__name__].__class__ = _Face
