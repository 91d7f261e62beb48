"""Functions of `w2v.evaluate`, and the object of that name, which can be called itself.

Place in the data flow: vectors + names or paths of sets -> results. `w2v.evaluate(kv)` is `run(kv)`, and the other
functions are attributes of the same object: `w2v.evaluate.analogies(kv, path)`. The module `w2v/evaluate.py` puts the
object in its own place when it is imported.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Final

from w2v.evaluation.comparison import Comparison, Comparisons, compare
from w2v.evaluation.loading import usable
from w2v.evaluation.measures.analogies import METHODS, AnalogyResult, chosen_methods, outcomes, score_analogies
from w2v.evaluation.measures.answers import METHODS as QUESTION_METHODS
from w2v.evaluation.measures.answers import RIGHT, UNKNOWN, WRONG, Outcome
from w2v.evaluation.measures.answers import answer as answer_questions
from w2v.evaluation.measures.categories import CategoryResult
from w2v.evaluation.measures.choices import ChoiceResult
from w2v.evaluation.measures.degrees import DegreesResult
from w2v.evaluation.measures.labels import LabelResult
from w2v.evaluation.measures.links import LinkResult
from w2v.evaluation.measures.outliers import OutlierResult
from w2v.evaluation.measures.sentences import SentenceResult, chosen_sentence_methods
from w2v.evaluation.measures.sessions import SessionResult
from w2v.evaluation.measures.similarity import SimilarityResult, score_similarity
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.output.tables import format_table
from w2v.evaluation.results import Evaluation, Failure, Measure, Result, Score
from w2v.evaluation.sets import analogies as analogy_sets
from w2v.evaluation.sets import similarity as similarity_sets
from w2v.evaluation.sets.analogies import Question, Section
from w2v.evaluation.sets.links import read_known_edges
from w2v.evaluation.settings import RESTRICT_VOCAB, SPLITS, TRAIN_SHARE, Settings
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED
from w2v.evaluation.suite import Paths, Source, evaluate_suite, read_suite, sources_of
from w2v.formats.keys import Key, word_of
from w2v.types import StrPath

if TYPE_CHECKING:
    from w2v.vectors.queries import Queries

__all__ = [
    "METHODS", "RIGHT", "UNKNOWN", "WRONG", "AnalogyResult", "CategoryResult", "ChoiceResult", "Comparison",
    "Comparisons", "DegreesResult", "Evaluation", "Failure", "LabelResult", "LinkResult", "Measure", "OutlierResult",
    "Result", "Score", "SentenceResult", "SessionResult", "SimilarityResult", "analogies", "answer", "answer_file",
    "compare", "format_table", "run", "similarity",
]


def run(
    kv: Queries, suite: Source | Iterable[Source] | None = None, *, analogies: Paths = (), similarity: Paths = (),
    degrees: Paths = (), choices: Paths = (), categories: Paths = (), outliers: Paths = (),
    sentences: Paths = (), sessions: Paths = (), links: Paths = (), labels: Paths = (),
    datasets: StrPath | None = None, delimiter: str | None = None,
    method: str | Sequence[str] | None = None, methods: str | Sequence[str] | None = None,
    restrict_vocab: int | None = RESTRICT_VOCAB,
    case_sensitive: bool = False, case_insensitive: bool = True, draws: int = DRAWS, seed: int = SEED,
    sentence_method: str | Sequence[str] | None = None, known_edges: StrPath | None = None,
    train_share: float = TRAIN_SHARE, splits: int = SPLITS,
) -> Evaluation:
    """Evaluate vectors on several sets; `w2v.evaluate(...)` is this function.

    The parameters have the names of the options of `w2v evaluate`.

    Parameters
    ----------
    kv : the vectors, by falling frequency.
    suite : "standard" for all sets of `w2v datasets list` that are found; the name or path of a set; a pair (path,
        kind) if the kind of a path is not recognised from its content ("analogies", "similarity", "degrees", "choices",
        "categories", "outliers", "sentences", "sessions", "links" or "labels"); or a list of these. None: the sets of
        the next parameters; "standard" if there are none.
    analogies, similarity, degrees, choices, categories, outliers, sentences, sessions, links, labels : the path of a
        set of this kind, or a list of paths.
    datasets : folder in which names of sets are looked for first, before the one of W2V_DATASETS and the cache folder.
    delimiter : between the fields of sets of similarity, categories, sentences, links and labels; None takes TAB, else
        semicolon, else comma, else white space, for each line; for sentences TAB, comma or semicolon for the whole
        file.
    method, methods : one analogy method or several, of METHODS, or "all"; each gives a separate result. Two names of
        one parameter.
    restrict_vocab : answers of analogies are searched among this many of the most frequent words, 1 or more, and
        questions with other words are unknown; None for all words. Other kinds use all words.
    case_insensitive : whether words are compared in upper case; the first of several words that are equal then is used.
        case_sensitive=True is the same as case_insensitive=False.
    draws : number of bootstrap replicates for the confidence intervals, 0 for no intervals.
    seed : of the bootstrap, of k-means, of LRCos, of pairs without a link and of splits of labelled nodes, 0 or more.
    sentence_method : one method that makes vectors of sentences or several: "mean", "sif", "sif-1"
        (`w2v.evaluation.measures.sentences`); each gives a separate result. None and "all" are all three.
    known_edges : for links, a file of all known edges, as `w2v train --graph` reads them. They are not drawn as pairs
        without a link, and known neighbours of a node are no candidates for its links.
    train_share : for labels, the share of the known nodes from which they are learned, above 0 and below 1.
    splits : for labels, the number of random splits of the nodes, 1 or more.

    Returns
    -------
    Evaluation : `results`, the sets that are `missing`, and the `failures`: sets that are broken or of which no word is
        known, and lines and sections that are broken and left out of their set. `to_dict()` is what
        `w2v evaluate --json` prints, `measures()` a flat list of all numbers.

    Raises
    ------
    W2VError : `datasets` is not a folder, or the known edges cannot be read. ValueError : unknown method or kind,
    restrict_vocab < 1, train_share or splits out of range, or a delimiter for sets without fields.

    Examples
    --------
    >>> found = w2v.evaluate(kv, suite=["google", "my-pairs.tsv"])
    >>> found = w2v.evaluate(kv, analogies="questions-words.txt", similarity=["ws353.tsv", "men.tsv"])
    >>> print(w2v.evaluate.format_table(found.results))
    >>> found["google"].accuracy
    """
    if method is not None and methods is not None:
        raise ValueError("method and methods are two names of one parameter: give one of them")
    settings = Settings(chosen_methods(method if method is not None else methods), restrict_vocab,
                        case_insensitive and not case_sensitive, draws, seed,
                        chosen_sentence_methods(sentence_method),
                        None if known_edges is None else read_known_edges(known_edges), train_share, splits)
    sources = sources_of(suite, {"analogies": analogies, "similarity": similarity, "degrees": degrees,
                                 "choices": choices, "categories": categories, "outliers": outliers,
                                 "sentences": sentences, "sessions": sessions, "links": links,
                                 "labels": labels})
    return evaluate_suite(kv, read_suite(sources, datasets, delimiter), settings, kv.source)


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
    FormatError : no line has four words. W2VError : the file cannot be read. ValueError : unknown method,
    restrict_vocab < 1.

    Warns
    -----
    UserWarning : lines without four words or sections without questions are left out.

    Source
    ------
    gensim 4, KeyedVectors.evaluate_word_analogies, whose numbers are the same. Sections whose name begins with "gram"
    are syntactic, the others semantic, as in Mikolov et al. 2013 (1301.3781), table 1.

    Examples
    --------
    >>> w2v.evaluate.analogies(kv, "questions-words.txt", method="3cosmul").accuracy
    """
    sections = _sections(path)
    words = WordRows(kv, analogy_sets.words_of(sections), case_insensitive)
    settings = Settings((method,), restrict_vocab, case_insensitive, draws, seed)
    return score_analogies(words, Path(path).stem, sections, settings)[0]


def _sections(path: StrPath) -> list[Section]:
    """Return the sections of an analogy file; warn the caller's caller about broken lines."""
    sections, problem = usable(analogy_sets.read_analogies, path)
    if problem:
        warnings.warn(problem, stacklevel=3)
    return sections


def similarity(
    kv: Queries, path: StrPath, *, case_insensitive: bool = True, restrict_vocab: int | None = None,
    delimiter: str | None = None, unknown_as_zero: bool = False, draws: int = DRAWS, seed: int = SEED,
) -> SimilarityResult:
    """Correlate the cosines of word pairs with scores that people gave them.

    Parameters
    ----------
    path : the file: two words and a score on each line.
    restrict_vocab : only this many of the most frequent words are known, 1 or more; None for all words.
    delimiter : as `run`.
    unknown_as_zero : whether pairs with an unknown word count with the cosine 0 instead of being left out.
    kv, case_insensitive, draws, seed : as `run`.

    Returns
    -------
    SimilarityResult : `spearman` and `pearson`, -1 to 1, their `interval` and `pearson_interval`, and the numbers of
        `pairs` that were used and of `unknown` ones. The correlations are None if no two pairs are known.

    Raises
    ------
    FormatError : no line has two words and a score. W2VError : the file cannot be read.
    ValueError : restrict_vocab < 1.

    Warns
    -----
    UserWarning : broken lines are left out.

    Source
    ------
    gensim 4, KeyedVectors.evaluate_word_pairs, whose correlations are the same. Equal values share the mean of their
    ranks.

    Examples
    --------
    >>> w2v.evaluate.similarity(kv, "ws353.tsv").spearman
    """
    pairs, problem = usable(similarity_sets.read_pairs, path, delimiter)
    if problem:
        warnings.warn(problem, stacklevel=2)
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
    sections = _sections(path)
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

    __call__: Final = staticmethod(run)
    __signature__: Signature = signature(run)  # else `inspect` takes the first parameter for self

    run: Final = staticmethod(run)
    analogies: Final = staticmethod(analogies)
    similarity: Final = staticmethod(similarity)
    answer: Final = staticmethod(answer)
    answer_file: Final = staticmethod(answer_file)
    compare: Final = staticmethod(compare)
    format_table: Final = staticmethod(format_table)

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
    LabelResult: Final = LabelResult
    LinkResult: Final = LinkResult
    Measure: Final = Measure
    OutlierResult: Final = OutlierResult
    Result: Final = Result
    Score: Final = Score
    SentenceResult: Final = SentenceResult
    SessionResult: Final = SessionResult
    SimilarityResult: Final = SimilarityResult

    def __repr__(self) -> str:
        return "<w2v.evaluate>"


evaluate: Final[Evaluate] = Evaluate()
