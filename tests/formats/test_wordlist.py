"""Word lists of matrices without words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import put, sample

import w2v
from w2v import formats
from w2v.errors import FormatError


@pytest.mark.parametrize("name", ["v.words", "v.vocab", "v.txt", "v.vocab.txt", "words.txt", "vocab.txt"])
def test_word_list_is_found_next_to_the_matrix(tmp_path: Path, name: str) -> None:
    words, rows = sample(3, 5)
    listed = "".join(f"{word}\t{10 - i}\r\n" for i, word in enumerate(words)).encode()
    file = formats.read_vectors(put(tmp_path, {"v.npy": vector_files.npy(rows), name: listed}))
    assert file.words == words and file.counts is not None and file.counts.tolist() == [10, 9, 8]
    assert file.report == {"crlf_lines": 3}


def test_word_list_can_be_given_and_must_fit(tmp_path: Path) -> None:
    words, rows = sample(3, 5)
    path = put(tmp_path, {"v.npy": vector_files.npy(rows), "other": "\n".join(words[:2]).encode()})
    with pytest.raises(FormatError, match="2 words for a matrix of 3 rows"):
        formats.read_vectors(path, words=tmp_path / "other")
    with pytest.raises(FormatError, match=r"v\.words"):
        formats.read_vectors(path)
    (tmp_path / "other").write_text("\n".join(words), encoding="utf-8")
    assert formats.read_vectors(path, words=tmp_path / "other").words == words


def test_words_of_a_tokenizer(tmp_path: Path) -> None:
    words, rows = sample(4, 3)
    tokenizer = json.dumps({"model": {"vocab": {word: i for i, word in enumerate(words)}}}).encode()
    path = put(tmp_path, {"model.safetensors": vector_files.safetensors({"embeddings": ("F32", rows)}),
                          "tokenizer.json": tokenizer})
    assert formats.read_vectors(path).words == words
    for broken in (b"{}", b"[", b'{"model": {"vocab": {"a": 0, "b": 7}}}', b'{"model": {"vocab": [["a"]]}}'):
        (tmp_path / "tokenizer.json").write_bytes(broken)
        with pytest.raises(FormatError):
            formats.read_vectors(path)


@pytest.mark.parametrize("text, words, counts", [
    ("the 9\nof 7\na 7\n", ["the", "of", "a"], [9, 7, 7]),
    ("windows 7\nwindows 8\nwindows 10\n", ["windows 7", "windows 8", "windows 10"], None),
    ("the 9\nof\na 7\n", ["the 9", "of", "a 7"], None),
    ("the 9\nnew york 7\na 7\n", ["the 9", "new york 7", "a 7"], None)])
def test_vocabulary_with_falling_counts_is_told_from_words_with_blanks(tmp_path, text, words, counts):
    np.save(tmp_path / "v.npy", np.eye(3, dtype=np.float32))
    (tmp_path / "vocab.txt").write_text(text)
    kv = w2v.load(tmp_path / "v.npy")
    assert kv.index_to_key == words and (kv.counts is None if counts is None else kv.counts.tolist() == counts)
