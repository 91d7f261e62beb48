"""Files that are written whole or not at all.

Every output of this package goes through `atomic_write`: the bytes go to a file without a name in the same folder
(where there is no such thing, to one with a temporary name), are synced, and only then take the final name, so a crash,
a full disk or Ctrl-C leaves the older file as it was, and `kill -9` leaves nothing beside it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from w2v.errors import W2VError
from w2v.types import StrPath


@contextlib.contextmanager
def atomic_write(path: StrPath) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` for binary writing; at a clean end of the block it becomes `path`.

    Raises
    ------
    W2VError : the folder cannot be written to or the disk is full; `path` is as it was before.
    """
    target = _final_target(path)
    name = None
    try:
        if (descriptor := _unnamed(target.parent)) is None:
            descriptor, name = tempfile.mkstemp(prefix=".w2v-", suffix=".tmp", dir=target.parent)
        with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if name is None:
                name = _named(descriptor, target.parent)
        os.chmod(name, _mode_for(target))
        os.replace(name, target)
        name = None
        _sync_folder(target.parent)
    except OSError as error:
        raise W2VError(f"cannot write {os.fspath(path)}: {error.strerror or error}; "
                       "an older file of that name is unchanged") from error
    finally:
        if name is not None:
            with contextlib.suppress(OSError):
                os.unlink(name)


def check_writable(path: StrPath) -> None:
    """Find out before any work whether `path` can be written: a temporary file is made beside it and removed.

    Raises
    ------
    W2VError : `path` is a folder, its folder is missing, or nothing can be written there.
    """
    target = _final_target(path)
    if not target.parent.is_dir():
        raise W2VError(f"cannot write {os.fspath(path)}: the folder {target.parent} does not exist")
    try:
        with contextlib.suppress(FileNotFoundError):
            target.lstat()  # a name may be too long to exist
        with tempfile.NamedTemporaryFile(prefix=".w2v-", suffix=".tmp", dir=target.parent):
            pass
    except OSError as error:
        raise W2VError(f"cannot write {os.fspath(path)}: {error.strerror or error}") from error


def _final_target(path: StrPath) -> Path:
    """The file that is replaced: a symbolic link stays a link, and what it points to is rewritten. What is no regular
    file must not be replaced by one: /dev/null above all."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise W2VError(f"cannot write {os.fspath(path)}: it is a folder; give a file name")
    if target.exists() and not target.is_file():
        raise W2VError(f"cannot write {os.fspath(path)}: it is a device or a pipe, no file that can be replaced")
    return target


def _unnamed(folder: Path) -> int | None:
    """A new file in `folder` that has no name and is gone with its last descriptor; None where the system has no such
    files (Linux has them on most file systems) or cannot name them later (without /proc), which another one tries."""
    unnamed = getattr(os, "O_TMPFILE", 0) | os.O_RDWR  # without the flag an error too: a folder is not opened to write
    try:
        trial = os.open(folder, unnamed, 0o600)
        try:
            os.unlink(_named(trial, folder))
        finally:
            os.close(trial)
        return os.open(folder, unnamed, 0o600)
    except OSError:
        return None


def _named(descriptor: int, folder: Path) -> str:
    """Give a file without a name a temporary one. `src_dir_fd` does nothing but choose linkat(2): Python's link(2) does
    not follow the link in /proc, whatever `follow_symlinks` says (CPython issue 81793)."""
    name = os.path.join(folder, f".w2v-{os.urandom(8).hex()}.tmp")
    os.link(f"/proc/self/fd/{descriptor}", name, src_dir_fd=descriptor, follow_symlinks=True)
    return name


def _mode_for(target: Path) -> int:
    """Permissions of the old file, or those that the umask gives to a new one (mkstemp's are 0600)."""
    try:
        return target.stat().st_mode & 0o7777
    except OSError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable; file systems that cannot sync a folder are left alone."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
