"""Pictures of a `Diagnosis`: cosines of random pairs of vectors against their null, or lengths of the lines of a
corpus; and of several: the severity of each check by file.

Place in the data flow: plain values of a `Diagnosis` -> matplotlib's axes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from w2v.errors import W2VError
from w2v.system import drawing
from w2v.system.figures import (
    COLOURS,
    GREY,
    axes_legend,
    differing_names,
    grouped,
    name_axes,
    new_axes,
    plain_axes,
    short_label,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_MARKS = {"ok": (".", GREY, 5.0), "note": ("o", COLOURS[3], 6.0), "warning": ("^", COLOURS[1], 8.0),
          "problem": ("X", COLOURS[4], 9.0)}
"""Shape, colour and size in points of each severity, the mildest first."""

_CHECK = 0.066  # inches: a character of the name of a check
_NUMBER = 10  # points: height of the numbers that an axis usually has
_LONGEST = 40  # columns of the name of a file
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
        name_axes(drawn, f"Cosines of {data['pairs']:,} random pairs of words", "cosine", "pairs per bin")
        axes_legend(drawn)
    else:
        drawn.stairs(counts, data["edges"], **bars)
        drawn.set_xscale("log")
        drawn.xaxis.set_major_formatter(grouped)
        drawn.xaxis.set_minor_formatter(lambda value, place: "")
        name_axes(drawn, f"Lengths of the {sum(counts):,} lines that were read", "words per line (log scale)",
                  "lines per bin")
    drawn.yaxis.set_major_formatter(grouped)
    return drawn


def draw_several(values: Mapping[str, Any], axes: Axes | None = None) -> Axes:
    """Draw a mark for each file and check, by its severity; of many files those with the most problems and warnings.

    Parameters
    ----------
    values : of a file of `w2v doctor --json` on several files: "diagnoses", a list of `Diagnosis.to_dict`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : there are no diagnoses or no checks, or matplotlib is not installed.
    """
    diagnoses = values["diagnoses"]
    names = dict(enumerate(differing_names([one["subject"] for one in diagnoses]) if diagnoses else ()))
    order = list(range(len(diagnoses)))
    if len(order) > drawing.SHOWN:
        order = sorted(sorted(order, key=lambda row: _counts(diagnoses[row]), reverse=True)[:drawing.SHOWN])
    checks = list(dict.fromkeys(one["check"] for row in order for one in diagnoses[row]["findings"]))
    below = _CHECK * max(map(len, checks), default=0)
    if axes is None and checks:
        axes = new_axes(drawing.rows_height(len(order)) + below)
    title = f"Findings of {len(order):,} of {len(diagnoses):,} files" if checks else "no checks"
    drawn = drawing.rows_axes(axes, [short_label(names[row], _LONGEST) for row in order] if checks else [], title,
                              "check")
    for severity, (shape, colour, size) in _MARKS.items():
        found = [(checks.index(one["check"]), place) for place, row in enumerate(order)
                 for one in diagnoses[row]["findings"] if one["severity"] == severity]
        drawn.plot([x for x, _ in found], [y for _, y in found], shape, color=colour, markersize=size, label=severity)
    drawn.set_xticks(range(len(checks)), [short_label(name) for name in checks], rotation=90, fontsize=8)
    drawn.set_xlim(-0.6, len(checks) - 0.4)
    axes_legend(drawn, below * 72 - _NUMBER)
    return drawn


def _counts(diagnosis: Mapping[str, Any]) -> list[int]:
    """Return the number of findings of each severity, the worst first."""
    found = [one["severity"] for one in diagnosis["findings"]]
    return [found.count(severity) for severity in reversed(_MARKS)]
