"""What every worker of a run in rounds has to know: `Setup`. It is made once and sent where the workers are.

Place in the data flow: configuration, vocabulary -> `Setup` -> the calls of a round (`shared`, `remote`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.corpus.encoded import Ids
from w2v.training.loop import _loop, _sampler
from w2v.training.loop._copies import Copies
from w2v.training.loop.settings import LoopSettings
from w2v.training.matrices import allocate_rows
from w2v.training.rounds import _merge
from w2v.training.rounds.moments import Meetings
from w2v.types import Matrix

Text = tuple[Ids, float]
"""Ids, and the weight of the line in which they begin."""


@dataclass(frozen=True)
class Part:
    """Rows of one matrix that are merged together.

    Attributes
    ----------
    outputs : whether they are of the output matrix.
    low, high : the rows.
    """

    outputs: bool
    low: int
    high: int


@dataclass(frozen=True)
class Task:
    """What a worker trains in a round.

    Attributes
    ----------
    epoch : its number.
    shards : numbers of its parts of the text among all parts of an epoch; each is trained by a thread of its own.
    words_before : words that all workers have done before the round.
    workers : of the round.
    """

    epoch: int
    shards: tuple[int, ...]
    words_before: int
    workers: int


@dataclass(frozen=True)
class Done:
    """What a worker has done, in numbers.

    Attributes
    ----------
    tally : words and loss.
    words : words of the text, for the learning rate; 0 where they are counted already.
    stopped : why the worker stopped early; 0 if it did not.
    n_bytes : that it has received and sends, to and from a process of its own.
    """

    tally: _loop.Tally
    words: int = 0
    stopped: int = 0
    n_bytes: int = 0


@dataclass(frozen=True)
class Setup:
    """What is the same for all workers and rounds.

    Attributes
    ----------
    key : of the run, from its start or from where it was set back to; other runs in the same process differ in it.
    settings : of the loop.
    keep, noise, frozen : (n_words,) uint32, float64, uint8 or None; see `_loop.TrainingLoop` and `_sampler.Sampler`.
    met : what the rows meet.
    vector_size : floats of a row without its padding.
    workers : shards of a round, at most.
    together : threads that train a shard together. With more than one the result differs from run to run.
    version : of this package.
    """

    key: str
    settings: LoopSettings
    keep: npt.NDArray[np.uint32]
    noise: npt.NDArray[np.float64]
    frozen: npt.NDArray[np.uint8] | None
    met: Meetings
    vector_size: int
    workers: int
    together: int
    version: str

    def matrices(self) -> tuple[Matrix, Matrix]:
        """Return room for the input and the output matrix."""
        return allocate_rows(len(self.keep), self.vector_size), allocate_rows(len(self.keep), self.vector_size)

    def loop(self, matrices: tuple[Matrix, Matrix]) -> _loop.TrainingLoop:
        """Return a training loop over these matrices."""
        return _loop.TrainingLoop(*matrices, self.keep, _sampler.Sampler(self.noise), self.settings, frozen=self.frozen)


def new_copies(matrices: tuple[Matrix, Matrix]) -> Copies:
    """Return room for the copies of one worker."""
    rows = [allocate_rows(*matrix.shape) for matrix in matrices]
    return Copies(matrices, (rows[0], rows[1]))


def moment_of(met: Meetings, outputs: bool, copies: Copies, isa: str) -> npt.NDArray[np.float64]:
    """Return the second moment (padded, padded) that decides how the rows of a matrix are merged: that of the other
    matrix, as the first worker has left it. At the start of the round output rows may still be zero."""
    moment, mean = _merge.moments(copies, not outputs, met.inputs if outputs else met.outputs, isa)
    if outputs and (met.averaged or met.summed):
        moment = moment / met.contexts + (1 - 1 / met.contexts) * np.outer(mean, mean)
        if met.summed:
            moment *= met.contexts ** 2
    return moment


def parts_of(n_rows: int, at_least: int, most_rows: int | None = None) -> list[Part]:
    """Return the rows of both matrices in parts, whose number changes no result.

    Parameters
    ----------
    n_rows : of each matrix.
    at_least : parts of each matrix, if it has so many blocks of rows.
    most_rows : of a part; at least a block.
    """
    step = -(-n_rows // (at_least * _merge.MERGED_ROWS))
    if most_rows is not None:
        step = min(step, max(1, most_rows // _merge.MERGED_ROWS))
    step *= _merge.MERGED_ROWS
    return [Part(outputs, low, min(low + step, n_rows)) for low in range(0, n_rows, step) for outputs in (False, True)]


def copied_rows(part: Part, matrices: tuple[Any, Any], vector_size: int) -> Matrix:
    """Return the rows of a part, (n, vector_size), without their padding."""
    rows: Matrix = np.ascontiguousarray(matrices[part.outputs][part.low:part.high, :vector_size])
    return rows
