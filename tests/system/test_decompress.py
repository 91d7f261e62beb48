"""Reading of compressed files: content, position, and errors with their position."""

import io
from collections.abc import Callable

import pytest
from helpers.vector_files import text_packers

from w2v.errors import FormatError, W2VError
from w2v.system.decompress import HEAD_SIZE, RawFile, content_reader, read_full

CONTENT = bytes(range(256)) * 500
PACK = text_packers().values()


class OneByteAtATime(io.RawIOBase):
    """Stream that returns a single byte for each read, as a slow pipe may."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, 1))


def read_all(data: bytes, size: int = 10_000) -> bytes:
    reader = content_reader(RawFile(io.BytesIO(data), "x"), "x")
    parts: list[bytes] = []
    while part := read_full(reader, size, "x", sum(map(len, parts))):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("pack", [bytes, *PACK])
def test_content_is_read_in_parts_of_any_size(pack: Callable[[bytes], bytes]) -> None:
    for size in (1000, 1 << 20):
        assert read_all(pack(CONTENT), size) == CONTENT


@pytest.mark.parametrize("pack", PACK)
def test_streams_and_padding_follow_each_other(pack: Callable[[bytes], bytes]) -> None:
    assert read_all(pack(b"one") + b"\0" * 7 + pack(b"") + pack(b"two") + b"\0") == b"onetwo"


@pytest.mark.parametrize("pack", [bytes, *PACK])
def test_slow_streams_are_read_completely(pack: Callable[[bytes], bytes]) -> None:
    data = pack(b"some content")
    raw = RawFile(OneByteAtATime(data), "x")  # type: ignore[arg-type]
    assert raw.head == data[:HEAD_SIZE]
    assert read_full(content_reader(raw, "x"), 100, "x", 0) == b"some content"
    assert raw.position == len(data)


@pytest.mark.parametrize("pack", PACK)
def test_truncated_and_damaged_data_are_errors_with_a_position(pack: Callable[[bytes], bytes]) -> None:
    data = pack(CONTENT)
    with pytest.raises(FormatError, match="x, byte [0-9]+: the compressed data end too early: the file is truncated"):
        read_all(data[:-6], 1000)
    with pytest.raises(FormatError, match="x, byte 128000: the compressed data are damaged|byte [0-9]+: .*truncated"):
        read_all(data + b"not a stream", 1000)


def test_unreadable_stream_is_an_error() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(W2VError, match="x: cannot read: Input/output error"):
        RawFile(Broken(), "x")  # type: ignore[arg-type]
