"""Picture of a `Reduction`: neighbours and variance that the first numbers of the new vectors keep.

Place in the data flow: plain values of a `Reduction` -> matplotlib's axes.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from w2v.errors import W2VError
from w2v.system import drawing
from w2v.system.figures import COLOURS, GREY, name_axes, new_axes, plain_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]


def draw(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the share of neighbours that stay the same by number of dimensions, with intervals, and the share of
    variance of the first components, with that of random vectors.

    Parameters
    ----------
    values : of `Reduction.to_dict`, or of a file of `w2v reduce --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : neither was measured, or matplotlib is not installed.
    """
    near = [(one["dim"], one["neighbours"]) for one in values["prefixes"] if one["neighbours"] is not None]
    components = values["components"]
    if not near and components is None:
        raise W2VError("there is nothing to draw: neither neighbours nor components were measured")
    drawn: Axes = new_axes(4.5) if axes is None else axes
    plain_axes(drawn, grid="both")
    if near:
        _neighbours(drawn, values, near)
    if components is not None:
        kept = slice(values["removed"], values["removed"] + values["dim"])
        for name, colour, style, label in (("shares", COLOURS[4], "-", "variance of the old vectors"),
                                           ("chance", GREY, ":", "variance by chance: of random vectors")):
            sums = [100 * share for share in accumulate(components[name][kept])]
            drawn.plot(range(1, len(sums) + 1), sums, style, color=colour, linewidth=1.5, label=label)
    drawn.set_xlim(0, 1.02 * values["dim"])
    drawn.set_ylim(-2, 103)
    name_axes(drawn, f"What the first numbers of the new vectors keep ({values['method']}, {values['old_dim']} "
              f"to {values['dim']} dimensions, {values['words']:,} words)", "numbers of the new vectors", "share (%)")
    return drawing.finish(drawn)


def _neighbours(axes: Axes, values: drawing.Values, near: list[tuple[int, drawing.Values]]) -> None:
    """Draw the share of neighbours that stay the same."""
    axes.plot([dim for dim, _ in near], [_percent(one["value"]) for _, one in near], "o-", color=COLOURS[0],
              markersize=3, label=f"neighbours kept: share of the {values['topn']} nearest words that stay the same, "
              f"over {values['queries']:,} words")
    ends = [(dim, one["interval"]) for dim, one in near if one["interval"] is not None]
    axes.vlines([dim for dim, _ in ends], [_percent(low) for _, (low, _) in ends],
                [_percent(high) for _, (_, high) in ends], color=COLOURS[0], linewidth=3, alpha=0.5,
                label="95 % interval over words")
    axes.axhline(_percent(near[-1][1].get("chance")), color=GREY, linestyle="--", linewidth=1.2,
                 label="neighbours kept by chance: drawn at random")


def _percent(value: float | None) -> float:
    return 100 * drawing.known(value)
