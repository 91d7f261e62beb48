"""Figure of the curves of runs: a panel for each value, all runs in each panel.

Place in the data flow: plain values of `w2v.training.curves.Curves` -> matplotlib's axes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from w2v.system.figures import (
    COLOURS,
    MARKERS,
    axes_legend,
    legend_below,
    legend_label,
    new_figure,
    plain_axes,
    short_label,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]

BY = ("words", "hours")

VALUES = {"loss": "loss (nats per pair),\nmean since the point before",
          "loss_held_out": "held-out loss (nats per pair)", "alpha": "learning rate",
          "words_per_second": "words/s (thousands)"}
"""Names of axes by value of a point."""

_WORDS = ((1e9, "words (billions)"), (1e6, "words (millions)"), (1e3, "words (thousands)"), (1.0, "words"))
_TIMES = ((3600.0, "hours of training"), (60.0, "minutes of training"), (1.0, "seconds of training"))
_LINES = ("-", "--", ":", "-.")
_PANEL = 2.3  # inches


def score_sets(values: Mapping[str, Any]) -> list[str]:
    """Return the names of the sets with a score in any run."""
    return list(dict.fromkeys(name for run in values["runs"] for one in run["scores"]
                              for name, score in one["scores"].items() if score is not None))


def figure(values: Mapping[str, Any], by: str = "words") -> Figure:
    """Return a figure with a panel for each value that a run has: losses, scores, learning rate, speed.

    Parameters
    ----------
    values : of `Curves.to_dict`.
    by : one of BY, the horizontal axis; with "words", that of scores is the epoch.

    Raises
    ------
    ValueError : `by` is another word, or no run has a value.
    W2VError : matplotlib is not installed.
    """
    _check(by)
    runs = values["runs"]
    has = [name for name in VALUES if any(one[name] is not None for run in runs for one in run["points"])]
    shown = [*(name for name in has if name.startswith("loss")), *score_sets(values),
             *(name for name in has if not name.startswith("loss"))]
    n_rows = -(-len(shown) // 2)
    made = new_figure(n_rows * _PANEL + 0.4 + (0.2 * -(-len(runs) // 3) if len(runs) > 1 else 0))
    panels = list(made.subplots(n_rows, 2, squeeze=False).flat)
    for axes, value in zip(panels, shown, strict=False):
        draw(values, axes, value=value, by=by, legend=False)
    for axes in panels[len(shown):]:
        made.delaxes(axes)
    if len(runs) == 1:
        made.suptitle(short_label(runs[0]["name"]), fontsize=11)
    else:
        legend_below(made, panels[0])
    return made


def draw(values: Mapping[str, Any], axes: Axes, *, value: str = "loss", by: str = "words", legend: bool = True) -> None:
    """Draw one value of all runs; parameters and errors as for `Curves.plot`.

    A run without the value has a line without points, so that colours and legends agree between panels.
    """
    _check(by)
    known = [*VALUES, *score_sets(values)]
    if value not in known:
        raise ValueError(f"value={value!r}: the values of these runs are {', '.join(known)}")
    runs, is_score = values["runs"], value not in VALUES
    rows = [_rows(run, value) for run in runs]
    if not any(y is not None for own in rows for _, y in own):
        raise ValueError(f"no run has a value of {value}")
    key, unit, name = ("epoch", 1.0, "epoch") if is_score and by == "words" else _horizontal(runs, by)
    for number, (run, own) in enumerate(zip(runs, rows, strict=True)):
        y = [float("nan") if one is None else one / (1000 if value == "words_per_second" else 1) for _, one in own]
        marked = is_score or len(own) < 30  # many points have no room for shapes, so the lines differ
        axes.plot([point[key] / unit for point, _ in own], y, label=legend_label(run["name"]),
                  color=COLOURS[number % len(COLOURS)], markersize=3.5, linewidth=1.2,
                  linestyle=_LINES[(number // len(MARKERS) if marked else number) % len(_LINES)],
                  marker=MARKERS[number % len(MARKERS)] if marked else None)
    axes.set_xlabel(name, fontsize=8)
    axes.set_ylabel(f"score on {short_label(value)}" if is_score else VALUES[value], fontsize=8)
    axes.set_xlim(left=0)
    if value in ("alpha", "words_per_second"):
        top = axes.dataLim.y1
        axes.set_ylim(-0.03 * top, 1.06 * top or 1)
    plain_axes(axes, grid="both")
    if key == "epoch":
        axes.locator_params(axis="x", integer=True)
    if legend and len(runs) > 1:
        axes_legend(axes)


def _rows(run: Mapping[str, Any], value: str) -> list[tuple[Mapping[str, Any], float | None]]:
    """Return points or scores of a run, each with its value."""
    if value in VALUES:
        return [(point, point[value]) for point in run["points"]]
    return [(one, one["scores"].get(value)) for one in run["scores"]]


def _horizontal(runs: Sequence[Mapping[str, Any]], by: str) -> tuple[str, float, str]:
    """Return the value on the horizontal axis, its unit, and the name of the axis."""
    key, units = ("words_done", _WORDS) if by == "words" else ("seconds", _TIMES)
    longest = max(point[key] for run in runs for point in run["points"])
    return key, *next((one for one in units if longest >= 1.5 * one[0]), units[-1])


def _check(by: str) -> None:
    if by not in BY:
        raise ValueError(f"by={by!r}: it must be one of {', '.join(BY)}")
