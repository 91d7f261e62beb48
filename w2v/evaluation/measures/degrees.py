"""Degrees of relational similarity: how typical pairs of words are of a relation (SemEval-2012 Task 2).

Place in the data flow: relations + vectors -> `DegreesResult`. A pair is as typical as its offset is similar to the
offsets of the paradigm pairs: the mean of the cosines (`offsets`).

Source: Zhila et al. 2013 (N13-1120), section 3.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from w2v.evaluation.measures.offsets import unit_offsets
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Items, Measure, Result
from w2v.evaluation.sets.degrees import Degrees
from w2v.evaluation.sets.reading import TwoWords
from w2v.evaluation.settings import DEFAULTS, Settings
from w2v.evaluation.statistics.bootstrap import mean_replicates, percentile_interval
from w2v.evaluation.statistics.correlation import spearman
from w2v.system.text_table import TextTable, interval, number, percent
from w2v.types import Floats, Interval


@dataclass(frozen=True, repr=False)
class RelationScore(Result):
    """Result of one relation: `pairs` of its `total` pairs are known."""

    spearman: float | None
    maxdiff: float | None
    pairs: int
    total: int


@dataclass(frozen=True, repr=False)
class DegreesResult(Result):
    """Means over relations of the correlation with the ratings and of the accuracy on MaxDiff questions.

    Attributes
    ----------
    spearman, maxdiff : means over the relations for which they are defined; None if there is none.
    pairs, total : number of known pairs, and of all pairs.
    interval, maxdiff_interval : 95 % confidence intervals, by resampling relations.
    spearman_all, maxdiff_all : means over all relations; those without a value count as 0.
    """

    kind: ClassVar[str] = "degrees"

    spearman: float | None
    maxdiff: float | None
    pairs: int
    total: int
    interval: Interval | None = None
    maxdiff_interval: Interval | None = None
    spearman_all: float | None = None
    maxdiff_all: float | None = None
    relations: tuple[RelationScore, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | {"relations": [one.to_dict() for one in self.relations]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        relations = tuple(map(RelationScore.from_dict, values.get("relations", ())))
        return super().from_dict({**values, "relations": relations})

    @classmethod
    def tables_of(cls, results: Sequence[DegreesResult]) -> list[TextTable]:
        return tables(results)

    def measures(self) -> Iterator[Measure]:
        yield Measure(self.kind, self.name, "Spearman", self.spearman, self.interval, self.spearman_all, self.pairs,
                      self.total)
        if self.maxdiff is not None:
            yield Measure(self.kind, self.name, "MaxDiff", self.maxdiff, self.maxdiff_interval, self.maxdiff_all,
                          self.pairs, self.total)


def score_degrees(
    words: WordRows, name: str, relations: Sequence[Degrees], settings: Settings = DEFAULTS
) -> DegreesResult:
    """Average over the relations of which a paradigm pair and two other pairs are known."""
    scores = [_score_relation(words, relation) for relation in relations]
    pairs, total = sum(score.pairs for score in scores), sum(score.total for score in scores)
    by_rank, by_choice = ([score.spearman for score in scores], [score.maxdiff for score in scores])
    items = Items(_as_floats(by_rank))
    rank = _mean(by_rank, settings)
    if rank is None:
        return DegreesResult(name, None, None, 0, total, relations=tuple(scores), items=items)
    choice = _mean(by_choice, settings) or (None, None, None)
    return DegreesResult(name, rank[0], choice[0], pairs, total, rank[1], choice[1], rank[2], choice[2], tuple(scores),
                         items=items)


def _as_floats(values: Sequence[float | None]) -> Floats:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _mean(values: Sequence[float | None], settings: Settings) -> tuple[float, Interval | None, float] | None:
    """Return the mean, its interval, and the mean with None counted as 0; None if there is no value."""
    column = _as_floats(values)
    used = column[~np.isnan(column)]
    if not len(used):
        return None
    interval = (percentile_interval(mean_replicates(used[None], settings.draws, settings.seed)[0])
                if settings.draws else None)
    return float(used.mean()), interval, float(used.sum() / len(column))


def _score_relation(words: WordRows, relation: Degrees) -> RelationScore:
    pairs = [pair for pair, _ in relation.ratings]
    gold = np.array([rating for _, rating in relation.ratings])
    paradigms, offsets = unit_offsets(words, relation.paradigms), unit_offsets(words, pairs)
    paradigms = paradigms[~np.isnan(paradigms).any(axis=1)]
    cosines = (offsets @ paradigms.T).mean(axis=1) if len(paradigms) else np.full(len(pairs), np.nan)
    known = ~np.isnan(cosines)
    return RelationScore(relation.name, spearman(gold[known], cosines[known]),
                         _maxdiff(relation, dict(zip(pairs, cosines.tolist(), strict=True))), int(known.sum()),
                         len(pairs))


def _maxdiff(relation: Degrees, cosines: dict[TwoWords, float]) -> float | None:
    """Return the accuracy on MaxDiff questions whose four pairs are known; None if there is none.

    The pair with the lowest cosine should be one that most people called the least typical, the pair with the highest
    cosine one that most people called the most typical.
    """
    right = total = 0
    for question in relation.questions:
        four = [cosines[pair] for pair in question.pairs]
        if any(map(math.isnan, four)):
            continue
        for votes, answer in ((question.least, min(four)), (question.most, max(four))):
            total += max(votes) > 0
            right += votes[four.index(answer)] == max(votes) > 0
    return right / total if total else None


def tables(results: Sequence[DegreesResult]) -> list[TextTable]:
    """Return one table with a row for each result."""
    head = ("degrees", "Spearman", "95 %", "of all", "MaxDiff", "95 %", "relations", "known")
    return [TextTable(head, [(r.name, number(r.spearman), interval(r.interval, 4), number(r.spearman_all),
                              percent(r.maxdiff), interval(r.maxdiff_interval), str(len(r.relations)),
                              percent(r.pairs / r.total if r.total else None)) for r in results])]
