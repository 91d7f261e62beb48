"""The errors of this package. This module imports nothing of the package; every other module may import it.

Wrong arguments are `ValueError` or `TypeError`; everything that is wrong with the data, the files or the run is one of
the classes here, and the command line prints each of them as one line.
"""

from __future__ import annotations

import os


class W2VError(Exception):
    """Base class of all errors that this package raises for bad data, bad files or failed runs."""


class FormatError(W2VError):
    """A file does not hold what it should.

    Parameters
    ----------
    path : the file.
    problem : what is wrong and what to do about it.
    offset : byte at which the problem was found (of the decompressed content), if known.
    line : line number, counted from 1, if the file is read by lines.
    """

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


class CorpusError(W2VError):
    """The corpus can be read but there is nothing in it to train on."""


class TrainingError(W2VError):
    """Training cannot go on, because numbers are no longer finite or a worker failed."""


class StopTraining(Exception):
    """Raised by a callback of `w2v.train` to end the run early, as a success: the threads end the piece of text that
    they are at, and the model so far is returned. The reason is in `TrainReport.stopped_early`."""

    def __init__(self, reason: str = "a callback asked for it") -> None:
        super().__init__(reason)
