"""Copies of the rows that a worker of a round has touched, and the curvature that each has met."""

from libc.stdint cimport int32_t
from libc.string cimport memset

from w2v.training.loop._csrc cimport w2v_arena_free, w2v_arena_reserve, w2v_arena_take, w2v_private


cdef class Copies:
    """Room of one worker.

    Parameters
    ----------
    snapshot : pair of (n, padded) float32
        Input and output matrix at the start of the round, which do not change during it.
    rows : pair of (n, padded) float32
        Room for the copies, 64-byte aligned.
    """

    def __cinit__(self, snapshot, rows):
        memset(&self.arena, 0, sizeof(self.arena))
        self.matrices = (*snapshot, *rows)
        self.lay_out(&self.inputs, snapshot[0], rows[0])
        self.lay_out(&self.outputs, snapshot[1], rows[1])
        if not w2v_arena_reserve(&self.arena):
            raise MemoryError("no memory for the copies of a round")
        self.lay_out(&self.inputs, snapshot[0], rows[0])
        self.lay_out(&self.outputs, snapshot[1], rows[1])

    cdef lay_out(self, w2v_private *p, float[:, ::1] snapshot, float[:, ::1] rows):
        cdef size_t n = <size_t> snapshot.shape[0]
        if rows.shape[0] != snapshot.shape[0] or rows.shape[1] != snapshot.shape[1]:
            raise ValueError("copies must have the shape of the matrix")
        memset(p, 0, sizeof(w2v_private))
        p.shared, p.copies, p.stride = &snapshot[0, 0], &rows[0, 0], <size_t> snapshot.shape[1]
        p.n_private = <int32_t> n
        p.touches = <int32_t *> w2v_arena_take(&self.arena, n, sizeof(int32_t))
        p.held = <int32_t *> w2v_arena_take(&self.arena, n, sizeof(int32_t))
        p.curvature = <float *> w2v_arena_take(&self.arena, n, sizeof(float))

    def __dealloc__(self):
        w2v_arena_free(&self.arena)

    def clear(self) -> None:
        """Forget all rows."""
        release(&self.inputs)
        release(&self.outputs)

    @property
    def touched(self) -> tuple[int, int]:
        """Numbers of input and of output rows."""
        return self.inputs.n_held, self.outputs.n_held


cdef void release(w2v_private *p) noexcept:
    memset(p.touches, 0, <size_t> p.n_private * sizeof(int32_t))
    memset(p.curvature, 0, <size_t> p.n_private * sizeof(float))
    p.n_held = 0
