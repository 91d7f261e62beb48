"""Random changes of the bytes of a file."""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable

EXTREMES = [0, 1, -1, 2, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1, -2**63]
NUMBERS = [b"0", b"-1", b"1", b"2147483647", b"2147483648", b"9223372036854775807", b"9" * 30, b"1e9", b"1e400", b"nan",
           b"inf", b"-0", b"0x10", b"", b"1.5"]
TOKENS = [b" ", b"\t", b"\n", b"\r\n", b"\r", b"\0", b"\x0b", b"\x1c", b"\x1b[31m", b"\xff", b"\xc3", b"\xc2\xa0",
          b"\xe3\x80\x80", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"__", b",", b";", b":", b'"', b"'", b"{", b"}", b"[",
          b"]", b"null", b"true", b"</s>", b"\xf0\x9f\x98\x80", b"<b>"]


def mutated(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """Return the bytes after one to six changes; `other` is a second file to take pieces from."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        data = rng.choice(_CHANGES)(rng, data, other)
    return data


def _place(rng: random.Random, data: bytes) -> int:
    """Return a place; every second one is near the start, where most structure is."""
    return rng.randrange(min(len(data), 200) + 1) if rng.random() < 0.5 else rng.randrange(len(data) + 1)


def _flip(rng: random.Random, data: bytes, other: bytes) -> bytes:
    at = min(_place(rng, data), max(len(data) - 1, 0))
    return data[:at] + bytes([(data[at] if data else 0) ^ 1 << rng.randrange(8)]) + data[at + 1:]


def _noise(rng: random.Random, data: bytes, other: bytes) -> bytes:
    at, size = _place(rng, data), rng.randrange(1, 20)
    return data[:at] + rng.randbytes(size) + data[at + size:]


def _cut(rng: random.Random, data: bytes, other: bytes) -> bytes:
    return data[:_place(rng, data)] if rng.random() < 0.7 else data[_place(rng, data):]


def _remove(rng: random.Random, data: bytes, other: bytes) -> bytes:
    at = _place(rng, data)
    return data[:at] + data[at + rng.choice((1, 2, 4, 8, rng.randrange(1, 100))):]


def _repeat(rng: random.Random, data: bytes, other: bytes) -> bytes:
    at, size = _place(rng, data), rng.randrange(1, 100)
    return data[:at] + data[at:at + size] * rng.choice((2, 2, 3, 50)) + data[at + size:]


def _splice(rng: random.Random, data: bytes, other: bytes) -> bytes:
    at, start = _place(rng, data), _place(rng, other)
    return data[:at] + other[start:start + rng.randrange(1, 200)] + data[at:]


def _integer(rng: random.Random, data: bytes, other: bytes) -> bytes:
    at, value, width = _place(rng, data), rng.choice(EXTREMES), rng.choice((1, 2, 4, 8))
    return data[:at] + struct.pack("<q", value)[:width] + data[at + width:]


def _number(rng: random.Random, data: bytes, other: bytes) -> bytes:
    found = list(re.finditer(rb"-?\d+(\.\d+)?", data[:4000]))
    if not found:
        return data
    one = rng.choice(found)
    return data[:one.start()] + rng.choice(NUMBERS) + data[one.end():]


def _token(rng: random.Random, data: bytes, other: bytes) -> bytes:
    at = _place(rng, data)
    return data[:at] + rng.choice(TOKENS) * rng.choice((1, 1, 1, 2, 1000)) + data[at:]


_CHANGES: list[Callable[[random.Random, bytes, bytes], bytes]] = [
    _flip, _noise, _cut, _remove, _repeat, _splice, _integer, _number, _token]
