"""Pictures of a `Stability`: the overlap of neighbours by frequency with intervals, and its deciles over the words; and
of a `NeighborsInRuns`: the neighbours of one word.

Place in the data flow: plain values of the result -> matplotlib's axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2v.errors import W2VError
from w2v.system import drawing
from w2v.system.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

MOST_WORDS = 8
"""Words whose neighbours are drawn on one figure."""


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


def draw_neighbors(values: drawing.Values, axes: Axes | None = None) -> Axes:
    """Draw the mean cosine of each neighbour, and its lowest and highest; those of all runs are filled.

    Parameters
    ----------
    values : of `NeighborsInRuns.to_dict`.
    axes : where to draw; None makes a figure.

    Raises
    ------
    W2VError : there are no neighbours, or matplotlib is not installed.
    """
    runs, shown = values["runs"], values["neighbors"][:drawing.SHOWN]
    drawn = drawing.rows_axes(
        axes, [drawing.name_of(one["word"]) for one in shown],
        f"The {values['topn']} nearest words in each of {runs} runs: {len(shown):,} of {values['found']:,}"
        if shown else "there are no neighbours",
        f"cosine with {drawing.name_of(values['word'])}")
    filled = [row for row, one in enumerate(shown) if one["runs"] == runs]
    hollow = [row for row, one in enumerate(shown) if one["runs"] < runs]
    for rows, name in ((filled, f"neighbour in all {runs} runs"), (hollow, "neighbour in some of the runs")):
        if rows:
            drawing.points(drawn, [shown[row]["cosine"] for row in rows], f"{name}: mean over all runs", rows,
                           filled=rows is filled)
    drawing.intervals(drawn, [{"interval": (one["lowest"], one["highest"])} for one in shown],
                      "lowest to highest cosine of all runs")
    drawing.side_notes(drawn, [f"{one['runs']} of {runs}" for one in shown])
    drawing.explain(drawn, f"right: runs; by chance a word is a neighbour in {100 * values['chance']:.2g} % of them")
    return drawing.finish(drawn)


def draw_neighbors_of_words(values: drawing.Values) -> Axes:
    """Draw the neighbours of each word on one figure.

    Parameters
    ----------
    values : of a file of `w2v neighbors --runs --json`.

    Raises
    ------
    W2VError : there are no words, or more than `MOST_WORDS`, or matplotlib is not installed.
    """
    words = list(values["neighbors"].values())
    if not 0 < len(words) <= MOST_WORDS:
        raise W2VError(f"the neighbours of {len(words):,} words do not go on one figure: give 1 to {MOST_WORDS} words")
    return drawing.draw_parts({one["word"]: _of_word(one) for one in words}, values)


def _of_word(neighbors: drawing.Values) -> drawing.Part:
    rows = min(len(neighbors["neighbors"]), drawing.SHOWN)
    return drawing.Part(lambda _: drawing.rows_height(rows) if rows else 0,
                        lambda _, axes: draw_neighbors(neighbors, axes))
