"""Reading of plain and compressed files (gzip, bzip2, xz, zstd), recognised by their first bytes.

Place in the data flow: raw file -> content, for corpora (`w2v.corpus.source`) and vectors (`w2v.formats`). Damaged and
truncated files are errors with their position, never a silent end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, TypeAlias

from w2v.errors import FormatError, W2VError

HEAD_SIZE = 512
"""Bytes that are read to recognise a file: the first block of a tar archive."""

_XZ_MEMORY = 1 << 30  # a header may ask for a dictionary of 4 GB; `xz -9` needs 65 MB


class RawFile:
    """Unbuffered file that counts the bytes read. The first bytes were read to recognise the file; `read` returns them
    first.

    Attributes
    ----------
    position : bytes returned so far.
    head : the first bytes, at most HEAD_SIZE.
    compression : "", since nothing is decompressed; other readers have the name of the compression.
    """

    position: int
    head: bytes

    compression = ""

    def __init__(self, file: IO[bytes], path: str) -> None:
        self._read_some = getattr(file, "read1", file.read)
        self.position = 0
        self.head = b""
        try:
            while len(self.head) < HEAD_SIZE and (more := self._read_some(HEAD_SIZE - len(self.head))):
                self.head += more
        except OSError as error:
            raise W2VError(f"{path}: cannot read: {error.strerror or error}") from error
        self._unread = self.head

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes; b"" at the end."""
        if self._unread:
            data, self._unread = self._unread[:size], self._unread[size:]
        else:
            data = self._read_some(size) or b""
        self.position += len(data)
        return data


Reader: TypeAlias = "RawFile | _Decompressed | HeadReader"


def content_reader(raw: RawFile, path: str) -> Reader:
    """Return a reader of the content of a file. The first bytes decide how it is compressed, not the name."""
    head = raw.head
    if head.startswith(b"\x1f\x8b"):
        return _Decompressed(raw, "gzip", _GzipEngine)
    if head.startswith(b"BZh") and head[3:4].isdigit():
        import bz2
        return _Decompressed(raw, "bzip2", bz2.BZ2Decompressor)
    if head.startswith(b"\xfd7zXZ\x00"):
        import lzma
        return _Decompressed(raw, "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY))
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return _Decompressed(raw, "zstd", _zstd_module(path).ZstdDecompressor)
    return raw


def _zstd_module(path: str) -> Any:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]  # Python 3.14
    except ImportError:
        try:
            from backports import zstd  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            raise W2VError(f"{path}: compressed with zstd, which this Python cannot read: pip install 'w2v[zstd]', or "
                           "pipe the text: zstd -dc FILE | w2v train - ...") from None
    return zstd


class _GzipEngine:
    """Decompressor of zlib with the interface of those of bz2, lzma and zstd."""

    def __init__(self) -> None:
        import zlib
        self._engine = zlib.decompressobj(wbits=31)  # gzip header and CRC

    eof = property(lambda self: self._engine.eof)
    unused_data = property(lambda self: self._engine.unused_data)
    needs_input = property(lambda self: not self._engine.unconsumed_tail)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._engine.decompress(self._engine.unconsumed_tail + data, max_length)


class _Decompressed:
    """Reader of all compressed streams of a file, one after the other.

    The file objects of the standard library are not used, because those of bz2 and lzma treat anything unreadable after
    the first stream as the end: a file damaged there would silently lose its second half.
    """

    CHUNK = 1 << 18

    def __init__(self, raw: RawFile, compression: str, new_engine: Callable[[], Any]) -> None:
        self.compression = compression
        self._raw = raw
        self._new_engine = new_engine
        self._engine = new_engine()

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, b"" at the end. Raises EOFError if the file ends within a stream."""
        while True:
            data = b""
            if self._engine.eof:
                data = self._engine.unused_data.lstrip(b"\0")  # padding between or after streams
                while not data:
                    data = self._raw.read(self.CHUNK)
                    if not data:
                        return b""
                    data = data.lstrip(b"\0")
                self._engine = self._new_engine()
            elif self._engine.needs_input:
                data = self._raw.read(self.CHUNK)
                if not data:
                    raise EOFError
            output: bytes = self._engine.decompress(data, size)
            if output:
                return output


class HeadReader:
    """Reader whose first bytes are known before they are read.

    Attributes
    ----------
    head : the first HEAD_SIZE bytes, fewer if there are fewer.
    compression : of the file.

    Raises
    ------
    FormatError : the first bytes are damaged.
    """

    head: bytes

    def __init__(self, reader: Reader, path: str) -> None:
        self.compression: str = reader.compression
        self._reader = reader
        self.head = self._unread = read_full(reader, HEAD_SIZE, path, 0)

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes; b"" at the end."""
        if self._unread:
            data, self._unread = self._unread[:size], self._unread[size:]
            return data
        return self._reader.read(size)


def read_full(reader: Reader, size: int, path: str, offset: int) -> bytes:
    """Read `size` bytes, fewer only at the end.

    Parameters
    ----------
    path : name of the file, for messages.
    offset : bytes of content read before, for messages.

    Raises
    ------
    FormatError : the compressed data are truncated or damaged.
    W2VError : the file cannot be read.
    """
    data, failure = read_available(reader, size, path, offset)
    if failure is not None:
        raise failure
    return data


def read_available(reader: Reader, size: int, path: str, offset: int) -> tuple[bytes, W2VError | None]:
    """Read `size` bytes, and return them with the error that ended the reading early, which `read_full` raises.

    One read of a pipe may return only a few, and small blocks are slow.
    """
    parts: list[bytes] = []
    missing = size
    failure: W2VError | None = None
    try:
        while missing > 0 and (part := reader.read(missing)):
            parts.append(part)
            missing -= len(part)
    except EOFError as error:
        failure = FormatError(path, "the compressed data end too early: the file is truncated",
                              offset=offset + size - missing)
        failure.__cause__ = error
    except MemoryError:
        raise
    except W2VError as error:
        failure = error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            failure = W2VError(f"{path}: cannot read: {error.strerror}")
        else:  # zlib, bz2, lzma and zstd each raise a different class; this is their only common base class.
            failure = FormatError(path, f"the compressed data are damaged ({error})", offset=offset + size - missing)
        failure.__cause__ = error
    return parts[0] if len(parts) == 1 else b"".join(parts), failure
