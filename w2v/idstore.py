"""Where the ids of a corpus stand while it is read: in memory, or in a temporary file when there are too many.

Used by `w2v.corpus` only. In memory the provisional ids lie in slabs that are given back to the system one by one while
the final ids are written, so the peak is 4 bytes a token and one slab. In the file they are rewritten in place.
"""

from __future__ import annotations

import errno
import mmap
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from w2v._text import LINE_END, remap
from w2v.errors import W2VError

SLAB_BYTES = 16 << 20
"""Small, since the pages of a slab that is given back are taken again at once for the final ids: a page that was never
used before costs far more in a virtual machine (17 million words in 0.44 s; slabs of 64 MiB: 0.53 s and 48 MB more)."""

DISK_RESERVE = 64 << 20
ITEM = 4  # bytes of an int32
FALLBACK_MEMORY = 4 << 30
"""Taken for the available memory where the system does not say."""


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
        self._slabs: list[mmap.mmap] = []
        self._room = 0  # entries that the last slab can still take
        self._file: IO[bytes] | None = None
        self._n_ids = 0
        self._next_check = 0

    def __enter__(self) -> IdStore:
        return self

    def __exit__(self, *unused: object) -> None:
        for slab in self._slabs:
            slab.close()
        self._slabs = []
        if self._file is not None:
            self._file.close()

    def append(self, ids: NDArray[np.int32], share_read: float | None) -> None:
        """Add ids. `share_read`: how much of the corpus that makes, if known; used to foresee a full disk."""
        while self._file is None and len(ids) > 0:
            if self._room == 0 and not self._add_slab():
                self._move_to_file(share_read)
                break
            n = min(len(ids), self._room)
            view = np.frombuffer(self._slabs[-1], dtype=np.int32)
            view[len(view) - self._room :][:n] = ids[:n]
            del view  # a mapping in use cannot be closed
            self._room -= n
            self._n_ids += n
            ids = ids[n:]
        if len(ids) > 0:
            self._write(ids, share_read)
            self._n_ids += len(ids)

    def finish(self, final: NDArray[np.int32], n_kept: int) -> NDArray[np.int32]:
        """Rewrite provisional ids to final ones and hand them out; unknown words and empty lines are dropped.

        Parameters
        ----------
        final : int32, the map for `w2v._text.remap`.
        n_kept : upper bound of the number of entries that are left.

        Returns
        -------
        int32, writable; it owns the memory or the mapped file.
        """
        return self._finish_in_memory(final, n_kept) if self._file is None else self._finish_in_file(final)

    def _add_slab(self) -> bool:
        if (len(self._slabs) + 1) * SLAB_BYTES > self._limit:
            return False
        self._slabs.append(_anonymous(SLAB_BYTES))
        self._room = SLAB_BYTES // ITEM
        return True

    def _finish_in_memory(self, final: NDArray[np.int32], n_kept: int) -> NDArray[np.int32]:
        memory = _anonymous((n_kept + 1) * ITEM)  # remap may overwrite one entry behind the last
        out = np.frombuffer(memory, dtype=np.int32)
        written, last, left = 0, LINE_END, self._n_ids
        while self._slabs:
            slab = self._slabs.pop(0)
            view = np.frombuffer(slab, dtype=np.int32)[: min(left, SLAB_BYTES // ITEM)]
            kept, last = remap(view, final, out[written:], last)
            written += kept
            left -= len(view)
            del view
            slab.close()
        return out[:written]

    def _finish_in_file(self, final: NDArray[np.int32]) -> NDArray[np.int32]:
        assert self._file is not None
        self._file.flush()
        descriptor = self._file.fileno()
        mapped = mmap.mmap(descriptor, self._n_ids * ITEM)
        ids = np.frombuffer(mapped, dtype=np.int32)
        written, last = 0, LINE_END
        piece = SLAB_BYTES // ITEM
        for begin in range(0, self._n_ids, piece):
            kept, last = remap(ids[begin : begin + piece], final, ids[written:], last)
            written += kept
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
        for slab in self._slabs:
            self._write_bytes(memoryview(slab))
            slab.close()
        self._slabs = []

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
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError as error:
            raise W2VError(f"{self._folder}: cannot use this folder for the ids: {error.strerror}") from error
        if free < needed:
            raise self._full_disk(needed)
        self._next_check = self._n_ids + SLAB_BYTES // ITEM

    def _full_disk(self, needed: int) -> W2VError:
        free = shutil.disk_usage(self._folder).free
        return W2VError(f"{self._folder}: the ids of the corpus do not fit in memory and need about "
                        f"{needed / 1e9:.1f} GB more on disk, but {free / 1e9:.1f} GB are free here; "
                        "set spool_dir (or TMPDIR) to a larger disk")


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


def available_memory() -> int:
    """Bytes that this process may still take: the system's, or the rest of the cgroup's limit if that is less."""
    amounts = [amount for amount in (_system_memory(), *_cgroup_rests()) if amount is not None]
    return max(0, min(amounts, default=FALLBACK_MEMORY))


def _system_memory() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:  # macOS: half of what is built in
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return None


def _cgroup_rests() -> list[int | None]:
    """What each limit above this process leaves, for cgroup v2 (all levels) and v1 (as seen in a container)."""
    root = Path("/sys/fs/cgroup")
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    own = next((line[3:].strip("/") for line in lines if line.startswith("0::")), "")
    folders = [root / own, *(parent for parent in (root / own).parents if parent.is_relative_to(root))]
    rests = [_rest(folder / "memory.max", folder / "memory.current") for folder in folders]
    return [*rests, _rest(root / "memory/memory.limit_in_bytes", root / "memory/memory.usage_in_bytes")]


def _rest(limit: Path, usage: Path) -> int | None:
    try:
        return int(limit.read_text()) - int(usage.read_text())
    except (OSError, ValueError):  # no such limit, or "max"
        return None
