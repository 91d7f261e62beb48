"""`w2v plot`: figures of logs and of results as JSON."""

import json
import re
import sys

import pytest
from helpers.moved_spaces import clustered, one_run, with_moves

from w2v.cli.plot import KINDS, Kind, kind_of
from w2v.errors import FormatError
from w2v.system.figures import new_axes

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
    def draw(values):
        axes = new_axes()
        axes.set_xlabel(f"sum {sum(values['heights'])}")
        return axes

    kind = Kind("w2v test --json", lambda values: "heights" in values, draw)
    monkeypatch.setattr("w2v.cli.plot.KINDS", (*KINDS, kind))
    path = write("h.json", {"heights": [1, 2]})
    assert "sum 3" in drawn(path)
    code, _, err = run("plot", path, write("e.json", EVALUATION), "-o", tmp_path / "x.png")
    assert code == 2 and "w2v test --json" in err


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    """Two files of vectors of 300 words, of which some moved, and a corpus."""
    folder, meanings = tmp_path_factory.mktemp("vectors"), clustered(300, 10)
    one_run(meanings, 1).save(folder / "a.safetensors")
    one_run(with_moves(meanings, list(range(5, 300, 30))), 2).save(folder / "b.safetensors")
    with_outputs = one_run(meanings, 3)
    with_outputs.output_vectors = one_run(meanings, 4).vectors
    with_outputs.save(folder / "c.safetensors", output_vectors=with_outputs.output_vectors)
    (folder / "text.txt").write_text("one two three four\n" * 20)
    (folder / "pairs.txt").write_text("w1 w2\nw3 w4\n")
    return folder


@pytest.mark.parametrize("command, named", [
    (["diff", "a.safetensors", "b.safetensors"], "Words that moved most"),
    (["stability", "a.safetensors", "b.safetensors"], "Agreement of 2 runs: 300 of 300 words"),
    (["stability", "a.safetensors", "b.safetensors", "--words", "w1", "w5"], "Agreement of 2 runs: 2 of 2 given words"),
    (["doctor", "a.safetensors"], "Cosines of"),
    (["doctor", "text.txt"], "Lengths of the 20 lines that were read"),
    (["axis", "a.safetensors", "--from", "w1,w2", "--to", "w3,w4"], "Words on the axis: the most extreme of 300"),
    (["cluster", "a.safetensors", "-k", "4"], "4 of 4 clusters of 300 words, the largest first"),
    (["reduce", "a.safetensors"], "share (%)"),
    (["align", "a.safetensors", "b.safetensors"], "Translations of 60 held-out words"),
    (["cluster", "a.safetensors", "-k", "2-8"], "Numbers of clusters tried on 300 words"),
    (["doctor", "a.safetensors", "b.safetensors"], "Findings of 2 of 2 files"),
    (["plan", "text.txt"], "Vocabulary of"),
    (["map", "a.safetensors", "--top", "20", "-o", "map.png"], "The most frequent words of a.safetensors"),
    (["neighbors", "a.safetensors", "w1", "w2", "--runs", "b.safetensors"], "The 10 nearest words in each of 2 runs"),
    (["why", "c.safetensors", "w1", "w2"], "w1 and w2: correlation of the contexts"),
    (["debias", "a.safetensors", "--pairs", "pairs.txt", "-o", "new.safetensors"], "What remains of the bias"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_results_of_analyses_are_drawn(run, write, drawn, vectors, command, named):
    _, out, _ = run(command[0], *(vectors / one if "." in one else one for one in command[1:]), "--json")
    found = drawn(write("result.json", out))
    assert any(text.startswith(named) for text in found), found


def test_bias_is_drawn_and_other_values_are_one_error(run, write, drawn, vectors, tmp_path):
    sets = write("sets.txt", ": jobs\ntargets jobs: w1 w2 w3\nattributes one: w4 w5\nattributes two: w6 w7\n")
    code, out, _ = run("bias", vectors / "a.safetensors", "--sets", sets, "--json")
    assert code == 0 and "Association tests" in drawn(write("bias.json", out))
    for broken in ({"tests": [{"name": "jobs"}]}, {"tests": 1}, {"tests": [None]}):
        path = write("broken.json", json.loads(out) | broken)
        code, out_again, err = run("plot", path, "-o", tmp_path / "x.png")
        assert (code, out_again) == (1, "") and "these are not the values of w2v bias --json" in err
        assert len(err.splitlines()) == 1 and not (tmp_path / "x.png").exists()


def test_missing_glyphs_are_one_line(run, write, vectors, tmp_path):
    pytest.importorskip("matplotlib")
    _, out, _ = run("axis", vectors / "a.safetensors", "--from", "w1", "--to", "w2", "--json")
    words = [one | {"word": "\U000f1234\U000f1235"} for one in json.loads(out)["words"]]
    path = write("axis.json", json.loads(out) | {"words": words})
    code, _, err = run("plot", path, "-o", tmp_path / "x.png")
    assert code == 0 and len(err.splitlines()) == 1, err
    assert err.startswith("w2v: warning: no font on this machine has 2 of the characters")


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
