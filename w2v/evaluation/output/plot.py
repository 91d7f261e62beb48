"""Plot of an evaluation: a panel for each measure, and one for the sections of each set.

Place in the data flow: evaluations, comparisons -> `Panel`s -> `w2v.system.figures` -> .png, .svg or .pdf.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from w2v.errors import W2VError
from w2v.evaluation.comparison import Comparison, short_names
from w2v.evaluation.panels import ACCURACY, Panel, draw_bars, draw_runs, totals
from w2v.evaluation.results import Evaluation
from w2v.system.figures import check_figure, legend_below, new_figure, save_figure, short_label
from w2v.system.plain import printable_line
from w2v.types import StrPath

if TYPE_CHECKING:
    from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]

_BAR, _FRAME = 0.26, 0.75  # inches: a row with one bar, the title and axis of a panel

_TESTED = "Tested: the first measure of each whole set; not tested: other measures and sections"


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
        (draw_runs if runs else draw_bars)(axes, panel, names)
    if len(names) > 1:
        legend_below(made, made.axes[0])
    return made


def _title(names: Sequence[str], compared: bool, with_intervals: bool) -> str:
    first = short_label(names[0])
    title = (f"Evaluation of {first}" if len(names) == 1 else f"Comparison with {first}" if compared
             else f"Evaluation of {len(names)} runs")
    notes = [*(["95 % bootstrap intervals"] if with_intervals else []),
             *(["*: significant difference, 5 % after Holm's correction"] if compared else [])]
    return "\n".join([title, *(["; ".join(notes)] if notes else []), *([_TESTED] if compared else [])])


def panels(evaluations: Sequence[Evaluation], comparisons: Sequence[Comparison] = ()) -> list[Panel]:
    """Return the panels that have values: one for the sets of each axis, then one for the sections of each set."""
    differing = {(one.set, one.measure, i) for one in comparisons if not one.noise
                 for i, other in enumerate(evaluations) if i and other.source == one.second_file}
    found = totals([one.measures() for one in evaluations], differing)
    for result in dict.fromkeys((one.kind, one.name, one.variant) for ev in evaluations for one in ev.results):
        found.append(_sections(evaluations, *result))
    return [panel for panel in found if panel.rows]


def _sections(evaluations: Sequence[Evaluation], kind: str, name: str, variant: str) -> Panel:
    """Return the panel with the sections of one set."""
    parts = [{part.set.removeprefix(f"{name}: "): part for result in one.results
              if (result.kind, result.name, result.variant) == (kind, name, variant) for part in result.parts()
              if part.value is not None} for one in evaluations]
    labels = dict.fromkeys(label for own in parts for label in own)
    return Panel(f"sections of {name}" + (f", {variant}" if variant else ""), ACCURACY,
                 [(label, [own.get(label) for own in parts]) for label in labels])
