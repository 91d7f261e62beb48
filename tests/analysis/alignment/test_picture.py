"""Pictures of an alignment: precision with intervals and chance, and histograms of cosines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers.drawn import line, problems, row_names, segments
from helpers.rotated_spaces import clustered, random_rotation, vectors

import w2v
from w2v.analysis.alignment.picture import draw_all, draw_cosines, draw_precision
from w2v.errors import W2VError
from w2v.system.figures import new_axes
from w2v.system.plain import plain


@pytest.fixture(scope="module")
def found() -> w2v.Alignment[Any]:
    pytest.importorskip("matplotlib")
    b = vectors(clustered(300, 10, 1))
    return w2v.align(vectors(b.vectors @ random_rotation(10, 1)), b, draws=100)


def test_precision_is_a_point_with_interval_and_chance(found: w2v.Alignment[Any]) -> None:
    axes = found.plot()
    shares = [one.share for one in found.precision]
    assert line(axes, "share of the held-out words") == ([one.value for one in shares], [0, 1, 2, 3])
    assert [(low[0], high[0]) for low, high in segments(axes, "95 %")] == [one.interval for one in shares]
    assert line(axes, "by chance")[0] == [one.chance for one in shares]
    names = {"csls": "CSLS", "cosine": "cosine"}
    assert row_names(axes) == [f"precision@{one.topn}, {names[one.method]}" for one in found.precision]
    assert len(axes.lines) == 2 and len(axes.collections) == 1 and problems(axes.figure) == []


def test_cosines_are_three_histograms(found: w2v.Alignment[Any]) -> None:
    axes = found.plot(part="cosines")
    after, before, chance = axes.patches
    data = found.histogram
    for bars, counts in ((after, data.after), (before, data.before), (chance, data.chance)):
        assert tuple(bars.get_data().values) == counts and tuple(bars.get_data().edges) == data.edges
    assert chance.get_label().startswith(f"by chance: shuffled pairs, mean of {found.shuffles} fits")
    assert not axes.lines and problems(axes.figure) == []


def test_json_draws_both_and_the_old_cosines_may_be_missing(found: w2v.Alignment[Any]) -> None:
    values = json.loads(json.dumps(plain(found.to_dict())))
    values["histogram"]["before"] = None
    first, second = draw_all(values).figure.axes
    assert line(first, "share")[0] == [one.share.value for one in found.precision] and len(second.patches) == 2
    axes = new_axes()
    assert draw_cosines(values, axes) is axes


def test_no_held_out_word_and_another_part_are_errors(found: w2v.Alignment[Any]) -> None:
    values = found.to_dict()
    values |= {"held_out": 0, "histogram": values["histogram"] | {"after": [0] * 10}}
    for draw in (draw_precision, draw_cosines, draw_all):
        with pytest.raises(W2VError, match="nothing to draw: no word was held out"):
            draw(values)
    with pytest.raises(ValueError, match="part='recall': it must be one of precision, cosines"):
        found.plot(part="recall")
