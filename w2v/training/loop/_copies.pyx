"""Copies of all rows for a worker of a round, and the curvature that each has met."""

import numpy as np

from libc.string cimport memcpy, memset

from w2v.training.loop._csrc cimport w2v_copies


cdef class Copies:
    """Room of one worker (`csrc/loop/copies.h`).

    Parameters
    ----------
    snapshot : pair of (n, padded) float32
        Input and output matrix at the start of the round, which do not change during it.
    rows : pair of (n, padded) float32
        Room for the copies, 64-byte aligned.

    Attributes
    ----------
    prepared : bool
        Whether the copies are those of the snapshot, and the merge has kept them so.
    """

    def __cinit__(self, snapshot, rows):
        curvature = np.zeros(len(rows[0]), np.float32), np.zeros(len(rows[1]), np.float32)
        self.arrays = snapshot, rows, curvature
        self.inputs = over(snapshot[0], rows[0], curvature[0])
        self.outputs = over(snapshot[1], rows[1], curvature[1])

    def prepare(self) -> None:
        """Copy the snapshot, unless the copies are `prepared`."""
        if not self.prepared:
            take(&self.inputs)
            take(&self.outputs)
            self.prepared = True

    def expire(self) -> None:
        """The snapshot has changed, or the changes of the worker are given up."""
        self.prepared = False

    def curvature(self, bint outputs):
        """Curvature (n,) float32 of the rows of a matrix; above 0 for those that were trained."""
        return self.arrays[2][outputs]


cdef w2v_copies over(const float[:, ::1] snapshot, float[:, ::1] rows, float[::1] curvature) except *:
    cdef w2v_copies found
    if rows.shape[0] != snapshot.shape[0] or rows.shape[1] != snapshot.shape[1]:
        raise ValueError("copies must have the shape of the matrix")
    found.snapshot, found.rows, found.curvature = &snapshot[0, 0], &rows[0, 0], &curvature[0]
    found.stride, found.n = <size_t> rows.shape[1], rows.shape[0]
    return found


cdef void take(w2v_copies *copies) noexcept:
    cdef size_t n = <size_t> copies.n
    memcpy(copies.rows, copies.snapshot, n * copies.stride * sizeof(float))
    memset(copies.curvature, 0, n * sizeof(float))
