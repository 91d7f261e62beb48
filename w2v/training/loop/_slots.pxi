"""Each kernel slot by itself, for tests and benchmarks; a part of `_loop.pyx`, whose kernels it calls."""


cdef class Kernels:
    """The kernels of one instruction set, called on whole arrays.

    `inputs` and `outputs` of the methods are row numbers of the two matrices, which are (n, padded) float32.
    """
    cdef const w2v_kernels *table
    cdef readonly str isa
    cdef readonly int lanes

    def __cinit__(self, str isa):
        self.table = find_kernels(isa)
        self.isa = chosen_isa(isa)
        self.lanes = self.table.lanes

    def sigmoid(self, float[::1] values, int times=1) -> None:
        """values[i] = sigmoid(values[i]); each method does its work `times` over, for benchmarks."""
        cdef int n = <int> values.shape[0]
        if n:
            with nogil:
                for _ in range(times):
                    self.table.sigmoid(&values[0], n)

    def scores(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs,
               float[:, ::1] out, int times=1) -> None:
        """out[c, s] = input_vectors[inputs[c]] . output_vectors[outputs[s]]."""
        cdef WindowRows rows = WindowRows(input_vectors, output_vectors, inputs, outputs)
        with nogil:
            for _ in range(times):
                self.table.scores(&rows.window, &out[0, 0])

    def rank_update(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs,
                    const float[:, ::1] g, int times=1) -> None:
        """Add g @ outputs to the inputs and g.T @ inputs to the outputs."""
        cdef WindowRows rows = WindowRows(input_vectors, output_vectors, inputs, outputs)
        with nogil:
            for _ in range(times):
                self.table.rank_update(&rows.window, &g[0, 0])

    def window_update(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs,
                      float alpha, kinds=None, bint hidden=False, int times=1) -> None:
        """One step of stochastic gradient descent on one window, or with `kinds` on two that share their negatives. With
        `hidden` the inputs are the hidden rows of the centres, one for each, and become what they would change by."""
        cdef WindowRows rows = WindowRows(input_vectors, output_vectors, inputs, outputs, kinds)
        rows.window.alpha = alpha
        rows.window.apart, rows.window.as_changes = hidden and rows.window.n_inputs == 2, hidden
        with nogil:
            for _ in range(times):
                self.table.window_update(&rows.window)

    def gather(self, float[:, ::1] rows, common, own, factors, float[:, ::1] hidden, masses=None, int times=1) -> None:
        """hidden[k] = factors[k] * the sum of rows[common] and rows[own[k]], each times its mass; `masses` are
        of `common`, then of each of `own`."""
        cdef BlendRows blend = BlendRows(rows, common, own, factors, hidden, masses)
        with nogil:
            for _ in range(times):
                self.table.gather(&blend.blend)

    def scatter(self, float[:, ::1] rows, common, own, factors, float[:, ::1] hidden, masses=None, int times=1) -> None:
        """Add factors[k] * hidden[k], times its mass, to each row of rows[common] and rows[own[k]]."""
        cdef BlendRows blend = BlendRows(rows, common, own, factors, hidden, masses)
        with nogil:
            for _ in range(times):
                self.table.scatter(&blend.blend)

    def draw(self, Sampler sampler, uint64_t state, int count) -> tuple[list[int], int]:
        """So many words of noise, and the state of the random stream behind them."""
        cdef void *memory
        cdef int32_t *drawn = <int32_t *> aligned((count + W2V_DRAW_SLACK) * sizeof(int32_t), &memory)
        if drawn == NULL:
            raise MemoryError(f"no memory for {count} draws")
        try:
            self.table.draw(sampler.table, <uint64_t> sampler.n_words, &state, drawn, count)
            return [drawn[k] for k in range(count)], state
        finally:
            free(memory)


cdef class BlendRows:
    """A `w2v_blend` over numbered rows."""
    cdef w2v_blend blend
    cdef float[::1] masses
    cdef void *memory

    def __cinit__(self, float[:, ::1] rows, common, own, factors, float[:, ::1] hidden, masses):
        cdef int n_hidden = <int> hidden.shape[0], i
        chosen = [*common, *(row for alone in own for row in alone)]
        cdef int n = <int> len(chosen)
        cdef float **pointers = <float **> aligned((n + n_hidden) * sizeof(float *), &self.memory)
        if pointers == NULL:
            raise MemoryError("no memory for pointers to rows")
        if not len(own) == len(factors) == n_hidden <= 2 or (
                masses is not None and len(masses) != n):
            raise ValueError("rows, factors, masses and hidden rows do not belong together")
        self.blend.rows, self.blend.hidden = pointers, pointers + n
        self.blend.n_hidden, self.blend.n_floats, self.blend.n_common = n_hidden, <int> rows.shape[1], <int> len(common)
        if masses is not None and n:
            self.masses = masses
            self.blend.masses = &self.masses[0]
        for i, row in enumerate(chosen):
            pointers[i] = &rows[<Py_ssize_t> row, 0]
        for i in range(n_hidden):
            pointers[n + i] = &hidden[i, 0]
            self.blend.n_own[i], self.blend.factor[i] = <int> len(own[i]), factors[i]

    def __dealloc__(self):
        free(self.memory)


cdef class WindowRows:
    """A `w2v_window` over numbered rows, with its own work space."""
    cdef w2v_window window
    cdef void *memory
    cdef void *work
    cdef bytes kinds
    cdef float[:, :, ::1] patterns

    def __cinit__(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs, kinds=None):
        cdef int C = len(inputs), S = len(outputs), n_centres = 1 if kinds is None else 2, i
        cdef float **rows = <float **> aligned((C + 2 * S + 2) * sizeof(float *), &self.memory)
        self.window.work = <float *> aligned(W2V_WORK_FLOATS(C, S) * sizeof(float), &self.work)
        if rows == NULL or self.window.work == NULL:
            raise MemoryError("no memory for a window")
        self.kinds = bytes([1] * C if kinds is None else kinds) + bytes(1)
        self.patterns = make_patterns([max(S - 1, 0), max(S - 2, 0)])
        self.window.kinds = <const uint8_t *> <char *> self.kinds
        self.window.patterns = &self.patterns[n_centres - 1, 0, 0]
        self.window.pattern_floats = <int> self.patterns.shape[2]
        self.window.n_inputs = C
        self.window.n_outputs = S
        self.window.n_floats = <int> input_vectors.shape[1]
        self.window.inputs = rows
        self.window.outputs = rows + C
        self.window.prefetch = <const float **> (rows + C)
        self.window.n_prefetch = S
        for i, row in enumerate(inputs):
            rows[i] = &input_vectors[<Py_ssize_t> row, 0]
        for i, row in enumerate(outputs):
            rows[C + i] = &output_vectors[<Py_ssize_t> row, 0]

    def __dealloc__(self):
        free(self.memory)
        free(self.work)


cdef class PrivateRows:
    """One thread's copies of the first `n_private` rows of `shared`, (n, padded) float32."""
    cdef w2v_private rows
    cdef float[:, ::1] shared
    cdef void *memory

    def __cinit__(self, float[:, ::1] shared, int n_private):
        cdef size_t stride = shared.shape[1]
        cdef void *room = aligned(w2v_private_bytes(n_private, stride), &self.memory)
        if room == NULL:
            raise MemoryError("no memory for the copies")
        self.shared = shared
        w2v_private_init(&self.rows, &shared[0, 0], stride, n_private, room)

    def __dealloc__(self):
        free(self.memory)

    def add(self, int row, const float[::1] change) -> None:
        """Touch a row and change what the thread sees of it."""
        cdef float *place = w2v_private_row(&self.rows, row)
        for j in range(change.shape[0]):
            place[j] += change[j]

    def merge(self, int least, int others) -> None:
        w2v_private_merge(&self.rows, least, others)
