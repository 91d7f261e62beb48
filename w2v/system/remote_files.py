"""Files at addresses on the network, read like local ones; reading continues where a connection broke.

Place in the data flow: address -> `RemoteFile` -> `w2v.corpus.source`, and any reader that takes an open file.
`w2v.system.remote_store` has the protocols. Nothing is stored on disk.
"""

from __future__ import annotations

import contextlib
import io
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import IO, Any, NamedTuple, TypeVar

from w2v.errors import W2VError
from w2v.system.files import local_path
from w2v.system.remote import address_of, check_allowed, redacted, without_file_scheme
from w2v.system.remote_store import failure, filesystem, is_final, is_http, reason
from w2v.types import StrPath

T = TypeVar("T")

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each new attempt after a failure; bytes that arrive start the series again."""

BLOCK = 4 << 20
"""Bytes of one request; with AHEAD they allow 300 MB/s at 50 ms to the first byte."""

AHEAD = 4
"""Requests in flight while earlier blocks are used: memory is AHEAD + 1 blocks a file."""

FIRST = 1 << 18
"""Bytes of the first request, at the start and after a jump; the next ones grow fourfold up to BLOCK."""

LEAST = 1 << 16
"""Bytes of the smallest request: a connection that breaks early still gets on with smaller ones."""

# What tells one version of a file from another: the upper names, and the lower ones where a protocol has none of these.
_VERSIONS = (("ETag", "etag", "e_tag", "content_md5", "Content-MD5", "md5Hash", "blob_id", "generation"),
             ("LastModified", "last_modified", "Last-Modified", "mtime", "modified", "updated", "created"))


def open_binary(path: StrPath, *, download: bool) -> IO[bytes]:
    """Open a path or an address for reading at any position.

    Parameters
    ----------
    path : of a file, or an address, also file:///.
    download : whether the network may be used.

    Raises
    ------
    W2VError : it is an address and `download` is False; or it cannot be opened.
    """
    address = address_of(path)
    if address is not None:
        check_allowed(address, download, "it")
        return io.BufferedReader(RemoteFile(address), FIRST)
    local = without_file_scheme(local_path(path))
    try:
        return open(local, "rb")
    except OSError as error:
        raise W2VError(f"{local}: cannot read: {error.strerror or error}") from error


class _Version(NamedTuple):
    """Size of a file, None if unknown, and what its store says about its version, by name."""

    size: int | None
    marks: dict[str, str]

    def differs(self, other: _Version) -> bool:
        """Return whether this is another version. Only names that both have are compared: answers to different
        requests have different ones."""
        if self.size != other.size:
            return True
        for names in _VERSIONS:
            if common := [name for name in names if name in self.marks and name in other.marks]:
                return any(self.marks[name] != other.marks[name] for name in common)
        return False


class _NoRanges(Exception):
    """The server sends files only from their start."""


class _Block:
    """Bytes that a thread of its own fetches. The thread is a daemon, so that a connection that hangs does not keep the
    program from ending."""

    def __init__(self, fetch: Callable[[], bytes], begin: int) -> None:
        self.begin = begin
        self._fetch = fetch
        self._data = b""
        self._error: BaseException | None = None
        self._done = threading.Event()
        try:
            threading.Thread(target=self._run, daemon=True, name="w2v-download").start()
        except RuntimeError:  # no thread can be started
            self._run()

    def _run(self) -> None:
        try:
            self._data = self._fetch()
        except BaseException as error:
            self._error = error
        self._done.set()

    def result(self) -> bytes:
        """Return the bytes, or raise the error of the thread."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._data


class RemoteFile(io.RawIOBase):
    """File at an address, read by requests for byte ranges: in order with some requests ahead, or at any position.

    A request that fails is repeated after each of WAITS, for fewer bytes each time, and only if the file is still the
    same. A server that knows no ranges sends the file as one stream, which is then read in order only, and a broken
    connection is an error.

    Parameters
    ----------
    address : of the file.

    Attributes
    ----------
    name : the address without secrets, for messages.
    size : bytes; None if the server does not tell it.

    Raises
    ------
    W2VError : in all methods: the file cannot be read, or it changed while it was read.
    """

    name: str
    size: int | None

    def __init__(self, address: str) -> None:
        self._stop = threading.Event()
        self._queue: deque[_Block] = deque()
        self._stream: Any = None
        # What follows may fail; `close` needs what is above.
        self.name = redacted(address)
        self._address = address
        self._fs, self._path = filesystem(address)
        self._is_http = is_http(address)
        self._version: _Version | None = None
        self._version = self._persist(self._ask_version, 0)
        self.size = self._version.size
        # Only some file systems may be used by several threads; for the others one request is in flight.
        self._ahead = AHEAD if getattr(self._fs, "async_impl", False) or address.startswith("hf:") else 1
        self._asked = 0  # end of the last request
        self._requests = 0
        self._step = FIRST // 4
        self._position = self._begin = 0
        self._data = b""  # bytes from `_begin` on
        if self.size is None:
            self._open_stream()

    # --- as a file ---

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream is None

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET and self.size is None:
            raise io.UnsupportedOperation("the size is unknown")
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size or 0}[whence]
        if start + offset < 0:
            raise ValueError(f"negative position {start + offset}")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer, or less of it, with the bytes at the position; 0 at the end."""
        view = memoryview(buffer).cast("B")
        if not self._begin <= self._position < self._begin + len(self._data):
            data = self._next()
            self._begin, self._data = self._position, data
        offset = self._position - self._begin
        n = min(len(view), len(self._data) - offset)
        view[:n] = memoryview(self._data)[offset:offset + n]
        self._position += n
        return n

    def close(self) -> None:
        self._stop.set()
        self._queue.clear()
        self._data = b""
        if self._stream is not None:
            with contextlib.suppress(Exception):
                self._stream.close()
        super().close()

    # --- by ranges ---

    def _next(self) -> bytes:
        """Return the block at the position, and keep requests for the next ones in flight."""
        if self._stream is not None:
            return self._next_of_stream()
        assert self.size is not None
        if self._position >= self.size:
            if self._requests > 1:
                self._persist(self._check_unchanged, self._position)
                self._requests = 0
            return b""
        ahead = self._ahead
        if self._position == (self._queue[0].begin if self._queue else self._asked):
            self._step = min(4 * self._step, BLOCK)
        else:
            self._queue.clear()
            self._asked, self._step, ahead = self._position, FIRST, 1
        while len(self._queue) < ahead and self._asked < self.size:
            end = min(self._asked + self._step, self.size)
            self._queue.append(_Block(partial(self._fetch, self._asked, end), self._asked))
            self._asked = end
        try:
            return self._queue.popleft().result()
        except _NoRanges:
            self._queue.clear()
            self._open_stream()
            return self._next_of_stream()

    def _fetch(self, begin: int, end: int) -> bytes:
        """Return the bytes of a range; by a thread."""
        parts = []
        while begin < end:
            parts.append(self._persist(partial(self._range, begin, end), begin))
            begin += len(parts[-1])
        return b"".join(parts)

    def _range(self, begin: int, end: int, attempt: int) -> bytes:
        """Return bytes from `begin` on; the more attempts failed, the fewer."""
        size = min(end - begin, max(LEAST, BLOCK >> 2 * attempt))
        self._requests += 1
        options = {"size": self.size} if self._is_http else {}  # it would be asked for again
        try:
            with self._fs.open(self._path, "rb", block_size=BLOCK, cache_type="none", **options) as file:
                file.seek(begin)
                data: bytes = file.read(size)
        except ValueError as error:
            if self._is_http:
                raise _NoRanges from error
            raise
        if len(data) != size:
            raise ConnectionError(f"{len(data):,} bytes came instead of {size:,}")
        return data

    # --- as one stream ---

    def _open_stream(self) -> None:
        self._stream = self._persist(lambda _: self._fs.open(self._path, "rb", block_size=0), self._position)
        skipped, self._position, self._begin, self._data = self._position, 0, 0, b""
        self._asked = 0
        while self._position < skipped:
            self._data = self._next_of_stream()
            if not self._data:
                break
            self._begin = self._position
            self._position += len(self._data)
        self._position = skipped

    def _next_of_stream(self) -> bytes:
        if self._begin <= self._position < self._begin + len(self._data):
            return self._data[self._position - self._begin:]
        if self._position != self._begin + len(self._data):
            raise W2VError(f"{self.name}: this server sends files only from their start, and this kind of file is read "
                           "at several places: save it to a file first")
        block = self._queue.popleft() if self._queue else _Block(self._read_stream, self._position)
        data = block.result()
        if data:
            self._queue.append(_Block(self._read_stream, self._position + len(data)))
        return data

    def _read_stream(self) -> bytes:
        """Return the next bytes of the stream, b"" at its end; by a thread."""
        parts: list[bytes] = []
        missing = BLOCK
        try:
            while missing > 0 and (part := self._stream.read(missing)):
                parts.append(part)
                missing -= len(part)
                self._asked += len(part)
        except Exception as error:
            raise W2VError(f"{self.name}: the connection broke at byte {self._asked:,} ({reason(error)}), and this "
                           "server cannot continue there: save the file first") from None
        if not parts and self.size is not None and self._asked != self.size:
            raise W2VError(f"{self.name}: the file ends at byte {self._asked:,}, but has {self.size:,} bytes: save it "
                           "first")
        return b"".join(parts)

    # --- persistence ---

    def _persist(self, call: Callable[[int], T], byte: int) -> T:
        """Return the result of a call, which is repeated after a failure that may pass.

        Parameters
        ----------
        call : takes the number of attempts that failed.
        byte : place in the file, for messages.
        """
        for attempt in range(len(WAITS) + 1):
            try:
                if attempt and self._version is not None:
                    self._check_unchanged(attempt)
                return call(attempt)
            except (W2VError, _NoRanges):
                raise
            except Exception as error:
                if attempt == len(WAITS) or is_final(error) or self._stop.wait(WAITS[attempt]):
                    raise failure(self.name, error, byte, attempt + 1) from None
        raise AssertionError("the last attempt returns or raises")

    def _ask_version(self, _: int) -> _Version:
        """Return what the server says about the file: its size, and what changes with its content."""
        info = self._fs.info(self._path)
        if self._address.startswith("https:") and str(info.get("url", "")).startswith("http:"):
            raise W2VError(f"{self.name}: it is redirected to {redacted(info['url'])}, which is not safe to follow")
        if self._is_http and not info.get("partial", True):
            info["size"] = None
        marks = {name: str(info[name]).removeprefix("W/").strip('"') for names in _VERSIONS for name in names
                 if info.get(name) is not None}  # Azure quotes ETags only in some answers
        return _Version(info.get("size"), marks)

    def _check_unchanged(self, attempt: int) -> None:
        self._fs.invalidate_cache()
        before, now = self._version, self._ask_version(attempt)
        if before is not None and now.differs(before):
            sizes = "" if now.size == before.size else f": it has {now.size} bytes instead of {before.size}"
            raise W2VError(f"{self.name}: the file changed while it was read{sizes}; start again")
