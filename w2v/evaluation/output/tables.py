"""Results as tables: for people, in Markdown, and in LaTeX for papers.

Place in the data flow: results -> text. A table is the same rows in every style.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2v.evaluation.results import (
    AnalogyResult,
    CategoryResult,
    ChoiceResult,
    DegreesResult,
    Evaluation,
    OutlierResult,
    Result,
    Score,
    SimilarityResult,
)
from w2v.evaluation.statistics.compare import Comparison, Spread
from w2v.types import Interval

STYLES = ("text", "markdown", "latex")

_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
          **{mark: "\\" + mark for mark in "&%$#_{}"}}


@dataclass(frozen=True)
class Table:
    """Rows of cells below a head; `totals` of the last rows stand apart, `notes` follow."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: int = 0
    notes: Sequence[str] = ()

    def render(self, style: str = "text") -> str:
        return {"text": self._text, "markdown": self._markdown, "latex": self._latex}[style]()

    def _text(self) -> str:
        """First column to the left, the others to the right."""
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = ["  ".join(cell.rjust(width) if i else cell.ljust(width)
                           for i, (cell, width) in enumerate(zip(row, widths, strict=True)))
                 for row in (self.head, *self.rows)]
        if self.totals:
            lines.insert(len(lines) - self.totals, "-" * len(lines[0]))
        return "\n".join([*lines, *self.notes])

    def _markdown(self) -> str:
        rows = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in (self.head, *self.rows)]
        rows.insert(1, "| --- |" + " ---: |" * (len(self.head) - 1))
        return "\n".join([*rows, *(f"\n{note}" for note in self.notes)])

    def _latex(self) -> str:
        rows = [" & ".join(map(latex, row)) + r" \\" for row in self.rows]
        if self.totals:
            rows.insert(len(rows) - self.totals, r"\midrule")
        return "\n".join([
            r"\begin{tabular}{l" + "r" * (len(self.head) - 1) + "}  % \\usepackage{booktabs}", r"\toprule",
            " & ".join(map(latex, self.head)) + r" \\", r"\midrule", *rows, r"\bottomrule", r"\end{tabular}",
            *(f"% {note}" for note in self.notes)])


def latex(text: str) -> str:
    """Text with the marks of LaTeX escaped."""
    return "".join(_LATEX.get(mark, mark) for mark in text)


def format_table(results: Sequence[Result], style: str = "text") -> str:
    """One table for each analogy result, with its sections, and one for the sets of each other kind."""
    return "\n\n".join(table.render(style) for table in tables(results))


def tables(results: Sequence[Result]) -> list[Table]:
    parts = [_analogies(result) for result in results if isinstance(result, AnalogyResult)]
    makers: dict[str, Callable[[Any], Table]] = {
        "similarity": _similarity, "degrees": _degrees, "choices": _choices, "categories": _categories,
        "outliers": _outliers}
    for kind, make in makers.items():
        if some := [result for result in results if result.kind == kind]:
            parts.append(make(some))
    return parts


def _analogies(result: AnalogyResult) -> Table:
    whole = Score("all", result.correct, result.questions, result.total, honest=result.honest,
                  interval=result.interval)
    rows = [(score.name, percent(score.accuracy), interval(score.interval), percent(score.honest_accuracy),
             percent(score.accuracy_all), f"{score.correct}/{score.questions}",
             percent(score.questions / score.total if score.total else None))
            for score in (*result.sections, *result.groups, whole)]
    among = ("all words" if result.restrict_vocab is None else f"the first {result.restrict_vocab:,} words")
    notes = [f"{result.method} among {among}; unknown questions are left out, and wrong in column \"of all\"; "
             "honest: the words of the question may answer too"]
    if not result.questions:
        notes.append("no question has four known words: nothing was measured")
    return Table((f"analogies: {result.name}", "accuracy", "95 %", "honest", "of all", "correct", "known"), rows,
                 1 + len(result.groups), notes)


def _similarity(results: Sequence[SimilarityResult]) -> Table:
    rows = [(result.name, number(result.spearman), interval(result.interval, 4), number(result.spearman_all),
             number(result.pearson), str(result.pairs), str(result.unknown)) for result in results]
    notes = [f"{result.name}: no known pair of words: nothing was measured" for result in results if not result.pairs]
    if any(result.unknown for result in results):
        notes.insert(0, "unknown pairs are left out, and have the cosine 0 in column \"of all\"")
    return Table(("similarity", "Spearman", "95 %", "of all", "Pearson", "pairs", "unknown"), rows, 0, notes)


def _degrees(results: Sequence[DegreesResult]) -> Table:
    return Table(("degrees of relations", "Spearman", "95 %", "of all", "MaxDiff", "95 %", "relations", "known"),
                 [(r.name, number(r.spearman), interval(r.interval, 4), number(r.spearman_all), percent(r.maxdiff),
                   interval(r.maxdiff_interval), str(len(r.relations)),
                   percent(r.pairs / r.total if r.total else None)) for r in results])


def _choices(results: Sequence[ChoiceResult]) -> Table:
    return Table(("choices", "accuracy", "95 %", "of all", "chance", "correct", "known"),
                 [(r.name, percent(r.accuracy), interval(r.interval), percent(r.accuracy_all), percent(r.chance),
                   f"{r.correct}/{r.questions}", percent(r.questions / r.total)) for r in results])


def _categories(results: Sequence[CategoryResult]) -> Table:
    return Table(("categories", "k-means", "95 %", "linkage", "95 %", "of all", "classes", "words", "unknown"),
                 [(r.name, percent(r.purity), interval(r.interval), percent(r.agglomerative),
                   interval(r.agglomerative_interval), percent(r.purity_all), str(r.classes), str(r.words),
                   str(r.unknown)) for r in results], 0, ["purity; of all: unknown words are in the wrong cluster"])


def _outliers(results: Sequence[OutlierResult]) -> Table:
    return Table(("outliers", "accuracy", "95 %", "of all", "OPP", "95 %", "groups", "cases", "known"),
                 [(r.name, percent(r.accuracy), interval(r.interval), percent(r.accuracy_all), percent(r.opp),
                   interval(r.opp_interval), str(r.groups), str(r.cases), percent(r.cases / r.total))
                  for r in results])


def unknown_line(evaluation: Evaluation) -> str:
    """How many words of each set have no vector; empty if all have one."""
    parts = [f"{name} {len(words)} of {evaluation.words[name]}" for name, words in evaluation.unknown_words.items()
             if words]
    return f"words without a vector (--json lists them): {', '.join(parts)}" if parts else ""


def comparison_tables(comparisons: Sequence[Comparison]) -> list[Table]:
    """A table for each file that is compared with the first."""
    found = []
    for second in dict.fromkeys(one.second_file for one in comparisons):
        some = [one for one in comparisons if one.second_file == second]
        names = short_names([some[0].first_file, second])
        rows = [(one.set, one.measure, number(one.first), number(one.second), f"{one.difference:+.4f}",
                 interval(one.interval, 4), p_text(one.p), p_text(one.p_holm),
                 "noise" if one.noise else names[one.difference > 0], str(one.items)) for one in some]
        found.append(Table(("set", "measure", names[0], names[1], "difference", "95 %", "p", "p (Holm)", "better",
                            "items"), rows, 0,
                           ["on the items that both know; noise: not significant at 5 % after Holm's correction over "
                            f"{len(comparisons)} tests"]))
    return found


def spread_table(spreads: Sequence[Spread]) -> Table:
    return Table(("set", "measure", "mean", "deviation", "files"),
                 [(one.set, one.measure, number(one.mean), number(one.deviation), str(len(one.values)))
                  for one in spreads])


def short_names(sources: Sequence[str]) -> list[str]:
    """File names without their folders where these differ, whole paths where they do not."""
    names = [Path(source).name or source for source in sources]
    return names if len(set(names)) == len(names) else list(sources)


def percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def number(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.4f}"


def interval(value: Interval | None, digits: int = 0) -> str:
    """Both ends, in per cent with one digit, or as they are with so many digits."""
    if value is None or math.isnan(value[0]):
        return "-"
    return " - ".join(f"{end:.{digits}f}" if digits else f"{100 * end:.1f}" for end in value)


def p_text(value: float) -> str:
    return "-" if math.isnan(value) else "<0.0001" if value < 0.0001 else f"{value:.4f}"
