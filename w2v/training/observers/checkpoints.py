"""When a run is written down, stopped by a signal, or set back: the observer `Checkpoints`. What was asked for is
checked before any work by `w2v.training.request`.

Place in the data flow: `w2v.train` -> `Checkpoints` on the main thread -> `w2v.training.checkpoint` (the file), `w2v.training.run`.
"""

from __future__ import annotations

import dataclasses
import json
import shlex
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
from w2v.errors import TrainingError, W2VError
from w2v.system.files import atomic_write
from w2v.system.interval import Interval
from w2v.training.checkpoint import Checkpoint, Request, write_checkpoint
from w2v.training.modelcard import model_card
from w2v.training.observers.divergence import Divergence
from w2v.training.run import Run
from w2v.types import Matrix

EVERY = "10m"


@dataclass(frozen=True)
class Schedule:
    """Where checkpoints go and how often, and the one to go on from, if any."""

    path: str
    every: Interval
    request: Request
    resumed: Checkpoint | None = None


class Checkpoints:
    """Writes checkpoints, by time and at the first Ctrl-C or SIGTERM, and sets a diverged run back to the last one.

    Parameters
    ----------
    schedule : where and when.
    matrices : all that is trained, by the names of `w2v.training.checkpoint`.
    divergence : nothing diverged is ever written; what it finds is set back from here.
    sha256 : the checksum of the text, if it is known.
    held_out : what the model card says of a text of its own that is held out.
    """

    def __init__(self, schedule: Schedule, config: TrainConfig, isa: str, matrices: Mapping[str, Matrix],
                 divergence: Divergence, sha256: str | None, held_out: Mapping[str, Any] | None = None) -> None:
        self.schedule, self.config, self.isa, self.matrices = schedule, config, isa, matrices
        self.divergence, self._sha256, self._held_out = divergence, sha256, held_out
        self.latest = None if schedule.resumed is None else schedule.resumed.path
        self._asked: int | None = None  # the signal that came
        self._former: dict[int, Any] = {}  # handlers, while ours stand in their place
        self._origin: object = None
        self._time, self._share = 0.0, 0.0  # when the last one was tried
        self._done = 0.0 if schedule.resumed is None else schedule.resumed.share  # of the words, in the latest
        divergence.rollback = self.rollback

    def look(self, run: Run, ended: bool) -> None:
        share = run.shards.progress.words_done / max(run.total_words, 1)
        if self._origin is not run.origin:
            self._origin, self._time, self._share = run.origin, time.monotonic(), share
        if self._asked is not None:
            self._handle_signal(run, self._asked)
        elif not ended and self.schedule.every.passed(time.monotonic() - self._time, self._share, share):
            self.write(run)

    def write(self, run: Run) -> bool:
        """Pause, write, go on; False if that could not be done, which leaves the older file."""
        problem, size, paused = None, 0, run.seconds_paused
        if self._sha256 is None:
            self._sha256 = corpus_checksum(run.corpus)
        try:
            with atomic_write(self.schedule.path) as file:  # on the disk when the threads are at work again
                with run.paused():
                    problem = self.divergence.problem(run, whole=True)
                    if problem is None and not run.shards.progress.stopped:
                        size = self._write(run, file)
                        done = run.shards.progress.words_done
                if not size:
                    raise _Unfit
        except _Unfit:
            if problem is not None:
                self.divergence.act(run, problem)
            return False
        except W2VError as error:
            run.display.warn(f"no checkpoint, training goes on: {error}")
            return False
        finally:
            self._time, self._share = time.monotonic(), run.shards.progress.words_done / max(run.total_words, 1)
        run.checkpoints += 1
        self.latest, self._done = self.schedule.path, done / max(run.total_words, 1)
        run.display.note(f"checkpoint at {self._done:.1%} of the words: {self.schedule.path}, {size / 1e6:,.1f} MB, "
                         f"threads paused for {run.seconds_paused - paused:.2f} s")
        return True

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
        """Set a halted run back to the last checkpoint and halve the learning rate, once in the life of a run."""
        if run.rollbacks or self.latest is None:
            return False
        try:
            saved = Checkpoint.open(self.latest)
            if not saved.is_of(self.config, self._sha256):
                raise W2VError(f"{self.latest} is that of another run now")
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
        """Within, the first Ctrl-C or SIGTERM asks for a checkpoint, after which the handler that stood before gets it;
        the second goes there at once. A signal that is ignored stays so. Not on the main thread this does nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._install_handlers()
        try:
            yield
        finally:
            self._restore_handlers()
        if self._asked is not None:
            signal.raise_signal(self._asked)

    def _install_handlers(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            if (former := signal.getsignal(number)) not in (signal.SIG_IGN, None):
                self._former[number] = former
                signal.signal(number, self._note)

    def _restore_handlers(self) -> None:
        while self._former:
            signal.signal(*self._former.popitem())

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._asked = number
        self._restore_handlers()

    def _handle_signal(self, run: Run, number: int) -> None:
        """Write a checkpoint and pass the signal on. What that raises says how to go on; if whoever had the signal
        before lets the program live, the run lives too."""
        self.write(run)
        self._asked = None
        try:
            signal.raise_signal(number)
        except BaseException as error:
            error.add_note("there is no checkpoint" if self.latest is None else
                           f"checkpoint at {self._done:.1%} of the words; go on with: "
                           f"w2v train --resume {shlex.quote(self.latest)}")
            raise
        self._install_handlers()


class _Unfit(TrainingError):
    """The run diverged or was stopped: nothing to be kept."""
