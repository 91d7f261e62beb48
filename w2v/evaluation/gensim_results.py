"""Results in the form in which gensim returns them, with the same numbers.

Place in the data flow: files + vectors -> tuples and lists, for the methods of `KeyedVectors` that exist in gensim too.
"""

from __future__ import annotations

import os
import warnings
from itertools import compress
from typing import TYPE_CHECKING, Any

from w2v.errors import W2VError
from w2v.evaluation.loading import usable
from w2v.evaluation.measures.analogies import outcomes
from w2v.evaluation.measures.answers import RIGHT, WRONG
from w2v.evaluation.measures.similarity import score_similarity
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets import analogies as analogy_sets
from w2v.evaluation.sets import similarity as similarity_sets
from w2v.evaluation.settings import Settings
from w2v.evaluation.statistics.correlation import p_value
from w2v.types import StrPath

if TYPE_CHECKING:
    from w2v.vectors.queries import Queries


_METHODS = {"most_similar": "3cosadd", "most_similar_cosmul": "3cosmul"}
"""Method of analogies by the method of `KeyedVectors` that answers a question in the same way."""


def word_analogies(kv: Queries, analogies: StrPath, restrict_vocab: int | None, case_insensitive: bool,
                   dummy4unknown: bool, similarity_function: str) -> tuple[float, list[dict[str, Any]]]:
    """Return the result of `KeyedVectors.evaluate_word_analogies`, which documents it."""
    if similarity_function not in _METHODS:
        raise ValueError(f"similarity_function must be one of {', '.join(_METHODS)}, not {similarity_function!r}; "
                         "w2v.evaluate.analogies has further methods")
    method = _METHODS[similarity_function]
    sections, problem = usable(analogy_sets.read_analogies, analogies)
    if problem:
        warnings.warn(problem, stacklevel=3)
    rows = WordRows(kv, analogy_sets.words_of(sections), case_insensitive)
    found = outcomes(rows, sections, rows.limit(restrict_vocab), [method])[method]
    result: list[dict[str, Any]] = []
    for section, both in zip(sections, found, strict=True):
        shown = [tuple(map(str.upper, words)) if case_insensitive else words for words in section.questions]
        wrong = both.usual != RIGHT if dummy4unknown else both.usual == WRONG
        result.append({"section": section.name, "correct": list(compress(shown, both.usual == RIGHT)),
                       "incorrect": list(compress(shown, wrong))})
    total = {"section": "Total accuracy", **{
        kind: [question for section in result for question in section[kind]] for kind in ("correct", "incorrect")}}
    answered = len(total["correct"]) + len(total["incorrect"])
    return (len(total["correct"]) / answered if answered else 0.0), [*result, total]


def word_pairs(kv: Queries, path: StrPath, delimiter: str | None, encoding: str, restrict_vocab: int | None,
               case_insensitive: bool, dummy4unknown: bool) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return the result of `KeyedVectors.evaluate_word_pairs`, which documents it."""
    pairs, problem = usable(similarity_sets.read_pairs, path, delimiter, encoding)
    if problem:
        warnings.warn(problem, stacklevel=3)
    rows = WordRows(kv, similarity_sets.words_of(pairs), case_insensitive)
    result = score_similarity(rows, os.fspath(path), pairs, Settings(draws=0), restrict_vocab=restrict_vocab,
                              unknown_as_zero=dummy4unknown)
    if result.spearman is None or result.pearson is None:
        raise W2VError(f"{os.fspath(path)}: no correlation, {result.pairs} pairs of known words are too few")
    return ((result.pearson, p_value(result.pearson, result.pairs)),
            (result.spearman, p_value(result.spearman, result.pairs)), 100 * result.unknown / len(pairs))
