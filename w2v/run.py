"""The threads of one training run, and what looks at them from the main thread while they work.

The corpus is cut into pieces. Each thread takes the next one, epoch after epoch, and no thread waits for another at the
end of an epoch. Between two pieces a thread holds nothing that is not in the matrices and in the counters: its random
numbers are those of (seed, epoch, piece), its private rows are merged. So a run that is paused there is whole.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from w2v import _sgns
from w2v.config import TrainConfig
from w2v.corpus import EncodedCorpus
from w2v.progress import Display
from w2v.rows import Matrix

PIECE_IDS = 1 << 17  # ids a thread takes at a time: about 30 ms of work, so all threads end together
POLL_SECONDS = 0.1  # the main thread looks at progress and signals this often


@dataclass(frozen=True)
class ModelView:
    """The input vectors while threads train on them.

    Attributes
    ----------
    words : the vocabulary, by falling count.
    rows : (k,) int64 rows -> (k, vector_size) float32 copies of them.
    """

    words: Sequence[str]
    rows: Callable[[npt.NDArray[np.int64]], Matrix]


@dataclass(frozen=True)
class Status:
    """Where a run is: words of all epochs so far, seconds of training, the rate now, and the sampled loss so far as a
    sum over pairs of a centre and a context."""

    words_done: int
    total_words: int
    seconds: float
    alpha: float
    loss_sum: float
    loss_pairs: int


class Observer(Protocol):
    """Something on the main thread that looks at a run: progress, epoch ends, checkpoints, the log."""

    def look(self, run: Run, ended: bool) -> None:
        """Called about every `POLL_SECONDS`, and once with `ended` when all threads are through. It may pause or stop
        the run; an exception ends it and reaches the caller."""


class Run:
    """The threads of one training run.

    Parameters
    ----------
    shards : the loop, over both matrices.
    corpus, config, threads : what it was made for.
    view : the input vectors, for observers.
    """

    def __init__(self, shards: _sgns.Shards, corpus: EncodedCorpus, config: TrainConfig, threads: int,
                 view: ModelView) -> None:
        self.shards, self.corpus, self.config, self.threads, self.view = shards, corpus, config, threads, view
        self.total_words = corpus.n_words * config.epochs
        n_pieces = max(len(corpus.ids) // PIECE_IDS, 1 if threads == 1 else 4 * threads)
        self.pieces = corpus.shards(n_pieces, whole_lines=config.whole_lines)
        self.taken = 0  # pieces of all epochs that were handed out; while paused, that are done
        self.trained = self.subsampled = 0
        self.seconds = 0.0  # of training, when it is over
        self.display = Display("training", self.total_words, "word", enabled=False)
        self._errors: list[BaseException] = []
        self._turn = threading.Condition()
        self._busy, self._paused = 0, False
        self._started = 0.0
        self._workers = [threading.Thread(target=self._work, name=f"w2v-{i}", daemon=True) for i in range(threads)]

    def status(self) -> Status:
        done = self.shards.progress.words_done
        loss_sum, pairs = self.shards.progress.loss
        seconds = self.seconds or time.perf_counter() - self._started
        return Status(done, self.total_words, seconds, self.shards.alpha_at(done), loss_sum, pairs)

    def stop(self) -> None:
        """Ask all threads to end at once, within a block of words."""
        self.shards.progress.stop()
        with self._turn:
            self._turn.notify_all()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """No thread works inside of this: all have ended the piece that they were at."""
        with self._turn:
            self._paused = True
            while self._busy:
                self._turn.wait()
        try:
            yield
        finally:
            with self._turn:
                self._paused = False
                self._turn.notify_all()

    def wait(self, observers: Sequence[Observer], progress: bool) -> None:
        """Run all threads to the end, which the observers look at meanwhile."""
        self._started = time.perf_counter()
        with Display("training", self.total_words, "word", enabled=progress) as self.display:
            try:
                for worker in self._workers:
                    worker.start()
                for worker in self._workers:
                    while worker.is_alive():
                        worker.join(POLL_SECONDS)
                        if worker.is_alive():
                            self._show(observers, ended=False)
                self.seconds = time.perf_counter() - self._started
                if not self._errors:
                    self._show(observers, ended=True)
            except BaseException:  # Ctrl-C above all: the threads end before the matrices go
                self.stop()
                for worker in self._workers:
                    if worker.ident is not None:
                        worker.join()
                raise
        if self._errors:
            raise self._errors[0]

    def _show(self, observers: Sequence[Observer], ended: bool) -> None:
        now = self.status()
        loss = f"{now.loss_sum / now.loss_pairs:.4f}" if now.loss_pairs else "-"
        self.display.update(now.words_done, alpha=f"{now.alpha:.5f}", loss=loss)
        for observer in observers:
            observer.look(self, ended)

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
            if self.shards.progress.stopped or self.taken >= self.config.epochs * len(self.pieces):
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


@dataclass(frozen=True)
class EpochStats:
    """How far training is: `epoch` of `epochs` are done after `seconds`; the loss is that since the last call."""

    epoch: int
    epochs: int
    seconds: float
    loss: float


OnEpochEnd = Callable[[ModelView, EpochStats], "str | None"]  # what it returns is shown


class EpochEnds:
    """Finds out that an epoch has ended, and calls back."""

    def __init__(self, call: OnEpochEnd) -> None:
        self.call = call
        self.told, self.loss = 0, (0.0, 0)

    def look(self, run: Run, ended: bool) -> None:
        now, epochs = run.status(), run.config.epochs
        epoch = epochs if ended else now.words_done * epochs // max(now.total_words, 1)
        if epoch <= self.told or (epoch >= epochs and not ended):
            return
        pairs = now.loss_pairs - self.loss[1]
        mean = (now.loss_sum - self.loss[0]) / pairs if pairs else math.nan
        self.told, self.loss = epoch, (now.loss_sum, now.loss_pairs)
        line = self.call(run.view, EpochStats(epoch, epochs, now.seconds, mean))
        if line is not None:
            run.display.note(line)
