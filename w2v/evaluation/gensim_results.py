"""Results in the form that gensim's methods return; the numbers are the same.

Place in the data flow: files + vectors -> tuples and lists, for the methods of `KeyedVectors` that gensim's users know.
"""

from __future__ import annotations

import os
from itertools import compress
from typing import TYPE_CHECKING, Any

from w2v.errors import W2VError
from w2v.evaluation.measures.analogies import outcomes
from w2v.evaluation.measures.answers import RIGHT, WRONG
from w2v.evaluation.measures.lookup import Lookup
from w2v.evaluation.measures.similarity import score_pairs
from w2v.evaluation.sets.lines import read_analogies, read_pairs, words_of
from w2v.evaluation.statistics.correlation import p_value
from w2v.types import StrPath

if TYPE_CHECKING:
    from w2v.vectors.queries import Queries


def word_analogies(kv: Queries, analogies: StrPath, restrict_vocab: int | None, case_insensitive: bool,
                   dummy4unknown: bool) -> tuple[float, list[dict[str, Any]]]:
    """See `KeyedVectors.evaluate_word_analogies`."""
    sections = read_analogies(analogies)
    lookup = Lookup(kv, words_of(sections), case_insensitive)
    found = outcomes(lookup, sections, lookup.limit(restrict_vocab), ["3cosadd"])["3cosadd"]
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


def word_pairs(kv: Queries, path: StrPath, delimiter: str | None, restrict_vocab: int | None,
               case_insensitive: bool, dummy4unknown: bool) -> tuple[tuple[float, float], tuple[float, float], float]:
    """See `KeyedVectors.evaluate_word_pairs`."""
    pairs = read_pairs(path, delimiter=delimiter)
    lookup = Lookup(kv, {word for a, b, _ in pairs for word in (a, b)}, case_insensitive)
    result = score_pairs(lookup, os.fspath(path), pairs, restrict_vocab=restrict_vocab, unknown_as_zero=dummy4unknown,
                         draws=0)
    if result.spearman is None or result.pearson is None:
        raise W2VError(f"{os.fspath(path)}: no correlation, {result.pairs} pairs of known words are too few")
    return ((result.pearson, p_value(result.pearson, result.pairs)),
            (result.spearman, p_value(result.spearman, result.pairs)), 100 * result.unknown / len(pairs))
