"""Where the ids of a corpus stand while it is read: in memory, or in a temporary file when there are too many.

Used by `w2v.corpus.encode` only. In memory each thread writes the provisional ids of its blocks into slabs of its own, which
are given back to the system one by one while the final ids are written, so the peak is 4 bytes a token and a slab a
thread. In the file they stand in the order of the text and are rewritten in place.
"""

from __future__ import annotations

import errno
import mmap
import os
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import IO

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import LINE_END, remap
from w2v.errors import W2VError
from w2v.system.resources import available_memory, free_disk

SLAB_BYTES = 16 << 20
"""Small, since the pages of a slab that is given back are taken again at once for the final ids: a page that was never
used before costs far more in a virtual machine (17 million words in 0.44 s; slabs of 64 MiB: 0.53 s and 48 MB more)."""

GROUP_IDS = 1 << 17
"""Ids that a thread rewrites at a time: few enough for the second-level cache."""

DISK_RESERVE = 64 << 20
ITEM = 4  # bytes of an int32


class IdStore:
    """Append-only int32 ids; a context manager that frees everything that `finish` did not hand out.

    Parameters
    ----------
    memory_share : share of the available memory that ids may take; beyond it they go to a file.
    spool_dir : folder of the file, None for the system's folder for temporary files.
    """

    def __init__(self, memory_share: float, spool_dir: str | os.PathLike[str] | None) -> None:
        self._limit = int(memory_share * available_memory())
        self._folder = tempfile.gettempdir() if spool_dir is None else os.fspath(spool_dir)
        self._lock = threading.Lock()
        self._taken = 0  # bytes of all slabs
        self._pieces: deque[NDArray[np.int32]] = deque()  # in the order of the text; views of slabs
        self._file: IO[bytes] | None = None
        self._n_ids = 0
        self._next_check = 0

    def __enter__(self) -> IdStore:
        return self

    def __exit__(self, *unused: object) -> None:
        self._pieces.clear()
        if self._file is not None:
            self._file.close()

    def slab(self, n: int) -> NDArray[np.int32] | None:
        """Memory for `n` ids or more, freed with its last view; None if ids must go to the file. For any thread."""
        size = max(SLAB_BYTES, n * ITEM)
        with self._lock:
            if self._file is not None or self._taken + size > self._limit:
                self._limit = 0
                return None
            self._taken += size
        return np.frombuffer(_anonymous(size), dtype=np.int32)

    def append(self, ids: NDArray[np.int32], share_read: float | None) -> None:
        """Add the ids of the next block. `share_read`: how much of the corpus that makes, if known; used to foresee a
        full disk."""
        if self._file is None and self._limit == 0 and len(ids) > 0:
            self._move_to_file(share_read)
        if self._file is None:
            self._pieces.append(ids)
        else:
            self._write(ids, share_read)
        self._n_ids += len(ids)

    def finish(self, final: NDArray[np.int32], n_kept: int, threads: int = 1) -> NDArray[np.int32]:
        """Rewrite provisional ids to final ones and hand them out; unknown words and empty lines are dropped.

        Parameters
        ----------
        final : int32, the map for `w2v.corpus._tokenizer.remap`.
        n_kept : upper bound of the number of entries that are left.

        Returns
        -------
        int32, writable; it owns the memory or the mapped file.
        """
        if self._file is not None:
            return self._finish_in_file(final, threads)
        out = np.frombuffer(_anonymous((n_kept + 1) * ITEM), dtype=np.int32)  # remap may overwrite one entry more
        return out[: rewrite(self._taken_pieces(), final, out, threads)]

    def _taken_pieces(self) -> Iterator[NDArray[np.int32]]:
        while self._pieces:
            yield self._pieces.popleft()

    def _finish_in_file(self, final: NDArray[np.int32], threads: int) -> NDArray[np.int32]:
        assert self._file is not None
        self._file.flush()
        descriptor = self._file.fileno()
        mapped = mmap.mmap(descriptor, self._n_ids * ITEM)
        ids = np.frombuffer(mapped, dtype=np.int32)
        written = rewrite(iter((ids,)), final, ids, threads)
        del ids
        mapped.close()
        os.ftruncate(descriptor, written * ITEM)
        # The mapping keeps the file alive, whose name is gone already; the disk is free again when the array is.
        return np.frombuffer(mmap.mmap(descriptor, written * ITEM), dtype=np.int32)

    def _move_to_file(self, share_read: float | None) -> None:
        self._check_disk(share_read)
        try:
            self._file = tempfile.TemporaryFile(dir=self._folder, prefix="w2v-ids-", buffering=0)
        except OSError as error:
            raise W2VError(f"{self._folder}: cannot make a temporary file for the ids: {error.strerror}") from error
        for ids in self._taken_pieces():
            self._write_bytes(ids.data.cast("B"))

    def _write(self, ids: NDArray[np.int32], share_read: float | None) -> None:
        if self._n_ids >= self._next_check:
            self._check_disk(share_read)
        self._write_bytes(np.ascontiguousarray(ids).data.cast("B"))

    def _write_bytes(self, data: memoryview) -> None:
        assert self._file is not None
        try:
            with data:
                done = 0
                while done < len(data):
                    with data[done:] as rest:
                        done += self._file.write(rest)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise W2VError(f"{self._folder}: cannot write the ids: {error.strerror}") from error
            raise self._full_disk(self._n_ids * ITEM + DISK_RESERVE) from error

    def _check_disk(self, share_read: float | None) -> None:
        """Compare what the rest will need with what is free; again each slab, since others use the disk too."""
        expected = self._n_ids / share_read if share_read else self._n_ids
        in_file = self._n_ids if self._file is not None else 0
        needed = int(expected - in_file) * ITEM + DISK_RESERVE
        if free_disk(self._folder) < needed:
            raise self._full_disk(needed)
        self._next_check = self._n_ids + SLAB_BYTES // ITEM

    def _full_disk(self, needed: int) -> W2VError:
        free = free_disk(self._folder)
        return W2VError(f"{self._folder}: the ids of the corpus do not fit in memory and need about "
                        f"{needed / 1e9:.1f} GB more on disk, but {free / 1e9:.1f} GB are free here; "
                        "set spool_dir (or TMPDIR) to a larger disk")


class IdWriter:
    """One thread's place to write ids to; used for one block after the other: `room`, then `take`."""

    def __init__(self, store: IdStore) -> None:
        self._store = store
        self._slab: NDArray[np.int32] | None = None
        self._begin = 0
        self._scratch = np.empty(0, np.int32)

    def room(self, n: int) -> NDArray[np.int32]:
        """Memory for `n` ids."""
        if self._slab is None or len(self._slab) - self._begin < n:
            self._slab, self._begin = self._store.slab(n), 0
        if self._slab is not None:
            return self._slab[self._begin :]
        if len(self._scratch) < n:
            self._scratch = np.empty(n, np.int32)
        return self._scratch

    def take(self, n: int) -> NDArray[np.int32]:
        """The first `n` ids of that memory, for `IdStore.append`."""
        if self._slab is None:
            return self._scratch[:n].copy()
        ids = self._slab[self._begin : self._begin + n]
        self._begin += n
        return ids


def rewrite(
    pieces: Iterator[NDArray[np.int32]], final: NDArray[np.int32], out: NDArray[np.int32], threads: int
) -> int:
    """Write the final ids of all pieces one after the other into `out`; returns how many.

    `out` may be the memory of the pieces themselves, if they stand there in order: a group of ids is written after all
    groups up to it were read, and never behind its own end.
    """
    if threads == 1:
        written, last = 0, LINE_END
        for ids in pieces:
            kept, last = remap(ids, final, out[written:], last)
            written += kept
        return written
    return _rewrite_in_threads(_groups(pieces), final, out, threads)


def _groups(pieces: Iterator[NDArray[np.int32]]) -> Iterator[list[NDArray[np.int32]]]:
    """The same ids in the same order as lists of arrays of together at most 2 GROUP_IDS."""
    group: list[NDArray[np.int32]] = []
    size = 0
    for ids in pieces:
        for begin in range(0, len(ids), GROUP_IDS):
            group.append(ids[begin : begin + GROUP_IDS])
            size += len(group[-1])
            if size >= GROUP_IDS:
                yield group
                group, size = [], 0
    if group:
        yield group


def _rewrite_in_threads(
    groups: Iterator[list[NDArray[np.int32]]], final: NDArray[np.int32], out: NDArray[np.int32], threads: int
) -> int:
    """Each group is remapped to memory of the thread, and copied to its place when the groups before are counted."""
    idle: SimpleQueue[NDArray[np.int32]] = SimpleQueue()
    for _ in range(2 * threads):
        idle.put(np.empty(2 * GROUP_IDS + 1, np.int32))

    def read(group: list[NDArray[np.int32]], scratch: NDArray[np.int32]) -> NDArray[np.int32]:
        kept, last = 0, 0  # a line end at the start is kept; whether it ends an empty line is seen below
        for ids in group:
            more, last = remap(ids, final, scratch[kept:], last)
            kept += more
        return scratch[:kept]

    def place(ids: NDArray[np.int32], at: int) -> None:
        out[at : at + len(ids)] = ids

    def hand_back(done: Future[None], scratch: NDArray[np.int32]) -> None:
        idle.put(scratch)

    written, last = 0, LINE_END
    waiting: deque[tuple[Future[NDArray[np.int32]], NDArray[np.int32]]] = deque()
    copies: list[Future[None]] = []
    with ThreadPoolExecutor(threads, thread_name_prefix="w2v-ids") as pool:

        def put_next() -> None:
            nonlocal written, last
            future, scratch = waiting.popleft()
            ids = future.result()
            if last == LINE_END and len(ids) > 0 and ids[0] == LINE_END:
                ids = ids[1:]
            if len(ids) > 0:
                last = int(ids[-1])
            copies.append(pool.submit(place, ids, written))
            copies[-1].add_done_callback(partial(hand_back, scratch=scratch))
            written += len(ids)

        for group in groups:
            if len(waiting) == threads:
                put_next()
            scratch = idle.get()
            waiting.append((pool.submit(read, group, scratch), scratch))
        while waiting:
            put_next()
    for copy in copies:
        copy.result()
    return written


def _anonymous(n_bytes: int) -> mmap.mmap:
    """Zeroed memory that goes back to the system when closed (malloc's may not), in 2 MiB pages where they exist."""
    if os.name == "nt":
        return mmap.mmap(-1, n_bytes)
    memory = mmap.mmap(-1, n_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        try:
            memory.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            pass  # a kernel without them
    return memory
