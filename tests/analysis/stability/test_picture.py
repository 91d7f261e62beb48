"""Picture of stability: overlap of the bands and of all words, intervals, chance and deciles."""

from __future__ import annotations

import json

import pytest
from helpers.drawn import cut, line, overlapping, problems, row_names, segments
from helpers.moved_spaces import clustered, one_run

import w2v
from w2v.analysis.stability.picture import draw, draw_neighbors, draw_neighbors_of_words
from w2v.errors import W2VError
from w2v.system.figures import new_axes
from w2v.system.plain import plain

RUNS = [one_run(clustered(600, 10), seed, 0.3, 2.0) for seed in (1, 2, 3)]


@pytest.fixture(scope="module")
def found() -> w2v.Stability:
    pytest.importorskip("matplotlib")
    return w2v.stability(RUNS)


def test_points_intervals_and_deciles_are_the_values(found: w2v.Stability) -> None:
    axes = found.plot()
    rows = [*(one.overlap for one in found.by_band), found.overlap]
    assert line(axes, "mean")[0] == [one.value for one in rows]
    assert [(low[0], high[0]) for low, high in segments(axes, "95 % interval")] == [one.interval for one in rows]
    assert line(axes, "deciles")[0] == list(found.deciles[1:10])
    assert line(axes, "by chance")[0][0] == found.overlap.chance
    assert row_names(axes) == [*(one.band for one in found.by_band), "all words", "deciles"]
    assert len(axes.lines) == 3 and len(axes.collections) == 1 and not axes.patches and not axes.texts
    assert overlapping(axes) == [] and cut(axes) == []


def test_given_words_are_drawn_least_stable_first(found: w2v.Stability) -> None:
    given = w2v.stability(RUNS, words=["w3", "w400", "w599", "w0"])
    axes = given.plot()
    assert line(axes, "mean")[0] == [*sorted(one.overlap for one in given.per_word), given.overlap.value]
    assert row_names(axes)[-1] == "all words" and len(row_names(axes)) == 5 and len(axes.lines) == 2


def test_json_draws_the_same_on_given_axes(found: w2v.Stability) -> None:
    axes = new_axes()
    assert draw(json.loads(json.dumps(plain(found.to_dict()))), axes) is axes
    assert line(axes, "mean") == line(found.plot(), "mean")


def test_neighbours_are_points_with_the_range_of_the_runs(found: w2v.Stability) -> None:
    near = w2v.neighbors_in_runs(RUNS, "w1")
    axes = near.plot()
    cosines = [(one.cosine, row) for row, one in enumerate(near.neighbors)]
    assert row_names(axes) == [one.word for one in near.neighbors]
    for label, shown in (("neighbour in all 3 runs", True), ("neighbour in some", False)):
        rows = [pair for pair, one in zip(cosines, near.neighbors, strict=True) if (one.runs == 3) == shown]
        assert rows and list(zip(*line(axes, label), strict=True)) == rows
    assert [(low[0], high[0]) for low, high in segments(axes, "lowest to highest")] == [
        (one.lowest, one.highest) for one in near.neighbors]
    assert [one.get_text() for one in axes.texts] == [f"{one.runs} of 3" for one in near.neighbors]
    assert f"10 of {near.found}" in axes.get_title("left") and problems(axes.figure) == []


def test_neighbours_of_words_share_a_figure(found: w2v.Stability) -> None:
    both = {word: plain(w2v.neighbors_in_runs(RUNS, word, 4).to_dict()) for word in ("w1", "w2")}
    figure = draw_neighbors_of_words(json.loads(json.dumps({"neighbors": both}))).figure
    assert [row_names(axes) for axes in figure.axes] == [[one["word"] for one in near["neighbors"]]
                                                         for near in both.values()]
    for words in ({}, {f"w{i}": both["w1"] for i in range(9)}):
        with pytest.raises(W2VError, match=f"neighbours of {len(words)} words do not go on one figure"):
            draw_neighbors_of_words({"neighbors": words})
    with pytest.raises(W2VError, match="nothing to draw: there are no neighbours"):
        draw_neighbors(both["w1"] | {"neighbors": []})
