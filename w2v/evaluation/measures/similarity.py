"""Word similarity: how well the cosines of word pairs correlate with scores that people gave them.

Place in the data flow: pairs with scores + vectors -> `SimilarityResult`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Items, Measure, Result
from w2v.evaluation.sets.similarity import Pair
from w2v.evaluation.settings import DEFAULTS, Settings
from w2v.evaluation.statistics.bootstrap import pearson_replicates, percentile_interval, spearman_replicates
from w2v.evaluation.statistics.correlation import pearson, spearman
from w2v.system.text_table import TextTable, interval, number
from w2v.types import Floats, Indices, Interval


@dataclass(frozen=True, repr=False)
class SimilarityResult(Result):
    """Correlation of cosines with scores of people.

    Attributes
    ----------
    spearman, pearson : over the known pairs; None with fewer than two pairs or without variation.
    pairs, unknown : number of pairs that were used, and of pairs with an unknown word.
    interval, pearson_interval : 95 % confidence intervals, by resampling pairs.
    spearman_all, pearson_all : over all pairs, those with an unknown word at the cosine 0.
    total : number of all pairs.
    """

    kind: ClassVar[str] = "similarity"

    spearman: float | None
    pearson: float | None
    pairs: int
    unknown: int
    interval: Interval | None = None
    pearson_interval: Interval | None = None
    spearman_all: float | None = None
    pearson_all: float | None = None
    total: int = 0

    @classmethod
    def tables_of(cls, results: Sequence[SimilarityResult]) -> list[TextTable]:
        return tables(results)

    def measures(self) -> Iterator[Measure]:
        yield Measure(self.kind, self.name, "Spearman", self.spearman, self.interval, self.spearman_all, self.pairs,
                      self.total)


def score_similarity(
    words: WordRows, name: str, pairs: Sequence[Pair], settings: Settings = DEFAULTS, *,
    restrict_vocab: int | None = None, unknown_as_zero: bool = False,
) -> SimilarityResult:
    """Correlate over the known pairs.

    Parameters
    ----------
    restrict_vocab : only the first words of the vocabulary are known; None for all. (That of the settings is for
        analogies.)
    unknown_as_zero : correlate over all pairs; those with an unknown word have the cosine 0.
    """
    limit = words.limit(restrict_vocab)
    rows = np.array([(words.row(a, limit), words.row(b, limit)) for a, b, _ in pairs], dtype=np.int64)
    gold = np.array([score for _, _, score in pairs])
    cosines = pair_cosines(words, *rows.T)
    known = ~np.isnan(cosines)
    filled = np.nan_to_num(cosines)
    used = np.ones_like(known) if unknown_as_zero else known
    x, y = gold[used], filled[used]
    defined = settings.draws > 0 and pearson(x, y) is not None
    return SimilarityResult(
        name, spearman(x, y), pearson(x, y), int(used.sum()), int((~known).sum()),
        interval=(percentile_interval(spearman_replicates(x, [y], settings.draws, settings.seed)[0])
                  if defined else None),
        pearson_interval=(percentile_interval(pearson_replicates(x, [y], settings.draws, settings.seed)[0])
                          if defined else None),
        spearman_all=spearman(gold, filled), pearson_all=pearson(gold, filled), total=len(pairs),
        items=Items(cosines, gold))


def pair_cosines(words: WordRows, first: Indices, second: Indices) -> Floats:
    """Return (n,) float64 cosines of pairs of rows, NaN where one of the two is -1.

    They are float32 products, pair by pair, as gensim computes them. Products in float64 differ by about 1e-8, which
    can reverse the order of two pairs.
    """
    cosines = np.full(len(first), np.nan)
    known = (first >= 0) & (second >= 0)
    a, b = (words.kv.unit_vectors(side[known]) for side in (first, second))
    cosines[known] = [float(np.dot(x, y)) for x, y in zip(a, b, strict=True)]
    return cosines


def tables(results: Sequence[SimilarityResult]) -> list[TextTable]:
    """Return one table with a row for each result."""
    rows = [(r.name, number(r.spearman), interval(r.interval, 4), number(r.spearman_all), number(r.pearson),
             str(r.pairs), str(r.unknown)) for r in results]
    notes = [f"{r.name}: no known pair of words: nothing was measured" for r in results if not r.pairs]
    if any(r.unknown for r in results):
        notes.insert(0, "unknown pairs are left out, and have the cosine 0 in column \"of all\"")
    return [TextTable(("similarity", "Spearman", "95 %", "of all", "Pearson", "pairs", "unknown"), rows, 0, notes)]
