"""Texts in `.zip` and `.tar` archives, one after the other.

Place in the data flow: open file -> `texts` -> name and content of each text, for `w2v.corpus.source` and the sample of
`w2v plan`. A file that is not an archive is one text. Archives are recognised by their content, and tar archives may be
compressed as a whole. Nothing is extracted to the disk, names in an archive are only shown, and content is decompressed
block by block, so that a small archive with endless content needs no memory.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tarfile import HeaderError, ReadError
from typing import IO, Any, Self, cast

from w2v.corpus.blocks import SourceCounts
from w2v.corpus.kinds import is_tar, is_zip, reject_zipped_kinds
from w2v.errors import FormatError, W2VError
from w2v.system.compress import without_compression
from w2v.system.decompress import HeadReader, RawFile, Reader, content_reader, read_full

BUFFER = 1 << 18  # bytes read at a time

_LONGEST_HEADER = 1 << 20  # bytes of a long name or other attributes; tarfile reads them at once
_HEADERS = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE,
            tarfile.SOLARIS_XHDTYPE)
_ENCRYPTED = 1  # flag of a file in a zip archive
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PIECE = 1 << 12  # smallest number of bytes that `zipfile` reads
_UNIX = 3  # system of a zip archive whose files have the kinds of Unix

_TABLES = (".parquet", ".arrow", ".feather", ".ipc", ".orc", ".csv", ".tsv", ".jsonl", ".ndjson")


def texts(file: IO[bytes], raw: RawFile, name: str, counts: SourceCounts) -> Iterator[tuple[str, Reader]]:
    """Yield the name, for messages, and the content of each text of an open file; read one before taking the next.

    Parameters
    ----------
    file : the open file; a zip archive is read at several places.
    raw : reader of `file`, not yet read from; its `position` advances.
    name : of the file, for messages.
    counts : of skipped members, increased.

    Raises
    ------
    FormatError : the archive is damaged, encrypted, in a pipe if it is a zip archive, has a table, or has no texts.
    """
    if is_zip(raw.head):
        yield from _zip_texts(file, raw, name, counts)
        return
    reader: Reader = content_reader(raw, name)
    head = raw.head
    if reader is not raw:
        reader = HeadReader(reader, name)
        head = reader.head
    if is_tar(head):
        yield from _tar_texts(reader, name, counts)
    else:
        yield name, reader


def is_archive(raw: RawFile, reader: Reader) -> bool:
    """Return whether a plain file is an archive.

    Parameters
    ----------
    reader : of the content; `raw` itself if the file is not compressed.
    """
    return is_zip(raw.head) or (reader is raw and is_tar(raw.head))


@dataclass
class _Skipped:
    """Members that are left out, as a folder's files are: hidden ones, each hidden folder once, and those that are
    neither files nor folders, such as links."""

    counts: SourceCounts
    hidden: set[str] = field(default_factory=set)
    special: int = 0

    def is_hidden(self, path: str) -> bool:
        """Return whether a member, or a folder above it, is hidden; count it."""
        parts = path.rstrip("/").split("/")
        for number, part in enumerate(parts, 1):
            if part.startswith(".") and part not in (".", ".."):
                folder = "/".join(parts[:number])
                self.counts.hidden_skipped += folder not in self.hidden
                self.hidden.add(folder)
                return True
        return False

    def add_special(self) -> None:
        """Count a link, a device or a pipe."""
        self.special += 1
        self.counts.special_skipped += 1

    def nothing(self, name: str) -> FormatError:
        """Return the error for an archive without texts."""
        skipped = [f"{n:,} {what}" for n, what in ((len(self.hidden), "hidden"), (self.special, "links or devices"))
                   if n]
        return FormatError(name, "no files in this archive" + (f" (skipped: {', '.join(skipped)})" if skipped else ""))


def _member(name: str, path: str) -> str:
    """Return the name of a member for messages."""
    return f"{name}: {path}"


def _refuse_table(name: str, path: str) -> None:
    if without_compression(path).lower().endswith(_TABLES):
        raise FormatError(_member(name, path), "this is a table in an archive, and tables are read from plain files: "
                                               "unpack the archive and pass the folder")


class _Member:
    """Open member as a file for `RawFile`, with errors that name it.

    Parameters
    ----------
    file : the member.
    name : for messages.
    most : bytes of one read.
    """

    def __init__(self, file: IO[bytes], name: str, most: int = BUFFER) -> None:
        self._read_some: Callable[[int], bytes] = getattr(file, "read1", file.read)
        self._name, self._most = name, most

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes; b"" at the end."""
        try:
            return self._read_some(min(size, self._most))
        except (W2VError, MemoryError):
            raise
        except Exception as error:  # zipfile, tarfile, zlib, bz2 and lzma have no other common class
            if isinstance(error, OSError) and error.errno is not None:
                raise
            problem = "the archive is truncated" if isinstance(error, EOFError) else f"{error}"
            raise FormatError(self._name, f"this file in an archive is damaged ({problem})") from error

    def content(self) -> Reader:
        """Return the reader of the content, which may be compressed once more."""
        raw = RawFile(cast("IO[bytes]", self), self._name)
        return content_reader(raw, self._name)


# --- zip -----------------------------------------------------------------------------------------------------------


def _zip_texts(file: IO[bytes], raw: RawFile, name: str, counts: SourceCounts) -> Iterator[tuple[str, Reader]]:
    if not file.seekable():
        raise FormatError(name, "a zip archive is read at several places, which a pipe does not allow: save it to a "
                                "file, or pipe its text: unzip -p FILE | w2v train - ...", offset=0)
    skipped, found = _Skipped(counts), 0
    buffered = file if isinstance(file, io.BufferedIOBase) else io.BufferedReader(cast(io.RawIOBase, file), BUFFER)
    try:
        with _zip_archive(buffered, raw.head, name) as archive:
            members = [info for info in archive.infolist() if _is_zip_text(info, skipped)]
            for info in members:
                _check_zip_member(name, info)
            for info in members:
                shown = _member(name, info.filename)
                with _open_zip_member(archive, info, shown) as member:
                    found += 1
                    yield shown, _ZipMember(member, shown, info, raw, file).content()
        raw.position = file.seek(0, io.SEEK_END)
    finally:
        if buffered is not file:
            cast(io.BufferedReader, buffered).detach()  # the caller closes the file
    if not found:
        raise skipped.nothing(name)


class _ZipMember(_Member):
    """Member of a zip archive; reading it moves the position of the archive.

    `zipfile` limits the size of a decompressed block only for the usual method: the others are read in small pieces,
    which give at most about 80 MB each.
    """

    def __init__(self, member: IO[bytes], name: str, info: zipfile.ZipInfo, raw: RawFile, file: IO[bytes]) -> None:
        super().__init__(member, name, BUFFER if info.compress_type in _BOUNDED else _PIECE)
        self._raw, self._file = raw, file

    def read(self, size: int) -> bytes:
        data = super().read(size)
        self._raw.position = max(self._raw.position, self._file.tell())
        return data


def _zip_archive(file: Any, head: bytes, name: str) -> zipfile.ZipFile:
    """Open an archive; one that is a document, arrays or a model is refused."""
    try:
        archive = zipfile.ZipFile(file)
    except Exception as error:  # of several kinds
        raise FormatError(name, f"this zip archive is damaged ({error})") from error
    names = archive.namelist()
    try:
        mimetype = archive.read("mimetype")[:100] if names[:1] == ["mimetype"] else b""
    except Exception:
        mimetype = b""  # damage is found when the texts are read
    reject_zipped_kinds(name, names, mimetype)
    return archive


def _is_zip_text(info: zipfile.ZipInfo, skipped: _Skipped) -> bool:
    """Return whether a member is a file to be read; otherwise it is counted, unless it is a folder."""
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == _UNIX else 0
    if info.filename.endswith("/") or skipped.is_hidden(info.filename):
        return False
    if kind not in (0, stat.S_IFREG):
        skipped.add_special()
        return False
    return True


def _check_zip_member(name: str, info: zipfile.ZipInfo) -> None:
    _refuse_table(name, info.filename)
    if info.flag_bits & _ENCRYPTED:
        raise FormatError(_member(name, info.filename), "this file is encrypted: unpack the archive and pass the "
                                                        "folder")


def _open_zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str) -> IO[bytes]:
    try:
        return archive.open(info)
    except NotImplementedError:
        raise FormatError(shown, f"this file is compressed by the method {info.compress_type}, which this Python "
                                 "cannot read: unpack the archive and pass the folder") from None
    except Exception as error:  # of several kinds
        raise FormatError(shown, f"this file cannot be found in the archive, which is damaged ({error})") from error


# --- tar -----------------------------------------------------------------------------------------------------------


class _TarStream:
    """Content of a tar archive as the file object that `tarfile` reads."""

    def __init__(self, reader: Reader, name: str) -> None:
        self._reader, self._name, self._offset = reader, name, 0

    def read(self, size: int) -> bytes:
        """Return the next bytes; fewer than `size` only at the end."""
        data = read_full(self._reader, size, self._name, self._offset)
        self._offset += len(data)
        return data


class _TarInfo(tarfile.TarInfo):
    """Header of a member. Damage is an error, where `tarfile` takes it for the end of the archive.

    Attributes
    ----------
    ended : whether the last block was the mark of the end; each archive has a subclass of its own for it.
    """

    ended = True

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        try:
            info = super().fromtarfile(tarfile)
        except HeaderError as error:
            kind = type(error).__name__  # these classes are not documented
            if kind == "EOFHeaderError":
                cls.ended = True
            elif kind != "EmptyHeaderError":
                raise ReadError(f"{error} at byte {tarfile.offset:,}") from None
            elif not cls.ended:
                raise ReadError("it ends without its end mark: it is truncated") from None
            raise
        cls.ended = False
        return info

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        info = super().frombuf(buf, encoding, errors)
        if info.type in _HEADERS and info.size > _LONGEST_HEADER:
            raise ReadError(f"a header of {info.size:,} bytes")
        return info


def _tar_texts(reader: Reader, name: str, counts: SourceCounts) -> Iterator[tuple[str, Reader]]:
    """Yield the texts of a tar archive, and of archives that follow it in the same file."""
    skipped, found = _Skipped(counts), 0
    header = type("_OneTarInfo", (_TarInfo,), {})
    stream: Any = _TarStream(reader, name)
    with _damage_reported(name):
        archive = tarfile.open(fileobj=stream, mode="r|", bufsize=BUFFER, tarinfo=header, ignore_zeros=True,
                               encoding="utf-8", errors="surrogateescape")
    with archive:
        while True:
            with _damage_reported(name):
                info = archive.next()
            if info is None:
                break
            cast(Any, archive).members.clear()  # tarfile keeps all of them
            if not _is_tar_text(name, info, skipped):
                continue
            member = archive.extractfile(info)
            assert member is not None
            shown, found = _member(name, info.name), found + 1
            yield shown, _Member(member, shown).content()
    if not found:
        raise skipped.nothing(name)


def _is_tar_text(name: str, info: tarfile.TarInfo, skipped: _Skipped) -> bool:
    """Return whether a member is a file to be read; otherwise it is counted, unless it is a folder."""
    if info.isdir() or skipped.is_hidden(info.name):
        return False
    if not info.isreg():
        skipped.add_special()
        return False
    _refuse_table(name, info.name)
    if info.issparse():
        raise FormatError(_member(name, info.name), "this is a sparse file: unpack the archive and pass the folder")
    return True


@contextmanager
def _damage_reported(name: str) -> Iterator[None]:
    """Turn errors of `tarfile` into FormatError."""
    try:
        yield
    except tarfile.TarError as error:
        raise FormatError(name, f"this tar archive is damaged ({error})") from error
