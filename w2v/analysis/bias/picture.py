"""Pictures of a `BiasResult` and of an `Axis`.

Place in the data flow: plain values of the result -> matplotlib's axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from w2v.analysis import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_LEVEL = 0.05
_END = 26  # characters of each end in the name of the axis


def draw_bias(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the effect size of each test with its interval; significant ones are filled.

    Parameters
    ----------
    values : of `BiasResult.to_dict`, or of a file of `w2v bias --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : there are no tests, or matplotlib is not installed.
    """
    tests = values["tests"]
    drawn = drawing.rows_axes(
        axes, [_test_name(one) for one in tests], "Association tests" if tests else "no tests",
        "effect size d; above 0 the first targets are nearer to the first attributes", lines=3)
    filled = [row for row, one in enumerate(tests) if drawing.known(one["p_holm"]) < _LEVEL]
    hollow = [row for row in range(len(tests)) if row not in filled]
    for rows, name in ((filled, "p below"), (hollow, "p not below")):
        if rows:
            drawing.points(drawn, [tests[row]["effect"]["value"] for row in rows], f"{name} {_LEVEL:g} after Holm's "
                           "correction (one-sided, for d above 0)", rows, filled=rows is filled)
    drawing.intervals(drawn, [one["effect"] for one in tests], "95 % bootstrap interval over the words of the sets")
    drawn.axvline(0, color="black", linewidth=0.8, label="0: no association, the value by chance", zorder=1)
    return drawing.finish(drawn)


def _test_name(test: drawing.Values) -> str:
    """Return three lines: the test, its targets and its attributes."""
    sets = [" / ".join(drawing.name_of(one["name"]) for one in test[kind]) for kind in ("targets", "attributes")]
    return "\n".join([drawing.name_of(test["name"]), *sets])


def draw_axis(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw words on the axis, from the start to the end, with their intervals and their values by chance.

    Parameters
    ----------
    values : of `Axis.to_dict`, or of a file of `w2v axis --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : there are no words, or matplotlib is not installed.
    """
    words = sorted(values["words"], key=lambda one: drawing.known(one["projection"]["value"]))
    half = drawing.SHOWN // 2
    shown = words if len(words) <= drawing.SHOWN else words[:half] + words[-half:]
    title = "no word is known" if not shown else f"Words on the axis: the most extreme of {values['searched']:,}" if (
        values["extremes"]) else f"Words on the axis: {len(shown):,} of {len(words):,}"
    drawn = drawing.rows_axes(
        axes, [drawing.name_of(one["word"]) for one in shown], title,
        f"cosine with the axis from {_end(values['start'])} (below 0) to {_end(values['end'])} (above 0)")
    estimates = [one["projection"] for one in shown]
    drawing.points(drawn, [one["value"] for one in estimates], "word")
    drawing.intervals(drawn, estimates, "95 % bootstrap interval over the anchor words")
    drawing.expected_points(drawn, [one.get("chance") for one in estimates],
                            "by chance: mean of words of similar frequency")
    drawn.axvline(0, color="black", linewidth=0.8, zorder=1)
    drawing.side_notes(drawn, [f"z {drawing.known(one['z']):+.1f}" for one in shown])
    drawing.explain(drawn, "z: distance from the value by chance in standard deviations")
    return drawing.finish(drawn)


def _end(words: Sequence[str]) -> str:
    return drawing.name_of(", ".join(words), _END)
