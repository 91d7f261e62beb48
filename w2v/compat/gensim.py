"""Parts of gensim's interface: old parameter names, unsupported parameters, epoch callbacks.

Place in the data flow: arguments of a program written for gensim -> `w2v.compat.word2vec`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from w2v.corpus.paths import Corpus
from w2v.corpus.vocabulary import Vocabulary
from w2v.keyedvectors import KeyedVectors
from w2v.training.status import EpochStats, ModelView
from w2v.types import StrPath

# Parameters of gensim 1 to 3 and their names in gensim 4.
OLD_NAMES = {"size": "vector_size", "iter": "epochs", "sentences": "corpus_iterable"}


class CallbackModel(Protocol):
    """Model that callbacks receive."""

    running_training_loss: float

    @property
    def wv(self) -> KeyedVectors: ...


class EpochCallbacks:
    """Calls gensim's epoch callbacks, once for each epoch and in order.

    Parameters
    ----------
    model : the model that the callbacks receive; its vectors are updated before each call.
    callbacks : objects with any of the methods on_epoch_begin and on_epoch_end.
    """

    def __init__(self, model: CallbackModel, callbacks: Sequence[object]) -> None:
        self.model, self.callbacks, self.epoch = model, callbacks, 0

    def __call__(self, view: ModelView, stats: EpochStats) -> None:
        model = self.model
        model.running_training_loss = 0.0 if np.isnan(stats.loss) else stats.loss
        if self.callbacks:
            rows: npt.NDArray[np.int64] = np.arange(len(view.words))
            model.wv.vectors = view.rows(rows)
        while self.epoch < stats.epoch:
            self.epoch += 1
            call_all(self.callbacks, "on_epoch_end", model)
            if self.epoch < stats.epochs:
                call_all(self.callbacks, "on_epoch_begin", model)


def frozen_words(wv: KeyedVectors) -> npt.NDArray[np.bool_] | None:
    """Return which words gensim's `wv.vectors_lockf` freezes.

    Returns
    -------
    (n,) bool; None if no word is frozen.

    Raises
    ------
    ValueError : a factor is neither 0 nor 1, or their number is neither 1 nor that of the words.
    """
    factors = np.asarray(getattr(wv, "vectors_lockf", 1.0))
    if not np.isin(factors, (0, 1)).all() or factors.size not in (1, len(wv)):
        raise ValueError(f"vectors_lockf must be 0 (frozen) or 1 for each of the {len(wv)} words, or one of these for "
                         "all words")
    frozen = np.broadcast_to(factors.reshape(-1) == 0, len(wv))
    return frozen if frozen.any() else None


def call_all(callbacks: Iterable[object], name: str, model: CallbackModel) -> None:
    """Call the method `name` of each callback that has it."""
    for callback in callbacks:
        if (method := getattr(callback, name, None)) is not None:
            method(model)


def chosen_corpus(corpus_iterable: Corpus | None, corpus_file: StrPath | None) -> Corpus:
    """Return the argument that is given.

    Raises
    ------
    TypeError : both are given, or neither.
    """
    if corpus_iterable is not None and corpus_file is None:
        return corpus_iterable
    if corpus_file is not None and corpus_iterable is None:
        return corpus_file
    raise TypeError("pass either sentences (corpus_iterable) or corpus_file, not both")


def refuse_unknown(unknown: Mapping[str, object], where: str) -> None:
    """Raise TypeError for the first unknown parameter."""
    for name in unknown:
        hint = f"; since gensim 4 it is {OLD_NAMES[name]}" if name in OLD_NAMES else ""
        raise TypeError(f"{where} has no parameter {name!r}{hint}")


def refuse_unsupported(**values: object) -> None:
    """Raise ValueError for the first parameter that is set, since ignoring it would change the result."""
    for name, value in values.items():
        if value:
            raise ValueError(f"{name} = {value!r} is not supported, and ignoring it would change the result: leave it "
                             "out, and choose the words by min_count, max_final_vocab or before training")


def frequency_order(item: tuple[str, int]) -> tuple[int, bytes]:
    """Sort key of words with counts, in the order of every vocabulary: by falling count, then by bytes."""
    return -item[1], item[0].encode("utf-8", "surrogateescape")


def vocabulary_of(counts: Mapping[str, int], integer_keys: bool = False) -> Vocabulary:
    """Return a vocabulary of words with these counts."""
    items = sorted(counts.items(), key=frequency_order)
    return Vocabulary.from_words([word for word, _ in items], [count for _, count in items], integer_keys=integer_keys)
