"""Each kernel slot, the private rows and the copies of a round by themselves, for tests and benchmarks."""

import numpy as np

from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from w2v.training.loop._copies cimport Copies
from w2v.training.loop._csrc cimport (
    W2V_DRAW_SLACK, W2V_KINDS, W2V_PATTERN_FLOATS, W2V_PULL, W2V_WORK_FLOATS, w2v_arena, w2v_arena_free,
    w2v_arena_reserve, w2v_arena_take, w2v_blend, w2v_copies, w2v_fill_patterns, w2v_kernels, w2v_private, w2v_private_lay_out,
    w2v_private_merge, w2v_private_row, w2v_used_floats, w2v_window,
)
from w2v.training.loop._isa cimport find_kernels
from w2v.training.loop._isa import chosen_isa
from w2v.training.loop._sampler cimport Sampler

PULL = W2V_PULL


cdef class Kernels:
    """The kernels of one instruction set, called on whole arrays.

    `inputs` and `outputs` of the methods are row numbers of the two matrices (n, padded) float32. Each method repeats
    its work `times` times, for benchmarks. Steps and hidden rows use the first `vector_size` floats of a row, rounded
    up to a multiple of 8; 0 is all of them.
    """
    cdef const w2v_kernels *table
    cdef readonly str isa
    cdef readonly int lanes
    cdef public int vector_size

    def __cinit__(self, str isa, int vector_size=0):
        self.table = find_kernels(isa)
        self.isa = chosen_isa(isa)
        self.lanes = self.table.lanes
        self.vector_size = vector_size

    def sigmoid(self, float[::1] values, int times=1) -> None:
        """values[i] = sigmoid(values[i])."""
        cdef int n = <int> values.shape[0]
        if n:
            with nogil:
                for _ in range(times):
                    self.table.sigmoid(&values[0], n)

    def scores(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs,
               float[:, ::1] out, int times=1) -> None:
        """out[c, s] = input_vectors[inputs[c]] . output_vectors[outputs[s]]."""
        cdef WindowRows rows = WindowRows(input_vectors, output_vectors, inputs, outputs, self.vector_size)
        with nogil:
            for _ in range(times):
                self.table.scores(&rows.window, &out[0, 0])

    def rank_update(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs,
                    const float[:, ::1] g, int times=1) -> None:
        """Add g @ outputs to the inputs and g.T @ inputs to the outputs."""
        cdef WindowRows rows = WindowRows(input_vectors, output_vectors, inputs, outputs, self.vector_size)
        with nogil:
            for _ in range(times):
                self.table.rank_update(&rows.window, &g[0, 0])

    def window_update(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs,
                      float alpha, kinds=None, bint hidden=False, squares=None, int times=1) -> None:
        """One gradient step on one window, or with `kinds` on two windows that share their negatives.

        With `hidden` the inputs are the hidden rows of the centres, one for each, and are replaced by their changes.
        `squares` are two arrays, one number for each input and each output, to which the squares of g are added.
        """
        cdef float[::1] of_inputs, of_outputs
        cdef WindowRows rows = WindowRows(input_vectors, output_vectors, inputs, outputs, self.vector_size, kinds)
        rows.window.alpha = alpha
        rows.window.separate_centres, rows.window.leave_deltas = hidden and rows.window.n_inputs == 2, hidden
        if squares is not None:
            of_inputs, of_outputs = squares
            if of_inputs.shape[0] < rows.window.n_inputs or of_outputs.shape[0] < rows.window.n_outputs:
                raise ValueError("squares need a number for each row")
            rows.window.input_squares, rows.window.output_squares = &of_inputs[0], &of_outputs[0]
        with nogil:
            for _ in range(times):
                self.table.window_update(&rows.window)

    def gather(self, float[:, ::1] rows, common, own, factors, float[:, ::1] hidden, masses=None, int times=1) -> None:
        """hidden[k] = factors[k] * the sum of rows[common] and rows[own[k]], each times its mass.

        `masses` has one number for each row of `common`, then of each `own`.
        """
        cdef BlendRows blend = BlendRows(rows, common, own, factors, hidden, masses, self.vector_size)
        with nogil:
            for _ in range(times):
                self.table.gather(&blend.blend)

    def scatter(self, float[:, ::1] rows, common, own, factors, float[:, ::1] hidden, masses=None, int times=1) -> None:
        """Add factors[k] * hidden[k], times its mass, to each row of rows[common] and rows[own[k]]."""
        cdef BlendRows blend = BlendRows(rows, common, own, factors, hidden, masses, self.vector_size)
        with nogil:
            for _ in range(times):
                self.table.scatter(&blend.blend)

    def rotate(self, const float[:, ::1] rows, const float[:, ::1] basis, float[:, ::1] out, int times=1) -> None:
        """out = rows @ basis[:, :out.shape[1]]."""
        cdef int n = <int> rows.shape[0], length = <int> rows.shape[1], n_out = <int> out.shape[1]
        with nogil:
            for _ in range(times if n else 0):
                self.table.rotate(&rows[0, 0], n, length, &basis[0, 0], n_out, <int> basis.shape[1], &out[0, 0])

    def add_change(self, const float[::1] row, const float[::1] base, float h, float[::1] total, float[::1] weighted,
                   int times=1) -> None:
        """total += row - base and weighted += h * (row - base); `base` may be None."""
        cdef const float *under = NULL if base is None else &base[0]
        with nogil:
            for _ in range(times):
                self.table.add_change(&row[0], under, h, <int> row.shape[0], &total[0], &weighted[0])

    def correct(self, float[::1] row, const float[::1] weighted, const float[::1] eigenvalues, float total,
                float mean, int times=1) -> None:
        """The corrections of a merge in the directions of a basis, from two sums over the workers; see `csrc`."""
        with nogil:
            for _ in range(times):
                self.table.correct(&row[0], &weighted[0], &eigenvalues[0], total, mean, <int> row.shape[0])

    def add_outer(self, const float[::1] row, float weight, float[:, ::1] sums, int times=1) -> None:
        """sums += weight * outer(row, row)."""
        with nogil:
            for _ in range(times):
                self.table.add_outer(&row[0], weight, <int> row.shape[0], &sums[0, 0])

    def draw(self, Sampler sampler, uint64_t state, int count) -> tuple[list[int], int]:
        """`count` words drawn from the noise distribution, and the state of the random stream after them."""
        cdef int32_t *drawn = <int32_t *> malloc((count + W2V_DRAW_SLACK) * sizeof(int32_t))
        if drawn == NULL:
            raise MemoryError(f"no memory for {count} draws")
        try:
            self.table.draw(sampler.table, <uint64_t> sampler.n_words, &state, drawn, count)
            return [drawn[k] for k in range(count)], state
        finally:
            free(drawn)


cdef int used_floats(float[:, ::1] rows, int vector_size) except -1:
    if not 0 <= vector_size <= rows.shape[1]:
        raise ValueError(f"vector_size = {vector_size} for rows of {rows.shape[1]} floats")
    return w2v_used_floats(vector_size or <int> rows.shape[1])


cdef class BlendRows:
    """A `w2v_blend` over numbered rows."""
    cdef w2v_blend blend
    cdef float[::1] masses
    cdef w2v_arena arena

    def __cinit__(self, float[:, ::1] rows, common, own, factors, float[:, ::1] hidden, masses, int vector_size):
        cdef int n_hidden = <int> hidden.shape[0], i
        chosen = [*common, *(row for alone in own for row in alone)]
        cdef int n = <int> len(chosen)
        if not len(own) == len(factors) == n_hidden <= 2 or (masses is not None and len(masses) != n):
            raise ValueError("rows, factors, masses and hidden rows do not belong together")
        memset(&self.arena, 0, sizeof(self.arena))
        w2v_arena_take(&self.arena, n + n_hidden, sizeof(float *))
        if not w2v_arena_reserve(&self.arena):
            raise MemoryError("no memory for pointers to rows")
        cdef float **pointers = <float **> w2v_arena_take(&self.arena, n + n_hidden, sizeof(float *))
        self.blend.rows, self.blend.hidden = pointers, pointers + n
        self.blend.n_hidden, self.blend.n_common = n_hidden, <int> len(common)
        self.blend.n_used = used_floats(rows, vector_size)
        if masses is not None and n:
            self.masses = masses
            self.blend.masses = &self.masses[0]
        for i, row in enumerate(chosen):
            pointers[i] = &rows[<Py_ssize_t> row, 0]
        for i in range(n_hidden):
            pointers[n + i] = &hidden[i, 0]
            self.blend.n_own[i], self.blend.factor[i] = <int> len(own[i]), factors[i]

    def __dealloc__(self):
        w2v_arena_free(&self.arena)


cdef class WindowRows:
    """A `w2v_window` over numbered rows, with its own work space."""
    cdef w2v_window window
    cdef w2v_arena arena

    def __cinit__(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs, int vector_size,
                  kinds=None):
        cdef int C = <int> len(inputs), S = <int> len(outputs), n_centres = 1 if kinds is None else 2, i
        cdef bytes kinds_of_inputs = bytes([1] * C if kinds is None else kinds)
        self.window.n_inputs, self.window.n_outputs, self.window.n_prefetch = C, S, S
        self.window.n_used = used_floats(input_vectors, vector_size)
        self.window.pattern_floats = <int> W2V_PATTERN_FLOATS(S)
        memset(&self.arena, 0, sizeof(self.arena))
        self.lay_out()
        if not w2v_arena_reserve(&self.arena):
            raise MemoryError("no memory for a window")
        self.lay_out()
        memcpy(<void *> self.window.kinds, <const char *> kinds_of_inputs, C)
        w2v_fill_patterns(<float *> self.window.patterns, S, n_centres, self.window.pattern_floats)
        cdef float **input_rows = <float **> self.window.inputs
        cdef float **output_rows = <float **> self.window.outputs
        for i, row in enumerate(inputs):
            input_rows[i] = &input_vectors[<Py_ssize_t> row, 0]
        for i, row in enumerate(outputs):
            output_rows[i] = &output_vectors[<Py_ssize_t> row, 0]
        self.window.prefetch = <const float **> self.window.outputs

    cdef void lay_out(self) noexcept:
        cdef int C = self.window.n_inputs, S = self.window.n_outputs
        self.window.work = <float *> w2v_arena_take(&self.arena, <size_t> W2V_WORK_FLOATS(C, S), sizeof(float))
        self.window.inputs = <float **> w2v_arena_take(&self.arena, C, sizeof(float *))
        self.window.outputs = <float **> w2v_arena_take(&self.arena, S, sizeof(float *))
        self.window.kinds = <const uint8_t *> w2v_arena_take(&self.arena, C, 1)
        self.window.patterns = <const float *> w2v_arena_take(
            &self.arena, 2 * W2V_KINDS * self.window.pattern_floats, sizeof(float))

    def __dealloc__(self):
        w2v_arena_free(&self.arena)


cdef class PrivateRows:
    """One thread's copies of the first `n_private` rows of `shared` (n, padded) float32 (`csrc/loop/private.h`)."""
    cdef w2v_private rows
    cdef float[:, ::1] shared
    cdef w2v_arena arena

    def __cinit__(self, float[:, ::1] shared, int n_private):
        self.shared = shared
        memset(&self.arena, 0, sizeof(self.arena))
        w2v_private_lay_out(&self.rows, &self.arena, &shared[0, 0], shared.shape[1], n_private)
        if not w2v_arena_reserve(&self.arena):
            raise MemoryError("no memory for the copies")
        w2v_private_lay_out(&self.rows, &self.arena, &shared[0, 0], shared.shape[1], n_private)

    def __dealloc__(self):
        w2v_arena_free(&self.arena)

    def add(self, int row, const float[::1] change) -> None:
        """Touch a row and add `change` to what this thread sees of it."""
        cdef float *place = w2v_private_row(&self.rows, row)
        for j in range(change.shape[0]):
            place[j] += change[j]

    def merge(self, int min_touches, int other_threads) -> None:
        """Add the changes of all rows with at least `min_touches` touches to `shared`."""
        w2v_private_merge(&self.rows, min_touches, other_threads)


def touch(Copies copies, bint outputs, int row, const float[::1] change, float curvature) -> None:
    """Add a change and a curvature to a row, as a worker of a round does."""
    cdef w2v_copies *p = &copies.outputs if outputs else &copies.inputs
    for j in range(change.shape[0]):
        p.rows[<size_t> row * p.stride + j] += change[j]
    p.curvature[row] += curvature
