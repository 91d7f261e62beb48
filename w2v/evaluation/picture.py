"""Pictures of `Comparisons` and of `Spreads`: differences with intervals, and runs about their mean.

Place in the data flow: plain values of the result -> matplotlib's axes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from w2v.system import drawing
from w2v.system.figures import COLOURS, GREY, MARKERS, legend_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_LONGEST = 36  # columns of a row
_LEVEL = 0.05
_IN_TITLE = 20  # columns of the name of a file
_UNIT = "correlation or share (0 to 1)"


def draw_comparisons(values: drawing.Values, axes: Axes | None = None, *, title: str = "") -> Axes:
    """Draw the difference of each set with its interval; significant ones are filled.

    Parameters
    ----------
    values : of `Comparisons.to_dict`: "comparisons".
    axes : where to draw; None makes a figure.
    title : "" for one that names the files.

    Raises
    ------
    W2VError : there are no comparisons, or matplotlib is not installed.
    """
    shown = values["comparisons"]
    several = len({one["second_file"] for one in shown}) > 1
    names = [_measure(one) + (
        f"\n{_file(one['second_file'])}" if several else "") for one in shown]
    if not shown:
        title = "nothing was compared"
    elif not title:
        first = _file(shown[0]["first_file"], _IN_TITLE)
        title = f"Differences from {first}" if several else (
            f"From {first} to {_file(shown[0]['second_file'], _IN_TITLE)}")
    drawn = drawing.rows_axes(axes, names, title, f"difference of the {_UNIT}; above 0: better", lines=1 + several)
    estimates = [{"value": one["difference"], "interval": one["interval"]} for one in shown]
    drawing.tested_points(drawn, [one["value"] for one in estimates], [one["p_holm"] for one in shown], _LEVEL,
                          "after Holm's correction")
    drawing.intervals(drawn, estimates, "95 % bootstrap interval over the items that both know")
    drawn.axvline(0, color="black", linewidth=0.8, label="0: no difference, the value by chance", zorder=1)
    drawing.side_notes(drawn, [f"{one['first']:.3f} to {one['second']:.3f}" for one in shown])
    return drawing.finish(drawn)


def draw_spreads(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the runs of each measure as points about their mean, with the standard deviation.

    Parameters
    ----------
    values : of `Spreads.to_dict`: "spread".
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : there are no measures, or matplotlib is not installed.
    """
    shown = values["spread"]
    runs = max((len(one["values"]) for one in shown), default=0)
    drawn = drawing.rows_axes(
        axes, [_measure(one) for one in shown],
        f"{len(shown):,} measure{'' if len(shown) == 1 else 's'} of {runs:,} runs" if shown else
        "no measure that all runs have", f"{_UNIT}, minus the mean of the runs")
    rows = [(row, one["deviation"]) for row, one in enumerate(shown) if one["deviation"] is not None]
    if rows:
        drawn.hlines([row for row, _ in rows], [-wide for _, wide in rows], [wide for _, wide in rows], color=GREY,
                     linewidth=5, alpha=0.5, label="mean +- standard deviation of the runs (n - 1)", zorder=1)
    few = runs <= len(MARKERS)
    for run in range(runs):
        own = [(row, one["values"][run] - one["mean"]) for row, one in enumerate(shown) if run < len(one["values"])]
        drawn.plot([value for _, value in own], [row for row, _ in own], MARKERS[run if few else 0], markersize=5,
                   linestyle="none", color=COLOURS[run if few else 0], zorder=3,
                   label=f"run {run + 1}" if few else "_more" if run else f"a run, of {runs:,}")
    drawn.axvline(0, color="black", linewidth=0.8, zorder=2)
    drawing.side_notes(drawn, [f"mean {one['mean']:.4f}" for one in shown])
    return drawing.finish(drawn)


def _measure(one: drawing.Values) -> str:
    """Return the name of a row; of a long one the set is cut, not the measure."""
    measure = drawing.name_of(one["measure"])
    return f"{drawing.name_of(one['set'], _LONGEST - len(measure) - 2)}, {measure}"


def _file(path: str, longest: int = _LONGEST) -> str:
    return legend_label(Path(path).name or path, longest)
