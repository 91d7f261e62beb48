"""Picture of a `Stability`: the overlap of neighbours by frequency with intervals, and its deciles over the words.

Place in the data flow: plain values of a `Stability` -> matplotlib's axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2v.analysis import drawing
from w2v.system.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]


def draw(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the overlap of each frequency band and of all words, and below them the deciles; of given words the overlap
    of each, the least stable first.

    Parameters
    ----------
    values : of `Stability.to_dict`, or of a file of `w2v stability --json`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : no word was measured, or matplotlib is not installed.
    """
    axis = f"overlap of the {values['topn']} nearest neighbours in two runs (0 to 1)"
    mean = {"name": "all words", **values["overlap"]}
    given, runs, measured = values["words_given"], values["runs"], values["words_measured"]
    if given:
        words = sorted(values["per_word"], key=lambda one: (one["overlap"], one["word"]))[:drawing.SHOWN]
        rows = [{"name": drawing.name_of(one["word"]), "value": one["overlap"]} for one in words] + [mean]
        title = f"Agreement of {runs} runs: {len(words):,} of {measured:,} given words"
    else:
        rows = [{"name": drawing.name_of(one["band"]), **one["overlap"]} for one in values["by_band"]] + [mean]
        title = f"Agreement of {runs} runs: {measured:,} of {values['words']:,} words"
    names = [*(row["name"] for row in rows), *([] if given else ["deciles"])]
    drawn = drawing.rows_axes(axes, names, title, axis)
    drawing.points(drawn, [row["value"] for row in rows], "mean over pairs of runs, and over words of a group")
    drawing.intervals(drawn, rows, "95 % interval over words")
    drawing.chance_line(drawn, values["overlap"].get("chance"), "by chance: neighbours drawn at random")
    if not given:
        drawn.plot(values["deciles"][1:10], [len(rows)] * 9, "|", color=COLOURS[4], markersize=11, markeredgewidth=2,
                   label="deciles: 10 %, 20 %, ..., 90 % of the words are at or below the mark")
    drawn.set_xlim(-0.02, 1.02)
    return drawing.finish(drawn)
