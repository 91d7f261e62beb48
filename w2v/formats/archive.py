"""Archives with one file of vectors: `.zip`, also `.npz`, and `.tar`, also compressed.

Place in the data flow: `Content` of an archive -> `Content` of the file inside. An archive is read only if exactly one
of its files is recognised as vectors; otherwise the error names them and the command that unpacks them. Nothing is
written to the disk, and sizes stated in an archive are not trusted.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any

from w2v.errors import FormatError, W2VError
from w2v.formats.content import Content
from w2v.formats.vectorfile import check_memory
from w2v.system.shell import command as shell_command

_MOST_FILES = 1000  # that are looked at
_CHECK_EVERY = 64 << 20  # bytes of a tar archive between two looks at the free memory
_BLOCK, _END = 1 << 16, 1 << 20
_ENCRYPTED = 1  # flag of a file in a zip archive


def unpacked(content: Content, file: IO[bytes], recognised: Callable[[Content], bool]) -> Content:
    """Return the only file of vectors in an archive; or `content` itself, if it is not an archive.

    Parameters
    ----------
    content : of `file`, not yet read from.
    file : the open file; an archive must be seekable.
    recognised : whether a content is a file of vectors.

    Raises
    ------
    FormatError : there is no such file or there are several; or the archive is damaged, encrypted or in a pipe.
    """
    path, is_zip = content.path, content.head.startswith((b"PK\x03\x04", b"PK\x05\x06"))
    if not is_zip and content.head[257:262] != b"ustar":
        return content
    kind, members = ("zip", _in_zip) if is_zip else ("tar", _in_tar)
    if not content.seekable or (is_zip and content.packed):
        raise FormatError(path, f"a {kind} archive in a pipe or compressed again; unpack it first", offset=0)
    names: list[str] = []
    found: list[int] = []
    with _damage_reported(path, kind):
        for name, member in members(file, content):
            if len(names) == _MOST_FILES:
                raise FormatError(path, f"a {kind} archive of more than {_MOST_FILES} files; {_command(path, kind)}",
                                  offset=0)
            if recognised(member):
                found.append(len(names))
            names.append(name)
        if any(name.endswith("/data.pkl") for name in names):
            raise FormatError(path, "a model of torch, whose pickle is never executed; save its matrix as .safetensors "
                                    "or .npy with torch, and load that", offset=0)
        if len(found) == 1:
            return next(member for i, (_, member) in enumerate(members(file, content)) if i == found[0])
    raise FormatError(path, _choice(path, kind, names, [names[i] for i in found]), offset=0)


def zip_member(file: IO[bytes], path: str, name: str) -> Content:
    """Return the content of one file of an open zip archive.

    Raises
    ------
    FormatError : there is no such file, or the archive is damaged or encrypted.
    """
    with _damage_reported(path, "zip"), zipfile.ZipFile(file) as archive:
        return _open(archive, archive.getinfo(name), path)


def _in_zip(file: IO[bytes], content: Content) -> Iterator[tuple[str, Content]]:
    """Yield name and content of each file that may hold vectors."""
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if not info.is_dir() and not _is_hidden(info.filename):
                yield info.filename, _open(archive, info, content.path)


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> Content:
    if info.flag_bits & _ENCRYPTED:
        raise FormatError(path, f"the file {info.filename:.80} in this zip archive is encrypted; unpack it first",
                          offset=0)
    return Content(archive.open(info), path, inside=f"zip ({info.filename:.80})")


def _in_tar(file: IO[bytes], content: Content) -> Iterator[tuple[str, Content]]:
    """Yield name and content of each file that may hold vectors; a content must be read before the next one."""
    file.seek(0)
    stream: Any = _Stream(Content(file, content.path))
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            if info.issparse():
                raise FormatError(content.path, f"the file {info.name:.80} in this tar archive is sparse; unpack it "
                                                "first", offset=info.offset)
            if content.size is not None and info.offset_data + info.size > content.size:
                raise FormatError(content.path, f"the file {info.name:.80} of {info.size} bytes ends behind the end of "
                                                "the archive: it is truncated", offset=info.offset)
            if info.isreg() and not _is_hidden(info.name) and (inner := archive.extractfile(info)) is not None:
                kind = f"{content.packed} tar".strip()
                yield info.name, Content(inner, content.path, inside=f"{kind} ({info.name:.80})")
    for _ in range(_END // _BLOCK):  # an error if the compressed data are cut in the blocks after the last file
        if not stream.read(_BLOCK):
            break


class _Stream:
    """The content of a tar archive as a file for `tarfile`, which has no limit for the size of a header."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._read = 0
        self._checked = _CHECK_EVERY

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`."""
        block = bytearray(size)
        self._read += (got := self._content.read_into(memoryview(block)))
        if self._read >= self._checked:
            self._checked += _CHECK_EVERY
            check_memory(self._content.path, 4 * _CHECK_EVERY)
        return bytes(block[:got])


def _is_hidden(name: str) -> bool:
    """Return whether a name is that of a file with attributes of another, as macOS adds, or begins with a dot."""
    return name.startswith("__MACOSX/") or os.path.basename(name).startswith(".")


@contextlib.contextmanager
def _damage_reported(path: str, kind: str) -> Iterator[None]:
    try:
        yield
    except (W2VError, OSError, MemoryError):
        raise
    except Exception as error:  # zipfile, tarfile, zlib and lzma raise many kinds for a damaged archive
        raise FormatError(path, f"this {kind} archive cannot be read ({error!s:.200})", offset=0) from error


def _choice(path: str, kind: str, names: list[str], found: list[str]) -> str:
    """Return the problem of an archive in which not exactly one file has vectors."""
    shown = ", ".join(f"{name:.80}" for name in (found or names)[:8]) + (", ..." if len(found or names) > 8 else "")
    if not found:
        return f"no file of vectors in this {kind} archive{f': {shown}' if shown else ''}"
    return f"{len(found)} files of vectors in this {kind} archive: {shown}; {_command(path, kind, found[0])}"


def _command(path: str, kind: str, member: str = "") -> str:
    """Return the advice to unpack an archive, or one file of it."""
    unzips = kind == "zip" and sys.platform != "win32"  # the tar of Windows unpacks zip archives; it has no unzip
    command = ["unzip", path] if unzips else ["tar", "-xf", path]
    return f"unpack the one you need: {shell_command([*command, *([member] if member else [])])}"
