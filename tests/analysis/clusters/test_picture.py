"""Picture of clusters: silhouettes with intervals, sizes, and the value by chance."""

from __future__ import annotations

import json

import pytest
from helpers.drawn import cut, line, overlapping, problems, row_names, segments
from helpers.moved_spaces import clustered, one_run

import w2v
from w2v.analysis.clusters.picture import draw as draw_all
from w2v.analysis.clusters.picture import draw_clusters as draw
from w2v.errors import W2VError
from w2v.system.figures import new_axes
from w2v.system.plain import plain

KV = one_run(clustered(400, 10), 1)


@pytest.mark.parametrize("k", [2, 12])
def test_silhouettes_have_intervals_and_sizes(k: int) -> None:
    pytest.importorskip("matplotlib")
    found = w2v.cluster(KV, k)
    axes = found.plot()
    silhouettes = [one.silhouette for one in found.clusters]
    assert line(axes, "cluster")[0] == [one.value for one in silhouettes]
    assert [(low[0], high[0]) for low, high in segments(axes, "95 %")] == [one.interval for one in silhouettes]
    assert line(axes, "mean of all words")[0][0] == found.silhouette.value
    assert line(axes, "by chance")[0][0] == found.silhouette.chance
    assert [one.get_text() for one in axes.texts] == [f"{one.size:,} words" for one in found.clusters]
    assert row_names(axes)[0] == ", ".join(word for word, _ in found.clusters[0].nearest[:3])
    assert len(axes.lines) == 3 and len(axes.collections) == 1 and not axes.patches
    assert overlapping(axes) == [] and cut(axes) == []


def test_one_cluster_shows_its_cosine_and_json_the_same() -> None:
    pytest.importorskip("matplotlib")
    found, axes = w2v.cluster(KV, 1), new_axes()
    assert draw(json.loads(json.dumps(plain(found.to_dict()))), axes) is axes
    assert line(axes, "cluster")[0] == [found.clusters[0].cosine.value] and "cosine" in axes.get_xlabel()


def test_numbers_that_were_tried_have_intervals_and_chance() -> None:
    pytest.importorskip("matplotlib")
    found = w2v.cluster(KV, [2, 4, 20])
    axes = found.plot(part="tried")
    silhouettes = [one.silhouette for one in found.tried]
    assert line(axes, "mean silhouette") == ([one.value for one in silhouettes], [2, 4, 20])[::-1]
    assert [(low[1], high[1]) for low, high in segments(axes, "95 %")] == [one.interval for one in silhouettes]
    assert line(axes, "by chance") == ([2, 4, 20], [one.chance for one in silhouettes])
    assert line(axes, f"chosen: {found.k}, the farthest above chance")[0] == [found.k] * 2
    assert problems(axes.figure) == []
    both = draw_all(json.loads(json.dumps(plain(found.to_dict())))).figure
    assert len(both.axes) == 2 and line(both.axes[1], "mean silhouette") == line(axes, "mean silhouette")


def test_without_chance_the_highest_is_chosen_and_a_given_number_is_an_error() -> None:
    pytest.importorskip("matplotlib")
    axes = w2v.cluster(KV, [2, 4], chance=False).plot(part="tried")
    assert len(axes.lines) == 2 and "the highest" in axes.lines[1].get_label()
    given = w2v.cluster(KV, 4)
    assert len(draw_all(given.to_dict()).figure.axes) == 1
    with pytest.raises(W2VError, match="the number of clusters was given"):
        given.plot(part="tried")
    with pytest.raises(ValueError, match="part='k': it must be one of clusters, tried"):
        given.plot(part="k")
