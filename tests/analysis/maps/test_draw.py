"""Pictures of maps: no label overlaps another one or is cut, in several scripts and sizes; the caption; markup."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import w2v
from w2v.analysis.maps.labels import MOST
from w2v.keyedvectors import KeyedVectors
from w2v.system.figures import agg_renderer, font_families

SCRIPTS = {"Latin": "abcdefghijklmnopqrstuvwxyzåßæø", "Cyrillic": "абвгдежзиклмнопрстуфхцчшщъыьэюя",
           "Greek": "αβγδεζηθικλμνξοπρστυφχψω", "CJK": "日本語中文字国人大学生先年月火水木金土"}


def spaced(n: int, script: str = "Latin", spread: float = 1.0) -> KeyedVectors:
    rng = np.random.default_rng(n)
    letters = list(SCRIPTS[script])
    words = dict.fromkeys("".join(rng.choice(letters, rng.integers(1, 14))) + letters[i % len(letters)]
                          for i in range(2 * n))
    return KeyedVectors(list(words)[:n], rng.standard_normal((n, 8)).astype(np.float32) * spread + 1)


def boxes(axes: Any, dpi: float) -> tuple[list[Any], Any]:
    """Return the extents of the labels, without lines, and a renderer, at a resolution."""
    from matplotlib.text import Text

    axes.figure.dpi = dpi
    renderer = agg_renderer(axes.figure, dpi)
    axes.figure.draw_without_rendering()
    return [Text.get_window_extent(text, renderer) for text in axes.texts], renderer


def check(axes: Any, dpi: float) -> None:
    found, renderer = boxes(axes, dpi)
    caption, *labels = found
    frame, page = axes.get_window_extent(renderer), axes.figure.bbox
    for number, box in enumerate(labels):
        assert box.width > 0 and frame.x0 <= box.x0 and box.x1 <= frame.x1, axes.texts[number + 1]
        assert frame.y0 <= box.y0 and box.y1 <= frame.y1, axes.texts[number + 1]
        assert not any(box.overlaps(other) for other in labels[:number]), axes.texts[number + 1]
    legend = axes.get_legend()
    others = [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, *([] if legend is None else [legend])]
    for box in (caption, *(other.get_window_extent(renderer) for other in others)):
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("n, clusters", [(3, None), (60, 5), (200, 24)])
def test_no_label_overlaps_or_is_cut(script: str, n: int, clusters: int | None) -> None:
    pytest.importorskip("matplotlib")
    if font_families(SCRIPTS[script])[1]:
        pytest.skip(f"no font has the {script} letters")
    axes = w2v.map(spaced(n, script), clusters=clusters and min(clusters, n)).plot()
    for dpi in (72, 100, 150, 300):
        check(axes, dpi)
    assert len(axes.texts) > min(n, 40)


@pytest.mark.parametrize("size", [(2.5, 2.5), (5, 3), (12, 9)])
def test_labels_fit_axes_of_any_size(size: tuple[float, float]) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=size)
    axes = figure.add_subplot()
    assert w2v.map(spaced(40)).plot(axes) is axes
    found, renderer = boxes(axes, 100)
    frame = axes.get_window_extent(renderer)
    for number, box in enumerate(found[1:]):
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
        assert not any(box.overlaps(other) for other in found[1:number + 1])


@pytest.mark.parametrize("n", [200, 400])
def test_lines_go_from_labels_to_their_points_and_cross_no_label(n: int) -> None:
    LineCollection = pytest.importorskip("matplotlib.collections").LineCollection
    axes = w2v.map(spaced(n), top=n).plot()
    [lines] = [one for one in axes.collections if isinstance(one, LineCollection)]
    steps = np.linspace(0, 1, 500)[:, None]
    for dpi in (72, 150):
        found, _ = boxes(axes, dpi)
        points = axes.transData.transform(lines.get_offsets())
        for path, point in zip(lines.get_paths(), points, strict=True):
            start, end = lines.get_transform().transform(path.vertices) + point
            assert np.linalg.norm(end - point) == pytest.approx(2 * dpi / 72)
            own = [box for box in found if np.linalg.norm(start - np.clip(start, box.min, box.max)) < 3.5 * dpi / 72]
            assert own, "a line without a label"
            line = start + steps * (end - start)
            assert not any(((line > box.min) & (line < box.max)).all(axis=1).any() for box in found)
    assert len(points) > 3


def test_labels_without_a_place_are_counted_and_the_first_have_one() -> None:
    pytest.importorskip("matplotlib")
    dense = spaced(150, spread=1.0)
    vectors = dense.vectors.copy()
    vectors[2:] = vectors[2] + 1e-3 * vectors[2:]  # all words but two lie at one place
    axes = w2v.map(KeyedVectors(dense.index_to_key, vectors)).plot()
    shown = [text.get_text() for text in axes.texts[1:]]
    assert 0 < len(shown) < 100 and shown[:3] == dense.index_to_key[:3]
    assert f"; {150 - len(shown)} labels have no place" in axes.texts[0].get_text()


def test_all_labels_have_a_place_where_there_is_room() -> None:
    pytest.importorskip("matplotlib")
    found = w2v.map(spaced(12))
    axes = found.plot()
    assert {text.get_text() for text in axes.texts[1:]} == set(found.words)
    assert found.variance is not None
    assert axes.texts[0].get_text() == (f"12 words by principal components: {100 * sum(found.variance):.1f} % of the "
                                        "variance of vectors of length 1")


@pytest.mark.slow
def test_more_labels_than_are_tried_are_counted() -> None:
    pytest.importorskip("matplotlib")
    kv = spaced(MOST + 200)
    axes = w2v.map(kv, top=len(kv)).plot()
    assert f"; {len(kv) - len(axes.texts) + 1:,} labels have no place" in axes.texts[0].get_text()


def test_points_lie_at_the_positions_and_have_the_colours_of_their_clusters() -> None:
    pytest.importorskip("matplotlib")
    found = w2v.map(spaced(50), clusters=10)
    axes = found.plot()
    drawn = [points for points in axes.collections if len(points.get_offsets())]
    assert len(drawn) == len(found.clusters) == 10
    for number, points in enumerate(drawn):
        np.testing.assert_allclose(points.get_offsets(), found.positions[found.labels == number])
    looks = [(tuple(points.get_facecolor()[0]), points.get_paths()[0].vertices.tobytes()) for points in drawn]
    assert len(set(looks)) == 10, "colours and shapes tell all clusters apart"
    assert len({shape for _, shape in looks[:8]}) == len({colour for colour, _ in looks[:8]}) == 8, "so does each alone"
    assert [text.get_text().rpartition(" (")[2] for text in axes.get_legend().get_texts()] == [
        f"{one.size})" for one in found.clusters]


@pytest.mark.parametrize("clusters", [None, 24])
def test_points_fill_the_axes_and_distances_are_equal_on_both(clusters: int | None) -> None:
    pytest.importorskip("matplotlib")
    found = w2v.map(spaced(60), clusters=clusters)
    axes = found.plot()
    low, high = (axes.transData.transform(corner) for corner in (found.positions.min(0), found.positions.max(0)))
    frame = axes.get_window_extent()
    assert max((high - low) / (frame.width, frame.height)) > 0.75
    scale = axes.transData.transform((1, 1)) - axes.transData.transform((0, 0))
    assert scale[0] == pytest.approx(scale[1], rel=1e-3)


NAMES = ['<b>&"x"', "]]>", "-->", "$x$", "$", "\\frac{1", "a\nb", "\x1b[31m", "_{", "%s", "\udcff", "&amp;", ""]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_words_are_never_markup(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    kv = KeyedVectors(NAMES, spaced(len(NAMES)).vectors)
    for near in (None, NAMES[0], "$x$"):
        found = w2v.map(kv, near=near, neighbors=None if near is None else 12, clusters=3)
        found.save(tmp_path / f"m.{suffix}")
        written = (tmp_path / f"m.{suffix}").read_bytes()
        assert len(written) > 1000
        if suffix == "svg":
            ElementTree.fromstring(written)
            assert b"<b>" not in written and b"\x1b[" not in written
    labels = [text.get_text() for text in found.plot().texts]
    assert '<b>&"x"' in labels and "\\x1b[31m" in labels and "a\\x0ab" in labels


def test_dollars_are_shown_as_they_are() -> None:
    pytest.importorskip("matplotlib")
    kv = KeyedVectors(["$x$", "a", "b", "c"], spaced(4).vectors)
    axes = w2v.map(kv, near="$x$", neighbors=3).plot()
    assert axes._left_title.get_text().startswith(r"\$x\$ and its nearest"), "escaped, so not mathematics"


@pytest.mark.slow
def test_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name in ("a", "b"):
        w2v.map(spaced(40), clusters=4, seed=3).save(tmp_path / f"{name}.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize("name, error", [("m.gif", ValueError), ("m", ValueError), ("missing/m.png", w2v.W2VError)])
def test_file_that_cannot_be_written_is_an_error(tmp_path: Path, name: str, error: type[Exception]) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(error):
        w2v.map(spaced(5)).save(tmp_path / name)
