"""Picture of `Clusters`: how separate each cluster is, its size and its words.

Place in the data flow: plain values of `Clusters` -> matplotlib's axes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from w2v.analysis import drawing
from w2v.system.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_NAMES, _LONGEST = 3, 45  # words that name a cluster, and their characters


def draw(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the silhouette of the largest clusters with its interval, or their cosine if there is only one cluster.

    Parameters
    ----------
    values : of `Clusters.to_dict`, or of a file of `w2v cluster --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : there are no clusters, or matplotlib is not installed.
    """
    shown = values["clusters"][:drawing.SHOWN]
    single = math.isnan(drawing.known(values["silhouette"]["value"]))
    measure, axis = ("cosine", "mean cosine of the words with the centre") if single else (
        "silhouette", "mean silhouette of the words (-1 to 1; above 0: nearest to their own cluster)")
    title = f"{len(shown):,} of {len(values['clusters']):,} clusters of {values['words']:,} words, the largest first"
    names = [", ".join(word["word"] for word in one["nearest"][:_NAMES]) for one in shown]
    drawn = drawing.rows_axes(axes, [drawing.name_of(name, _LONGEST) for name in names], title, axis)
    estimates = [one[measure] for one in shown]
    drawing.points(drawn, [one["value"] for one in estimates], "cluster, named by the words nearest its centre")
    drawing.intervals(drawn, estimates, "95 % interval over words")
    drawn.axvline(drawing.known(values[measure]["value"]), color=COLOURS[4], linewidth=1.2, label="mean of all words",
                  zorder=1)
    drawing.chance_line(drawn, values[measure].get("chance"), "by chance: mean of clusters of random vectors")
    drawing.side_notes(drawn, [f"{one['words']:,} word{'' if one['words'] == 1 else 's'}" for one in shown])
    return drawing.finish(drawn)
