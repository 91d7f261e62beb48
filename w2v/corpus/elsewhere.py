"""Ids of a corpus that other processes read themselves: from which files, and how they know that these are the same.

Place in the data flow: `EncodedText.elsewhere` -> sent once to other processes; `EncodedText.part` -> sent with each
call -> `Elsewhere.read`, there.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from w2v.errors import W2VError

SAMPLES = 16
SAMPLE_BYTES = 1 << 12


@dataclass(frozen=True)
class FileMark:
    """What another process recognises a file by.

    Attributes
    ----------
    path : absolute.
    size : in bytes.
    digest : SHA-256 of `SAMPLES` pieces of `SAMPLE_BYTES`, from the start to the end. The time of the last change is
        left out: copies of a file on several machines may differ in it.
    """

    path: str
    size: int
    digest: str

    @classmethod
    def of(cls, path: str) -> FileMark:
        """Return the mark of a file as it is.

        Raises
        ------
        W2VError : it cannot be read.
        """
        try:
            with open(path, "rb", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                digest = hashlib.sha256()
                for begin in sorted({max(0, (size - SAMPLE_BYTES) * i // (SAMPLES - 1)) for i in range(SAMPLES)}):
                    file.seek(begin)
                    digest.update(file.read(SAMPLE_BYTES))
        except OSError as error:
            raise W2VError(f"{path}: cannot read: {error.strerror or error}") from error
        return cls(os.path.abspath(path), size, digest.hexdigest())

    def problem(self) -> str | None:
        """Return why this process cannot read the file, or why its file is another one; None if it is the same."""
        try:
            found = FileMark.of(self.path)
        except W2VError as error:
            return str(error)
        if found.size != self.size:
            return f"{self.path}: another file: {found.size:,} bytes instead of {self.size:,}"
        return None if found.digest == self.digest else f"{self.path}: another file: its content differs"


class Elsewhere(Protocol):
    """Where other processes find the ids. It can be pickled."""

    @property
    def files(self) -> Sequence[FileMark]:
        """Files that they read."""
        ...

    @property
    def required(self) -> bool:
        """Whether it is an error if a process cannot read them; otherwise the ids can be sent."""
        ...

    def read(self, part: Any) -> NDArray[np.int32]:
        """Return the ids of a part (`EncodedText.part`); any number of threads may read.

        Raises
        ------
        W2VError : a file cannot be read here, or is another one.
        """
        ...


@dataclass(frozen=True)
class IdsFile:
    """A file of the ids of a corpus: int32 in the byte order of the machine that made this object, nothing else. A part
    is a pair (begin, end) of positions."""

    files: tuple[FileMark]
    dtype: np.dtype[np.int32] = np.dtype(np.int32)

    @property
    def required(self) -> bool:
        """False: the file is a temporary one of the run."""
        return False

    def read(self, part: tuple[int, int]) -> NDArray[np.int32]:
        if problem := first_problem(self.files):
            raise W2VError(f"on {platform.node()}: {problem}")
        begin, end = part
        ids = np.fromfile(self.files[0].path, self.dtype, end - begin, offset=begin * self.dtype.itemsize)
        if len(ids) < end - begin:
            raise W2VError(f"on {platform.node()}: {self.files[0].path}: the file became shorter")
        return ids.astype(np.int32, copy=False)


def first_problem(files: Sequence[FileMark]) -> str | None:
    """Return the first problem of files in this process; None if it has all of them."""
    return next(filter(None, (file.problem() for file in files)), None)
