"""Writing of compressed files: the suffix of the name decides, as in gensim and xz.

Place in the data flow: writer -> `compressed` -> the file of `w2v.system.files.atomic_write`. Reading is in
`w2v.system.decompress`, which looks at the content.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from w2v.errors import W2VError
from w2v.types import StrPath

if TYPE_CHECKING:
    from types import ModuleType

SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
"""Suffixes of compressed files."""

_GZIP_LEVEL = 6  # that of gzip(1); Python's 9 takes three times as long for 1 % of the size


def compression_of(path: StrPath) -> str:
    """Return the suffix in SUFFIXES with which a path ends, in any case; "" if there is none."""
    lower = os.fspath(path).lower()
    return next((suffix for suffix in SUFFIXES if lower.endswith(suffix)), "")


def without_compression(path: StrPath) -> str:
    """Return a path without the suffix of a compression: the suffix before it says what the content is."""
    name = os.fspath(path)
    return name[:len(name) - len(compression_of(path))]


def check_compression(path: StrPath, *, allowed: bool = True) -> None:
    """Check before any work that a file can be written with the compression that its name asks for.

    Raises
    ------
    W2VError : the name asks for a compression that this Python does not have, or that is not `allowed` for this file.
    """
    suffix = compression_of(path)
    if suffix and not allowed:
        raise W2VError(f"cannot write {os.fspath(path)}: this kind of file is not compressed; leave out {suffix}")
    if suffix == ".zst":
        _zstd(path)


@contextmanager
def compressed(file: BinaryIO, path: StrPath) -> Iterator[BinaryIO]:
    """Yield a file whose content goes to `file`, compressed as the suffix of `path` says; `file` itself if it says
    nothing."""
    suffix = compression_of(path)
    if not suffix:
        yield file
        return
    with _opened(file, path, suffix) as packer:
        yield packer


def _opened(file: BinaryIO, path: StrPath, suffix: str) -> BinaryIO:
    if suffix == ".gz":
        import gzip

        # without the time and a name, equal content gives equal bytes
        return cast(BinaryIO, gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0))
    if suffix == ".bz2":
        import bz2

        return cast(BinaryIO, bz2.BZ2File(file, "wb"))
    if suffix == ".xz":
        import lzma

        return cast(BinaryIO, lzma.LZMAFile(file, "wb"))
    return cast(BinaryIO, _zstd(path).ZstdFile(file, mode="wb"))


def _zstd(path: StrPath) -> ModuleType:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]  # Python 3.14
    except ImportError:
        try:
            from backports import zstd  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            raise W2VError(f"cannot write {os.fspath(path)}: zstd needs Python 3.14 or the extra: pip install "
                           "'w2v[zstd]'; .gz, .bz2 and .xz need nothing") from None
    return cast("ModuleType", zstd)
