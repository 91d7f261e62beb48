"""Vectors and corpora are told apart by their content, whatever their names."""

import gzip
import os
import zipfile

import numpy as np
import pytest
from helpers.spaces import gaussian, space

from w2v.analysis.health.kind import is_vectors


@pytest.mark.parametrize("suffix", [".bin", ".txt", ".safetensors", ".vec.gz"])
def test_files_of_vectors_under_any_name(tmp_path, suffix):
    path = tmp_path / f"v{suffix}"
    space(gaussian(20, 5)).save(path)
    assert is_vectors(path)
    other = tmp_path / "corpus.csv"
    os.replace(path, other)
    assert is_vectors(str(other))


@pytest.mark.parametrize("text", [
    "a sentence of words\nanother one\n", "17 4 99\n5 3\n", "1 2 3\n4 5 6\n", "17\t4\t99\n5\t3\t1\n", "", "\n\n",
    "text,label\nhello,1\n", '{"text": "hello"}\n', "the 5 of 6\nin 1990 it was\n"])
def test_texts_lines_of_ids_and_tables_are_a_corpus(tmp_path, text):
    path = tmp_path / "vectors.bin"
    path.write_text(text)
    assert not is_vectors(path)


def test_glove_text_is_vectors(tmp_path):
    (tmp_path / "g.txt").write_text("".join(f"w{i} 0.5 -1.25 {i}.0\n" for i in range(9)))
    assert is_vectors(tmp_path / "g.txt")


def test_word2vec_text_of_whole_numbers_is_vectors(tmp_path):
    (tmp_path / "v.txt").write_text("3 2\n7 1 2\n8 3 4\n9 5 6\n")
    assert is_vectors(tmp_path / "v.txt")


@pytest.mark.parametrize("array, expected", [(gaussian(5, 3), True), (np.arange(6).reshape(2, 3), False),
                                             (np.arange(6), False)])
def test_arrays_of_floats_are_vectors_and_of_integers_a_corpus(tmp_path, array, expected):
    np.save(tmp_path / "a.npy", array)
    assert is_vectors(tmp_path / "a.npy") == expected


def test_archives(tmp_path):
    space(gaussian(9, 3)).save(tmp_path / "v.txt")
    for name, data in (("v.zip", (tmp_path / "v.txt").read_bytes()), ("c.zip", b"a text of words\n")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("inner.txt", data)
    (tmp_path / "c.gz").write_bytes(gzip.compress(b"a text of words\n"))
    assert is_vectors(tmp_path / "v.zip")
    assert not is_vectors(tmp_path / "c.zip") and not is_vectors(tmp_path / "c.gz")


@pytest.mark.parametrize("path", ["missing.bin", "-", "s3://bucket/vectors.bin", "*.txt"])
def test_what_cannot_be_opened_is_left_to_the_reader_of_corpora(path):
    assert not is_vectors(path)


def test_folders(tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("words\n")
    (tmp_path / "model").mkdir()
    space(gaussian(9, 3)).save(tmp_path / "model" / "model.safetensors")
    assert is_vectors(tmp_path / "model") and not is_vectors(tmp_path / "texts")
