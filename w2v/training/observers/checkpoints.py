"""Observer that writes checkpoints, by time and at signals, and sets a diverged run back to the last one.

Place in the data flow: `w2v.training.request` makes the `Schedule` -> `Checkpoints`, on the main thread -> the file
(`w2v.training.checkpoint`) and the run (`w2v.training.run`).
"""

from __future__ import annotations

import dataclasses
import json
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, BinaryIO

from w2v.config import TrainConfig
from w2v.corpus.encoded import corpus_checksum
from w2v.errors import W2VError
from w2v.system.files import atomic_write
from w2v.system.interval import Interval
from w2v.system.shell import quoted
from w2v.system.signals import NUMBERS
from w2v.training.checkpoint import Checkpoint, Request, write_checkpoint
from w2v.training.modelcard import model_card
from w2v.training.observers.divergence import Divergence
from w2v.training.run import Run, StillBusy
from w2v.types import Matrix

EVERY = "10m"  # default interval
SIGNAL_SECONDS = 0.7  # from a signal on, for the shards in progress; only a line of many thousand words takes longer


@dataclass(frozen=True)
class Schedule:
    """Path and interval of checkpoints, and the checkpoint that the run is resumed from, if any."""

    path: str
    every: Interval
    request: Request
    resumed: Checkpoint | None = None


class Checkpoints:
    """Writes checkpoints, at intervals and at the first Ctrl-C or SIGTERM, and sets a diverged run back.

    Parameters
    ----------
    schedule : path and interval.
    config, isa : of the run.
    matrices : everything that is trained, by its name in checkpoints.
    divergence : checked before each checkpoint, so that no diverged model is written; its rollback is set to this one.
    sha256 : checksum of the corpus, if known.
    held_out : entry of the model card for a separate held-out text.

    Attributes
    ----------
    latest : path of the newest checkpoint; None if there is none yet.
    """

    schedule: Schedule
    config: TrainConfig
    isa: str
    matrices: Mapping[str, Matrix]
    divergence: Divergence
    latest: str | None

    def __init__(self, schedule: Schedule, config: TrainConfig, isa: str, matrices: Mapping[str, Matrix],
                 divergence: Divergence, sha256: str | None, held_out: Mapping[str, Any] | None = None) -> None:
        self.schedule, self.config, self.isa, self.matrices = schedule, config, isa, matrices
        self.divergence, self._sha256, self._held_out = divergence, sha256, held_out
        self.latest = None if schedule.resumed is None else schedule.resumed.path
        self._signal: int | None = None  # received and not yet handled
        self._received = 0.0  # when
        self._gave_up = False  # to wait for a pause because of it
        self._former: dict[int, Any] = {}  # the caller's handlers, while ours are installed
        self._time, self._share = 0.0, 0.0  # of the last attempt, or of the start
        self._done = 0.0 if schedule.resumed is None else schedule.resumed.share  # of the words, in the newest one
        divergence.rollback = self.rollback

    def restarted(self, run: Run) -> None:
        self._time, self._share = time.monotonic(), run.share_done

    def observe(self, run: Run, ended: bool) -> None:
        if self._signal is not None:
            self._handle_signal(run, self._signal)
        elif not ended and run.pausable and self.schedule.every.passed(time.monotonic() - self._time, self._share,
                                                                       run.share_done):
            self.write(run)

    def write(self, run: Run) -> bool:
        """Write a checkpoint of the paused run; return False, and leave the older file, if that fails."""
        paused = run.seconds_paused
        if self._sha256 is None:
            self._sha256 = corpus_checksum(run.corpus)
        try:
            with atomic_write(self.schedule.path, compress=False) as file:  # synced to the disk after the pause
                size, done = self._write_paused(run, file)
        except _Unfit as unfit:
            if unfit.problem is not None:
                self.divergence.act(run, unfit.problem)
            return False
        except W2VError as error:
            run.display.warn(f"no checkpoint was written, training continues: {error}")
            return False
        except StillBusy:
            self._gave_up = True
            run.display.warn("no checkpoint was written: a thread is inside a long line, which it would have to finish")
            return False
        finally:
            self._time, self._share = time.monotonic(), run.share_done
        run.checkpoints += 1
        self.latest, self._done = self.schedule.path, done
        run.display.note(f"checkpoint at {done:.1%} of the words: {self.schedule.path}, {size / 1e6:,.1f} MB, "
                         f"threads paused for {run.seconds_paused - paused:.2f} s")
        return True

    def _write_paused(self, run: Run, file: BinaryIO) -> tuple[int, float]:
        """Pause the run and write it; return the size in bytes and the share of the words done.

        Raises
        ------
        _Unfit : the run has diverged or was stopped.
        StillBusy : a signal came, and a thread does not finish its shard in time.
        """
        with run.paused(self._must_stop):
            run.pieces.fetch()
            problem = self.divergence.problem(run, whole=True)
            if problem is not None or run.loop.progress.stopped:
                raise _Unfit(problem)
            return self._write(run, file), run.share_done

    def _must_stop(self) -> bool:
        return self._signal is not None and time.monotonic() > self._received + SIGNAL_SECONDS

    def _write(self, run: Run, file: BinaryIO) -> int:
        now = run.state()
        state = dataclasses.replace(now, checkpoints=now.checkpoints + 1)
        loss = now.loss_sum / now.loss_pairs if now.loss_pairs else float("nan")
        card = model_card(self.config, run.corpus, isa=self.isa, threads=run.threads, loss=loss,
                          rollbacks=now.rollbacks, sha256=self._sha256, held_out=self._held_out)
        if self.config.maxn:
            card["subwords"] = json.dumps({"minn": self.config.minn, "maxn": self.config.maxn})
        return write_checkpoint(file, run.corpus.vocabulary, self.matrices, self.config.vector_size, card, state,
                                self.schedule.request)

    def rollback(self, run: Run, problem: str) -> bool:
        """Set a halted run back to the newest checkpoint and halve the learning rate; return False if that fails.

        A run is set back only once, however often it is resumed.
        """
        if run.rollbacks or self.latest is None:
            return False
        try:
            saved = Checkpoint.open(self.latest)
            if not saved.is_of(self.config, self._sha256):
                raise W2VError(f"{self.latest} is now a checkpoint of another run")
            saved.load(self.matrices)
        except W2VError as error:
            run.display.warn(f"the run cannot be set back to its checkpoint: {error}")
            return False
        alpha = saved.state.alpha / 2
        line = f"{problem}; set back to {saved.share:.1%} of the words, alpha halved from {2 * alpha:g} to {alpha:g}"
        run.restore(dataclasses.replace(
            saved.state, seconds=run.seconds, seconds_paused=run.seconds_paused, checkpoints=run.checkpoints,
            alpha=alpha, min_alpha=min(saved.state.min_alpha, alpha), rollbacks=(line,)))
        run.display.warn(line)
        return True

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Handle Ctrl-C and SIGTERM inside the block; does nothing outside the main thread.

        The first signal causes a checkpoint and then goes to the caller's handler; the second goes there at once. A
        signal that the caller ignores stays ignored.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._install_handlers()
        try:
            yield
        finally:
            self._restore_handlers()
        if self._signal is not None:
            signal.raise_signal(self._signal)

    def _install_handlers(self) -> None:
        for number in NUMBERS:
            if (former := signal.getsignal(number)) not in (signal.SIG_IGN, None):
                self._former[number] = former
                signal.signal(number, self._receive)

    def _restore_handlers(self) -> None:
        while self._former:
            signal.signal(*self._former.popitem())

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self._signal, self._received = number, time.monotonic()
        self._restore_handlers()

    def _handle_signal(self, run: Run, number: int) -> None:
        """Write a checkpoint and pass the signal to the caller's handler.

        An exception of that handler ends the run, with a note on how to resume; without one the run continues.
        """
        if not self._gave_up:
            self._received = time.monotonic()  # the run may have been busy with something else until now
            self.write(run)
        self._signal, self._gave_up = None, False
        try:
            signal.raise_signal(number)
        except BaseException as error:
            error.add_note(self.how_to_resume())
            raise
        self._install_handlers()

    def how_to_resume(self) -> str:
        """Return which share of the run is in the newest checkpoint, and the command that continues from it."""
        if self.latest is None:
            return "there is no checkpoint"
        return (f"checkpoint at {self._done:.1%} of the words; resume with: "
                f"w2v train --resume {quoted(self.latest)}")


class _Unfit(Exception):
    """The run has diverged (`problem` says how) or was stopped (None), so its state must not be kept."""

    def __init__(self, problem: str | None) -> None:
        super().__init__(problem)
        self.problem = problem
