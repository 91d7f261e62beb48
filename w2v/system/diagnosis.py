"""Results of health checks: `Finding`, what one check found, and `Diagnosis`, all findings on one subject.

Place in the data flow: checks of vectors (`w2v.analysis.health`) and of a corpus -> findings -> the tables and JSON of
`w2v doctor`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from w2v.system.diagnosis_picture import draw
from w2v.system.fact_table import Fact, FactTable
from w2v.system.plain import plain, printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, p_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

    from w2v.types import Interval  # imports numpy

Severity = Literal["ok", "note", "warning", "problem"]

SEVERITIES: tuple[Severity, ...] = ("ok", "note", "warning", "problem")
"""The mildest first. A note is worth knowing, a warning makes results worse, and a problem makes them wrong."""

_LONGEST = 40  # characters of an example
_WIDTHS = len("warning"), 0  # of the first column, and of no second one
_LINE = 72  # characters of a line of a finding, without those before its name


@dataclass(frozen=True)
class Measure:
    """A number and what it can be compared with.

    Attributes
    ----------
    name : what is measured, such as "mean cosine"; of counts what is counted, such as "words".
    value : the number; None or NaN if there is nothing to measure.
    interval : 95 % confidence interval; None for a number that was counted and not estimated.
    chance : the value under the null model that the check names; None if there is none.
    p : probability of a value at least as extreme under the null model, or None.
    whole : of how many; `value` then is a count of these.
    share : whether the number is shown in per cent.
    """

    name: str
    value: float | None
    interval: Interval | None = None
    chance: float | None = None
    p: float | None = None
    whole: int | None = None
    share: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: the value, its interval or None, and what is known of the rest."""
        found: dict[str, Any] = {"name": self.name, "value": plain(self.value),
                                 "interval": None if self.interval is None else plain(list(self.interval))}
        return found | {name: known for name in ("chance", "p", "whole") if (known := getattr(self, name)) is not None}

    def __str__(self) -> str:
        """Return the number with what is known: "share 29.0 % [28.9 - 29.1], by chance 0.002 %"."""
        if self.value is None or math.isnan(self.value):
            return f"{self.name} -"
        value = self._text(self.value)
        text = f"{self.name} {value}" if self.whole is None else f"{value} of {self.whole:,} {self.name}"
        if self.interval is not None and not math.isnan(self.interval[0]):
            low, high = (self._text(end).removesuffix(" %") for end in self.interval)
            text += f" [{low} - {high}]"
        if self.chance is not None:
            text += f", by chance {self._text(self.chance)}"
        if self.p is not None:
            shown = p_text(self.p)
            text += f", p {shown}" if shown.startswith("<") else f", p = {shown}"
        return text

    def _text(self, value: float) -> str:
        if self.share:
            return f"{100 * value:.3g} %"
        return f"{value:,.0f}" if isinstance(value, int) or 100 <= abs(value) < math.inf else f"{value:.3g}"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    check : name of the check, such as "zero vectors".
    severity : one of SEVERITIES.
    meaning : one or two sentences of plain English: what this says about the subject.
    measures : the numbers, each with an interval or a value by chance, or counted exactly.
    advice : what to do; empty if nothing is to be done.
    examples : words, or places in files, that show it.
    group : the checks of one group are shown together.
    data : numbers for pictures, as plain values, such as the bins of a histogram.
    table : more numbers, which are shown on request; or None.
    """

    check: str
    severity: Severity
    meaning: str
    measures: tuple[Measure, ...] = ()
    advice: str = ""
    examples: tuple[str, ...] = ()
    group: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    table: TextTable | None = None

    def __getitem__(self, name: str) -> Measure:
        """Return the measure of this name."""
        return next(measure for measure in self.measures if measure.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"check": self.check, "group": self.group, "severity": self.severity,
                "measures": [measure.to_dict() for measure in self.measures], "meaning": self.meaning,
                "advice": self.advice, "examples": list(self.examples), "data": dict(self.data)}

    def facts(self) -> list[Fact]:
        """Return the rows of this finding in a table: what it means, the numbers, and what to do."""
        numbers = "; ".join([*map(str, self.measures), *self._examples()])
        text = f"{self.check}: {self.meaning}"
        if numbers and len(self.severity) + len(text) + len(numbers) <= _LINE and not self.advice:
            text, numbers = f"{text} ({numbers})", ""
        lines = [text, numbers, f"To do: {self.advice}" if self.advice else ""]
        return [Fact("" if i else self.severity, note=line) for i, line in enumerate(filter(None, lines))]

    def _examples(self) -> list[str]:
        shown = ", ".join(printable_line(_shortened(one)) for one in self.examples)
        return [f"for example {shown}"] if shown else []


@dataclass(frozen=True, repr=False)
class Diagnosis(Report):
    """Result of `w2v.doctor`: what the checks found.

    Attributes
    ----------
    kind : "vectors" or "corpus".
    subject : name of what was checked.
    facts : sizes, types, and the samples that were drawn, as plain values by name.
    findings : one for each check, in the order of the groups.
    null : what the values "by chance" are; "" if there are none.
    """

    kind: str
    subject: str
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...]
    null: str = ""

    @property
    def passed(self) -> bool:
        """Whether no check found a problem; warnings and notes pass."""
        return self.severity != "problem"

    @property
    def severity(self) -> Severity:
        """The worst severity of the findings."""
        return SEVERITIES[max((SEVERITIES.index(one.severity) for one in self.findings), default=0)]

    def __getitem__(self, check: str) -> Finding:
        """Return the finding of a check by its name.

        Raises
        ------
        KeyError : there is no such check; names those that there are.
        """
        for finding in self.findings:
            if finding.check == check:
                return finding
        raise KeyError(f"no check {check!r}; the checks are {', '.join(one.check for one in self.findings)}")

    def brief(self) -> str:
        return f"{self.subject}: {self.summary()}"

    def summary(self) -> str:
        """Return how many findings there are of each severity, the worst first, with the names of the checks:
        "1 warning (hubs), 17 ok"."""
        parts = []
        for severity in reversed(SEVERITIES):
            names = [one.check for one in self.findings if one.severity == severity]
            plural = "s" if len(names) > 1 and severity != "ok" else ""
            which = "" if severity == "ok" else f" ({', '.join(names)})"
            parts += [f"{len(names)} {severity}{plural}{which}"] if names else []
        return ", ".join(parts) or "no checks"

    def tables(self, details: bool = False) -> Sequence[TextTable | FactTable]:
        """Return what was checked, the findings of each group, and a summary.

        Parameters
        ----------
        details : add the tables of the findings.
        """
        facts = "; ".join(f"{name} {_shown(value)}" for name, value in self.facts.items())
        head = [Fact(self.kind, note=printable_line(self.subject)), Fact("facts", note=facts)]
        legend = "[95 % interval]" + (f"; by chance: {self.null}" if self.null else "")
        found: list[TextTable | FactTable] = [FactTable([*head, Fact("numbers", note=legend)], _WIDTHS)]
        for group in dict.fromkeys(finding.group for finding in self.findings):
            members = [finding for finding in self.findings if finding.group == group]
            found.append(FactTable([fact for one in members for fact in one.facts()], _WIDTHS))
            if details:
                found += [one.table for one in members if one.table is not None]
        return [*found, FactTable([Fact("summary", note=self.summary())], _WIDTHS)]

    def to_dict(self) -> dict[str, Any]:
        """Return all values, as `w2v doctor --json` prints them."""
        return {"kind": self.kind, "subject": self.subject, "passed": self.passed, "severity": self.severity,
                "facts": dict(self.facts), "null": self.null, "findings": [one.to_dict() for one in self.findings]}

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the histogram of cosines of random pairs, with that of random vectors; of a corpus that of line lengths.

        Parameters
        ----------
        axes : where to draw; None makes a figure, which is `axes.figure`.

        Raises
        ------
        W2VError : there is nothing to draw, or matplotlib is not installed.
        """
        return draw(self.to_dict(), axes)

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each number: check, severity, name, value, low, high, chance, p.
        """
        rows = []
        for finding in self.findings:
            for measure in finding.measures or (Measure("", None),):
                values = asdict(measure)
                low, high = values.pop("interval") or (None, None)
                del values["share"]
                rows.append({"check": finding.check, "severity": finding.severity, **values, "low": low, "high": high})
        return frame(rows)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_shown, value))
    return f"{value:,}" if type(value) is int else printable_line(str(value))
