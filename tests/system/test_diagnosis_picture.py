"""Picture of a diagnosis: histograms of cosines with their null, and of the lengths of lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.drawn import cut, line, overlapping, problems, row_names

import w2v
from w2v.errors import W2VError
from w2v.system.diagnosis_picture import draw, draw_several
from w2v.system.figures import new_axes
from w2v.system.plain import plain


@pytest.fixture(scope="module")
def vectors() -> w2v.KeyedVectors:
    pytest.importorskip("matplotlib")
    rng = np.random.default_rng(1)
    return w2v.KeyedVectors([f"w{i}" for i in range(300)], (rng.normal(size=(300, 20)) + 0.3).astype(np.float32))


def test_bars_are_the_counts_and_the_line_is_the_null(vectors: w2v.KeyedVectors) -> None:
    found = w2v.doctor(vectors)
    axes, data = found.plot(), found["random pairs"].data
    bars, null = axes.patches
    assert bars.get_data().values.tolist() == data["counts"] and bars.get_data().edges.tolist() == data["edges"]
    assert null.get_data().values.tolist() == data["expected"] and null.get_data().edges.tolist() == data["edges"]
    assert bars.get_fill() and not null.get_fill() and null.get_label().startswith("by chance")
    assert not axes.lines and not axes.collections and not axes.texts
    assert f"{data['pairs']:,} random pairs" in axes.get_title("left") and axes.get_xlabel() == "cosine"
    assert overlapping(axes) == [] and cut(axes) == []


@pytest.mark.parametrize("lengths", [[1, 2, 3], [5] * 4, range(1, 300, 7)])
def test_corpus_shows_its_lines_on_a_log_axis(tmp_path: Path, lengths: list[int]) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "lines.txt"
    path.write_text("".join("word " * length + "\n" for length in lengths))
    found = w2v.doctor(path, kind="corpus")
    axes = found.plot()
    [bars] = axes.patches
    assert bars.get_data().values.tolist() == found["line lengths"].data["lines"] and axes.get_xscale() == "log"
    assert sum(bars.get_data().values) == len(lengths) and not axes.lines and axes.get_legend() is None
    assert overlapping(axes) == []


def test_json_draws_the_same_on_given_axes(vectors: w2v.KeyedVectors) -> None:
    found, axes = w2v.doctor(vectors), new_axes()
    assert draw(json.loads(json.dumps(plain(found.to_dict()))), axes) is axes
    assert axes.patches[0].get_data().values.tolist() == found["random pairs"].data["counts"]


def test_vectors_that_cannot_be_measured_are_an_error(vectors: w2v.KeyedVectors) -> None:
    broken = w2v.KeyedVectors(["a", "b"], np.full((2, 3), np.nan, np.float32))
    with pytest.raises(W2VError, match="nothing to draw: the check 'random pairs' has no numbers"):
        w2v.doctor(broken).plot()


def several(*severities: str) -> dict[str, Any]:
    """A diagnosis for each word: the severities of the checks "a", "b", ..., by their first letters."""
    names = {one[0]: one for one in ("ok", "note", "warning", "problem")}
    return {"diagnoses": [{"subject": f"folder/{i}.bin", "findings": [
        {"check": check, "severity": names[mark]} for check, mark in zip("abcdef", one, strict=False)]}
        for i, one in enumerate(severities)]}


def test_several_files_have_a_mark_for_each_check() -> None:
    pytest.importorskip("matplotlib")
    axes = draw_several(several("oonw", "opwo"))
    assert line(axes, "ok") == ([0, 1, 0, 3], [0, 0, 1, 1]) and line(axes, "note") == ([2], [0])
    assert line(axes, "warning") == ([3, 2], [0, 1]) and line(axes, "problem") == ([1], [1])
    assert row_names(axes) == ["0", "1"] and [one.get_text() for one in axes.get_xticklabels()] == list("abcd")
    assert len({one.get_marker() for one in axes.lines}) == 4 and problems(axes.figure) == []


def test_of_many_files_the_worst_are_drawn_in_their_order() -> None:
    pytest.importorskip("matplotlib")
    axes = draw_several(several(*["ow"] * 30, *["oo"] * 30, "po", *["wo"] * 9))
    assert row_names(axes) == [str(i) for i in (*range(30), *range(60, 70))]
    assert "40 of 70 files" in axes.get_title("left") and line(axes, "problem") == ([0], [30])


def test_real_diagnoses_are_drawn_and_none_are_an_error(vectors: w2v.KeyedVectors) -> None:
    found, axes = w2v.doctor(vectors).to_dict(), new_axes()
    assert draw_several(json.loads(json.dumps(plain({"diagnoses": [found, found]}))), axes) is axes
    assert sum(len(one.get_xdata()) for one in axes.lines) == 2 * len(found["findings"])
    for empty in ([], [{"subject": "a", "findings": []}]):
        with pytest.raises(W2VError, match="nothing to draw: no checks"):
            draw_several({"diagnoses": empty})
