"""Bad input ends with one line that names the file and the place; unusual input is trained on, counted and reported."""

import json
import lzma
import os
import subprocess
import sys

import numpy as np
import pytest

import w2v
from w2v import cli
from w2v.errors import W2VError

GOOD = "a b c d e f g\n" * 50


@pytest.fixture
def fails(tmp_path, capsys):
    """Train on a file with these bytes over an old output: exit code 1, one line, and the old file is unchanged."""

    def fails(content=None, *options, path=None, output=None):
        corpus = tmp_path / "corpus.txt" if path is None else path
        if content is not None:
            corpus.write_bytes(content)
        old = tmp_path / "v.bin"
        old.write_bytes(b"old")
        before = sorted(tmp_path.iterdir())
        code = cli.main(["train", str(corpus), "-o", str(output or old), *options])
        captured = capsys.readouterr()
        assert code == 1 and captured.out == "" and captured.err.count("\n") == 1
        assert old.read_bytes() == b"old" and sorted(tmp_path.iterdir()) == before
        return captured.err

    return fails


def test_missing_file_is_named(fails, tmp_path):
    assert "nowhere.txt" in fails(path=tmp_path / "nowhere.txt")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_named(fails, tmp_path):
    (tmp_path / "corpus.txt").write_text(GOOD)
    (tmp_path / "corpus.txt").chmod(0)
    assert "corpus.txt" in fails(path=tmp_path / "corpus.txt")


def test_empty_folder_and_glob_without_match_are_named(fails, tmp_path):
    (tmp_path / "folder").mkdir()
    assert "folder" in fails(path=tmp_path / "folder")
    assert "*.nothing" in fails(path=tmp_path / "*.nothing")


@pytest.mark.parametrize("content", [b"", b"\n\n \t\n"])
def test_empty_corpus_is_refused(fails, content):
    assert "corpus.txt" in fails(content)


def test_corpus_of_rare_words_is_refused_with_both_numbers(fails):
    problem = fails(b"a b c\na b d\na e f\n")
    assert "6" in problem and "3" in problem and "min_count" in problem.replace("-", "_")


def test_nul_byte_is_refused_with_its_place(fails):
    problem = fails(GOOD.encode() + b"x\0y\n")
    assert "corpus.txt" in problem and str(len(GOOD) + 1) in problem and "NUL" in problem


def test_truncated_xz_is_refused_with_its_place(fails):
    packed = lzma.compress(GOOD.encode() * 100)
    problem = fails(packed[: len(packed) - 20])
    assert "corpus.txt" in problem and "byte" in problem


def test_unwritable_output_is_found_before_training(fails, tmp_path, monkeypatch):
    monkeypatch.setattr("w2v.training.train.train_resolved", lambda *a, **k: pytest.fail("training began"))
    assert "missing" in fails(GOOD.encode(), output=tmp_path / "missing" / "v.bin")
    (tmp_path / "folder").mkdir()
    assert "folder" in fails(GOOD.encode(), output=tmp_path / "folder")
    assert "null" in fails(GOOD.encode(), output="/dev/null")


@pytest.mark.parametrize("command", [
    "train c.txt -o -", "train c.txt -o x.bin --log-json -", "train c.txt -o x.bin --save-vocab -",
    "train c.txt -o x.bin --checkpoint -", "convert v.bin -", "convert v.bin - --to projector",
    "convert v.bin - --to pgvector", "convert v.bin - --to model2vec", "convert v.bin - --to graphml",
    "tokenize c.txt -o -", "phrases c.txt -o -", "reduce v.bin -o -", "align v.bin v.bin -o -",
    "cluster v.bin -k 2 -o -", "diff v.bin v.bin -o -", "demo -o -"])
def test_standard_output_is_no_place_for_an_output(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("w2v.training.train.train_resolved", lambda *a, **k: pytest.fail("training began"))
    (tmp_path / "c.txt").write_text(GOOD)
    w2v.KeyedVectors(["a", "b"], [[1, 2], [3, 4]]).save("v.bin")
    assert cli.main(command.split()) == 1
    out, err = capsys.readouterr()
    assert out == "" and err == "w2v: cannot write -: an output is a file, not standard output; choose a file name\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.txt", "v.bin"]


@pytest.mark.parametrize("write", [
    lambda kv: kv.save("-"), lambda kv: kv.save_word2vec_format("-"), lambda kv: w2v.cluster(kv, 2).save("-")])
def test_python_refuses_a_file_named_as_standard_output(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(W2VError, match="^cannot write -: an output is a file"):
        write(w2v.KeyedVectors(["a", "b", "c"], [[1, 2], [3, 4], [-1, 2]]))
    assert not list(tmp_path.iterdir())


def test_full_disk_leaves_the_old_file(tmp_path):
    """A limit on file sizes has the effect of a full disk: the write fails in the middle."""
    if os.name == "nt":
        pytest.skip("Windows has no limit on the size of files")
    import resource

    (tmp_path / "corpus.txt").write_text(GOOD)
    (tmp_path / "v.bin").write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-m", "w2v", "train", "corpus.txt", "-o", "v.bin", "--vector-size", "1000", "-q"],
        cwd=tmp_path,
        capture_output=True, text=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)))
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "v.bin" in done.stderr
    assert (tmp_path / "v.bin").read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 2


def vector_file(tmp_path):
    kv = w2v.KeyedVectors(["a", "b", "c"], np.arange(12, dtype=np.float32).reshape(3, 4) + 1)
    kv.save(tmp_path / "v.bin")
    return (tmp_path / "v.bin").read_bytes()


@pytest.mark.parametrize("name, change", [
    ("cut in the middle", lambda b: b[: len(b) // 2]),
    ("cut in the header", lambda b: b[:2]),
    ("empty", lambda b: b""),
    ("no header", lambda b: b"hello world\n" + b[4:]),
    ("negative", lambda b: b"-3 4\n" + b[4:]),
    ("absurd count", lambda b: b"999999999999 4\n" + b[4:]),
    ("absurd dimension", lambda b: b"3 99999999999\n" + b[4:]),
    ("dimension that does not fit", lambda b: b"3 5\n" + b[4:]),
    ("too many rows", lambda b: b + b[4:]),
])
def test_broken_file_of_vectors_is_one_line_with_a_place(tmp_path, capsys, name, change):
    content = change(vector_file(tmp_path))
    (tmp_path / "v.bin").write_bytes(content)
    code = cli.main(["neighbors", str(tmp_path / "v.bin"), "a"])
    captured = capsys.readouterr()
    assert code == 1 and captured.err.count("\n") == 1 and "v.bin" in captured.err
    assert "byte" in captured.err or "line" in captured.err


def test_analogy_with_three_words_names_its_line(tmp_path, capsys):
    vector_file(tmp_path)
    (tmp_path / "q.txt").write_text(": section\na b c a\na b c\n")
    assert cli.main(["evaluate", str(tmp_path / "v.bin"), "--analogies", str(tmp_path / "q.txt")]) == 1
    error = capsys.readouterr().err
    assert "q.txt, line 3" in error and error.count("\n") == 1


# ---- unusual text ----------------------------------------------------------------------------------------------

@pytest.fixture
def trains(tmp_path, capsys):
    """Train on these bytes; return the JSON report."""

    def trains(content):
        (tmp_path / "corpus.txt").write_bytes(content)
        code = cli.main(["train", str(tmp_path / "corpus.txt"), "-o", str(tmp_path / "v.bin"), "--json",
                         "--vector-size", "8", "--epochs", "1", "--min-count", "1"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    return trains


def test_invalid_utf8_is_kept_and_counted(trains, tmp_path):
    report = trains(b"good b\xffd good caf\xc3\xa9 \xe9t\xe9 b\xffd\n" * 10)
    assert report["corpus"]["invalid_utf8_words"] == 30 and report["vocabulary"] == 4
    kv = w2v.load(tmp_path / "v.bin")
    assert "café" in kv and "b\udcffd" in kv
    assert (tmp_path / "v.bin").read_bytes().count(b"b\xffd ") == 1


def test_crlf_and_missing_newline_at_the_end_are_counted(trains):
    report = trains(b"a b c\r\nd e f\r\na b c")
    assert report["corpus"]["crlf_lines"] == 2 and report["corpus"]["lines"] == 3
    assert report["vocabulary"] == 6 and report["words_read"] == 9
    assert report["corpus"]["files_without_final_newline"] == 1


def test_line_of_ten_million_words_is_trained_completely(trains):
    report = trains(b"one two three four five six seven eight nine ten " * 1_000_000)
    assert report["corpus"]["longest_line"] == 10_000_000 == report["words_read"]
    assert report["words_trained"] + report["words_subsampled"] == 10_000_000


def test_word_of_one_megabyte_is_kept(trains, tmp_path):
    word = b"x" * 1_000_000
    report = trains(b"a b " + word + b" c d\n" + b"a b c d\n" * 10)
    assert report["corpus"]["longest_word"] == 1_000_000 and report["vocabulary"] == 5
    assert word.decode() in w2v.load(tmp_path / "v.bin")
