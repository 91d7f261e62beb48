"""Pictures with a row for each word, test or band: its name, a point, an interval, and the value by chance.

Place in the data flow: plain values of a result -> rows on matplotlib's axes. The `picture.py` of each result uses it.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from w2v.errors import W2VError
from w2v.system import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

Values = Mapping[str, Any]
"""Plain values: what `to_dict` or a file of `--json` has."""

SHOWN = 40
"""Rows of a figure; more are hard to read on a page."""

LONGEST = 28
"""Characters of the name of a row."""

_ROW, _FRAME = 0.22, 1.6  # inches: a row; the title, the name of the axis and the legend


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
    drawn: Axes = figures.new_axes(_FRAME + _ROW * (0.4 + 0.6 * lines) * (len(names) + 1)) if axes is None else axes
    figures.plain_axes(drawn)
    drawn.set_yticks(range(len(names)), names, fontsize=8, family=_families(names))
    drawn.set_ylim(len(names) - 0.4, -0.6)
    name_axes(drawn, title, axis)
    return drawn


def name_axes(axes: Axes, title: str, across: str, up: str = "") -> None:
    """Write what is shown above the axes, and the names of the axes."""
    families = _families([title, across])
    axes.set_title(title, fontsize=9, loc="left", family=families)
    axes.set_xlabel(across, fontsize=8, family=families)
    axes.set_ylabel(up, fontsize=8)


def _families(texts: Sequence[str]) -> list[str]:
    """Return the fonts for these texts; warn of characters that no font has."""
    families, missing = figures.font_families(texts)
    if missing:
        warnings.warn(figures.missing_glyphs(missing), stacklevel=2)
    return families


def points(axes: Axes, values: Sequence[float | None], name: str, places: Sequence[float] | None = None, *,
           filled: bool = True) -> None:
    """Draw a point in each row."""
    axes.plot([known(one) for one in values], range(len(values)) if places is None else places, "o", markersize=5,
              color=figures.COLOURS[0], markerfacecolor=figures.COLOURS[0] if filled else "white", label=name, zorder=4)


def intervals(axes: Axes, estimates: Sequence[Values], name: str) -> None:
    """Draw the interval of each row that has one."""
    rows = [(row, one["interval"]) for row, one in enumerate(estimates) if one.get("interval")]
    rows = [(row, ends) for row, ends in rows if not any(math.isnan(known(end)) for end in ends)]
    if rows:
        axes.hlines([row for row, _ in rows], [ends[0] for _, ends in rows], [ends[1] for _, ends in rows],
                    color=figures.COLOURS[0], linewidth=1.5, label=name, zorder=3)


def expected_points(axes: Axes, values: Sequence[float | None], name: str) -> None:
    """Draw a grey mark in each row, of the value by chance or the expected one."""
    if not all(math.isnan(known(one)) for one in values):
        axes.plot([known(one) for one in values], range(len(values)), "|", markersize=11, markeredgewidth=2,
                  color=figures.GREY, label=name, zorder=2)


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
