"""The picture of words in two spaces: an arrow from the place of each word in A to that in B, and words around them.

Place in the data flow: plain values (`MovedMap.to_dict`) -> axes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v.analysis.maps.draw import LETTERS, LONGEST, fix_layout, name_axes
from w2v.analysis.maps.labels import place_labels
from w2v.analysis.maps.positions import METHODS
from w2v.system.figures import COLOURS, GREY, font_families, new_axes, plain_axes, short_label
from w2v.system.text_table import percent
from w2v.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

UNRELATED = "The spaces are UNRELATED: the ways of words mean nothing"

_BLUE, _RED = COLOURS[6], COLOURS[4]  # of A and of B
_SMALLEST, _LARGEST, _PER_WORD = 9.0, 14.0, 0.55  # inches: sides of a figure, and of the square that a word needs
_ARROW = {"arrowstyle": "-|>,head_length=0.45,head_width=0.22", "linewidth": 1.1, "color": "#333333", "shrinkA": 3.5,
          "shrinkB": 3.5}
_STILL = {frozenset(["both"]): "neighbour in both", frozenset([None]): "frequent word",
          frozenset(["both", None]): "neighbour in both, or frequent word"}
_STEPS = 40  # points of a line that labels should not cover
_LARGE, _SMALL = 26, 9  # areas of marks in square points


def draw(values: Mapping[str, Any], axes: Axes | None = None) -> Axes:
    """Draw the ways of words from A to B and return the axes.

    Places of labels depend on the size of the figure: change it before, not afterwards.

    Parameters
    ----------
    values : as `MovedMap.to_dict` returns them.
    axes : where to draw; None makes a figure.
    """
    moved, around = values["moved"], values["around"]
    at_a, at_b = (_positions(moved, f"x_{side}", f"y_{side}") for side in "ab")
    at = _positions(around, "x", "y")
    names = {side: short_label(values[side], LONGEST) for side in "ab"}
    texts = [short_label(one["word"], LONGEST) for one in (*moved, *around)]
    heading = title(values["choice"], texts[0], names)
    families, _ = font_families([*texts, heading])
    side = min(_LARGEST, max(_SMALLEST, _PER_WORD * math.sqrt(len(texts))))
    shown = new_axes(side, side * 0.93) if axes is None else axes
    _arrows(shown, at_a, at_b)
    _marks(shown, at_a, at_b, at, [one["near"] for one in around])
    shown.margins(0.08)
    plain_axes(shown, grid="both")
    name_axes(shown, values)
    handles, legend = _legend(shown, names, {one["near"] for one in around})
    shown.legend(handles, legend, loc="upper left", bbox_to_anchor=(0, -0.1), ncols=2, frameon=False, borderaxespad=0,
                 handletextpad=0.3, prop={"size": 8, "family": families})
    lines = captions(values, names)
    shown.set_title(heading, loc="left", fontsize=10.5, pad=9 + 11 * len(lines), family=families)
    caption = shown.annotate("\n".join(lines), (0, 1), xycoords="axes fraction", xytext=(0, 7), fontsize=8,
                             textcoords="offset points", color="#555555", family=families)
    fix_layout(shown)
    steps = np.linspace(0, 1, _STEPS)[:, None, None]
    left_out = place_labels(
        shown, np.concatenate((at_b, at)), texts, size=LETTERS, families=families, bold=frozenset(range(len(moved))),
        faint=frozenset(range(len(moved), len(texts))), needed=len(moved), marks=at_a,
        lines=(at_a + steps * (at_b - at_a)).reshape(-1, 2))
    caption.set_text("\n".join(captions(values, names, left_out)))
    return shown


def _positions(rows: list[Mapping[str, Any]], x: str, y: str) -> Floats:
    return np.array([(one[x], one[y]) for one in rows], dtype=np.float64).reshape(-1, 2)


def title(choice: str, first: str, names: Mapping[str, str]) -> str:
    """Return what a map of two spaces shows.

    Parameters
    ----------
    choice : of the words, as in `MovedMap`.
    first : the first word.
    names : of the spaces "a" and "b".
    """
    what = {"moved": "The words that moved most", "words": "Chosen words", "near": f"{first} and its neighbours"}
    return f"{what[choice]}, from {names['a']} to {names['b']}"


def captions(values: Mapping[str, Any], names: Mapping[str, str], left_out: int = 0, *,
             page: bool = False) -> list[str]:
    """Return sentences about the words, the method, the arrows and the alignment.

    Parameters
    ----------
    left_out : number of labels that have no place.
    page : whether they are for a page, which draws lines that begin with a ring.
    """
    moved, around, fitted = len(values["moved"]), len(values["around"]), values["fitted"]
    shown = (f"{moved:,} {'word' if moved == 1 else 'words'} and {around:,} around {'it' if moved == 1 else 'them'} by "
             f"{METHODS[values['method']]}")
    if values["variance"] is not None:
        shown += f": {percent(sum(values['variance']))} of the variance of vectors of length 1"
    if left_out:
        shown += f"; {left_out:,} {'label has' if left_out == 1 else 'labels have'} no place"
    arrow, others = ("A line with a ring", "Other words") if page else ("An arrow", "Words in grey")
    lines = [shown, f"{arrow} leads from the place of a word in {names['a']} to that in {names['b']}. {others}: mean "
                    "of both places"]
    if fitted is None:
        lines.append("The spaces are as they were, without alignment")
    else:
        lines.append(f"{names['a']} was rotated to {names['b']} by {fitted:,} of {values['shared']:,} shared words")
    if values["alignment"] is not None and values["alignment"]["related"] is False:
        lines.append(UNRELATED)
    return lines


def _arrows(axes: Axes, at_a: Floats, at_b: Floats) -> None:
    for start, end in zip(at_a.tolist(), at_b.tolist(), strict=True):
        arrow = axes.annotate("", end, xytext=start, arrowprops=_ARROW, zorder=3)
        arrow.set_in_layout(False)


def _looks(near: str | None) -> dict[str, Any]:
    """Return the look of the mark of a word around: hollow in A, filled in B, grey in both."""
    colour = {"a": _BLUE, "b": _RED}.get(near or "", GREY)
    return {"facecolor": "white" if near == "a" else colour, "edgecolor": colour, "linewidths": 0.8, "s": _SMALL}


def _marks(axes: Axes, at_a: Floats, at_b: Floats, around: Floats, near: list[str | None]) -> None:
    for side in dict.fromkeys(near):
        own = around[[one == side for one in near]]
        axes.scatter(own[:, 0], own[:, 1], zorder=2.5, **_looks(side))
    axes.scatter(at_a[:, 0], at_a[:, 1], s=_LARGE, facecolor="white", edgecolor=_BLUE, linewidths=1.4, zorder=3.5)
    axes.scatter(at_b[:, 0], at_b[:, 1], s=_LARGE, facecolor=_RED, edgecolor=_RED, linewidths=1.4, zorder=3.5)


def _legend(axes: Axes, names: Mapping[str, str], near: set[str | None]) -> tuple[list[Any], list[str]]:
    """Return the handles and the texts of the legend of what there is."""
    large: dict[str, Any] = {"s": _LARGE, "linewidths": 1.4}
    looks: dict[str, dict[str, Any]] = {
        f"place in {names['a']}": large | {"facecolor": "white", "edgecolor": _BLUE},
        f"place in {names['b']}": large | {"facecolor": _RED, "edgecolor": _RED}}
    looks |= {f"neighbour in {names[side]} only": _looks(side) for side in "ab" if side in near}
    if near & {"both", None}:
        looks[_STILL[frozenset(near & {"both", None})]] = _looks(None)
    return [axes.scatter([], [], **look) for look in looks.values()], list(looks)
