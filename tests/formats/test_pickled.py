"""Pickles made to exhaust memory or time: they are refused, and what they make is bounded by their size."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from helpers.processes import OBJECTS

from w2v.errors import FormatError, W2VError
from w2v.formats import pickled
from w2v.formats.pickled import Call, read_pickle

SIZE = 1 << 15


def parse(data: bytes) -> object:
    return read_pickle("v.kv", memoryview(data))


@pytest.mark.parametrize(("data", "most"), [
    (b"\x80\x04N" + b"\x94" * SIZE + b".", 12), (b"\x80\x04](" + b"C\0" * (SIZE // 2) + b"e.", 16),
    (b"\x80\x04)" + b"2\x86" * 500 + b".", 4), (b"\x80\x04]" + b"N\x85a" * (SIZE // 3) + b".", 80),
])
def test_memory_is_a_small_multiple_of_the_size(data: bytes, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickled, "_DEEPEST", 1 << 30)
    tracemalloc.start()
    parse(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < most * SIZE * OBJECTS


def test_memory_that_is_not_there_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickled, "_CHECK_EVERY", 1 << 10)
    monkeypatch.setattr(pickled, "_LARGEST", 1 << 60)
    with pytest.raises(W2VError, match="GB of memory are needed"):
        parse(b"\x80\x04](" + b"]" * 5000 + b"e.")


def test_huge_integers_as_keys_are_not_hashed_again_and_again() -> None:
    """Each hash of this integer takes 0.5 ms; it would be computed 50,000 times."""
    key = b"\x8b" + struct.pack("<i", 1_000_000) + b"\x7f" * 1_000_000 + b"\x940"
    made = parse(b"\x80\x04}" + key + b"h\0Ns" * 50_000 + b".")
    assert isinstance(made, dict) and len(made) == 1


def test_memo_counts_from_zero_or_one_and_has_no_gaps() -> None:
    assert parse(b"\x80\x02K\x05q\x01K\x06q\x020h\x01\x86.") == (5, 5)
    assert parse(b"\x80\x02K\x05q\x00K\x06q\x010h\x01\x86.") == (5, 6)
    for gap in (b"q\x05", b"r\xff\xff\xff\x7f"):
        with pytest.raises(FormatError, match="is remembered after"):
            parse(b"\x80\x02K\x05" + gap + b".")
    with pytest.raises(FormatError):
        parse(b"\x80\x02h\x05.")


def test_short_bytes_are_copied_and_long_ones_are_views() -> None:
    made = parse(b"\x80\x04C\x03abcB\x04\0\0\0wxyz\x86.")
    assert made == (b"abc", b"wxyz") and isinstance(made, tuple)
    assert [type(item) for item in made] == [bytes, memoryview] and not isinstance(made, Call)
