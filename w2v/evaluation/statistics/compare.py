"""Are these vectors better than those, or is it noise?

Place in the data flow: evaluations of several files -> paired tests, or mean and deviation over files of one setting.

Every set is tested on the items that both files know: questions by McNemar's exact test, all else by resampling the
same items for both. All p values of one comparison are corrected together by Holm's method.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2v.evaluation.results import Evaluation, Items, Result, mean_and_deviation
from w2v.evaluation.statistics.bootstrap import (
    DRAWS,
    SEED,
    Floats,
    counts_of_draws,
    difference_p,
    holm,
    mcnemar_p,
    mean_draws,
    percentiles,
    purity_draws,
    spearman_draws,
)
from w2v.evaluation.statistics.clusters import purity
from w2v.evaluation.statistics.correlation import spearman
from w2v.types import Interval

LEVEL = 0.05

# values on the common items, the interval of their difference, p
Tested = tuple[float, float, Interval, float]


@dataclass(frozen=True)
class Comparison:
    """One set, two files: `first` and `second` are values on the `items` that both know.

    `p` is two-sided and of this set alone, `p_holm` corrected for all sets and files that were compared.
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
        """The difference may be chance: not significant at 5 % after Holm's correction."""
        return not self.p_holm < LEVEL

    def as_dict(self) -> dict[str, Any]:
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
        return dataclasses.asdict(self)


def compare(evaluations: Sequence[Evaluation], *, draws: int = DRAWS, seed: int = SEED) -> list[Comparison]:
    """The first evaluation against each of the others, set by set; sets without a common item are left out."""
    found = []
    for other in evaluations[1:]:
        theirs = {_key(result): result for result in other.results}
        for result in evaluations[0].results:
            match = theirs.get(_key(result))
            if match is not None and (one := _compared(result, match, draws, seed)) is not None:
                (first, second, interval, p), items = one
                measure = next(result.measures()).name
                found.append(Comparison(result.name, measure, evaluations[0].source, other.source, first, second,
                                        second - first, interval, p, p, items))
    corrected = holm([one.p for one in found])
    return [dataclasses.replace(one, p_holm=p) for one, p in zip(found, corrected, strict=True)]


def spreads(evaluations: Sequence[Evaluation]) -> list[Spread]:
    """Mean and deviation of every measure that all files have."""
    by_file = [{(m.kind, m.set, m.name): m.value for m in one.measures() if m.value is not None}
               for one in evaluations]
    found = []
    for key in by_file[0]:
        if all(key in values for values in by_file):
            values = tuple(values[key] for values in by_file)
            found.append(Spread(key[1], key[2], values, *mean_and_deviation(values)))
    return found


def _key(result: Result) -> tuple[str, str, str]:
    return result.kind, result.name, getattr(result, "method", "")


def _compared(first: Result, second: Result, draws: int, seed: int) -> tuple[Tested, int] | None:
    one: Items | None = getattr(first, "items", None)
    two: Items | None = getattr(second, "items", None)
    if one is None or two is None or one.values.shape != two.values.shape:
        return None
    a, b = one.values, two.values
    if first.kind == "degrees":
        a, b = a[:, :1], b[:, :1]
    known = ~np.isnan(np.concatenate([a.reshape(len(a), -1), b.reshape(len(b), -1)], axis=1)).any(axis=1)
    n = int(known.sum())
    if n < 2:
        return None
    gold = one.gold[known] if one.gold is not None else np.zeros(n)
    tested = _TESTS[first.kind](a[known], b[known], gold, draws, seed)
    return None if tested is None else (tested, n)


def _answers(a: Floats, b: Floats, gold: Floats, draws: int, seed: int) -> Tested | None:
    n, only_a, only_b = len(a), int((a > b).sum()), int((b > a).sum())
    drawn = np.random.default_rng(seed).multinomial(n, [only_a / n, only_b / n, 1 - (only_a + only_b) / n], draws)
    return (float(a.mean()), float(b.mean()), percentiles((drawn[:, 1] - drawn[:, 0]) / n),
            mcnemar_p(only_a, only_b))


def _correlations(a: Floats, b: Floats, gold: Floats, draws: int, seed: int) -> Tested | None:
    values = spearman(gold, a), spearman(gold, b)
    if values[0] is None or values[1] is None:
        return None
    return _resampled(values[0], values[1], spearman_draws(gold, [a, b], draws, seed))


def _clusters(a: Floats, b: Floats, gold: Floats, draws: int, seed: int) -> Tested | None:
    one, two, classes = (values.astype(np.int64) for values in (a[:, 0], b[:, 0], gold))
    return _resampled(purity(one, classes), purity(two, classes), purity_draws([one, two], classes, draws, seed))


def _outliers(a: Floats, b: Floats, gold: Floats, draws: int, seed: int) -> Tested | None:
    sums = np.concatenate([a, b], axis=1)  # found, OPP, cases of each
    drawn = np.concatenate([counts @ sums for counts in counts_of_draws(len(sums), draws, seed)])
    total = sums.sum(axis=0)
    return _resampled(float(total[0] / total[2]), float(total[3] / total[5]),
                      np.stack([drawn[:, 0] / drawn[:, 2], drawn[:, 3] / drawn[:, 5]]))


def _means(a: Floats, b: Floats, gold: Floats, draws: int, seed: int) -> Tested | None:
    values = np.stack([a[:, 0], b[:, 0]])
    return _resampled(float(values[0].mean()), float(values[1].mean()), mean_draws(values, draws, seed))


def _resampled(first: float, second: float, drawn: Floats) -> Tested:
    differences = drawn[1] - drawn[0]
    return first, second, percentiles(differences), difference_p(differences)


_TESTS: dict[str, Callable[[Floats, Floats, Floats, int, int], Tested | None]] = {
    "analogies": _answers, "choices": _answers, "similarity": _correlations, "categories": _clusters,
    "outliers": _outliers, "degrees": _means}
