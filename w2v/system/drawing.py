"""Pictures with a row for each word, test or band: its name, a point, an interval, and the value by chance; and
pictures of several parts.

Place in the data flow: plain values of a result -> rows on matplotlib's axes. The `picture.py` of each result uses it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from w2v.errors import W2VError
from w2v.system import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

Values = Mapping[str, Any]
"""Plain values: what `to_dict` or a file of `--json` has."""

SHOWN = 40
"""Rows of a figure; more are hard to read on a page."""

LONGEST = 28
"""Columns of the name of a row."""

_ROW, _FRAME = 0.22, 1.6  # inches: a row; the title, the name of the axis and the legend
_NUMBERS = 6  # steps of the horizontal axis; long numbers overlap with more
_APART = 0.17  # rows between the middle of a row and each of two points


def known(value: float | None) -> float:
    """Return a number, or NaN for None, as JSON has it."""
    return math.nan if value is None else float(value)


def name_of(text: str, longest: int = LONGEST) -> str:
    """Return the name of a row."""
    return figures.short_label(text, longest)


def rows_axes(axes: Axes | None, names: Sequence[str], title: str, axis: str, lines: int = 1) -> Axes:
    """Return axes with a named row at each of the heights 0, 1, ..., from top to bottom.

    Parameters
    ----------
    axes : where to draw; None makes a figure that is high enough for the rows.
    names : as `name_of` returns them.
    lines : lines of each name.

    Raises
    ------
    W2VError : there are no rows, or matplotlib is not installed.
    """
    if not names:
        raise W2VError(f"there is nothing to draw: {title[:1].lower()}{title[1:]}")
    drawn: Axes = figures.new_axes(rows_height(len(names), lines)) if axes is None else axes
    figures.plain_axes(drawn)
    drawn.locator_params(axis="x", nbins=_NUMBERS)
    drawn.set_yticks(range(len(names)), names, fontsize=8, family=figures.families_of(names))
    drawn.set_ylim(len(names) - 0.4, -0.6)
    figures.name_axes(drawn, title, axis)
    return drawn


def rows_height(rows: int, lines: int = 1) -> float:
    """Return the height in inches of a figure with this many rows."""
    return _FRAME + _ROW * (0.4 + 0.6 * lines) * (rows + 1)


def points(axes: Axes, values: Sequence[float | None], name: str, places: Sequence[float] | None = None, *,
           filled: bool = True) -> None:
    """Draw a point in each row."""
    axes.plot([known(one) for one in values], range(len(values)) if places is None else places, "o", markersize=5,
              color=figures.COLOURS[0], markerfacecolor=figures.COLOURS[0] if filled else "white", label=name, zorder=4)


def intervals(axes: Axes, estimates: Sequence[Values], name: str, places: Sequence[float] | None = None) -> None:
    """Draw the interval of each row that has one."""
    heights = range(len(estimates)) if places is None else places
    rows = [(row, one["interval"]) for row, one in zip(heights, estimates, strict=True) if one.get("interval")]
    rows = [(row, ends) for row, ends in rows if not any(math.isnan(known(end)) for end in ends)]
    if rows:
        axes.hlines([row for row, _ in rows], [ends[0] for _, ends in rows], [ends[1] for _, ends in rows],
                    color=figures.COLOURS[0], linewidth=1.5, label=name, zorder=3)


def tested_points(axes: Axes, values: Sequence[float | None], ps: Sequence[float | None], level: float,
                  correction: str) -> None:
    """Draw a point in each row, filled if its p value is below the level."""
    filled = [row for row, p in enumerate(ps) if known(p) < level]
    hollow = [row for row in range(len(ps)) if row not in filled]
    for rows, name in ((filled, "p below"), (hollow, "p not below")):
        if rows:
            points(axes, [values[row] for row in rows], f"{name} {level:g} {correction}", rows, filled=rows is filled)


def expected_points(axes: Axes, values: Sequence[float | None], name: str, colour: str = figures.GREY) -> None:
    """Draw a mark in each row, of the value by chance or the expected one."""
    if not all(math.isnan(known(one)) for one in values):
        axes.plot([known(one) for one in values], range(len(values)), "|", markersize=11, markeredgewidth=2,
                  color=colour, label=name, zorder=2)


def chance_line(axes: Axes, value: float | None, name: str) -> None:
    """Draw a dashed grey line of a value by chance for all rows, if it is known."""
    if not math.isnan(known(value)):
        axes.axvline(known(value), color=figures.GREY, linewidth=1.2, linestyle="--", label=name, zorder=1)


def side_notes(axes: Axes, notes: Sequence[str]) -> None:
    """Write a short note at the right end of each row."""
    for row, note in enumerate(notes):
        axes.text(1.01, row, note, transform=axes.get_yaxis_transform(), va="center", fontsize=8)


def explain(axes: Axes, text: str) -> None:
    """Add a line without a symbol to the legend."""
    axes.plot([], [], " ", label=text)


def finish(axes: Axes) -> Axes:
    """Add the legend, and return the axes."""
    figures.axes_legend(axes)
    return axes


def before_and_after(axes: Axes, before: Sequence[Values], after: Sequence[Values], interval: str) -> None:
    """Draw two points in each row, hollow and above for the estimate before a change, filled and below for the one
    after it, with their intervals."""
    rows = range(len(before))
    above, below = [row - _APART for row in rows], [row + _APART for row in rows]
    points(axes, [one["value"] for one in before], "before", above, filled=False)
    points(axes, [one["value"] for one in after], "after", below)
    intervals(axes, [*before, *after], interval, [*above, *below])


class Part(NamedTuple):
    """One part of a result that has several.

    Attributes
    ----------
    height : in inches, of plain values of the result; 0 if they have nothing to draw.
    draw : draws it; without axes on a new figure.
    """

    height: Callable[[Values], float]
    draw: Callable[[Values, Axes | None], Axes]


def draw_part(parts: Mapping[str, Part], values: Values, axes: Axes | None, part: str) -> Axes:
    """Draw one part.

    Raises
    ------
    ValueError : there is no such part. W2VError : it has nothing to draw, or matplotlib is not installed.
    """
    if part not in parts:
        raise ValueError(f"part={part!r}: it must be one of {', '.join(parts)}")
    return parts[part].draw(values, axes)


def draw_parts(parts: Mapping[str, Part], values: Values) -> Axes:
    """Draw all parts that have something to draw, one below the other on one figure; return the axes of the first.

    Raises
    ------
    W2VError : no part has anything to draw, or matplotlib is not installed.
    """
    shown = [(height, part) for part in parts.values() if (height := part.height(values))]
    if len(shown) < 2:
        return (shown[0][1] if shown else next(iter(parts.values()))).draw(values, None)
    heights = [height for height, _ in shown]
    found = figures.new_figure(sum(heights)).subplots(len(shown), squeeze=False, height_ratios=heights)[:, 0]
    for axes, (_, part) in zip(found, shown, strict=True):
        part.draw(values, axes)
    first: Axes = found[0]
    return first
