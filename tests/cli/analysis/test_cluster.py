"""`w2v cluster`: text, JSON, files of classes, words of a file, wrong use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.evaluation import clustered

import w2v
from w2v.keyedvectors import KeyedVectors

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    units, _ = clustered([20, 12, 8])
    order = np.random.default_rng(0).permutation(40)
    KeyedVectors([f"w{i}" for i in range(40)], units[order]).save(tmp_path / "v.safetensors")
    return tmp_path / "v.safetensors"


def test_text_shows_clusters_with_intervals_and_chance(run: Run, vectors: Path) -> None:
    code, out, err = run("cluster", vectors, "-k", 3, "-n", 4, "--peripheral", 2)
    assert code == 0 and not err
    assert "3 clusters of 40 words" in out and "by chance" in out and "cluster 0  20 words" in out
    found = w2v.cluster(w2v.load(vectors), 3, topn=4)
    for one in found.clusters:
        assert ", ".join(word for word, _ in one.nearest) in out
    assert out.count("farthest: ") == 3


def test_json_has_the_values_of_python(run: Run, vectors: Path) -> None:
    code, out, _ = run("cluster", vectors, "-k", 3, "--json", "--seed", 5, "--restarts", 4)
    assert code == 0 and json.loads(out) == w2v.cluster(w2v.load(vectors), 3, seed=5, restarts=4).to_dict()
    out = run("cluster", vectors, "--k", 3, "--json", "--no-chance")[1]
    assert "chance" not in json.loads(out)["cosine"]


@pytest.mark.parametrize("k", ["auto", "2-6", "2,3,9"])
def test_number_is_chosen_and_all_tried_are_shown(run: Run, vectors: Path, k: str) -> None:
    code, out, _ = run("cluster", vectors, "-k", k, "--all", "--json")
    found = json.loads(out)
    assert code == 0 and found["k"] == 3 and found["sample"] == 40 and len(found["tried"]) == (5 if k == "2-6" else 3)
    assert "3 *" in (text := run("cluster", vectors, "-k", k)[1]) and "heuristic" in text


def test_classes_are_written_and_replace_a_file(run: Run, vectors: Path, tmp_path: Path) -> None:
    path = tmp_path / "classes.txt"
    for end in ("", ", in place of the file that was there"):
        code, out, err = run("cluster", vectors, "-k", 3, "-o", path)
        assert code == 0 and err == f"classes of 40 words to {path}{end}\n"
    lines = [line.split(" ") for line in path.read_text().splitlines()]
    assert [word for word, _ in lines] == [f"w{i}" for i in range(40)]
    assert [int(label) for _, label in lines] == w2v.cluster(w2v.load(vectors), 3).labels.tolist()


def test_words_of_a_file_and_first_words_only(run: Run, vectors: Path, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("w3\nw5\nnothing\nw9\nw9\nw12\n")
    code, out, err = run("cluster", vectors, "-k", 2, "--words", tmp_path / "words", "--json", "-o", tmp_path / "c.tsv")
    assert code == 0 and json.loads(out)["words"] == 4 and "1 of 5 words have no vector" in err
    assert [line.split("\t")[0] for line in (tmp_path / "c.tsv").read_text().splitlines()] == [
        "word", "w3", "w5", "w9", "w12"]
    assert json.loads(run("cluster", vectors, "-k", 2, "--limit", 15, "--json")[1])["words"] == 15


def test_broken_vectors_are_counted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("5 2\na 1 0\nb nan 1\nc 0 0\nd 0 1\ne 1 1\n")
    code, out, err = run("cluster", tmp_path / "v.txt", "-k", 2, "--json")
    assert code == 0 and "1 of 5 words have NaN" in err
    assert [json.loads(out)[name] for name in ("words", "broken", "zero")] == [3, 1, 1]


@pytest.mark.parametrize(("arguments", "match"), [
    (["-k", 41], "1 to 40 clusters of 40 words"), (["-k", 0], "--k 0"),
    (["-k", "some"], "give a number"), (["-k", "5-2"], "the range falls from 5 to 2"),
    ([], "-k"),
    (["-k", 2, "--peripheral", -1], "--peripheral -1"), (["-k", 2, "-n", 0], "1 or more")])
def test_wrong_use_is_one_line(run: Run, vectors: Path, arguments: list[object], match: str) -> None:
    code, out, err = run("cluster", vectors, *arguments)
    assert code == 2 and match in err and err.count("\n") == 1 and not out


def test_output_is_checked_before_the_work(run: Run, vectors: Path, tmp_path: Path) -> None:
    code, _, err = run("cluster", vectors, "-k", 2, "-o", tmp_path / "missing" / "c.txt")
    assert code == 1 and "does not exist" in err
    KeyedVectors(["new york", "b", "c"], np.eye(3)).save(tmp_path / "n.safetensors")
    code, _, err = run("cluster", tmp_path / "n.safetensors", "-k", 2, "-o", tmp_path / "c.txt")
    assert code == 2 and "'new york'" in err and not (tmp_path / "c.txt").exists()
    (tmp_path / "none").write_text("x\ny\n")
    code, _, err = run("cluster", vectors, "-k", 2, "--words", tmp_path / "none")
    assert code == 1 and "none of its 2 words has a vector: there is nothing to cluster" in err


def test_names_of_other_tools_lead_here(run: Run) -> None:
    for name in ("kmeans", "k-means", "classes"):
        code, _, err = run(name, "x")
        assert code == 2 and "did you mean cluster?" in err
