"""Picture of a `Why`: what single contexts contribute to the similarity of two words.

Place in the data flow: plain values of a `Why` -> matplotlib's axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2v.system import drawing
from w2v.system.figures import COLOURS, HATCHES
from w2v.system.text_table import p_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

_SHOWN = {"contexts": drawing.SHOWN // 2, "only_a": drawing.SHOWN // 4, "only_b": drawing.SHOWN // 4}
_LONGEST = 16  # columns of each of the two words in the title and in the legend


def draw(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw a bar for each context: those of both words, and those of one against the other, each with its mean over
    random pairs.

    Parameters
    ----------
    values : of `Why.to_dict`, or of a file of `w2v why --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : there are no contexts, or matplotlib is not installed.
    """
    a, b = (drawing.name_of(values[name], _LONGEST) for name in "ab")
    names = {"contexts": f"contexts of both {a} and {b}", "only_a": f"contexts of {a}, against {b}",
             "only_b": f"contexts of {b}, against {a}"}
    groups = {name: values[name][:most] for name, most in _SHOWN.items()}
    shown = [one for group in groups.values() for one in group]
    correlation = values["correlation"]
    chance = "" if correlation.get("chance") is None else f", by chance {correlation['chance']:.3f}"
    drawn = drawing.rows_axes(
        axes, [drawing.name_of(one["word"]) for one in shown],
        f"{a} and {b}: correlation of the contexts {drawing.known(correlation['value']):.3f}{chance}" if shown else
        "no context of both words or of one", f"contribution to the correlation; those of all {values['n_contexts']:,} "
        "contexts sum to it")
    first = 0
    for number, (name, group) in enumerate(groups.items()):
        if group:
            drawn.barh(range(first, first + len(group)), [one["contribution"] for one in group], height=0.7,
                       color=COLOURS[number], hatch=HATCHES[number], edgecolor="white", linewidth=0,
                       label=names[name], zorder=1)
        first += len(group)
    drawing.expected_points(drawn, [one.get("chance") for one in shown], "by chance: mean of "
                            f"{values['pairs']:,} random pairs of words of similar frequency", colour="black")
    drawn.axvline(0, color="black", linewidth=0.8)
    if values["pairs"]:
        drawing.side_notes(drawn, ["" if one["p"] is None else _p(one["p"]) for one in shown])
        drawing.explain(drawn, "p: share of random pairs with at least this much (against: as little)")
    return drawing.finish(drawn)


def _p(value: float) -> str:
    text = p_text(value)
    return f"p {text}" if text.startswith("<") else f"p {value:.2g}"
