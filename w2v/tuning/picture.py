"""Picture of a `TuneResult`: how much each setting matters.

Place in the data flow: plain values of a `TuneResult` -> matplotlib's axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2v.system import drawing
from w2v.tuning.trial import share_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]


def draw(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the share of variance that each setting explains, the share by chance, and its best values.

    Parameters
    ----------
    values : of `TuneResult.to_dict`, of a file of `w2v tune --json`, or of the end of a state file.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : there are too few trials for it, or matplotlib is not installed.
    """
    found = values["importance"]
    metric = drawing.name_of(", ".join(values["metric"]), 30)
    first = sum(group["trials"] for one in found[:1] for group in one["groups"])
    drawn = drawing.rows_axes(
        axes, [drawing.name_of(one["name"]) for one in found],
        f"What matters for {metric}" if found else "too few configurations to say what matters",
        "share of the variance of the scores")
    drawing.points(drawn, [one["share"] for one in found], "explained by the setting alone")
    drawing.expected_points(drawn, [one["chance"] for one in found], "by chance")
    drawing.side_notes(drawn, [f"best: {drawing.name_of(_best(one), 20)}" for one in found])
    drawing.explain(drawn, f"{first:,} random configurations on {share_name(values['shares'][0])} of the lines")
    drawn.set_xlim(left=0)
    return drawing.finish(drawn)


def _best(one: drawing.Values) -> str:
    best: str = max(one["groups"], key=lambda group: group["mean"])["values"]
    return best
