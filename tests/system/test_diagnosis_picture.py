"""Picture of a diagnosis: histograms of cosines with their null, and of the lengths of lines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.drawn import cut, overlapping

import w2v
from w2v.errors import W2VError
from w2v.system.diagnosis_picture import draw
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
