"""Picture of a difference: its numbers are those of the words that moved most."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers.drawn import cut, drawn_labels, line, overlapping, problems, row_names, segments
from helpers.moved_spaces import clustered, one_run, with_moves

import w2v
from w2v.analysis.differences.drift import Drift, Moved
from w2v.analysis.differences.picture import draw, draw_drift
from w2v.errors import W2VError
from w2v.system.figures import new_axes
from w2v.system.plain import plain

MEANINGS = clustered(600, 10)
OLD, NEW = one_run(MEANINGS, 1), one_run(with_moves(MEANINGS, list(range(50, 500, 20))), 2)


@pytest.fixture(scope="module")
def found() -> w2v.Difference:
    pytest.importorskip("matplotlib")
    return w2v.diff(OLD, NEW, 20)


def test_points_are_the_cosines_with_the_expected_ones(found: w2v.Difference) -> None:
    axes = found.plot()
    assert len(found.moved) == 20
    assert line(axes, "word")[0] == [one.cosine for one in found.moved]
    assert line(axes, "expected: median")[0] == [one.expected_cosine for one in found.moved]
    assert line(axes, "by chance")[0][0] == found.all_words.cosine.chance
    assert row_names(axes) == [f"{one.word} ({one.rank:,})" for one in found.moved]
    assert [one.get_text() for one in axes.texts] == [f"z {one.z:.1f}" for one in found.moved]
    assert [one[0][0] for one in segments(axes, "_")] == [one.cosine for one in found.moved]
    assert len(axes.lines) == 4 and len(axes.collections) == 1 and not axes.patches, drawn_labels(axes)
    assert "20 of 600" in axes.get_title("left") and overlapping(axes) == [] and cut(axes) == []


@pytest.mark.parametrize("by", ["neighbors", "unknown cosine"])
def test_words_ranked_by_neighbours_show_these(found: w2v.Difference, by: str) -> None:
    values: dict[str, Any] = w2v.diff(OLD, NEW, 5, by="neighbors").to_dict()
    if by != "neighbors":
        values |= {"by": "both", "moved": [one | {"cosine": None} for one in values["moved"]]}
    axes = draw(values)
    assert line(axes, "word")[0] == [one["overlap"] for one in values["moved"]]
    assert line(axes, "by chance")[0][0] == values["all_words"]["overlap"]["chance"]
    assert axes.get_xlabel().startswith("share of the 10 nearest")


def test_runs_have_q_and_are_what_is_expected(found: w2v.Difference) -> None:
    compared = w2v.diff(OLD, NEW, 5, runs=[one_run(MEANINGS, 3)], new_runs=[one_run(with_moves(
        MEANINGS, list(range(50, 500, 20))), 4)])
    axes = compared.plot()
    assert line(axes, "expected: mean between runs")[0] == [one.expected_cosine for one in compared.moved]
    assert all(", q " in one.get_text() for one in axes.texts) and cut(axes) == []


def test_json_draws_the_same_on_given_axes(found: w2v.Difference) -> None:
    axes = new_axes()
    assert draw(json.loads(json.dumps(plain(found.to_dict()))), axes) is axes
    assert line(axes, "word") == line(found.plot(), "word")


def test_no_moved_word_is_an_error(found: w2v.Difference) -> None:
    with pytest.raises(W2VError, match="no word moved"):
        draw(found.to_dict() | {"moved": []})


def test_drift_shows_the_words_that_moved_and_the_mean() -> None:
    pytest.importorskip("matplotlib")
    found = Drift(1000, 0.75, 0.123, (Moved("a", 0.1), Moved("b", 0.4)))
    axes = found.plot()
    assert line(axes, "word") == ([0.1, 0.4], [0, 1]) and row_names(axes) == ["a", "b"]
    assert line(axes, "mean of all words")[0] == [0.75, 0.75] and "2 of 1,000" in axes.get_title("left")
    assert any(one.get_label() == "12 % of the words have a cosine below 0.5" for one in axes.lines)
    given = new_axes()
    assert draw_drift(json.loads(json.dumps(plain(found.to_dict()))), given) is given
    assert line(given, "word") == line(axes, "word") and problems(axes.figure) == []
    with pytest.raises(W2VError, match="nothing to draw: no word is named"):
        Drift(0, float("nan"), 0.0, ()).plot()
