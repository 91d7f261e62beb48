"""Comparison of several files of vectors: paired tests, or mean and deviation over runs of one setting.

Place in the data flow: evaluations of several files -> comparisons or spreads -> tables, JSON.

Each set is tested on the items that both files know, by the `paired_test` of its kind. All p values of one call are
corrected together by Holm's method.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2v.evaluation.kinds import KINDS
from w2v.evaluation.results import Evaluation, Result
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED
from w2v.evaluation.statistics.paired import PairedTest
from w2v.evaluation.statistics.significance import holm
from w2v.types import Interval

LEVEL = 0.05


@dataclass(frozen=True)
class Comparison:
    """Difference between two files of vectors on one set.

    Attributes
    ----------
    set, measure : what was compared.
    first_file, second_file : where the vectors come from.
    first, second : values of the measure on the common items.
    difference : second minus first.
    interval : 95 % confidence interval of the difference.
    p : two-sided p value of this set alone.
    p_holm : p corrected for all sets and files that were compared.
    items : number of items that both files know.
    """

    set: str
    measure: str
    first_file: str
    second_file: str
    first: float
    second: float
    difference: float
    interval: Interval
    p: float
    p_holm: float
    items: int

    @property
    def noise(self) -> bool:
        """Whether the difference may be due to chance: not significant at 5 % after Holm's correction."""
        return not self.p_holm < LEVEL

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return dataclasses.asdict(self) | {"noise": self.noise}


@dataclass(frozen=True)
class Spread:
    """One measure over several files: mean, and standard deviation (n - 1)."""

    set: str
    measure: str
    values: tuple[float, ...]
    mean: float
    deviation: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return dataclasses.asdict(self)


def compare(evaluations: Sequence[Evaluation], *, draws: int = DRAWS, seed: int = SEED) -> list[Comparison]:
    """Compare the first evaluation with each of the others, set by set.

    Parameters
    ----------
    evaluations : two or more, of the same sets.
    draws, seed : number of bootstrap replicates, 1 or more, and their seed.

    Returns
    -------
    A comparison for each other evaluation and each set of which both know two items or more.
    """
    found = []
    for other in evaluations[1:]:
        theirs = {_key(result): result for result in other.results}
        for result in evaluations[0].results:
            match = theirs.get(_key(result))
            if match is not None and (compared := _compare_results(result, match, draws, seed)) is not None:
                test, items = compared
                measure = next(result.measures()).name
                found.append(Comparison(result.name, measure, evaluations[0].source, other.source, test.first,
                                        test.second, test.second - test.first, test.interval, test.p, test.p, items))
    corrected = holm([one.p for one in found])
    return [dataclasses.replace(one, p_holm=p) for one, p in zip(found, corrected, strict=True)]


def spreads(evaluations: Sequence[Evaluation]) -> list[Spread]:
    """Return mean and deviation of each measure that all evaluations have."""
    by_file = [{(m.kind, m.set, m.name): m.value for m in one.measures() if m.value is not None}
               for one in evaluations]
    found = []
    for key in by_file[0]:
        if all(key in values for values in by_file):
            values = tuple(values[key] for values in by_file)
            array = np.asarray(values, dtype=np.float64)
            deviation = float(array.std(ddof=1)) if len(array) > 1 else None
            found.append(Spread(key[1], key[2], values, float(array.mean()), deviation))
    return found


def _key(result: Result) -> tuple[str, str, str]:
    return result.kind, result.name, result.variant


def _compare_results(first: Result, second: Result, draws: int, seed: int) -> tuple[PairedTest, int] | None:
    """Return the paired test and its number of items; None if there are fewer than two or the test is not defined."""
    one, two = first.items, second.items
    if one is None or two is None or one.values.shape != two.values.shape:
        return None
    a, b = one.values, two.values
    known = ~np.isnan(np.concatenate([a.reshape(len(a), -1), b.reshape(len(b), -1)], axis=1)).any(axis=1)
    n = int(known.sum())
    if n < 2:
        return None
    gold = one.gold[known] if one.gold is not None else np.zeros(n)
    test = KINDS[first.kind].paired_test(a[known], b[known], gold, draws, seed)
    return None if test is None else (test, n)
