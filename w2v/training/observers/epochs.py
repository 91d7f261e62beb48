"""Observer that calls a function at the end of each epoch."""

from __future__ import annotations

import math

from w2v.training.run import Run
from w2v.training.status import EpochStats, OnEpochEnd, Status


def epochs_over(run: Run, now: Status, ended: bool) -> int:
    """Return how many epochs are over; the last one is when the run has ended, unless it was stopped early."""
    epochs = run.config.epochs
    if ended and run.stopped_early is None:
        return epochs
    over = now.words_done * epochs // max(now.total_words, 1)
    return over if ended else min(over, epochs - 1)


class EpochEnds:
    """Calls `call` when epochs end.

    If pieces wait for the observers, epochs are reported exactly at their ends. Else epochs that end during a call are
    reported as one, unless they are separate. An epoch that was reported before a
    checkpoint is not reported again after a resumption from it.

    Parameters
    ----------
    call : called with the view of the run.
    separate : call it exactly at the end of each epoch: no thread begins the next one before it has returned.
    """

    call: OnEpochEnd
    separate: bool

    def __init__(self, call: OnEpochEnd, separate: bool = False) -> None:
        self.call, self.separate = call, separate
        self._told, self._loss = 0, (0.0, 0)  # epochs reported; sum and pairs of the loss at that time

    def restarted(self, run: Run) -> None:
        now = run.status()
        over = epochs_over(run, now, False)
        self._told = max(self._told, over if run.epochs_told is None else run.epochs_told)
        run.epochs_told, run.separate_epochs = self._told, self.separate
        self._loss = now.loss_sum, now.loss_pairs

    def observe(self, run: Run, ended: bool) -> None:
        now, epochs = run.status(), run.config.epochs
        exact = self.separate or run.pieces.observed  # words of a round are done before it is merged
        epoch = min(run.epochs_done, epochs - 1) if exact and not ended else epochs_over(run, now, ended)
        if epoch <= self._told:
            return
        pairs = now.loss_pairs - self._loss[1]
        mean = (now.loss_sum - self._loss[0]) / pairs if pairs else math.nan
        self._told, self._loss = epoch, (now.loss_sum, now.loss_pairs)
        if not self.separate:
            run.epochs_told = epoch
        line = self.call(run.view, EpochStats(epoch, epochs, now.seconds, mean))
        run.epochs_told = epoch  # the next epoch may begin
        if line is not None:
            run.display.note(line)
