"""`w2v bias`, `w2v axis` and `w2v debias`: text and JSON, files of words, errors before the vectors are read."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers import biased

import w2v

N = 6
PAIRS = list(zip(biased.words("y", N), biased.words("x", N), strict=True))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Vectors with a planted bias, test sets, and lists of words."""
    folder = tmp_path_factory.mktemp("bias")
    biased.planted(1, n=N).save(folder / "v.safetensors")
    biased.write_text(folder / "two.txt", biased.asked(N), biased.asked(N, name="one word", targets=("x",)))
    biased.write_json(folder / "weat6.jsonl", biased.asked(N))
    (folder / "x.txt").write_text("\n".join(biased.words("x", N)))
    (folder / "y.txt").write_text("\n".join(biased.words("y", N)))
    (folder / "pairs.txt").write_text("\n".join(f"{a} {b}" for a, b in PAIRS))
    return folder


QUICK = ("--draws", "200")


def test_bias_prints_the_tests_and_json(run, files):
    asked = ("bias", files / "v.safetensors", "--sets", files / "two.txt", "weat6", "--datasets", files, *QUICK)
    code, out, err = run(*asked)
    assert (code, err) == (0, "") and "one word" in out and "p (Holm)" in out and "all 924" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "y5" not in out and "y5" in run(*asked, "--words")[1]
    code, out, err = run(*asked, "--json")
    found = json.loads(out)
    assert [one["name"] for one in found["tests"]] == ["planted", "one word", "weat6"] and found["left_out"] == []
    expected = w2v.bias(w2v.load(files / "v.safetensors"), [files / "two.txt", "weat6"], datasets=files, draws=200)
    assert found == json.loads(json.dumps(expected.to_dict()))
    assert run(*asked, "--json")[1] == out, "the same seed gives the same numbers"


def test_bias_options(run, files):
    asked = ("bias", files / "v.safetensors", "--json", "--sets")
    one = json.loads(run(*asked, files / "two.txt", "--draws", "0")[1])["tests"][0]
    assert one["effect"]["interval"] is None
    code, out, err = run("weat", "v", "--sets", "x")
    assert code == 2 and "did you mean bias?" in err


def test_axis_takes_files_and_words(run, files):
    code, out, err = run("axis", files / "v.safetensors", "--from", files / "y.txt", "--to", "x0,x1, x2",
                         "a0", "b0", "none", *QUICK)
    assert (code, err) == (0, "") and "a0" in out and "unknown words: none" in " ".join(out.split())
    asked = ("axis", files / "v.safetensors", "a0", "b0", "--from", files / "y.txt", "--to", files / "x.txt", "--pairs",
             *QUICK, "--json")
    found = json.loads(run(*asked)[1])
    assert [one["word"] for one in found["words"]] == ["a0", "b0"] and found["pairs"]
    assert found["accuracy"]["value"] == 1
    assert found["words"][0]["projection"]["value"] > 0.5 and found["coherence"]["value"] > 0.5
    extremes = json.loads(run("axis", files / "v.safetensors", "--from", "y0,y1", "--to", "x0,x1", "-n", 3,
                              "--restrict-vocab", "all", "--json", *QUICK)[1])
    assert len(extremes["words"]) == 6 and extremes["extremes"] and extremes["searched"] == 224


def test_debias_writes_vectors_and_shows_both_sides(run, files, tmp_path):
    asked = ("debias", files / "v.safetensors", "-o", tmp_path / "out.safetensors", "--pairs", files / "pairs.txt",
             "--keep", files / "x.txt", "--sets", files / "two.txt", *QUICK)
    code, out, err = run(*asked)
    assert code == 0 and "224 words x 20" in err and "d before" in out and "1903.03862" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    new = w2v.load(tmp_path / "out.safetensors")
    expected = w2v.debias(w2v.load(files / "v.safetensors"), PAIRS, keep=biased.words("x", N), draws=0).vectors
    assert np.array_equal(new.vectors, expected.vectors)
    assert json.loads(new.metadata["changes"])[0]["change"] == "debias"
    assert "debias" in run("info", tmp_path / "out.safetensors")[1]
    found = json.loads(run(*asked, "--json", "--equalize", "none", "--components", 2)[1])
    assert found["equalized"] == 0 and len(found["explained"]) == 2 and found["bias_after"]["tests"]


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["bias", "v.safetensors"], 2, "--sets"),
    (["bias", "nothing.bin", "--sets", "broken.txt"], 1, "broken.txt, line 2: expected"),
    (["bias", "v.safetensors", "--sets", "nothing.txt"], 1, "cannot read nothing.txt"),
    (["bias", "v.safetensors", "--sets", "two.txt", "--min-known", "2"], 2, "--min-known 2"),
    (["bias", "v.safetensors", "--sets", "two.txt", "--permutations", "0"], 2, "out of range"),
    (["bias", "v.safetensors", "--sets", "unknown.txt"], 1, "no test could be made: unknown: 0 of 2 words of x are"),
    (["axis", "v.safetensors", "--from", "x0"], 2, "--to"),
    (["axis", "nothing.bin", "--from", ",", "--to", "x0"], 2, "has no words"),
    (["axis", "nothing.bin", "--from", "no/file", "--to", "x0"], 2, "cannot read no/file"),
    (["axis", "nothing.bin", "--from", "empty.txt", "--to", "x0"], 1, "empty.txt, line 1: there are no words"),
    (["axis", "nothing.bin", "--from", "x0", "--to", "y0,y1", "--pairs"], 2, "as many words at both ends"),
    (["axis", "v.safetensors", "--from", "none", "--to", "y0"], 1, "no word at the start of the axis is known"),
    (["axis", "v.safetensors", "--from", "y0", "--to", "y0"], 2, "'y0' is at both ends"),
    (["debias", "v.safetensors", "--pairs", "pairs.txt"], 2, "-o"),
    (["debias", "nothing.bin", "-o", "o.bin", "--pairs", "x.txt"], 1, "x.txt, line 1: expected two different words"),
    (["debias", "nothing.bin", "-o", "no/o.bin", "--pairs", "pairs.txt"], 1, "no/o.bin"),
    (["debias", "v.safetensors", "-o", "o.bin", "--pairs", "pairs.txt", "--components", "9"], 2, "--components 9 is"),
    (["debias", "v.safetensors", "-o", "o.bin", "--pairs", "gender-equalize"], 1, "gender-equalize was not found"),
    (["debias", "v.safetensors", "-o", "o.bin", "--pairs", "weat6"], 1, "one of pairs is needed"),
])
def test_wrong_input_gives_one_error(run, files, monkeypatch, arguments, code, message):
    monkeypatch.chdir(files)
    monkeypatch.setenv("W2V_CACHE", str(files / "cache"))
    (files / "broken.txt").write_text(": t\nx y z\n")
    (files / "unknown.txt").write_text("targets x: q r\nattributes a: a0 a1\nattributes b: b0 b1\n")
    (files / "empty.txt").write_text("")
    found, out, err = run(*arguments)
    assert found == code and message in err and out == "" and len(err.strip().splitlines()) == 1
    assert not (files / "o.bin").exists()


def test_words_with_control_characters_are_escaped(run, files, tmp_path):
    kv = w2v.load(files / "v.safetensors")
    names = ["a\x1b0" if word == "a0" else word for word in kv.index_to_key]
    w2v.KeyedVectors(names, kv.vectors).save(tmp_path / "v.safetensors")
    out = run("axis", tmp_path / "v.safetensors", "--from", "y0,y1", "--to", "x0,x1", *QUICK)[1]
    assert "a\\x1b0" in out and "\x1b" not in out
