"""Plot of an evaluation: a panel for each measure, and one for the sections of each set.

Place in the data flow: evaluations, comparisons -> `Panel`s -> .png, .svg or .pdf. Needs matplotlib (the extra "plot").
It is imported nowhere else, and only when a plot is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from w2v.errors import W2VError
from w2v.evaluation.comparison import Comparison, short_names
from w2v.evaluation.results import Evaluation, Measure
from w2v.system.files import atomic_write
from w2v.system.plain import printable_line
from w2v.types import StrPath

SUFFIXES = (".png", ".svg", ".pdf")

_AXES = {"Spearman": "Spearman's correlation", "Pearson": "Pearson's correlation",
         "OPP": "position of the outlier, OPP (%)", "k-means purity": "purity (%)",
         "linkage purity": "purity (%)"}  # all others are accuracies
_ACCURACY = "accuracy (%)"
_COLOURS = ("#00695c", "#e69f00", "#cc79a7", "#56b4e9", "#d55e00", "#999999")  # all but the first: Okabe and Ito 2008
_BAR, _FRAME, _WIDTH = 0.26, 0.75, 8.0  # inches: a row with one bar, the title and axis of a panel, the figure
_LONGEST = 40  # letters of a label


@dataclass(frozen=True)
class Panel:
    """Bars with one axis.

    Attributes
    ----------
    title, axis : above and below the bars.
    rows : label, and the measure of each file of vectors, None where there is none.
    significant : (row, file) of the bars that differ significantly from those of the first file.
    """

    title: str
    axis: str
    rows: list[tuple[str, list[Measure | None]]]
    significant: set[tuple[int, int]] = field(default_factory=set)


def check_plot(path: StrPath) -> None:
    """Check that a plot can be made, before any work.

    Raises
    ------
    ValueError : the suffix is not one of SUFFIXES. W2VError : matplotlib is not installed.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: the suffix of a plot must be one of {', '.join(SUFFIXES)}")
    _figure_class()


def _figure_class() -> Any:
    try:
        from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise W2VError("plots need matplotlib: pip install 'w2v[plot]'") from error
    return Figure


def plot(evaluations: Sequence[Evaluation], path: StrPath, comparisons: Sequence[Comparison] = ()) -> None:
    """Write one plot of all evaluations.

    Parameters
    ----------
    path : its suffix, one of SUFFIXES, decides the format.
    comparisons : of the first evaluation with the others; significant differences are marked.

    Raises
    ------
    ValueError, W2VError : as `check_plot`; W2VError also if nothing was measured or the file cannot be written.
    """
    check_plot(path)
    shown = panels(evaluations, comparisons)
    if not shown:
        raise W2VError(f"{path}: nothing was measured, so there is nothing to plot")
    names = [printable_line(name) for name in short_names([one.source for one in evaluations])]
    thickness = 0.4 + 0.6 * len(names)
    heights = [_BAR * thickness * len(panel.rows) + _FRAME for panel in shown]
    figure = _figure_class()(figsize=(_WIDTH, sum(heights) + 0.8), layout="constrained")
    with_intervals = any(one is not None and one.interval for panel in shown for _, row in panel.rows for one in row)
    figure.suptitle(_title(names, bool(comparisons), with_intervals), fontsize=11)
    for axes, panel in zip(figure.subplots(len(shown), squeeze=False, height_ratios=heights)[:, 0], shown, strict=True):
        _draw(axes, panel, names)
    if len(names) > 1:
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(names), 4), fontsize=8)
    with atomic_write(path, compress=False) as file:
        figure.savefig(file, format=Path(path).suffix.lower()[1:], dpi=150)


def _title(names: Sequence[str], compared: bool, with_intervals: bool) -> str:
    first = names[0].replace("$", r"\$")
    title = (f"Evaluation of {first}" if len(names) == 1 else f"Comparison with {first}" if compared
             else f"Evaluation of {len(names)} runs")
    notes = [*(["95 % bootstrap intervals"] if with_intervals else []),
             *(["*: significant difference, 5 % after Holm's correction"] if compared else [])]
    return "\n".join([title, *(["; ".join(notes)] if notes else [])])


def panels(evaluations: Sequence[Evaluation], comparisons: Sequence[Comparison] = ()) -> list[Panel]:
    """Return the panels that have values: one for the sets of each axis, then one for the sections of each set."""
    axes = dict.fromkeys(_axis(measure.name) for one in evaluations for measure in one.measures())
    found = []
    for axis in axes:
        names = {(measure.set, measure.name): None for one in evaluations for measure in one.measures()
                 if _axis(measure.name) == axis and measure.value is not None}
        several = [key for key in names if sum(other[0] == key[0] for other in names) > 1]
        rows = [(f"{name}, {measure}" if (name, measure) in several else name, _of(evaluations, name, measure))
                for name, measure in names]
        keys = list(names)
        significant = {(keys.index((one.set, one.measure)), i) for one in comparisons if not one.noise
                       and (one.set, one.measure) in names for i, other in enumerate(evaluations)
                       if i and other.source == one.second_file}
        found.append(Panel(axis.removesuffix(" (%)"), axis, rows, significant))
    for result in dict.fromkeys((one.kind, one.name, one.variant) for ev in evaluations for one in ev.results):
        found.append(_sections(evaluations, *result))
    return [panel for panel in found if panel.rows]


def _axis(measure: str) -> str:
    """Return the axis of a measure; that of "Spearman, sif" is that of "Spearman"."""
    return _AXES.get(measure.split(", ")[0], _ACCURACY)


def _of(evaluations: Sequence[Evaluation], name: str, measure: str) -> list[Measure | None]:
    return [next((one for one in evaluation.measures() if one.set == name and one.name == measure), None)
            for evaluation in evaluations]


def _sections(evaluations: Sequence[Evaluation], kind: str, name: str, variant: str) -> Panel:
    """Return the panel with the sections of one set."""
    parts = [{part.set.removeprefix(f"{name}: "): part for result in one.results
              if (result.kind, result.name, result.variant) == (kind, name, variant) for part in result.parts()
              if part.value is not None} for one in evaluations]
    labels = dict.fromkeys(label for own in parts for label in own)
    return Panel(f"sections of {name}" + (f", {variant}" if variant else ""), _ACCURACY,
                 [(label, [own.get(label) for own in parts]) for label in labels])


def _draw(axes: Any, panel: Panel, names: Sequence[str]) -> None:
    """Draw the bars of a panel, one below the other, with their intervals."""
    scale = 100 if panel.axis.endswith("(%)") else 1
    thick = 0.8 / len(names)
    for i, name in enumerate(names):
        rows = [(k, measures[i]) for k, (_, measures) in enumerate(panel.rows)]
        known = [(k + (i - (len(names) - 1) / 2) * thick, one, one.value) for k, one in rows
                 if one is not None and one.value is not None]
        errors = [[scale * max(0.0, sign * (end - value)) for _, one, value in known
                   for end in [value if one.interval is None else one.interval[side]]]
                  for side, sign in ((0, -1), (1, 1))]
        bars = axes.barh([at for at, _, _ in known], [scale * value for _, _, value in known], height=0.9 * thick,
                         color=_COLOURS[i % len(_COLOURS)], label=name, xerr=errors,
                         error_kw={"elinewidth": 0.8, "capsize": 2, "ecolor": "#333333"})
        ends = [scale * value + error for (_, _, value), error in zip(known, errors[1], strict=True)]
        marked = [k for k, one in rows if one is not None and one.value is not None]
        for k, bar, end in zip(marked, bars, ends, strict=True):
            if (k, i) in panel.significant:
                axes.annotate("*", (max(end, 0), bar.get_y() + bar.get_height() / 2), xytext=(3, -1),
                              textcoords="offset points", va="center", fontsize=10)
    axes.set_title(_short(panel.title), fontsize=9, loc="left")
    axes.set_yticks(range(len(panel.rows)), [_short(label) for label, _ in panel.rows], fontsize=8)
    axes.set_ylim(len(panel.rows) - 0.4, -0.6)
    axes.set_xlabel(panel.axis, fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    low, high = axes.get_xlim()
    axes.set_xlim(1.06 * low if low < 0 else 0, 1.06 * scale if high <= scale else high)
    axes.axvline(0, color="black", linewidth=0.6)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _short(text: str) -> str:
    """Return a label for the plot: not too long, and without the dollar signs that begin formulas."""
    line = printable_line(text).replace("$", r"\$")
    return line if len(line) <= _LONGEST else line[:_LONGEST - 3] + "..."
