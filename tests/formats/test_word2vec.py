"""Files of word2vec and GloVe: exact bytes of the layouts, variants of other programs, and broken files."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from helpers.vector_files import ROWS, WORDS, bit_patterns, put

from w2v import formats
from w2v.errors import FormatError
from w2v.formats import content
from w2v.formats.glove import GLOVE
from w2v.formats.vectorfile import WORD2VEC_BINARY, WORD2VEC_TEXT

# written by hand from word2vec.c: fprintf("%lld %lld\n"), "%s ", fwrite of floats, "\n"
GOLDEN_BINARY = (
    b"3 2\n"
    b"the \x00\x00\x00\x3f\x00\x00\x80\xbf\n"
    b"gr\xc3\xb6\xc3\x9fe \xcd\xcc\xcc\x3d\x00\x00\x40\x40\n"
    b"x_1 \x00\x00\x80\xbe\x95\xbf\xd6\x33\n"
)
GOLDEN_GENSIM_BINARY = (
    b"3 2\n"
    b"the \x00\x00\x00\x3f\x00\x00\x80\xbf"
    b"gr\xc3\xb6\xc3\x9fe \xcd\xcc\xcc\x3d\x00\x00\x40\x40"
    b"x_1 \x00\x00\x80\xbe\x95\xbf\xd6\x33"
)
GOLDEN_TEXT = "3 2\nthe 0.5 -1 \ngröße 0.1 3 \nx_1 -0.25 1e-07 \n".encode()


def test_binary_is_byte_for_byte_word2vec_c(tmp_path: Path) -> None:
    formats.write_vectors(tmp_path / "v.bin", WORDS, ROWS)
    assert (tmp_path / "v.bin").read_bytes() == GOLDEN_BINARY


@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v"])
def test_text_is_word2vec_c_layout_with_shortest_digits(tmp_path: Path, name: str) -> None:
    formats.write_vectors(tmp_path / name, WORDS, ROWS)
    assert (tmp_path / name).read_bytes() == GOLDEN_TEXT


@pytest.mark.parametrize(("data", "name", "report"), [
    (GOLDEN_BINARY, WORD2VEC_BINARY, {}),
    (GOLDEN_GENSIM_BINARY, WORD2VEC_BINARY, {}),
    (GOLDEN_TEXT, WORD2VEC_TEXT, {}),
    (GOLDEN_TEXT.replace(b" \n", b"\n"), WORD2VEC_TEXT, {}),
    (GOLDEN_TEXT.replace(b"\n", b"\r\n"), WORD2VEC_TEXT, {"crlf_lines": 4}),
    (GOLDEN_TEXT.replace(b" \n", b"\n")[:-1], WORD2VEC_TEXT, {"no_last_newline": 1}),
    (GOLDEN_TEXT.replace(b" 3", b"\t3.000000"), WORD2VEC_TEXT, {}),
    (GOLDEN_TEXT + b"\n\n", WORD2VEC_TEXT, {}),
    (b"\xef\xbb\xbf" + GOLDEN_TEXT, WORD2VEC_TEXT, {"byte_order_mark": 1}),
    (GOLDEN_TEXT[4:], GLOVE.name, {}),
    (GOLDEN_TEXT[4:].replace(b" \n", b"\n")[:-1], GLOVE.name, {"no_last_newline": 1}),
    (GOLDEN_TEXT[4:].replace(b"\n", b"\r\n") + b"\r\n \n", GLOVE.name, {"crlf_lines": 3}),
    (b"\xef\xbb\xbf" + GOLDEN_TEXT[4:], GLOVE.name, {"byte_order_mark": 1}),
], ids=["word2vec.c", "gensim", "text", "gensim text", "crlf", "no last newline", "tab", "blank lines at the end",
        "mark", "glove", "glove, no last newline", "glove, crlf, blank lines", "glove, mark"])
def test_layouts_of_others_are_read(tmp_path: Path, data: bytes, name: str, report: dict) -> None:
    path = put(tmp_path, {"misleading.safetensors": data})
    file = formats.read_vectors(path)
    assert file.words == WORDS
    assert np.array_equal(file.vectors, ROWS)
    assert file.vectors.dtype == np.float32 and file.vectors.flags.c_contiguous
    assert (file.format, file.counts, file.report) == (name, None, report)
    assert "3 words x 2" in file.source and "\n" not in file.source
    if report:
        with pytest.raises(FormatError, match="strict"):
            formats.read_vectors(path, strict=True)
    else:
        assert formats.read_vectors(path, strict=True).words == WORDS


def test_every_finite_bit_pattern_survives_a_text_file(tmp_path: Path) -> None:
    values = bit_patterns()
    rows = values[:len(values) // 50 * 50].reshape(-1, 50)
    formats.write_vectors(tmp_path / "v.txt", [str(i) for i in range(len(rows))], rows)
    back = formats.read_vectors(tmp_path / "v.txt").vectors
    assert np.array_equal(back.view(np.uint32), rows.view(np.uint32))


def test_row_longer_than_the_block_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "BLOCK", 16)
    words = ["a" * 100, "b", "c" * 33]
    rows = np.arange(60, dtype=np.float32).reshape(3, 20)
    for name in ("v.bin", "v.txt"):
        formats.write_vectors(tmp_path / name, words, rows)
        file = formats.read_vectors(tmp_path / name)
        assert file.words == words and np.array_equal(file.vectors, rows)


def test_words_with_blanks_are_parsed_from_the_right(tmp_path: Path) -> None:
    file = formats.read_vectors(put(tmp_path, {"v": b"4 2\na 1 2\nNew York 3 4\n. . . 5 6\nto 12 b\xc3\xa9 7 8\n"}))
    assert file.words == ["a", "New York", ". . .", "to 12 bé"]
    assert file.vectors.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert file.report == {"words_with_blanks": 3}


def test_hard_numbers_inside_rows_are_read_exactly(tmp_path: Path) -> None:
    text = b"2 3\na 1e-40 1 123456789012345678901234567890\nb c 1.000000059604644775390625 2 1e30\n"
    file = formats.read_vectors(put(tmp_path, {"v": text}))
    expected = np.array([[1e-40, 1, 123456789012345678901234567890], [1.000000059604644775390625, 2, 1e30]])
    assert file.words == ["a", "b c"] and np.array_equal(file.vectors, expected.astype(np.float32))


@pytest.mark.parametrize("content", [
    b"4 1\na 1\nb 2\na 3\nc 4\n",
    b"4 1\n" + b"".join(b"%c " % word + struct.pack("<f", i + 1) + b"\n" for i, word in enumerate(b"abac")),
])
def test_first_of_duplicate_words_wins_and_others_are_counted(tmp_path: Path, content: bytes) -> None:
    file = formats.read_vectors(put(tmp_path, {"v": content}))
    assert file.words == ["a", "b", "c"] and file.vectors.tolist() == [[1], [2], [4]]
    assert file.report == {"duplicates": 1} and "1 duplicate" in file.source


def test_invalid_utf8_is_kept_and_counted(tmp_path: Path) -> None:
    content = b"2 2\nok 1 2 \n\xff\xfe 3 4 \n"
    file = formats.read_vectors(put(tmp_path, {"v": content}))
    assert file.words == ["ok", "\udcff\udcfe"] and file.report == {"invalid_utf8": 1}
    formats.write_vectors(tmp_path / "again.txt", file.words, file.vectors)
    assert (tmp_path / "again.txt").read_bytes() == content


def test_binary_without_control_bytes_is_recognised_by_its_length(tmp_path: Path) -> None:
    content = b"2 2\na AAAABBBB\nb CCCCDDDD\n"
    file = formats.read_vectors(put(tmp_path, {"v": content}))
    assert file.format == WORD2VEC_BINARY and file.words == ["a", "b"]
    assert file.vectors[0, 0] == np.frombuffer(b"AAAA", "<f4")[0]


def test_text_with_a_control_byte_in_a_word_is_text(tmp_path: Path) -> None:
    file = formats.read_vectors(put(tmp_path, {"v": b"2 2\na 1 2\nb\x01 3 4\n"}))
    assert file.format == WORD2VEC_TEXT and file.words == ["a", "b\x01"]


@pytest.mark.skipif(os.name == "nt" or not os.path.isdir("/dev/fd"), reason="descriptors have no names")
def test_pipe_is_read(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, GOLDEN_BINARY)
    os.close(write)
    try:
        assert formats.read_vectors(f"/dev/fd/{read}").words == WORDS
    finally:
        os.close(read)


HUGE = b"9" * 30
BROKEN = {
    "empty": (b"", "empty", 0, None),
    "no header": (b"the 0.5\n", "no known format", 0, None),
    "words only": (b"once upon a time\n", "no known format", 0, None),
    "random": (bytes(range(256)), "no known format", 0, None),
    "negative words": (b"-3 2\na 1 2\n", "words is -3", None, 1),
    "negative dimension": (b"3 -2\na 1 2\n", "dimension is -2", None, 1),
    "no dimension": (b"3 0\na\nb\nc\n", "dimension is 0", None, 1),
    "no words": (b"0 100\n", "no words", None, 1),
    "absurd words": (HUGE + b" 2\na 1 2\n", "header is wrong or the file is truncated", None, 1),
    "absurd dimension": (b"1 " + HUGE + b"\na 1 2\n", "header is wrong or the file is truncated", None, 1),
    "billion words": (b"3000000000 300\na 1 2\n", "header is wrong or the file is truncated", None, 1),
    "header only": (b"3 2\n", "header is wrong or the file is truncated", None, 1),
    "too few rows": (GOLDEN_TEXT.replace(b"3 2", b"4 2"), "ends after 3 rows", None, 5),
    "too many rows": (GOLDEN_TEXT.replace(b"3 2", b"2 2"), "more rows follow", None, 4),
    "dimension too large": (b"3 3\na 1 22\nb 3 44\nc 5 66\n", "row has 2 numbers instead of 3", None, 2),
    "dimension too small": (b"2 2\na 1 2 3\nb 1 2 3\n", "row has 3 numbers instead of 2", None, 2),
    "no number": (b"3 2\na 1 2\nb 1 x2\nc 1 2\n", "'x2' is not a number", None, 3),
    "empty line": (b"3 2\na 1 2\n\nb 1 2\nc 1 2\n", "empty line", None, 3),
    "cut in text row": (b"3 2\na 1 2\nb 1 2\nc 1.0000", "row has 1 numbers", None, 4),
    "cut in text word": (b"3 2\na 1 2\nb 1 2222222\nc", "row has 0 numbers", None, 4),
    "cut in binary": (GOLDEN_BINARY[:-4], "ends inside row 3", len(GOLDEN_BINARY) - 4, None),
    "cut in binary word": (GOLDEN_BINARY[:-11], "ends inside row 3", len(GOLDEN_BINARY) - 11, None),
    "too many binary rows": (GOLDEN_BINARY.replace(b"3 2", b"2 2"), "more rows follow the 2", 33, None),
    "binary dimension too small": (GOLDEN_BINARY.replace(b"3 2", b"3 1"), "does not fit", None, None),
    "binary dimension too large": (GOLDEN_BINARY.replace(b"3 2", b"3 3"), "", None, None),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_word2vec_file_is_a_format_error_with_its_place(tmp_path: Path, case: str) -> None:
    content, message, offset, line = BROKEN[case]
    path = put(tmp_path, {"v": content})
    with pytest.raises(FormatError) as caught:
        formats.read_vectors(path)
    assert message in str(caught.value) and str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert caught.value.offset is not None or caught.value.line is not None
    if offset is not None:
        assert caught.value.offset == offset
    if line is not None:
        assert caught.value.line == line
