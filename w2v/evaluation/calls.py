"""Functions of `w2v.evaluate`, and the object of that name, which can be called itself.

Place in the data flow: vectors + names or paths of sets -> results. `w2v.evaluate(kv)` is `run(kv)`, and the other
functions are attributes of the same object: `w2v.evaluate.analogies(kv, path)`. The module `w2v/evaluate.py` puts the
object in its own place when it is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from w2v.evaluation.comparison import Comparison, Comparisons, compare
from w2v.evaluation.measures.analogies import METHODS, AnalogyResult, outcomes, score_analogies
from w2v.evaluation.measures.answers import METHODS as QUESTION_METHODS
from w2v.evaluation.measures.answers import RIGHT, UNKNOWN, WRONG, Outcome
from w2v.evaluation.measures.answers import answer as answer_questions
from w2v.evaluation.measures.categories import CategoryResult
from w2v.evaluation.measures.choices import ChoiceResult
from w2v.evaluation.measures.degrees import DegreesResult
from w2v.evaluation.measures.outliers import OutlierResult
from w2v.evaluation.measures.similarity import SimilarityResult, score_similarity
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.output.tables import format_table
from w2v.evaluation.results import Evaluation, Failure, Measure, Result, Score
from w2v.evaluation.sets import analogies as analogy_sets
from w2v.evaluation.sets import similarity as similarity_sets
from w2v.evaluation.sets.analogies import Question, Section
from w2v.evaluation.settings import RESTRICT_VOCAB, Settings
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED
from w2v.evaluation.suite import Source, evaluate_suite, read_suite
from w2v.formats.keys import Key, word_of
from w2v.types import StrPath

if TYPE_CHECKING:
    from w2v.vectors.queries import Queries

__all__ = [
    "METHODS", "RIGHT", "UNKNOWN", "WRONG", "AnalogyResult", "CategoryResult", "ChoiceResult", "Comparison",
    "Comparisons", "DegreesResult", "Evaluation", "Failure", "Measure", "OutlierResult", "Result", "Score",
    "SimilarityResult", "analogies", "answer", "answer_file", "compare", "format_table", "run", "similarity",
]


def run(
    kv: Queries, suite: Source | Iterable[Source] = "standard", *, datasets: StrPath | None = None,
    methods: Sequence[str] = ("3cosadd",), restrict_vocab: int | None = RESTRICT_VOCAB, case_insensitive: bool = True,
    draws: int = DRAWS, seed: int = SEED,
) -> Evaluation:
    """Evaluate vectors on several sets; `w2v.evaluate(...)` is this function.

    Parameters
    ----------
    kv : the vectors, by falling frequency.
    suite : "standard" for all sets of `w2v datasets list` that are found; the name or path of a set; a pair (path,
        kind) if the kind of a path is not recognised from its content ("analogies", "similarity", "degrees", "choices",
        "categories" or "outliers"); or a list of these.
    datasets : folder in which names of sets are looked for first, before the one of W2V_DATASETS and the cache folder.
    methods : analogy methods, of METHODS; each gives a separate result.
    restrict_vocab : answers of analogies are searched among this many of the most frequent words, 1 or more, and
        questions with other words are unknown; None for all words. Other kinds use all words.
    case_insensitive : whether words are compared in upper case; the first of several words that are equal then is used.
    draws : number of bootstrap replicates for the confidence intervals, 0 for no intervals.
    seed : of the bootstrap, of k-means and of LRCos, 0 or more.

    Returns
    -------
    Evaluation : `results`, the sets that are `missing`, and the `failures`: sets that are broken, or of which no word
        is known. `to_dict()` is what `w2v evaluate --json` prints, `measures()` a flat list of all numbers.

    Raises
    ------
    W2VError : `datasets` is not a folder. ValueError : unknown method or kind, restrict_vocab < 1.

    Examples
    --------
    >>> found = w2v.evaluate(kv, suite=["google", "my-pairs.tsv"])
    >>> print(w2v.evaluate.format_table(found.results))
    >>> found["google"].accuracy
    """
    settings = Settings(tuple(methods), restrict_vocab, case_insensitive, draws, seed)
    return evaluate_suite(kv, read_suite(_sources(suite), datasets), settings, kv.source)


def _sources(suite: Source | Iterable[Source]) -> list[Source]:
    if isinstance(suite, (str, os.PathLike, tuple)):
        return [cast(Source, suite)]
    return list(suite)


def analogies(
    kv: Queries, path: StrPath, *, restrict_vocab: int | None = RESTRICT_VOCAB, case_insensitive: bool = True,
    method: str = "3cosadd", draws: int = DRAWS, seed: int = SEED,
) -> AnalogyResult:
    """Measure the accuracy on an analogy file in the format of Google's questions-words.txt.

    Parameters
    ----------
    path : the file: `: name` begins a section, every other line has four words.
    method : one of METHODS: "3cosadd", "3cosmul", "pairdistance", "3cosavg", "lrcos". Their equations and papers are in
        `w2v.evaluation.measures.answers` and `w2v.evaluation.measures.relations`.
    kv, restrict_vocab, case_insensitive, draws, seed : as `run`.

    Returns
    -------
    AnalogyResult : `accuracy` and its `interval` over the `questions` whose words are known, `accuracy_all` over all,
        `honest_accuracy` with the words of the question as candidates, and the same for `sections` and `groups`.

    Raises
    ------
    FormatError : a line has not four words, a section has no questions. W2VError : the file cannot be read.
    ValueError : unknown method, restrict_vocab < 1.

    Source
    ------
    gensim 4, KeyedVectors.evaluate_word_analogies, whose numbers are the same. Sections whose name begins with "gram"
    are syntactic, the others semantic, as in Mikolov et al. 2013 (1301.3781), table 1.

    Examples
    --------
    >>> w2v.evaluate.analogies(kv, "questions-words.txt", method="3cosmul").accuracy
    """
    sections = analogy_sets.read_analogies(path)
    words = WordRows(kv, analogy_sets.words_of(sections), case_insensitive)
    settings = Settings((method,), restrict_vocab, case_insensitive, draws, seed)
    return score_analogies(words, Path(path).stem, sections, settings)[0]


def similarity(
    kv: Queries, path: StrPath, *, case_insensitive: bool = True, restrict_vocab: int | None = None,
    delimiter: str | None = None, unknown_as_zero: bool = False, draws: int = DRAWS, seed: int = SEED,
) -> SimilarityResult:
    """Correlate the cosines of word pairs with scores that people gave them.

    Parameters
    ----------
    path : the file: two words and a score on each line.
    restrict_vocab : only this many of the most frequent words are known, 1 or more; None for all words.
    delimiter : between the fields; None chooses TAB, comma or white space for each line.
    unknown_as_zero : whether pairs with an unknown word count with the cosine 0 instead of being left out.
    kv, case_insensitive, draws, seed : as `run`.

    Returns
    -------
    SimilarityResult : `spearman` and `pearson`, -1 to 1, their `interval` and `pearson_interval`, and the numbers of
        `pairs` that were used and of `unknown` ones. The correlations are None if no two pairs are known.

    Raises
    ------
    FormatError : fewer than three fields, a score that is not a number, no pairs. W2VError : the file cannot be read.
    ValueError : restrict_vocab < 1.

    Source
    ------
    gensim 4, KeyedVectors.evaluate_word_pairs, whose correlations are the same. Equal values share the mean of their
    ranks.

    Examples
    --------
    >>> w2v.evaluate.similarity(kv, "ws353.tsv").spearman
    """
    pairs = similarity_sets.read_pairs(path, delimiter=delimiter)
    words = WordRows(kv, similarity_sets.words_of(pairs), case_insensitive)
    return score_similarity(words, Path(path).stem, pairs, Settings(draws=draws, seed=seed),
                            restrict_vocab=restrict_vocab, unknown_as_zero=unknown_as_zero)


def answer_file(
    kv: Queries, path: StrPath, *, restrict_vocab: int | None, case_insensitive: bool, method: str = "3cosadd"
) -> list[tuple[Section, Outcome]]:
    """Answer every question of an analogy file; parameters and errors as `analogies`.

    Returns
    -------
    Each section, and the outcomes of its questions as `answer` returns them.
    """
    sections = analogy_sets.read_analogies(path)
    words = WordRows(kv, analogy_sets.words_of(sections), case_insensitive)
    found = outcomes(words, sections, words.limit(restrict_vocab), [method])[method]
    return [(section, both.usual) for section, both in zip(sections, found, strict=True)]


def answer(
    kv: Queries, questions: Sequence[Sequence[Key]], *, restrict_vocab: int | None = None,
    case_insensitive: bool = True, method: str = "3cosadd",
) -> Outcome:
    """Answer analogy questions.

    Parameters
    ----------
    questions : each of four words or integers, a is to b as c is to d; further words are right answers too.
    restrict_vocab : candidates are this many of the most frequent words, 1 or more; None for all words.
    method : "3cosadd", "3cosmul" or "pairdistance".
    kv, case_insensitive : as `run`.

    Returns
    -------
    (len(questions),) int8 of RIGHT, WRONG, or UNKNOWN: one of the first three words or all right answers are unknown.

    Raises
    ------
    ValueError : another method, restrict_vocab < 1.

    Examples
    --------
    >>> w2v.evaluate.answer(kv, [("man", "king", "woman", "queen")])
    """
    if method not in QUESTION_METHODS:
        raise ValueError(f"method must be one of {', '.join(QUESTION_METHODS)}, not {method!r}")
    asked: list[Question] = [tuple(map(word_of, question)) for question in questions]
    words = WordRows(kv, {word for question in asked for word in question}, case_insensitive)
    return answer_questions(words, asked, words.limit(restrict_vocab), [method])[method].usual


class Evaluate:
    """Evaluation of word vectors: `w2v.evaluate(kv, ...)` evaluates on several sets, see `w2v.evaluate.run`.

    The attributes are the functions for one file (`analogies`, `similarity`), for single questions (`answer`,
    `answer_file`), `compare` for several evaluations, `format_table`, and the types of the results. For annotations
    import the types from `w2v.evaluate`.
    """

    __call__ = staticmethod(run)
    __signature__ = signature(run)  # else `inspect` takes the first parameter for self

    run = staticmethod(run)
    analogies = staticmethod(analogies)
    similarity = staticmethod(similarity)
    answer = staticmethod(answer)
    answer_file = staticmethod(answer_file)
    compare = staticmethod(compare)
    format_table = staticmethod(format_table)

    METHODS: Final = METHODS
    RIGHT: Final = RIGHT
    WRONG: Final = WRONG
    UNKNOWN: Final = UNKNOWN

    AnalogyResult: Final = AnalogyResult
    CategoryResult: Final = CategoryResult
    ChoiceResult: Final = ChoiceResult
    Comparison: Final = Comparison
    Comparisons: Final = Comparisons
    DegreesResult: Final = DegreesResult
    Evaluation: Final = Evaluation
    Failure: Final = Failure
    Measure: Final = Measure
    OutlierResult: Final = OutlierResult
    Result: Final = Result
    Score: Final = Score
    SimilarityResult: Final = SimilarityResult

    def __repr__(self) -> str:
        return "<w2v.evaluate>"


evaluate = Evaluate()
