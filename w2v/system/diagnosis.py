"""Results of health checks: `Finding`, what one check found, and `Diagnosis`, all findings on one subject.

Place in the data flow: checks of vectors (`w2v.analysis.health`) and of a corpus -> findings -> the tables and JSON of
`w2v doctor`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from w2v.system.fact_table import Fact, FactTable
from w2v.system.plain import plain, printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, p_text

if TYPE_CHECKING:
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

    from w2v.types import Interval  # imports numpy

Severity = Literal["ok", "note", "warning", "problem"]

SEVERITIES: tuple[Severity, ...] = ("ok", "note", "warning", "problem")
"""The mildest first. A note is worth knowing, a warning makes results worse, and a problem makes them wrong."""

_LONGEST = 40  # characters of an example


@dataclass(frozen=True)
class Measure:
    """A number and what it can be compared with.

    Attributes
    ----------
    name : what is measured, such as "mean cosine".
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
        if self.value is None or math.isnan(self.value):
            return f"{self.name} -"
        known = []
        if self.interval is not None and not math.isnan(self.interval[0]):
            low, high = (self._text(end).removesuffix(" %") for end in self.interval)
            known.append(f"95 %: {low} - {high}")
        if self.chance is not None:
            known.append(f"by chance {self._text(self.chance)}")
        if self.p is not None:
            text = p_text(self.p)
            known.append(f"p {text}" if text.startswith("<") else f"p = {text}")
        whole = "" if self.whole is None else f" of {self.whole:,}"
        compared = f" ({'; '.join(known)})" if known else ""
        return f"{self.name} {self._text(self.value)}{whole}{compared}"

    def _text(self, value: float) -> str:
        if self.share:
            digits = 1 if not value or abs(value) >= 0.001 else 4
            return f"{100 * value:.{digits}f} %"
        if isinstance(value, int) or abs(value) >= 100:
            return f"{value:,.0f}"
        return f"{value:.3f}" if abs(value) >= 0.001 or not value else f"{value:.1e}"


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
    group : the checks of one group stand together in the tables.
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
        """Return the rows of this finding in a table."""
        examples = ", ".join(printable_line(_shortened(one)) for one in self.examples)
        numbers = "; ".join([*map(str, self.measures), *([examples] if examples else [])])
        rows = [Fact(self.check, self.severity, numbers)] if numbers else [Fact(self.check, self.severity)]
        rows.append(Fact("", note=self.meaning))
        return [*rows, Fact("", note=f"To do: {self.advice}")] if self.advice else rows


@dataclass(frozen=True, repr=False)
class Diagnosis(Report):
    """Result of `w2v.doctor`: what the checks found.

    Attributes
    ----------
    kind : "vectors" or "corpus".
    subject : name of what was checked.
    facts : sizes, types, and the samples that were drawn, as plain values by name.
    findings : one for each check, in the order of the groups.
    """

    kind: str
    subject: str
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether no check found a problem; warnings and notes pass."""
        return self.severity != "problem"

    @property
    def severity(self) -> Severity:
        """The worst severity of the findings."""
        return max((one.severity for one in self.findings), key=SEVERITIES.index, default="ok")

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
        """Return how many findings there are of each severity, the worst first: "1 warning, 17 ok"."""
        found = Counter(one.severity for one in self.findings)
        parts = [f"{found[name]} {name}{'s' if found[name] > 1 and name != 'ok' else ''}" for name in
                 reversed(SEVERITIES) if found[name]]
        return ", ".join(parts) or "no checks"

    def tables(self, details: bool = False) -> Sequence[TextTable | FactTable]:
        """Return what was checked, the findings of each group, and a summary.

        Parameters
        ----------
        details : add the tables of the findings.
        """
        facts = [Fact(self.kind, note=printable_line(self.subject)),
                 *(Fact(name, note=_shown(value)) for name, value in self.facts.items())]
        groups: dict[str, list[Finding]] = {}
        for finding in self.findings:
            groups.setdefault(finding.group, []).append(finding)
        widths = (max([0, *(len(one.check) for one in self.findings)]), len("warning"))
        found: list[TextTable | FactTable] = [FactTable(facts, (max(len(fact.name) for fact in facts), 0))]
        for group in groups.values():
            found.append(FactTable([fact for one in group for fact in one.facts()], widths))
            if details:
                found += [one.table for one in group if one.table is not None]
        return [*found, FactTable([Fact("summary", note=self.summary())])]

    def to_dict(self) -> dict[str, Any]:
        """Return all values, as `w2v doctor --json` prints them."""
        return {"kind": self.kind, "subject": self.subject, "passed": self.passed, "severity": self.severity,
                "facts": dict(self.facts), "findings": [one.to_dict() for one in self.findings]}

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
