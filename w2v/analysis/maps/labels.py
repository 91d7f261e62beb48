"""Labels of points that do not overlap, are not cut, and are not crossed by the lines of other labels.

Place in the data flow: points and texts on axes -> the texts that found a place, and how many did not.

The method is greedy: each label, in the order given, takes the best free one of 32 places around its point; far ones
have a line to it. To place as many labels as possible is NP-hard (Formann & Wagner 1991), and would not prefer the
first ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from w2v.system.figures import GREY, agg_renderer, figure_class, whole_figure
from w2v.types import Floats, Indices

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from matplotlib.backends.backend_agg import RendererAgg  # pyright: ignore[reportMissingImports]
    from matplotlib.text import Text  # pyright: ignore[reportMissingImports]

MOST = 1000
"""Labels that are tried: measuring one takes up to 1 ms, and a figure has no place for more."""

_GAP = 3.5  # points between the middle of a mark and its label
_WIDER = 1.5  # more of it for labels that are needed, whose marks may be larger
_MARGIN = 0.75  # points around a label
_MARK = 1.5  # points from the middle of a mark to its edge
_RESOLUTIONS = (72, 150)  # letters are rounded to pixels: at 72 a text is up to 9 % wider than at 100, 5 % than at 150

# Where the lower left corner of a label lies, relative to its point: in widths and heights of the label, and in gaps.
_NEAR = [
    (0, -.5, 1, 0), (-1, -.5, -1, 0), (-.5, 0, 0, 1), (-.5, -1, 0, -1),  # right, left, above, below
    (0, 0, .6, .6), (0, -1, .6, -.6), (-1, 0, -.6, .6), (-1, -1, -.6, -.6),  # corners
    (0, -.25, 1, 0), (0, -.75, 1, 0), (-1, -.25, -1, 0), (-1, -.75, -1, 0),
    (-.25, 0, 0, 1), (-.75, 0, 0, 1), (-.25, -1, 0, -1), (-.75, -1, 0, -1)]
_FAR = [(dx, dy, gap_x * far, gap_y * far) for far in (3, 5) for dx, dy, gap_x, gap_y in _NEAR[:8]]
_PLACES = np.array(_NEAR + _FAR)
_COST = np.where(np.arange(len(_PLACES)) < len(_NEAR), 0.0, 0.5)  # far places need a line to the point
_MOST_COST = 1.0  # covering the mark of another word costs 1; without such places a dense map has few labels
_LINE_COST = 0.3  # covering a point of a line
_COLOUR, _FAINT_COLOUR, _FAINT_SIZE = "#222222", "#707070", 0.87  # the last relative to the size of the others

_ALIGNED = {-1.0: ("right", 1.0), -0.5: ("center", 0.5)}
"""Alignment by the place, and how much of the width is left of the anchor: that edge is exact at any resolution."""

_SHORTER = 2.0  # points: how far a line stays away from its label and from the middle of its mark


def place_labels(axes: Axes, positions: Floats, texts: Sequence[str], *, size: float, families: Sequence[str],
                 bold: frozenset[int] = frozenset(), faint: frozenset[int] = frozenset(), needed: int = 0,
                 marks: Floats | None = None, lines: Floats | None = None) -> int:
    """Write a label beside each point that has a free place, and return the number of those that have none.

    Extents are measured at the present size and limits of the axes, which must not change afterwards.

    Parameters
    ----------
    positions : (n, 2) points in the coordinates of the data.
    texts : n labels, the most important first. Only the first `MOST` are tried.
    size : of the letters, in points.
    families : of fonts.
    bold, faint : numbers of the labels in bold, and of the smaller ones in grey.
    needed : so many labels, the first ones, take the best free place even if it covers marks or lines.
    marks : (k, 2) further marks, which labels should not cover.
    lines : (k, 2) points of lines, which labels should not cover if other places are free.
    """
    rulers = [_Ruler(dpi) for dpi in _RESOLUTIONS]
    scale = 72 / whole_figure(axes).dpi  # points a pixel; all that follows is in points
    marked = positions if marks is None else np.concatenate((positions, marks))
    everything = marked if lines is None else np.concatenate((marked, lines))
    covered: Floats = np.asarray(axes.transData.transform(everything), dtype=np.float64) * scale
    points, costs = covered[:len(positions)], np.where(np.arange(len(covered)) < len(marked), 1.0, _LINE_COST)
    frame = np.array(axes.get_window_extent().extents) * scale
    taken, leaders = np.empty((0, 4)), np.empty((0, 4))
    drawn: list[tuple[int, Floats]] = []
    for number, text in enumerate(texts[:MOST]):
        style: dict[str, Any] = {"fontsize": size * (_FAINT_SIZE if number in faint else 1), "family": list(families),
                                 "weight": "bold" if number in bold else "normal",
                                 "color": _FAINT_COLOUR if number in faint else _COLOUR}
        extent: Floats = np.max([ruler.extent(text, style) for ruler in rulers], axis=0)
        places = points[number] + _PLACES[:, :2] * extent + _PLACES[:, 2:] * (_GAP + (number < needed) * _WIDER)
        free = _free(places, extent, points[number], frame, taken, leaders)
        place = _best(free, places, extent, covered, costs, np.inf if number < needed else _MOST_COST)
        if place is None:
            continue
        low = places[place]
        taken = np.vstack((taken, [*low, *(low + extent)]))
        if place >= len(_NEAR):
            leaders = np.vstack((leaders, [*(low + extent / 2), *points[number]]))
            drawn.append((number, _line(low + extent / 2 - points[number], extent)))
        align, part = _ALIGNED.get(float(_PLACES[place, 0]), ("left", 0.0))
        offset = low - points[number] + (part * extent[0], 0)
        label = axes.annotate(
            text, positions[number], xytext=tuple(offset), textcoords="offset points", ha=align, va="bottom",
            zorder=4, **style)
        label.set_in_layout(False)
    if drawn:
        _draw_lines(axes, positions[[number for number, _ in drawn]], [line for _, line in drawn])
    return len(texts) - len(taken)


def _line(middle: Floats, extent: Floats) -> Floats:
    """Return both ends (2, 2) of the line from a label to its point, in points from there.

    Parameters
    ----------
    middle : (2,) of the label, in points from the point.
    extent : (2,) width and height of the label.
    """
    inside = np.min((extent / 2 + _SHORTER) / np.maximum(np.abs(middle), 1e-9))  # the part of it in the label
    beside = _SHORTER / float(np.linalg.norm(middle))  # the part beside the mark
    return np.stack((middle * (1 - min(1.0, float(inside))), middle * min(1.0, beside)))


def _draw_lines(axes: Axes, positions: Floats, lines: Sequence[Floats]) -> None:
    """Draw lines that are given in points from positions in the coordinates of the data.

    All are one artist: matplotlib takes 5 ms for each line of an annotation.
    """
    from matplotlib.collections import LineCollection  # pyright: ignore[reportMissingImports]
    from matplotlib.transforms import Affine2D  # pyright: ignore[reportMissingImports]

    drawn = LineCollection(lines, offsets=positions, offset_transform=axes.transData, linewidths=0.5, colors=GREY,
                           zorder=4)
    drawn.set_transform(Affine2D().scale(1 / 72) + whole_figure(axes).dpi_scale_trans)
    drawn.set_in_layout(False)
    axes.add_collection(drawn, autolim=False)


class _Ruler:
    """Measures texts in a figure of its own: in the one that is drawn, each measured text would make all that is there
    compute its place again.

    Parameters
    ----------
    dpi : resolution to which letters are rounded.
    """

    _text: Text
    _renderer: RendererAgg
    _points: float

    def __init__(self, dpi: int) -> None:
        figure = figure_class()(figsize=(1, 1), dpi=dpi)
        self._text, self._renderer, self._points = figure.text(0, 0, ""), agg_renderer(figure, dpi), 72 / dpi

    def extent(self, text: str, style: Mapping[str, Any]) -> tuple[float, float]:
        """Return the width and height of a text in points."""
        self._text.set(text=text, **style)
        box = self._text.get_window_extent(self._renderer)
        return box.width * self._points, box.height * self._points


def _free(low: Floats, extent: Floats, point: Floats, frame: Floats, taken: Floats, leaders: Floats) -> Indices:
    """Return the numbers of the free places of a label. All numbers are in points.

    Parameters
    ----------
    low : (places, 2) lower left corners of the label at each place.
    extent : (2,) width and height of the label.
    point : (2,) of the word.
    frame : (4,) left, bottom, right and top of the axes.
    taken : (m, 4) the same of the labels that have a place.
    leaders : (k, 4) x and y of both ends of the lines from labels to their points.
    """
    high = low + extent
    free = (low >= frame[:2] + _MARGIN).all(axis=1) & (high <= frame[2:] - _MARGIN).all(axis=1)
    apart = (low[:, None] >= taken[:, 2:] + 2 * _MARGIN) | (high[:, None] <= taken[:, :2] - 2 * _MARGIN)
    places = np.flatnonzero(free & np.all(np.any(apart, axis=2), axis=1))
    places = places[~np.any(_crossed(leaders, np.hstack((low, high))[places]), axis=0)]
    far = places[places >= len(_NEAR)]
    lines = np.hstack((low[far] + extent / 2, np.broadcast_to(point, (len(far), 2))))
    return np.concatenate((places[places < len(_NEAR)], far[~np.any(_crossed(lines, taken), axis=1)]))


def _crossed(lines: Floats, boxes: Floats) -> npt.NDArray[np.bool_]:
    """Return (k, m) whether each of k lines meets each of m boxes: a part of it lies within both pairs of sides.

    Parameters
    ----------
    lines : (k, 4) x and y of both ends.
    boxes : (m, 4) left, bottom, right and top; some space around them counts too.
    """
    start, way = lines[:, None, :2], lines[:, None, 2:] - lines[:, None, :2]
    way = np.where(np.abs(way) < 1e-9, 1e-9, way)
    sides = [(boxes[None, :, :2] - _MARGIN - start) / way, (boxes[None, :, 2:] + _MARGIN - start) / way]
    enters, leaves = np.minimum(*sides).max(axis=2), np.maximum(*sides).min(axis=2)
    found: npt.NDArray[np.bool_] = np.maximum(enters, 0) <= np.minimum(leaves, 1)
    return found


def _best(places: Indices, low: Floats, extent: Floats, covered: Floats, costs: Floats, most: float) -> int | None:
    """Return the number of the best free place of a label, None if there is none. All numbers are in points.

    Parameters
    ----------
    places : numbers of the free places.
    low, extent : as of `_free`.
    covered, costs : (k, 2) points that the label may cover, and what each costs.
    most : highest cost of a place.
    """
    if not len(places):
        return None
    high = low + extent
    inside = np.all((covered > low[places, None] - _MARK) & (covered < high[places, None] + _MARK), axis=2)
    cost = inside @ costs + _COST[places]
    best = int(np.argmin(cost))
    return int(places[best]) if cost[best] <= most else None
