"""Epoch callbacks."""

from __future__ import annotations

import math

from w2v.training.run import Run
from w2v.training.status import EpochStats, OnEpochEnd, Status


class EpochEnds:
    """Finds out that an epoch has ended, and calls back; none is told twice, and none that ended before a stop."""

    def __init__(self, call: OnEpochEnd) -> None:
        self.call = call
        self.told, self.loss = 0, (0.0, 0)
        self._origin: Status | None = None

    def look(self, run: Run, ended: bool) -> None:
        now, epochs = run.status(), run.config.epochs
        if self._origin is not run.origin:
            self._origin = run.origin
            over = run.origin.words_done * epochs // max(run.total_words, 1)
            self.told = max(self.told, over if run.epochs_told is None else run.epochs_told)
            run.epochs_told = self.told
            self.loss = run.origin.loss_sum, run.origin.loss_pairs
        whole = ended and run.stopped_early is None
        epoch = epochs if whole else now.words_done * epochs // max(now.total_words, 1)
        if epoch <= self.told or (epoch >= epochs and not ended):
            return
        pairs = now.loss_pairs - self.loss[1]
        mean = (now.loss_sum - self.loss[0]) / pairs if pairs else math.nan
        self.told, self.loss = epoch, (now.loss_sum, now.loss_pairs)
        run.epochs_told = epoch
        line = self.call(run.view, EpochStats(epoch, epochs, now.seconds, mean))
        if line is not None:
            run.display.note(line)
