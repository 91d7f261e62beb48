"""`w2v convert` and `w2v info`: words that cannot be written, encodings, compression, numbers that are not finite."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.vector_files import put

import w2v

MIXED = b"5 2\nthe 1 2\nNew York 3 4\n\t 5 6\n 7 8\nof nan 1\n"


@pytest.mark.parametrize("arguments", [["v.bin"], ["v.txt"], ["v.vec.gz"], ["fast.bin", "--to", "fasttext"]])
def test_words_that_the_output_cannot_hold_are_left_out_and_counted(run, tmp_path: Path, arguments: list) -> None:
    path, output = put(tmp_path, {"in.txt": MIXED}), tmp_path / arguments[0]
    code, out, err = run("convert", path, output, *arguments[1:], "--json")
    assert code == 0 and json.loads(out)["words_left_out"] == 4 and json.loads(out)["words"] == 1
    assert w2v.load(output).index_to_key == ["the"]
    _, _, err = run("convert", path, output, *arguments[1:])
    assert "4 words" in err and "left out" in err


def test_own_format_holds_every_word_with_finite_numbers(run, tmp_path: Path) -> None:
    assert run("convert", put(tmp_path, {"in.txt": MIXED}), tmp_path / "v.safetensors")[0] == 0
    assert w2v.load(tmp_path / "v.safetensors").index_to_key == ["the", "New York", "\t", ""]


@pytest.mark.parametrize("output", ["v.bin", "v.copy"])
def test_strict_refuses_what_would_be_left_out(run, tmp_path: Path, output: str) -> None:
    word = "new york" if output == "v.bin" else "\udcff"
    w2v.KeyedVectors(["a", word], np.ones((2, 2))).save(tmp_path / "in.safetensors")
    code, _, err = run("convert", tmp_path / "in.safetensors", tmp_path / output, "--strict")
    assert code == 1 and "strict" in err and not (tmp_path / output).exists()


def test_nothing_to_write_is_an_error(run, tmp_path: Path) -> None:
    code, _, err = run("convert", put(tmp_path, {"in.txt": b"1 2\nNew York 1 2\n"}), tmp_path / "v.bin")
    assert code == 1 and "none of the words" in err and err.count("\n") == 1


def test_unknown_suffixes_are_refused_with_all_that_is_possible(run, tmp_path: Path) -> None:
    path = put(tmp_path, {"in.txt": b"1 2\na 1 2\n"})
    code, _, err = run("convert", path, tmp_path / "v.foo")
    assert code == 2 and all(name in err for name in (".safetensors", ".bin", ".vec", ".tsv",
                                             ".parquet", "--to", ".gz"))


@pytest.mark.parametrize("output", ["v.tsv.gz", "v.parquet.gz", "v.embedding.safetensors.xz"])
def test_export_that_is_not_compressed_is_refused(run, tmp_path: Path, output: str) -> None:
    pytest.importorskip("pyarrow") if "parquet" in output else None
    code, _, err = run("convert", put(tmp_path, {"in.txt": b"1 2\na 1 2\n"}), tmp_path / output)
    assert code == 1 and "not compressed" in err and not (tmp_path / output).exists()


def test_encoding_of_every_command(run, tmp_path: Path) -> None:
    path = put(tmp_path, {"in.txt": "3 2\npäivä 1 2\nx 3 4\ny 5 7\n".encode("latin-1")})
    for command in (["info", path], ["neighbors", path, "päivä"], ["analogy", path, "päivä", "x", "y"],
                    ["convert", path, tmp_path / "v.txt"]):
        assert run(*command, "--encoding", "latin-1")[0] == 0, command
    assert w2v.load(tmp_path / "v.txt").index_to_key == ["päivä", "x", "y"]
    code, _, err = run("neighbors", path, "päivä")
    assert code == 1 and "--encoding" in err
    assert run("info", path, "--unicode-errors", "strict")[0] == 1
    code, _, err = run("info", path, "--encoding", "no-such")
    assert code == 1 and "no-such" in err


def test_info_and_queries_say_that_numbers_are_not_finite(run, tmp_path: Path) -> None:
    path = put(tmp_path, {"i.txt": b"3 2\nthe 1 2\nof -1e300 4\nand 3 4\n"})
    assert "NaN or infinity" in run("info", path)[1]
    code, out, err = run("neighbors", path, "the")
    assert code == 0 and "and" in out and "1 of 3 words" in err
    for command in (["neighbors", path, "of"], ["analogy", path, "the", "of", "and"]):
        code, out, err = run(*command)
        assert code == 1 and "'of'" in err and out == ""
    np.save(tmp_path / "m.npy", np.float32([[1, 2], [np.nan, 1]]))
    (tmp_path / "m.words").write_text("a\nb\n")
    assert json.loads(run("info", tmp_path / "m.npy", "--json")[1])["report"] == {"not_finite": 1}
