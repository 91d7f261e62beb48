"""The pieces that a run is cut into, and how one is trained: `Pieces`, and `Shards`, its form for independent threads.

Place in the data flow: hot loop, encoded corpus -> `Pieces` -> the threads of `w2v.training.run`, which take one piece
after another. `w2v.training.rounds` has the other form, in which a piece is a round.
"""

from __future__ import annotations

import threading
from typing import Protocol

import numpy as np

from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedText, Ids, Ranges
from w2v.training.loop import _loop


class Pieces(Protocol):
    """What the threads of a run take one after another.

    Attributes
    ----------
    at_once : how many pieces are trained at the same time, each by a thread of the run.
    observed : whether observers are called after each piece, before the next one begins.
    """

    at_once: int
    observed: bool

    def __len__(self) -> int:
        """Number of pieces of an epoch."""
        ...

    def wanted(self, shard_ids: int) -> int:
        """Number of pieces that an epoch should have; `shard_ids` as in `w2v.training.run.Pace`."""
        ...

    def cut(self, n: int) -> None:
        """Cut the text of an epoch into about `n` pieces, in the same way each time."""

    def prepare(self, epoch: int, piece: int) -> None:
        """Do what takes long before this piece can be trained; on the main thread, so that Ctrl-C ends it."""

    def train(self, epoch: int, piece: int) -> tuple[int, int] | None:
        """Train a piece; return the words trained on and those dropped by subsampling.

        Thread safe. If the run is stopped, it ends early. None if the piece was given up: nothing of it was trained.
        """

    def give_up(self) -> bool:
        """Give up the pieces in progress, if that is possible; return whether it is."""
        ...

    def fetch(self) -> None:
        """Bring the matrices of the run up to date, for an observer; on the main thread. While pieces are in progress
        they may stay behind."""

    def close(self) -> None:
        """Free what is kept for the run elsewhere; called once, at its end."""


class Shards:
    """Pieces for threads that work independently of each other: consecutive parts of the ids of the corpus.

    Parameters
    ----------
    loop, corpus, config, threads : of the run.
    """

    loop: _loop.TrainingLoop
    corpus: EncodedText
    config: TrainConfig
    at_once: int

    observed = False

    def __init__(self, loop: _loop.TrainingLoop, corpus: EncodedText, config: TrainConfig, threads: int) -> None:
        self.loop, self.corpus, self.config, self.at_once = loop, corpus, config, threads
        self.ranges: Ranges = ()
        self._n = 0
        self._of_epochs: dict[int, Ranges] = {}  # of texts of their own
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.ranges)

    def wanted(self, shard_ids: int) -> int:
        return max(self.corpus.n_ids // shard_ids, 1 if self.at_once == 1 else 4 * self.at_once)

    def cut(self, n: int) -> None:
        if n != self._n:
            self.ranges = self.corpus.shards(n, whole_lines=self.config.whole_lines)
        self._n, self._of_epochs = n, {}

    def prepare(self, epoch: int, piece: int) -> None:
        if self.corpus.place == "none":
            self.ids_of(epoch, piece)

    def train(self, epoch: int, piece: int) -> tuple[int, int] | None:
        ids, line_weight = self.ids_of(epoch, piece)
        return self.loop.train(ids, epoch, piece, line_weight)

    def give_up(self) -> bool:
        return False

    def fetch(self) -> None:
        """The matrices are always up to date."""

    def close(self) -> None:
        """Nothing is kept elsewhere."""

    def ids_of(self, epoch: int, shard: int, most: int | None = None) -> tuple[Ids, float]:
        """Return the ids of a shard, `most` of them, and the weight of the line in which it begins. There are none if
        the run is stopped before they are there, or the text of the epoch is too short for this shard."""
        corpus, begin, end = self.range_of(epoch, shard)
        if corpus is None:
            return np.empty(0, np.int32), 1.0
        return corpus.read(begin, end if most is None else min(begin + most, end)), self.line_weight(corpus, begin)

    def range_of(self, epoch: int, shard: int) -> tuple[EncodedText | None, int, int]:
        """Return the text of a shard and the range of its ids; None for the text where there are no ids."""
        corpus = self.corpus.of_epoch(epoch, lambda: self.loop.progress.stopped != 0)
        ranges = self.ranges if corpus is self.corpus else self._ranges_of(epoch, corpus)
        if corpus is None or shard >= len(ranges):
            return None, 0, 0
        return corpus, *ranges[shard]

    def line_weight(self, corpus: EncodedText, begin: int) -> float:
        """Return the weight of the line in which a range begins."""
        return corpus.line_weight(begin) if self.config.line_weights else 1.0

    def _ranges_of(self, epoch: int, corpus: EncodedText | None) -> Ranges:
        """Return the shards of an epoch with a text of its own; at most as many as those of the first."""
        if corpus is None:
            return ()
        with self._lock:
            if epoch not in self._of_epochs:
                self._of_epochs[epoch] = corpus.shards(len(self.ranges), whole_lines=self.config.whole_lines)
            return self._of_epochs[epoch]
