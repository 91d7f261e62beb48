"""SHA-256 of files, computed by a thread during other work.

A thread hashes 0.4 to 2 GB/s, far more than training reads in the same time, and Python's lock is free meanwhile.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

from w2v.system.threads import Pool

BLOCK = 1 << 20


@dataclass(frozen=True)
class FileChecksum:
    """A file as it was when it was read.

    Attributes
    ----------
    name : its name without the folder.
    bytes : its size.
    sha256 : of all its bytes, 64 hex digits, as `sha256sum` prints it; None if it could not be read again or has
        changed.
    """

    name: str
    bytes: int
    sha256: str | None


@dataclass(frozen=True)
class FileState:
    """Path, size and time of the last change of a regular file."""

    path: str
    size: int
    changed: int

    @classmethod
    def of(cls, path: str) -> FileState | None:
        """Return the state of a file now; None if it is not a regular file."""
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return None
        return cls(path, status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


@contextmanager
def file_checksums(files: Sequence[FileState]) -> Iterator[Future[list[FileChecksum]]]:
    """Compute the checksums of files while the block runs; what is not done at its end is dropped.

    Parameters
    ----------
    files : as they were when they were read.
    """
    stop = threading.Event()
    with Pool(1, thread_name_prefix="w2v-sha256") as pool:
        try:
            yield pool.start(lambda: [_checksum(file, stop) for file in files])
        finally:
            stop.set()


def _checksum(file: FileState, stop: threading.Event) -> FileChecksum:
    digest = hashlib.sha256()
    try:
        with open(file.path, "rb", buffering=0) as source:
            while not stop.is_set() and (block := source.read(BLOCK)):
                digest.update(block)
        unchanged = not stop.is_set() and FileState.of(file.path) == file
    except OSError:
        unchanged = False
    return FileChecksum(os.path.basename(file.path), file.size, digest.hexdigest() if unchanged else None)
