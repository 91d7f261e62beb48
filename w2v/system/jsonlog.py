"""JSON log of a run: one line of JSON for each event, for programs.

Unlike other outputs, a log is not written atomically (w2v/system/files.py): each line is there at once, so that the log
can be followed. A run adds its lines to an existing file.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from w2v.errors import W2VError
from w2v.system.compress import check_compression
from w2v.system.files import check_file_name, local_path
from w2v.system.plain import plain


class JsonLog:
    """Log with one line of JSON for each event. Use it as a context manager, or call `close`.

    Parameters
    ----------
    path : the file; an existing one is continued.

    Attributes
    ----------
    problem : why lines were lost; None if none were. A full disk does not end a long run: no error is raised, and
        nothing more is written.

    Raises
    ------
    W2VError : the file cannot be opened for writing.
    """

    path: str

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = local_path(path)
        self.problem: str | None = None
        check_file_name(path)
        check_compression(path, allowed=False)
        try:
            whole = _ends_a_line(Path(self.path))
            self._file = open(self.path, "ab", buffering=0)
        except OSError as error:
            raise W2VError(f"cannot write the log {self.path}: {error.strerror or error}") from error
        if not whole:  # a run was killed while it wrote a line
            self._add(b"\n")

    def write(self, event: str, **fields: Any) -> None:
        """Add a line with the name of the event, the time in seconds since 1970, and the fields."""
        record = {"event": event, "time": round(time.time(), 3), **plain(fields)}
        self._add(json.dumps(record, ensure_ascii=False).encode() + b"\n")

    def _add(self, line: bytes) -> None:
        if self.problem is not None:
            return
        try:
            written = self._file.write(line)  # one call a line: two runs may write to the same file
            problem = "the disk is full" if written != len(line) else None
        except OSError as error:
            problem = error.strerror or str(error)
        if problem is not None:
            self.problem = f"the log {self.path} ends early: {problem}"

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def _ends_a_line(path: Path) -> bool:
    """Return whether the file is missing, empty, or ends with a newline."""
    if not path.is_file() or path.stat().st_size == 0:
        return True
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
