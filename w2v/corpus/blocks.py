"""Where text is cut: blocks that end at token boundaries, so that any number of threads can work on them.

Used by `w2v.corpus.source`, which knows what kinds of input there are. A block of a stream is bytes. A block of a large plain
file is only a place there, found by reading a few bytes around its end: the thread that works on it reads it (`load`).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, TypeAlias

from w2v.corpus._tokenizer import find_nul
from w2v.corpus.integers import IntegerBlock
from w2v.errors import FormatError, W2VError
from w2v.system.decompress import RawFile, Reader, read_full

BLOCK_SIZE = 1 << 19
"""Bytes of a block; large enough that the Python work per block does not count, small enough for the L2 cache."""

MAX_WORD = 64 << 20
"""Bytes without white space after which a file is taken for something else than text."""

_SPACE = re.compile(rb"[ \t\n\v\f\r]")


@dataclass
class SourceCounts:
    """What the reading of a source found; complete after the last block."""

    files: int = 0
    hidden_skipped: int = 0
    no_final_newline: int = 0
    utf8_boms: int = 0
    empty_tokens: int = 0


class FileRange:
    """Bytes of a plain file that are still to be read, and what the file lacks at its end.

    The descriptor is a duplicate, closed when the last range of the file is gone; ranges are read by any thread.
    """

    def __init__(self, file: Descriptor, begin: int, end: int, tail: bytes) -> None:
        self._file, self._begin, self._end, self._tail = file, begin, end, tail
        self.size = end - begin + len(tail)

    def read_into(self, room: memoryview) -> None:
        """Fill `room`, of `size` bytes."""
        size = self._end - self._begin
        self._file.read_into(room[:size], self._begin)
        _refuse_nul(room[:size], self._file.path, self._begin)
        room[size:] = self._tail

    def tail(self, n: int) -> bytes:
        """The last `n` bytes or a few more, or all of it."""
        return self._file.read(max(self._begin, self._end - n), self._end) + self._tail


Block: TypeAlias = bytes | FileRange | IntegerBlock


def load(block: Block, room: Callable[[int], memoryview]) -> bytes | memoryview:
    """The bytes of a block; `room(n)` gives n bytes of memory for those that are still to be read or written.

    Raises
    ------
    FormatError : a NUL byte.
    ValueError : an integer above 2^63 - 1.
    W2VError : the file cannot be read.
    """
    if isinstance(block, bytes):
        return block
    if isinstance(block, IntegerBlock):
        return block.text(room)
    view = room(block.size)
    block.read_into(view)
    return view


class Descriptor:
    """An open plain file that many threads read at any place; closed when nobody holds it any more."""

    def __init__(self, file: IO[bytes], path: str) -> None:
        self.path = path
        self._number = os.dup(file.fileno())
        self.size = os.fstat(self._number).st_size

    def __del__(self) -> None:
        os.close(self._number)

    def read(self, begin: int, end: int) -> bytes:
        data = bytearray(end - begin)
        self.read_into(memoryview(data), begin)
        return bytes(data)

    def read_into(self, room: memoryview, begin: int) -> None:
        done = 0
        try:
            while done < len(room) and (got := os.preadv(self._number, [room[done:]], begin + done)):
                done += got
        except OSError as error:
            raise W2VError(f"{self.path}: cannot read: {error.strerror}") from error
        if done < len(room):
            raise W2VError(f"{self.path}: the file became shorter while it was read: {begin + done} bytes instead of "
                           f"{self.size}")


def is_large_plain(file: IO[bytes], block_size: int) -> bool:
    """Whether threads can read it piece by piece; of files of one block or less that would be no gain."""
    if not hasattr(os, "preadv"):
        return False
    try:
        status = os.fstat(file.fileno())
        return stat.S_ISREG(status.st_mode) and status.st_size > block_size and file.tell() <= 8
    except OSError:  # a stream without descriptor
        return False


def file_ranges(file: Descriptor, raw: RawFile, block_size: int, counts: SourceCounts) -> Iterator[FileRange]:
    """The blocks of a plain file; what is written behind its end meanwhile is left out. Moves `raw.position` on."""
    head, last = file.read(0, min(4, file.size)), file.read(file.size - 1, file.size)
    begin = _content_start(head, file.path, counts)
    while begin < file.size:
        end = _range_end(file, begin, block_size)
        tail = b""
        if end == file.size and last != b"\n":
            counts.no_final_newline += 1
            tail = _missing_end(last)
        raw.position = end
        yield FileRange(file, begin, end, tail)
        begin = end
    raw.position = file.size


def checked_content(reader: Reader, path: str, block_size: int, counts: SourceCounts) -> Iterator[bytes]:
    """Pieces of the decompressed content, checked: no other encoding, no NUL bytes."""
    offset = 0
    while piece := read_full(reader, max(block_size, 4) if offset == 0 else block_size, path, offset):
        start = _content_start(piece, path, counts) if offset == 0 else 0
        _refuse_nul(piece, path, offset)
        yield piece[start:] if start else piece
        offset += len(piece)


def _refuse_nul(data: bytes | memoryview, path: str, offset: int) -> None:
    if (nul := find_nul(data)) >= 0:
        raise FormatError(path, "NUL byte: this is no text (if it is UTF-16, convert it to UTF-8)", offset=offset + nul)


def _content_start(head: bytes, path: str, counts: SourceCounts) -> int:
    """Where the text begins in a file that begins so: behind the mark of UTF-8; other marks are refused."""
    for mark, name in ((b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"),
                       (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if head.startswith(mark):
            raise FormatError(path, f"this is {name}; convert it first: iconv -f {name} -t UTF-8", offset=0)
    if not head.startswith(b"\xef\xbb\xbf"):
        return 0
    counts.utf8_boms += 1
    return 3


def cut(content: Iterator[bytes], path: str, counts: SourceCounts) -> Iterator[bytes]:
    """Blocks that end at a token boundary. A word that spans many pieces is joined once, so time stays linear."""
    carried: list[bytes] = []
    carried_size = start = 0
    last = b"\n"
    for piece in content:
        last = piece[-1:] or last
        end = _boundary(piece)
        if end > 0:
            yield b"".join((*carried, piece[:end])) if carried else piece[:end]
            start += carried_size + end
            carried, carried_size = [], 0
        if end < len(piece):
            carried.append(piece[end:] if end > 0 else piece)
            carried_size += len(carried[-1])
        if carried_size > MAX_WORD:
            raise _endless_word(path, start)
    if last != b"\n":
        counts.no_final_newline += 1
        carried.append(_missing_end(last))
    if carried:
        yield b"".join(carried)


def _endless_word(path: str, start: int) -> FormatError:
    return FormatError(path, "no white space for 64 MiB: is this text?", offset=start)


def _missing_end(last: bytes) -> bytes:
    """What ends the line of a file whose last byte is no newline: never a CRLF that the file does not have."""
    return b" \n" if last == b"\r" else b"\n"


def text_before(file: Descriptor, place: int) -> FileRange:
    """All text of a plain file that stands before a place."""
    return FileRange(file, min(_content_start(file.read(0, 4), file.path, SourceCounts()), place), place, b"")


def words_between(file: Descriptor, begin: int, end: int, counts: SourceCounts) -> tuple[bytes, int]:
    """The words of a plain file that begin in [begin, end), and where in the file this text begins.

    Ranges side by side give together the whole text. A word is followed for at most `end - begin` bytes beyond the
    range, then cut.

    Raises
    ------
    FormatError : UTF-16 or UTF-32, a NUL byte.
    W2VError : the file cannot be read.
    """
    start = max(begin - 1, 0)
    data = file.read(start, min(2 * end - begin, file.size))
    if begin == 0:
        first = _content_start(data[:4], file.path, counts)
    else:
        first = _first_space(data, 0)
    last = len(data) if end >= file.size else _first_space(data, end - 1 - start)
    _refuse_nul(data[first:last], file.path, start + first)
    tail = _missing_end(data[-1:]) if end >= file.size and data[-1:] != b"\n" else b""
    return data[first:last] + tail, start + first


def _first_space(data: bytes, begin: int) -> int:
    """Behind the first white space at or after `begin`, or the end."""
    found = _SPACE.search(data, begin)
    return len(data) if found is None else found.end()


def _range_end(file: Descriptor, begin: int, block_size: int) -> int:
    """Where the block ends that begins at `begin`; like `cut`, but reading only what it must."""
    end = begin + block_size
    step = 256
    while end < file.size:
        start = max(begin, end - step)
        if (place := _boundary(file.read(start, end))) > 0:
            return start + place
        step *= 4
        if start == begin:
            break
    while end < file.size:  # a word longer than a block: forward; the last byte again, it may be a carriage return
        if end - begin > MAX_WORD:
            raise _endless_word(file.path, begin)
        start, end = end - 1, end + block_size
        if end < file.size and (place := _boundary(file.read(start, end))) > 0:
            return start + place
    return file.size


def _boundary(piece: bytes) -> int:
    """Where to cut `piece`: behind its last white space, 0 if it has none.

    A carriage return at the very end stays with what follows, which may be its line feed. The search goes backwards
    in growing steps, since rfind for a byte that is rare would scan the whole piece.
    """
    end = len(piece)
    if piece.endswith(b"\r"):
        end -= 1
    stop, step = end, 256
    while stop > 0:
        start = max(0, stop - step)
        found = max(piece.rfind(space, start, stop) for space in (b" ", b"\n", b"\t", b"\r", b"\v", b"\f"))
        if found >= 0:
            return found + 1
        stop, step = start, step * 4
    return 0
