"""Categorisation: whether words of one class form a cluster.

Place in the data flow: words with classes + vectors -> `CategoryResult`.

Source: Baroni, Dinu & Kruszewski 2014 (P14-1023), section 3: as many clusters as classes, measured by their purity.
They use CLUTO. Here spherical k-means and average linkage are reported separately; the `web` package (Word Embedding
Benchmarks) reports the best of several clusterings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Items, Measure, Result
from w2v.evaluation.sets.categories import Member
from w2v.evaluation.settings import DEFAULTS, Settings
from w2v.evaluation.statistics.bootstrap import Ints, basic_interval, purity_replicates
from w2v.evaluation.statistics.clusters import average_linkage, purity
from w2v.evaluation.statistics.kmeans import spherical_kmeans
from w2v.system.text_table import TextTable, interval, percent
from w2v.types import Interval

LINKAGE_WORDS = 8000  # average linkage of more words would need over 256 MB for the distances of all pairs


@dataclass(frozen=True, repr=False)
class CategoryResult(Result):
    """Purity of clusters of the known words.

    Attributes
    ----------
    purity : of spherical k-means; None if no word is known.
    agglomerative : of average linkage; None also for more than LINKAGE_WORDS words.
    words, unknown : number of known and of unknown words.
    classes : number of classes with a known word, which is also the number of clusters.
    interval, agglomerative_interval : 95 % confidence intervals, by resampling words.
    purity_all, agglomerative_all : with unknown words counted as in the wrong cluster.
    """

    kind: ClassVar[str] = "categories"

    purity: float | None
    agglomerative: float | None
    words: int
    unknown: int
    classes: int
    interval: Interval | None = None
    agglomerative_interval: Interval | None = None
    purity_all: float | None = None
    agglomerative_all: float | None = None

    @classmethod
    def tables_of(cls, results: Sequence[CategoryResult]) -> list[TextTable]:
        return tables(results)

    def measures(self) -> Iterator[Measure]:
        total = self.words + self.unknown
        yield Measure(self.kind, self.name, "k-means purity", self.purity, self.interval, self.purity_all, self.words,
                      total)
        if self.agglomerative is not None:
            yield Measure(self.kind, self.name, "linkage purity", self.agglomerative, self.agglomerative_interval,
                          self.agglomerative_all, self.words, total)


def score_categories(
    words: WordRows, name: str, members: Sequence[Member], settings: Settings = DEFAULTS
) -> CategoryResult:
    """Measure the purity over the known words, with as many clusters as there are classes with a known word."""
    rows = np.array([words.row(member.word) for member in members], dtype=np.int64)
    known = np.flatnonzero(rows >= 0)
    names = [members[i].name for i in known.tolist()]
    n, unknown = len(known), len(members) - len(known)
    k = len(set(names))
    if not n:
        return CategoryResult(name, None, None, 0, unknown, len({member.name for member in members}))
    classes = _numbered(names)
    units = words.kv.unit_vectors(rows[known])
    clusters = [spherical_kmeans(units, k, seed=settings.seed).labels]
    if n <= LINKAGE_WORDS:
        clusters.append(average_linkage(units, k))
    values = [purity(cluster, classes) for cluster in clusters]
    replicates = purity_replicates(clusters, classes, settings.draws, settings.seed) if settings.draws else ()
    intervals = [basic_interval(value, own) for value, own in zip(values, replicates, strict=False)]
    labels = np.full(len(members), np.nan)
    labels[known] = clusters[0]
    share = n / len(members)
    linkage = len(values) > 1
    return CategoryResult(
        name, values[0], values[1] if linkage else None, n, unknown, k, intervals[0] if intervals else None,
        intervals[1] if intervals and linkage else None, values[0] * share, values[1] * share if linkage else None,
        items=Items(labels, _numbered([member.name for member in members]).astype(np.float64)))


def _numbered(names: Sequence[str]) -> Ints:
    """Return (n,) the number of each name in alphabetical order."""
    return np.unique(names, return_inverse=True)[1].reshape(-1).astype(np.int64)


def tables(results: Sequence[CategoryResult]) -> list[TextTable]:
    """Return one table with a row for each result."""
    head = ("categories", "k-means", "95 %", "linkage", "95 %", "of all", "classes", "words", "unknown")
    rows = [(r.name, percent(r.purity), interval(r.interval), percent(r.agglomerative),
             interval(r.agglomerative_interval), percent(r.purity_all), str(r.classes), str(r.words),
             str(r.unknown)) for r in results]
    return [TextTable(head, rows, 0, ["purity; of all: unknown words are in the wrong cluster"])]
