"""Parts that all figures share."""

import pytest
from helpers.colour_vision import least_difference

from w2v.system.figures import (
    COLOURS,
    HATCHES,
    MARKERS,
    differing_names,
    legend_below,
    legend_label,
    missing_glyphs,
    new_figure,
)


@pytest.mark.parametrize("sight", ["usual", "protan", "deutan"])
def test_the_colour_blind_can_tell_all_colours_apart(sight):
    assert least_difference([*COLOURS, "#ffffff"], sight)[0] > 12
    assert len(set(COLOURS)) == len(set(MARKERS)) == len(set(HATCHES))


@pytest.mark.parametrize("paths, names", [
    (["runs/a.jsonl"], ["a.jsonl"]),
    (["runs/a/log.jsonl", "runs/b/log.jsonl"], ["a", "b"]),
    (["x/run.seed1.jsonl", "x/run.seed2.jsonl"], ["seed1", "seed2"]),
    (["x/run-1-small.json", "y/run-2-small.json"], ["x/run-1", "y/run-2"]),
    (["run.jsonl", "run.new.jsonl"], ["run.jsonl", "run.new.jsonl"]),
    (["a/run.jsonl", "a/b/run.jsonl"], ["a/run.jsonl", "a/b/run.jsonl"]),
    (["a.jsonl", "a.jsonl"], ["a.jsonl", "a.jsonl"]),
    (["x/my run 1.jsonl", "x/my run 2.jsonl"], ["1", "2"]),
    (["a", "b", "c.d"], ["a", "b", "c.d"]),
])
def test_names_are_shortened_to_what_differs(paths, names):
    assert differing_names(paths) == names


@pytest.mark.parametrize("length, count", [(3, 2), (30, 7), (200, 12)])
def test_legend_is_not_cut_and_names_stay_different(length, count):
    pytest.importorskip("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = new_figure(4)
    axes = figure.add_subplot()
    for number in range(count):
        axes.plot([0, 1], [0, number], label=legend_label(f"_$x${'m' * length}, seed {number}"))
    legend_below(figure, axes)
    FigureCanvasAgg(figure).draw()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width and box.y0 >= 0
    assert len({text.get_text() for text in legend.get_texts()}) == count


@pytest.mark.parametrize("characters, shown", [
    ("\u0915", "\u0915"),
    ("abcdefghij", "a b c d e f g h i j"),
    ("abcdefghijkl", "a b c d e f g h i j ..."),
    ("".join(map(chr, range(0x0915, 0x0930))) + "\u1200\u1201\u56fd\u5b66\uac00\uac01",  # Devanagari and others
     " ".join([*map(chr, range(0x0915, 0x091c)), "\u1200", "\u56fd", "\uac00"]) + " ..."),
    ("".join(map(chr, range(0x1f600, 0x1f620))), " ".join(map(chr, range(0x1f600, 0x1f60a))) + " ..."),
    ("\u0531\u05d0\u0621\u0710\u0780\u0915\u0995\u0a15\u0a95\u0b15\u0b95\u0c15", None)])
def test_missing_characters_of_each_script_are_named(characters, shown):
    found = missing_glyphs(characters)
    assert f"{len(characters)} of the characters ({shown or ' '.join(characters)})" in found
