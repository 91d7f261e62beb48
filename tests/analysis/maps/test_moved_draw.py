"""Pictures of two spaces: labels neither overlap nor are cut, arrows lead from A to B, the caption, `w2v plot`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.two_spaces import planted

import w2v
from w2v.analysis.maps.moved_draw import draw
from w2v.analysis.maps.moved_result import MovedMap
from w2v.keyedvectors import KeyedVectors
from w2v.system.figures import agg_renderer


@pytest.fixture
def found() -> MovedMap:
    pytest.importorskip("matplotlib")
    a, b, _ = planted()
    return w2v.map(a, b, top=4)


def labels(axes: Any) -> list[Any]:
    """Return the labels of words; the arrows are annotations without text, and the caption is the first text."""
    return [text for text in axes.texts if text.get_text()][1:]


def caption(axes: Any) -> str:
    text: str = next(text.get_text() for text in axes.texts if text.get_text())
    return text


def check(axes: Any, dpi: float) -> None:
    from matplotlib.text import Text

    axes.figure.dpi = dpi
    renderer = agg_renderer(axes.figure, dpi)
    axes.figure.draw_without_rendering()
    frame, page = axes.get_window_extent(renderer), axes.figure.bbox
    boxes = [Text.get_window_extent(text, renderer) for text in labels(axes)]
    for number, box in enumerate(boxes):
        assert box.width > 0 and frame.x0 <= box.x0 and box.x1 <= frame.x1, labels(axes)[number]
        assert frame.y0 <= box.y0 and box.y1 <= frame.y1, labels(axes)[number]
        assert not any(box.overlaps(other) for other in boxes[:number]), labels(axes)[number]
    texts = [text for text in axes.texts if text.get_text()][:1]
    for other in (*texts, axes._left_title, axes.xaxis.label, axes.yaxis.label, axes.get_legend()):
        box = Text.get_window_extent(other, renderer) if other in texts else other.get_window_extent(renderer)
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, other
    title = axes._left_title.get_window_extent(renderer)
    assert not title.overlaps(Text.get_window_extent(texts[0], renderer))


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"top": 4}, {"top": 15, "neighbors": 6}, {"near": "w57", "neighbors": 30},
                                     {"top": 3, "shared": 200}])
def test_no_label_overlaps_or_is_cut(options: dict[str, Any]) -> None:
    pytest.importorskip("matplotlib")
    a, b, _ = planted()
    words = [f"{word}{'abcdefghij' * (i % 3)}" for i, word in enumerate(a.index_to_key)]
    words[57] = "w57"
    axes = w2v.map(KeyedVectors(words, a.vectors), KeyedVectors(words, b.vectors), **options).plot()
    for dpi in (72, 150):
        check(axes, dpi)


@pytest.mark.parametrize("size", [(4, 4), (6, 3), (12, 9)])
def test_moved_words_have_labels_at_the_end_of_their_arrows_in_any_size(found: MovedMap, size: tuple[float, float],
                                                                         ) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=size)
    axes = figure.add_subplot()
    assert found.plot(axes) is axes
    named = {text.get_text(): text for text in labels(axes) if text.get_fontweight() == "bold"}
    assert set(named) == {one.word for one in found.moved}
    for one, place in zip(found.moved, found.positions_b, strict=True):
        np.testing.assert_allclose(named[one.word].xy, place)
    plain = [text for text in labels(axes) if text.get_fontweight() != "bold"]
    assert {text.get_text() for text in plain} <= {one.word for one in found.around}
    assert all(text.get_fontsize() < named["w57"].get_fontsize() for text in plain)


def test_arrows_and_marks_are_at_the_places(found: MovedMap) -> None:
    axes: Any = found.plot()
    arrows = [text for text in axes.texts if not text.get_text()]
    np.testing.assert_allclose([arrow.xy for arrow in arrows], found.positions_b)
    np.testing.assert_allclose([arrow.get_position() for arrow in arrows], found.positions_a)
    assert all(arrow.arrow_patch is not None for arrow in arrows)
    places = [points.get_offsets() for points in axes.collections if len(points.get_offsets())]
    np.testing.assert_allclose(places[-2], found.positions_a)
    np.testing.assert_allclose(places[-1], found.positions_b)
    assert sum(map(len, places[:-2])) == len(found.around)
    hollow, filled = axes.collections[-3:-1] if not len(axes.collections[-1].get_offsets()) else axes.collections[-2:]
    assert not np.array_equal(hollow.get_facecolor(), filled.get_facecolor()), "told apart without colours too"


def test_caption_says_what_is_shown(found: MovedMap) -> None:
    axes = found.plot()
    assert found.variance is not None
    first, second, third = caption(axes).split("\n")
    assert first == (f"4 words and {len(found.around)} around them by principal components: "
                     f"{100 * sum(found.variance):.1f} % of the variance of vectors of length 1")
    assert second.startswith("An arrow leads from the place of a word in A to that in B.")
    assert third == "A was rotated to B by 320 of 400 shared words"
    assert axes.get_title(loc="left") == "The words that moved most, from A to B"
    legend = axes.get_legend()
    assert legend is not None and [text.get_text() for text in legend.get_texts()] == [
        "place in A", "place in B", "neighbour in A only", "neighbour in B only"]


def test_caption_says_that_spaces_are_unrelated_or_not_aligned() -> None:
    pytest.importorskip("matplotlib")
    a, b, _ = planted()
    other = KeyedVectors(a.index_to_key, np.random.default_rng(5).standard_normal(a.vectors.shape).astype(np.float32))
    with pytest.warns(UserWarning, match="UNRELATED"):
        unrelated = w2v.map(a, other, words=["w1", "w2"])
    assert "UNRELATED" in caption(unrelated.plot())
    plain = w2v.map(a, b, near="w3", align=False).plot()
    assert "without alignment" in caption(plain) and "1 word and 24 around it" in caption(plain)
    assert plain.get_title(loc="left") == "w3 and its neighbours, from A to B"


@pytest.mark.parametrize("near, name", [("both", "neighbour in both"), (None, "frequent word")])
def test_legend_names_what_is_there(found: MovedMap, near: str | None, name: str) -> None:
    values = found.to_dict()
    for one in values["around"]:
        one["near"] = near
    legend = draw(values).get_legend()
    assert legend is not None and [text.get_text() for text in legend.get_texts()][2:] == [name]


def test_words_and_names_are_never_markup(tmp_path: Path, found: MovedMap) -> None:
    values = found.to_dict() | {"a": "$x$", "b": "<b>&"}
    values["moved"][0]["word"], values["around"][0]["word"] = "$\\frac{1$", "\x1b[31m"
    axes = draw(values)
    axes.figure.savefig(tmp_path / "m.svg")
    assert r"from \$x\$ to <b>&" in axes.get_title(loc="left")
    assert "\\x1b[31m" in [text.get_text() for text in labels(axes)]


@pytest.mark.parametrize("suffix, start", [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_file_is_the_same_twice(tmp_path: Path, found: MovedMap, suffix: str, start: bytes) -> None:
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    found.save(first)
    found.save(second)
    assert first.read_bytes().startswith(start) and first.read_bytes() == second.read_bytes()
