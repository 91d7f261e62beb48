"""Training in rounds: `Rounds`, whose pieces are rounds.

Place in the data flow: hot loop, encoded corpus -> `Rounds` -> a thread of `w2v.training.run`, which takes one round
after another.

The text is cut into a fixed number of shards, and each shard into a part for each round of an epoch. In a round every
worker starts from the same snapshot of the model and trains on its part of the shard; then the changes of all workers
are merged, in a fixed order, into the next snapshot (`reference.py` shows how). Random numbers and learning rate of a
worker depend on its part alone. So the result has the same bytes for any number of threads, and on any engine.

A model without output rows learns its first directions from nothing, at a rate that grows with what it has learned.
Workers would find different ones, whose sum overshoots. So one worker alone begins, with a small part of the text. Then
output rows become longer and input rows shorter by the same factor, which changes no product of two rows: merges slow
output rows down more than input rows, because they are met more often.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from w2v.config import TrainConfig
from w2v.corpus._tokenizer import LINE_END
from w2v.corpus.encoded import EncodedText, Ids
from w2v.errors import TrainingError
from w2v.training.loop import _loop, _progress
from w2v.training.pieces import Shards
from w2v.training.rounds.engine import Engine, EngineReport, RemoteEngine, Stopped, Threads, WorkLost
from w2v.training.rounds.moments import Meetings
from w2v.training.rounds.remote import RemoteCalls
from w2v.training.rounds.setup import Done, Setup, Task, Text
from w2v.training.rounds.shared import Calls, SharedCalls
from w2v.types import Matrix

TRIES = 5  # of a round in which workers are lost
FETCHED_ROUNDS = 4  # after so many at most, this process fetches the model: as many are trained again if it is lost
FIRST_WORDS = 2_000_000  # that one worker trains before the first round; no more than the words of a round
LEAST_WORDS = 10_000  # of a part of the text; shorter ones would cut many lines. A small text has fewer shards


@dataclass(frozen=True)
class Round:
    """A round: its epoch, its number in the epoch, and the words done before it."""

    epoch: int
    piece: int
    words_before: int


FIRST = Round(-1, -1, 0)  # of one worker alone, with which a new model begins


class Rounds:
    """Pieces of a run that is trained in rounds.

    Parameters
    ----------
    loop, corpus, config : of the run.
    matrices : input and output matrix of the loop: the snapshot.
    isa : instruction set of the kernels.
    threads : how many threads work on a round.
    engine : where rounds are done, if not in this process, and the setup of its workers.

    Attributes
    ----------
    messages : lines for the user.
    """

    loop: _loop.TrainingLoop
    config: TrainConfig
    threads: int
    matrices: tuple[Matrix, Matrix]
    words: int
    together: int
    shards: Shards

    at_once = 1
    observed = True

    def __init__(self, loop: _loop.TrainingLoop, corpus: EncodedText, config: TrainConfig,
                 matrices: tuple[Matrix, Matrix], isa: str, threads: int,
                 engine: tuple[RemoteEngine, Setup] | None = None) -> None:
        self.loop, self.config, self.threads, self.matrices = loop, config, threads, matrices
        self.words = corpus.n_words
        self.together = 1 if engine is None else engine[1].together
        self.shards = Shards(loop, corpus, config, threads)
        self.report: EngineReport | None = None
        self.messages: deque[str] = deque()
        self.calls: Calls
        self._remote: RemoteCalls | None = None
        if engine is None:
            self._engine: RemoteEngine | None = None
            self.calls = SharedCalls(loop, self.shards, Meetings.of(corpus, config), isa, matrices, config.shards,
                                     threads)
        else:
            self._engine, setup = engine
            self._engine.stopped = lambda: bool(loop.progress.stopped)
            self._engine.warn = self.messages.append
            self.calls = self._remote = RemoteCalls(self._engine, loop, self.shards, matrices, setup)
            self.report = self._engine.about()
        self._n = 0
        self._guard = threading.Lock()
        self._training = False  # a round is in progress and has not changed the matrices
        self._given_up = False  # the round in progress
        self._turn = threading.Lock()  # held while a round is in progress
        self._fetching = threading.RLock()  # guards the next two, the snapshot elsewhere and the matrices it came from
        self._behind: list[Round] = []  # done, and not yet in the matrices
        self._reached = 0  # of these, the ones that the snapshot elsewhere has

    def __len__(self) -> int:
        return self._n

    def wanted(self, shard_ids: int) -> int:
        return rounds_per_epoch(self.config)

    def cut(self, n: int) -> None:
        self._n = n
        self.shards.cut(max(1, min(n * self.config.shards * self.together, self.words // LEAST_WORDS)))
        self._forget(keep_rounds=False)

    def prepare(self, epoch: int, piece: int) -> None:
        self.shards.prepare(epoch, piece)

    def give_up(self) -> bool:
        with self._guard:
            if self._training:
                self._given_up = True
                self.loop.progress.stop()
        return True

    def close(self) -> None:
        """Free what workers elsewhere keep of the run."""
        self._forget(keep_rounds=False)

    def fetch(self) -> None:
        """Fetch the model from the workers, if they have a newer one; during a round that of its start, if possible."""
        if self._remote is None:
            return
        if not self._turn.acquire(blocking=False):
            with suppress(Stopped, WorkLost):  # which the round in progress finds too
                self._fetch()
            return
        try:
            self._work(None)
        finally:
            self._turn.release()

    def _fetch(self) -> None:
        with self._fetching:
            if self._remote is not None and self._reached:
                self._count(megabytes_sent=self._remote.fetch() / 1e6)
                del self._behind[:self._reached]
                self._reached = 0

    def _forget(self, keep_rounds: bool) -> None:
        """Forget the snapshot elsewhere; unless `keep_rounds`, also the rounds that the matrices lack: they are others.
        """
        with self._fetching:
            self.calls.reset()
            self._reached = 0
            if not keep_rounds:
                self._behind.clear()

    def train(self, epoch: int, piece: int) -> tuple[int, int] | None:
        progress = self.loop.progress
        before, loss = progress.words_done, progress.loss
        this = Round(epoch, piece, before)
        with self._turn:
            try:
                done = self._work(this)
            finally:
                with self._guard:
                    given_up, self._training, self._given_up = self._given_up, False, False
        if given_up:
            progress.restore(before, *loss)
            return None
        for one in done:
            progress.add_loss(one.tally.loss_sum, one.tally.loss_pairs)
        return sum(one.tally.trained for one in done), sum(one.tally.subsampled for one in done)

    def _work(self, this: Round | None) -> list[Done]:
        """Train a round, or fetch the model if there is none; again, with the rounds that the matrices lack, if workers
        are lost with what the engine cannot compute again. End early if the run is stopped."""
        what = "fetching the model" if this is None else f"round {this.piece + 1} of epoch {this.epoch + 1}"
        progress = self.loop.progress
        before, loss = progress.words_done, progress.loss
        for number in range(TRIES):
            with self._guard:
                self._training = this is not None
            engine = Threads(self.threads) if self._engine is None else self._engine
            try:
                while self._reached < len(self._behind):
                    self._train(engine, self._behind[self._reached], repeated=True)
                    if progress.stopped or self._given_up:
                        return []
                if this is None:
                    self._fetch()
                    return []
                if self._needs_first(this) and not self._train_first(engine):
                    return []
                return self._train(engine, this)
            except Stopped:
                self.calls.give_up()
                return []
            except FloatingPointError:  # of `_merge.eigen`: the rows of a worker are not finite
                progress.stop(_progress.STOP_NOT_FINITE)
                self.calls.give_up()
                return []
            except WorkLost as lost:
                self._forget(keep_rounds=True)
                if progress.stopped:
                    return []
                if number == TRIES - 1:
                    raise TrainingError(f"{what} was begun {TRIES} times, and each time workers were lost: {lost}; see "
                                        "their logs, they may lack memory") from lost
                self.messages.append(f"{what} begins again, after {len(self._behind)} rounds before it: {lost}")
                progress.restore(before, *loss)
                self._count(repeated=len(self._behind) + (this is not None))
            finally:
                if self._engine is None:
                    engine.close()
        raise AssertionError

    def _train(self, engine: Engine, this: Round, repeated: bool = False) -> list[Done]:
        """Train all workers and merge their changes into the snapshot, unless the run is stopped meanwhile.

        Parameters
        ----------
        repeated : the round is counted already. FIRST never is: its words are trained once more.
        """
        calls, tasks, started = self.calls, self._tasks(this), time.perf_counter()
        counted = not repeated and this is not FIRST
        with self._fetching:
            calls.begin(engine, (this.epoch, this.piece))
        done: list[Done] = []
        trained: list[object] = []
        bases: list[object] = []
        merged: list[object] = [None] * len(calls.parts)
        for first in range(0, len(tasks), calls.room):
            batch = tasks[first:first + calls.room]
            trained = calls.train(batch)
            bases = bases or calls.bases(trained[0])
            if len(self._behind) >= FETCHED_ROUNDS:
                self._fetch()  # while the workers train
            done += engine.gather(calls.done(trained), calls.arrived if counted else None)
            last = first + calls.room >= len(tasks)
            if self._stopped(done, last and counted):
                return []
            merged = calls.merge(merged, bases, trained, last)
            if not last:
                engine.gather(merged)  # the slots are free for the next workers
        trained_at = time.perf_counter()
        del trained, bases
        self._finish(merged, None if repeated else this)
        self._count(rounds=int(counted), seconds_training=trained_at - started,
                    seconds_merging=time.perf_counter() - trained_at,
                    megabytes_sent=sum(one.n_bytes for one in done) / 1e6)
        return done

    def _finish(self, merged: list[object], this: Round | None) -> None:
        """Take the merged rows as the next snapshot, which elsewhere has one round more: `this`, unless repeated."""
        with self._fetching:
            self.calls.finish(merged)
            if self._remote is not None and this is not FIRST:
                if this is not None:
                    self._behind.append(this)
                self._reached += 1

    def _needs_first(self, this: Round) -> bool:
        """Whether FIRST comes before this round: several workers train it, and there are no output rows yet."""
        return (this.epoch == this.piece == 0 and not self._behind and self._workers(0) > 1
                and not self.matrices[1].any())

    def _train_first(self, engine: Engine) -> bool:
        """Let one worker train the beginnings of all parts of the first round. They are trained once more in the round.
        False if the run is stopped meanwhile, and the model remains as it was."""
        inputs, outputs = self.matrices
        random = max(inputs.max(), -inputs.min()) <= 0.5 / self.config.vector_size  # no initial vectors
        try:
            if not self._train(engine, FIRST):
                return False
            with self._fetching:
                if self._remote is not None:
                    self._remote.fetch()
                if random:
                    longer = np.float32(outputs_longer(self._workers(0)))
                    inputs /= longer
                    outputs *= longer
        finally:
            self.calls.reset()
        return True

    def _tasks(self, this: Round) -> list[tuple[Task, Text | None]]:
        """Return the work of each worker."""
        piece, n = max(this.piece, 0), len(self.shards)
        workers = self._workers(piece)
        begins = [(worker * self._n + piece) * self.together for worker in range(workers)]
        if this is not FIRST:
            return [(Task(this.epoch, tuple(range(begin, max(begin + 1, min(begin + self.together, n)))),
                          this.words_before, workers), None) for begin in begins]
        texts = [self.shards.ids_of(0, begin, FIRST_WORDS // workers) for begin in begins]
        return [(Task(0, (n,), 0, 1), (_joined(texts, self.config.line_weights), texts[0][1]))]

    def _workers(self, piece: int) -> int:
        """Return how many workers have a part of the text in a round: all, unless the text is small."""
        parts = -(-len(self.shards) // self.together)
        return max(1, min(self.config.shards, -(-(parts - piece) // self._n)))

    def _stopped(self, done: list[Done], last: bool) -> bool:
        """Whether the run is stopped; workers elsewhere have flags of their own. After the `last` ones the round can
        no longer be given up."""
        for one in done:
            if one.stopped:
                self.loop.progress.stop(one.stopped)
        with self._guard:
            if not (self.loop.progress.stopped or self._given_up):
                if last:
                    self._training = False
                return False
        self.calls.give_up()
        return True

    def _count(self, **more: float) -> None:
        if self.report is not None:
            self.report = replace(self.report, **{name: getattr(self.report, name) + n for name, n in more.items()})


def _joined(texts: list[Text], line_weights: bool) -> Ids:
    """Return the ids of texts one after another; each is a line of its own, which begins with its weight."""
    parts: list[Ids] = []
    for ids, weight in texts:
        if line_weights:
            parts.append(np.array([-weight], np.float32).view(np.int32))  # csrc/text/lineweight.h
        parts += [ids, np.array([LINE_END], np.int32)]
    return np.concatenate(parts)


def outputs_longer(workers: int) -> float:
    """Return the factor by which output rows are made longer (bench/NOTES.md); more than 4 was not tried."""
    root = math.sqrt(workers)
    return min(root, max(2.0, root / 2), 4.0)


def rounds_per_epoch(config: TrainConfig) -> int:
    """Return the number of rounds of an epoch: at least 1."""
    return max(1, round(config.rounds / config.epochs))
