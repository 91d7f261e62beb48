"""Threads of one training run, and the observers that the main thread calls while they work.

Place in the data flow: hot loop (`w2v.training.loop`), encoded corpus -> `Run` -> trained matrices; made by
`w2v.training.trainer`.

The text is cut into pieces (`w2v.training.pieces`). Each thread takes the next piece, epoch after epoch, and no thread
waits for another at the end of an epoch, except with `Run.separate_epochs`. Between two pieces a thread holds nothing
that is not in the matrices and the counters: its random numbers follow from (seed, epoch, shard) and its private rows
are merged. So the state of a run that is paused there is complete.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedText
from w2v.errors import StopTraining
from w2v.system.display import Display
from w2v.system.threads import no_thread
from w2v.training.loop import _loop
from w2v.training.pieces import Pieces
from w2v.training.status import ModelView, RunState, Status

GIVE_UP_SECONDS = 0.1  # between two questions whether to wait for a pause any longer


class Observer(Protocol):
    """Something that the main thread calls during a run: epoch callbacks, checkpoints, the log."""

    def restarted(self, run: Run) -> None:
        """Take the state of the run as the new start.

        Called before the first piece (at 0, or where a checkpoint left off), and each time the run was set back; no
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
    after_shard : if given, the observers are called after each piece instead of by time, and then this function, with
        the run, on the main thread; meanwhile no thread starts another piece. An exception ends the run and reaches the
        caller. It is not called once all pieces are taken. Meant for tests: what happens, and where a run stops, then
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
    pieces : what is trained, piece by piece.
    view : copies of the vectors, for observers.

    Attributes
    ----------
    pieces_taken : number of pieces handed out, over all epochs; while the run is paused, of those done.
    trained, subsampled : words so far.
    shown : values that observers add to the progress display, by name.
    separate_epochs : whether an epoch begins only when `epochs_told` counts the one before; set by an observer that
        looks at the model exactly at the end of each epoch.
    stopped_early : why an observer ended the run before all words were done; None if none did.
    checkpoints, rollbacks, epochs_told : see `RunState`.
    """

    loop: _loop.TrainingLoop
    corpus: EncodedText
    config: TrainConfig
    threads: int
    view: ModelView
    total_words: int
    display: Display
    pieces_taken: int
    trained: int
    subsampled: int
    seconds_paused: float
    checkpoints: int
    rollbacks: tuple[str, ...]
    epochs_told: int | None

    def __init__(self, loop: _loop.TrainingLoop, corpus: EncodedText, config: TrainConfig, threads: int,
                 pieces: Pieces, view: ModelView) -> None:
        self.loop, self.corpus, self.config, self.threads, self.view = loop, corpus, config, threads, view
        self.pieces = pieces
        self.total_words = corpus.n_words * config.epochs
        self.display = Display("training", self.total_words, "word", enabled=False)
        self.shown: dict[str, str] = {}
        self.separate_epochs = False
        self.stopped_early: str | None = None
        self._pace = _PACE.get() or Pace()
        self._observers: Sequence[Observer] = ()
        self._restarts = 0
        self._ending = False  # `stop` was called; pieces that are given up clear the flag of the loop
        self._errors: list[BaseException] = []
        self._turn = threading.Condition()  # guards all counts of pieces and words, and `_paused`
        self._busy, self._paused = 0, False
        self._done = self._observed = 0  # pieces since the threads started; of these, seen by the observers
        self._started: float | None = None  # while threads work
        self._workers: list[threading.Thread] = []
        self._n_pieces = 0
        n_pieces = pieces.wanted(self._pace.shard_ids)
        self.restore(RunState(n_pieces, 0, 0, 0.0, 0, 0, 0, 0.0, 0.0, loop.alpha, loop.min_alpha))

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
        return RunState(self._n_pieces, self.pieces_taken, self.loop.progress.words_done, loss_sum, pairs, self.trained,
                        self.subsampled, self.seconds, self.seconds_paused, self.loop.alpha, self.loop.min_alpha,
                        self.checkpoints, self.rollbacks, self.epochs_told)

    def restore(self, state: RunState) -> None:
        """Set the run to this state and notify the observers; pieces in progress are dropped.

        The caller calls `halt` first and then sets the matrices.
        """
        self.halt()
        self._ending = False
        self.pieces.cut(state.n_pieces)
        self._n_pieces = state.n_pieces
        self.pieces_taken = state.taken
        if self._pieces_left():
            self.pieces.prepare(*divmod(state.taken, len(self.pieces)))
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
        self._ending = True
        self.loop.progress.stop()
        with self._turn:
            self._turn.notify_all()

    def finish(self, reason: str) -> None:
        """Let each thread end after its current piece, which leaves a complete model."""
        with self._turn:
            if self._pieces_left():
                self.stopped_early = reason

    def halt(self) -> None:
        """Stop all threads and wait until they have ended."""
        self.stop()
        for worker in self._workers:
            if worker.ident is not None:
                worker.join()

    @contextmanager
    def paused(self, give_up: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Keep all threads from working inside the block; they have finished their pieces unless the run was stopped.

        Parameters
        ----------
        give_up : asked about every tenth of a second while threads are in their pieces, which a long line may make
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
                    if give_up() and not self.pieces.give_up():
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
        """Run threads until no piece is left; return False if an observer has set the run back."""
        self._workers = [threading.Thread(target=self._work, name=f"w2v-{i}", daemon=True)
                         for i in range(self.pieces.at_once)]
        self._done = self._observed = 0
        self._started = time.perf_counter()
        try:
            self._start_workers()
            for worker in self._workers:
                while worker.is_alive():
                    self._wait_for_piece(worker)
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
                self.display.warn(f"only {number} of {len(self._workers)} threads could be started ({error}); training "
                                  "goes on with them")
                del self._workers[number:]
                return

    def _wait_for_piece(self, worker: threading.Thread) -> None:
        """Wait until the observers are due, or the thread has ended."""
        with self._turn:
            exact = self._waits_for_observers() and self._pieces_left()
            if exact and self._done == self._observed:
                self._turn.wait(self._pace.poll_seconds)
            elif not exact and self.separate_epochs and self._pieces_left() and not self.loop.progress.stopped:
                exact = True
                self._turn.wait_for(self._between_epochs, self._pace.poll_seconds)
        if not exact:
            worker.join(self._pace.poll_seconds)

    def _poll(self) -> bool:
        """Call the observers if they are due; return False if one of them has set the run back."""
        done, restarts = self._done, self._restarts
        if self._pace.after_shard is None and (not self.pieces.observed or done == self._observed):
            return self._call_observers(ended=False)
        if done > self._observed and self._pieces_left() and self._call_observers(ended=False):
            if self._pace.after_shard is not None:
                self._pace.after_shard(self)
            with self._turn:
                self._observed = done
                self._turn.notify_all()
        return self._restarts == restarts

    def _call_observers(self, ended: bool) -> bool:
        """Call all observers; return False as soon as one has set the run back."""
        if ended:
            self.pieces.fetch()
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
        """Train piece after piece; the body of a thread."""
        try:
            while (number := self._take_piece()) is not None:
                words: tuple[int, int] | None = 0, 0
                try:
                    words = self.pieces.train(*divmod(number, len(self.pieces)))
                finally:
                    self._end_piece(words)
        except BaseException as error:  # must reach the caller, not the thread's stderr
            self._errors.append(error)
            self.stop()

    def _take_piece(self) -> int | None:
        """Return the number of the next piece, counted over all epochs; None if the thread is to end."""
        with self._turn:
            while self._must_wait():
                self._turn.wait()
            if self._ending or self.loop.progress.stopped or not self._pieces_left():
                return None
            self._busy += 1
            self.pieces_taken += 1
            return self.pieces_taken - 1

    def _waits_for_observers(self) -> bool:
        """Whether observers are called after each piece, and threads wait for them."""
        return self.pieces.observed or self._pace.after_shard is not None

    @property
    def pausable(self) -> bool:
        """Whether `paused` does not have to wait for long: pieces are short, or none is in progress."""
        return not self.pieces.observed or self._busy == 0

    def _pieces_left(self) -> bool:
        return self.stopped_early is None and self.pieces_taken < self.config.epochs * len(self.pieces)

    def _must_wait(self) -> bool:
        unobserved = self._waits_for_observers() and self._observed < self._done
        waits = self._paused or unobserved or (self.separate_epochs and self._epoch_is_untold())
        return not (self._ending or self.loop.progress.stopped) and self._pieces_left() and waits

    def _epoch_is_untold(self) -> bool:
        """Whether the next piece belongs to an epoch that waits for an observer."""
        return self.pieces_taken >= ((self.epochs_told or 0) + 1) * len(self.pieces)

    def _between_epochs(self) -> bool:
        return bool(self.loop.progress.stopped) or (self._busy == 0 and self._epoch_is_untold())

    @property
    def epochs_done(self) -> int:
        """Epochs of which all pieces are done, with `separate_epochs`."""
        with self._turn:
            return (self.pieces_taken - self._busy) // len(self.pieces)

    def _end_piece(self, words: tuple[int, int] | None) -> None:
        """Count a piece and its words; None if it was given up and will be taken again."""
        with self._turn:
            self._busy -= 1
            if words is None:
                self.pieces_taken -= 1
            else:
                self._done += 1
                self.trained += words[0]
                self.subsampled += words[1]
            self._turn.notify_all()
