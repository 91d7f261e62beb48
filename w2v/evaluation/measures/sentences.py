"""Sentence similarity: how well the cosines of sentence vectors correlate with scores that people gave.

Place in the data flow: pairs of sentences with scores + vectors of words -> one `SentenceResult` for each method.

Methods
-------
mean : mean of the vectors of the words, scaled to length 1 first.
sif : mean of a / (a + p) times the vector, for words of probability p.
sif-1 : `sif` without the first component of all sentences of the set.

Source: Arora, Liang & Ma 2017; a = 0.001. `w2v.vectors.sentence_means` has the equations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Items, Measure, Result
from w2v.evaluation.sets.sentences import SentencePairs
from w2v.evaluation.settings import DEFAULTS, SENTENCE_METHODS, Settings
from w2v.evaluation.statistics.bootstrap import pearson_replicates, percentile_interval, spearman_replicates
from w2v.evaluation.statistics.correlation import pearson, spearman
from w2v.system.text_table import TextTable, interval, number, percent
from w2v.types import Floats, Indices, Interval
from w2v.vectors.queries import Queries
from w2v.vectors.sentence_means import (
    Moments,
    counted_probabilities,
    paired_cosines,
    remove_components,
    sif_weights,
    weighted_means,
    zipf_probabilities,
)

METHODS = SENTENCE_METHODS


def chosen_sentence_methods(methods: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of one method or several; all of METHODS for None and "all".

    Raises
    ------
    ValueError : unknown method.
    """
    names = METHODS if methods is None else (methods,) if isinstance(methods, str) else tuple(methods)
    for name in names:
        if name not in METHODS and name != "all":
            raise ValueError(f"sentence_method must be one of {', '.join(METHODS)}, or all, not {name!r}")
    return METHODS if "all" in names else tuple(dict.fromkeys(names))


@dataclass(frozen=True, repr=False)
class SentenceResult(Result):
    """Correlation of the cosines of sentences with scores of people, by one method.

    Attributes
    ----------
    method : one of METHODS.
    spearman, pearson : over the known pairs; None with fewer than two pairs or without variation.
    pairs, unknown : number of pairs that were used, and of pairs with a sentence without any known word.
    interval, pearson_interval : 95 % confidence intervals, by resampling pairs.
    spearman_all, pearson_all : over all pairs, the unknown ones at the cosine 0.
    total : number of all pairs with a score.
    unscored : number of pairs of the file without a score, which are left out.
    words, unknown_words : number of words of all sentences, and of those without a vector, which are left out.
    frequencies : where SIF has the frequencies of words from: "counts", or "zipf", estimated from the order of words.
    by_options : whether the text options of the vectors made the words; otherwise runs of letters and digits are words.
    """

    kind: ClassVar[str] = "sentences"

    method: str
    spearman: float | None
    pearson: float | None
    pairs: int
    unknown: int
    interval: Interval | None = None
    pearson_interval: Interval | None = None
    spearman_all: float | None = None
    pearson_all: float | None = None
    total: int = 0
    unscored: int = 0
    words: int = 0
    unknown_words: int = 0
    frequencies: str = "counts"
    by_options: bool = False

    @property
    def variant(self) -> str:
        return self.method

    @classmethod
    def tables_of(cls, results: Sequence[SentenceResult]) -> list[TextTable]:
        return tables(results)

    def measures(self) -> Iterator[Measure]:
        for name, value, ends, everything in (
            ("Spearman", self.spearman, self.interval, self.spearman_all),
            ("Pearson", self.pearson, self.pearson_interval, self.pearson_all),
        ):
            yield Measure(self.kind, self.name, f"{name}, {self.method}", value, ends, everything, self.pairs,
                          self.total)


def score_sentences(
    words: WordRows, name: str, content: SentencePairs, settings: Settings = DEFAULTS
) -> list[SentenceResult]:
    """Return one result for each sentence method of the settings, in their order.

    Raises
    ------
    ValueError : unknown method.
    """
    methods = chosen_sentence_methods(settings.sentence_methods)
    rows, ends = _rows(words, content)
    total = int(sum(len(side) for pair in content.words for side in pair))
    gold = np.array([score for *_, score in content.pairs])
    frequencies = "zipf" if words.kv.counts is None or not words.kv.counts.any() else "counts"
    half = len(gold)
    known = np.diff(ends, prepend=0) > 0
    known = known[:half] & known[half:]
    found = []
    for method in methods:
        vectors = sentence_vectors(words.kv, rows, ends, method, frequencies)
        cosines = np.where(known, paired_cosines(vectors[:half], vectors[half:]), np.nan)
        x, y = gold[known], cosines[known]
        defined = settings.draws > 0 and pearson(x, y) is not None
        found.append(SentenceResult(
            name, method, spearman(x, y), pearson(x, y), len(x), half - len(x),
            interval=(percentile_interval(spearman_replicates(x, [y], settings.draws, settings.seed)[0])
                      if defined else None),
            pearson_interval=(percentile_interval(pearson_replicates(x, [y], settings.draws, settings.seed)[0])
                              if defined else None),
            spearman_all=spearman(gold, np.nan_to_num(cosines)), pearson_all=pearson(gold, np.nan_to_num(cosines)),
            total=half, unscored=content.unscored, words=total, unknown_words=total - len(rows),
            frequencies=frequencies, by_options=content.by_options, items=Items(cosines, gold)))
    return found


def _rows(words: WordRows, content: SentencePairs) -> tuple[Indices, Indices]:
    """Return the rows of the known words of all first sentences, then of all second ones, and where each ends."""
    sentences = [pair[side] for side in (0, 1) for pair in content.words]
    row_of = {word: words.row(word) for word in {word for sentence in sentences for word in sentence}}
    rows = np.array([row_of[word] for sentence in sentences for word in sentence], dtype=np.int64)
    ends = np.cumsum([len(sentence) for sentence in sentences], dtype=np.int64)
    usable = (rows >= 0) & ~np.isin(rows, words.kv.fill_norms().broken)
    return rows[usable], np.concatenate(([0], np.cumsum(usable)))[ends]


def sentence_vectors(kv: Queries, rows: Indices, ends: Indices, method: str, frequencies: str) -> Floats:
    """Return the vectors (m, d) of sentences of these rows, by one of METHODS."""
    if method == "mean":
        return weighted_means(kv.unit_vectors, rows, ends, None, kv.vector_size)
    probabilities = zipf_probabilities(max(len(kv), 1))
    if frequencies == "counts" and kv.counts is not None:
        probabilities = counted_probabilities(kv.counts)
    vectors = weighted_means(kv.rows.__getitem__, rows, ends, sif_weights(rows, probabilities), kv.vector_size)
    if method == "sif-1":
        moments = Moments(kv.vector_size)
        moments.add(vectors)
        remove_components(vectors, moments.components(1))
    return vectors


def tables(results: Sequence[SentenceResult]) -> list[TextTable]:
    """Return one table with a row for each result."""
    rows = [(r.name, r.method, number(r.spearman), interval(r.interval, 3), number(r.pearson),
             interval(r.pearson_interval, 3), number(r.spearman_all), f"{r.pairs}/{r.total}") for r in results]
    head = ("sentences", "method", "Spearman", "95 %", "Pearson", "95 %", "of all", "pairs")
    return [TextTable(head, rows, 0, list(_notes(results)))]


def _notes(results: Sequence[SentenceResult]) -> Iterator[str]:
    if any(r.unknown for r in results):
        yield ("pairs with a sentence without a known word are left out, and have the cosine 0 in column \"of all\" "
               "(Spearman)")
    for r in {r.name: r for r in results}.values():
        if not r.pairs:
            yield f"{r.name}: no pair whose sentences have known words: nothing was measured"
            continue
        left_out = f"; left out because they have no score: {r.unscored:,} pairs" if r.unscored else ""
        yield f"{r.name}: {percent(r.unknown_words / max(r.words, 1))} of the words are unknown{left_out}"
    if any(r.method != "mean" for r in results):
        zipf = any(r.frequencies == "zipf" for r in results)
        yield "sif: frequent words count less" + (
            "; these vectors have no counts: estimated from the order of words" if zipf else "") + (
            "; sif-1: without the first component of the sentences of the set"
            if any(r.method == "sif-1" for r in results) else "")
    if not all(r.by_options for r in results):
        yield "the vectors have no text options: words are runs of letters and digits, without punctuation"
