"""Observer that sends a line to the logger `w2v` at the end of each epoch."""

from __future__ import annotations

from w2v.system import log
from w2v.training.observers.epochs import epochs_over
from w2v.training.run import Run
from w2v.training.status import Status


class LogLines:
    """Sends a line at the start, after each epoch, and at the end. Epochs that end together share a line."""

    def __init__(self) -> None:
        self._epoch = 0  # epochs reported
        self._before: Status | None = None  # at that time

    def restarted(self, run: Run) -> None:
        now, config = run.status(), run.config
        self._epoch, self._before = epochs_over(run, now, False), now
        log.info(f"training {config.objective} on {run.corpus.n_words:,} words of a vocabulary of "
                 f"{len(run.corpus.vocabulary):,}: {config.vector_size} dimensions, window {config.window}, "
                 f"epochs {config.epochs}, threads {run.threads}")

    def observe(self, run: Run, ended: bool) -> None:
        now, before = run.status(), self._before
        epoch = epochs_over(run, now, ended)
        if before is not None and epoch > self._epoch:
            words, seconds = now.words_done - before.words_done, now.seconds - before.seconds
            pairs = now.loss_pairs - before.loss_pairs
            loss = f"{(now.loss_sum - before.loss_sum) / pairs:.4f}" if pairs else "none"
            log.info(f"epoch {epoch} of {run.config.epochs}: {words:,} words in {seconds:.1f} s, "
                     f"{words / max(seconds, 1e-9):,.0f} words/s, loss {loss}")
            self._epoch, self._before = epoch, now
        if ended:
            log.info(f"trained {run.trained:,} words and subsampled {run.subsampled:,} in {now.seconds:.1f} s")
