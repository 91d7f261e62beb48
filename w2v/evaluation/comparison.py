"""Comparison of several files of vectors: paired tests, or mean and deviation over runs of one setting.

Place in the data flow: evaluations of several files -> comparisons or spreads -> tables, JSON.

Each set is tested on the items that both files know, by the `paired_test` of its kind. All p values of one call are
corrected together by Holm's method.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v.evaluation.kinds import KINDS
from w2v.evaluation.picture import draw_comparisons, draw_spreads
from w2v.evaluation.results import Evaluation, Result
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED
from w2v.evaluation.statistics.paired import PairedTest
from w2v.evaluation.statistics.significance import holm
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, interval, number, p_text
from w2v.types import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

LEVEL = 0.05


@dataclass(frozen=True, repr=False)
class Comparison(Report):
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

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | {"noise": self.noise}

    def brief(self) -> str:
        return (f"{self.set}, {self.measure}: {self.first:.4f} -> {self.second:.4f}, p (Holm) {p_text(self.p_holm)}"
                f"{', noise' if self.noise else ''}")

    def tables(self) -> list[TextTable]:
        return _comparison_tables([self])

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the difference with its interval; parameters and errors as in `Report.plot`."""
        return Comparisons([self]).plot(axes)


@dataclass(frozen=True, repr=False)
class Spread(Report):
    """One measure over several files: mean, and standard deviation (n - 1)."""

    set: str
    measure: str
    values: tuple[float, ...]
    mean: float
    deviation: float | None

    def brief(self) -> str:
        deviation = "" if self.deviation is None else f" +- {self.deviation:.4f}"
        return f"{self.set}, {self.measure}: {self.mean:.4f}{deviation} of {len(self.values)} files"

    def tables(self) -> list[TextTable]:
        return [_spread_table([self])]

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the values about their mean; parameters and errors as in `Report.plot`."""
        return Spreads([self]).plot(axes)


class Comparisons(list[Comparison], Report):
    """Comparisons of the first file of vectors with others: a list of `Comparison`, with tables."""

    def brief(self) -> str:
        return "; ".join(one.brief() for one in self)

    def tables(self) -> list[TextTable]:
        return _comparison_tables(self)

    def to_dict(self) -> dict[str, Any]:
        return {"comparisons": [one.to_dict() for one in self]}

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the differences with their intervals; parameters and errors as in `Report.plot`."""
        return draw_comparisons(self.to_dict(), axes)

    def to_frame(self) -> DataFrame:
        """Return the comparisons as a `pandas.DataFrame`, one row each."""
        return frame(one.to_dict() for one in self)


class Spreads(list[Spread], Report):
    """Spread of each measure over several files: a list of `Spread`, with a table."""

    def brief(self) -> str:
        return "; ".join(one.brief() for one in self)

    def tables(self) -> list[TextTable]:
        return [_spread_table(self)] if self else []

    def to_dict(self) -> dict[str, Any]:
        return {"spread": [one.to_dict() for one in self]}

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the values of each measure about their mean, with the standard deviation.

        Parameters and errors as in `Report.plot`.
        """
        return draw_spreads(self.to_dict(), axes)

    def to_frame(self) -> DataFrame:
        """Return the measures as a `pandas.DataFrame`, one row each."""
        return frame(one.to_dict() for one in self)


def compare(evaluations: Sequence[Evaluation], *, draws: int = DRAWS, seed: int = SEED) -> Comparisons:
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
    return Comparisons(dataclasses.replace(one, p_holm=p) for one, p in zip(found, corrected, strict=True))


def spreads(evaluations: Sequence[Evaluation]) -> Spreads:
    """Return mean and deviation of each measure that all evaluations have."""
    by_file = [{(m.kind, m.set, m.name): m.value for m in one.measures() if m.value is not None}
               for one in evaluations]
    found = Spreads()
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
    if one is None or two is None or one.values.shape != two.values.shape or one.drawn != two.drawn:
        return None
    a, b = one.values, two.values
    known = ~np.isnan(np.concatenate([a.reshape(len(a), -1), b.reshape(len(b), -1)], axis=1)).any(axis=1)
    n = int(known.sum())
    if n < 2:
        return None
    gold = one.gold[known] if one.gold is not None else np.zeros(n)
    test = KINDS[first.kind].paired_test(a[known], b[known], gold, draws, seed)
    return None if test is None else (test, n)


def _comparison_tables(comparisons: Sequence[Comparison]) -> list[TextTable]:
    """Return one table for each file that is compared with the first one."""
    found = []
    for second in dict.fromkeys(one.second_file for one in comparisons):
        own = [one for one in comparisons if one.second_file == second]
        names = short_names([own[0].first_file, second])
        rows = [(one.set, one.measure.removesuffix(" purity"), number(one.first), number(one.second),
                 f"{one.difference:+.4f}", interval(one.interval, 3), p_text(one.p_holm),
                 "noise" if one.noise else "second" if one.difference > 0 else "first", str(one.items)) for one in own]
        head = ("set", "measure", "first", "second", "change", "95 %", "p (Holm)", "better", "items")
        found.append(TextTable(head, rows, 0, [
            f"first: {names[0]}; second: {names[1]}; on the items that both know; noise: not significant at 5 % after "
            f"Holm's correction over {len(comparisons)} tests"]))
    return found


def _spread_table(spreads: Sequence[Spread]) -> TextTable:
    """Return a table with the mean and deviation of each measure."""
    rows = [(one.set, one.measure, number(one.mean), number(one.deviation), str(len(one.values))) for one in spreads]
    return TextTable(("set", "measure", "mean", "deviation", "files"), rows)


def short_names(sources: Sequence[str]) -> list[str]:
    """Return the file names without folders if they all differ, the whole paths otherwise."""
    names = [Path(source).name or source for source in sources]
    return names if len(set(names)) == len(names) else list(sources)
