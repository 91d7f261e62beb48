"""What gensim's parameters and callbacks mean here: names of old, what is refused, who is told of the ends of epochs.

Place in the data flow: what a program written for gensim passes -> `w2v.compat.word2vec`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from w2v.corpus.vocabulary import Vocabulary
from w2v.keyedvectors import KeyedVectors
from w2v.training.status import EpochStats, ModelView
from w2v.types import StrPath

# Names of gensim 1 to 3, and what they are now.
OLD_NAMES = {"size": "vector_size", "iter": "epochs", "sentences": "corpus_iterable", "fname": "the path"}


class CallbackModel(Protocol):
    """A model that callbacks look at."""

    running_training_loss: float

    @property
    def wv(self) -> KeyedVectors: ...


class EpochCallbacks:
    """Tells callbacks of epochs that have ended, each once and in order."""

    def __init__(self, model: CallbackModel, callbacks: Sequence[Any]) -> None:
        self.model, self.callbacks, self.epoch = model, callbacks, 0

    def __call__(self, view: ModelView, stats: EpochStats) -> None:
        model = self.model
        model.running_training_loss = 0.0 if np.isnan(stats.loss) else stats.loss
        if self.callbacks:
            rows: npt.NDArray[np.int64] = np.arange(len(view.words))
            model.wv.vectors = view.rows(rows)
        while self.epoch < stats.epoch:
            self.epoch += 1
            call_back(self.callbacks, "on_epoch_end", model)
            if self.epoch < stats.epochs:
                call_back(self.callbacks, "on_epoch_begin", model)


def frozen_words(wv: KeyedVectors) -> npt.NDArray[np.bool_] | None:
    """(n,) words that gensim's `wv.vectors_lockf` keeps from changing, None if there are none.

    Raises
    ------
    ValueError : a factor is neither 0 nor 1, or there is not one a word (or one for all).
    """
    factors = np.asarray(getattr(wv, "vectors_lockf", 1.0))
    if not np.isin(factors, (0, 1)).all() or factors.size not in (1, len(wv)):
        raise ValueError(f"vectors_lockf must be {len(wv)} times 0 (frozen) or 1, or one of these for all words")
    frozen = np.broadcast_to(factors.reshape(-1) == 0, len(wv))
    return frozen if frozen.any() else None


def call_back(callbacks: Iterable[Any], name: str, model: CallbackModel) -> None:
    """Call the method of that name of each callback that has it."""
    for callback in callbacks:
        if (method := getattr(callback, name, None)) is not None:
            method(model)


def one_of(corpus_iterable: Any, corpus_file: StrPath | None) -> Any:
    """The one of the two that is given; TypeError if not one is."""
    if (corpus_iterable is None) == (corpus_file is None):
        raise TypeError("give either sentences (corpus_iterable) or corpus_file, and not both")
    return corpus_file if corpus_iterable is None else corpus_iterable


def refuse(unknown: Mapping[str, Any], where: str) -> None:
    """TypeError for parameters that there are none of."""
    for name in unknown:
        hint = f"; since gensim 4 it is {OLD_NAMES[name]}" if name in OLD_NAMES else ""
        raise TypeError(f"{where} has no parameter {name!r}{hint}")


def refuse_rules(**rules: Any) -> None:
    """ValueError for what would change the result and is not offered."""
    for name, rule in rules.items():
        if rule:
            raise ValueError(f"{name} = {rule!r} is not offered, and without it the result would be another: leave it "
                             "out, and choose the words by min_count, max_final_vocab or before training")


def rank(item: tuple[str, int]) -> tuple[int, bytes]:
    """The order of words with their counts in every vocabulary: by falling count, then by bytes."""
    return -item[1], item[0].encode("utf-8", "surrogateescape")


def by_count(counts: Mapping[str, int]) -> Vocabulary:
    """A vocabulary of these counts, in its order."""
    items = sorted(counts.items(), key=rank)
    return Vocabulary.from_words([word for word, _ in items], [count for _, count in items])
