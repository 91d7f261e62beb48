"""Threads of one training run, and the observers that the main thread calls while they work.

Place in the data flow: hot loop (`w2v.training.loop`), encoded corpus -> `Run` -> trained matrices; made by
`w2v.training.trainer`.

The ids of the corpus are cut into shards. Each thread takes the next shard, epoch after epoch, and no thread waits for
another at the end of an epoch, except with `Run.separate_epochs`. Between two shards a thread holds nothing that is not
in the matrices and the counters: its random numbers follow from (seed, epoch, shard) and its private rows are merged.
So the state of a run that is paused there is complete.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedText, Ids, Ranges
from w2v.errors import StopTraining
from w2v.system.display import Display
from w2v.system.threads import no_thread
from w2v.training.loop import _loop
from w2v.training.status import ModelView, RunState, Status

GIVE_UP_SECONDS = 0.1  # between two questions whether to wait for a pause any longer


class Observer(Protocol):
    """Something that the main thread calls during a run: epoch callbacks, checkpoints, the log."""

    def restarted(self, run: Run) -> None:
        """Take the state of the run as the new start.

        Called before the first shard (at 0, or where a checkpoint left off), and each time the run was set back; no
        thread trains.
        """

    def observe(self, run: Run, ended: bool) -> None:
        """Look at the run.

        Called about every `Pace.poll_seconds`, and with `ended` when all threads have finished. It may pause, stop or
        restore the run. `StopTraining` ends the run early; any other exception ends it and reaches the caller. If it
        restores the run, the observers after it are skipped and training continues, even from the end.
        """


@dataclass(frozen=True)
class Pace:
    """How finely a run is cut, and how often it is observed.

    Attributes
    ----------
    shard_ids : ids of a shard. The default takes a thread about 30 ms, so all threads end at nearly the same time.
    poll_seconds : time between two calls of the observers.
    after_shard : if given, the observers are called after each shard instead of by time, and then this function, with
        the run, on the main thread; meanwhile no thread starts another shard. An exception ends the run and reaches the
        caller. It is not called once all shards are taken. Meant for tests: what happens, and where a run stops, then
        does not depend on the speed of the machine.
    """

    shard_ids: int = 1 << 17
    poll_seconds: float = 0.1
    after_shard: Callable[[Run], object] | None = None


_PACE: ContextVar[Pace | None] = ContextVar("pace", default=None)


@contextmanager
def paced(*, shard_ids: int | None = None, poll_seconds: float | None = None,
          after_shard: Callable[[Run], object] | None = None) -> Iterator[None]:
    """Give runs that are made inside the block another pace; see `Pace`. None keeps the value from outside."""
    outer = _PACE.get() or Pace()
    token = _PACE.set(Pace(outer.shard_ids if shard_ids is None else shard_ids,
                           outer.poll_seconds if poll_seconds is None else poll_seconds,
                           outer.after_shard if after_shard is None else after_shard))
    try:
        yield
    finally:
        _PACE.reset(token)


class StillBusy(Exception):
    """A run could not be paused in time."""


class Run:
    """Threads of one training run.

    Parameters
    ----------
    loop : the hot loop, over both matrices.
    corpus, config, threads : as given to the loop.
    view : copies of the vectors, for observers.

    Attributes
    ----------
    shards : (begin, end) of each shard in the ids of the corpus.
    shards_taken : number of shards handed out, over all epochs; while the run is paused, of those done.
    trained, subsampled : words so far.
    shown : values that observers add to the progress display, by name.
    separate_epochs : whether an epoch begins only when `epochs_told` counts the one before; set by an observer that
        looks at the model exactly at the end of each epoch.
    stopped_early : why an observer ended the run before all words were done; None if none did.
    checkpoints, rollbacks, epochs_told : see `RunState`.
    """

    def __init__(self, loop: _loop.TrainingLoop, corpus: EncodedText, config: TrainConfig, threads: int,
                 view: ModelView) -> None:
        self.loop, self.corpus, self.config, self.threads, self.view = loop, corpus, config, threads, view
        self.total_words = corpus.n_words * config.epochs
        self.display = Display("training", self.total_words, "word", enabled=False)
        self.shown: dict[str, str] = {}
        self.separate_epochs = False
        self.stopped_early: str | None = None
        self._pace = _PACE.get() or Pace()
        self._observers: Sequence[Observer] = ()
        self._restarts = 0
        self._errors: list[BaseException] = []
        self._turn = threading.Condition()  # guards all counts of shards and words, and `_paused`
        self._busy, self._paused = 0, False
        self._done = self._observed = 0  # shards since the threads started; of these, seen by the observers
        self._started: float | None = None  # while threads work
        self._workers: list[threading.Thread] = []
        self._n_shards = 0
        n_shards = max(corpus.n_ids // self._pace.shard_ids, 1 if threads == 1 else 4 * threads)
        self.restore(RunState(n_shards, 0, 0, 0.0, 0, 0, 0, 0.0, 0.0, loop.alpha, loop.min_alpha))

    def status(self) -> Status:
        """Return the progress so far, as of now."""
        done = self.loop.progress.words_done
        loss_sum, pairs = self.loop.progress.loss
        return Status(done, self.total_words, self.seconds, self.loop.alpha_at(done), loss_sum, pairs)

    @property
    def seconds(self) -> float:
        """Seconds of training so far, including those before a resumption."""
        return self._seconds + (0.0 if self._started is None else time.perf_counter() - self._started)

    @property
    def share_done(self) -> float:
        """Share of all words that are done, 0 to 1."""
        return self.loop.progress.words_done / max(self.total_words, 1)

    def state(self) -> RunState:
        """Return everything except the matrices, of a run that is paused or finished and was not stopped."""
        loss_sum, pairs = self.loop.progress.loss
        return RunState(self._n_shards, self.shards_taken, self.loop.progress.words_done, loss_sum, pairs, self.trained,
                        self.subsampled, self.seconds, self.seconds_paused, self.loop.alpha, self.loop.min_alpha,
                        self.checkpoints, self.rollbacks, self.epochs_told)

    def restore(self, state: RunState) -> None:
        """Set the run to this state and notify the observers; shards in progress are dropped.

        The caller calls `halt` first and then sets the matrices.
        """
        self.halt()
        if state.n_pieces != self._n_shards:
            self.shards = self.corpus.shards(state.n_pieces, whole_lines=self.config.whole_lines)
        self._n_shards = state.n_pieces
        self.shards_taken = state.taken
        self._epoch_shards: dict[int, Ranges] = {}
        if self._shards_left() and self.corpus.place == "none":  # on the main thread: Ctrl-C ends a long search
            self._ids_of(*divmod(state.taken, len(self.shards)))
        self.trained, self.subsampled = state.trained, state.subsampled
        self._seconds, self.seconds_paused = state.seconds, state.seconds_paused
        if self._started is not None:
            self._started = time.perf_counter()
        self.checkpoints, self.rollbacks = state.checkpoints, state.rollbacks
        self.epochs_told = state.epochs_told
        self.loop.alpha, self.loop.min_alpha = state.alpha, state.min_alpha
        self.loop.progress.restore(state.words_done, state.loss_sum, state.loss_pairs)
        self._restarts += 1
        for observer in self._observers:
            observer.restarted(self)

    def stop(self) -> None:
        """Ask all threads to end at once, within a block of words."""
        self.loop.progress.stop()
        with self._turn:
            self._turn.notify_all()

    def finish(self, reason: str) -> None:
        """Let each thread end after its current shard, which leaves a complete model."""
        with self._turn:
            if self._shards_left():
                self.stopped_early = reason

    def halt(self) -> None:
        """Stop all threads and wait until they have ended."""
        self.stop()
        for worker in self._workers:
            if worker.ident is not None:
                worker.join()

    @contextmanager
    def paused(self, give_up: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Keep all threads from working inside the block; they have finished their shards unless the run was stopped.

        Parameters
        ----------
        give_up : asked about every tenth of a second while threads are in their shards, which a long line may make
            long.

        Raises
        ------
        StillBusy : `give_up` returned True; the run goes on.
        """
        started = time.perf_counter()
        try:
            with self._turn:
                self._paused = True
                while self._busy:
                    if give_up():
                        raise StillBusy
                    self._turn.wait(GIVE_UP_SECONDS)
            yield
        finally:
            with self._turn:
                self._paused = False
                self._turn.notify_all()
            self.seconds_paused += time.perf_counter() - started

    def wait(self, observers: Sequence[Observer], progress: bool) -> None:
        """Run all threads to the end and call the observers meanwhile.

        Parameters
        ----------
        observers : called in this order.
        progress : whether to show the progress.
        """
        self._observers = observers
        with Display("training", self.total_words, "word", enabled=progress,
                     initial=self.loop.progress.words_done) as self.display:
            try:
                for observer in observers:
                    observer.restarted(self)
                finished = False
                while not finished:
                    finished = self._run_threads()
                    if self._errors:
                        raise self._errors[0]
                    finished = finished and self._call_observers(ended=True)
            except BaseException:  # Ctrl-C included: threads must end before the matrices are freed
                self.halt()
                raise

    def _run_threads(self) -> bool:
        """Run threads until no shard is left; return False if an observer has set the run back."""
        self._workers = [threading.Thread(target=self._work, name=f"w2v-{i}", daemon=True)
                         for i in range(self.threads)]
        self._done = self._observed = 0
        self._started = time.perf_counter()
        try:
            self._start_workers()
            for worker in self._workers:
                while worker.is_alive():
                    self._wait_for_shard(worker)
                    if worker.is_alive() and not self._poll():
                        return False
        finally:
            self._seconds, self._started = self.seconds, None
        return True

    def _start_workers(self) -> None:
        """Start the threads; with fewer of them if the system refuses more.

        Raises
        ------
        W2VError : not a single one could be started.
        """
        for number, worker in enumerate(self._workers):
            try:
                worker.start()
            except RuntimeError as error:
                if number == 0:
                    raise no_thread(error) from error
                self.display.warn(f"only {number} of {self.threads} threads could be started ({error}); training goes "
                                  "on with them")
                del self._workers[number:]
                return

    def _wait_for_shard(self, worker: threading.Thread) -> None:
        """Wait until the observers are due, or the thread has ended."""
        with self._turn:
            exact = self._pace.after_shard is not None and self._shards_left()
            if exact and self._done == self._observed:
                self._turn.wait(self._pace.poll_seconds)
            elif not exact and self.separate_epochs and self._shards_left() and not self.loop.progress.stopped:
                exact = True
                self._turn.wait_for(self._between_epochs, self._pace.poll_seconds)
        if not exact:
            worker.join(self._pace.poll_seconds)

    def _poll(self) -> bool:
        """Call the observers if they are due; return False if one of them has set the run back."""
        if self._pace.after_shard is None:
            return self._call_observers(ended=False)
        done, restarts = self._done, self._restarts
        if done > self._observed and self._shards_left() and self._call_observers(ended=False):
            self._pace.after_shard(self)
            with self._turn:
                self._observed = done
                self._turn.notify_all()
        return self._restarts == restarts

    def _call_observers(self, ended: bool) -> bool:
        """Call all observers; return False as soon as one has set the run back."""
        now, restarts = self.status(), self._restarts
        loss = f"{now.loss_sum / now.loss_pairs:.4f}" if now.loss_pairs else "-"
        self.display.update(now.words_done, alpha=f"{now.alpha:.5f}", loss=loss, **self.shown)
        for observer in self._observers:
            try:
                observer.observe(self, ended)
            except StopTraining as stop:
                self.finish(str(stop))
            if self._restarts != restarts:
                return False
        if self.separate_epochs:
            with self._turn:
                self._turn.notify_all()
        return True

    def _work(self) -> None:
        """Train shard after shard; the body of a thread."""
        try:
            while (number := self._take_shard()) is not None:
                trained = subsampled = 0
                try:
                    epoch, shard = divmod(number, len(self.shards))
                    ids, line_weight = self._ids_of(epoch, shard)
                    trained, subsampled = self.loop.train(ids, epoch, shard, line_weight)
                finally:
                    self._end_shard(trained, subsampled)
        except BaseException as error:  # must reach the caller, not the thread's stderr
            self._errors.append(error)
            self.stop()

    def _ids_of(self, epoch: int, shard: int) -> tuple[Ids, float]:
        """Return the ids of a shard, and the weight of the line in which it begins. There are none if the run is
        stopped before they are there, or the text of the epoch is too short for this shard."""
        corpus = self.corpus.of_epoch(epoch, lambda: self.loop.progress.stopped != 0)
        shards = self.shards if corpus is self.corpus else self._shards_of(epoch, corpus)
        if corpus is None or shard >= len(shards):
            return np.empty(0, np.int32), 1.0
        begin, end = shards[shard]
        return corpus.read(begin, end), corpus.line_weight(begin) if self.config.line_weights else 1.0

    def _shards_of(self, epoch: int, corpus: EncodedText | None) -> Ranges:
        """Return the shards of an epoch with a text of its own; at most as many as those of the first."""
        if corpus is None:
            return ()
        with self._turn:
            if epoch not in self._epoch_shards:
                self._epoch_shards[epoch] = corpus.shards(len(self.shards), whole_lines=self.config.whole_lines)
            return self._epoch_shards[epoch]

    def _take_shard(self) -> int | None:
        """Return the number of the next shard, counted over all epochs; None if the thread is to end."""
        with self._turn:
            while self._must_wait():
                self._turn.wait()
            if self.loop.progress.stopped or not self._shards_left():
                return None
            self._busy += 1
            self.shards_taken += 1
            return self.shards_taken - 1

    def _shards_left(self) -> bool:
        return self.stopped_early is None and self.shards_taken < self.config.epochs * len(self.shards)

    def _must_wait(self) -> bool:
        unobserved = self._pace.after_shard is not None and self._observed < self._done
        waits = self._paused or unobserved or (self.separate_epochs and self._epoch_is_untold())
        return not self.loop.progress.stopped and self._shards_left() and waits

    def _epoch_is_untold(self) -> bool:
        """Whether the next shard belongs to an epoch that waits for an observer."""
        return self.shards_taken >= ((self.epochs_told or 0) + 1) * len(self.shards)

    def _between_epochs(self) -> bool:
        return bool(self.loop.progress.stopped) or (self._busy == 0 and self._epoch_is_untold())

    @property
    def epochs_done(self) -> int:
        """Epochs of which all shards are done, with `separate_epochs`."""
        with self._turn:
            return (self.shards_taken - self._busy) // len(self.shards)

    def _end_shard(self, trained: int, subsampled: int) -> None:
        with self._turn:
            self._busy -= 1
            self._done += 1
            self.trained += trained
            self.subsampled += subsampled
            self._turn.notify_all()
