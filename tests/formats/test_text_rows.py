"""Rows of text: odd words, names that end in numbers, and wrong numbers of rows. The expected words are gensim's."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from helpers.vector_files import put

from w2v import formats
from w2v.errors import FormatError

BLANK_WORDS = ["", " ", "  ", "\t", "\t\t", " \t"]
ODD_WORDS = ["\x0b", "\x0c", "\x1c", "\x1f", "\r", "\x00", "\x01", "\x7f", "\x85", "\xa0", "\u2028", "\u3000",
             "a\tb", "a\u00a0b", "a b", "a  b"]
ROWS = [[1, 2], [3, 4], [5, 6]]


def lines(words: list[str], end: str = "\n") -> bytes:
    return "".join(f"{word} {a} {b}{end}" for word, (a, b) in zip(words, ROWS, strict=True)).encode()


@pytest.mark.parametrize("word", BLANK_WORDS + ODD_WORDS)
@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("header", [b"3 2\n", b""])
@pytest.mark.parametrize("end", ["\n", " \n", "\r\n"])
def test_odd_word_is_read_at_any_line(tmp_path: Path, word: str, at: int, header: bytes, end: str) -> None:
    words = ["the", "of", "and"]
    words[at] = word
    file = formats.read_vectors(put(tmp_path, {"v.vec": header + lines(words, end)}))
    assert file.words == words and file.vectors.tolist() == ROWS
    assert file.report.get("empty_words", 0) == (word == "")
    assert file.report.get("words_with_blanks", 0) == (" " in word or "\t" in word)


@pytest.mark.parametrize(("data", "words", "rows"), [
    (b"the\t1 2\nENTITY/Apollo 13\t3 4\n", ["the", "ENTITY/Apollo 13"], ROWS[:2]),
    (b"2 2\nwindows 10\t1 2\nwindows 8\t3 4\n", ["windows 10", "windows 8"], ROWS[:2]),
    (b"3 2\nthe 1 2\nwindows 10 3 4\nto infinity 5 6\n", ["the", "windows 10", "to infinity"], ROWS),
    (b"3 2\nwindows 10 1 2\nof 3 4\nnan 5 6\n", ["windows 10", "of", "nan"], ROWS),
    (b"the 1 2\nwindows 10 3 4\nto infinity 5 6\n", ["the", "windows 10", "to infinity"], ROWS),
    (b"windows 10 1 2\nto infinity 3 4\nthe 5 6\n", ["windows 10", "to infinity", "the"], ROWS),
    (b"windows 3.1 0.1 0.2\nthe 0.3 0.4\nof 0.5 0.6\n", ["windows 3.1", "the", "of"], [[.1, .2], [.3, .4], [.5, .6]]),
    (b"1 2\nwindows 10 1 2\n", ["windows 10"], ROWS[:1]),
    (b"2 1\nwindows 10 1\nthe 2\n", ["windows 10", "the"], [[1], [2]]),
    (b"2 2\n2001 a space odyssey 1 2\n1 2 3 3 4\n", ["2001 a space odyssey", "1 2 3"], ROWS[:2]),
    (b"the 7\t1\t2\nof 8\t3\t4\n", ["the 7", "of 8"], ROWS[:2]),
    (b"2\t2\nthe\t1\t2\n\t3\t4\n", ["the", ""], ROWS[:2]),
    (b"17 0.5 0.25\n18 0.5 0.25\n", ["17", "18"], [[.5, .25]] * 2),
    (b"3 1\n1 1\n2 2\n3 3\n", ["1", "2", "3"], [[1], [2], [3]]),
])
def test_word_ends_before_the_last_numbers_or_at_a_tab(tmp_path: Path, data: bytes, words: list, rows: list) -> None:
    for content in (data, data.replace(b"\n", b"\r\n"), data[:-1], gzip.compress(data)):
        file = formats.read_vectors(put(tmp_path, {"v.txt": content}))
        assert file.words == words and np.array_equal(file.vectors, np.float32(rows))


@pytest.mark.parametrize(("data", "line"), [
    (b"2 2\na 1 2 3\nb 1 2 3\n", 2),  # nothing shows that the header is right
    (b"2 2\nwindows 10 1 2\nwindows 8 1 2\n", 2),
    (b"".join(b"w%d 0.5 0.25 0.125\n" % i for i in range(9)) + b"x 0.5 0.25\n", 10),
    (b"x 0.5 0.25\n" + b"".join(b"w%d 0.5 0.25 0.125\n" % i for i in range(9)), 1),
])
def test_wrong_number_of_numbers_is_not_taken_for_a_name(tmp_path: Path, data: bytes, line: int) -> None:
    with pytest.raises(FormatError, match="numbers instead of") as caught:
        formats.read_vectors(put(tmp_path, {"v.txt": data}))
    assert caught.value.line == line


TOO_MANY, TOO_FEW = b"900 2\n" + lines(["the", "of", "and"]), b"1 2\n" + lines(["the", "of", "and"])


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(("data", "limit", "words"), [
    (TOO_MANY, 1, 1), (TOO_MANY, 3, 3), (TOO_FEW, 1, 1), (TOO_FEW, 2, 2), (TOO_FEW, 3, 3), (TOO_FEW + b"\n \n", 99, 3),
    (b"1" + b"0" * 18 + TOO_MANY[3:], 3, 3), (b"9" * 40 + TOO_MANY[3:], 2, 2),
])
def test_limit_reads_as_far_as_it_asks_and_a_wrong_header_is_reported(
    tmp_path: Path, pack, data: bytes, limit: int, words: int
) -> None:
    path = put(tmp_path, {"v.vec": pack(data)})
    file = formats.read_vectors(path, limit=limit)
    assert file.words == ["the", "of", "and"][:words] and file.vectors.tolist() == ROWS[:words]
    assert file.report == {"wrong_header": 1} and "header" in file.source
    with pytest.raises(FormatError):
        formats.read_vectors(path)
    with pytest.raises(FormatError, match="strict"):
        formats.read_vectors(path, limit=limit, strict=True)


def test_limit_beyond_the_end_of_a_truncated_file_is_an_error_that_says_how_many_rows_there_are(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="limit=3 reads these"):
        formats.read_vectors(put(tmp_path, {"v.vec": TOO_MANY}), limit=4)


def test_truncated_row_after_the_limit_is_reported(tmp_path: Path) -> None:
    file = formats.read_vectors(put(tmp_path, {"v.vec": b"3 2\nthe 1 2\nof 3 4\nan 5"}), limit=2)
    assert file.words == ["the", "of"] and file.report == {"wrong_header": 1}


@pytest.mark.parametrize("header", [b"3000 20\n", b""])
def test_truncated_gzip_is_read_up_to_limit(tmp_path: Path, header: bytes) -> None:
    rows = np.random.default_rng(0).normal(size=(3000, 20)).astype(np.float32)
    data = header + b"".join(b"w%d %s\n" % (i, " ".join(map(str, row)).encode()) for i, row in enumerate(rows))
    whole = gzip.compress(data, 1)
    for size, least in ((9000, 10), (len(whole) - 100, 2900)):
        path = put(tmp_path, {"v.gz": whole[:size]})
        file = formats.read_vectors(path, limit=least)
        assert np.array_equal(file.vectors, rows[:least])
        with pytest.raises(FormatError, match="truncated"):
            formats.read_vectors(path, limit=3000)
    assert formats.read_vectors(put(tmp_path, {"v.gz": whole[:9000]}), limit=10).report == {"truncated": 1}


@pytest.mark.parametrize("value", [b"nan", b"-inf", b"1e39", b"-1e300"])
def test_numbers_that_are_not_finite_are_counted(tmp_path: Path, value: bytes) -> None:
    path = put(tmp_path, {"v.txt": b"3 2\nthe 1 2\nof %s 4\nand 5 6\n" % value})
    assert formats.read_vectors(path).report == {"not_finite": 1}
    assert formats.read_vectors(path, only=["the", "of"], dtype="float16").report == {"not_finite": 1}
    assert formats.read_vectors(path, only=["the"]).report == {}
    with pytest.raises(FormatError, match="'of'.*strict") as caught:
        formats.read_vectors(path, strict=True)
    assert caught.value.line == 3


@pytest.mark.parametrize("header", [b"2 30000\n", b""])
@pytest.mark.parametrize("name", [b"a ", b"a\t", b"New York ", b" ", b"\t"])
@pytest.mark.parametrize("odd", [b"", b"\x01"])
@pytest.mark.parametrize("pack", [bytes, lambda data: gzip.compress(data, 1)])
def test_rows_longer_than_the_sample_are_recognised(
    tmp_path: Path, header: bytes, name: bytes, odd: bytes, pack
) -> None:
    numbers = np.arange(30_000, dtype=np.float32) / 8
    row = b" ".join(b"%.3f" % value for value in numbers)
    row = row.replace(b" ", b"\t") if name.endswith(b"\t") else row
    data = header + name + row + b"\nb" + odd + name[-1:] + row + b"\n"
    file = formats.read_vectors(put(tmp_path, {"v": pack(data)}))
    assert file.words == [name[:-1].decode(), "b" + odd.decode()] and np.array_equal(file.vectors, [numbers, numbers])


@pytest.mark.parametrize("word", ["New York", "", "\t", "windows 10"])
@pytest.mark.parametrize("control", ["\x01", "\x00", "\x1b"])
def test_text_with_control_characters_and_an_odd_first_word_is_text(tmp_path: Path, word: str, control: str) -> None:
    file = formats.read_vectors(put(tmp_path, {"v": b"3 2\n" + lines([word, f"b{control}", "c"])}))
    assert file.format == "word2vec-text" and file.words == [word, f"b{control}", "c"]


def test_impossible_sizes_do_not_allocate(tmp_path: Path) -> None:
    for header in (b"1 2\n", b"1000000000000000000 2\n", b"2 1000000000000000000\n", b"9999999999 9999999999\n"):
        for data in (header, header + b"a", gzip.compress(header), gzip.compress(header + b"a 1")):
            for limit in (None, 1, 10**12):
                with pytest.raises(FormatError):
                    formats.read_vectors(put(tmp_path, {"v": data}), limit=limit)
