"""`w2v reduce`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import w2v


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    rows = np.random.default_rng(1).normal(size=(80, 12)).astype(np.float32) * np.linspace(2, 0.5, 12)
    kv = w2v.KeyedVectors([f"w{i}" for i in range(80)], rows, counts=np.arange(80, 0, -1))
    kv.save(tmp_path / "v.safetensors", output_vectors=rows[::-1].astype(np.float32).copy())
    return tmp_path / "v.safetensors"


FAST = ("--pairs", "200")


def test_default_is_a_rotation_that_keeps_everything(run, vectors: Path, tmp_path: Path) -> None:
    code, out, err = run("reduce", vectors, "-o", tmp_path / "new.safetensors", *FAST)
    assert code == 0 and "80 words x 12 to" in err and "a rotation" in out and "by chance" in out
    old, new = w2v.load(vectors), w2v.load(tmp_path / "new.safetensors")
    assert new.similarity("w3", "w4") == pytest.approx(old.similarity("w3", "w4"), abs=1e-6)
    assert new.output_vectors is not None and new.counts.tolist() == old.counts.tolist()
    np.testing.assert_allclose(new.vectors @ new.output_vectors.T, old.vectors @ old.output_vectors.T, atol=1e-4)
    assert json.loads(new.metadata["changes"])[0]["change"] == "reduce"
    assert "changes" in run("info", tmp_path / "new.safetensors")[1]


def test_options_reach_the_function(run, vectors: Path, tmp_path: Path) -> None:
    code, out, _ = run("reduce", vectors, "--dim", 5, "--center", "--remove-top", 2, "--sample", 30, "--dtype", "int8",
                       "--seed", 4, "-n", 3, "-o", tmp_path / "n.safetensors", "--json", *FAST)
    found = json.loads(out)
    assert code == 0 and found["dim"] == 5 and found["centered"] and found["removed"] == 2 and found["dtype"] == "int8"
    assert found["queries"] == 30 and found["topn"] == 3 and found["seed"] == 4 and found["distortion"]["pairs"] == 200
    assert w2v.load(tmp_path / "n.safetensors").rows.dtype_name == "int8"
    found = json.loads(run("reduce", vectors, "--method", "random", "--dim", 4, "--matrix", "achlioptas", "--json",
                           "--all", *FAST)[1])
    assert (found["method"], found["matrix"], found["dim"], found["queries"]) == ("random", "achlioptas", 4, 80)
    assert json.loads(run("reduce", vectors, "--limit", 20, "--json", *FAST)[1])["words"] == 20


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["--dim", "0"], 2, "--dim 0 is out of range"), (["--dim", "13"], 2, "--dim 13 is out of range"),
    (["--remove-top", "12"], 2, "--remove-top 12 is out of range"),
    (["--method", "random"], 2, "--method random needs either --dim or --eps"),
    (["--method", "random", "--dim", "3", "--center"], 2, "--center belongs to principal components"),
    (["--method", "random", "--dim", "3", "--remove-top", "1"], 2, "--remove-top belongs to principal components"),
    (["--eps", "0.5"], 2, "--eps belongs to --method random"), (["--eps", "x"], 2, "not a number"),
    (["--method", "random", "--eps", "0.5"], 2, "--eps 0.5 needs"), (["--method", "svd"], 2, "svd"),
    (["--matrix", "gaussian"], 2, "--matrix belongs to --method random"), (["--seed", "-1"], 2, "--seed: -1"),
    (["-o", "out.json"], 2, "out.json"), (["--dtype", "int8", "-o", "out.bin"], 2, ".safetensors for other types"),
    (["-o", "no/folder/out.bin"], 1, "no/folder")])
def test_wrong_options_are_one_line(run, vectors: Path, arguments: list[str], code: int, message: str) -> None:
    found, out, err = run("reduce", vectors, *arguments)
    assert found == code and message in err and err.count("\n") == 1 and out == ""


def test_broken_words_and_words_that_the_format_cannot_hold_are_left_out_and_counted(run, tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("5 2\na 1 2\nb nan 1\nc 3 1\nd 2 5\nNew York 1 1\n")
    code, _, err = run("reduce", tmp_path / "v.txt", "-o", tmp_path / "new.safetensors", "--json", *FAST)
    assert code == 0 and "1 of 5 words have NaN" in err and "4 words x 2" in err and "1 of 5 words are left out" in err
    assert w2v.load(tmp_path / "new.safetensors").index_to_key == ["a", "c", "d", "New York"]
    assert "changes" in w2v.load(tmp_path / "new.safetensors").metadata
    code, _, err = run("reduce", tmp_path / "new.safetensors", "-o", tmp_path / "new.bin", *FAST)
    assert code == 0 and "1 of 4 words are left out" in err
    assert w2v.load(tmp_path / "new.bin").index_to_key == ["a", "c", "d"]


@pytest.mark.parametrize("name", ["pca", "reduce-model", "reduc"])
def test_other_names_lead_to_it(run, name: str) -> None:
    assert "did you mean reduce?" in run(name, "x")[2]
