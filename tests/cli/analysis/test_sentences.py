"""`w2v sentences`: files of vectors, cosines of pairs, nearest lines, and wrong options."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

import w2v
from w2v.corpus_options import TextOptions

WORDS = ["the", "a", "dog", "cat", "barks", "sleeps"]
TEXT = "the dog barks\na cat sleeps\n\nthe cat no\r\na dog\n"


@pytest.fixture
def vectors(tmp_path):
    kv = w2v.KeyedVectors(WORDS, np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32),
                          [90, 50, 9, 8, 3, 2])
    kv.save(tmp_path / "v.safetensors")
    return tmp_path / "v.safetensors"


@pytest.fixture
def text(tmp_path):
    (tmp_path / "t.txt").write_bytes(TEXT.encode())
    return tmp_path / "t.txt"


@pytest.mark.filterwarnings("ignore:1 of 5 texts")
@pytest.mark.parametrize("suffix", [".npy", ".safetensors", ".tsv"])
@pytest.mark.parametrize("options", [(), ("--weights", "sif"), ("--weights", "sif", "--a", "0.1", "--remove", "1")])
def test_vectors_are_those_of_python(run, vectors, text, tmp_path, suffix, options):
    output = tmp_path / f"out{suffix}"
    code, out, err = run("sentences", vectors, text, "-o", output, *options, "--json")
    assert code == 0 and err.endswith(f"5 vectors x 4 to {output}\n")
    removed = options.count("--remove")
    assert json.loads(out) == {"texts": 5, "empty": 1, "words": 11, "unknown_words": 1, "broken_words": 0,
                               "vector_size": 4, "removed_components": removed}
    expected = w2v.load(vectors).sentence_vectors(TEXT.splitlines(), "sif" if options else "mean",
                                                  0.1 if removed else 1e-3, removed)
    data = output.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    found = {".npy": lambda: np.load(output), ".tsv": lambda: np.loadtxt(output, dtype=np.float32, delimiter="\t"),
             ".safetensors": lambda: np.frombuffer(data[start:], dtype="<f4").reshape(5, 4)}[suffix]()
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    assert suffix != ".safetensors" or json.loads(data[8:start])["sentences"]["shape"] == [5, 4]


def test_standard_input_is_the_default(run, vectors, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"the dog\na cat\xff cat")))
    code, out, _ = run("sentences", vectors, "-o", tmp_path / "o.npy")
    assert code == 0 and "unknown words       1" in out
    assert np.load(tmp_path / "o.npy").shape == (2, 4)
    assert run("sentences", vectors, "-o", tmp_path / "o.npy", "/dev/null")[::2] == (
        0, f"w2v: the text is empty: it has no lines\n0 vectors x 4 to {tmp_path / 'o.npy'}, in place of the file that "
        "was there\n")
    assert np.load(tmp_path / "o.npy").shape == (0, 4)


def test_components_of_another_text_are_removed(run, vectors, text, tmp_path):
    (tmp_path / "new.txt").write_text("the dog\n")
    code, out, _ = run("sentences", vectors, tmp_path / "new.txt", "--fit", text, "--remove", "2", "-o",
                       tmp_path / "o.npy", "--json")
    encoder = w2v.load(vectors).sentence_encoder(TEXT.splitlines(), remove=2)
    assert code == 0 and json.loads(out)["removed_components"] == 2
    np.testing.assert_array_equal(np.load(tmp_path / "o.npy"), encoder.encode(["the dog"]).vectors)


def test_cosines_of_pairs_are_printed(run, vectors, tmp_path):
    (tmp_path / "p.tsv").write_text("the dog\ta cat\nthe dog\tthe dog\nno\tthe dog\n")
    code, out, err = run("sentences", vectors, tmp_path / "p.tsv", "--pairs")
    a, b = w2v.load(vectors).sentence_vectors(["the dog", "a cat"]).astype(np.float64)
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert (code, out.split()) == (0, [f"{cosine:.4f}", "1.0000", "0.0000"])
    assert err == "w2v: 1 of 6 sentences have no known word: their cosines are 0\n"
    shown = json.loads(run("sentences", vectors, tmp_path / "p.tsv", "--pairs", "--json")[1])
    assert shown["cosines"] == pytest.approx([cosine, 1, 0]) and shown["texts"] == 6
    (tmp_path / "p.tsv").write_text("the dog\ta cat\nthe dog\n")
    code, out, err = run("sentences", vectors, tmp_path / "p.tsv", "--pairs")
    assert (code, out) == (1, "") and "p.tsv, line 2: expected two sentences with a TAB" in err


@pytest.mark.parametrize("options", [(), ("--weights", "sif", "--remove", "1")])
def test_nearest_lines_of_a_query_are_shown(run, vectors, text, options):
    code, out, _ = run("sentences", vectors, text, "--query", "the dog barks", "-n", "2", *options)
    assert code == 0 and out.splitlines()[0] == "  1.0000  the dog barks" and len(out.splitlines()) == 2
    shown = json.loads(run("sentences", vectors, text, "--query", "a dog", "--json", *options)[1])
    assert shown["nearest"][0] == {"line": 5, "text": "a dog", "similarity": pytest.approx(1)}
    assert len(shown["nearest"]) == 5 and shown["query"] == "a dog"
    code, _, err = run("sentences", vectors, text, "--query", "no none")
    assert code == 1 and "no word of the query 'no none' is known" in err


def test_words_can_be_made_for_vectors_that_do_not_store_how(run, vectors, tmp_path):
    (tmp_path / "raw.txt").write_text("The dog, a cat!\nA Dog.\n")
    code, out, err = run("sentences", vectors, tmp_path / "raw.txt", "-o", tmp_path / "o.npy", "--json")
    assert code == 0 and json.loads(out)["unknown_words"] == 5
    assert "5 of 6 words are unknown; try --tokenize words --lowercase" in err
    options = ("--tokenize", "words", "--lowercase")
    out = run("sentences", vectors, tmp_path / "raw.txt", "-o", tmp_path / "o.npy", "--json", *options)[1]
    assert json.loads(out)["unknown_words"] == 0
    kv = w2v.load(vectors)
    kv.text_options = TextOptions(tokenize="words")
    kv.save(tmp_path / "s.safetensors")
    code, _, err = run("sentences", tmp_path / "s.safetensors", tmp_path / "raw.txt", "-o", tmp_path / "o.npy",
                       *options)
    assert code == 2 and "stores how its text became words: leave out --tokenize" in err


@pytest.mark.parametrize(("options", "message"), [
    ((), "give -o FILE.npy, --pairs or --query TEXT"),
    (("-o", "x.bin"), "suffix must be one of .npy, .safetensors, .tsv"),
    (("--pairs", "-o", "x.npy"), "cannot be combined"), (("-o", "x.npy", "--fit", "y"), "give --remove too"),
    (("-o", "x.npy", "--remove", "5"), "--remove 5 is out of range: 0 to 4"),
    (("-o", "x.npy", "--remove", "4"), "nothing would be left of 4 texts"),
    (("-o", "x.npy", "--weights", "sif", "--a", "0"), "--a 0.0 is out of range"),
    (("-o", "x.npy", "--frequencies", "zipf"), "--frequencies is an option of --weights sif"),
])
def test_wrong_options_are_usage_errors(run, vectors, text, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    code, out, err = run("sentences", vectors, text, *options)
    assert (code, out) == (2, "") and message in err and sorted(tmp_path.iterdir()) == before


def test_sif_needs_counts_or_the_order_of_words(run, vectors, text, tmp_path):
    w2v.load(vectors).save(tmp_path / "v.bin")
    code, _, err = run("sentences", tmp_path / "v.bin", text, "-o", tmp_path / "o.npy", "--weights", "sif")
    assert code == 2 and "needs the counts" in err
    assert run("sentences", tmp_path / "v.bin", text, "-o", tmp_path / "o.npy", "--weights", "sif", "--frequencies",
               "zipf")[0] == 0


def test_a_missing_text_is_an_error(run, vectors, tmp_path):
    code, _, err = run("sentences", vectors, tmp_path / "none.txt", "-o", tmp_path / "o.npy")
    assert code == 1 and "cannot read" in err and not (tmp_path / "o.npy").exists()


def test_names_of_other_tools_are_known(run):
    assert "did you mean sentences?" in run("print-sentence-vectors")[2]
