"""The calls of a round in other processes: `RemoteCalls`, and what they do there.

Place in the data flow: `w2v.training.rounds.rounds` -> `RemoteCalls` -> an engine -> the functions below, in a worker.

Each call is a function of its arguments alone, so an engine may run it anywhere, and again if a worker is lost. What is
sent has no padding. A round sends the snapshot, in parts of bounded size, to each process that trains; the changes of a
part, of all workers, to the one that merges it; and the merged parts, every few rounds, to the process of the run.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from w2v._version import __version__
from w2v.corpus.elsewhere import Elsewhere
from w2v.errors import W2VError
from w2v.system.threads import Pool
from w2v.training.loop import _isa, _loop, _progress
from w2v.training.loop._copies import Copies
from w2v.training.pieces import Shards
from w2v.training.rounds import _merge
from w2v.training.rounds.engine import Engine, Handle, RemoteEngine, WorkLost
from w2v.training.rounds.setup import (
    Done,
    Part,
    Setup,
    Task,
    Text,
    copied_rows,
    moment_of,
    new_copies,
    parts_of,
)
from w2v.training.rounds.texts import Texts, ids_of
from w2v.types import Matrix

PART_BYTES = 128 << 20  # of rows that are sent at once; messages of more than some GB fail
PARTS = 64  # more only for large models: each takes the scheduler a millisecond for each worker of a round
CACHED_ROWS = 48 * _merge.MERGED_ROWS  # that are merged at once, without their padding outside the cache
KEPT_RUNS = 2  # of which a process keeps its matrices

T = TypeVar("T")

Changes = tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16], npt.NDArray[np.float32]]
"""Rows, changes and curvatures of a worker in a part (`_merge.packed_changes`)."""

BasisArrays = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Eigenvalues and eigenvectors (`_merge.Basis.of`)."""

Pair = tuple[Part, Part]
"""The same rows of the input and of the output matrix. What is sent of them is one value, so that calls are few: each
takes a millisecond or more of the scheduler and of the workers."""


class RemoteCalls:
    """Calls in other processes.

    Parameters
    ----------
    engine : runs them.
    loop, shards, matrices : of the run.
    setup : of the run; its key and learning rates are set when it is sent.
    """

    engine: RemoteEngine
    loop: _loop.TrainingLoop
    matrices: tuple[Matrix, Matrix]
    setup: Setup
    texts: Texts
    room: int
    parts: list[Pair]

    def __init__(self, engine: RemoteEngine, loop: _loop.TrainingLoop, shards: Shards, matrices: tuple[Matrix, Matrix],
                 setup: Setup) -> None:
        self.engine, self.loop, self.matrices, self.setup = engine, loop, matrices, setup
        self.texts = Texts(engine, shards)
        self.room = setup.workers
        self.parts = pairs_of(len(matrices[0]), min(engine.at_once, PARTS), PART_BYTES // (8 * setup.vector_size))
        self._sent: Handle = None  # the setup
        self._snapshot: list[Handle] = []
        self._former: list[Handle] = []  # of the round before, so that what a lost worker had is computed from there
        self._number = 0, 0

    def begin(self, engine: Engine, number: tuple[int, int]) -> None:
        self._number = number
        if self._sent is None:
            settings = replace(self.setup.settings, alpha=self.loop.alpha, min_alpha=self.loop.min_alpha)
            self.setup = replace(self.setup, key=uuid.uuid4().hex, settings=settings)
            self._sent = self.engine.scatter(self.setup)
        if not self._snapshot:
            self._snapshot = [self.engine.scatter([copied_rows(part, self.matrices, self.setup.vector_size)
                                                   for part in pair]) for pair in self.parts]

    def train(self, work: Sequence[tuple[Task, Text | None]]) -> list[Handle]:
        common = self._sent, self.parts, self._snapshot, self._number
        return self.engine.submit_all(train, [(*common, task, slot == 0, *self.texts.arguments(task, text))
                                              for slot, (task, text) in enumerate(work)], self.setup.together > 1)

    def done(self, trained: list[Handle]) -> list[Handle]:
        return self.engine.submit_all(done_of, [(one,) for one in trained])

    def arrived(self, done: Done) -> None:
        self.loop.progress.add_words(done.words)

    def bases(self, trained: Handle) -> list[Handle]:
        return [self.engine.submit(bases_of, trained)]

    def merge(self, sums: list[Handle], bases: list[Handle], trained: list[Handle], last: bool) -> list[Handle]:
        numbers, n = range(len(self.parts)), len(trained)
        changes = self.engine.submit_all(changes_of, [(one, number) for number in numbers for one in trained])
        return self.engine.submit_all(merge, [(self._sent, self.parts[k], self._snapshot[k], bases[0],
                                               changes[k * n:(k + 1) * n]) for k in numbers])

    def finish(self, merged: list[Handle]) -> None:
        self.engine.wait(merged)
        self._former, self._snapshot = self._snapshot, merged

    def fetch(self) -> int:
        """Store the snapshot in the matrices of the run; return its size in bytes."""
        return stored(self.engine.gather(self._snapshot), self.parts, self.matrices)  # all or none: one may be lost

    def give_up(self) -> None:
        """End all calls in progress in other processes, and let those of later rounds have another key."""
        if self._sent is not None:
            self.engine.everywhere(stop, self.setup.key)
        self._sent = None

    def reset(self) -> None:
        self.give_up()
        self._snapshot, self._former = [], []
        self.texts.reset()


# --- in a worker ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Packed:
    """What a worker has done: its counts, the second moments if it is the first worker, and its changes by parts."""

    done: Done
    moments: list[npt.NDArray[np.float64]]
    changes: list[list[Changes]]


def facts() -> dict[str, Any]:
    """Return what a worker must agree in with the process of the run."""
    return {"version": __version__, "isas": _isa.available_isas()}


def pairs_of(n_rows: int, at_least: int, most_rows: int) -> list[Pair]:
    """Return the rows of both matrices in parts; see `parts_of`."""
    parts = parts_of(n_rows, at_least, most_rows)
    return list(zip(parts[::2], parts[1::2], strict=True))


def stored(snapshot: list[list[Matrix]], parts: list[Pair], matrices: tuple[Matrix, Matrix]) -> int:
    """Store a snapshot in matrices with padding; return its size in bytes."""
    for pair, both in zip(parts, snapshot, strict=True):
        for part, rows in zip(pair, both, strict=True):
            matrices[part.outputs][part.low:part.high, :rows.shape[1]] = rows
    return sum(rows.nbytes for both in snapshot for rows in both)


def train(setup: Setup, parts: list[Pair], snapshot: list[list[Matrix]], number: tuple[int, int], task: Task,
          first: bool, elsewhere: Elsewhere | None, texts: list[Any], line_weights: list[float]) -> Packed:
    """Train a worker on parts of the text (`ids_of`), from the snapshot of the round with this number."""
    with _replicas(setup).over(number, parts, snapshot) as (loop, copies, received):
        copies.prepare()

        def trained(shard: int, text: Any, line_weight: float) -> tuple[_loop.Tally, int]:
            ids = ids_of(elsewhere, text)
            return loop.train_copies(ids, task.epoch, shard, line_weight, copies, task.words_before,
                                     task.workers * len(texts)), int(np.count_nonzero(ids >= 0))

        tallies, words = zip(*_each(trained, task.shards, texts, line_weights), strict=True)
        isa = setup.settings.isa
        moments = [moment_of(setup.met, outputs, copies, isa) for outputs in (False, True)] if first else []
        changes = [[_merge.packed_changes(copies, part.outputs, part.low, part.high, setup.vector_size)
                    for part in pair] for pair in parts]
        n_bytes = received + sum(array.nbytes for one in (*chain(*changes), moments) for array in one)
        done = Done(_loop.Tally(*map(sum, zip(*tallies, strict=True))), sum(words), loop.progress.stopped, n_bytes)
    return Packed(done, moments, changes)


def _each(call: Callable[..., T], *columns: Sequence[Any]) -> list[T]:
    """Return what a call returns for each row of arguments; if there are several, each has a thread of its own."""
    if len(columns[0]) == 1:
        return [call(*column) for column in zip(*columns, strict=True)]
    with Pool(len(columns[0]), thread_name_prefix="w2v-shard") as pool:
        return list(pool.map(call, *columns))


def done_of(trained: Packed) -> Done:
    """Return the counts of a worker."""
    return trained.done


def bases_of(trained: Packed) -> list[BasisArrays]:
    """Return the bases of both matrices, from the first worker."""
    _check_complete(trained)
    bases = map(_merge.Basis, trained.moments)
    return [(basis.values, basis.vectors) for basis in bases]


def changes_of(trained: Packed, number: int) -> list[Changes]:
    """Return the changes of the parts with a number."""
    _check_complete(trained)
    return trained.changes[number]


def _check_complete(trained: Packed) -> None:
    """Check the result of a worker that may have been stopped with a later round, while work of this one was done again
    because it was lost.

    Raises
    ------
    WorkLost : it was.
    """
    if trained.done.stopped == _progress.STOP_ASKED:
        raise WorkLost("a worker was stopped")


def merge(setup: Setup, pair: Pair, snapshot: list[Matrix], bases: list[BasisArrays],
          changes: list[list[Changes]]) -> list[Matrix]:
    """Return the rows of parts after the round, from those before it and the changes of all workers in order."""
    _check_worker(setup)
    return [_merged(setup, part, rows, basis, of_part)
            for part, rows, basis, of_part in zip(pair, snapshot, bases, zip(*changes, strict=True), strict=True)]


def _merged(setup: Setup, part: Part, snapshot: Matrix, basis: BasisArrays, changes: Sequence[Changes]) -> Matrix:
    of, size, merged = _merge.Basis.of(*basis), setup.vector_size, np.empty_like(snapshot)
    padded = np.zeros((min(CACHED_ROWS, len(snapshot)), len(basis[0])), np.float32)
    for low in range(part.low, part.high, CACHED_ROWS):
        few = Part(part.outputs, low, min(low + CACHED_ROWS, part.high))
        sums = _merge.Sums(few.low, few.high, len(basis[0]), setup.settings.isa)
        for rows, change, curvature in changes:
            begin, end = np.searchsorted(rows, (few.low, few.high))
            sums.fold_changes(rows[begin:end], change[begin:end], curvature[begin:end])
        here = slice(few.low - part.low, few.high - part.low)
        new = padded[:few.high - few.low]
        new[:, :size] = snapshot[here]
        sums.finish(of, new, few.low)
        merged[here] = new[:, :size]
    return merged


def stop(key: str) -> None:
    """Let all threads of this process that train a run end soon, and free its memory."""
    with _LOCK:
        found = _RUNS.pop(key, None)
    if found is not None:
        found.stop()


class _Replica:
    """A loop over matrices with one snapshot."""

    def __init__(self, setup: Setup) -> None:
        self.matrices = setup.matrices()
        self.loop = setup.loop(self.matrices)
        self.number: tuple[int, int] | None = None  # of the round whose snapshot is or will be there
        self.loaded, self.users, self.lock = False, 0, threading.Lock()
        self.free: list[Copies] = []


class _Replicas:
    """Loops of one run in this process. Threads that train the same round share one; one more is made for a thread that
    has to do work of another round again."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._all: list[_Replica] = []
        self._lock = threading.Lock()

    @contextmanager
    def over(self, number: tuple[int, int], parts: list[Pair],
             snapshot: list[list[Matrix]]) -> Iterator[tuple[_loop.TrainingLoop, Copies, int]]:
        """Give a loop over the snapshot of a round, copies for one worker, and the bytes of the snapshot if this is the
        first use of it here."""
        replica, received = self._taken(number), 0
        try:
            with replica.lock:
                if not replica.loaded:
                    received = stored(snapshot, parts, replica.matrices)
                    replica.loaded = True
                    for one in replica.free:
                        one.expire()
                copies = replica.free.pop() if replica.free else new_copies(replica.matrices)
            yield replica.loop, copies, received
            with replica.lock:
                replica.free.append(copies)
        finally:
            with self._lock:
                replica.users -= 1

    def _taken(self, number: tuple[int, int]) -> _Replica:
        with self._lock:
            fitting = [one for one in self._all if one.number == number] or [one for one in self._all if not one.users]
            replica = fitting[0] if fitting else _Replica(self.setup)
            # Others that nobody uses are freed.
            self._all = [one for one in self._all if one.users and one is not replica] + [replica]
            replica.users += 1
            if replica.number != number:
                replica.number, replica.loaded = number, False
            return replica

    def stop(self) -> None:
        """Stop all loops; they stay so."""
        with self._lock:
            for one in self._all:
                one.loop.progress.stop()


_RUNS: OrderedDict[str, _Replicas] = OrderedDict()  # by key, the last used one at the end
_LOCK = threading.Lock()


def _replicas(setup: Setup) -> _Replicas:
    _check_worker(setup)
    with _LOCK:
        found = _RUNS.setdefault(setup.key, _Replicas(setup))
        _RUNS.move_to_end(setup.key)
        while len(_RUNS) > KEPT_RUNS:
            _RUNS.popitem(last=False)
        return found


def _check_worker(setup: Setup) -> None:
    """Check what `check` checks before a run, for workers that join during it.

    Raises
    ------
    W2VError : this process cannot work on the run.
    """
    if problem := disagreement(facts(), setup.version, setup.settings.isa):
        raise W2VError(f"a worker that joined during the run {problem}")


def disagreement(found: dict[str, Any], version: str, isa: str) -> str | None:
    """Return why a worker with these facts cannot work on a run, or None."""
    if found["version"] != version:
        return f"has version {found['version']} of w2v, and this process {version}: install the same on both"
    if isa not in found["isas"]:
        return (f"cannot run the kernels for {isa} that this process uses, only {', '.join(found['isas'])}: set the "
                f"environment variable W2V_ISA={found['isas'][0]} for this process, or pass isa={found['isas'][0]!r}")
    return None
