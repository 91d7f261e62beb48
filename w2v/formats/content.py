"""Bytes of one open file or pipe, decompressed: its beginning for recognition, then blocks or the whole.

Place in the data flow: path -> `Content` -> reader of the format. A size stated in the file is trusted only as far as
there are bytes; the size of compressed content and of pipes is unknown until they end.
"""

from __future__ import annotations

import os
import stat
from typing import IO

import numpy as np
import numpy.typing as npt

from w2v.errors import W2VError
from w2v.formats.vectorfile import check_memory
from w2v.system.decompress import RawFile, content_reader, read_available, read_full

BLOCK = 1 << 20
SAMPLE = 1 << 16
_CHECK_EVERY = 64 << 20  # bytes of content of unknown size between two looks at the free memory
_UNBOUNDED = 1 << 62


class Content:
    """Content of an open file, decompressed if necessary.

    Parameters
    ----------
    file : open for unbuffered or buffered reading.
    path : name of the file, for error messages.
    inside : the archive that `file` is in, for messages; "" for a file of the system.

    Attributes
    ----------
    path : as given.
    head : the first SAMPLE bytes, or all if there are fewer; `extend_head` makes it longer.
    complete : whether `head` is the whole content.
    size : bytes of content; None while it is unknown, as for long compressed files and pipes.
    packed : "gzip", "bzip2", "xz", "zstd", with the archive if the file is in one; "" for plain content.
    seekable : whether the file can be read again from its beginning.
    words_given : whether the user names a list of words; set by `read_vectors`.
    mappable : whether the file can be memory-mapped; set it to False to have `whole` read it into memory instead.
    """

    packed: str
    seekable: bool
    head: bytes
    complete: bool
    mappable: bool

    def __init__(self, file: IO[bytes], path: str, inside: str = "") -> None:
        self.path = path
        self.words_given = False
        self._file = file
        reader = content_reader(RawFile(file, path), path)
        self.packed = " in ".join(filter(None, (reader.compression, inside)))
        regular = None if inside else _size_of_regular(file)
        self.seekable = regular is not None
        self.size: int | None = None
        self._reader = None
        self._failure: W2VError | None = None  # of the reader, raised when the bytes after it are asked for
        if not self.packed and regular is not None:
            self.size = regular
            file.seek(0)
            self.head = file.read(min(SAMPLE, self.size))
            file.seek(0)
        else:
            self._reader = reader
            self.head, self._failure = read_available(reader, SAMPLE, path, 0)
            if self._failure is not None and not self.head:
                raise self._failure
            if len(self.head) < SAMPLE and self._failure is None:
                self.size = len(self.head)
        self.complete = len(self.head) == self.size
        self._unread = memoryview(b"") if self._reader is None else memoryview(self.head)
        self._position = 0
        self._bytes = bytearray()  # bytes of a compressed file or pipe that `peek` and `whole` have read
        self._checked = _CHECK_EVERY
        self._stream: npt.NDArray[np.uint8] | None = None  # the same as an array
        self.mappable = self._reader is None and bool(self.size)

    @property
    def truncated(self) -> bool:
        """Whether the compressed data were found to end too early, or to be damaged, after the bytes read so far."""
        return self._failure is not None

    def extend_head(self, size: int) -> None:
        """Make `head` longer, up to `size` bytes. Call it before any other read."""
        if self._reader is None:
            self.head = self._file.read(size)
            self._file.seek(0)
        elif self._failure is None:
            more, self._failure = read_available(self._reader, size - len(self.head), self.path, len(self.head))
            self.head += more
            if len(self.head) < size and self._failure is None:
                self.size = len(self.head)
            self._unread = memoryview(self.head)
        self.complete = len(self.head) == self.size

    def peek(self, start: int, stop: int) -> bytes:
        """Return bytes [start, stop), fewer only at the end. Call it before any other read than `whole`.

        Bytes beyond `head` of a compressed file or pipe are read into memory, for `whole` to continue.
        """
        if stop <= len(self.head) or self.complete:
            return self.head[start:stop]
        if self._reader is not None:
            self._fill(stop)
            return bytes(self._bytes[start:stop])
        self._file.seek(start)
        data = self._file.read(stop - start)
        self._file.seek(0)
        return data

    def skip(self, count: int) -> None:
        """Continue at byte `count`, which must not lie beyond `head`."""
        if self._reader is None:
            self._file.seek(count)
        else:
            self._unread = self._unread[count:]
        self._position = count

    def read_into(self, view: memoryview) -> int:
        """Fill `view` with the next bytes and return their number, less than its length only at the end."""
        if self._reader is None:
            got: int = self._file.readinto(view)  # type: ignore[attr-defined]
        else:
            got = min(len(self._unread), len(view))
            view[:got], self._unread = self._unread[:got], self._unread[got:]
            if got < len(view) and self._failure is None:
                more, self._failure = read_available(self._reader, len(view) - got, self.path, self._position + got)
                view[got:got + len(more)] = more
                got += len(more)
            if not got and self._failure is not None:
                raise self._failure
        self._position += got
        return got

    def whole(self, most: int | None = None) -> npt.NDArray[np.uint8]:
        """Return all bytes: mapped and read-only if `mappable`, otherwise read into memory.

        Parameters
        ----------
        most : bytes after which the reading of a compressed file or pipe may stop, if the format says where it ends.

        Raises
        ------
        W2VError : the content does not fit into memory, which for compressed content is known only as it grows.
        """
        if self.mappable:
            return np.asarray(np.memmap(self._file, dtype=np.uint8, mode="r"))
        if self._reader is None and self.size:
            check_memory(self.path, self.size)
            whole = np.empty(self.size, dtype=np.uint8)
            return whole[:self.read_into(whole.data)]
        if self._stream is None:
            self._fill(_UNBOUNDED if most is None else most)
            self._stream = np.frombuffer(self._bytes, dtype=np.uint8)
        return self._stream

    def _fill(self, most: int) -> None:
        """Read compressed content or a pipe into memory until there are `most` bytes, or to its end."""
        if self._failure is not None:
            raise self._failure
        data = self._bytes
        data += self._unread
        self._unread = memoryview(b"")
        while self._reader is not None and len(data) < most:
            if len(data) >= self._checked:
                self._checked += _CHECK_EVERY
                check_memory(self.path, len(data) // 8 + 2 * _CHECK_EVERY)  # a bytearray grows by an eighth
            if not (more := read_full(self._reader, BLOCK, self.path, len(data))):
                break
            data += more


def _size_of_regular(file: IO[bytes]) -> int | None:
    """Return the size of a file; None for a pipe."""
    status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


class Window:
    """A moving view of the content, for formats that are parsed row by row.

    `data[start:end]` are the bytes from `offset` of the content on. The window grows when a row does not fit, but stays
    smaller than twice the bytes that exist.

    Parameters
    ----------
    content : the file, not yet read from.
    offset : where the view begins, within `content.head`.
    """

    data: bytearray
    start: int
    end: int
    offset: int

    def __init__(self, content: Content, offset: int) -> None:
        self.content = content
        size = BLOCK // 4 if content.size is None else min(BLOCK, max(SAMPLE, content.size // 4), content.size - offset)
        self.data = bytearray(max(size, 1) + 1)  # one extra byte, for a missing newline at the end
        self.start = self.end = 0
        self.offset = offset
        content.skip(offset)
        self.more()

    def use(self, count: int) -> None:
        """Move on by `count` bytes, which have been parsed."""
        self.start += count
        self.offset += count

    def more(self) -> bool:
        """Read more bytes into the window; False at the end of the content."""
        rest = self.end - self.start
        self.data[:rest] = self.data[self.start:self.end]
        if 2 * rest + 2 > len(self.data):
            check_memory(self.content.path, 2 * len(self.data))
            self.data += bytes(len(self.data))
        self.start, self.end = 0, rest
        with memoryview(self.data) as view:
            got = self.content.read_into(view[self.end:len(self.data) - 1])
        self.end += got
        return got > 0

    def end_line(self) -> bool:
        """Add the missing newline of the last line; False if nothing is left."""
        if self.start == self.end:
            return False
        self.data[self.end] = 10
        self.end += 1
        return True

    def rest(self) -> memoryview:
        """Return the bytes that are in the window and not yet used."""
        return memoryview(self.data)[self.start:self.end]
