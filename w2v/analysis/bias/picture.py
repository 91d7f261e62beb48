"""Pictures of a `BiasResult`, of an `Axis` and of a `Debiased`.

Place in the data flow: plain values of the result -> matplotlib's axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from w2v.analysis.bias.indirect import BIASED, REMAINING
from w2v.evaluation.picture import draw_comparisons
from w2v.system import drawing
from w2v.system.text_table import p_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_LEVEL = 0.05
_EFFECT = "effect size d; above 0 the first targets are nearer to the first attributes"
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
        axes, [_test_name(one) for one in tests], "Association tests" if tests else "no tests", _EFFECT, lines=3)
    drawing.tested_points(drawn, [one["effect"]["value"] for one in tests], [one["p_holm"] for one in tests], _LEVEL,
                          "after Holm's correction (one-sided, for d above 0)")
    drawing.intervals(drawn, [one["effect"] for one in tests], "95 % bootstrap interval over the words of the sets")
    _no_association(drawn)
    return drawing.finish(drawn)


def _no_association(axes: Axes) -> None:
    axes.axvline(0, color="black", linewidth=0.8, label="0: no association, the value by chance", zorder=1)


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


def draw_remaining(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw each measure of the bias before and after debiasing, with intervals and chance.

    Parameters
    ----------
    values : of `Debiased.to_dict`, or of a file of `w2v debias --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : nothing was measured, or matplotlib is not installed.
    """
    shown = _remaining(values)
    before, after = ([values[time][name] for name in shown] for time in ("before", "after"))
    drawn = drawing.rows_axes(
        axes, [REMAINING[name] for name in shown], "What remains of the bias" if shown else "no bias was measured",
        f"share, or mean |cosine| (0 to 1); most biased: {BIASED} words on each side before")
    drawing.before_and_after(drawn, before, after, "95 % interval over words")
    drawing.expected_points(drawn, [one.get("chance") for one in before],
                            "by chance: random vectors, or sides drawn at random")
    drawn.set_xlim(-0.02, 1.02)
    return drawing.finish(drawn)


def draw_tests(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the effect size of each association test before and after debiasing; parameters and errors as for
    `draw_remaining`."""
    before, after = _tests(values)
    drawn = drawing.rows_axes(axes, [_test_name(one) for one in before],
                              "Association tests" if before else "no association tests", _EFFECT, lines=3)
    drawing.before_and_after(drawn, [one["effect"] for one in before], [one["effect"] for one in after],
                             "95 % bootstrap interval over the words of the sets")
    _no_association(drawn)
    drawing.side_notes(drawn, [f"p {p_text(one['p_holm'])}\np {p_text(two['p_holm'])}"
                               for one, two in zip(before, after, strict=True)])
    drawing.explain(drawn, "p: before and after, by Holm's correction (one-sided, for d above 0)")
    return drawing.finish(drawn)


def draw_cost(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the change of each benchmark, which is what debiasing cost; parameters and errors as for
    `draw_remaining`."""
    return draw_comparisons({"comparisons": values["benchmarks"]}, axes, title="Benchmarks, after minus before")


def _remaining(values: drawing.Values) -> list[str]:
    """Return the measures that are known before and after."""
    return [name for name in REMAINING if values["before"][name] is not None and values["after"][name] is not None]


def _tests(values: drawing.Values) -> tuple[list[drawing.Values], list[drawing.Values]]:
    """Return the association tests before and after."""
    before, after = values["bias_before"], values["bias_after"]
    return ([], []) if before is None or after is None else (before["tests"], after["tests"])


def _height(rows: int, lines: int = 1) -> float:
    return drawing.rows_height(rows, lines) if rows else 0


DEBIASED = {
    "remaining": drawing.Part(lambda values: _height(len(_remaining(values))), draw_remaining),
    "tests": drawing.Part(lambda values: _height(len(_tests(values)[0]), 3), draw_tests),
    "benchmarks": drawing.Part(lambda values: _height(len(values["benchmarks"])), draw_cost),
}


def draw_debiased(values: drawing.Values) -> Axes:
    """Draw all that was measured on one figure."""
    return drawing.draw_parts(DEBIASED, values)
