"""The file of a search, from which it is resumed: one line of JSON for its settings, and one for each trial.

Place in the data flow: `w2v.tuning.halving` -> lines, each on the disk before the next trial begins -> a resumed
search, `w2v plot`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from w2v.errors import FormatError, W2VError
from w2v.system.files import check_writable, local_path
from w2v.system.plain import plain
from w2v.tuning.trial import Key, Trial

START, TRIAL, END = "tune", "trial", "tuned"
"""Events of the lines."""


class State:
    """The file of a search, as a context manager.

    Parameters
    ----------
    path : the file.
    resume : continue the search in it.

    Attributes
    ----------
    done : its trials, by number and share.

    Raises
    ------
    W2VError : the file exists, or with `resume` does not; or it cannot be written.
    FormatError : it is not the file of a search.
    """

    path: str

    def __init__(self, path: str | os.PathLike[str], resume: bool = False) -> None:
        self.path = local_path(path)
        self.done: dict[Key, Trial] = {}
        self._header: dict[str, Any] | None = None
        self._begun = False
        check_writable(path, compress=False)
        if not resume and os.path.exists(self.path):
            raise W2VError(f"{self.path} already exists; continue its search with resume (--resume), or remove it")
        whole = 0
        if resume:
            self._header, trials, whole = read(self.path)
            self.done = {(one.number, one.share): one for one in trials}
        try:
            self._file = open(self.path, "ab" if resume else "xb", buffering=0)
            self._file.truncate(whole)  # a line that a killed search left unfinished
        except OSError as error:
            raise W2VError(f"cannot write {self.path}: {error.strerror or error}") from error

    def begin(self, header: Mapping[str, Any]) -> None:
        """Write the settings of the search, or compare them with those of the resumed one.

        Raises
        ------
        ValueError : they differ; names them.
        """
        own = json.loads(json.dumps(plain(dict(header))))
        if self._header is None:
            self._add({"event": START, **own})
            self._begun = True
            return
        differing = [name for name in own if own[name] != self._header.get(name)]
        if differing:
            raise ValueError(f"the search in {self.path} has another {' and another '.join(differing)}: pass what it "
                             "was started with, or another state file")

    def add(self, trial: Trial) -> None:
        """Write a trial."""
        self._add({"event": TRIAL, **trial.to_dict()})

    def end(self, result: Mapping[str, Any]) -> None:
        """Write the result."""
        self._add({"event": END, **result})

    def _add(self, values: Mapping[str, Any]) -> None:
        line = json.dumps(plain(dict(values)), ensure_ascii=False).encode() + b"\n"
        try:
            if self._file.write(line) != len(line):
                raise OSError("the disk is full")
            os.fsync(self._file.fileno())
        except OSError as error:
            raise W2VError(f"cannot write {self.path}: {error.strerror or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._file.close()
        if self._header is None and not self._begun:  # nothing was searched, so that there is nothing to resume
            with contextlib.suppress(OSError):
                os.remove(self.path)


def read(path: str) -> tuple[dict[str, Any], list[Trial], int]:
    """Read the file of a search.

    Returns
    -------
    Its settings, its trials, and the bytes up to its last whole line.

    Raises
    ------
    W2VError : it cannot be read. FormatError : it is not the file of a search; names the line.
    """
    header, trials, _, whole = _read(path)
    return header, trials, whole


def result_of(path: str) -> dict[str, Any]:
    """Return the result in the file of a search that has ended.

    Raises
    ------
    W2VError : it cannot be read. FormatError : it is not the file of a search, or the search has not ended.
    """
    _, trials, result, _ = _read(path)
    if result is None:
        raise FormatError(path, f"this search has not ended ({len(trials)} trials so far); continue it with w2v tune "
                          "--resume")
    return result


def _read(path: str) -> tuple[dict[str, Any], list[Trial], dict[str, Any] | None, int]:
    try:
        data = Path(local_path(path)).read_bytes()
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error
    whole = data.rfind(b"\n") + 1
    header: dict[str, Any] | None = None
    trials: list[Trial] = []
    result: dict[str, Any] | None = None
    for number, line in enumerate(data[:whole].splitlines(), 1):
        try:
            values = json.loads(line)
            event = values.pop("event")
            if number == 1 and event == START:
                header = values
            elif header is not None and event == TRIAL:
                trials.append(Trial.from_dict(values))
                result = None
            elif header is not None and event == END:
                result = values
            else:
                raise ValueError(f"event {event!r}")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(path, f"this is not a line of a search of w2v tune ({error})", line=number) from None
    if header is None:
        raise FormatError(path, "this is not the file of a search: it has no line", line=1)
    return header, trials, result, whole


def is_state(line: bytes) -> bool:
    """Whether the first line of a file begins a search."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(values, dict) and values.get("event") == START
