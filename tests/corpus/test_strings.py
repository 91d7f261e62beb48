"""Blocks of strings of a column: copying with checked bounds, and errors that name the row."""

import numpy as np
import pytest

from w2v.corpus._columns import copy_strings, count_from, join_integers
from w2v.corpus.strings import Place, StringBlock
from w2v.errors import CorpusError, FormatError

DATA = np.frombuffer(b"redgreenblue", np.uint8)
STARTS, STOPS = np.array([0, 3, 3, 8]), np.array([3, 8, 3, 12])


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_copied_strings_are_followed_by_their_ends(dtype) -> None:
    starts, stops = STARTS.astype(dtype), STOPS.astype(dtype)
    out = np.full(20, 1, np.uint8)
    assert copy_strings(DATA, starts, stops, None, 10, out) == 16
    assert out.tobytes() == b"red\ngreen\n\nblue\n\1\1\1\1"
    ends = np.frombuffer(b"\xfe\xff\xfe\xff", np.uint8)
    assert copy_strings(DATA, starts, stops, ends, 10, out) == 16
    assert out[:16].tobytes() == b"red\xfegreen\xff\xfeblue\xff"
    assert copy_strings(DATA, starts[:0], stops[:0], None, 10, out) == 0


@pytest.mark.parametrize(("starts", "stops", "room", "bad"), [
    ([0, -1], [3, 3], 20, 1), ([0, 9], [3, 13], 20, 1), ([4], [3], 20, 0), ([2**62], [2**62 + 1], 20, 0),
    ([0, 3], [3, 8], 9, 1), ([-2**63], [2**63 - 1], 20, 0)])
def test_strings_outside_of_the_data_are_reported(starts, stops, room, bad) -> None:
    out = np.full(room + 1, 7, np.uint8)
    assert copy_strings(DATA, np.array(starts), np.array(stops), None, 10, out[:room]) == -1 - bad
    assert out[room] == 7


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="same length"):
        copy_strings(DATA, STARTS, STOPS[:2], None, 10, np.zeros(99, np.uint8))
    with pytest.raises(ValueError, match="same length"):
        join_integers(np.arange(3), np.array([0]), np.array([3]), np.zeros(2, np.uint8), np.zeros(9, np.int64))


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_joined_integers_have_line_ends(dtype) -> None:
    values, out = np.arange(5, dtype=dtype), np.zeros(8, np.int64)
    starts, stops = np.array([0, 2, 2]), np.array([2, 2, 5])
    assert join_integers(values, starts, stops, None, out) == 8
    assert out.tolist() == [0, 1, -1, -1, 2, 3, 4, -1]
    assert join_integers(values, starts, stops, np.array([0, 0, 1], np.uint8), out) == 6
    assert out[:6].tolist() == [0, 1, 2, 3, 4, -1]


@pytest.mark.parametrize(("starts", "stops"), [([0, 3], [2, 6]), ([0, -1], [2, 2]), ([0, 3], [2, 2])])
def test_integers_outside_of_the_values_are_reported(starts, stops) -> None:
    out = np.zeros(20, np.int64)
    assert join_integers(np.arange(5), np.array(starts), np.array(stops), None, out) == -2


def test_bytes_are_counted_from_a_value() -> None:
    assert count_from(np.arange(256, dtype=np.uint8), 0xFE) == 2 and count_from(np.zeros(0, np.uint8), 0) == 0


def block(data: bytes, starts, stops, *, ends=None, rows=None, row_ends=None, is_file=True, size=None) -> StringBlock:
    place = Place("t.parquet" if is_file else "the table", 100, rows, is_file)
    size = sum(b - a + 1 for a, b in zip(starts, stops, strict=True)) if size is None else size
    return StringBlock(np.frombuffer(data, np.uint8), np.array(starts), np.array(stops), ends, 10, size, place, 0,
                       None if row_ends is None else np.array(row_ends))


def filled(one: StringBlock) -> bytes:
    buffer = bytearray(one.size)
    one.read_into(memoryview(buffer))
    return bytes(buffer)


def test_block_is_filled_and_errors_name_the_row() -> None:
    assert filled(block(b"a bc", [0, 2], [1, 4])) == b"a\nbc\n"
    with pytest.raises(FormatError, match="t.parquet: row 101: NUL byte"):
        filled(block(b"ab\0c", [0, 2], [1, 4]))
    with pytest.raises(CorpusError, match="the table: row 107: NUL byte"):
        filled(block(b"ab\0c", [0, 2], [1, 4], rows=np.array([3, 7]), is_file=False))
    with pytest.raises(FormatError, match="row 101: the column is damaged"):
        filled(block(b"abc", [0, 2], [1, 4]))


def test_tokens_may_have_any_byte_but_the_marks() -> None:
    ends = np.frombuffer(b"\xfe\xff\xff", np.uint8)
    assert filled(block(b"a\0b c", [0, 1, 4], [1, 4, 5], ends=ends, row_ends=[2, 3])) == b"a\xfe\0b \xffc\xff"
    with pytest.raises(FormatError, match="row 103: a token has a byte 0xFE"):
        filled(block(b"ab\xfec", [0, 1, 2], [1, 2, 4], ends=ends, row_ends=[0, 2, 2, 3]))
