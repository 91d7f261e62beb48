"""The picture of a map of words: points, labels, colours by cluster.

Place in the data flow: plain values (`WordMap.to_dict`) -> axes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v.analysis.maps.labels import place_labels
from w2v.analysis.maps.positions import METHODS
from w2v.system.figures import (
    COLOURS,
    MARKERS,
    font_families,
    new_axes,
    plain_axes,
    short_label,
    text_width,
    whole_figure,
)
from w2v.system.text_table import percent
from w2v.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

MOST_CLUSTERS = 24
_STAR = 2.2  # area of a star relative to other shapes, so that it looks as large

LETTERS = 7.5
"""Size of the letters of labels, in points."""

LONGEST = 24
"""Columns of a label or a name."""

_IN_LEGEND = 16  # columns of a word
_HALF = 34  # columns of a name of a cluster that fits twice beside another one
_ROW, _BELOW = 0.2, 36  # height of a row of the legend in inches; points between the axes and the legend
_LAYOUTS = 3  # rounds: the distance of the legend is a share of the height of the axes, which depends on it
_SMALLEST, _LARGEST, _PER_WORD = 7.5, 14.0, 0.55  # inches: sides of a figure, and of the square that a word needs


def draw(values: Mapping[str, Any], axes: Axes | None = None) -> Axes:
    """Draw a map and return its axes.

    Places of labels depend on the size of the figure: change it before, not afterwards.

    Parameters
    ----------
    values : as `WordMap.to_dict` returns them.
    axes : where to draw; None makes a figure, larger for more words.
    """
    words = [one["word"] for one in values["words"]]
    positions = np.array([(one["x"], one["y"]) for one in values["words"]], dtype=np.float64)
    names = [f"{', '.join(short_label(word, _IN_LEGEND) for word in one['nearest'])} ({one['words']:,})"
             for one in values["clusters"]]
    columns = 2 if max(map(text_width, names), default=0) <= _HALF else 1
    if axes is not None:
        shown = axes
    else:
        side = min(_LARGEST, max(_SMALLEST, _PER_WORD * math.sqrt(len(words))))
        shown = new_axes(side * 0.85 + _ROW * math.ceil(len(names) / columns), side)
    texts = [short_label(word, LONGEST) for word in words]
    title = choice_text(values["choice"], texts[0], short_label(values["model"], LONGEST))
    families, _ = font_families([*texts, title, *names])
    _points(shown, values, positions)
    name_axes(shown, values)
    if names:
        _legend(shown, values, names, columns, families)
    shown.set_title(title, loc="left", fontsize=10.5, pad=20, family=families)
    line = shown.annotate(caption(values, 0), (0, 1), xycoords="axes fraction", xytext=(0, 7), fontsize=8,
                          textcoords="offset points", color="#555555")
    fix_layout(shown)
    bold = frozenset([0] if values["choice"] == "near" else [])
    left_out = place_labels(shown, positions, texts, size=LETTERS, families=families, bold=bold)
    line.set_text(caption(values, left_out))
    return shown


def choice_text(choice: str, first: str, model: str) -> str:
    """Return what the words of a map are.

    Parameters
    ----------
    choice : of the words, as in `WordMap`.
    first : the first word.
    """
    return {"near": f"{first} and its nearest neighbours in {model}", "words": f"Chosen words of {model}",
            "top": f"The most frequent words of {model}"}[choice]


def caption(values: Mapping[str, Any], left_out: int) -> str:
    """Return the number of words, the method, and how many labels have no place."""
    shown = f"{len(values['words']):,} words by {METHODS[values['method']]}"
    if values["variance"] is not None:
        shown += f": {percent(sum(values['variance']))} of the variance of vectors of length 1"
    if left_out:
        shown += f"; {left_out:,} {'label has' if left_out == 1 else 'labels have'} no place"
    return shown


def _points(axes: Axes, values: Mapping[str, Any], positions: Floats) -> None:
    labels = np.array([-1 if one["cluster"] is None else one["cluster"] for one in values["words"]])
    for number in np.unique(labels).tolist():
        of_cluster = positions[labels == number]
        axes.scatter(of_cluster[:, 0], of_cluster[:, 1], zorder=3, **_look(max(0, number), 15))
    axes.margins(0.08)
    plain_axes(axes, grid="both")


def _look(cluster: int, area: float) -> dict[str, Any]:
    """Return the look of points of an area in square points: no two clusters have the same colour and shape, nor two of
    the first 8 either of them."""
    marker = MARKERS[(cluster + cluster // len(COLOURS)) % len(MARKERS)]
    return {"color": COLOURS[cluster % len(COLOURS)], "marker": marker, "linewidths": 0.3, "edgecolors": "#444444",
            "s": area * (_STAR if marker == "*" else 1)}


def name_axes(axes: Axes, values: Mapping[str, Any]) -> None:
    """Name both axes, with their shares of the variance for principal components."""
    name, variance = METHODS[values["method"]], values["variance"]
    if variance is not None:
        names = [f"component {number + 1} ({percent(share)} of the variance)" for number, share in enumerate(variance)]
    else:
        names = [f"{name}, dimension {number} (no unit)" for number in (1, 2)]
    axes.set_xlabel(names[0], fontsize=8)
    axes.set_ylabel(names[1], fontsize=8)


def _legend(axes: Axes, values: Mapping[str, Any], names: list[str], columns: int, families: list[str]) -> None:
    """Name the clusters below the axes."""
    handles = [axes.scatter([], [], **_look(one["cluster"], 18)) for one in values["clusters"]]
    axes.legend(handles, names, loc="upper left", bbox_to_anchor=(0, -0.1), ncols=columns, frameon=False,
                borderaxespad=0, handletextpad=0.2, title="Clusters: the words nearest the centre, and number of words",
                title_fontsize=8, alignment="left", prop={"size": 8, "family": families})


def fix_layout(axes: Axes) -> None:
    """Give the axes their final place and limits, by which labels are placed, and the legend its distance."""
    figure, legend = whole_figure(axes), axes.get_legend()
    engine = figure.get_layout_engine()
    if legend is not None:
        for _ in range(_LAYOUTS):
            if engine is not None:
                engine.execute(figure)
            below = _BELOW / (axes.get_window_extent().height * 72 / figure.dpi)
            legend.set_bbox_to_anchor((0, -below), transform=axes.transAxes)
    axes.set_aspect("equal", adjustable="datalim")  # last: it widens the limits for each shape that the axes have
    if engine is not None:
        engine.execute(figure)
    axes.apply_aspect()
