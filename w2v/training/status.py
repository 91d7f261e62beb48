"""What a run tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from w2v.types import Matrix


@dataclass(frozen=True)
class ModelView:
    """A model while threads train on it.

    Attributes
    ----------
    words : the vocabulary, by falling count.
    rows : (k,) int64 rows -> (k, vector_size) float32 copies of the input vectors, those that become word vectors.
    output_rows : the same of the output vectors.
    """

    words: Sequence[str]
    rows: Callable[[npt.NDArray[np.int64]], Matrix]
    output_rows: Callable[[npt.NDArray[np.int64]], Matrix]


@dataclass(frozen=True)
class Status:
    """Where a run is: words of all epochs so far, seconds of training, the rate now, and the sampled loss so far as a
    sum over pairs of a centre and a context."""

    words_done: int
    total_words: int
    seconds: float
    alpha: float
    loss_sum: float
    loss_pairs: int


@dataclass(frozen=True)
class RunState:
    """What a run is between two pieces, beside its matrices: all that is needed to go on from there.

    Attributes
    ----------
    n_pieces : what was asked of `EncodedCorpus.shards`, which decides the random streams.
    taken : pieces of all epochs that are done.
    words_done, loss_sum, loss_pairs : as in `Status`.
    trained, subsampled : words so far.
    seconds, seconds_paused : of training so far, and those of them that all threads were made to wait.
    alpha, min_alpha : the rate's plan, which a rollback changes.
    checkpoints : written so far.
    rollbacks : what happened at each, for people.
    epochs_told : epochs whose end a callback was told; None if there is no callback.
    """

    n_pieces: int
    taken: int
    words_done: int
    loss_sum: float
    loss_pairs: int
    trained: int
    subsampled: int
    seconds: float
    seconds_paused: float
    alpha: float
    min_alpha: float
    checkpoints: int = 0
    rollbacks: tuple[str, ...] = ()
    epochs_told: int | None = None


@dataclass(frozen=True)
class EpochStats:
    """How far training is: `epoch` of `epochs` are done after `seconds`; the loss is that since the last call."""

    epoch: int
    epochs: int
    seconds: float
    loss: float
OnEpochEnd = Callable[[ModelView, EpochStats], "str | None"]  # what it returns is shown
