"""`w2v plot`: figures of logs and of results as JSON."""

import json
import re
import sys

import pytest

from w2v.cli.plot import KINDS, Kind, kind_of
from w2v.errors import FormatError

LINES = [{"event": "start", "config": {"seed": 1, "epochs": 1}, "words": 100, "words_done": 0, "resumed_from": None},
         *({"event": "interval", "words_done": done, "total_words": 100, "epoch": done / 100, "epochs": 1,
            "seconds": float(done), "words_per_second": 1.0, "alpha": 0.01, "loss": 2.0, "loss_held_out": None}
           for done in (50, 100))]
SIMILARITY = {"name": "men", "spearman": 0.5, "pearson": 0.5, "pairs": 10, "unknown": 0, "interval": [0.4, 0.6],
              "pearson_interval": None, "spearman_all": 0.5, "pearson_all": 0.5, "total": 10}
EVALUATION = {"analogies": [], "similarity": [SIMILARITY], "unknown_words": {"men": []}}
COMPARISON = {"set": "men", "measure": "Spearman", "first_file": "a", "second_file": "b", "first": 0.5, "second": 0.6,
              "difference": 0.1, "interval": [0.05, 0.15], "p": 0.001, "p_holm": 0.002, "items": 10, "noise": False}
COMPARED = {"files": [{"vectors": name, **EVALUATION} for name in ("a", "b")], "comparisons": [COMPARISON]}


@pytest.fixture
def write(tmp_path):
    """Function that writes a file, a log or one object, and returns its path."""

    def write(name, content):
        path = tmp_path / name
        if isinstance(content, list):
            content = "".join(one if isinstance(one, str) else json.dumps(one) + "\n" for one in content)
        path.write_bytes(content if isinstance(content, bytes)
                         else (content if isinstance(content, str) else json.dumps(content)).encode())
        return path

    return write


def texts(path):
    return re.findall("<text[^>]*>([^<]*)</text>", path.read_text())


@pytest.fixture
def drawn(run, tmp_path):
    """Function that draws files and returns the texts of the figure."""
    matplotlib = pytest.importorskip("matplotlib")

    def drawn(*arguments):
        path = tmp_path / "figure.svg"
        with matplotlib.rc_context({"svg.fonttype": "none"}):
            code, out, err = run("plot", *arguments, "-o", path)
        assert (code, out, err) == (0, "", ""), err
        return texts(path)

    return drawn


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_log_becomes_a_figure(run, write, tmp_path, suffix):
    pytest.importorskip("matplotlib")
    code, out, err = run("plot", write("run.jsonl", LINES), "-o", tmp_path / f"x.{suffix}")
    assert (code, out, err) == (0, "", "")
    marks = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    assert (tmp_path / f"x.{suffix}").read_bytes().startswith(marks[suffix])


def test_several_logs_share_a_legend(drawn, write):
    found = drawn(write("run.a.jsonl", LINES), write("run.b.jsonl", LINES), "--by", "hours")
    assert found.count("a") == found.count("b") == 1 and "minutes of training" in found and "learning rate" in found


def test_log_is_known_by_its_first_line(drawn, write):
    assert "words" in drawn(write("log", LINES))


def test_skipped_lines_are_named(run, write, tmp_path):
    pytest.importorskip("matplotlib")
    path = write("run.jsonl", [LINES[0], "broken\n", *LINES[1:]])
    code, out, err = run("plot", path, "-o", tmp_path / "x.png", "--json")
    assert code == 0 and "1 line is left out" in err and "line 2: not JSON" in err
    shown = json.loads(out)
    assert shown["skipped"] == [{"path": str(path), "line": 2, "problem": "not JSON"}]
    assert [one["words_done"] for one in shown["runs"][0]["points"]] == [50, 100]


def test_one_evaluation_is_drawn(drawn, write):
    found = drawn(write("scores.json", EVALUATION))
    assert "Evaluation of scores.json" in found and "men" in found and "95 % bootstrap intervals" in found


def test_evaluations_are_runs_of_one_setting(drawn, write):
    found = drawn(write("e.1.json", EVALUATION), write("e.2.json", EVALUATION))
    assert "Evaluation of 2 runs" in found and {"mean of the runs", "1", "2"} <= set(found)


def test_comparison_is_drawn_with_stars(drawn, write):
    found = drawn(write("compared.json", COMPARED))
    assert "Comparison with a" in found and "*" in found and "mean of the runs" not in found


@pytest.mark.parametrize("content, named", [
    ("", "empty"), (" \n", "empty"), ("{", "line 1: this is not JSON"), ("word 0.1 0.2", "not JSON"),
    ("[1]", "not an object"), ({}, "none"),
    ({"some": 1, "keys": 2}, "some, keys"), (b"\xff\xfe", "not JSON"), ("[" * 100_000, "not JSON"),
    ({**EVALUATION, "similarity": [{"name": "men"}]}, "not the results of w2v evaluate"),
    ({**EVALUATION, "similarity": []}, "nothing was measured"),
])
def test_wrong_file_is_one_clear_error(run, write, tmp_path, content, named):
    pytest.importorskip("matplotlib")
    code, out, err = run("plot", write("x.json", content), "-o", tmp_path / "x.png")
    assert (code, out) == (1, "") and named in err and len(err.splitlines()) == 1
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize("files, named", [
    (["run.jsonl", "e.json"], "two figures"), (["c.json", "e.json"], "drawn alone"),
    (["e.json", "c.json"], "drawn alone")])
def test_files_that_do_not_fit_are_a_usage_error(run, write, tmp_path, files, named):
    pytest.importorskip("matplotlib")
    for name, content in (("run.jsonl", LINES), ("e.json", EVALUATION), ("c.json", COMPARED)):
        write(name, content)
    code, _, err = run("plot", *(tmp_path / name for name in files), "-o", tmp_path / "x.png")
    assert code == 2 and named in err and not (tmp_path / "x.png").exists()


def test_unknown_keys_list_what_can_be_drawn():
    with pytest.raises(FormatError) as error:
        kind_of("x.json", {"key": 1})
    named = ("train --log-json", "evaluate --json", *(one.name for one in KINDS))
    assert all(name in str(error.value) for name in named)


def test_kind_of_the_table_is_drawn(monkeypatch, drawn, run, write, tmp_path):
    kind = Kind("w2v test --json", lambda values: "heights" in values,
                lambda values, axes: axes.set_xlabel(f"sum {sum(values['heights'])}"))
    monkeypatch.setattr("w2v.cli.plot.KINDS", (*KINDS, kind))
    path = write("h.json", {"heights": [1, 2]})
    assert "sum 3" in drawn(path)
    code, _, err = run("plot", path, write("e.json", EVALUATION), "-o", tmp_path / "x.png")
    assert code == 2 and "w2v test --json" in err


def test_wrong_output_is_found_before_the_files_are_read(run, tmp_path):
    code, _, err = run("plot", "none.jsonl")
    assert code == 2 and "-o/--output" in err
    code, _, err = run("plot", "none.jsonl", "-o", tmp_path / "x.gif")
    assert code == 2 and ".png, .svg, .pdf" in err


def test_missing_file_is_named(run, tmp_path):
    pytest.importorskip("matplotlib")
    code, _, err = run("plot", tmp_path / "none.jsonl", "-o", tmp_path / "x.png")
    assert code == 1 and "none.jsonl: No such file" in err


def test_missing_matplotlib_names_the_extra(run, write, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    code, _, err = run("plot", write("run.jsonl", LINES), "-o", tmp_path / "x.png")
    assert code == 1 and "w2v[plot]" in err
