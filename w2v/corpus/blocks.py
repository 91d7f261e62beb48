"""Cutting of text into blocks that end at token boundaries, so that threads can work on them independently.

Place in the data flow: used by `w2v.corpus.source`, which knows the kinds of input. A block of a stream is bytes. A
block of a large plain file is only a byte range, found by reading a few bytes around its end; the thread that tokenizes
it reads it (`load`). A block of integers is an array (`w2v.corpus.integers`).
"""

from __future__ import annotations

import os
import re
import stat
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, TypeAlias

from w2v.corpus._tokenizer import find_nul
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.kinds import HEAD_BYTES, reject_other_kinds
from w2v.corpus.listing import Listing
from w2v.corpus.strings import StringBlock
from w2v.errors import FormatError, W2VError
from w2v.system.decompress import RawFile, Reader, read_full

BLOCK_SIZE = 1 << 19
"""Bytes of a block: large enough to make the Python work per block negligible, small enough for the L2 cache."""

MAX_WORD = 64 << 20
"""Bytes without white space after which a file is refused because it is probably not text."""

HEADS = 3

_SPACES = (b" ", b"\n", b"\t", b"\r", b"\v", b"\f")
_LINE_ENDS = (b"\n", b"\r")
_SPACE = re.compile(rb"[ \t\n\v\f\r]")
_LINE_END = re.compile(rb"\n")


@dataclass
class SourceCounts:
    """Properties of a corpus that are found while it is read; complete after the last block.

    `heads` are the first bytes of the first `HEADS` files. `null_rows` and `null_tokens` are the rows of a table and
    the items of its lists that have no value. `lines_left_out` and `lines_repeated` are incremented by `leave_out`, by
    any thread, and complete when all blocks are loaded.
    """

    files: int = 0
    hidden_skipped: int = 0
    no_final_newline: int = 0
    utf8_boms: int = 0
    empty_tokens: int = 0
    dangling_links: int = 0
    special_skipped: int = 0
    null_rows: int = 0
    null_tokens: int = 0
    remote_files: int = 0
    heads: list[bytes] = field(default_factory=list)
    lines_left_out: int = 0
    lines_repeated: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @classmethod
    def of(cls, listing: Listing) -> SourceCounts:
        """Return the counts before anything is read: what was skipped when the files were listed."""
        return cls(hidden_skipped=listing.hidden_skipped, dangling_links=listing.dangling_links,
                   special_skipped=listing.special_skipped)

    def leave_out(self, lines: int, repeated: int = 0) -> None:
        """Count lines that are not in the sample, and further copies of those that are."""
        if lines or repeated:
            with self._lock:
                self.lines_left_out += lines
                self.lines_repeated += repeated


class Descriptor:
    """Open plain file that several threads can read at any position; closed with the last reference.

    Without `preadv`, as on Windows, a read sets the position of the file under a lock: the file is then opened again,
    because a duplicate would share its position.
    """

    size: int

    def __init__(self, file: IO[bytes], path: str) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._preadv: Callable[[int, list[memoryview], int], int] | None = getattr(os, "preadv", None)
        if self._preadv is not None:
            self._number = os.dup(file.fileno())
        else:
            self._number = os.open(file.name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self.size = os.fstat(self._number).st_size

    def __del__(self) -> None:
        os.close(self._number)

    def _read_some(self, buffer: memoryview, begin: int) -> int:
        """Read from byte `begin` on and return the number of bytes, 0 at the end."""
        if self._preadv is not None:
            return self._preadv(self._number, [buffer], begin)
        with self._lock:
            os.lseek(self._number, begin, os.SEEK_SET)
            data = os.read(self._number, len(buffer))
        buffer[:len(data)] = data
        return len(data)

    def read(self, begin: int, end: int) -> bytes:
        """Return the bytes of [begin, end)."""
        data = bytearray(end - begin)
        self.read_into(memoryview(data), begin)
        return bytes(data)

    def read_into(self, buffer: memoryview, begin: int) -> None:
        """Fill a buffer with the bytes from `begin` on.

        Raises
        ------
        W2VError : the file cannot be read, or it became shorter since it was opened.
        """
        done = 0
        try:
            while done < len(buffer) and (n := self._read_some(buffer[done:], begin + done)):
                done += n
        except OSError as error:
            raise W2VError(f"{self.path}: cannot read: {error.strerror}") from error
        if done < len(buffer):
            raise W2VError(f"{self.path}: the file became shorter while it was read: {begin + done} bytes instead of "
                           f"{self.size}")


class FileRange:
    """Byte range of a plain file that is read later, by any thread, plus the line end if the file lacks it.

    The descriptor is a duplicate, which is closed with the last range of the file.
    """

    size: int

    def __init__(self, file: Descriptor, begin: int, end: int, line_end: bytes) -> None:
        self._file, self._begin, self._end, self._line_end = file, begin, end, line_end
        self.size = end - begin + len(line_end)

    @property
    def place(self) -> tuple[str, int, int, bytes]:
        """Path of the file, first byte and end of the range, and the line end that is added."""
        return self._file.path, self._begin, self._end, self._line_end

    def read_into(self, buffer: memoryview) -> None:
        """Fill a buffer of `size` bytes."""
        size = self._end - self._begin
        self._file.read_into(buffer[:size], self._begin)
        _reject_nul(buffer[:size], self._file.path, self._begin)
        buffer[size:] = self._line_end

    def tail(self, n: int) -> bytes:
        """Return the last `n` bytes and the added line end, or all bytes if there are fewer."""
        return self._file.read(max(self._begin, self._end - n), self._end) + self._line_end


SimpleBlock: TypeAlias = bytes | FileRange | IntegerBlock | StringBlock
"""A block as a source cuts it."""


class PartBlock(ABC):
    """Part of a block, which the thread that tokenizes it loads.

    Attributes
    ----------
    origin : the block as the source cut it.
    """

    origin: SimpleBlock

    @abstractmethod
    def load(self, buffer: Callable[[int], memoryview]) -> bytes | memoryview | IntegerBlock:
        """Return the content; see `w2v.corpus.blocks.load`."""

    def position(self, offset: int) -> int:
        """Return the position in `origin` of a byte of the loaded text."""
        return offset


Block: TypeAlias = SimpleBlock | PartBlock


def origin(block: Block) -> SimpleBlock:
    """Return the block that a block is a part of, or the block itself."""
    return block.origin if isinstance(block, PartBlock) else block


def position(block: Block, offset: int) -> int:
    """Return the position of a byte of the loaded text of a block in its origin."""
    return block.position(offset) if isinstance(block, PartBlock) else offset


def load(block: Block, buffer: Callable[[int], memoryview]) -> bytes | memoryview | IntegerBlock:
    """Return the bytes of a block, or its integers.

    Parameters
    ----------
    buffer : returns n writable bytes, for a block that still has to be read.

    Raises
    ------
    FormatError : a NUL byte, or a damaged column.
    W2VError : the file cannot be read.
    """
    if isinstance(block, (bytes, IntegerBlock)):
        return block
    if isinstance(block, PartBlock):
        return block.load(buffer)
    view = buffer(block.size)
    block.read_into(view)
    return view


# --- large plain files ---------------------------------------------------------------------------------------------


def is_large_plain(file: IO[bytes], raw: RawFile, size: int) -> bool:
    """Return whether threads can read ranges of an open file of more than `size` bytes, of which `raw` has read the
    head. Files of at most one block would not gain from it, and standard input may begin in the middle of a file."""
    if not hasattr(os, "preadv") and not isinstance(file.name, (str, os.PathLike)):
        return False  # it cannot be opened again
    try:
        status = os.fstat(file.fileno())
        return stat.S_ISREG(status.st_mode) and status.st_size > size and file.tell() == len(raw.head)
    except OSError:  # a stream without a descriptor
        return False


def file_ranges(file: Descriptor, raw: RawFile, block_size: int, counts: SourceCounts,
                whole_lines: bool = False) -> Iterator[FileRange]:
    """Yield the blocks of a plain file and advance `raw.position`. Bytes appended after it was opened are left out.

    `whole_lines`: blocks end at line ends, except for lines above 64 MiB, which are cut at white space.
    """
    head, last = file.read(0, min(HEAD_BYTES, file.size)), file.read(file.size - 1, file.size)
    begin = _text_begin(head, file.path, counts)
    while begin < file.size:
        end = _range_end(file, begin, block_size, whole_lines)
        line_end = b""
        if end == file.size and last != b"\n":
            counts.no_final_newline += 1
            line_end = _missing_line_end(last)
        raw.position = end
        yield FileRange(file, begin, end, line_end)
        begin = end
    raw.position = file.size


def _range_end(file: Descriptor, begin: int, block_size: int, whole_lines: bool) -> int:
    """Return the end of the block that begins at `begin`: as `cut` finds it, but with as few reads as possible."""
    ends = _LINE_ENDS if whole_lines else _SPACES
    end = begin + block_size
    step = 256
    while end < file.size:
        start = max(begin, end - step)
        if (boundary := last_boundary(file.read(start, end), ends)) > 0:
            return start + boundary
        step *= 4
        if start == begin:
            break
    while end < file.size:  # Longer than a block: search forward, again from the last byte, which may be a CR.
        if end - begin > MAX_WORD:
            if whole_lines:
                return _range_end(file, begin, MAX_WORD, False)
            raise _endless_word(file.path, begin)
        start, end = end - 1, end + block_size
        if end < file.size and (boundary := last_boundary(file.read(start, end), ends)) > 0:
            return start + boundary
    return file.size


def text_before(file: Descriptor, end: int) -> FileRange:
    """Return the range of all text of a plain file before byte `end`."""
    return FileRange(file, min(_mark_bytes(file.read(0, min(4, file.size))), end), end, b"")


def words_between(file: Descriptor, begin: int, end: int, counts: SourceCounts,
                  whole_lines: bool = False) -> tuple[bytes, int]:
    """Read the words, or the lines (`whole_lines`), of a plain file that begin in [begin, end).

    Consecutive ranges give the whole text. A word or line is followed for at most `end - begin` bytes beyond the range,
    then cut.

    Returns
    -------
    The text, and the byte of the file at which it begins.

    Raises
    ------
    FormatError : UTF-16 or UTF-32, or a NUL byte.
    W2VError : the file cannot be read.
    """
    start, space = max(begin - 1, 0), _LINE_END if whole_lines else _SPACE
    data = file.read(start, min(2 * end - begin, file.size))
    if begin == 0:
        first = _text_begin(data[:HEAD_BYTES], file.path, counts)
    else:
        first = _after(space, data, 0)
    last = len(data) if end >= file.size else _after(space, data, end - 1 - start)
    _reject_nul(data[first:last], file.path, start + first)
    line_end = _missing_line_end(data[-1:]) if end >= file.size and data[-1:] != b"\n" else b""
    return data[first:last] + line_end, start + first


def _after(space: re.Pattern[bytes], data: bytes, begin: int) -> int:
    """Return the position after the first white space at or after `begin`; the end of the data if there is none."""
    found = space.search(data, begin)
    return len(data) if found is None else found.end()


# --- streams -------------------------------------------------------------------------------------------------------


def checked_content(reader: Reader, path: str, block_size: int, counts: SourceCounts) -> Iterator[bytes]:
    """Yield chunks of the decompressed content, without a UTF-8 byte order mark.

    Raises
    ------
    FormatError : UTF-16 or UTF-32, or a NUL byte.
    """
    offset = 0
    while chunk := read_full(reader, block_size if offset else max(block_size, HEAD_BYTES), path, offset):
        begin = 0 if offset else _text_begin(chunk[:HEAD_BYTES], path, counts)
        _reject_nul(chunk, path, offset)
        yield chunk[begin:] if begin else chunk
        offset += len(chunk)


def cut(content: Iterator[bytes], path: str, counts: SourceCounts, whole_lines: bool = False) -> Iterator[bytes]:
    """Turn chunks into blocks that end at a token boundary, or at a line end (`whole_lines`; a line above 64 MiB is cut
    at white space). A word or line that spans many chunks is joined once, so the time is linear."""
    ends = _LINE_ENDS if whole_lines else _SPACES
    carried: list[bytes] = []
    carried_size = start = 0
    last = b"\n"
    for chunk in content:
        last = chunk[-1:] or last
        end = last_boundary(chunk, ends)
        if end > 0:
            yield b"".join((*carried, chunk[:end])) if carried else chunk[:end]
            start += carried_size + end
            carried, carried_size = [], 0
        if end < len(chunk):
            carried.append(chunk[end:] if end > 0 else chunk)
            carried_size += len(carried[-1])
        if carried_size > MAX_WORD:
            long_line = b"".join(carried)
            end = last_boundary(long_line) if whole_lines else 0
            if end == 0:
                raise _endless_word(path, start)
            yield long_line[:end]
            start += end
            carried, carried_size = [long_line[end:]], carried_size - end
    if last != b"\n":
        counts.no_final_newline += 1
        carried.append(_missing_line_end(last))
    if carried:
        yield b"".join(carried)


# --- shared by both ------------------------------------------------------------------------------------------------


def _reject_nul(data: bytes | memoryview, path: str, offset: int) -> None:
    if (nul := find_nul(data)) >= 0:
        raise FormatError(path, "NUL byte: this is not text (if it is UTF-16, convert it to UTF-8; if it is text apart "
                                "from its NUL bytes, remove them: tr -d '\\0')", offset=offset + nul)


def _text_begin(head: bytes, path: str, counts: SourceCounts) -> int:
    """Return the position of the first byte of text: after a UTF-8 byte order mark.

    Raises
    ------
    FormatError : the file is of another kind (`w2v.corpus.kinds`).
    """
    reject_other_kinds(path, head)
    begin = _mark_bytes(head)
    counts.utf8_boms += begin > 0
    if len(counts.heads) < HEADS:
        counts.heads.append(head[begin:])
    return begin


def _mark_bytes(head: bytes) -> int:
    """Return the size of a UTF-8 byte order mark at the start of a file, 0 if there is none."""
    return 3 if head.startswith(b"\xef\xbb\xbf") else 0


def _endless_word(path: str, start: int) -> FormatError:
    return FormatError(path, "no white space for 64 MiB: is this text?", offset=start)


def _missing_line_end(last: bytes) -> bytes:
    """Return the line end to add to a file whose last byte is not a newline. After a CR a blank comes first, so that no
    CRLF is counted that the file does not have."""
    return b" \n" if last == b"\r" else b"\n"


def last_boundary(chunk: bytes, ends: tuple[bytes, ...] = _SPACES) -> int:
    """Return the position after the last white space of a chunk, or the last line end (`ends`); 0 if there is none.

    A carriage return at the very end belongs to the next block, which may begin with its line feed. The search goes
    backwards in growing steps, because rfind for a rare byte would scan the whole chunk.
    """
    end = len(chunk)
    if chunk.endswith(b"\r"):
        end -= 1
    stop, step = end, 256
    while stop > 0:
        start = max(0, stop - step)
        found = max(chunk.rfind(space, start, stop) for space in ends)
        if found >= 0:
            return found + 1
        stop, step = start, step * 4
    return 0
