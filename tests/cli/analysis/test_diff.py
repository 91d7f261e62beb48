"""`w2v diff`: output, limits as exit codes, files of runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.moved_spaces import clustered, one_run, with_moves, words

import w2v

MOVED = [20, 150, 320]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two runs on an old text, and two on a new one in which three words moved."""
    monkeypatch.chdir(tmp_path)
    meanings = clustered(400, 8)
    changed = with_moves(meanings, MOVED)
    for name, rows, seed in (("old", meanings, 1), ("old.run2", meanings, 2), ("new", changed, 3),
                             ("new.run2", changed, 4)):
        one_run(rows, seed).save(f"{name}.safetensors")
    return tmp_path


OLD_NEW = ("old.safetensors", "new.safetensors")


def test_words_that_moved_are_first(run: Callable) -> None:
    code, out, err = run("diff", *OLD_NEW, "-n", 3)
    assert code == 0 and err == "" and all(f"\nw{i} " in out for i in MOVED) and "Rotation applied" in out
    code, out, _ = run("diff", *OLD_NEW, "-n", 3, "--json", "--by", "cosine")
    found = json.loads(out)
    assert code == 0 and {one["word"] for one in found["moved"]} == {f"w{i}" for i in MOVED}
    assert found["words"] == 400 and found["significant"] is None and found["by"] == "cosine"


@pytest.mark.parametrize("limits, problem", [
    (["--max-share", "0"], "0.25 % of the words have a cosine below 0.5, 0.25 points above the limit of 0 %"),
    (["--threshold", "0.99999", "--max-share", "0.5"], "points above the limit of 50 %"),
    (["--min-overlap", "1"], "below the limit of 1"),
    (["--max-share", "0", "--min-overlap", "1"], "points above the limit of 0 %; the mean overlap")])
def test_exceeded_limits_are_exit_code_1_after_the_output(run: Callable, limits: list[str], problem: str) -> None:
    code, out, err = run("diff", *OLD_NEW, *limits)
    assert code == 1 and "w2v: limit exceeded: " in err and problem in err and err.count("\n") == 1
    assert "words compared" in out
    code, out, err = run("diff", *OLD_NEW, *limits, "--json", "-o", "all.tsv")
    assert code == 1 and json.loads(out)["words"] == 400 and len(Path("all.tsv").read_text().splitlines()) == 401


@pytest.mark.parametrize("limits", [["--max-share", "0.01"], ["--min-overlap", "0.1"], ["--max-share", "1"]])
def test_limits_that_hold_are_exit_code_0(run: Callable, limits: list[str]) -> None:
    assert run("diff", *OLD_NEW, *limits)[0] == 0


def test_runs_without_files_are_those_next_to_both(run: Callable) -> None:
    code, out, _ = run("diff", *OLD_NEW, "--json", "--runs")
    found = json.loads(out)
    assert code == 0 and (found["old_runs"], found["new_runs"]) == (2, 2) and found["significant"] is not None
    named = run("diff", *OLD_NEW, "--json", "--runs", "old.run2.safetensors", "--new-runs", "new.run2.safetensors")
    assert json.loads(named[1]) == found
    code, out, _ = run("diff", *OLD_NEW, "--json", "--new-runs", "new.run2.safetensors")
    assert (json.loads(out)["old_runs"], json.loads(out)["new_runs"]) == (1, 2)
    assert "moved more" in run("diff", *OLD_NEW, "--runs")[1]


def test_output_has_every_word(run: Callable) -> None:
    assert run("diff", *OLD_NEW, "-o", "all.tsv.gz", "--all")[0] == 0
    assert Path("all.tsv.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert run("diff", *OLD_NEW, "-o", "all.tsv")[0] == 0
    head, *lines = Path("all.tsv").read_text().splitlines()
    assert head.startswith("word\trank\tmoved_rank\told_count") and len(lines) == 400
    assert {line.split("\t")[0] for line in lines[:3]} == {f"w{i}" for i in MOVED}


@pytest.mark.parametrize("arguments, code, problem", [
    (["diff", "old.safetensors"], 2, "NEW"),
    (["diff", "old.safetensors", "none.bin"], 1, "none.bin"),
    (["diff", *OLD_NEW, "--max-share", "20"], 2, "--max-share 20 is out of range: 0 to 1"),
    (["diff", *OLD_NEW, "--min-overlap", "-1"], 2, "--min-overlap"),
    (["diff", *OLD_NEW, "--threshold", "3"], 2, "threshold"),
    (["diff", *OLD_NEW, "--by", "rank"], 2, "--by"),
    (["diff", *OLD_NEW, "-n", "-1"], 2, "out of range: 0 or more"),
    (["diff", "old.safetensors", "narrow.safetensors", "--by", "neighbors", "--max-share", "0.01"], 2,
     "--max-share is a share of cosines, and vectors of the dimensions 4, 8 have none"),
    (["diff", *OLD_NEW, "-o", "no/such/all.tsv"], 1, "no/such"),
    (["diff", "single.safetensors", "single.safetensors", "--runs"], 2, "w2v train --runs"),
    (["diff", "old.safetensors", "other.safetensors"], 1, "share 0 words"),
    (["diff", "old.safetensors", "narrow.safetensors"], 2, "--by neighbors"),
    (["diff", "old.safetensors", "old.run2.safetensors", "--runs"], 2, "is given twice"),
    (["diff", *OLD_NEW, "--runs", "new.safetensors"], 2, "is given twice"),
    (["drift", *OLD_NEW], 2, "did you mean diff?")])
def test_wrong_usage(run: Callable, arguments: list[str], code: int, problem: str) -> None:
    one_run(clustered(50, 8), 1).save("single.safetensors")
    w2v.KeyedVectors(["x", "y"], np.ones((2, 8))).save("other.safetensors")
    w2v.KeyedVectors(words(2), np.ones((2, 4))).save("narrow.safetensors")
    found, out, err = run(*arguments)
    assert found == code and problem in err and out == ""


def test_no_word_can_be_asked_for_as_in_python(run: Callable) -> None:
    code, out, err = run("diff", *OLD_NEW, "-n", 0, "--candidates", 0, "--json")
    old, new = map(w2v.load, OLD_NEW)
    assert code == 0 and err == "" and json.loads(out) == w2v.diff(old, new, 0, candidates=0).to_dict()
    assert json.loads(out)["moved"] == [] and "moved most" not in run("diff", *OLD_NEW, "-n", 0)[1]


def test_unrelated_and_unaligned_spaces_are_said(run: Callable) -> None:
    one_run(clustered(400, 8, seed=5), 7).save("other.safetensors")
    assert "UNRELATED" in run("diff", "old.safetensors", "other.safetensors")[1]
    assert "Different spaces" in run("diff", *OLD_NEW, "--no-align")[1]


def test_broken_vectors_are_said(run: Callable) -> None:
    kv = one_run(clustered(400, 8), 1)
    Path("broken.txt").write_text("".join(f"{word} {'nan' if word == 'w7' else 1} " + " ".join(
        f"{x:.5f}" for x in kv[word][1:]) + "\n" for word in kv.index_to_key))
    code, out, err = run("diff", "broken.txt", "new.safetensors")
    assert code == 0 and "broken.txt: 1 of 400 words" in err and "NaN or infinity in a vector" in out
