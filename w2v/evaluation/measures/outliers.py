"""Outlier detection: which word does not belong to the others.

Place in the data flow: groups with outliers + vectors -> `OutlierResult`.

Source: Camacho-Collados & Navigli 2016 (W16-2508), section 2. The words of a group and one outlier are ranked by their
compactness, the mean cosine with the others; the outlier should be last. Accuracy is the share of cases in which it is
last, OPP the mean of its position (0 to the size of the group) divided by that size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Items, Measure, Result
from w2v.evaluation.sets.outliers import Group
from w2v.evaluation.settings import DEFAULTS, Settings
from w2v.evaluation.statistics.bootstrap import percentile_interval, resample_counts
from w2v.evaluation.statistics.paired import PairedTest, compare_replicates
from w2v.system.text_table import TextTable, interval, percent
from w2v.types import Floats, Interval, Matrix


@dataclass(frozen=True, repr=False)
class OutlierResult(Result):
    """Accuracy and position of outliers among the words of their group.

    Attributes
    ----------
    accuracy : share of known cases whose outlier is last; None if no case is known.
    opp : outlier position percentage, 0 to 1.
    cases, total : number of known cases (a group with one of its outliers), and of all cases.
    groups : number of groups.
    interval, opp_interval : 95 % confidence intervals, by resampling groups.
    accuracy_all, opp_all : with unknown cases counted as wrong.
    """

    kind: ClassVar[str] = "outliers"

    accuracy: float | None
    opp: float | None
    cases: int
    total: int
    groups: int
    interval: Interval | None = None
    opp_interval: Interval | None = None
    accuracy_all: float | None = None
    opp_all: float | None = None

    @classmethod
    def tables_of(cls, results: Sequence[OutlierResult]) -> list[TextTable]:
        return tables(results)

    def measures(self) -> Iterator[Measure]:
        yield Measure(self.kind, self.name, "accuracy", self.accuracy, self.interval, self.accuracy_all, self.cases,
                      self.total)
        yield Measure(self.kind, self.name, "OPP", self.opp, self.opp_interval, self.opp_all, self.cases, self.total)


def score_outliers(
    words: WordRows, name: str, groups: Sequence[Group], settings: Settings = DEFAULTS
) -> OutlierResult:
    """Measure over the cases of which the outlier and two words of the group are known.

    Unknown words of a group are left out. A phrase without a vector is the mean of its known words, as in the scorer of
    8-8-8.
    """
    sums = np.array([_score_group(words, group) for group in groups], dtype=np.float64)
    total = sum(len(group.outliers) for group in groups)
    found, opp, cases = sums.sum(axis=0).tolist()
    items = Items(np.where(sums[:, 2:] > 0, sums, np.nan))
    if not cases:
        return OutlierResult(name, None, None, 0, total, len(groups), items=items)
    intervals = ([percentile_interval(own) for own in _ratio_replicates(sums, settings)] if settings.draws
                 else [None, None])
    return OutlierResult(name, found / cases, opp / cases, int(cases), total, len(groups), intervals[0], intervals[1],
                         found / total, opp / total, items=items)


def _ratio_replicates(sums: Floats, settings: Settings) -> Floats:
    """Return (2, draws) accuracies and OPP over resampled groups, from their sums as `_score_group` returns them."""
    blocks = np.concatenate([counts @ sums for counts in resample_counts(len(sums), settings.draws, settings.seed)])
    with np.errstate(invalid="ignore"):
        return np.ascontiguousarray((blocks[:, :2] / blocks[:, 2:]).T)


def _score_group(words: WordRows, group: Group) -> tuple[float, float, float]:
    """Return the number of outliers found, the sum of their relative positions, and the number of known cases."""
    members = [unit for word in group.words if (unit := _unit_vector(words, word)) is not None]
    outliers = [unit for word in group.outliers if (unit := _unit_vector(words, word)) is not None]
    if len(members) < 2 or not outliers:
        return 0.0, 0.0, 0.0
    inside = np.stack(members).astype(np.float64)
    outside = np.stack(outliers).astype(np.float64)
    within = inside @ inside.T
    np.fill_diagonal(within, 0)
    across = outside @ inside.T  # (outliers, members)
    compactness = within.sum(axis=1) + across  # of each member in the presence of each outlier
    position = (compactness > across.sum(axis=1)[:, None]).sum(axis=1)
    size = len(members)
    return float((position == size).sum()), float(position.sum() / size), float(len(outliers))


def _unit_vector(words: WordRows, word: str) -> Matrix | None:
    """Return the unit vector (d,) of a word or phrase, None if it is unknown."""
    row = words.row(word)
    if row >= 0:
        unit: Matrix = words.kv.unit_vectors([row])[0]
        return unit
    rows = [row for part in word.replace("_", " ").split() if (row := words.row(part)) >= 0]
    if not rows:
        return None
    mean: Matrix = words.kv.unit_vectors(rows).mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / length if length > 0 else None


def tables(results: Sequence[OutlierResult]) -> list[TextTable]:
    """Return one table with a row for each result."""
    head = ("outliers", "accuracy", "95 %", "of all", "OPP", "95 %", "groups", "cases", "known")
    return [TextTable(head, [(r.name, percent(r.accuracy), interval(r.interval), percent(r.accuracy_all),
                              percent(r.opp), interval(r.opp_interval), str(r.groups), str(r.cases),
                              percent(r.cases / r.total)) for r in results])]


def compare_outliers(first: Floats, second: Floats, gold: Floats, draws: int, seed: int) -> PairedTest | None:
    """Return the paired test of the accuracies, by resampling groups; parameters as in `statistics.paired`."""
    sums = np.concatenate([first, second], axis=1)  # (n, 6): found, sum of positions and cases, of each file
    blocks = np.concatenate([counts @ sums for counts in resample_counts(len(sums), draws, seed)])
    total = sums.sum(axis=0)
    return compare_replicates(float(total[0] / total[2]), float(total[3] / total[5]),
                              np.stack([blocks[:, 0] / blocks[:, 2], blocks[:, 3] / blocks[:, 5]]))
