"""What matplotlib's axes show: points and lines by their label, intervals, and texts that overlap or are cut."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

Axes = Any


def line(axes: Axes, label: str) -> tuple[list[float], list[float]]:
    """x and y of the one line whose label begins so."""
    [found] = [one for one in axes.lines if str(one.get_label()).startswith(label)]
    return [float(x) for x in found.get_xdata()], [float(y) for y in found.get_ydata()]


def segments(axes: Axes, label: str) -> list[list[list[float]]]:
    """Ends of the segments of the one collection whose label begins so."""
    [found] = [one for one in axes.collections if str(one.get_label()).startswith(label)]
    return [np.asarray(one).tolist() for one in found.get_segments()]


def drawn_labels(axes: Axes) -> set[str]:
    """Labels of everything that is drawn; those of matplotlib's own are "_child0" and so on."""
    return {str(one.get_label()) for one in (*axes.lines, *axes.collections, *axes.patches, *axes.images)}


def row_names(axes: Axes) -> list[str]:
    return [one.get_text() for one in axes.get_yticklabels()]


def _texts(axes: Axes) -> list[Any]:
    """All texts; of ticks only those that are within the axes, as the others are not drawn."""
    ticks = [tick.label1 for axis in (axes.xaxis, axes.yaxis) for tick in axis.get_major_ticks()
             if min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())]
    legend = axes.get_legend().get_texts() if axes.get_legend() else []
    return [*ticks, *axes.texts, axes._left_title, axes.xaxis.label, axes.yaxis.label, *legend]


def _extents(axes: Axes) -> list[tuple[str, Any]]:
    """Texts with their boxes in pixels, after the figure is drawn."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = axes.figure.canvas
    if not isinstance(canvas, FigureCanvasAgg) or axes.figure.stale:
        canvas = FigureCanvasAgg(axes.figure)
        canvas.draw()
    return [(one.get_text(), one.get_window_extent(canvas.get_renderer())) for one in _texts(axes) if one.get_text()]


def overlapping(axes: Axes) -> list[tuple[str, str]]:
    """Pairs of texts of the figure that overlap."""
    return [(a, b) for (a, one), (b, other) in combinations(_extents(axes), 2) if one.overlaps(other)]


def cut(axes: Axes) -> list[str]:
    """Texts that are not within the figure."""
    box = axes.figure.bbox
    return [text for text, one in _extents(axes)
            if one.x0 < -1 or one.y0 < -1 or one.x1 > box.x1 + 1 or one.y1 > box.y1 + 1]


def _texts_of_figure(figure: Any) -> list[tuple[str, Any]]:
    """Texts of all axes, of the legends of the figure and its title, with their boxes in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = [text for axes in figure.axes for text in _texts(axes)]
    texts += [text for legend in figure.legends for text in legend.get_texts()]
    texts += [figure._suptitle] if figure._suptitle else []
    return [(one.get_text(), one.get_window_extent(canvas.get_renderer())) for one in texts if one.get_text()]


def problems(figure: Any) -> list[str]:
    """What is wrong with the texts of a figure: pairs that overlap, texts that are cut, and letters below 7 points at a
    width of 7 inches."""
    from matplotlib.text import Text

    found, box = _texts_of_figure(figure), figure.bbox
    small = 7 * figure.get_figwidth() / 7
    return [*(f"overlap: {a!r}, {b!r}" for (a, one), (b, other) in combinations(found, 2) if one.overlaps(other)),
            *(f"cut: {text!r}" for text, one in found
              if one.x0 < -1 or one.y0 < -1 or one.x1 > box.x1 + 1 or one.y1 > box.y1 + 1),
            *(f"small: {one.get_text()!r}" for one in figure.findobj(Text)
              if one.get_text() and one.get_visible() and one.get_fontsize() < small)]
