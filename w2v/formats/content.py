"""The bytes of one file, plain or compressed, a file or a pipe: its beginning to look at, then blocks or the whole.

Place in the data flow: path -> `Content` -> the reader of the format. What a size in the file says is believed only as
far as there are bytes; the size of compressed content and of pipes is unknown until they end.
"""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from w2v.formats.vectorfile import check_memory
from w2v.system.decompress import RawFile, content_reader, read_full

BLOCK = 1 << 20
SAMPLE = 1 << 16

_PACKED = {b"\x1f\x8b": "gzip", b"BZ": "bzip2", b"\xfd7": "xz", b"\x28\xb5": "zstd"}


class Content:
    """The content of an open file, decompressed if it is compressed.

    Attributes
    ----------
    path : of the file, for messages.
    head : its first bytes, SAMPLE of them or all.
    size : bytes of content; None if it is not known before the end, which for short content it is.
    packed : "gzip", "bzip2", "xz", "zstd", or "" for plain content.
    mappable : whether the bytes stand as they are in a file; set it to False to have them in memory all the same.
    """

    def __init__(self, file: BinaryIO, path: str) -> None:
        self.path = path
        self._file = file
        raw = RawFile(file, path)
        reader = content_reader(raw, path)
        self.packed = "" if reader is raw else _PACKED[raw.head[:2]]
        status = os.fstat(file.fileno())
        self.size: int | None = None
        self._reader = None
        if not self.packed and stat.S_ISREG(status.st_mode):
            self.size = status.st_size
            file.seek(0)
            self.head = file.read(min(SAMPLE, self.size))
            file.seek(0)
        else:
            self._reader = reader
            self.head = read_full(reader, SAMPLE, path, 0)
            if len(self.head) < SAMPLE:
                self.size = len(self.head)
        self._unread = memoryview(b"") if self._reader is None else memoryview(self.head)
        self._position = 0
        self.mappable = self._reader is None and bool(self.size)

    @property
    def complete(self) -> bool:
        """Whether `head` is all there is."""
        return len(self.head) < SAMPLE

    def skip(self, count: int) -> None:
        """Go on `count` bytes from the beginning, at most as many as `head` has."""
        if self._reader is None:
            self._file.seek(count)
        else:
            self._unread = self._unread[count:]
        self._position = count

    def read_into(self, view: memoryview) -> int:
        """Fill `view` with the next bytes; fewer only at the end."""
        if self._reader is None:
            got: int = self._file.readinto(view)  # type: ignore[attr-defined]
        else:
            got = min(len(self._unread), len(view))
            view[:got], self._unread = self._unread[:got], self._unread[got:]
            if got < len(view):
                more = read_full(self._reader, len(view) - got, self.path, self._position + got)
                view[got:got + len(more)] = more
                got += len(more)
        self._position += got
        return got

    def whole(self) -> npt.NDArray[np.uint8]:
        """All bytes: mapped and read-only if `mappable`, otherwise read into memory."""
        if self.mappable:
            return np.asarray(np.memmap(self._file, dtype=np.uint8, mode="r"))
        if self._reader is None and self.size:
            check_memory(self.path, self.size)
            whole = np.empty(self.size, dtype=np.uint8)
            return whole[:self.read_into(whole.data)]
        data = bytearray(self._unread)
        self._unread = memoryview(b"")
        while self._reader is not None and (more := read_full(self._reader, BLOCK, self.path, len(data))):
            data += more
        return np.frombuffer(data, dtype=np.uint8)


class Window:
    """A moving view of the content: use what is understood, then ask for more.

    `data[start:end]` are the bytes at `offset` of the content. The window grows if one row does not fit, always less
    than twice as large as the bytes that are there.
    """

    def __init__(self, content: Content, offset: int) -> None:
        self.content = content
        size = BLOCK // 4 if content.size is None else min(BLOCK, max(SAMPLE, content.size // 4), content.size - offset)
        self.data = bytearray(max(size, 1) + 1)  # one byte more, for a newline that is missing at the end
        self.start = self.end = 0
        self.offset = offset
        content.skip(offset)
        self.more()

    def use(self, count: int) -> None:
        """Go on by `count` bytes."""
        self.start += count
        self.offset += count

    def more(self) -> bool:
        """Read on; False at the end of the content."""
        rest = self.end - self.start
        self.data[:rest] = self.data[self.start:self.end]
        if 2 * rest + 2 > len(self.data):
            self.data += bytes(len(self.data))
        self.start, self.end = 0, rest
        with memoryview(self.data) as view:
            got = self.content.read_into(view[self.end:len(self.data) - 1])
        self.end += got
        return got > 0

    def end_line(self) -> bool:
        """Put the newline that the last line lacks; False if nothing is left."""
        if self.start == self.end:
            return False
        self.data[self.end] = 10
        self.end += 1
        return True

    def rest(self) -> memoryview:
        return memoryview(self.data)[self.start:self.end]
