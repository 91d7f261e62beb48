"""The two matrices of a model in memory, as the kernels want them."""

from __future__ import annotations

import mmap

import numpy as np
import numpy.typing as npt

from w2v.training.loop import _isa
from w2v.types import Matrix

HUGE_PAGE = 2 << 20  # bytes; random rows then miss the address cache less often


def allocate_rows(n_words: int, vector_size: int) -> Matrix:
    """(n_words, padded) zeros, float32: rows padded to a multiple of 16 floats, so that each is whole cache lines, in
    2 MiB pages where the system has them."""
    padded = -(-vector_size // _isa.ROW_FLOATS) * _isa.ROW_FLOATS
    size = n_words * padded * 4
    private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_ANONYMOUS") else {}
    memory = mmap.mmap(-1, size + HUGE_PAGE, **private)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        try:
            memory.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            pass  # a kernel without them: small pages do
    room: npt.NDArray[np.uint8] = np.frombuffer(memory, np.uint8)
    start = -room.ctypes.data % HUGE_PAGE
    return room[start : start + size].view(np.float32).reshape(n_words, padded)


def packed(rows: Matrix, vector_size: int) -> npt.NDArray[np.uint8]:
    """The bytes of padded rows (n, padded), contiguous, without their padding. They move up in place, since a second
    matrix might not fit into memory: `rows` is of no use afterwards."""
    flat = rows.reshape(-1)
    for start in range(0, len(rows) if vector_size < rows.shape[1] else 0, 1 << 12):
        block = rows[start:start + (1 << 12), :vector_size].copy()
        flat[start * vector_size:start * vector_size + block.size] = block.reshape(-1)
    return flat[:len(rows) * vector_size].view(np.uint8)
