"""Pictures of `Clusters`: how separate each cluster is, its size and its words, and the numbers of clusters tried.

Place in the data flow: plain values of `Clusters` -> matplotlib's axes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from w2v.errors import W2VError
from w2v.system import drawing
from w2v.system.figures import COLOURS, GREY, axes_legend, name_axes, new_axes, plain_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_NAMES, _LONGEST = 3, 45  # words that name a cluster, and their columns
_TRIED = 3.6  # inches


def draw_clusters(values: drawing.Values, axes: Axes | None = None) -> Axes:
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


def draw_tried(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the silhouette of each number of clusters that was tried, with its interval and that of random vectors, and
    mark the number that was chosen.

    Parameters
    ----------
    values : of `Clusters.to_dict`, or of a file of `w2v cluster --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : the number of clusters was given and not chosen, or matplotlib is not installed.
    """
    tried = values["tried"]
    if not tried:
        raise W2VError("there is nothing to draw: the number of clusters was given, so no others were tried")
    drawn: Axes = new_axes() if axes is None else axes
    plain_axes(drawn, grid="both")
    numbers, found = [one["k"] for one in tried], [one["silhouette"] for one in tried]
    drawn.plot(numbers, [drawing.known(one["value"]) for one in found], "o-", color=COLOURS[0], markersize=5,
               linewidth=1.2, label="mean silhouette of the words")
    ends = [(k, one["interval"]) for k, one in zip(numbers, found, strict=True) if one["interval"]]
    drawn.vlines([k for k, _ in ends], [low for _, (low, _) in ends], [high for _, (_, high) in ends],
                 color=COLOURS[0], linewidth=1.5, label="95 % interval over words")
    chance = [drawing.known(one.get("chance")) for one in found]
    measured = not all(map(math.isnan, chance))
    if measured:
        drawn.plot(numbers, chance, "s--", color=GREY, markersize=4, linewidth=1.2,
                   label="by chance: clusters of random vectors")
    drawn.axvline(values["k"], color=COLOURS[4], linewidth=1.2, linestyle=":", zorder=1, label=(
        f"chosen: {values['k']:,}, the {'farthest above chance' if measured else 'highest'}"))
    drawn.set_xscale("log")
    drawn.set_xticks(numbers, [f"{k:,}" for k in numbers])
    drawn.set_xticks([], minor=True)
    name_axes(drawn, f"Numbers of clusters tried on {values['sample']:,} words", "number of clusters (log scale)",
              "mean silhouette (-1 to 1)")
    axes_legend(drawn)
    return drawn


PARTS = {
    "clusters": drawing.Part(lambda values: drawing.rows_height(min(len(values["clusters"]), drawing.SHOWN)),
                             draw_clusters),
    "tried": drawing.Part(lambda values: _TRIED if values["tried"] else 0, draw_tried),
}


def draw(values: drawing.Values) -> Axes:
    """Draw the clusters, and below them the numbers that were tried, if any, on one figure."""
    return drawing.draw_parts(PARTS, values)
