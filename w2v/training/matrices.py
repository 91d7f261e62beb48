"""Memory of the two matrices of a model, in the layout that the kernels need."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from w2v.system.memory import anonymous_memory
from w2v.training.loop import _isa
from w2v.types import Matrix

HUGE_PAGE = 2 << 20  # bytes; with huge pages, random rows miss the TLB less often


def allocate_rows(n_words: int, vector_size: int) -> Matrix:
    """Return zeros (n_words, padded) float32, in pages of 2 MiB if the system has them.

    Rows are padded to a multiple of 16 floats, so that each one fills whole cache lines.
    """
    padded = -(-vector_size // _isa.ROW_FLOATS) * _isa.ROW_FLOATS
    size = n_words * padded * 4
    room: npt.NDArray[np.uint8] = np.frombuffer(anonymous_memory(size + HUGE_PAGE), np.uint8)
    start = -room.ctypes.data % HUGE_PAGE
    return room[start : start + size].view(np.float32).reshape(n_words, padded)


def packed(rows: Matrix, vector_size: int) -> npt.NDArray[np.uint8]:
    """Return the bytes of padded rows (n, padded) without their padding, contiguous.

    The rows are moved in place, because a second matrix might not fit into memory; do not use `rows` afterwards.
    """
    flat = rows.reshape(-1)
    for start in range(0, len(rows) if vector_size < rows.shape[1] else 0, 1 << 12):
        block = rows[start:start + (1 << 12), :vector_size].copy()
        flat[start * vector_size:start * vector_size + block.size] = block.reshape(-1)
    return flat[:len(rows) * vector_size].view(np.uint8)
