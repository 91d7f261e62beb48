"""The calls of a round on threads of this process: `SharedCalls`. All of them use the matrices of the run.

Place in the data flow: `w2v.training.rounds.rounds` -> `Calls`, the interface, of which this is one form -> engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from w2v.training.loop import _loop
from w2v.training.loop._copies import Copies
from w2v.training.pieces import Shards
from w2v.training.rounds import _merge
from w2v.training.rounds.engine import Engine, Handle
from w2v.training.rounds.moments import Meetings
from w2v.training.rounds.setup import Done, Part, Task, Text, moment_of, new_copies, parts_of
from w2v.types import Matrix

PARTS_PER_THREAD = 16  # of the rows, so that all threads end a merge at nearly the same time


class Calls(Protocol):
    """The calls of a round, given to an engine.

    Attributes
    ----------
    room : workers whose changes can exist at the same time.
    parts : the rows that are merged together.
    """

    room: int

    @property
    def parts(self) -> Sequence[object]: ...

    def begin(self, engine: Engine, number: tuple[int, int]) -> None:
        """Take the matrices of the run as the snapshot of a round, given its epoch and its number in the epoch."""

    def train(self, work: Sequence[tuple[Task, Text | None]]) -> list[Handle]:
        """Train workers, at most `room`. A text is trained in place of the parts of the task, and its words are not
        counted."""
        ...

    def done(self, trained: list[Handle]) -> list[Handle]:
        """Return the `Done` of workers."""
        ...

    def arrived(self, done: Done) -> None:
        """Take notice of what a worker has done."""

    def bases(self, trained: Handle) -> list[Handle]:
        """Return the bases in which the rows of the input and of the output matrix are merged."""
        ...

    def merge(self, sums: list[Handle], bases: list[Handle], trained: list[Handle], last: bool) -> list[Handle]:
        """Add the changes of workers to the sums over those before them; with the last ones, finish the merge.

        Parameters
        ----------
        sums : results of this call for the workers before, one for each of the `parts`; None for the first workers.
        """
        ...

    def finish(self, merged: list[Handle]) -> None:
        """Take the merged rows as the matrices of the run."""

    def give_up(self) -> None:
        """Forget what the workers of the round in progress have done. The snapshot remains."""

    def reset(self) -> None:
        """Forget the snapshot too: the matrices of the run are another one."""


@dataclass(frozen=True)
class Trained:
    """What a worker has done: the rows that it changed, and its counts."""

    copies: Copies
    done: Done


class SharedCalls:
    """Calls on threads of this process.

    Parameters
    ----------
    loop, shards, met, isa : of the run.
    matrices : input and output matrix of the loop: the snapshot.
    workers, threads : of a round, at most.
    """

    loop: _loop.TrainingLoop
    shards: Shards
    met: Meetings
    isa: str
    room: int
    parts: list[Part]

    def __init__(self, loop: _loop.TrainingLoop, shards: Shards, met: Meetings, isa: str,
                 matrices: tuple[Matrix, Matrix], workers: int, threads: int) -> None:
        self.loop, self.shards, self.met, self.isa = loop, shards, met, isa
        self.matrices = matrices
        self.room = min(workers, 2 * threads)
        self.parts = parts_of(len(matrices[0]), PARTS_PER_THREAD * threads)
        self._copies = [new_copies(matrices) for _ in range(self.room)]
        self._sums: dict[int, _merge.Sums] = {}  # by number of the part; zero between rounds

    def begin(self, engine: Engine, number: tuple[int, int]) -> None:
        self._engine = engine

    def train(self, work: Sequence[tuple[Task, Text | None]]) -> list[Handle]:
        return [self._engine.submit(self._train, copies, *one) for copies, one in zip(self._copies, work, strict=False)]

    def _train(self, copies: Copies, task: Task, text: Text | None) -> Trained:
        copies.prepare()
        [shard] = task.shards
        ids, line_weight = self.shards.ids_of(task.epoch, shard) if text is None else text
        return Trained(copies, Done(self.loop.train_copies(ids, task.epoch, shard, line_weight, copies,
                                                           task.words_before, task.workers, text is None)))

    def done(self, trained: list[Handle]) -> list[Handle]:
        return [self._engine.submit(_done, one) for one in trained]

    def arrived(self, done: Done) -> None:
        """The loop has counted the words."""

    def bases(self, trained: Handle) -> list[Handle]:
        return [self._engine.submit(self._basis, outputs, trained) for outputs in (False, True)]

    def _basis(self, outputs: bool, trained: Trained) -> _merge.Basis:
        return _merge.Basis(moment_of(self.met, outputs, trained.copies, self.isa))

    def merge(self, sums: list[Handle], bases: list[Handle], trained: list[Handle], last: bool) -> list[Handle]:
        return [self._engine.submit(self._merge, number, one, bases, trained, last) for number, one in enumerate(sums)]

    def _merge(self, number: int, sums: _merge.Sums | None, bases: list[_merge.Basis], trained: Sequence[Trained],
               last: bool) -> _merge.Sums:
        # Both bases are needed: they come from the copies of the first worker, which a merge of either matrix changes.
        part = self.parts[number]
        if sums is None and (sums := self._sums.get(number)) is None:
            sums = self._sums[number] = _merge.Sums(part.low, part.high, self.matrices[0].shape[1], self.isa)
        copies = [one.copies for one in trained]
        if last:
            sums.fold(copies, part.outputs, bases[part.outputs], self.matrices[part.outputs], self._copies)
        else:
            sums.fold(copies, part.outputs)
        return sums

    def finish(self, merged: list[Handle]) -> None:
        self._engine.gather(merged)

    def give_up(self) -> None:
        for one in self._copies:
            one.expire()
        self._sums.clear()

    def reset(self) -> None:
        self.give_up()


def _done(trained: Trained) -> Done:
    return trained.done
