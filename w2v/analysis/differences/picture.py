"""Pictures of a `Difference` and of a `Drift`: the words that moved most, with what is expected of words that did not.

Place in the data flow: plain values of the result -> matplotlib's axes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from w2v.system import drawing
from w2v.system.figures import COLOURS, GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

FAR = 0.5
"""A word whose cosine with its own old vector is below this has moved far: it is used differently."""


def draw(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the cosine of the old and the new vector of the words that moved most, or the neighbours that they kept if
    words are ranked by these, or the spaces have no cosine.

    Parameters
    ----------
    values : of `Difference.to_dict`, or of a file of `w2v diff --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : no word moved, or matplotlib is not installed.
    """
    moved = values["moved"]
    near = values["by"] == "neighbors" or all(math.isnan(drawing.known(one["cosine"])) for one in moved)
    measure, z = ("overlap", "overlap_z") if near else ("cosine", "z")
    moved = [one for one in moved if not math.isnan(drawing.known(one[measure]))]
    shown = moved[:drawing.SHOWN]
    title = f"Words that moved most: {len(shown):,} of {values['words']:,}" if shown else "no word moved"
    drawn = drawing.rows_axes(
        axes, [f"{drawing.name_of(one['word'])} ({one['rank']:,})" for one in shown], title,
        f"share of the {values['neighbors']} nearest neighbours that the word kept (0 to 1)" if near else
        "cosine of the old and the new vector")
    found, expected = ([drawing.known(one[name]) for one in shown] for name in (measure, f"expected_{measure}"))
    drawn.hlines(range(len(shown)), found, expected, color=GREY, linewidth=1, zorder=1)
    tested = values["significant"] is not None
    drawing.points(drawn, found, "word (frequency rank)")
    drawing.expected_points(drawn, expected, "expected: " + (
        "mean between runs of one text" if tested else "median of words of similar frequency"))
    drawing.chance_line(drawn, values["all_words"][measure].get("chance"), "by chance: " + (
        "neighbours drawn at random" if near else "two different words of the same frequency"))
    drawing.side_notes(drawn, [_note(one[z], one["q"]) for one in shown])
    drawing.explain(drawn, "z: distance from the expected value in robust standard deviations")
    if tested:
        drawing.explain(drawn, "q: smallest false discovery rate at which the word moved")
    return drawing.finish(drawn)


def _note(z: float | None, q: float | None) -> str:
    """Return the z of a word, and its q if there are runs."""
    text = "" if math.isnan(drawing.known(z)) else f"z {drawing.known(z):.1f}"
    return text if q is None or math.isnan(q) else f"{text}, q {q:.1g}"


def draw_drift(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the cosine of the old and the new vector of the words that moved most, and the mean of all words.

    Parameters
    ----------
    values : of `Drift.to_dict`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : no word was compared or named, or matplotlib is not installed.
    """
    shown = values["moved"][:drawing.SHOWN]
    drawn = drawing.rows_axes(axes, [drawing.name_of(one["word"]) for one in shown],
                              f"Words that moved most: {len(shown):,} of {values['words']:,}" if shown else
                              "no word is named", "cosine of the old and the new vector")
    drawing.points(drawn, [one["cosine"] for one in shown], "word")
    drawn.axvline(drawing.known(values["mean_cosine"]), color=COLOURS[4], linewidth=1.2, label="mean of all words",
                  zorder=1)
    drawing.explain(drawn, f"{100 * values['share_far']:.2g} % of the words have a cosine below {FAR:g}")
    return drawing.finish(drawn)
