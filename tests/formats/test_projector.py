"""Numbers without words: files of the TensorBoard projector, and other tables with a word list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.vector_files import makers, put, sample

import w2v
from w2v import formats
from w2v.errors import FormatError, W2VError


def test_words_are_those_of_the_given_metadata(tmp_path: Path) -> None:
    path = put(tmp_path, {"d.tsv": b"1\t2\t3\n4\t5\t6\n", "m.tsv": b"the\nof\n"})
    kv = w2v.load(path, words=tmp_path / "m.tsv")
    assert kv.index_to_key == ["the", "of"] and kv.vectors.tolist() == [[1, 2, 3], [4, 5, 6]] and kv.report == {}


@pytest.mark.parametrize(("matrix", "metadata"), [
    ("d.tsv", "d.metadata.tsv"), ("d.tsv", "metadata.tsv"), ("d.tsv", "d.words"), ("g_tensor.tsv", "g_metadata.tsv"),
    ("vectors.tsv", "metadata.tsv"), ("vecs.tsv", "meta.tsv"), ("d.txt", "d.metadata.tsv"),
])
def test_metadata_next_to_the_file_is_found(tmp_path: Path, matrix: str, metadata: str) -> None:
    path = put(tmp_path, {matrix: b"0.5\t2\n4\t5\n", metadata: b"the\nof\n", "tokenizer.json": b"{}"})
    assert formats.read_vectors(path).words == ["the", "of"]


@pytest.mark.parametrize(("metadata", "words", "counts"), [
    (b"word\tcount\nthe\t7\nnew york\t5\n", ["the", "new york"], [7, 5]),
    (b"id\tword\tsense\n7\tthe\tx\n8\tof\ty\n", ["the", "of"], None),
    (b"Label\tother\nthe\t1\nof\tx\n", ["the", "of"], None),
    (b"the\t7\nof\t5\n", ["the", "of"], [7, 5]), (b"the\tx\nof\ty\n", ["the", "of"], None),
    (b"\xef\xbb\xbfthe\r\nof\r\n", ["the", "of"], None), (b"1\n2\n", ["1", "2"], None), (b"a\n\n", ["a", ""], None),
])
def test_columns_of_the_metadata(tmp_path: Path, metadata: bytes, words: list[str], counts: list[int] | None) -> None:
    file = formats.read_vectors(put(tmp_path, {"d.tsv": b"0.5\t2\n4\t5\n", "d.metadata.tsv": metadata}))
    assert file.words == words and (file.counts is None) == (counts is None)
    assert counts is None or (file.counts is not None and file.counts.tolist() == counts)


@pytest.mark.parametrize("content", [
    b"1 2.5\n3 4\n", b"1\t2.5\n3\t4\n", b"1 2\n3 4", b"1\t2\r\n3\t4\r\n", b"1\t2\n3\t4\n\n\n",
    b"\xef\xbb\xbf1\t2\n3\t4\n", b"2\t1\n7\t0.5\n",
])
def test_numbers_with_given_words_are_never_words(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, {"d.txt": content, "m": b"the\nof\n"})
    file = formats.read_vectors(path, words=tmp_path / "m")
    assert file.words == ["the", "of"] and file.rows.shape == (2, 2)


def test_numbers_without_words_are_refused_unless_they_are_words(tmp_path: Path) -> None:
    for content in (b"1\t2\t3\n4\t5\t6\n", b"0.5 1 2\n0.25 3 4\n", b"-1e-3\t2\n4\t5\n"):
        with pytest.raises(FormatError, match=r"no words in it; put them"):
            formats.read_vectors(put(tmp_path, {"d.tsv": content}))
    assert formats.read_vectors(put(tmp_path, {"d.txt": b"17\t0.5\t1\n4\t2\t3\n"})).words == ["17", "4"]
    assert formats.read_vectors(put(tmp_path, {"d.txt": b"17 1 2\n4 2 3\n"})).words == ["17", "4"]
    assert formats.read_vectors(put(tmp_path, {"d.vec": b"2\t1\n17\t1\n4\t2\n"})).words == ["17", "4"]


@pytest.mark.parametrize(("content", "problem", "line"), [
    (b"1\t2\n4\t5\t6\n", "3 numbers instead of 2|more than 2 numbers", 2), (b"1\t2\n4\n", "1 numbers instead of 2", 2),
    (b"1\t2\n4\tx\n", "'x' is not a number", 2), (b"1\t2\n\n4\t5\n", "0 numbers", 2),
    (b"1\t2\n", "2 words for a matrix of 1", 2),
    (b"1\t2\n3\t4\n5\t6\n", "2 words for a matrix of 3", 2),
])
def test_broken_rows_are_named(tmp_path: Path, content: bytes, problem: str, line: int) -> None:
    path = put(tmp_path, {"d.tsv": content, "m": b"the\nof\n"})
    with pytest.raises(FormatError, match=problem) as caught:
        formats.read_vectors(path, words=tmp_path / "m")
    assert caught.value.line == line


def test_limit_reads_the_first_rows_of_a_longer_file(tmp_path: Path) -> None:
    words, rows = sample(40_000, 3)
    text = "".join("\t".join(map(repr, map(float, row))) + "\n" for row in rows).encode()
    path = put(tmp_path, {"d.tsv": text, "m": "\n".join(words).encode()})
    file = formats.read_vectors(path, words=tmp_path / "m", limit=700, only=[words[3], words[699], words[700]])
    assert file.words == [words[3], words[699]] and np.array_equal(file.vectors, rows[[3, 699]])
    assert np.array_equal(formats.read_vectors(path, words=tmp_path / "m").vectors, rows)


@pytest.mark.parametrize("option", ["words", "tensor", "part"])
@pytest.mark.parametrize("name", ["word2vec text", "word2vec binary", "GloVe text", "fastText binary", "gensim", "npy",
                                  "own safetensors", "foreign safetensors", "projector"])
def test_option_that_a_format_does_not_use_is_refused(tmp_path: Path, name: str, option: str) -> None:
    files = makers(tmp_path)[name](*sample(6, 4))
    path = put(tmp_path, files)
    format = formats.FORMATS[formats.read_vectors(path).format]
    if option in format.takes:
        return
    with pytest.raises(W2VError, match=f"{option}=.* has no use in a "):
        formats.read_vectors(path, **{option: "words"})  # type: ignore[arg-type]
