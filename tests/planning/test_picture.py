"""Picture of a plan: the size of the vocabulary by min_count, with bounds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.drawn import line, problems, row_names, segments

import w2v
from w2v.errors import W2VError
from w2v.planning import speed
from w2v.planning.picture import draw
from w2v.system.figures import new_axes
from w2v.system.plain import plain


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> w2v.Plan:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(speed, "RUN_SECONDS", 0.001)
    path = tmp_path / "text.txt"
    path.write_text("".join(f"{' '.join(f'w{i % (1 + j)}' for i in range(j))}\n" for j in range(2, 200)))
    return w2v.plan(path, min_count=10)


def test_points_are_the_sizes_and_the_given_one_is_filled(found: w2v.Plan) -> None:
    axes = found.plot()
    sizes = {least: one.expected for least, one in found.vocabulary.items() if one.high}
    assert row_names(axes) == [f"min_count {least}" for least in sizes]
    assert line(axes, "as given") == ([sizes[10]], [list(sizes).index(10)])
    assert line(axes, "other values")[0] == [size for least, size in sizes.items() if least != 10]
    assert not axes.collections and axes.get_xscale() == "log" and problems(axes.figure) == []  # exact: no bounds


def test_bounds_are_intervals_and_json_draws_the_same(found: w2v.Plan) -> None:
    values = json.loads(json.dumps(plain(found.to_dict())))
    values["vocabulary"]["1"] |= {"low": 0.0, "high": 300.0}
    values["config"]["max_vocab"] = 50
    axes = new_axes()
    assert draw(values, axes) is axes
    assert segments(axes, "bounds") == [[[0.5, 0.0], [300.0, 0.0]]] and line(axes, "max_vocab")[0] == [50, 50]


def test_no_words_are_an_error(found: w2v.Plan) -> None:
    values = plain(found.to_dict())
    values["vocabulary"] = {"1": {"expected": 0, "low": 0, "high": 0}}
    with pytest.raises(W2VError, match="nothing to draw: no words"):
        draw(values)
