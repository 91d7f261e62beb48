"""Prediction of the next item: the last item of a session, from the one before.

Place in the data flow: last two items of each session + vectors -> `SessionResult`.

Source: Caselles-Dupré, Lesaint & Royo-Letelier 2018 (1804.04212), next event prediction: the items nearest to the item
before the last one, by cosine, are the prediction; hit@k is the share of sessions whose last item is among the first k.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Items, Measure, Result
from w2v.evaluation.sets.reading import TwoWords
from w2v.evaluation.sets.sessions import words_of
from w2v.evaluation.settings import DEFAULTS, Settings
from w2v.evaluation.statistics.bootstrap import mean_replicates, percentile_interval, proportion_interval
from w2v.system.text_table import TextTable, interval, number, percent
from w2v.types import Floats, Interval
from w2v.vectors.search import QueryBatch, Space, target_ranks


@dataclass(frozen=True, repr=False)
class SessionResult(Result):
    """How well the last item of a session is predicted from the one before.

    Attributes
    ----------
    hit_at_1, hit_at_10 : share of the known sessions whose last item is the nearest, or among the 10 nearest; None if
        no session is known.
    mrr : mean of 1 / rank of the last item.
    sessions, total : number of sessions whose last two items are known, and of all.
    repeated : known sessions that end with the same item twice. An item is not its own neighbour, so they are misses.
    interval, mrr_interval : 95 % confidence intervals of hit_at_10 and mrr.
    hit_at_10_all, mrr_all : with unknown sessions counted as misses.
    """

    kind: ClassVar[str] = "sessions"

    hit_at_1: float | None
    hit_at_10: float | None
    mrr: float | None
    sessions: int
    total: int
    repeated: int = 0
    interval: Interval | None = None
    mrr_interval: Interval | None = None
    hit_at_10_all: float | None = None
    mrr_all: float | None = None

    @classmethod
    def tables_of(cls, results: Sequence[SessionResult]) -> list[TextTable]:
        return tables(results)

    def measures(self) -> Iterator[Measure]:
        yield Measure(self.kind, self.name, "hit@10", self.hit_at_10, self.interval, self.hit_at_10_all, self.sessions,
                      self.total)
        yield Measure(self.kind, self.name, "MRR", self.mrr, self.mrr_interval, self.mrr_all, self.sessions, self.total)


def ranks_of_last(words: WordRows, pairs: Sequence[TwoWords]) -> Floats:
    """Return the rank of the second item of each pair among the neighbours of the first, by cosine.

    Items are compared as they are, in upper and lower case.

    Returns
    -------
    (n,) float64, at least 1 (`w2v.vectors.search.target_ranks`); NaN where an item is unknown, inf where both are the
    same or a vector is broken.
    """
    kv = words.kv
    exact = WordRows(kv, words_of(pairs), case_insensitive=False)
    rows = np.array([(exact.row(a), exact.row(b)) for a, b in pairs], dtype=np.int64).reshape(-1, 2)
    known = np.flatnonzero((rows >= 0).all(axis=1))
    before, last = rows[known].T
    queries = QueryBatch(kv.unit_vectors(before), np.arange(len(known) + 1), before)
    ranks = np.full(len(pairs), np.nan)
    found = target_ranks(Space(kv.rows, kv.fill_norms(), "cosine", 0, len(kv)), queries, last)
    ranks[known] = np.where(np.isnan(found + kv.fill_norms().inverse[before]), np.inf, found)
    return ranks


def score_sessions(
    words: WordRows, name: str, pairs: Sequence[TwoWords], settings: Settings = DEFAULTS
) -> SessionResult:
    """Measure over the sessions whose last two items are known."""
    ranks = ranks_of_last(words, pairs)
    hits = np.where(np.isnan(ranks), np.nan, ranks <= 10)
    own = ranks[~np.isnan(ranks)]
    n, total = len(own), len(pairs)
    if not n:
        return SessionResult(name, None, None, None, 0, total, items=Items(hits))
    reciprocal, right = 1 / own, int((own <= 10).sum())
    repeated = sum(a == b for (a, b), rank in zip(pairs, ranks.tolist(), strict=True) if rank == np.inf)
    around = percentile_interval(mean_replicates(reciprocal[None], settings.draws, settings.seed)[0]) if (
        settings.draws) else None
    return SessionResult(name, float((own == 1).mean()), right / n, float(reciprocal.mean()), n, total, repeated,
                         proportion_interval(right, n, settings.draws, settings.seed), around, right / total,
                         float(reciprocal.sum() / total), items=Items(hits))


def tables(results: Sequence[SessionResult]) -> list[TextTable]:
    """Return one table with a row for each result."""
    head = ("sessions", "hit@1", "hit@10", "95 %", "of all", "MRR", "95 %", "of all", "known")
    notes = [f"{r.name}: {r.repeated:,} sessions end with the same item twice, which cannot be predicted"
             for r in results if r.repeated]
    return [TextTable(head, [(r.name, percent(r.hit_at_1), percent(r.hit_at_10), interval(r.interval),
                              percent(r.hit_at_10_all),
                              number(r.mrr), interval(r.mrr_interval, 4), number(r.mrr_all),
                              f"{r.sessions:,}/{r.total:,}") for r in results], 0, notes)]
