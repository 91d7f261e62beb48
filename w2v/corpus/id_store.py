"""Storage of provisional ids while a corpus is read: memory, or a temporary file when they do not fit.

Place in the data flow: between the tokenizer threads and the final ids of `w2v.corpus.encode`. In memory each thread
writes the ids of its blocks into its own slabs. Slabs are freed one by one while the final ids are written, so the
peak is 4 bytes a token plus a slab a thread. In the file the ids are in the order of the text and are rewritten in
place.
"""

from __future__ import annotations

import errno
import mmap
import os
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import LINE_END, remap
from w2v.errors import W2VError
from w2v.system.memory import anonymous_memory
from w2v.system.resources import available_memory, free_disk
from w2v.system.threads import Pool
from w2v.types import StrPath

SLAB_BYTES = 16 << 20
"""Small, because the pages of a freed slab are reused at once for the final ids; a fresh page is far more expensive in
a virtual machine (17 million words in 0.44 s; slabs of 64 MiB: 0.53 s and 48 MB more)."""

GROUP_IDS = 1 << 17
"""Ids that a thread rewrites at a time: few enough for the L2 cache."""

DISK_RESERVE = 64 << 20
"""Bytes that must stay free on the disk of the temporary file."""

ID_BYTES = 4
"""Bytes of an int32."""


class IdsDoNotFit(W2VError):
    """There is too little memory, or too little disk space, for the ids of a corpus."""


class IdStore:
    """Append-only int32 ids, as a context manager that frees all memory and the file unless `finish` returned them.

    Parameters
    ----------
    memory_share : share of the available memory, 0 to 1, that ids may take before they go to a file.
    spool_dir : folder of the file; None for the system's folder for temporary files.
    spool : whether there may be a file.
    shared : whether the file has a name, so that other processes can open it while `finish` and the caller keep `file`;
        a process that is killed leaves it behind.
    """

    def __init__(self, memory_share: float, spool_dir: StrPath | None, spool: bool = True,
                 shared: bool = False) -> None:
        self._spool, self._shared = spool, shared
        self._limit = int(memory_share * available_memory())  # bytes of all slabs
        self._folder = tempfile.gettempdir() if spool_dir is None else os.fspath(spool_dir)
        self._lock = threading.Lock()
        self._slab_bytes = 0
        self._memory_full = False  # a slab was refused: the next ids to append open the file
        self._arrays: deque[NDArray[np.int32]] = deque()  # in the order of the text; views of slabs
        self._file: IO[bytes] | None = None
        self.file: IO[bytes] | None = None
        self._n_ids = 0
        self._next_disk_check = 0

    @property
    def place(self) -> str:
        """Where the ids are: "memory" or "disk"."""
        return "memory" if self._file is None else "disk"

    def __enter__(self) -> IdStore:
        return self

    def __exit__(self, *unused: object) -> None:
        self._arrays.clear()
        if self._file is not None and self.file is None:
            self._file.close()

    def slab(self, n: int) -> NDArray[np.int32] | None:
        """Return memory for at least `n` ids, which is freed with its last view. None: ids have to go to the file.
        Thread safe."""
        size = max(SLAB_BYTES, n * ID_BYTES)
        with self._lock:
            if self._memory_full or self._slab_bytes + size > self._limit:
                self._memory_full = True
                return None
            self._slab_bytes += size
        return np.frombuffer(anonymous_memory(size), dtype=np.int32)

    def append(self, ids: NDArray[np.int32], share_read: float | None) -> None:
        """Add the ids of the next block.

        Parameters
        ----------
        ids : provisional ids.
        share_read : share of the corpus read so far, 0 to 1, if known; used to predict a full disk.

        Raises
        ------
        IdsDoNotFit : the ids fit neither into memory nor into the temporary file.
        W2VError : the temporary file cannot be created or written.
        """
        if self._file is None and self._memory_full and len(ids) > 0:
            self._move_to_file(share_read)
        if self._file is None:
            self._arrays.append(ids)
        else:
            self._write(ids, share_read)
        self._n_ids += len(ids)

    def finish(self, final: NDArray[np.int32], n_kept: int, threads: int = 1) -> NDArray[np.int32]:
        """Replace provisional ids by final ones; unknown words and empty lines are dropped.

        Parameters
        ----------
        final : int32, the map for `w2v.corpus._tokenizer.remap`.
        n_kept : upper bound of the number of remaining entries.
        threads : number of threads.

        Returns
        -------
        int32, writable; it owns the memory or the mapped file.
        """
        if self._file is not None:
            return self._finish_in_file(final, threads)
        out = np.frombuffer(anonymous_memory((n_kept + 1) * ID_BYTES), dtype=np.int32)  # remap may write one entry more
        return out[: rewrite(self._drain(), final, out, threads)]

    def _drain(self) -> Iterator[NDArray[np.int32]]:
        """Yield the arrays in order and drop the reference to each, so that its slab can be freed."""
        while self._arrays:
            yield self._arrays.popleft()

    def _finish_in_file(self, final: NDArray[np.int32], threads: int) -> NDArray[np.int32]:
        assert self._file is not None
        self._file.flush()
        descriptor = self._file.fileno()
        mapped = mmap.mmap(descriptor, self._n_ids * ID_BYTES)
        ids = np.frombuffer(mapped, dtype=np.int32)
        written = rewrite(iter((ids,)), final, ids, threads)
        del ids
        mapped.close()
        os.ftruncate(descriptor, written * ID_BYTES)
        if self._shared:
            os.fsync(descriptor)  # other machines do not see what is only in the cache of this one
            self.file = self._file
        # The mapping keeps the file alive without its name; its disk space is freed with the array.
        return np.frombuffer(mmap.mmap(descriptor, written * ID_BYTES), dtype=np.int32)

    def _move_to_file(self, share_read: float | None) -> None:
        if not self._spool:
            raise IdsDoNotFit(f"the ids of the corpus do not fit into the {self._limit / 1e9:.1f} GB of free memory; "
                              "use ids=\"disk\" or ids=\"none\" (--ids disk, --ids none)")
        self._check_disk(share_read)
        try:
            kind = tempfile.NamedTemporaryFile if self._shared else tempfile.TemporaryFile
            self._file = cast("IO[bytes]", kind(dir=self._folder, prefix="w2v-ids-", buffering=0))
        except OSError as error:
            raise W2VError(f"{self._folder}: cannot create a temporary file for the ids: {error.strerror}") from error
        for ids in self._drain():
            self._write_bytes(ids.data.cast("B"))

    def _write(self, ids: NDArray[np.int32], share_read: float | None) -> None:
        if self._n_ids >= self._next_disk_check:
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
            raise self._disk_full(self._n_ids * ID_BYTES + DISK_RESERVE) from error

    def _check_disk(self, share_read: float | None) -> None:
        """Compare the space that the remaining ids will need with the free space; once a slab, since other processes
        use the disk too."""
        expected = self._n_ids / share_read if share_read else self._n_ids
        in_file = self._n_ids if self._file is not None else 0
        needed = int(expected - in_file) * ID_BYTES + DISK_RESERVE
        if free_disk(self._folder) < needed:
            raise self._disk_full(needed)
        self._next_disk_check = self._n_ids + SLAB_BYTES // ID_BYTES

    def _disk_full(self, needed: int) -> IdsDoNotFit:
        free = free_disk(self._folder)
        return IdsDoNotFit(f"{self._folder}: the ids of the corpus do not fit in memory and need about "
                           f"{needed / 1e9:.1f} GB more on disk, but only {free / 1e9:.1f} GB are free here; "
                           "set spool_dir (or TMPDIR) to a larger disk")


class IdWriter:
    """Memory of one thread for ids, of the store if there is one. For each block call `buffer`, then `take`."""

    def __init__(self, store: IdStore | None) -> None:
        self._store = store
        self._slab: NDArray[np.int32] | None = None
        self._begin = 0
        self._scratch = np.empty(0, np.int32)

    def buffer(self, n: int) -> NDArray[np.int32]:
        """Return memory for at least `n` ids."""
        if self._store is not None and (self._slab is None or len(self._slab) - self._begin < n):
            self._slab, self._begin = self._store.slab(n), 0
        if self._slab is not None:
            return self._slab[self._begin :]
        if len(self._scratch) < n:
            self._scratch = np.empty(n, np.int32)
        return self._scratch

    def take(self, n: int) -> NDArray[np.int32]:
        """Return the first `n` ids of the last buffer, for `IdStore.append`."""
        if self._slab is None:
            return self._scratch[:n].copy()
        ids = self._slab[self._begin : self._begin + n]
        self._begin += n
        return ids


def rewrite(
    arrays: Iterator[NDArray[np.int32]], final: NDArray[np.int32], out: NDArray[np.int32], threads: int
) -> int:
    """Write the final ids of all arrays, one after the other, into `out`.

    Parameters
    ----------
    arrays : provisional ids in the order of the text.
    final : int32, the map for `w2v.corpus._tokenizer.remap`.
    out : int32, room for one entry more than is written. It may be the memory of the arrays, if they lie there in
        order: a group of ids is written after all groups up to it were read, and never past its own end.
    threads : number of threads; the result does not depend on it.

    Returns
    -------
    The number of ids written.
    """
    if threads == 1:
        written, last = 0, LINE_END
        for ids in arrays:
            kept, last = remap(ids, final, out[written:], last)
            written += kept
        return written
    return _rewrite_in_threads(_groups(arrays), final, out, threads)


def _groups(arrays: Iterator[NDArray[np.int32]]) -> Iterator[list[NDArray[np.int32]]]:
    """Yield the same ids in the same order as lists of arrays of less than 2 GROUP_IDS together."""
    group: list[NDArray[np.int32]] = []
    size = 0
    for ids in arrays:
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
    """Remap each group into scratch memory, then copy it to its position once all earlier groups are counted."""
    idle: SimpleQueue[NDArray[np.int32]] = SimpleQueue()
    for _ in range(2 * threads):
        idle.put(np.empty(2 * GROUP_IDS + 1, np.int32))

    def remap_group(group: list[NDArray[np.int32]], scratch: NDArray[np.int32]) -> NDArray[np.int32]:
        kept, last = 0, 0  # a leading line end is kept; whether it ends an empty line is known only below
        for ids in group:
            more, last = remap(ids, final, scratch[kept:], last)
            kept += more
        return scratch[:kept]

    def copy_to(begin: int, ids: NDArray[np.int32]) -> None:
        out[begin : begin + len(ids)] = ids

    def release(done: Future[None], scratch: NDArray[np.int32]) -> None:
        idle.put(scratch)

    written, last = 0, LINE_END
    waiting: deque[tuple[Future[NDArray[np.int32]], NDArray[np.int32]]] = deque()
    copies: list[Future[None]] = []
    with Pool(threads, thread_name_prefix="w2v-ids") as pool:

        def write_next() -> None:
            nonlocal written, last
            future, scratch = waiting.popleft()
            ids = future.result()
            if last == LINE_END and len(ids) > 0 and ids[0] == LINE_END:
                ids = ids[1:]
            if len(ids) > 0:
                last = int(ids[-1])
            copies.append(pool.submit(copy_to, written, ids))
            copies[-1].add_done_callback(partial(release, scratch=scratch))
            written += len(ids)

        for group in groups:
            if len(waiting) == threads:
                write_next()
            scratch = idle.get()
            waiting.append((pool.submit(remap_group, group, scratch), scratch))
        while waiting:
            write_next()
    for copy in copies:
        copy.result()
    return written
