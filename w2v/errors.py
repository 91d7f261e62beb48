"""Exceptions of this package.

Wrong arguments raise `ValueError` or `TypeError`. Bad data, bad files and failed runs raise one of the classes here;
the command line prints each of them as one line.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any


class W2VError(Exception):
    """Base class of the errors for bad data, bad files and failed runs."""


class FormatError(W2VError):
    """A file has unexpected content.

    Parameters
    ----------
    path : the file.
    problem : what is wrong and what to do about it.
    offset : byte of the (decompressed) content at which the problem was found, if known.
    line : line number, counted from 1, if the file is read line by line.
    """

    path: str

    def __init__(
        self, path: str | os.PathLike[str], problem: str, *, offset: int | None = None, line: int | None = None
    ) -> None:
        self.path = os.fspath(path)
        self.problem = problem
        self.offset = offset
        self.line = line
        place = "" if line is None else f", line {line}"
        place += "" if offset is None else f", byte {offset}"
        super().__init__(f"{self.path}{place}: {problem}")

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), offset=self.offset, line=self.line), (self.path, self.problem)


class CorpusError(W2VError, RuntimeError):
    """The corpus was read, but it has nothing to train on. A `RuntimeError` too, as in gensim."""


class ModelError(W2VError, RuntimeError):
    """The model lacks a matrix or counts that a call needs. A `RuntimeError` too, as in gensim."""


class TrainingError(W2VError):
    """Training cannot continue: numbers are no longer finite, or a worker failed."""


class StopTraining(Exception):
    """Raise this in a callback of `w2v.train` to end the run early and successfully.

    Each thread finishes its current shard, and `w2v.train` returns the model trained so far. The reason is stored in
    `TrainReport.stopped_early`.
    """

    def __init__(self, reason: str = "a callback asked for it") -> None:
        super().__init__(reason)
