"""Evaluations from the JSON of `w2v evaluate --json`, and their figures."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers.drawn import problems
from helpers.evaluation import write_suite, write_vector_files

import w2v
from w2v import evaluate
from w2v.evaluation.kinds import KINDS
from w2v.evaluation.measures.analogies import AnalogyResult
from w2v.evaluation.measures.categories import CategoryResult
from w2v.evaluation.measures.choices import ChoiceResult
from w2v.evaluation.measures.degrees import DegreesResult, RelationScore
from w2v.evaluation.measures.outliers import OutlierResult
from w2v.evaluation.measures.sentences import SentenceResult
from w2v.evaluation.measures.similarity import SimilarityResult
from w2v.evaluation.output.plot import figure, panels
from w2v.evaluation.output.saved import is_evaluation, saved_evaluations
from w2v.evaluation.panels import Panel
from w2v.evaluation.results import Evaluation, Result, Score


@pytest.fixture(scope="module")
def evaluations(tmp_path_factory: pytest.TempPathFactory) -> list[Evaluation]:
    """Evaluations of three files of vectors."""
    folder = tmp_path_factory.mktemp("sets")
    sets, files = write_suite(folder / "suite"), write_vector_files(folder)
    return [w2v.evaluate(w2v.load(file), datasets=sets, method=["3cosadd", "3cosmul"], draws=50) for file in files]


def as_json(values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(values))
    return found


def of_files(evaluations: list[Evaluation]) -> dict[str, Any]:
    return as_json({"files": [{"vectors": one.source, **one.to_dict()} for one in evaluations]})


def values_of(panel: Panel) -> list[list[float | None]]:
    """Values of a panel by row and file."""
    return [[None if one is None else one.value for one in measures] for _, measures in panel.rows]


def test_json_of_one_file_gives_the_evaluation(evaluations: list[Evaluation]) -> None:
    for one in evaluations:
        values = as_json(one.to_dict())
        assert is_evaluation(values)
        (found,), compared = saved_evaluations(values, "name")
        assert found.results == one.results and found.source == "name" and not compared
        assert panels([found]) == panels([one])


def test_json_of_a_comparison_gives_the_same_panels(evaluations: list[Evaluation]) -> None:
    compared = evaluate.compare(evaluations, draws=50)
    values = of_files(evaluations) | as_json(compared.to_dict())
    assert is_evaluation(values)
    found, again = saved_evaluations(values, "")
    assert [one.source for one in found] == [one.source for one in evaluations]
    assert panels(found, again) == panels(evaluations, compared)
    assert any(panel.significant for panel in panels(found, again))


@pytest.mark.parametrize("one", [
    AnalogyResult("a", 1, 2, 3, sections=(Score("s", 1, 1, 1, interval=(0.5, 1.0)),), groups=(Score("g", 1, 2, 3),),
                  honest=1, method="lrcos"),
    SimilarityResult("s", 0.5, None, 3, 1, interval=(0.25, 0.75), total=4),
    DegreesResult("d", 0.5, None, 3, 4, interval=(0.1, 0.9), relations=(RelationScore("r", 0.5, None, 3, 4),)),
    ChoiceResult("c", 1, 2, 3, interval=(0.0, 1.0), chance=0.25),
    CategoryResult("k", 0.5, 0.25, 9, 1, 3, interval=(0.4, 0.6), agglomerative_interval=(0.1, 0.3)),
    OutlierResult("o", 0.5, 0.75, 8, 9, 2, opp_interval=(0.5, 1.0)),
    SentenceResult("t", "sif", 0.5, 0.6, 7, 1, pearson_interval=(0.5, 0.7), frequencies="zipf", by_options=True),
], ids=lambda one: one.kind)
def test_result_of_each_kind_is_read_again(one: Result) -> None:
    assert type(one).from_dict(as_json(one.to_dict())) == one
    assert type(one) in {kind.result for kind in KINDS.values()}


@pytest.mark.parametrize("values", [{}, {"files": []}, {"files": [1]}, {"files": "x"}, {"analogies": []},
                                    {"analogies": [], "similarity": []}])
def test_other_json_is_no_evaluation(values: dict[str, Any]) -> None:
    assert not is_evaluation(values)


@pytest.mark.parametrize("key, value", [
    ("spearman", "high"), ("pairs", None), ("interval", [1]), ("interval", "ab"), ("interval", 5), ("name", None)])
def test_wrong_value_is_an_error(evaluations: list[Evaluation], key: str, value: object) -> None:
    values = as_json(evaluations[0].to_dict())
    del values["similarity"][0][key]
    if value is not None:
        values["similarity"][0][key] = value
    with pytest.raises(ValueError, match="not the results of w2v evaluate"):
        saved_evaluations(values, "")


@pytest.mark.parametrize("values", [{"comparisons": [{}]}, {"comparisons": 5}, {"files": [{"analogies": 5}]}])
def test_wrong_form_is_an_error(evaluations: list[Evaluation], values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not the results of w2v evaluate"):
        saved_evaluations(of_files(evaluations) | values, "")


def test_figure_of_runs_has_points_and_means(evaluations: list[Evaluation]) -> None:
    pytest.importorskip("matplotlib")
    made, shown = figure(evaluations), panels(evaluations)
    assert made.get_suptitle().startswith("Evaluation of 3 runs")
    for axes, panel in zip(made.axes, shown, strict=True):
        scale = 100 if "%" in panel.axis else 1
        for i, container in enumerate(one for one in axes.containers if type(one).__name__ == "ErrorbarContainer"):
            points = container[0].get_xdata()
            assert list(points) == [scale * value for row in values_of(panel) if (value := row[i]) is not None]
        means = [scale * sum(filter(None, row)) / 3 for row in values_of(panel) if None not in row]
        assert [bar.get_width() for bar in axes.patches] == pytest.approx(means)


def test_figure_of_a_comparison_has_stars_and_intervals(evaluations: list[Evaluation]) -> None:
    pytest.importorskip("matplotlib")
    compared = evaluate.compare(evaluations, draws=50)
    made, shown = figure(evaluations, compared), panels(evaluations, compared)
    starred = {panel.rows[row][0].partition(",")[0] for panel in shown for row, _ in panel.significant}
    assert starred <= {one.set for one in compared} and any(panel.title.startswith("sections of") for panel in shown)
    assert made.get_suptitle().endswith("first measure of each whole set; not tested: other measures and sections")
    assert problems(made) == [] and "Tested" not in figure(evaluations).get_suptitle()
    for axes, panel in zip(made.axes, shown, strict=True):
        assert sum(text.get_text() == "*" for text in axes.texts) == len(panel.significant)
        scale = 100 if "%" in panel.axis else 1
        values = [scale * value for i in range(3) for row in values_of(panel) if (value := row[i]) is not None]
        assert [bar.get_width() for bar in axes.patches] == pytest.approx(values)


def test_plot_of_an_evaluation_has_one_measure(evaluations: list[Evaluation]) -> None:
    pytest.importorskip("matplotlib")
    one = evaluations[0]
    axes = one.plot(measure="Spearman")
    assert axes.get_xlabel() == "Spearman's correlation, with 95 % bootstrap intervals"
    assert [bar.get_width() for bar in axes.patches] == [one["men"].spearman]  # type: ignore[attr-defined]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["men"]
    assert one.plot().get_xlabel().startswith("accuracy (%)") and one.plot(axes) is axes
    with pytest.raises(ValueError, match="the measures are 3cosadd"):
        one.plot(measure="F1")
    with pytest.raises(ValueError, match="nothing was measured"):
        Evaluation(()).plot()


def test_plot_of_a_result_has_its_interval(evaluations: list[Evaluation]) -> None:
    pytest.importorskip("matplotlib")
    men = evaluations[0]["men"]
    axes = men.plot()
    (bars,) = (one for one in axes.containers if type(one).__name__ == "BarContainer")
    (segment,) = bars.errorbar[2][0].get_segments()
    assert [x for x, _ in segment] == pytest.approx(men.interval)  # type: ignore[attr-defined]
