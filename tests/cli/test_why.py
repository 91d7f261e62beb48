"""`w2v why`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import w2v


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    kv = w2v.KeyedVectors([f"w{i}" for i in range(80)], rng.normal(size=(80, 12)).astype(np.float32),
                          np.arange(80, 0, -1))
    kv.save(tmp_path / "v.safetensors", output_vectors=rng.normal(size=(80, 12)).astype(np.float32))
    kv.save(tmp_path / "v.bin")
    return tmp_path / "v.safetensors"


def test_table_and_json_have_the_same_contexts(run, vectors: Path) -> None:
    code, out, err = run("why", vectors, "w3", "w7", "-n", 4)
    assert code == 0 and err == "" and "contexts of w3 and w7" in out and "by chance" in out
    found = json.loads(run("why", vectors, "w3", "w7", "-n", 4, "--json")[1])
    assert len(found["contexts"]) == 4 and all(one["word"] in out for one in found["contexts"])
    assert found == json.loads(json.dumps(w2v.why(w2v.load(vectors), "w3", "w7", 4).to_dict()))
    found = json.loads(run("why", vectors, "w3", "w7", "--exponent", 0, "--pairs", 50, "--seed", 3, "--json")[1])
    assert (found["exponent"], found["pairs"], found["seed"]) == (0, 50, 3)


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["w3", "none"], 1, "'none'"), (["w3", "w3"], 2, "two different words"), (["w3"], 2, "B"),
    (["w3", "w4", "w5"], 2, "too many arguments"), (["w3", "w4", "-n", "0"], 2, "0"),
    (["w3", "w4", "--pairs", "-1"], 2, "--pairs -1"), (["w3", "w4", "--exponent", "-2"], 2, "--exponent -2")])
def test_bad_input_is_one_line(run, vectors: Path, arguments: list[str], code: int, message: str) -> None:
    found, out, err = run("why", vectors, *arguments)
    assert found == code and message in err and err.count("\n") == 1 and out == ""


def test_file_without_output_vectors_is_an_error(run, vectors: Path) -> None:
    code, _, err = run("why", vectors.with_suffix(".bin"), "w3", "w7")
    assert code == 1 and "--save-output-vectors" in err and err.count("\n") == 1
