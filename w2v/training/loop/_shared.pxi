# What the threads of a run share, and what else is made before they start: the choice of kernels, the sampler, the
# counters, first vectors; a part of `_loop.pyx`.

# ---- choice of kernels ----------------------------------------------------------------------------------------------

def available_isas() -> list[str]:
    """Names of the instruction sets whose kernels this machine can run, best first."""
    names = []
    while w2v_kernels_available(len(names)) != NULL:
        names.append(w2v_kernels_available(len(names)).name.decode())
    return names


def chosen_isa(name: str | None = None) -> str:
    """The instruction set in use: `name`, or else the environment's W2V_ISA, or else the best.

    Raises
    ------
    ValueError : this machine or this build does not have the one asked for.
    """
    isas = available_isas()
    asked = name or os.environ.get("W2V_ISA") or isas[0]
    if asked not in isas:
        raise ValueError(f"the instruction set {asked!r} is not available here; this machine can run {', '.join(isas)}")
    return asked


cdef const w2v_kernels *find_kernels(str isa) except NULL:
    return w2v_kernels_available(available_isas().index(chosen_isa(isa)))


# ---- what is shared by the threads of a run -------------------------------------------------------------------------

cdef class Sampler:
    """Alias table over word ids: draws id i with probability weights[i].

    Parameters
    ----------
    weights : (n_words,) float64, not negative, sum 1 (`Vocabulary.noise_weights`).
    """
    cdef w2v_alias *table
    cdef readonly int64_t n_words

    def __cinit__(self, weights):
        cdef const double[::1] view = weights
        cdef double *p
        cdef int32_t *stack
        self.n_words = view.shape[0]
        if not 0 < self.n_words < 2**31:
            raise ValueError(f"a sampler needs 1 to 2^31 - 1 words, not {self.n_words}")
        self.table = <w2v_alias *> malloc(self.n_words * sizeof(w2v_alias))
        p = <double *> malloc(self.n_words * sizeof(double))
        stack = <int32_t *> malloc(self.n_words * sizeof(int32_t))
        try:
            if self.table == NULL or p == NULL or stack == NULL:
                raise MemoryError(f"no memory for the sampler of {self.n_words} words")
            with nogil:
                for i in range(self.n_words):
                    p[i] = view[i]
                w2v_alias_build(p, self.n_words, self.table, stack)
        finally:
            free(p)
            free(stack)

    def __dealloc__(self):
        free(self.table)

    def draw(self, int[::1] out, uint64_t seed) -> None:
        """Fill `out` with independent draws (the test of the distribution)."""
        cdef uint64_t state = w2v_stream(seed, 0, 0)
        if out.shape[0]:
            with nogil:
                w2v_alias_fill(self.table, <uint64_t> self.n_words, &state, <int32_t *> &out[0], out.shape[0])


cdef class Progress:
    """Counters shared by the threads: words done, sampled loss, and the flag that stops them all."""
    cdef w2v_progress *shared
    cdef void *memory

    def __cinit__(self):
        self.shared = <w2v_progress *> aligned(sizeof(w2v_progress), &self.memory)
        if self.shared == NULL:
            raise MemoryError("no memory for the progress counters")
        w2v_progress_reset(self.shared)

    def __dealloc__(self):
        free(self.memory)

    @property
    def words_done(self) -> int:
        """Words of the corpus that all threads are done with, over all epochs so far."""
        return w2v_words_done(self.shared)

    @property
    def loss(self) -> tuple[float, int]:
        """Sum of the loss over the sampled pairs of a centre and a context, and the number of these pairs."""
        return w2v_loss_sum(self.shared), w2v_loss_pairs(self.shared)

    @property
    def stopped(self) -> int:
        """0, STOP_ASKED or STOP_NOT_FINITE: why the threads stop."""
        return w2v_stopped(self.shared)

    def stop(self) -> None:
        """Ask every thread to end after its current block (well below a millisecond of work)."""
        w2v_stop(self.shared, W2V_STOP_ASKED)

    def restore(self, int64_t words_done=0, double loss_sum=0.0, int64_t loss_pairs=0) -> None:
        """Set all counters, and take the request to stop back. While no thread trains."""
        w2v_progress_reset(self.shared)
        w2v_add_words(self.shared, words_done)
        w2v_add_loss(self.shared, loss_sum, loss_pairs)


cdef void *aligned(size_t size, void **memory) noexcept nogil:
    """`size` zeroed bytes at a multiple of 64; `memory[0]` is what to free."""
    memory[0] = malloc(size + 64)
    if memory[0] == NULL:
        return NULL
    memset(memory[0], 0, size + 64)
    return <void *> ((<size_t> memory[0] + 63) & ~<size_t> 63)


def init_vectors(float[:, ::1] vectors, int vector_size, uint64_t seed, const unsigned char[::1] words,
                 const long long[::1] offsets) -> None:
    """Fill `vectors` (n_words, padded) with uniform values in [-0.5, 0.5) / vector_size, from (seed, word) alone.

    `words` holds the bytes of all words, word i those from offsets[i] to offsets[i + 1].
    """
    cdef Py_ssize_t i, n = vectors.shape[0]
    if offsets.shape[0] != n + 1 or offsets[n] > words.shape[0] or vector_size > vectors.shape[1]:
        raise ValueError("vectors, words and offsets do not belong together")
    with nogil:
        for i in range(n):
            w2v_init_row(&vectors[i, 0], vector_size, seed, &words[0] + offsets[i], offsets[i + 1] - offsets[i])


def longest_line(const int[::1] ids) -> int:
    """Words of the longest line of an encoded corpus."""
    cdef int64_t i, begin = 0, longest = 0
    with nogil:
        for i in range(ids.shape[0]):
            if ids[i] < 0:
                longest = max(longest, i - begin)
                begin = i + 1
    return max(longest, ids.shape[0] - begin)


def first_nonfinite_row(const float[:, ::1] matrix) -> int:
    """Index of the first row that holds an inf or NaN, or -1."""
    cdef Py_ssize_t i, j, k, n = matrix.shape[1], whole = n - n % LANES
    cdef float product
    cdef float[LANES] sums  # additions that need not wait for each other
    with nogil:
        for i in range(matrix.shape[0]):
            memset(sums, 0, sizeof(sums))
            j = 0
            while j < whole:
                for k in range(LANES):
                    sums[k] += matrix[i, j + k] * <float> 0.0  # stays 0 unless a factor is inf or NaN
                j += LANES
            product = 0.0
            for k in range(LANES):
                product += sums[k]
            for j in range(whole, n):
                product += matrix[i, j] * <float> 0.0
            if product != 0.0:
                with gil:
                    return i
    return -1
