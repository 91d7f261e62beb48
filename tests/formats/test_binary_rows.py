"""Binary rows of word2vec: odd words, wrong numbers of rows, and numbers that are not finite."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from helpers.vector_files import binary, put

import w2v
from w2v import formats
from w2v.errors import FormatError
from w2v.formats import content

WORDS = ["", " ", "  ", "\t", "\x0b", "\x0c", "\r", "\x1c", "\x00", "a\x00b", "\x01", "\x7f", "\x85", "\xa0", "\u3000",
         "a b", "New York City", "a\nb", "\tb c"]
LAYOUTS = pytest.mark.parametrize("newline", [b"\n", b""], ids=["word2vec.c", "gensim"])


def rows_of(dim: int) -> np.ndarray:
    return np.random.default_rng(dim).normal(0, 0.3, (3, dim)).astype(np.float32)


@LAYOUTS
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("dim", [8, 50])
def test_odd_word_is_read_at_any_row(tmp_path: Path, newline: bytes, word: str, at: int, dim: int) -> None:
    words, rows = ["the", "of", "and"], rows_of(dim)
    words[at] = word
    path = put(tmp_path, {"v.bin": binary(words, rows, newline)})
    file = formats.read_vectors(path)
    assert file.words == words and np.array_equal(file.vectors, rows)
    assert file.report.get("empty_words", 0) == (word == "")
    assert file.report.get("words_with_blanks", 0) == (" " in word)
    limited = formats.read_vectors(path, limit=2)
    assert limited.words == words[:2] and np.array_equal(limited.vectors, rows[:2])


@pytest.mark.parametrize("word", ["", "\t", "\x0c", "\x00", "a\nb", "a b", " "])
def test_odd_word_of_few_numbers_is_read_where_rows_end_in_newlines(tmp_path: Path, word: str) -> None:
    words, rows = ["the", "of", "and", word, "to"], np.float32([[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]])
    file = formats.read_vectors(put(tmp_path, {"v.bin": binary(words, rows)}))
    assert file.words == words and np.array_equal(file.vectors, rows)


@LAYOUTS
@pytest.mark.parametrize("dim", [1, 2, 3, 10, 100])
def test_rows_of_unusual_sizes_are_read_as_they_are(tmp_path: Path, newline: bytes, dim: int) -> None:
    rng = np.random.default_rng(dim)
    words = [f"w{i}" for i in range(3000)]
    normal = rng.normal(size=(3000, dim))
    patterns = rng.integers(0, 2**32, (3000, dim), dtype=np.uint32).view(np.float32)
    for rows in (normal * 1e-12, normal * 1e8, normal * 10.0**rng.integers(-12, 3, (3000, 1)), normal * 0, patterns):
        rows = rows.astype(np.float32)
        file = formats.read_vectors(put(tmp_path, {"v.bin": binary(words, rows, newline)}))
        assert file.words == words and np.array_equal(file.vectors.view(np.uint32), rows.view(np.uint32))


@LAYOUTS
def test_odd_words_at_the_ends_of_blocks(tmp_path: Path, newline: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "BLOCK", 64)
    monkeypatch.setattr(content, "SAMPLE", 64)
    words = [f"a{'b' * (i % 7)} {i}" if i % 3 else f"w\0{i}" for i in range(300)]
    rows = np.random.default_rng(0).normal(0, 0.3, (300, 10)).astype(np.float32)
    data = binary(words, rows, newline)
    for made in (data, gzip.compress(data)):
        file = formats.read_vectors(put(tmp_path, {"v.bin": made}))
        assert file.words == words and np.array_equal(file.vectors, rows)


def test_newline_as_a_word_is_read_as_gensim_does_without_newlines_and_exactly_with_them(tmp_path: Path) -> None:
    words, rows = ["the", "\n", "and"], rows_of(5)
    for newline, expected in ((b"\n", "\n"), (b"", "")):
        file = formats.read_vectors(put(tmp_path, {"v.bin": binary(words, rows, newline)}))
        assert file.words == ["the", expected, "and"] and np.array_equal(file.vectors, rows)


@LAYOUTS
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(("stated", "limit", "n"), [
    (b"900", 3, 3), (b"900", 1, 1), (b"1" + b"0" * 18, 2, 2), (b"1", 1, 1), (b"1", 2, 2), (b"2", 9, 3)])
def test_limit_reads_as_far_as_it_asks(
    tmp_path: Path, newline: bytes, pack, stated: bytes, limit: int, n: int
) -> None:
    words, rows = ["the", "of", "and"], rows_of(4)
    path = put(tmp_path, {"v.bin": pack(binary(words, rows, newline).replace(b"3", stated, 1))})
    file = formats.read_vectors(path, limit=limit)
    assert file.words == words[:n] and np.array_equal(file.vectors, rows[:n]) and file.report == {"wrong_header": 1}
    with pytest.raises(FormatError):
        formats.read_vectors(path)
    with pytest.raises(FormatError, match="strict"):
        formats.read_vectors(path, limit=limit, strict=True)


@LAYOUTS
def test_truncated_file_is_read_up_to_limit(tmp_path: Path, newline: bytes) -> None:
    words, rows = ["the", "of", "and"], rows_of(4)
    data = binary(words, rows, newline)
    path = put(tmp_path, {"v.bin": data[:-7]})
    assert formats.read_vectors(path, limit=2).report == {"wrong_header": 1}
    with pytest.raises(FormatError, match="limit=2 reads the rows before it"):
        formats.read_vectors(path, limit=3)
    packed = gzip.compress(data * 1)
    assert formats.read_vectors(put(tmp_path, {"v.gz": packed[:-12]}), limit=1).words == ["the"]


def test_rows_that_are_not_where_the_header_places_them_are_refused(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(100, 9)).astype(np.float32)
    data = binary([f"w{i}" for i in range(100)], rows)
    for dim in (1, 2, 8, 10, 11):
        for limit in (None, 50):
            with pytest.raises(FormatError):
                formats.read_vectors(put(tmp_path, {"v.bin": data.replace(b"100 9", b"100 %d" % dim)}), limit=limit)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_counted(tmp_path: Path, value: float) -> None:
    rows = rows_of(40)
    rows[1, 33] = value
    path = put(tmp_path, {"v.bin": binary(["the", "of", "and"], rows)})
    kv = w2v.load(path)
    assert kv.report == {"not_finite": 1} and np.array_equal(kv.vectors[:], rows, equal_nan=True)
    assert w2v.load(path, limit=1).report == {}
    with pytest.raises(FormatError, match="'of'.*strict"):
        formats.read_vectors(path, strict=True)
