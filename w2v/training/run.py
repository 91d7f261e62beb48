"""The threads of one training run, and what looks at them from the main thread while they work.

The corpus is cut into pieces. Each thread takes the next one, epoch after epoch, and no thread waits for another at the
end of an epoch. Between two pieces a thread holds nothing that is not in the matrices and in the counters: its random
numbers are those of (seed, epoch, piece), its private rows are merged. So a run that is paused there is whole.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedCorpus
from w2v.errors import StopTraining
from w2v.system.display import Display
from w2v.training.loop import _loop
from w2v.training.status import ModelView, RunState, Status

PIECE_IDS = 1 << 17  # ids a thread takes at a time: about 30 ms of work, so all threads end together
POLL_SECONDS = 0.1  # the main thread looks at progress and signals this often








class Observer(Protocol):
    """Something on the main thread that looks at a run: progress, epoch ends, checkpoints, the log."""

    def look(self, run: Run, ended: bool) -> None:
        """Called about every `POLL_SECONDS`, and with `ended` when all threads are through. It may pause, stop or
        restore the run; `StopTraining` ends it early, any other exception ends it and reaches the caller. After a
        restore the observers behind it are not asked, and the run goes on, also from its end."""


class Run:
    """The threads of one training run.

    Parameters
    ----------
    shards : the loop, over both matrices.
    corpus, config, threads : what it was made for.
    view : the vectors, for observers.

    Attributes
    ----------
    origin : where the run began or was last set to by `restore`, always another object.
    shown : what observers add to the numbers beside the progress, by name.
    stopped_early : why an observer ended the run before all words were done, None if none did.
    """

    def __init__(self, shards: _loop.TrainingLoop, corpus: EncodedCorpus, config: TrainConfig, threads: int,
                 view: ModelView) -> None:
        self.shards, self.corpus, self.config, self.threads, self.view = shards, corpus, config, threads, view
        self.total_words = corpus.n_words * config.epochs
        self.display = Display("training", self.total_words, "word", enabled=False)
        self.shown: dict[str, str] = {}
        self.stopped_early: str | None = None
        self._errors: list[BaseException] = []
        self._turn = threading.Condition()
        self._busy, self._paused = 0, False
        self._started: float | None = None  # while threads work
        self._workers: list[threading.Thread] = []
        n_pieces = max(len(corpus.ids) // PIECE_IDS, 1 if threads == 1 else 4 * threads)
        self.restore(RunState(n_pieces, 0, 0, 0.0, 0, 0, 0, 0.0, 0.0, shards.alpha, shards.min_alpha))

    def status(self) -> Status:
        done = self.shards.progress.words_done
        loss_sum, pairs = self.shards.progress.loss
        return Status(done, self.total_words, self.seconds, self.shards.alpha_at(done), loss_sum, pairs)

    @property
    def seconds(self) -> float:
        """Of training so far, those before a stop included."""
        return self._seconds + (0.0 if self._started is None else time.perf_counter() - self._started)

    def state(self) -> RunState:
        """Everything but the matrices; of a run that is paused or through, and was not stopped."""
        loss_sum, pairs = self.shards.progress.loss
        return RunState(self._n_pieces, self.taken, self.shards.progress.words_done, loss_sum, pairs, self.trained,
                        self.subsampled, self.seconds, self.seconds_paused, self.shards.alpha, self.shards.min_alpha,
                        self.checkpoints, self.rollbacks, self.epochs_told)

    def restore(self, state: RunState) -> None:
        """Set the run to this state; what the threads are at is thrown away. The caller has set the matrices, after
        `halt`."""
        self.halt()
        self._n_pieces, self.pieces = state.n_pieces, self.corpus.shards(
            state.n_pieces, whole_lines=self.config.whole_lines)
        self.taken = state.taken  # pieces of all epochs that were handed out; while paused, that are done
        self.trained, self.subsampled = state.trained, state.subsampled
        self._seconds, self.seconds_paused = state.seconds, state.seconds_paused
        if self._started is not None:
            self._started = time.perf_counter()
        self.checkpoints, self.rollbacks = state.checkpoints, state.rollbacks
        self.epochs_told = state.epochs_told
        self.shards.alpha, self.shards.min_alpha = state.alpha, state.min_alpha
        self.shards.progress.restore(state.words_done, state.loss_sum, state.loss_pairs)
        self.origin = self.status()

    def stop(self) -> None:
        """Ask all threads to end at once, within a block of words."""
        self.shards.progress.stop()
        with self._turn:
            self._turn.notify_all()

    def finish(self, reason: str) -> None:
        """Let all threads end with the piece that each of them is at; the model is whole then."""
        with self._turn:
            if self.stopped_early is None and self.taken < self.config.epochs * len(self.pieces):
                self.stopped_early = reason

    def halt(self) -> None:
        """Stop, and wait until all threads have ended."""
        self.stop()
        for worker in self._workers:
            if worker.ident is not None:
                worker.join()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """No thread works inside of this: all have ended the piece that they were at, if the run was not stopped."""
        started = time.perf_counter()
        try:
            with self._turn:
                self._paused = True
                while self._busy:
                    self._turn.wait()
            yield
        finally:
            with self._turn:
                self._paused = False
                self._turn.notify_all()
            self.seconds_paused += time.perf_counter() - started

    def wait(self, observers: Sequence[Observer], progress: bool) -> None:
        """Run all threads to the end, which the observers look at meanwhile."""
        with Display("training", self.total_words, "word", enabled=progress,
                     initial=self.origin.words_done) as self.display:
            try:
                through = False
                while not through:
                    through = self._work_through(observers)
                    if self._errors:
                        raise self._errors[0]
                    through = through and self._look(observers, ended=True)
            except BaseException:  # Ctrl-C above all: the threads end before the matrices go
                self.halt()
                raise

    def _work_through(self, observers: Sequence[Observer]) -> bool:
        """Run threads until no piece is left, or False when an observer has set the run back."""
        self._workers = [threading.Thread(target=self._work, name=f"w2v-{i}", daemon=True)
                         for i in range(self.threads)]
        self._started = time.perf_counter()
        try:
            for worker in self._workers:
                worker.start()
            for worker in self._workers:
                while worker.is_alive():
                    worker.join(POLL_SECONDS)
                    if worker.is_alive() and not self._look(observers, ended=False):
                        return False
        finally:
            self._seconds, self._started = self.seconds, None
        return True

    def _look(self, observers: Sequence[Observer], ended: bool) -> bool:
        """Let all observers look; False as soon as one has set the run back."""
        now, origin = self.status(), self.origin
        loss = f"{now.loss_sum / now.loss_pairs:.4f}" if now.loss_pairs else "-"
        self.display.update(now.words_done, alpha=f"{now.alpha:.5f}", loss=loss, **self.shown)
        for observer in observers:
            try:
                observer.look(self, ended)
            except StopTraining as stop:
                self.finish(str(stop))
            if self.origin is not origin:
                return False
        return True

    def _work(self) -> None:
        try:
            while (piece := self._take()) is not None:
                trained = subsampled = 0
                try:
                    epoch, number = divmod(piece, len(self.pieces))
                    trained, subsampled = self.shards.train(*self.pieces[number], epoch, number)
                finally:
                    self._give_back(trained, subsampled)
        except BaseException as error:  # whatever it is, it must reach the caller, not this thread's stderr
            self._errors.append(error)
            self.stop()

    def _take(self) -> int | None:
        with self._turn:
            while self._paused and not self.shards.progress.stopped:
                self._turn.wait()
            if (self.shards.progress.stopped or self.stopped_early is not None
                    or self.taken >= self.config.epochs * len(self.pieces)):
                return None
            self._busy += 1
            self.taken += 1
            return self.taken - 1

    def _give_back(self, trained: int, subsampled: int) -> None:
        with self._turn:
            self._busy -= 1
            self.trained += trained
            self.subsampled += subsampled
            self._turn.notify_all()






