"""Pictures of an `Alignment`: how often a translation is found, and cosines of held-out pairs before and after.

Place in the data flow: plain values of an `Alignment` -> matplotlib's axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2v.errors import W2VError
from w2v.system import drawing
from w2v.system.figures import COLOURS, GREY, axes_legend, name_axes, new_axes, plain_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_METHODS = {"csls": "CSLS", "cosine": "cosine"}
_HISTOGRAM = 3.4  # inches


def draw_precision(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the precision at 1 and 5 by both searches, with intervals and chance.

    Parameters
    ----------
    values : of `Alignment.to_dict`, or of a file of `w2v align --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : no word was held out, or matplotlib is not installed.
    """
    shown = values["precision"] if values["held_out"] else []
    drawn = drawing.rows_axes(
        axes, [f"precision@{one['topn']}, {_METHODS.get(one['method'], one['method'])}" for one in shown],
        f"Translations of {values['held_out']:,} held-out words among {values['candidates']:,} candidates" if shown
        else "no word was held out", "precision@k: share of words with a right one among the k nearest (0 to 1)")
    drawing.points(drawn, [one["value"] for one in shown], "share of the held-out words")
    drawing.intervals(drawn, shown, "95 % bootstrap interval over words")
    drawing.expected_points(drawn, [one.get("chance") for one in shown], "by chance: right words / candidates")
    drawn.set_xlim(-0.02, 1.02)
    return drawing.finish(drawn)


def draw_cosines(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the histogram of the cosines of held-out pairs with the map, without it, and of shuffled pairs.

    Parameters and errors as for `draw_precision`.
    """
    data = values["histogram"]
    if not sum(data["after"]):
        raise W2VError("there is nothing to draw: no word was held out")
    drawn: Axes = new_axes() if axes is None else axes
    plain_axes(drawn, grid="y")
    drawn.stairs(data["after"], data["edges"], fill=True, color=COLOURS[0], alpha=0.7, label="after: with the map")
    if data["before"] is not None:
        drawn.stairs(data["before"], data["edges"], color=COLOURS[4], linewidth=1.5, linestyle="--",
                     label="before: without it")
    drawn.stairs(data["chance"], data["edges"], color=GREY, linewidth=1.5, label=(
        f"by chance: shuffled pairs, mean of {values['shuffles']} fits"))
    name_axes(drawn, f"Cosines of {values['held_out']:,} held-out words of A with the right words of B", "cosine",
              "words per bin")
    axes_legend(drawn)
    return drawn


PARTS = {
    "precision": drawing.Part(lambda values: drawing.rows_height(len(values["precision"])) if values["held_out"] else 0,
                              draw_precision),
    "cosines": drawing.Part(lambda values: _HISTOGRAM if sum(values["histogram"]["after"]) else 0, draw_cosines),
}


def draw_all(values: drawing.Values) -> Axes:
    """Draw both on one figure."""
    return drawing.draw_parts(PARTS, values)
