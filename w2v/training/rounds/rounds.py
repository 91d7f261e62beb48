"""Training in rounds: `Rounds`, whose pieces are rounds.

Place in the data flow: hot loop, encoded corpus -> `Rounds` -> a thread of `w2v.training.run`, which takes one round
after another.

The text is cut into a fixed number of shards, and each shard into a part for each round of an epoch. In a round every
worker starts from the same snapshot of the model and trains on its part of the shard; then the changes of all workers
are merged, in a fixed order, into the next snapshot (`reference.py` shows how). Random numbers and learning rate of a
worker depend on its part alone. So the result has the same bytes for any number of threads.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedText
from w2v.training.loop import _loop, _progress
from w2v.training.loop._copies import Copies
from w2v.training.matrices import allocate_rows
from w2v.training.pieces import Shards
from w2v.training.rounds import _merge
from w2v.training.rounds.engine import Engine, Handle, Threads
from w2v.training.rounds.moments import Meetings
from w2v.types import Matrix

PARTS_PER_THREAD = 8  # of the rows: parts take different times
LEAST_WORDS = 1000  # of a part of the text; shorter ones would cut many lines. A small text has fewer shards


@dataclass(frozen=True)
class Trained:
    """What a worker has done: the rows that it changed, and its counts."""

    copies: Copies
    tally: _loop.Tally


@dataclass(frozen=True)
class Part:
    """Rows of one matrix that are merged together.

    Attributes
    ----------
    outputs : whether they are of the output matrix.
    low, high : the rows.
    """

    outputs: bool
    low: int
    high: int


class Rounds:
    """Pieces of a run that is trained in rounds.

    Parameters
    ----------
    loop, corpus, config : of the run.
    matrices : input and output matrix of the loop: the snapshot.
    isa : instruction set of the kernels.
    threads : how many threads work on a round.
    """

    at_once = 1
    observed = True

    def __init__(self, loop: _loop.TrainingLoop, corpus: EncodedText, config: TrainConfig,
                 matrices: tuple[Matrix, Matrix], isa: str, threads: int) -> None:
        self.loop, self.config, self.matrices, self.isa, self.threads = loop, config, matrices, isa, threads
        self.words = corpus.n_words
        self.met = Meetings.of(corpus, config)
        self.shards = Shards(loop, corpus, config, threads)
        self._n = 0
        self._guard = threading.Lock()
        self._training = False  # a round is in progress and has not changed the snapshot
        self._given_up = False  # the round in progress
        self._free = [self._new_copies() for _ in range(min(config.shards, 2 * threads))]

    def __len__(self) -> int:
        return self._n

    def wanted(self, shard_ids: int) -> int:
        return rounds_per_epoch(self.config)

    def cut(self, n: int) -> None:
        self._n = n
        self.shards.cut(max(1, min(n * self.config.shards, self.words // LEAST_WORDS)))

    def prepare(self, epoch: int, piece: int) -> None:
        self.shards.prepare(epoch, piece)

    def give_up(self) -> bool:
        with self._guard:
            if self._training:
                self._given_up = True
                self.loop.progress.stop()
        return True

    def train(self, epoch: int, piece: int) -> tuple[int, int] | None:
        before, loss = self.loop.progress.words_done, self.loop.progress.loss
        engine = Threads(self.threads)
        with self._guard:
            self._training = True
        try:
            tallies = self._train(engine, epoch, piece, before)
        finally:
            engine.close()
            with self._guard:
                given_up, self._training, self._given_up = self._given_up, False, False
        if given_up:
            self.loop.progress.restore(before, *loss)
            return None
        for tally in tallies:
            self.loop.progress.add_loss(tally.loss_sum, tally.loss_pairs)
        return sum(tally.trained for tally in tallies), sum(tally.subsampled for tally in tallies)

    def _train(self, engine: Engine, epoch: int, piece: int, words_before: int) -> list[_loop.Tally]:
        """Train all workers and merge their changes into the snapshot, unless the run is stopped meanwhile."""
        workers, n_free = self.config.shards, len(self._free)
        tallies: list[_loop.Tally] = []
        parts = self._parts()
        sums: list[Handle] = []
        for first in range(0, workers, n_free):
            batch = range(first, min(first + n_free, workers))
            trained = [engine.submit(self._train_shard, copies, epoch, worker * self._n + piece, words_before)
                       for copies, worker in zip(self._free, batch, strict=False)]
            if not sums:
                bases = {outputs: engine.submit(self._basis, outputs, trained[0]) for outputs in (False, True)}
                expected = self.loop.alpha_at(words_before) * self.words / self._n
                sums = [engine.submit(self._new_sums, part, bases[part.outputs], expected) for part in parts]
            sums = [engine.submit(_fold, part, sums_of, trained) for part, sums_of in zip(parts, sums, strict=True)]
            try:
                engine.gather(sums)  # the copies are free for the next workers
            except ArithmeticError:  # of `_merge.eigen`: the rows of a worker are not finite
                self.loop.progress.stop(_progress.STOP_NOT_FINITE)
            tallies += [one.tally for one in engine.gather(trained)]
            if self.loop.progress.stopped:
                return []
        if not self._may_merge():
            return []
        engine.gather([engine.submit(self._finish, part, of) for part, of in zip(parts, sums, strict=True)])
        return tallies

    def _may_merge(self) -> bool:
        """Whether the run was not stopped; then the round can no longer be given up."""
        with self._guard:
            self._training = False
            return not self.loop.progress.stopped

    def _train_shard(self, copies: Copies, epoch: int, shard: int, words_before: int) -> Trained:
        copies.clear()
        ids, line_weight = self.shards.ids_of(epoch, shard)
        return Trained(copies, self.loop.train_copies(ids, epoch, shard, line_weight, copies, words_before,
                                                      self.config.shards))

    def _basis(self, outputs: bool, trained: Trained) -> _merge.Basis:
        """Return the basis in which the rows of a matrix are merged: the moments of the other one, as the first worker
        has left it. At the start of the round output rows may still be zero."""
        met, other = self.met, self.met.inputs if outputs else self.met.outputs
        moment, mean = _merge.moments(trained.copies, not outputs, other.weights, self.isa)
        if outputs and (met.averaged or met.summed):
            moment = moment / met.contexts + (1 - 1 / met.contexts) * np.outer(mean, mean)
            if met.summed:
                moment *= met.contexts ** 2
        return _merge.Basis(moment)

    def _new_sums(self, part: Part, basis: _merge.Basis, expected: float) -> _merge.Sums:
        met = self.met.outputs if part.outputs else self.met.inputs
        blocks = slice(part.low // _merge.MERGED_ROWS, -(-part.high // _merge.MERGED_ROWS))
        return _merge.Sums(basis, part.low, part.high, met.expected[blocks] * np.float32(expected), self.isa)

    def _finish(self, part: Part, sums: _merge.Sums) -> None:
        sums.finish(self.matrices[part.outputs])

    def _parts(self) -> list[Part]:
        """Return the rows of both matrices in parts, whose number changes no result."""
        n = len(self.matrices[0])
        step = -(-n // (PARTS_PER_THREAD * self.threads * _merge.MERGED_ROWS)) * _merge.MERGED_ROWS
        return [Part(outputs, low, min(low + step, n)) for low in range(0, n, step) for outputs in (False, True)]

    def _new_copies(self) -> Copies:
        rows = [allocate_rows(*matrix.shape) for matrix in self.matrices]
        return Copies(self.matrices, (rows[0], rows[1]))


def _fold(part: Part, sums: _merge.Sums, trained: list[Trained]) -> _merge.Sums:
    for one in trained:
        sums.fold(one.copies, part.outputs)
    return sums


def rounds_per_epoch(config: TrainConfig) -> int:
    """Return the number of rounds of an epoch: at least 1."""
    return max(1, round(config.rounds / config.epochs))
