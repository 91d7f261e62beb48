"""Picture of a `Diagnosis`: cosines of random pairs of vectors against their null, or lengths of the lines of a corpus.

Place in the data flow: plain values of a `Diagnosis` -> matplotlib's axes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from w2v.errors import W2VError
from w2v.system.figures import COLOURS, GREY, axes_legend, new_axes, plain_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_SHOWN = {"vectors": "random pairs", "corpus": "line lengths"}  # check, by kind


def draw(values: Mapping[str, Any], axes: Axes | None = None) -> Axes:
    """Draw the histogram of the cosines of random pairs, and of those of random vectors; of a corpus the histogram of
    the words per line.

    Parameters
    ----------
    values : of `Diagnosis.to_dict`, or of a file of `w2v doctor --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : nothing was measured, or matplotlib is not installed.
    """
    check = _SHOWN[values["kind"]]
    data: Mapping[str, Any] = next((one["data"] for one in values["findings"] if one["check"] == check), {})
    counts = data.get("counts", data.get("lines", ()))
    if not sum(counts):
        raise W2VError(f"there is nothing to draw: the check {check!r} has no numbers")
    drawn: Axes = new_axes() if axes is None else axes
    plain_axes(drawn, grid="y")
    bars: dict[str, Any] = {"fill": True, "color": COLOURS[0], "alpha": 0.7}
    if values["kind"] == "vectors":
        drawn.stairs(counts, data["edges"], label="these vectors", **bars)
        drawn.stairs(data["expected"], data["edges"], color=GREY, linewidth=1.5,
                    label="by chance: expected of random vectors of as many dimensions")
        _names(drawn, f"Cosines of {data['pairs']:,} random pairs of words", "cosine", "pairs per bin")
        axes_legend(drawn)
    else:
        drawn.stairs(counts, data["edges"], **bars)
        drawn.set_xscale("log")
        drawn.xaxis.set_major_formatter(_grouped)
        drawn.xaxis.set_minor_formatter(lambda value, place: "")
        _names(drawn, f"Lengths of the {sum(counts):,} lines that were read", "words per line (log scale)",
               "lines per bin")
    return drawn


def _names(axes: Axes, title: str, across: str, up: str) -> None:
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_xlabel(across, fontsize=8)
    axes.set_ylabel(up, fontsize=8)
    axes.yaxis.set_major_formatter(_grouped)


def _grouped(value: float, place: float | None = None) -> str:
    """Return a number of a tick."""
    return f"{value:,.6g}"
