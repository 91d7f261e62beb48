"""gensim's epoch callbacks: what they receive, and when.

Place in the data flow: `w2v.training.observers.epochs` -> `EpochCallbacks` -> callbacks of a program.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from w2v.training.status import EpochStats, ModelView


class CallbackModel(Protocol):
    """Model that callbacks receive."""

    running_training_loss: float
    alpha: float
    min_alpha: float
    min_alpha_yet_reached: float

    def show(self, view: ModelView | None) -> None:
        """Have the model give the state of this run from now on."""
        ...


class EpochCallbacks:
    """Calls gensim's epoch callbacks, once for each epoch and in order.

    Parameters
    ----------
    model : the model that the callbacks receive.
    callbacks : objects with any of the methods on_epoch_begin and on_epoch_end.

    Attributes
    ----------
    view : of the run; None before the first call.
    """

    model: CallbackModel
    callbacks: Sequence[object]
    epoch: int

    def __init__(self, model: CallbackModel, callbacks: Sequence[object]) -> None:
        self.model, self.callbacks, self.epoch = model, callbacks, 0
        self.view: ModelView | None = None

    def __call__(self, view: ModelView, stats: EpochStats) -> None:
        model, self.view = self.model, view
        model.running_training_loss = 0.0 if np.isnan(stats.loss) else stats.loss
        model.min_alpha_yet_reached = model.alpha - (model.alpha - model.min_alpha) * stats.epoch / stats.epochs
        model.show(view)
        try:
            while self.epoch < stats.epoch:
                self.epoch += 1
                call_all(self.callbacks, "on_epoch_end", model)
                if self.epoch < stats.epochs:
                    call_all(self.callbacks, "on_epoch_begin", model)
        finally:
            model.show(None)


def call_all(callbacks: Iterable[object], name: str, model: CallbackModel) -> None:
    """Call the method `name` of each callback that has it."""
    for callback in callbacks:
        if (method := getattr(callback, name, None)) is not None:
            method(model)
