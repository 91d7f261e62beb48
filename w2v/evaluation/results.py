"""Results of an evaluation: plain dataclasses, the same for Python and for the command line.

Place in the data flow: measures -> results -> tables, JSON, comparisons. The result of each kind is defined with its
measure. Shares are fractions from 0 to 1. An interval is a 95 % confidence interval by the bootstrap, None if there
was no resampling. Each number exists in two variants: items with unknown words are left out, or (`..._all`) they count
as wrong.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from w2v.evaluation.panels import axis_of, draw_bars, totals
from w2v.system.fact_table import Fact, FactTable
from w2v.system.figures import new_axes
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable
from w2v.types import Floats, Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]


@dataclass(frozen=True)
class Measure:
    """One number of a result, for tables and plots.

    Attributes
    ----------
    kind, set : kind and name of the set.
    name : of the measure, for example "Spearman" or "3cosadd".
    value : None if no item is known.
    interval : 95 % confidence interval of the value.
    all : the value with unknown items counted as wrong.
    used, total : number of items that were measured, and of all items.
    """

    kind: str
    set: str
    name: str
    value: float | None
    interval: Interval | None
    all: float | None
    used: int
    total: int

    def __str__(self) -> str:
        value = "nothing known" if self.value is None else f"{self.value:.4f}"
        return f"{self.set}: {self.name} {value}, {self.used} of {self.total}"


def measure_frame(measures: Iterable[Measure]) -> DataFrame:
    """Return measures as a `pandas.DataFrame`, one row each; an interval has the columns "low" and "high"."""
    rows = []
    for one in measures:
        low, high = one.interval or (None, None)
        rows.append({"kind": one.kind, "set": one.set, "name": one.name, "value": one.value, "low": low, "high": high,
                     "all": one.all, "used": one.used, "total": one.total})
    return frame(rows)


def _plot(measures: Sequence[Measure], axes: Axes | None, measure: str | None) -> Axes:
    """Draw the measures that share the axis of one of them, by default the first."""
    known = [one for one in measures if one.value is not None and measure in (None, one.name)]
    if not known:
        names = ", ".join(dict.fromkeys(one.name for one in measures if one.value is not None))
        raise ValueError(f"measure={measure!r}: the measures are {names}" if names else "nothing was measured")
    panel = next(one for one in totals([measures]) if one.axis == axis_of(known[0].name))
    drawn: Axes = new_axes(0.4 * len(panel.rows) + 0.9) if axes is None else axes
    draw_bars(drawn, panel)
    if any(one is not None and one.interval for _, row in panel.rows for one in row):
        drawn.set_xlabel(f"{panel.axis}, with 95 % bootstrap intervals", fontsize=8)
    return drawn


@dataclass(frozen=True)
class Items:
    """Outcomes of the single items of a set, for paired tests.

    Attributes
    ----------
    values : (n,) or (n, k) float64, NaN for unknown items: 1 for right and 0 for wrong, cosines, or cluster numbers.
    gold : (n,) float64, what the values are compared with: scores of people or class numbers; None for right and wrong.
    drawn : identifies what was drawn for these vectors and is not in the set; results are compared only if it is equal.
    """

    values: Floats
    gold: Floats | None = None
    drawn: str = ""


@dataclass(frozen=True, repr=False)
class Result(Report):
    """Base of all results.

    The result of a kind overrides `measures` and `tables_of`, and `to_dict` where a field is not a plain value.

    Attributes
    ----------
    kind : name of the kind: its option on the command line and its key in JSON.
    name : of the set.
    items : outcomes of single items; not part of `to_dict`, and ignored when results are compared with ==.
    """

    kind: ClassVar[str] = ""

    name: str
    items: Items | None = field(default=None, repr=False, compare=False, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {spec.name: getattr(self, spec.name) for spec in dataclasses.fields(self) if spec.name != "items"}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the result that has these values, as `to_dict` and JSON give them; it has no items.

        Raises
        ------
        TypeError, ValueError : a value is missing or of another type.
        """
        own = {spec.name: values[spec.name] for spec in dataclasses.fields(cls)
               if spec.name != "items" and spec.name in values}
        for name, value in own.items():
            if value is not None and (name == "interval" or name.endswith("_interval")):
                low, high = value
                own[name] = (float(low), float(high))
        return cls(**own)

    def to_frame(self) -> DataFrame:
        """Return the numbers of the set and of its parts as a `pandas.DataFrame`, one row each (`Measure`)."""
        return measure_frame([*self.measures(), *self.parts()])

    def brief(self) -> str:
        return "; ".join(map(str, self.measures())) or self.name

    def plot(self, axes: Axes | None = None, *, measure: str | None = None) -> Axes:
        """Draw bars with intervals for the numbers of the set; as `Evaluation.plot`."""
        return _plot(list(self.measures()), axes, measure)

    @classmethod
    def tables_of(cls, results: Sequence[Any]) -> list[TextTable]:
        """Return the tables of several results of this kind."""
        raise NotImplementedError

    def tables(self) -> list[TextTable]:
        return self.tables_of([self])

    def measures(self) -> Iterator[Measure]:
        """Iterate over the numbers of the result, the most important one first."""
        yield from ()

    def parts(self) -> Iterator[Measure]:
        """Iterate over the numbers of parts of the set, for plots."""
        yield from ()

    @property
    def variant(self) -> str:
        """Difference between several results of one set: the method of analogies or of sentences, the score of links;
        empty for other kinds."""
        return ""

    @property
    def nothing_known(self) -> bool:
        """Whether nothing was measured because every item has an unknown word."""
        return not any(measure.used for measure in self.measures())


@dataclass(frozen=True, repr=False)
class Score(Result):
    """Questions of a section or set that are answered right or wrong.

    Attributes
    ----------
    correct : number of right answers.
    questions : number of questions whose words are known.
    total : number of all questions.
    honest : number of right answers if the words of the question are candidates too; None for other kinds.
    interval : 95 % confidence interval of the accuracy.
    """

    correct: int
    questions: int
    total: int
    honest: int | None = field(default=None, kw_only=True)
    interval: Interval | None = field(default=None, kw_only=True)

    @property
    def accuracy(self) -> float | None:
        """Share of right answers among the known questions; None if no question is known."""
        return self.correct / self.questions if self.questions else None

    @property
    def accuracy_all(self) -> float | None:
        """Share of right answers among all questions: unknown ones count as wrong."""
        return self.correct / self.total if self.total else None

    @property
    def honest_accuracy(self) -> float | None:
        """Share of known questions that are answered right if the words of the question are candidates too."""
        return None if self.honest is None or not self.questions else self.honest / self.questions

    @property
    def known(self) -> float | None:
        """Share of questions whose words are known."""
        return self.questions / self.total if self.total else None

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "correct": self.correct, "questions": self.questions, "total": self.total,
                "accuracy": self.accuracy, "interval": self.interval, "accuracy_all": self.accuracy_all,
                "honest": self.honest, "honest_accuracy": self.honest_accuracy}

    def brief(self) -> str:
        return str(self.measure(self.kind, self.name, "accuracy"))

    def measure(self, kind: str, set: str, name: str) -> Measure:
        """Return the accuracy as a measure."""
        return Measure(kind, set, name, self.accuracy, self.interval, self.accuracy_all, self.questions, self.total)


@dataclass(frozen=True)
class Failure:
    """A set that is broken; the message names the file and the line.

    Attributes
    ----------
    scored : whether only lines or sections are broken, and the rest of the set was scored.
    """

    name: str
    message: str
    scored: bool = False


@dataclass(frozen=True, repr=False)
class Evaluation(Report):
    """Results of several sets on one file of vectors.

    Attributes
    ----------
    results : in the order of the sets.
    missing : sets of the suite that were not found.
    failures : sets that are broken, in part or as a whole, or of which no word is known.
    source : where the vectors come from.
    words : for each set, how many words it asks for.
    unknown_words : for each set, the words that have no vector.
    """

    results: tuple[Result, ...]
    missing: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    source: str = ""
    words: dict[str, int] = field(default_factory=dict)
    unknown_words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Result:
        """Return the first result of the set of this name; KeyError if there is none."""
        for result in self.results:
            if result.name == name:
                return result
        raise KeyError(f"no result {name!r}; there are {', '.join(result.name for result in self.results) or 'none'}")

    def of_kind(self, kind: str) -> list[Result]:
        """Return the results of one kind."""
        return [result for result in self.results if result.kind == kind]

    def measures(self) -> list[Measure]:
        """Return the numbers of all results."""
        return [measure for result in self.results for measure in result.measures()]

    def brief(self) -> str:
        failed = f"; {len(self.failures)} failed" if self.failures else ""
        return f"{self.source or 'vectors'}: {'; '.join(map(str, self.measures())) or 'no results'}{failed}"

    def tables(self) -> list[TextTable | FactTable]:
        """Return the tables by kind, in the order of the first set of each kind, then the sets that failed."""
        by_kind = [self.of_kind(kind) for kind in dict.fromkeys(result.kind for result in self.results)]
        failed = [Fact("failed", note=failure.message) for failure in self.failures]
        return [*(table for results in by_kind for table in results[0].tables_of(results)),
                *([FactTable(failed)] if failed else [])]

    def to_frame(self) -> DataFrame:
        """Return the numbers of all results as a `pandas.DataFrame`, one row each (`Measure`)."""
        return measure_frame(self.measures())

    def plot(self, axes: Axes | None = None, *, measure: str | None = None) -> Axes:
        """Draw bars with intervals for the sets that have one measure, and return matplotlib's axes.

        `w2v evaluate --plot` writes a figure of all measures, with the sections of sets.

        Parameters
        ----------
        axes : where to draw; None makes a figure, which is `axes.figure`.
        measure : name of a measure, such as "Spearman"; all accuracies share an axis. None for that of the first set.

        Raises
        ------
        ValueError : nothing was measured, or not this.
        W2VError : matplotlib is not installed.
        """
        return _plot(self.measures(), axes, measure)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON; `analogies` and `similarity` are always there, other kinds if they occur."""
        kinds = dict.fromkeys(["analogies", "similarity", *(result.kind for result in self.results)])
        found: dict[str, Any] = {kind: [result.to_dict() for result in self.of_kind(kind)] for kind in kinds}
        found["unknown_words"] = {name: list(words) for name, words in self.unknown_words.items()}
        if self.missing:
            found["missing"] = list(self.missing)
        if self.failures:
            found["failed"] = [dataclasses.asdict(failure) for failure in self.failures]
        return found
