"""Atomic writing of files: an output is complete, or the old file is unchanged.

Every output of this package is written by `atomic_write`. The bytes go to an unnamed file in the same folder (or to one
with a temporary name, if the system has no unnamed files) and are synced before the file gets its final name. A crash,
a full disk or Ctrl-C leaves the old file unchanged, and `kill -9` leaves no temporary file. A name that ends in .gz,
.bz2, .xz or .zst is compressed (`w2v.system.compress`), or refused.

Windows does not replace a file that a program has open or mapped. There the old file gets another name first; if that
is not allowed either, the output stays beside it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from w2v.errors import W2VError
from w2v.system.compress import check_compression, compressed
from w2v.system.remote import check_local
from w2v.system.signals import uninterrupted
from w2v.types import StrPath


def local_path(path: StrPath) -> str:
    """Return a path as text; `~/` or `~user/` at its beginning becomes the home folder, as in a shell."""
    name = os.fspath(path)
    return os.path.expanduser(name) if name.startswith("~") and ("/" in name or os.sep in name) else name


def check_file_name(path: StrPath) -> None:
    """Refuse to write to what is not the name of a file: an empty path, "-", or an address.

    Raises
    ------
    W2VError : says what it is.
    """
    check_local(path, writing=True)
    if not os.fspath(path):
        raise W2VError("cannot write to a path that is empty; choose a file name")
    if os.fspath(path) == "-":
        raise W2VError("cannot write -: an output is a file, not standard output; choose a file name")


@contextlib.contextmanager
@uninterrupted
def atomic_write(path: StrPath, *, append: bool = False, compress: bool | None = True) -> Iterator[BinaryIO]:
    """Open a temporary file in the folder of `path` for binary writing; it becomes `path` when the block ends without
    an error.

    Parameters
    ----------
    append : begin with a copy of the present content, if the file exists.
    compress : compress the content if the name asks for it; False refuses such names, and None writes the bytes as they
        are, whatever the name.

    Raises
    ------
    W2VError : the folder is not writable, the disk is full, or the name asks for a compression that is not available;
        an existing file is unchanged.
    """
    with atomic_writes(path, append=append, compress=compress) as (file,):
        yield file


@contextlib.contextmanager
@uninterrupted
def atomic_writes(*paths: StrPath, append: bool = False, compress: bool | None = True) -> Iterator[list[BinaryIO]]:
    """Open temporary files like `atomic_write`, which get their names when all of them are complete and synced.

    Raises
    ------
    W2VError : as `atomic_write`; the existing files are unchanged.
    """
    if compress is not None:
        for path in paths:
            check_compression(path, allowed=compress)
    made: list[_Temporary] = []
    path = paths[0]
    try:
        for path in paths:
            made.append(_Temporary(path))
            if append:
                made[-1].copy_old()
        with contextlib.ExitStack() as packers:
            yield [packers.enter_context(compressed(temporary.file, temporary.path if compress else ""))
                   for temporary in made]
        for temporary in made:
            path = temporary.path
            temporary.complete()
        kept = []
        for temporary in made:
            path = temporary.path
            if (beside := temporary.replace()) is not None:
                kept.append(f"{temporary.target} (the new content is in {beside})")
        for folder in {temporary.target.parent for temporary in made}:
            _sync_folder(folder)
        if kept:
            raise W2VError(f"cannot replace {', '.join(kept)}: a program has it open or mapped; close that program and "
                           "rename the new file")
    except OSError as error:
        raise W2VError(f"cannot write {os.fspath(path)}: {error.strerror or error}; "
                       "an existing file of that name is unchanged") from error
    finally:
        for temporary in made:
            temporary.remove()


_WINDOWS = os.name == "nt"
_REPLACED = ".old"  # end of the temporary name of a replaced file that is still in use


class _Temporary:
    """A file that becomes `path`: `complete`, then `replace`; or `remove`."""

    def __init__(self, path: StrPath) -> None:
        self.path = path
        self.target = target = _final_target(path)
        self._name: str | None = None
        self._mode = _old_mode(target)
        created = 0o666 if self._mode is None else 0o600  # the system takes the bits of the umask away
        if (descriptor := _unnamed(target.parent, created)) is None:
            self._name = _temporary_name(target.parent)
            descriptor = os.open(self._name, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), created)
        self.file: BinaryIO = os.fdopen(descriptor, "wb", buffering=1 << 20)

    def copy_old(self) -> None:
        """Begin with the content of the file to replace, if there is one."""
        if self.target.exists():
            with open(self.target, "rb") as old:
                shutil.copyfileobj(old, self.file, 1 << 20)

    def complete(self) -> None:
        """Sync the file, and give it a temporary name if it has none."""
        self.file.flush()
        os.fsync(self.file.fileno())
        if self._name is None:
            self._name = _named(self.file.fileno(), self.target.parent)
        self.file.close()
        if self._mode is not None:
            os.chmod(self._name, self._mode)

    def replace(self) -> Path | None:
        """Give the file its final name; return another name that it has because Windows did not allow that."""
        if self._name is None:
            return None
        beside = None
        try:
            os.replace(self._name, self.target)
        except PermissionError:
            if not (_WINDOWS and self.target.exists()):
                raise
            beside = _replace_in_use(self._name, self.target)
        self._name = None
        if _WINDOWS:
            _remove_replaced(self.target.parent)
        return beside

    def remove(self) -> None:
        """Close the file, and remove it unless it has its final name."""
        with contextlib.suppress(OSError):
            self.file.close()
        if self._name is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._name)


@uninterrupted
def check_writable(path: StrPath, *, compress: bool = True) -> None:
    """Check that `path` can be written, by creating and removing a temporary file in its folder.

    Parameters
    ----------
    compress : as in `atomic_write`.

    Raises
    ------
    W2VError : `path` is a folder, a device or a pipe, its folder does not exist, or the folder is not writable; or its
        name asks for a compression that is not available.
    """
    check_compression(path, allowed=compress)
    target = _final_target(path)
    if not target.parent.is_dir():
        raise W2VError(f"cannot write {os.fspath(path)}: the folder {target.parent} does not exist")
    if _WINDOWS and target.exists() and not os.access(target, os.W_OK):  # other systems replace such a file
        raise W2VError(f"cannot write {os.fspath(path)}: it is read-only; allow writing to it (attrib -r), or choose "
                       "another name")
    try:
        with contextlib.suppress(FileNotFoundError):
            target.lstat()  # an error if the name is too long
        with tempfile.NamedTemporaryFile(prefix=".w2v-", suffix=".tmp", dir=target.parent):
            pass
    except OSError as error:
        raise W2VError(f"cannot write {os.fspath(path)}: {error.strerror or error}") from error


def _replace_in_use(made: str, target: Path) -> Path | None:
    """Replace a file that is open or mapped, on Windows.

    It can be renamed if it was opened by `open_shared`, as all files that this package maps are.

    Returns
    -------
    None. Where the old file cannot be renamed, the name beside it that the new file got.
    """
    aside = f"{_temporary_name(target.parent).removesuffix('.tmp')}{_REPLACED}"
    try:
        os.rename(target, aside)
    except OSError:
        beside = target.with_name(target.name + ".new")
        os.replace(made, beside)
        return beside
    try:
        os.rename(made, target)
    except OSError:
        os.rename(aside, target)
        raise
    return None


def _remove_replaced(folder: Path) -> None:
    """Remove replaced files that are no longer in use, also those of earlier processes."""
    for old in folder.glob(f".w2v-*{_REPLACED}"):
        with contextlib.suppress(OSError):
            old.unlink()


def _final_target(path: StrPath) -> Path:
    """Return the file to replace. A symbolic link stays a link: its target is replaced. Only regular files may be
    replaced, not /dev/null, for example."""
    check_file_name(path)
    target = Path(os.path.realpath(local_path(path)))
    if target.is_dir():
        raise W2VError(f"cannot write {os.fspath(path)}: it is a folder; choose a file name")
    if target.exists() and not target.is_file():
        raise W2VError(f"cannot write {os.fspath(path)}: it is a device or a pipe, not a file that can be replaced")
    return target


def _unnamed(folder: Path, mode: int) -> int | None:
    """Open a new file without a name in `folder`, which disappears with its last descriptor.

    Returns
    -------
    The descriptor. None if the system has no such files (Linux has them on most file systems), or cannot name them
    later (without /proc); a second file tests the latter.
    """
    unnamed = getattr(os, "O_TMPFILE", 0) | os.O_RDWR  # without O_TMPFILE an error: folders cannot be opened to write
    try:
        trial = os.open(folder, unnamed, 0o600)
        try:
            os.unlink(_named(trial, folder))
        finally:
            os.close(trial)
        return os.open(folder, unnamed, mode)
    except OSError:
        return None


def _named(descriptor: int, folder: Path) -> str:
    """Give an unnamed file a temporary name and return its path.

    `src_dir_fd` only makes Python call linkat(2): link(2) does not follow the link in /proc, regardless of
    `follow_symlinks` (CPython issue 81793).
    """
    name = _temporary_name(folder)
    os.link(f"/proc/self/fd/{descriptor}", name, src_dir_fd=descriptor, follow_symlinks=True)
    return name


def _temporary_name(folder: Path) -> str:
    return os.path.join(folder, f".w2v-{os.urandom(8).hex()}.tmp")


def _old_mode(target: Path) -> int | None:
    """Return the permissions of the file to replace, None if there is none."""
    try:
        return target.stat().st_mode & 0o7777
    except OSError:
        return None


def _sync_folder(folder: Path) -> None:
    """Make the new name durable. Errors are ignored, since some file systems cannot sync a folder."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
