"""`w2v tune`: what it prints, the last line, resuming, figures, and wrong usage."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from helpers.tuned import far_lines, sessions, write_lines, write_pairs

FAST = ("--threads", "1", "--vector-size", "8", "--epochs", "1", "--min-count", "1", "--rungs", "2", "--quiet")


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    """A corpus and a set of similarity."""
    folder = tmp_path_factory.mktemp("my data")
    return write_lines(folder / "far.txt", far_lines(600)), write_pairs(folder / "pairs.tsv")


def test_last_line_is_a_command_that_trains(run, far, tmp_path):
    corpus, pairs = far
    code, out, err = run("tune", corpus, "--metric", pairs, "--trials", 4, "--search", "window=2..6", *FAST)
    assert (code, err) == (0, "") and "kept back" in out and "1/3 of the lines" in out
    last = out.splitlines()[-1]
    assert re.match("w2v train '.*/my data0/far.txt' -o vectors.safetensors --vector-size 8 --window ", last)
    words = [str(tmp_path / "v.safetensors") if word == "vectors.safetensors" else word for word in shlex.split(last)]
    assert run(*words[1:], "--quiet")[0] == 0 and (tmp_path / "v.safetensors").exists()


def test_json_is_one_object_and_can_be_drawn(run, tmp_path):
    pytest.importorskip("matplotlib")
    corpus = write_lines(tmp_path / "s.txt", sessions(400))
    state, figure = tmp_path / "s.jsonl", tmp_path / "s.png"
    code, out, err = run("tune", corpus, "--metric", "hit@3", "mrr", "--trials", 15, "--json", "--state", state,
                         "--plot", figure, *FAST)
    values = json.loads(out)
    assert code == 0 and values["metric"] == ["hit@3", "mrr"] and values["held_out"] > 20 and figure.exists(), err
    assert {"sg", "window"} <= {one["name"] for one in values["importance"]}
    (tmp_path / "r.json").write_text(out)
    for file in (state, tmp_path / "r.json"):
        code, out, err = run("plot", file, "-o", tmp_path / "f.svg")
        assert (code, out, err) == (0, "", "") and (tmp_path / "f.svg").exists()


def test_search_is_resumed(run, far, tmp_path):
    corpus, pairs = far
    state = tmp_path / "t.jsonl"
    arguments = ("tune", corpus, "--metric", pairs, "--trials", 4, "--state", state, *FAST)
    code, first, _ = run(*arguments)
    lines = state.read_bytes().splitlines(keepends=True)
    state.write_bytes(b"".join(lines[:4]))
    code, out, _ = run(*arguments[:-1], "--resume")  # with progress
    assert code == 0 and out.splitlines()[-1] == first.splitlines()[-1]
    code, _, err = run(*arguments)
    assert code == 1 and "already exists; continue its search with resume (--resume)" in err


def test_a_search_that_has_not_ended_is_not_drawn(run, far, tmp_path):
    pytest.importorskip("matplotlib")
    state = tmp_path / "t.jsonl"
    assert run("tune", far[0], "--metric", far[1], "--trials", 4, "--state", state, *FAST)[0] == 0
    state.write_bytes(b"".join(state.read_bytes().splitlines(keepends=True)[:4]))
    code, _, err = run("plot", state, "-o", tmp_path / "f.png")
    assert code == 1 and "has not ended (3 trials so far)" in err


def test_progress_is_a_line_for_each_trial(run, far):
    corpus, pairs = far
    code, out, err = run("tune", corpus, "--metric", pairs, "--trials", 2, *FAST[:-1])
    shares = re.findall(r"configuration \d \(\w+\) on (1/3|all) of the lines: ", err)
    assert code == 0 and shares in (["1/3", "1/3", "all"], ["1/3", "1/3", "all", "all"])  # the defaults may be best


@pytest.mark.parametrize("arguments, code, message", [
    (["--trials", "3"], 2, "--metric is missing"), (["--metric", "{pairs}"], 2, "--budget is missing"),
    (["--metric", "{pairs}", "--budget", "soon"], 2, "--budget 'soon' is not an interval"),
    (["--metric", "{pairs}", "--trials", "0"], 2, "--trials 0 is out of range"),
    (["--metric", "{pairs}", "--trials", "2", "--search", "windw=2..5"], 2, "did you mean window"),
    (["--metric", "{pairs}", "--trials", "2", "--search", "window=5..2"], 2, "--search: --window 5..2 is empty"),
    (["--metric", "{pairs}", "--trials", "2", "--held-out", "5"], 2, "--held-out 5 cannot be used with tune"),
    (["--metric", "{pairs}", "--trials", "2", "--resume"], 2, "needs state"),
    (["--metric", "{pairs}", "--trials", "2", "--plot", "x.gif"], 2, "suffix"),
    (["--metric", "nothing", "--trials", "2"], 1, "nothing"),
    (["--metric", "{pairs}", "hit@10", "--trials", "2"], 2, "use one or the other")])
def test_wrong_usage_says_what_to_do(run, far, arguments, code, message):
    corpus, pairs = far
    found, out, err = run("tune", corpus, *(one.format(pairs=pairs) for one in arguments))
    assert (found, out) == (code, "") and message in err, err
    assert len(err.splitlines()) == 1
