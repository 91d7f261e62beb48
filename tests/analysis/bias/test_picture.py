"""Pictures of association tests and of axes: points, intervals, significance and values by chance."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers import biased
from helpers.drawn import cut, line, overlapping, problems, row_names, segments
from helpers.evaluation import suite_vectors, write_suite

import w2v
from w2v.analysis.bias.indirect import REMAINING
from w2v.analysis.bias.picture import DEBIASED, draw_axis, draw_bias, draw_debiased
from w2v.analysis.bias.sets import BiasSet
from w2v.errors import W2VError
from w2v.system.figures import new_axes
from w2v.system.plain import plain

KV = biased.planted(0.5)


@pytest.fixture(scope="module")
def tests() -> dict[str, Any]:
    pytest.importorskip("matplotlib")
    values = w2v.bias(KV, biased.asked(8), draws=200, permutations=500).to_dict()
    [one] = values["tests"]
    weak = one | {"name": "weak $", "p_holm": 0.05, "effect": {"value": -0.2, "interval": [-1.0, 0.5], "p": 0.6}}
    return values | {"tests": [one, weak, one | {"name": "no interval", "effect": one["effect"] | {"interval": None}}]}


def test_effect_sizes_are_points_filled_if_significant(tests: dict[str, Any]) -> None:
    axes = draw_bias(tests)
    first, weak, last = (one["effect"] for one in tests["tests"])
    assert line(axes, "p below 0.05 after Holm") == ([first["value"], last["value"]], [0, 2])
    assert line(axes, "p not below 0.05 after Holm") == ([-0.2], [1])
    assert axes.lines[0].get_markerfacecolor() != axes.lines[1].get_markerfacecolor() == "white"
    assert segments(axes, "95 %") == [[[first["interval"][0], 0], [first["interval"][1], 0]], [[-1.0, 1], [0.5, 1]]]
    assert line(axes, "0: no association")[0] == [0, 0]
    assert [name.split("\n")[0] for name in row_names(axes)] == [tests["tests"][0]["name"], r"weak \$", "no interval"]
    assert len(axes.lines) == 3 and len(axes.collections) == 1 and not axes.patches
    assert overlapping(axes) == [] and cut(axes) == []


def test_result_and_json_draw_the_same() -> None:
    pytest.importorskip("matplotlib")
    found = w2v.bias(KV, biased.asked(8), draws=200, permutations=500)
    axes = new_axes()
    assert draw_bias(json.loads(json.dumps(plain(found.to_dict()))), axes) is axes
    assert line(axes, "p below") == line(found.plot(), "p below") == ([found.tests[0].effect.value], [0])


@pytest.mark.parametrize("words", [None, ["a0", "b0", "x1"]])
def test_words_on_the_axis_have_intervals_and_chance(words: list[str] | None) -> None:
    pytest.importorskip("matplotlib")
    found = w2v.axis(KV, biased.words("y"), biased.words("x"), words, draws=200)
    axes = found.plot()
    ordered = sorted(found.words, key=lambda one: one.projection.value)
    assert row_names(axes) == [one.word for one in ordered]
    assert line(axes, "word")[0] == [one.projection.value for one in ordered]
    assert [(low[0], high[0]) for low, high in segments(axes, "95 %")] == [one.projection.interval for one in ordered]
    assert line(axes, "by chance")[0] == [one.projection.chance for one in ordered]
    assert "from y0, y1" in axes.get_xlabel() and "to x0, x1" in axes.get_xlabel()
    assert len(axes.lines) == 4 and len(axes.collections) == 1 and len(axes.texts) == len(ordered)
    assert ("most extreme" in axes.get_title("left")) == (words is None)
    assert overlapping(axes) == [] and cut(axes) == []


def test_long_names_of_the_ends_are_not_cut_off() -> None:
    pytest.importorskip("matplotlib")
    values = w2v.axis(KV, biased.words("y"), biased.words("x"), ["a0"], draws=0).to_dict()
    axes = draw_axis(values | {"start": ["WWWWWWWW"] * 20, "end": ["word " * 100]})
    assert cut(axes) == [] and not axes.collections


def test_unknown_words_only_are_an_error() -> None:
    pytest.importorskip("matplotlib")
    found = w2v.axis(KV, biased.words("y"), biased.words("x"), ["nowhere"], draws=0)
    with pytest.raises(W2VError, match="nothing to draw: no word is known"):
        found.plot()


@pytest.fixture(scope="module")
def debiased(tmp_path_factory: pytest.TempPathFactory) -> w2v.Debiased[Any]:
    pytest.importorskip("matplotlib")
    folder = write_suite(tmp_path_factory.mktemp("suite"))
    kv = suite_vectors()
    words = kv.index_to_key
    test = BiasSet("test", {"x": words[:3], "y": words[3:6]}, {"a": words[6:8], "b": words[8:10]})
    return w2v.debias(kv, [(words[0], words[3]), (words[1], words[4])], sets=test, suite=["men"], datasets=folder,
                      draws=200)


def test_bias_is_hollow_before_and_filled_after(debiased: w2v.Debiased[Any]) -> None:
    axes = debiased.plot()
    names = [name for name in REMAINING if getattr(debiased.before, name) is not None]
    before, after = ([getattr(one, name) for name in names] for one in (debiased.before, debiased.after))
    assert row_names(axes) == [REMAINING[name] for name in names]
    assert line(axes, "before")[0] == [one.value for one in before]
    assert line(axes, "after")[0] == [one.value for one in after]
    for label, shift in (("before", -0.17), ("after", 0.17)):
        assert line(axes, label)[1] == pytest.approx([row + shift for row in range(len(names))])
    assert axes.lines[0].get_markerfacecolor() == "white" != axes.lines[1].get_markerfacecolor()
    ends = [one.interval for one in (*before, *after) if one.interval]
    assert [(low[0], high[0]) for low, high in segments(axes, "95 %")] == ends
    assert line(axes, "by chance")[0] == [one.chance for one in before] and problems(axes.figure) == []


def test_tests_and_benchmarks_before_and_after(debiased: w2v.Debiased[Any]) -> None:
    axes = debiased.plot(part="tests")
    assert debiased.bias_before and debiased.bias_after
    for label, result in (("before", debiased.bias_before), ("after", debiased.bias_after)):
        assert line(axes, label)[0] == [one.effect.value for one in result.tests]
    assert axes.texts[0].get_text() == "\n".join(f"p {one.tests[0].p_holm:.4f}" for one in (
        debiased.bias_before, debiased.bias_after))
    cost = debiased.plot(part="benchmarks")
    assert [x for one in cost.lines if "p " in one.get_label() for x in one.get_xdata()] == [
        one.difference for one in debiased.benchmarks]
    assert cost.get_title("left") == "Benchmarks, after minus before"
    with pytest.raises(ValueError, match="part='cost': it must be one of remaining, tests, benchmarks"):
        debiased.plot(part="cost")


def test_json_of_debias_draws_what_there_is(debiased: w2v.Debiased[Any]) -> None:
    values = json.loads(json.dumps(plain(debiased.to_dict())))
    assert len(draw_debiased(values).figure.axes) == 3
    some = values | {"bias_before": None, "bias_after": None, "benchmarks": []}
    assert len(draw_debiased(some).figure.axes) == 1
    nothing = dict.fromkeys(REMAINING)
    for part, message in (("remaining", "no bias was measured"), ("tests", "no association tests"),
                          ("benchmarks", "nothing was compared")):
        with pytest.raises(W2VError, match=f"nothing to draw: {message}"):
            DEBIASED[part].draw(some | {"before": nothing, "after": nothing}, None)
