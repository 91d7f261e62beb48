"""Pictures of all results: each result has one or a reason why not, and no text is cut or overlaps another."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from helpers.drawn import problems
from helpers.pictures import RESULTS, Word, curves, moved_map, word_map

import w2v
from w2v.cli.plot import KINDS, drawn
from w2v.errors import W2VError
from w2v.evaluation.output.saved import is_evaluation
from w2v.system.plain import plain
from w2v.system.report import Report
from w2v.training.curve_figure import figure
from w2v.training.curves import Curves, RunCurve

NONE = {
    "CorpusReport": "counts of one text in different units",
    "Described": "w2v.map and w2v.doctor draw vectors",
    "EngineReport": "totals of a run: w2v.curves draws the run",
    "EpochStats": "one moment of a run: w2v.curves draws the run",
    "GraphReport": "counts of one graph in different units",
    "InitialReport": "counts of words",
    "IntervalStats": "one moment of a run: w2v.curves draws the run",
    "Model": "w2v.curves draws the run, and w2v.map the vectors",
    "PhraseReport": "counts of one text in different units",
    "SentenceVectors": "counts of texts; the vectors have no words to name points with",
    "TrainConfig": "options",
    "TrainReport": "totals of a run: w2v.curves draws the run",
}
"""Results without a picture, with the reason."""

WORDS: dict[str, Word] = {
    "short": lambda i: f"w{i}",
    "long": lambda i: f"{i} Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen von früher",
    "wide": lambda i: f"{i}{'MW' * 40}",
    "odd": lambda i: ["$x^2$ \n", "\x1b[31m", "_", "<b>&amp;", "\udcff", "слово"][i % 6] + str(i),
}


def classes(base: type[Any] = Report) -> Iterator[type[Any]]:
    for one in base.__subclasses__():
        yield one
        yield from classes(one)


def test_every_result_has_a_picture_or_a_reason() -> None:
    for module in pkgutil.walk_packages(w2v.__path__, "w2v."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    without = {one for one in classes() if one.plot is Report.plot and one.__module__.startswith("w2v.")}
    named = {name for one in without for name in NONE if name in {base.__name__ for base in one.__mro__}}
    assert {one.__name__ for one in without if not {base.__name__ for base in one.__mro__} & set(NONE)} == set()
    assert named == set(NONE)


def test_result_without_a_picture_says_what_draws_it() -> None:
    vectors = w2v.KeyedVectors(["a"], [[1.0]])
    with pytest.raises(W2VError, match=r"no picture of a KeyedVectors; w2v.map\(vectors\) draws the words"):
        vectors.plot()
    with pytest.raises(W2VError, match="no picture of a TrainConfig$"):
        w2v.TrainConfig().plot()


@pytest.mark.parametrize("name", RESULTS)
def test_values_are_of_one_kind(name: str) -> None:
    values = RESULTS[name](WORDS["short"], 2)
    kinds = [kind.name for kind in KINDS if kind.recognises(values)]
    assert len(kinds) == (0 if is_evaluation(values) else 1), kinds


def test_every_kind_has_values() -> None:
    made = [one(WORDS["short"], 2) for one in (*RESULTS.values(), word_map, moved_map)]
    assert [kind.name for kind in KINDS if not any(map(kind.recognises, made))] == []


@pytest.mark.parametrize("words, rows", [
    ("short", 1), ("long", 1), ("wide", 5), ("odd", 5), pytest.param("wide", 60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", RESULTS)
def test_no_text_is_cut_small_or_overlaps_another(name: str, words: str, rows: int) -> None:
    pytest.importorskip("matplotlib")
    assert problems(drawn({f"{name}.json": plain(RESULTS[name](WORDS[words], rows))})) == []


@pytest.mark.parametrize("words, rows", [("short", 1), ("long", 2), pytest.param("odd", 12, marks=pytest.mark.slow)])
def test_no_text_of_curves_is_cut_or_covers_them(words: str, rows: int) -> None:
    pytest.importorskip("matplotlib")
    values = curves(WORDS[words], rows)
    axes = Curves(tuple(RunCurve(path="", seed=None, end="end", **run) for run in values["runs"])).plot()
    assert problems(figure(values)) == problems(axes.figure) == []
    legend = axes.get_legend()
    assert (legend is None) == (rows == 1) and (legend is None or not legend.get_window_extent().overlaps(axes.bbox))
