"""Curves of runs, from their logs."""

import json
import math

import pytest

import w2v
from w2v.errors import W2VError


def start(seed=1, words=1000, epochs=5, **more):
    return {"event": "start", "config": {"seed": seed, "epochs": epochs}, "words": words, "words_done": 0,
            "resumed_from": None, **more}


def point(done, loss=2.0, total=1000, **more):
    return {"event": "interval", "words_done": done, "total_words": total, "epoch": done * 5 / total, "epochs": 5,
            "seconds": done / 100, "words_per_second": 100.0, "alpha": 0.025 * (1 - done / total), "loss": loss,
            "loss_held_out": None, **more}


def scored(epoch, **scores):
    return {"event": "evaluation", "epoch": epoch, "loss": 2.0, "seconds": epoch * 2.0, "scores": scores}


@pytest.fixture
def write(tmp_path):
    """Function that writes a log of events, and of lines of text as they are; returns the path."""

    def write(*lines, name="run.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in lines))
        return path

    return write


def done(run):
    return [one["words_done"] for one in run.points]


def test_values_are_those_of_the_log(write):
    lines = [start(seed=7), point(100, 3.0, loss_held_out=3.5), scored(1, men=0.25, ws=None), point(1000, None),
             {"event": "end"}]
    found = w2v.curves(write(*lines))
    (run,) = found.runs
    assert not found.skipped and (run.seed, run.end, run.name) == (7, "end", "run.jsonl")
    assert run.points == [{key: one[key] for key in (*run.points[0],)} for one in (lines[1], lines[3])]
    assert [(one["loss"], one["loss_held_out"]) for one in run.points] == [(3.0, 3.5), (None, None)]
    assert run.scores == [{"epoch": 1, "words_done": 200, "seconds": 2.0, "scores": {"men": 0.25, "ws": None}}]
    assert json.loads(json.dumps(found.to_dict()))["runs"][0]["points"] == run.points
    assert "run.jsonl" in repr(found) and "1,000" in str(found)


def test_log_of_training_is_read(tmp_path):
    (tmp_path / "corpus.txt").write_text("the river runs to the sea and the sea is wide\n" * 500)
    stats, log = [], tmp_path / "log"
    report = w2v.train(tmp_path / "corpus.txt", vector_size=8, min_count=1, epochs=3, threads=1, log_json=log, seed=5,
                       held_out=10, progress=False, on_interval=lambda _, one: stats.append(one)).report
    (run,) = w2v.curves(log).runs
    assert (run.seed, run.end) == (5, "end") and len(run.points) == len(stats) >= 1
    assert [one["words_done"] for one in run.points] == [one.words_done for one in stats]
    assert run.points[-1]["loss_held_out"] == report.loss_held_out
    assert [one["loss"] for one in run.points] == [None if math.isnan(one.loss) else one.loss for one in stats]


def test_resumed_run_is_continued_without_what_was_lost(write):
    path = write(start(), point(200), scored(1, men=0.1), point(400), scored(2, men=0.9), point(600),
                 {"event": "interrupted"}, start(resumed_from="run.w2v", words_done=300), point(500),
                 scored(2, men=0.2), point(1000), {"event": "end"})
    (run,) = w2v.curves(path).runs
    assert done(run) == [200, 500, 1000] and run.end == "end"
    assert [one["scores"]["men"] for one in run.scores] == [0.1, 0.2]


def test_rollback_leaves_out_what_diverged(write):
    path = write(start(), point(200), point(400, 90.0), {"event": "rollback", "words_done": 300, "problem": "loss"},
                 point(500), {"event": "end"})
    assert done(w2v.curves(path).runs[0]) == [200, 500]


def test_runs_in_one_log_have_names_by_seed_or_number(write):
    both = [start(seed=1), point(10), {"event": "end"}, start(seed=2), point(20), {"event": "end"}]
    assert [run.name for run in w2v.curves(write(*both)).runs] == ["run.jsonl, seed 1", "run.jsonl, seed 2"]
    same = [start(seed=1), point(10), {"event": "end"}, start(seed=1), point(20)]
    found = w2v.curves(write(*same)).runs
    assert [run.name for run in found] == ["run.jsonl, run 1", "run.jsonl, run 2"] and found[1].end is None


def test_resumed_run_is_found_by_its_seed(write):
    path = write(start(seed=1), point(10), {"event": "interrupted"}, start(seed=2), point(20), {"event": "end"},
                 start(seed=1, resumed_from="x", words_done=10), point(30), {"event": "end"})
    assert {run.seed: done(run) for run in w2v.curves(path).runs} == {1: [10, 30], 2: [20]}


def test_files_are_named_by_what_differs(write):
    paths = [write(start(), point(10), name=name) for name in ("a/log.jsonl", "b/log.jsonl")]
    assert [run.name for run in w2v.curves(*paths).runs] == ["a", "b"]


@pytest.mark.parametrize("line, problem", [
    ("hello", "not JSON"), ('{"event": "int', "not JSON"), ("[1]", "no event"), ("[" * 100_000, "not JSON"),
    ({"event": "other"}, "'other'"), ({"step": 5, "loss": 1.0}, "no event"), ({"event": "interval"}, "words_done"),
    (point(300, "x"), "loss is 'x'"), (point(300, alpha=True), "alpha is True"), (point(300, alpha=None), "alpha"),
    (point(100), "goes back"), ({"event": "evaluation", "epoch": 1}, "scores"), ({"event": "start"}, "config"),
    ({"event": "rollback"}, "words_done"), (point(300, epochs="many"), "epochs"),
    ({**scored(1), "scores": {"men": "good"}}, "men"),
])
def test_line_without_meaning_is_named(write, line, problem):
    found = w2v.curves(write(start(), point(200), line, point(1000), {"event": "end"}))
    (one,) = found.skipped
    assert one.line == 3 and problem in one.problem and done(found.runs[0]) == [200, 1000]
    assert "1 line is left out" in found.problem() and "line 3" in repr(found) and "line 3" in str(found)


def test_many_skipped_lines_are_counted(write):
    found = w2v.curves(write(start(), point(200), *["x"] * 50))
    assert len(found.skipped) == 50 and found.problem().startswith("50 lines are left out")
    assert "line 7" in found.problem() and "line 8" not in found.problem()


def test_log_without_its_beginning_is_read(write):
    found = w2v.curves(write(point(200), scored(2, men=0.5), point(1000), {"event": "end"}))
    assert found.runs[0].seed is None and found.runs[0].scores[0]["words_done"] == 400


@pytest.mark.parametrize("lines", [[], [""], [start()], ["hello"], [{"event": "error", "error": "no words"}],
                                   [scored(1, men=0.5)]])
def test_log_without_points_is_an_error(write, lines):
    with pytest.raises(W2VError, match="run.jsonl: the log has no interval of a run"):
        w2v.curves(write(*lines))


def test_unreadable_file_is_an_error(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(W2VError, match="cannot read"):
            w2v.curves(path)
    with pytest.raises(TypeError, match="at least one"):
        w2v.curves()


def test_frame_has_a_row_for_each_point_and_evaluation(write):
    pytest.importorskip("pandas")
    table = w2v.curves(write(start(), point(200), scored(2, men=0.5), point(1000))).to_frame()
    assert table["words_done"].tolist() == [200, 400, 1000] and table["score.men"].dropna().tolist() == [0.5]


# ------------------------------------------------------------------------------------------------- figures


@pytest.fixture
def two_runs(write):
    """Curves of two runs of which one has scores and a held-out loss."""
    first = write(start(), point(200, 3.0, loss_held_out=3.25), scored(1, men=0.25),
                  point(400, None, loss_held_out=3.0), scored(3, men=0.5),
                  point(1000, 2.0, loss_held_out=2.5), name="a.jsonl")
    return w2v.curves(first, write(start(), point(500, 2.5), point(1000, 2.25), name="b.jsonl"))


def lines_of(axes):
    return [[[None if math.isnan(y) else float(y) for y in ends] for ends in line.get_data()] for line in axes.lines]


@pytest.mark.parametrize("value, by, first, second", [
    ("loss", "words", [[200, 400, 1000], [3, None, 2]], [[500, 1000], [2.5, 2.25]]),
    ("loss_held_out", "words", [[200, 400, 1000], [3.25, 3, 2.5]], [[500, 1000], [None, None]]),
    ("alpha", "hours", [[2, 4, 10], [0.02, 0.015, 0]], [[5, 10], [0.0125, 0]]),
    ("words_per_second", "words", [[200, 400, 1000], [0.1] * 3], [[500, 1000], [0.1] * 2]),
    ("men", "words", [[1, 3], [0.25, 0.5]], [[], []]),
    ("men", "hours", [[2, 6], [0.25, 0.5]], [[], []]),
])
def test_lines_have_the_values_of_the_log(two_runs, value, by, first, second):
    pytest.importorskip("matplotlib")
    axes = two_runs.plot(value=value, by=by)
    for found, expected in zip(lines_of(axes), (first, second), strict=True):
        assert found == [pytest.approx(expected[0]), pytest.approx(expected[1])]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    assert axes.get_xlabel() == ("seconds of training" if by == "hours" else "epoch" if value == "men" else "words")
    low, high = axes.get_ylim()
    assert all(low <= y <= high for line in lines_of(axes) for y in line[1] if y is not None)


def test_figure_has_a_panel_for_each_value_that_is_there(two_runs):
    pytest.importorskip("matplotlib")
    names = [axes.get_ylabel().split(" (")[0] for axes in two_runs.figure().axes]
    assert names == ["loss", "held-out loss", "score on men", "learning rate", "words/s"]
    (legend,) = two_runs.figure().legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b"]


def test_given_axes_are_drawn_on(two_runs):
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    assert two_runs.plot(axes) is axes and len(axes.lines) == 2


def test_large_numbers_have_units(write):
    pytest.importorskip("matplotlib")
    found = w2v.curves(write(start(), point(2_000_000_000, total=4_000_000_000, seconds=7200)))
    assert found.plot().get_xlabel() == "words (billions)" and lines_of(found.plot())[0][0] == [2]
    assert found.plot(by="hours").get_xlabel() == "hours of training"


def test_wrong_value_is_an_error(two_runs, write):
    pytest.importorskip("matplotlib")
    with pytest.raises(ValueError, match="alpha, words_per_second, men"):
        two_runs.plot(value="speed")
    with pytest.raises(ValueError, match="words, hours"):
        two_runs.figure(by="days")
    with pytest.raises(ValueError, match="no run has a value of loss_held_out"):
        w2v.curves(write(start(), point(10))).plot(value="loss_held_out")
