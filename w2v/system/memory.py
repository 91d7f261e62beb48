"""Large memory areas that return to the system when they are freed."""

from __future__ import annotations

import mmap
import sys


def anonymous_memory(n_bytes: int) -> mmap.mmap:
    """Map zeroed memory, in 2 MiB pages if the system has them.

    It returns to the system when its last view is gone; memory of malloc may not.
    """
    if sys.platform == "win32":
        return mmap.mmap(-1, n_bytes)
    memory = mmap.mmap(-1, n_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if sys.platform == "linux":
        try:
            memory.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            pass  # a kernel without huge pages
    return memory
