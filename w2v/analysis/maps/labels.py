"""Labels of points that do not overlap and are not cut.

Place in the data flow: points and texts on axes -> the texts that found a place, and how many did not.

The method is greedy: each label, in the order given, takes the best of 16 places around its point that is free. The
problem of placing the most labels is NP-hard (Formann & Wagner 1991), and this order gives the first ones theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from w2v.system.figures import agg_renderer
from w2v.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from matplotlib.text import Annotation  # pyright: ignore[reportMissingImports]

MOST = 1000
"""Labels that are tried: measuring one takes 0.2 ms, and a figure has no place for more."""

_GAP = 3.5  # points between the middle of a mark and its label
_MARGIN = 1.0  # points around a label: widths of letters are rounded to pixels, differently for each resolution
_MARK = 1.5  # points from the middle of a mark to its edge
_COVERED = 2  # marks of other words that a label may cover; with 0 a dense map has few labels

# Where the corner of a label lies, relative to its point: in widths and heights of the label, and in gaps.
_PLACES = np.array([
    (0, -.5, 1, 0), (-1, -.5, -1, 0), (-.5, 0, 0, 1), (-.5, -1, 0, -1),  # right, left, above, below
    (0, 0, .6, .6), (0, -1, .6, -.6), (-1, 0, -.6, .6), (-1, -1, -.6, -.6),  # corners
    (0, -.25, 1, 0), (0, -.75, 1, 0), (-1, -.25, -1, 0), (-1, -.75, -1, 0),
    (-.25, 0, 0, 1), (-.75, 0, 0, 1), (-.25, -1, 0, -1), (-.75, -1, 0, -1)])


def place_labels(axes: Axes, positions: Floats, texts: Sequence[str], *, size: float, families: Sequence[str],
                 bold: frozenset[int] = frozenset()) -> int:
    """Write a label beside each point that has a free place, and return the number of those that have none.

    Extents are measured at the present size and limits of the axes, which must not change afterwards.

    Parameters
    ----------
    positions : (n, 2) points in the coordinates of the data.
    texts : n labels, the most important first. Only the first `MOST` are tried.
    size : of the letters, in points.
    families : of fonts.
    bold : numbers of the labels in bold.
    """
    scale = axes.figure.dpi / 72  # pixels a point
    renderer = agg_renderer(axes.figure)
    points = axes.transData.transform(positions)
    frame = axes.get_window_extent(renderer)
    taken = np.empty((0, 4))
    placed = 0
    for number, text in enumerate(texts[:MOST]):
        label: Annotation = axes.annotate(
            text, positions[number], xytext=(0, 0), textcoords="offset points", ha="left", va="bottom", fontsize=size,
            family=list(families), color="#222222", weight="bold" if number in bold else "normal", zorder=4)
        label.set_in_layout(False)
        extent = label.get_window_extent(renderer)
        offset = np.array([extent.x0, extent.y0]) - points[number]
        corner = _corner(points, number, (extent.width, extent.height), (frame.x0, frame.y0, frame.x1, frame.y1),
                         taken, scale)
        if corner is None:
            label.remove()
            continue
        label.set_position(tuple((corner - points[number] - offset) / scale))
        taken = np.vstack((taken, [*corner, *(corner + (extent.width, extent.height))]))
        placed += 1
    return len(texts) - placed


def _corner(points: Floats, number: int, size: tuple[float, float], frame: tuple[float, float, float, float],
            taken: Floats, scale: float) -> Floats | None:
    """Return the lower left corner (2,) of the best free place of a label in pixels, None if there is none.

    Parameters
    ----------
    points : (n, 2) all points in pixels.
    number : of the point of the label.
    size : width and height of the label.
    frame : left, bottom, right and top of the axes.
    taken : (m, 4) the same of the labels that have a place.
    scale : pixels a point.
    """
    low = points[number] + _PLACES[:, :2] * size + _PLACES[:, 2:] * (_GAP * scale)
    high = low + size
    margin = _MARGIN * scale
    free = (low >= np.add(frame[:2], margin)).all(axis=1) & (high <= np.subtract(frame[2:], margin)).all(axis=1)
    if len(taken):
        apart = ((low[:, None] - 2 * margin >= taken[:, 2:]) | (high[:, None] + 2 * margin <= taken[:, :2])).any(axis=2)
        free &= apart.all(axis=1)
    mark = _MARK * scale
    inside = (points > low[:, None] - mark).all(axis=2) & (points < high[:, None] + mark).all(axis=2)
    covered = np.where(free, inside.sum(axis=1), len(points) + 1)
    best = int(np.argmin(covered))
    return np.asarray(low[best]) if covered[best] <= _COVERED else None
