"""Picture of a `Plan`: the size of the vocabulary by the smallest count of its words.

Place in the data flow: plain values of a `Plan` -> matplotlib's axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2v.system import drawing
from w2v.system.figures import COLOURS, grouped

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_LEAST = 0.5  # words, where a bound of 0 is drawn on the log scale


def draw(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the number of words for several values of min_count with their bounds, and mark the given one.

    Parameters
    ----------
    values : of `Plan.to_dict`, or of a file of `w2v plan --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : there are no words, or matplotlib is not installed.
    """
    found = [(int(least), one) for least, one in values["vocabulary"].items() if one["high"] > 0]
    given = values["config"]["min_count"]
    drawn = drawing.rows_axes(
        axes, [f"min_count {least:,}" for least, _ in found],
        f"Vocabulary of {drawing.name_of(values['corpus'], 40)}: {values['words']['expected']:,.0f} words of text"
        if found else "no words", "words of the vocabulary (log scale)")
    for rows, name in (([row for row, (least, _) in enumerate(found) if least == given], "as given"),
                       ([row for row, (least, _) in enumerate(found) if least != given], "other values of min_count")):
        if rows:
            drawing.points(drawn, [found[row][1]["expected"] for row in rows], name, rows, filled=name == "as given")
    bounds = [{"interval": None if one["low"] == one["high"] else (max(one["low"], _LEAST), one["high"])}
              for _, one in found]
    drawing.intervals(drawn, bounds, "bounds that contain the true number in 19 of 20 cases")
    if values["config"]["max_vocab"] is not None:
        drawn.axvline(values["config"]["max_vocab"], color=COLOURS[4], linewidth=1.2, label="max_vocab", zorder=1)
    drawing.side_notes(drawn, [f"{one['expected']:,.0f}" for _, one in found])
    drawn.set_xscale("log")
    drawn.xaxis.set_major_formatter(grouped)
    drawn.xaxis.set_minor_formatter(lambda value, place: "")
    if values["complete"]:
        drawing.explain(drawn, "exact: the whole text was read")
    return drawing.finish(drawn)
