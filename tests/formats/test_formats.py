"""Vector files: exact bytes of word2vec's layouts, round trips, and every way in which a file can be broken."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from w2v import formats
from w2v.errors import FormatError, W2VError
from w2v.formats import content
from w2v.formats._formats import float_to_text, text_to_float
from w2v.formats.vectorfile import SAFETENSORS, WORD2VEC_BINARY, WORD2VEC_TEXT

WORDS = ["the", "größe", "x_1"]
ROWS = np.array([[0.5, -1.0], [0.1, 3.0], [-0.25, 1e-7]], dtype=np.float32)

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


def put(tmp_path: Path, content: bytes, name: str = "v") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


# ------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(("value", "text"), [
    (0.0, b"0"), (-0.0, b"-0"), (1.0, b"1"), (0.1, b"0.1"), (-0.5, b"-0.5"), (123456.7, b"123456.7"),
    (1e-5, b"0.00001"), (1e-6, b"1e-06"), (1e9, b"1e+09"), (999999.0, b"999999"), (100.0, b"100"),
    (1.401298464324817e-45, b"1e-45"), (3.4028234663852886e38, b"3.4028235e+38"), (1.17549435e-38, b"1.1754944e-38"),
    (float("inf"), b"inf"), (float("-inf"), b"-inf"), (float("nan"), b"nan"), (16777216.0, b"16777216"),
])
def test_float_to_text_writes_shortest_digits(value: float, text: bytes) -> None:
    assert float_to_text(value) == text


def bit_patterns() -> np.ndarray:
    """Random bits, all powers of two with both neighbours, denormals, and values as vectors have them."""
    rng = np.random.default_rng(5)
    powers = (2.0 ** np.arange(-149, 128)).astype(np.float32)
    tens = (10.0 ** np.arange(-45, 39)).astype(np.float32)
    edges = np.concatenate([np.nextafter(side, to) for side in (powers, tens) for to in np.float32([0, np.inf])])
    values = np.concatenate([
        rng.integers(0, 2**32, 40_000, dtype=np.uint32).view(np.float32), powers, tens, edges,
        rng.integers(1, 2**23, 5_000, dtype=np.uint32).view(np.float32),
        rng.normal(0, 0.3, 20_000).astype(np.float32)])
    return values[np.isfinite(values)]


def test_float_text_round_trip_keeps_every_bit() -> None:
    values = bit_patterns()
    texts = [float_to_text(value) for value in values]
    ours = np.array([text_to_float(text) for text in texts], dtype=np.float32)
    python = np.array([float(text) for text in texts]).astype(np.float32)
    assert np.array_equal(ours.view(np.uint32), values.view(np.uint32))
    assert np.array_equal(python.view(np.uint32), values.view(np.uint32))
    assert max(map(len, texts)) <= 20


def test_float_text_is_as_short_as_numpys_for_usual_values() -> None:
    values = np.random.default_rng(6).normal(0, 0.3, 20_000).astype(np.float32)

    def digits(text: str) -> int:
        return len(text.lstrip("-").split("e")[0].replace(".", "").strip("0"))

    longer = sum(digits(float_to_text(value).decode()) > digits(np.format_float_positional(value)) for value in values)
    assert longer <= 2


@pytest.mark.parametrize("text", [
    b"1", b"+1.5", b"-.5", b"5.", b"1e5", b"1E-5", b"0.1234567890123456789", b"0.12345678901234567", b"1e-45", b"7e-46",
    b"123456789012345678901234567890", b"1e400", b"-1e-400", b"1e22", b"1e23", b"16777217", b"1.00000005960464477539",
    b"1.000000059604644775390625", b"0." + b"0" * 400 + b"1e400", b"9" * 500, b"inf", b"-Infinity", b"3.4028236e38",
])
def test_text_to_float_agrees_with_python(text: bytes) -> None:
    with np.errstate(over="ignore"):
        expected = np.float64(float(text)).astype(np.float32)
    assert np.float32(text_to_float(text)).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "text", [b"", b"-", b".", b"e5", b"1e", b"1e+", b"1.2.3", b"1,5", b"0x10", b"1 ", b"--1", b"in", b"nano"])
def test_text_to_float_refuses_what_is_no_number(text: bytes) -> None:
    with pytest.raises(ValueError, match="not a number"):
        text_to_float(text)


# ------------------------------------------------------------------------------------------------- golden layouts


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
    (GOLDEN_TEXT[4:], "glove-text", {}),
    (GOLDEN_TEXT[4:].replace(b" \n", b"\n")[:-1], "glove-text", {"no_last_newline": 1}),
    (GOLDEN_TEXT[4:].replace(b"\n", b"\r\n") + b"\r\n \n", "glove-text", {"crlf_lines": 3}),
    (b"\xef\xbb\xbf" + GOLDEN_TEXT[4:], "glove-text", {"byte_order_mark": 1}),
], ids=["word2vec.c", "gensim", "text", "gensim text", "crlf", "no last newline", "tab", "blank lines at the end",
        "mark", "glove", "glove, no last newline", "glove, crlf, blank lines", "glove, mark"])
def test_layouts_of_others_are_read(tmp_path: Path, data: bytes, name: str, report: dict) -> None:
    path = put(tmp_path, data, "misleading.safetensors")
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


# ------------------------------------------------------------------------------------------------- round trips


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (50, 100), (40_000, 40)])
def test_round_trip_of_padded_rows(tmp_path: Path, name: str, shape: tuple[int, int]) -> None:
    padded = np.random.default_rng(1).normal(size=(shape[0], shape[1] + 12)).astype(np.float32)
    rows = padded[:, :shape[1]]
    words = [f"w{i}" for i in range(shape[0])]
    formats.write_vectors(tmp_path / name, words, rows)
    file = formats.read_vectors(tmp_path / name)
    assert file.words == words and np.array_equal(file.vectors, rows)
    limited = formats.read_vectors(tmp_path / name, limit=2)
    assert limited.words == words[:2] and np.array_equal(limited.vectors, rows[:2])


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
    file = formats.read_vectors(put(tmp_path, b"4 2\na 1 2\nNew York 3 4\n. . . 5 6\nto 12 b\xc3\xa9 7 8\n"))
    assert file.words == ["a", "New York", ". . .", "to 12 bé"]
    assert file.vectors.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert file.report == {"words_with_blanks": 3}


def test_hard_numbers_inside_rows_are_read_exactly(tmp_path: Path) -> None:
    text = b"2 3\na 1e-40 1 123456789012345678901234567890\nb c 1.000000059604644775390625 2 1e30\n"
    file = formats.read_vectors(put(tmp_path, text))
    expected = np.array([[1e-40, 1, 123456789012345678901234567890], [1.000000059604644775390625, 2, 1e30]])
    assert file.words == ["a", "b c"] and np.array_equal(file.vectors, expected.astype(np.float32))


@pytest.mark.parametrize("content", [
    b"4 1\na 1\nb 2\na 3\nc 4\n",
    b"4 1\n" + b"".join(b"%c " % word + struct.pack("<f", i + 1) + b"\n" for i, word in enumerate(b"abac")),
])
def test_first_of_duplicate_words_wins_and_others_are_counted(tmp_path: Path, content: bytes) -> None:
    file = formats.read_vectors(put(tmp_path, content))
    assert file.words == ["a", "b", "c"] and file.vectors.tolist() == [[1], [2], [4]]
    assert file.report == {"duplicates": 1} and "1 duplicate" in file.source


def test_invalid_utf8_is_kept_and_counted(tmp_path: Path) -> None:
    content = b"2 2\nok 1 2 \n\xff\xfe 3 4 \n"
    file = formats.read_vectors(put(tmp_path, content))
    assert file.words == ["ok", "\udcff\udcfe"] and file.report == {"invalid_utf8": 1}
    formats.write_vectors(tmp_path / "again.txt", file.words, file.vectors)
    assert (tmp_path / "again.txt").read_bytes() == content


def test_binary_without_control_bytes_is_told_by_its_length(tmp_path: Path) -> None:
    content = b"2 2\na AAAABBBB\nb CCCCDDDD\n"
    file = formats.read_vectors(put(tmp_path, content))
    assert file.format == WORD2VEC_BINARY and file.words == ["a", "b"]
    assert file.vectors[0, 0] == np.frombuffer(b"AAAA", "<f4")[0]


def test_text_with_a_control_byte_in_a_word_is_text(tmp_path: Path) -> None:
    file = formats.read_vectors(put(tmp_path, b"2 2\na 1 2\nb\x01 3 4\n"))
    assert file.format == WORD2VEC_TEXT and file.words == ["a", "b\x01"]


def test_pipe_is_read(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, GOLDEN_BINARY)
    os.close(write)
    try:
        assert formats.read_vectors(f"/dev/fd/{read}").words == WORDS
    finally:
        os.close(read)


# ------------------------------------------------------------------------------------------------- broken files

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
    "absurd words": (HUGE + b" 2\na 1 2\n", "header is wrong or the file is cut", None, 1),
    "absurd dimension": (b"1 " + HUGE + b"\na 1 2\n", "header is wrong or the file is cut", None, 1),
    "billion words": (b"3000000000 300\na 1 2\n", "header is wrong or the file is cut", None, 1),
    "header only": (b"3 2\n", "header is wrong or the file is cut", None, 1),
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
    path = put(tmp_path, content)
    with pytest.raises(FormatError) as caught:
        formats.read_vectors(path)
    assert message in str(caught.value) and str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert caught.value.offset is not None or caught.value.line is not None
    if offset is not None:
        assert caught.value.offset == offset
    if line is not None:
        assert caught.value.line == line


def written(tmp_path: Path, name: str) -> bytes:
    rows = np.random.default_rng(2).normal(size=(20, 9)).astype(np.float32)
    formats.write_vectors(tmp_path / name, [f"word{i}" for i in range(20)], rows, np.arange(20))
    return (tmp_path / name).read_bytes()


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors"])
def test_file_cut_anywhere_is_a_format_error(tmp_path: Path, name: str) -> None:
    whole = written(tmp_path, name)
    # the last newline may be missing, and the last number of a text may lose digits without a trace
    last = len(whole) - {"v.bin": 2, "v.txt": 14, "v.safetensors": 1}[name]
    for size in range(0, last + 1):
        with pytest.raises(FormatError):
            formats.read_vectors(put(tmp_path, whole[:size]))


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors"])
def test_flipped_bytes_never_crash(tmp_path: Path, name: str) -> None:
    whole = written(tmp_path, name)
    rng = np.random.default_rng(3)
    failed = 0
    for at in range(0, len(whole), 3):
        broken = bytearray(whole)
        broken[at] ^= int(rng.integers(1, 256))
        try:
            file = formats.read_vectors(put(tmp_path, bytes(broken)))
            assert len(file.words) == len(file.vectors) == len(set(file.words))
        except FormatError:
            failed += 1
    assert failed > 3


def test_missing_file_and_folder_are_one_line(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.bin", tmp_path):
        with pytest.raises(W2VError) as caught:
            formats.read_vectors(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_limit_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="limit"):
        formats.read_vectors(put(tmp_path, GOLDEN_TEXT), limit=0)


# ------------------------------------------------------------------------------------------------- writing


@pytest.mark.parametrize("word", ["", "a b", "tab\t", "line\n", "\x0bvt"])
def test_words_that_word2vec_cannot_hold_are_refused_before_writing(tmp_path: Path, word: str) -> None:
    with pytest.raises(ValueError) as caught:
        formats.check_words(["ok", word], WORD2VEC_BINARY)
    assert repr(word) in str(caught.value) or not word
    path = put(tmp_path, b"old", "v.txt")
    with pytest.raises(ValueError):
        formats.write_vectors(path, ["ok", word], ROWS[:2])
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["v.txt"]


def test_words_with_unicode_blanks_are_fine_everywhere() -> None:
    formats.check_words(["a\u00a0b", "\u3000"], WORD2VEC_TEXT)
    formats.check_words(["a b"], SAFETENSORS)
    with pytest.raises(ValueError):
        formats.check_words([""], SAFETENSORS)


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_and_the_old_file_stays(
    tmp_path: Path, name: str, value: float
) -> None:
    path = put(tmp_path, b"old", name)
    rows = np.ones((5000, 100), dtype=np.float32)
    rows[4321, 7] = value
    with pytest.raises(W2VError, match="'w4321'"):
        formats.write_vectors(path, [f"w{i}" for i in range(5000)], rows)
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == [name]


@pytest.mark.parametrize(("words", "rows", "counts"), [
    (["a"], ROWS, None), (WORDS, ROWS, [1, 2]), (WORDS, ROWS[:, :0], None), ([], ROWS[:0], None),
    (WORDS, ROWS[0], None),
])
def test_shapes_that_do_not_fit_are_refused(tmp_path: Path, words: list, rows: np.ndarray, counts: list | None) -> None:
    with pytest.raises(ValueError):
        formats.write_vectors(tmp_path / "v.bin", words, rows, counts)
    assert os.listdir(tmp_path) == []


def test_unknown_suffix_or_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.pickle"):
        formats.write_vectors(tmp_path / "v.pickle", WORDS, ROWS)
    with pytest.raises(ValueError, match="unknown format"):
        formats.write_vectors(tmp_path / "v.bin", WORDS, ROWS, format="glove")
    formats.write_vectors(tmp_path / "v.pickle", WORDS, ROWS, format=WORD2VEC_BINARY)
    assert (tmp_path / "v.pickle").read_bytes() == GOLDEN_BINARY
