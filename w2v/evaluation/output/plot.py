"""Plot of an evaluation: a panel for each measure, and one for the sections of each set.

Place in the data flow: evaluations, comparisons -> `Panel`s -> `w2v.system.figures` -> .png, .svg or .pdf.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from w2v.errors import W2VError
from w2v.evaluation.comparison import Comparison, short_names
from w2v.evaluation.results import Evaluation, Measure
from w2v.system.figures import COLOURS, check_figure, new_figure, plain_axes, save_figure, short_label
from w2v.system.plain import printable_line
from w2v.types import StrPath

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]

_AXES = {"Spearman": "Spearman's correlation", "Pearson": "Pearson's correlation",
         "OPP": "position of the outlier, OPP (%)", "k-means purity": "purity (%)",
         "linkage purity": "purity (%)"}  # all others are accuracies
_ACCURACY = "accuracy (%)"
MEAN = "#cfd8dc"
"""Colour of bars behind points."""

_BAR, _FRAME = 0.26, 0.75  # inches: a row with one bar, the title and axis of a panel


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


def plot(evaluations: Sequence[Evaluation], path: StrPath, comparisons: Sequence[Comparison] = ()) -> None:
    """Write one plot of all evaluations: `figure`.

    Parameters
    ----------
    path : its suffix, one of SUFFIXES, decides the format.

    Raises
    ------
    ValueError, W2VError : as `w2v.system.figures.check_figure`; W2VError also if nothing was measured.
    """
    check_figure(path)
    save_figure(figure(evaluations, comparisons), path)


def figure(evaluations: Sequence[Evaluation], comparisons: Sequence[Comparison] = ()) -> Figure:
    """Return one figure of all evaluations.

    Several evaluations without comparisons are runs of one setting: a point for each of them, and bars of their means.

    Parameters
    ----------
    comparisons : of the first evaluation with the others; significant differences are marked.

    Raises
    ------
    W2VError : matplotlib is not installed, or nothing was measured.
    """
    shown = panels(evaluations, comparisons)
    if not shown:
        raise W2VError("nothing was measured, so there is nothing to plot")
    names = [printable_line(name) for name in short_names([one.source for one in evaluations])]
    runs = len(names) > 1 and not comparisons
    thickness = 0.4 + (0.35 if runs else 0.6) * len(names)
    heights = [_BAR * thickness * len(panel.rows) + _FRAME for panel in shown]
    made = new_figure(sum(heights) + 0.8)
    with_intervals = any(one is not None and one.interval for panel in shown for _, row in panel.rows for one in row)
    made.suptitle(_title(names, bool(comparisons), with_intervals), fontsize=11)
    for axes, panel in zip(made.subplots(len(shown), squeeze=False, height_ratios=heights)[:, 0], shown, strict=True):
        (_draw_runs if runs else _draw_bars)(axes, panel, names)
        _style(axes, panel)
    if len(names) > 1:
        handles, labels = made.axes[0].get_legend_handles_labels()
        made.legend(handles, map(short_label, labels), loc="outside lower center", ncols=min(len(labels), 4),
                    fontsize=8)
    return made


def _title(names: Sequence[str], compared: bool, with_intervals: bool) -> str:
    first = short_label(names[0])
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


def _draw_bars(axes: Axes, panel: Panel, names: Sequence[str]) -> None:
    """Draw the bars of a panel, one below the other, with their intervals."""
    scale = _scale(panel)
    thick = 0.8 / len(names)
    for i, name in enumerate(names):
        known = _known(panel, i)
        values, errors = [scale * value for _, _, value in known], _errors(known, scale)
        bars = axes.barh([k + (i - (len(names) - 1) / 2) * thick for k, _, _ in known], values, height=0.9 * thick,
                         color=COLOURS[i % len(COLOURS)], label=name, xerr=errors,
                         error_kw={"elinewidth": 0.8, "capsize": 2, "ecolor": "#333333"})
        ends = [value + error for value, error in zip(values, errors[1], strict=True)]
        for (k, _, _), bar, end in zip(known, bars, ends, strict=True):
            if (k, i) in panel.significant:
                axes.annotate("*", (max(end, 0), bar.get_y() + bar.get_height() / 2), xytext=(3, -1),
                              textcoords="offset points", va="center", fontsize=10)


def _draw_runs(axes: Axes, panel: Panel, names: Sequence[str]) -> None:
    """Draw a point with its interval for each run, and a bar for the mean of the measures that all runs have."""
    scale = _scale(panel)
    whole = [(k, [one.value for one in row if one is not None and one.value is not None])
             for k, (_, row) in enumerate(panel.rows)]
    means = [(k, scale * sum(values) / len(names)) for k, values in whole if len(values) == len(names)]
    axes.barh([k for k, _ in means], [mean for _, mean in means], height=0.8, color=MEAN, label="mean of the runs")
    for i, name in enumerate(names):
        known = _known(panel, i)
        axes.errorbar([scale * value for _, _, value in known],
                      [k + (i - (len(names) - 1) / 2) * 0.7 / len(names) for k, _, _ in known],
                      xerr=_errors(known, scale), fmt="o", markersize=4, elinewidth=0.8, capsize=2, label=name,
                      color=COLOURS[i % len(COLOURS)])


def _scale(panel: Panel) -> int:
    return 100 if panel.axis.endswith("(%)") else 1


def _known(panel: Panel, file: int) -> list[tuple[int, Measure, float]]:
    """Return row, measure and value of the measures of one file of vectors that have a value."""
    measures = [(k, row[file]) for k, (_, row) in enumerate(panel.rows)]
    return [(k, one, one.value) for k, one in measures if one is not None and one.value is not None]


def _errors(known: Sequence[tuple[int, Measure, float]], scale: int) -> list[list[float]]:
    """Return how far the intervals reach below and above the values; 0 without an interval."""
    return [[scale * max(0.0, sign * ((value if one.interval is None else one.interval[side]) - value))
             for _, one, value in known] for side, sign in ((0, -1), (1, 1))]


def _style(axes: Axes, panel: Panel) -> None:
    """Name the rows and the axis of a panel."""
    scale = _scale(panel)
    axes.set_title(short_label(panel.title), fontsize=9, loc="left")
    axes.set_yticks(range(len(panel.rows)), [short_label(label) for label, _ in panel.rows], fontsize=8)
    axes.set_ylim(len(panel.rows) - 0.4, -0.6)
    axes.set_xlabel(panel.axis, fontsize=8)
    low, high = axes.get_xlim()
    axes.set_xlim(1.06 * low if low < 0 else 0, 1.06 * scale if high <= scale else high)
    axes.axvline(0, color="black", linewidth=0.6)
    plain_axes(axes)
