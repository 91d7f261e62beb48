"""Pictures of comparisons and of spreads over runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers.drawn import line, problems, row_names, segments
from helpers.pictures import RESULTS

from w2v.errors import W2VError
from w2v.evaluation.comparison import Comparison, Comparisons, Spread, Spreads
from w2v.evaluation.picture import draw_comparisons, draw_spreads
from w2v.system.figures import new_axes
from w2v.system.plain import plain


@pytest.fixture(autouse=True)
def matplotlib() -> None:
    pytest.importorskip("matplotlib")


def comparisons(n: int, seconds: int = 1) -> Comparisons:
    values = RESULTS["comparisons"](lambda i: f"w{i}", n)["comparisons"]
    return Comparisons(Comparison(**{key: value for key, value in one.items() if key != "noise"}
                                  | {"second_file": f"folder/s{i % seconds}"}) for i, one in enumerate(values))


@pytest.mark.parametrize("n, seconds", [(1, 1), (4, 1), (6, 3)])
def test_differences_have_intervals_and_are_filled_if_significant(n: int, seconds: int) -> None:
    found = comparisons(n, seconds)
    axes = found.plot()
    significant = [(one.difference, row) for row, one in enumerate(found) if not one.noise]
    assert list(zip(*line(axes, "p below 0.05"), strict=True)) == significant
    if n > 1:
        assert line(axes, "p not below 0.05")[1] == [row for row, one in enumerate(found) if one.noise]
    assert [[low[0], high[0]] for low, high in segments(axes, "95 %")] == [list(one.interval) for one in found]
    names = [f"w{i}, Spearman" + (f"\ns{i % seconds}" if seconds > 1 else "") for i in range(n)]
    assert row_names(axes) == names and line(axes, "0: no difference")[0] == [0, 0]
    assert [one.get_text() for one in axes.texts] == [f"{one.first:.3f} to {one.second:.3f}" for one in found]
    assert axes.get_title("left") == ("Differences from w0.safetensors" if seconds > 1 else
                                      "From w0.safetensors to s0")
    assert problems(axes.figure) == []


def spreads(*values: tuple[float, ...]) -> Spreads:
    found = [(own, sum(own) / len(own)) for own in values]
    return Spreads(Spread(f"set{i}", "3cosadd", own, mean, 0.25 if len(own) > 1 else None)
                   for i, (own, mean) in enumerate(found))


def test_runs_are_points_about_their_mean_with_the_deviation() -> None:
    axes = spreads((0.5, 0.75), (0.25, 0.75)).plot()
    assert line(axes, "run 1") == ([-0.125, -0.25], [0, 1]) and line(axes, "run 2") == ([0.125, 0.25], [0, 1])
    assert axes.lines[0].get_marker() != axes.lines[1].get_marker()
    assert segments(axes, "mean +- standard") == [[[-0.25, row], [0.25, row]] for row in (0, 1)]
    assert [one.get_text() for one in axes.texts] == ["mean 0.6250", "mean 0.5000"]
    assert "2 measures of 2 runs" in axes.get_title("left") and problems(axes.figure) == []


def test_many_runs_share_a_line_of_the_legend_and_one_has_no_deviation() -> None:
    axes = spreads(tuple(i / 100 for i in range(20))).plot()
    assert line(axes, "a run, of 20")[0] == [pytest.approx(-0.095)] and len(axes.lines) == 21
    assert len(axes.get_legend().get_texts()) == 2 and problems(axes.figure) == []
    assert not spreads((0.5,)).plot().collections


@pytest.mark.parametrize("made, draw", [(lambda: comparisons(3), draw_comparisons),
                                        (lambda: spreads((0.5, 0.75)), draw_spreads)])
def test_json_and_single_results_draw_the_same_on_given_axes(made: Any, draw: Any) -> None:
    found, axes = made(), new_axes()
    assert draw(json.loads(json.dumps(plain(found.to_dict()))), axes) is axes
    one = found[0].plot()
    assert line(one, axes.lines[0].get_label())[0][0] == axes.lines[0].get_xdata()[0] and len(row_names(one)) == 1


def test_long_names_of_sets_are_cut_and_not_the_measure() -> None:
    found = spreads((0.5, 0.75))
    axes = draw_spreads({"spread": [found[0].to_dict() | {"set": "x" * 100}]})
    assert row_names(axes) == ["x" * 24 + "..., 3cosadd"]


@pytest.mark.parametrize("empty, message", [(Comparisons(), "nothing was compared"),
                                            (Spreads(), "no measure that all runs have")])
def test_empty_results_are_an_error(empty: Any, message: str) -> None:
    with pytest.raises(W2VError, match=f"nothing to draw: {message}"):
        empty.plot()
