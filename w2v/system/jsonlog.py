"""What a run tells to programs: a file to which a line of JSON is added at a time, and what JSON can hold.

Unlike a result, a log is not written whole or not at all (`w2v/system/files.py`): each line is there at once, so that
it can be followed. An existing file is continued: a run adds its lines behind those of the runs before it.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from w2v.errors import W2VError
from w2v.system.plain import plain


class JsonLog:
    """A file that gets a line of JSON for each thing that happens; a context manager, or `close` it.

    Parameters
    ----------
    path : the file; it is made, or continued.

    Attributes
    ----------
    problem : why lines were lost, None if none was. A full disk must not end a long run: nothing is raised then, and no
        more written.

    Raises
    ------
    W2VError : the file cannot be written to.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self.problem: str | None = None
        try:
            whole = _ends_a_line(Path(path))
            self._file = open(path, "ab", buffering=0)
        except OSError as error:
            raise W2VError(f"cannot write the log {self.path}: {error.strerror or error}") from error
        if not whole:  # a run that was killed while it wrote
            self._add(b"\n")

    def write(self, event: str, **fields: Any) -> None:
        """Add a line: what it is about, the time in seconds since 1970, and these fields."""
        record = {"event": event, "time": round(time.time(), 3), **plain(fields)}
        self._add(json.dumps(record, ensure_ascii=False).encode() + b"\n")

    def _add(self, line: bytes) -> None:
        if self.problem is not None:
            return
        try:
            written = self._file.write(line)  # a line at a time: two runs may add to one file
            problem = "the disk is full" if written != len(line) else None
        except OSError as error:
            problem = error.strerror or str(error)
        if problem is not None:
            self.problem = f"the log {self.path} ends early: {problem}"

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def _ends_a_line(path: Path) -> bool:
    """Does a line added to this file begin at the start of one?"""
    if not path.is_file() or path.stat().st_size == 0:
        return True
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
