"""Panels: measures of sets as bars or points on one axis.

Place in the data flow: numbers of results -> `Panel` -> matplotlib's axes, for one result or a figure of several
(`w2v.evaluation.output.plot`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from w2v.system.figures import COLOURS, HATCHES, MARKERS, families_of, legend_label, plain_axes, short_label
from w2v.types import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_AXES = {"Spearman": "Spearman's correlation", "Pearson": "Pearson's correlation",
         "OPP": "position of the outlier, OPP (%)", "k-means purity": "purity (%)",
         "linkage purity": "purity (%)", "hit@10": "hit rate (%)",
         "MRR": "mean reciprocal rank", "hits@10": "hit rate (%)", "hits@50": "hit rate (%)",
         "AUC": "area under the ROC curve", "AP": "average precision", "micro F1": "F1",
         "macro F1": "F1"}  # all others are accuracies
ACCURACY = "accuracy (%)"
_PALE = 0.75  # of bars, on which black intervals are seen
MEAN = "#cfd8dc"
"""Colour of bars behind points."""


class Number(Protocol):
    """What is drawn: the `Measure` of a result."""

    @property
    def set(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def value(self) -> float | None: ...

    @property
    def interval(self) -> Interval | None: ...


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
    rows: Sequence[tuple[str, Sequence[Number | None]]]
    significant: set[tuple[int, int]] = field(default_factory=set)


def totals(files: Sequence[Sequence[Number]], differing: Collection[tuple[str, str, int]] = ()) -> list[Panel]:
    """Return a panel for each axis that has values.

    Parameters
    ----------
    files : the measures of each file of vectors.
    differing : set, measure and file of significant differences from the first file.
    """
    found = []
    for axis in dict.fromkeys(axis_of(one.name) for own in files for one in own):
        keys = list(dict.fromkeys((one.set, one.name) for own in files for one in own
                                  if axis_of(one.name) == axis and one.value is not None))
        several = [key for key in keys if sum(other[0] == key[0] for other in keys) > 1]
        rows = [(", ".join(key) if key in several else key[0],
                 [next((one for one in own if (one.set, one.name) == key), None) for own in files]) for key in keys]
        significant = {(keys.index((name, measure)), i) for name, measure, i in differing if (name, measure) in keys}
        found.append(Panel(axis.removesuffix(" (%)"), axis, rows, significant))
    return [panel for panel in found if panel.rows]


def axis_of(measure: str) -> str:
    """Return the axis of a measure; that of "Spearman, sif" is that of "Spearman"."""
    return _AXES.get(measure.split(", ")[0], ACCURACY)


def draw_bars(axes: Axes, panel: Panel, names: Sequence[str] = ("",)) -> None:
    """Draw the bars of a panel, one below the other, with their intervals."""
    scale = _scale(panel)
    thick = 0.8 / len(names)
    for i, name in enumerate(names):
        known = _known(panel, i)
        values, errors = [scale * value for _, _, value in known], _errors(known, scale)
        bars = axes.barh([k + (i - (len(names) - 1) / 2) * thick for k, _, _ in known], values, height=0.9 * thick,
                         color=COLOURS[i % len(COLOURS)], alpha=_PALE, hatch=HATCHES[i % len(HATCHES)],
                         edgecolor="white", linewidth=0, label=legend_label(name), xerr=errors,
                         error_kw={"elinewidth": 1, "capsize": 2, "ecolor": "black"})
        ends = [value + error for value, error in zip(values, errors[1], strict=True)]
        for (k, _, _), bar, end in zip(known, bars, ends, strict=True):
            if (k, i) in panel.significant:
                axes.annotate("*", (max(end, 0), bar.get_y() + bar.get_height() / 2), xytext=(3, -1),
                              textcoords="offset points", va="center", fontsize=10)
    _style(axes, panel)


def draw_runs(axes: Axes, panel: Panel, names: Sequence[str]) -> None:
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
                      xerr=_errors(known, scale), fmt=MARKERS[i % len(MARKERS)], markersize=4, elinewidth=0.8,
                      capsize=2, label=legend_label(name), color=COLOURS[i % len(COLOURS)])
    _style(axes, panel)


def _scale(panel: Panel) -> int:
    return 100 if panel.axis.endswith("(%)") else 1


def _known(panel: Panel, file: int) -> list[tuple[int, Number, float]]:
    """Return row, measure and value of the measures of one file of vectors that have a value."""
    measures = [(k, row[file]) for k, (_, row) in enumerate(panel.rows)]
    return [(k, one, one.value) for k, one in measures if one is not None and one.value is not None]


def _errors(known: Sequence[tuple[int, Number, float]], scale: int) -> list[list[float]]:
    """Return how far the intervals reach below and above the values; 0 without an interval."""
    return [[scale * max(0.0, sign * ((value if one.interval is None else one.interval[side]) - value))
             for _, one, value in known] for side, sign in ((0, -1), (1, 1))]


def _style(axes: Axes, panel: Panel) -> None:
    """Name the rows and the axis of a panel."""
    scale = _scale(panel)
    title, labels = short_label(panel.title), [short_label(label) for label, _ in panel.rows]
    families = families_of([title, *labels])
    axes.set_title(title, fontsize=9, loc="left", family=families)
    axes.set_yticks(range(len(labels)), labels, fontsize=8, family=families)
    axes.set_ylim(len(panel.rows) - 0.4, -0.6)
    axes.set_xlabel(panel.axis, fontsize=8)
    low, high = axes.get_xlim()
    axes.set_xlim(1.06 * low if low < 0 else 0, 1.06 * scale if high <= scale else high)
    axes.axvline(0, color="black", linewidth=0.6)
    plain_axes(axes)
