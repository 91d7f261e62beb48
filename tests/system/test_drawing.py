"""Rows of pictures: texts that do not overlap and are not cut, words of any text, given axes, numbers that are unknown.
"""

from __future__ import annotations

import math
import sys
import warnings

import pytest
from helpers.drawn import cut, line, overlapping, row_names, segments

from w2v.errors import W2VError
from w2v.system import drawing
from w2v.system.figures import new_axes


@pytest.fixture
def with_matplotlib() -> None:
    pytest.importorskip("matplotlib")


@pytest.mark.usefixtures("with_matplotlib")
@pytest.mark.parametrize("rows", [1, 2, 20, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.parametrize("lines", [1, 3])
def test_no_texts_overlap_or_are_cut(rows: int, lines: int) -> None:
    names = ["\n".join(["gypjq" * 6] * lines) for _ in range(rows)]
    axes = drawing.rows_axes(None, [drawing.name_of(name) if lines == 1 else name for name in names], "title", "axis",
                             lines)
    drawing.points(axes, [float(row) for row in range(rows)], "value")
    drawing.chance_line(axes, 0.5, "chance")
    drawing.side_notes(axes, [f"z {row}" for row in range(rows)])
    assert overlapping(drawing.finish(axes)) == [] and cut(axes) == []


@pytest.mark.usefixtures("with_matplotlib")
@pytest.mark.parametrize("word", ["$x^2$", "$\\frac{", "a\nb\tc", "<b>&amp;", "x" * 500, "", "\udcff", "\x1b[31m",
                                  "_name"])
def test_words_are_text_of_one_line(word: str) -> None:
    axes = drawing.rows_axes(None, [drawing.name_of(word)] * 2, "title", "axis")
    drawing.points(axes, [1.0, 2.0], "value")
    assert overlapping(drawing.finish(axes)) == [] and cut(axes) == []
    assert len(row_names(axes)[0]) <= drawing.LONGEST + 4 and "\n" not in row_names(axes)[0]


@pytest.mark.usefixtures("with_matplotlib")
def test_characters_without_a_font_are_named() -> None:
    with pytest.warns(UserWarning, match="no font on this machine has 1 of the characters"):
        drawing.rows_axes(None, ["\U000f1234"], "title", "axis")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing.rows_axes(None, ["naïve", "слово"], "title", "axis")


@pytest.mark.usefixtures("with_matplotlib")
@pytest.mark.parametrize("unknown", [None, math.nan])
def test_unknown_numbers_are_left_out(unknown: float | None) -> None:
    axes = drawing.rows_axes(None, ["a", "b", "c"], "title", "axis")
    drawing.intervals(axes, [{"interval": [1.0, 2.0]}, {"interval": None}, {"interval": [unknown, unknown]}],
                      "interval")
    drawing.points(axes, [1.5, unknown, 2.5], "value")
    drawing.expected_points(axes, [unknown] * 3, "expected")
    drawing.chance_line(axes, unknown, "chance")
    assert segments(axes, "interval") == [[[1.0, 0.0], [2.0, 0.0]]]
    x, y = line(axes, "value")
    assert x[::2] == [1.5, 2.5] and math.isnan(x[1]) and y == [0, 1, 2] and len(axes.lines) == 1


@pytest.mark.usefixtures("with_matplotlib")
def test_given_axes_are_used_and_none_makes_a_figure_as_high_as_the_rows_need() -> None:
    given = new_axes(3.0)
    assert drawing.rows_axes(given, ["a"], "title", "axis") is given and given.figure.get_figheight() == 3.0
    few, many = (drawing.rows_axes(None, ["a"] * n, "title", "axis").figure.get_figheight() for n in (2, 30))
    assert 1.5 < few < many - 4


def test_no_rows_are_an_error() -> None:
    with pytest.raises(W2VError, match="nothing to draw: no word moved"):
        drawing.rows_axes(None, [], "no word moved", "axis")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(W2VError, match=r"w2v\[plot\]"):
        drawing.rows_axes(None, ["a"], "title", "axis")
