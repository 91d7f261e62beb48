"""Values that a training run passes to observers and callbacks, and its state for checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from w2v.corpus_options import TextOptions
from w2v.keyedvectors import KeyedVectors
from w2v.system.report import Report
from w2v.types import Matrix


@dataclass(frozen=True)
class ModelState:
    """Everything that a run trains.

    Attributes
    ----------
    wv : the word vectors with counts, and with the n-grams if the model has any.
    output_vectors : (n_words, vector_size) float32, the output matrix; None without negative sampling.
    node_vectors : (n_words - 1, vector_size) float32, the nodes of hierarchical softmax; None without it.
    """

    wv: KeyedVectors
    output_vectors: Matrix | None
    node_vectors: Matrix | None


@dataclass(frozen=True)
class ModelView:
    """Vectors of a model while threads train it.

    Attributes
    ----------
    words : the vocabulary, by falling count.
    rows : (k,) int64 word numbers -> (k, vector_size) float32 copies of the word vectors.
    output_rows : the same for the output vectors; only with negative sampling.
    state : returns a copy of the whole model between two shards; the threads wait until it is made. Only the main
        thread of the run may call it, that is, a callback. None in tests of observers.
    text_options : how the words were made of the text; see `Vocabulary.text_options`.
    """

    words: Sequence[str]
    rows: Callable[[npt.NDArray[np.int64]], Matrix]
    output_rows: Callable[[npt.NDArray[np.int64]], Matrix]
    state: Callable[[], ModelState] | None = None
    text_options: TextOptions | None = None


@dataclass(frozen=True)
class Status:
    """Progress of a run.

    Attributes
    ----------
    words_done, total_words : over all epochs.
    seconds : of training so far.
    alpha : the current learning rate.
    loss_sum, loss_pairs : the sampled loss so far, as a sum over pairs of a centre and a context, and their number.
    """

    words_done: int
    total_words: int
    seconds: float
    alpha: float
    loss_sum: float
    loss_pairs: int


@dataclass(frozen=True)
class RunState:
    """State of a run between two shards, without its matrices: all that is needed to continue from there.

    The names of the attributes are keys of the checkpoint file and must not change.

    Attributes
    ----------
    n_pieces : number of shards that was asked of `EncodedText.shards`, which decides the random streams.
    taken : shards done, over all epochs.
    words_done, loss_sum, loss_pairs : as in `Status`.
    trained, subsampled : words so far.
    seconds, seconds_paused : of training so far; of these, seconds in which all threads were paused.
    alpha, min_alpha : the learning rate schedule, which a rollback changes.
    checkpoints : number of checkpoints written so far.
    rollbacks : a message for each rollback.
    epochs_told : epochs whose end was reported to a callback; None without a callback.
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
class EpochStats(Report):
    """Progress at the end of an epoch.

    Attributes
    ----------
    epoch, epochs : epochs done, and all of them.
    seconds : of training so far.
    loss : mean over the pairs sampled since the last call; NaN if there was none.
    """

    _instead = "w2v.curves(log).plot() draws the log that training writes with log_json"

    epoch: int
    epochs: int
    seconds: float
    loss: float


OnEpochEnd: TypeAlias = Callable[[ModelView, EpochStats], "str | None"]
"""Epoch callback; the string that it returns is displayed."""
