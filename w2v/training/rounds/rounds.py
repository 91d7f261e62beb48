"""Training in rounds: `Rounds`, whose pieces are rounds.

Place in the data flow: hot loop, encoded corpus -> `Rounds` -> a thread of `w2v.training.run`, which takes one round
after another.

The text is cut into a fixed number of shards, and each shard into a part for each round of an epoch. In a round every
worker starts from the same snapshot of the model and trains on its part of the shard; then the changes of all workers
are merged, in a fixed order, into the next snapshot (`reference.py` shows how). Random numbers and learning rate of a
worker depend on its part alone. So the result has the same bytes for any number of threads, and on any engine.

A model without output rows learns its first directions from nothing, at a rate that grows with what it has learned.
Workers would find different ones, whose sum overshoots; so one worker alone begins with a small part of the text.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace

import numpy as np

from w2v.config import TrainConfig
from w2v.corpus._tokenizer import LINE_END
from w2v.corpus.encoded import EncodedText
from w2v.errors import TrainingError
from w2v.training.loop import _loop, _progress
from w2v.training.pieces import Shards
from w2v.training.rounds.engine import Engine, EngineReport, RemoteEngine, Stopped, Threads, WorkLost
from w2v.training.rounds.moments import Meetings
from w2v.training.rounds.remote import RemoteCalls
from w2v.training.rounds.setup import Done, Setup, Task
from w2v.training.rounds.shared import Calls, SharedCalls
from w2v.types import Matrix

TRIES = 5  # of a round in which workers are lost
FIRST_WORDS = 2_000_000  # that one worker trains before the first round; no more than the words of a round
LEAST_WORDS = 1000  # of a part of the text; shorter ones would cut many lines. A small text has fewer shards


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

    at_once = 1
    observed = True

    def __init__(self, loop: _loop.TrainingLoop, corpus: EncodedText, config: TrainConfig,
                 matrices: tuple[Matrix, Matrix], isa: str, threads: int,
                 engine: tuple[RemoteEngine, Setup] | None = None) -> None:
        self.loop, self.config, self.threads, self.matrices = loop, config, threads, matrices
        self.words = corpus.n_words
        self.shards = Shards(loop, corpus, config, threads)
        self.report: EngineReport | None = None
        self.messages: deque[str] = deque()
        self.calls: Calls
        if engine is None:
            self._engine: RemoteEngine | None = None
            self.calls = SharedCalls(loop, self.shards, Meetings.of(corpus, config), isa, matrices, config.shards,
                                     threads)
        else:
            self._engine, setup = engine
            self._engine.stopped = lambda: bool(loop.progress.stopped)
            self._engine.warn = self.messages.append
            self.calls = RemoteCalls(self._engine, loop, self.shards, matrices, setup)
            self.report = self._engine.about()
        self._n = 0
        self._guard = threading.Lock()
        self._training = False  # a round is in progress and has not changed the matrices
        self._given_up = False  # the round in progress

    def __len__(self) -> int:
        return self._n

    def wanted(self, shard_ids: int) -> int:
        return rounds_per_epoch(self.config)

    def cut(self, n: int) -> None:
        self._n = n
        self.shards.cut(max(1, min(n * self.config.shards, self.words // LEAST_WORDS)))
        self.calls.reset()

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
        self.calls.reset()

    def train(self, epoch: int, piece: int) -> tuple[int, int] | None:
        progress = self.loop.progress
        before, loss = progress.words_done, progress.loss
        with self._guard:
            self._training = True
        try:
            done = self._train_again(epoch, piece, before, loss)
        finally:
            with self._guard:
                given_up, self._training, self._given_up = self._given_up, False, False
        if given_up:
            progress.restore(before, *loss)
            return None
        for one in done:
            progress.add_loss(one.tally.loss_sum, one.tally.loss_pairs)
        return sum(one.tally.trained for one in done), sum(one.tally.subsampled for one in done)

    def _train_again(self, epoch: int, piece: int, before: int, loss: tuple[float, int]) -> list[Done]:
        """Train a round, again from its start if workers are lost with what the engine cannot compute again."""
        progress = self.loop.progress
        for number in range(TRIES):
            engine = Threads(self.threads) if self._engine is None else self._engine
            try:
                return self._train(engine, epoch, piece, before)
            except Stopped:
                self.calls.reset()
                return []
            except FloatingPointError:  # of `_merge.eigen`: the rows of a worker are not finite
                progress.stop(_progress.STOP_NOT_FINITE)
                self.calls.reset()
                return []
            except WorkLost as lost:
                self.calls.reset()
                if progress.stopped:
                    return []
                if number == TRIES - 1:
                    raise TrainingError(
                        f"round {piece + 1} of epoch {epoch + 1} was begun {TRIES} times, and each time workers were "
                        f"lost: {lost}; see their logs, they may lack memory") from lost
                self.messages.append(f"round {piece + 1} of epoch {epoch + 1} begins again: {lost}")
                progress.restore(before, *loss)
                self._count(repeated=1)
            finally:
                if self._engine is None:
                    engine.close()
        raise AssertionError

    def _train(self, engine: Engine, epoch: int, piece: int, words_before: int) -> list[Done]:
        """Train all workers and merge their changes into the snapshot, unless the run is stopped meanwhile."""
        calls, workers, started = self.calls, self._workers(piece), time.perf_counter()
        if epoch == piece == 0 and not self._begin_model(engine, words_before):
            return []
        calls.begin(engine, (epoch, piece))
        done: list[Done] = []
        trained: list[object] = []
        bases: list[object] = []
        merged: list[object] = [None] * len(calls.parts)
        for first in range(0, workers, calls.room):
            batch = range(first, min(first + calls.room, workers))
            trained = [calls.train(slot, Task(epoch, worker * self._n + piece, words_before, workers))
                       for slot, worker in enumerate(batch)]
            bases = bases or calls.bases(trained[0])
            done += engine.gather([calls.done(one) for one in trained], calls.arrived)
            last = batch.stop == workers
            if self._stopped(done, last):
                return []
            merged = [calls.merge(number, sums, bases, trained, last)
                      for number, sums in enumerate(merged)]
            if not last:
                engine.gather(merged)  # the slots are free for the next workers
        trained_at = time.perf_counter()
        del trained, bases
        calls.finish(merged)
        self._count(rounds=1, seconds_training=trained_at - started, seconds_merging=time.perf_counter() - trained_at,
                    megabytes_sent=sum(one.n_bytes for one in done) / 1e6)
        return done

    def _begin_model(self, engine: Engine, words_before: int) -> bool:
        """Let one worker train the beginnings of all parts of the first round, before this round, unless the model has
        output rows already or a single worker. These words are trained once more in the round. False if the run is
        stopped meanwhile."""
        calls, progress, workers = self.calls, self.loop.progress, self._workers(0)
        if workers == 1 or self.matrices[1].any():
            return True
        before, loss = progress.words_done, progress.loss
        texts = [self.shards.ids_of(0, worker * self._n, FIRST_WORDS // workers) for worker in range(workers)]
        first = np.concatenate([np.append(ids, LINE_END) for ids, _ in texts])
        calls.begin(engine, (-1, 0))
        trained = calls.train(0, Task(0, len(self.shards), words_before, 1), (first.astype(np.int32), texts[0][1]))
        bases = calls.bases(trained)
        if self._stopped(engine.gather([calls.done(trained)]), last=False):
            return False
        calls.finish([calls.merge(number, None, bases, [trained], True) for number in range(len(calls.parts))])
        progress.restore(before, *loss)
        return True

    def _workers(self, piece: int) -> int:
        """Return how many workers have a part of the text in a round: all, unless the text is small."""
        return max(1, min(self.config.shards, -(-(len(self.shards) - piece) // self._n)))

    def _stopped(self, done: list[Done], last: bool) -> bool:
        """Whether the run is stopped; workers elsewhere have flags of their own. After the `last` ones the round can
        no longer be given up."""
        for one in done:
            if one.stopped:
                self.loop.progress.stop(one.stopped)
        with self._guard:
            if not (self.loop.progress.stopped or self._given_up):
                self._training = not last
                return False
        self.calls.reset()
        return True

    def _count(self, **more: float) -> None:
        if self.report is not None:
            self.report = replace(self.report, **{name: getattr(self.report, name) + n for name, n in more.items()})


def rounds_per_epoch(config: TrainConfig) -> int:
    """Return the number of rounds of an epoch: at least 1."""
    return max(1, round(config.rounds / config.epochs))
