"""The hot loop: skip-gram with negative sampling over one shard of the encoded corpus, without the GIL.

A shard is worked through in blocks of about 256 words. For each block the loop

1. reads ids, drops frequent words by subsampling, and notes for each kept word where its line begins and ends
   (`fill_block`); a line that goes on beyond the block takes its neighbourhood along, so windows are exact whatever
   the length of a line;
2. draws every window and its negatives (`plan_windows`), so that the rows of coming windows are known;
3. hands each window to the kernel, which also prefetches the rows of the window after next (`run_windows`).

Here is also what the rest of the package needs to talk to the kernels: `Sampler` (the alias table), `init_vectors`,
and for tests and benchmarks each kernel slot by itself (`Kernels`).
"""


import os

from libc.math cimport exp, fabs, isfinite, log1p
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memmove, memset

from w2v._kernels cimport *

ROW_FLOATS = W2V_ROW_FLOATS
STOP_ASKED = W2V_STOP_ASKED
STOP_NOT_FINITE = W2V_STOP_NOT_FINITE

cdef enum:
    BLOCK_WORDS = 256       # windows planned at once: their addresses stay in the first-level cache
    REPORT_WORDS = 8192     # words between two updates of the shared counters and of the learning rate
    PREFETCH_AHEAD = 2      # windows between the prefetch of a row and its use
    MAX_REDRAWS = 64        # for one negative, where few words hold nearly all of the noise distribution


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
        cdef Py_ssize_t i
        with nogil:
            for i in range(out.shape[0]):
                out[i] = w2v_alias_draw(self.table, <uint64_t> self.n_words, w2v_random(&state))


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


def first_nonfinite_row(const float[:, ::1] matrix) -> int:
    """Index of the first row that holds an inf or NaN, or -1."""
    cdef Py_ssize_t i, j
    cdef float product
    with nogil:
        for i in range(matrix.shape[0]):
            product = 0.0
            for j in range(matrix.shape[1]):
                product += matrix[i, j] * 0.0  # stays 0 unless a factor is inf or NaN
            if product != 0.0:
                with gil:
                    return i
    return -1


# ---- one shard ------------------------------------------------------------------------------------------------------

cdef struct Block:
    # Kept words, in order. Positions [0, first) are only context for later ones, [first, ready) are centres whose
    # context is complete, [ready, n) wait for the rest of their line.
    int n, first, ready
    int line                # where the line under way begins
    int *ids
    int *low                # where each word's line begins (or the block, if earlier)
    int *high               # one past where it ends (or what of it is here)
    int *reach              # largest distance of a context, drawn for each centre
    float **rows            # input rows of the kept words
    const float **targets   # per centre: a row to prefetch, the output row of the centre, then of its negatives
    int *n_outputs          # per centre


cdef struct Tally:
    int64_t trained, subsampled, pending
    int64_t loss_pairs
    double loss_sum


cdef class Shards:
    """The loop and all that it reads, for one run; `train` is called by many threads at once, each with its shard.

    Parameters
    ----------
    input_vectors, output_vectors : (n_words, padded) float32, rows 64-byte aligned, padded a multiple of ROW_FLOATS.
    ids : (n,) int32, the encoded corpus: word ids, -1 after each line.
    keep : (n_words,) uint32, a word is kept if 32 random bits are not above it.
    sampler : noise distribution, of the same vocabulary.
    window, negative, shrink_windows, alpha, min_alpha, seed : see `w2v.config.TrainConfig`.
    total_words : words of all epochs, after which the learning rate is `min_alpha`.
    """
    cdef float[:, ::1] input_vectors, output_vectors
    cdef const int[::1] ids
    cdef const unsigned int[::1] keep
    cdef readonly Sampler sampler
    cdef readonly Progress progress
    cdef const w2v_kernels *kernels
    cdef int window, negative, shrink
    cdef double alpha, min_alpha
    cdef int64_t total_words
    cdef uint64_t seed

    def __init__(self, input_vectors, output_vectors, ids, keep, Sampler sampler, *, int window, int negative,
                 bint shrink_windows, double alpha, double min_alpha, int64_t total_words, uint64_t seed, str isa):
        self.input_vectors = input_vectors
        self.output_vectors = output_vectors
        self.ids = ids
        self.keep = keep
        self.sampler = sampler
        self.progress = Progress()
        self.kernels = find_kernels(isa)
        self.window = window
        self.negative = <int> min(<int64_t> negative, sampler.n_words - 1)
        self.shrink = shrink_windows
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.total_words = total_words
        self.seed = seed
        n_words = sampler.n_words
        if not (self.input_vectors.shape[0] == self.output_vectors.shape[0] == self.keep.shape[0] == n_words):
            raise ValueError("matrices, keep and sampler are of different vocabularies")
        padded = self.input_vectors.shape[1]
        if padded != self.output_vectors.shape[1] or padded % W2V_ROW_FLOATS or padded == 0:
            raise ValueError(f"rows must be of one length, a multiple of {W2V_ROW_FLOATS}")
        if <size_t> &self.input_vectors[0, 0] % 64 or <size_t> &self.output_vectors[0, 0] % 64:
            raise ValueError("rows must be aligned to 64 bytes")

    def alpha_at(self, int64_t words_done) -> float:
        """Learning rate after so many words: linear from alpha to min_alpha."""
        return self.rate(words_done)

    cdef double rate(self, int64_t words_done) noexcept nogil:
        cdef double rest = 1.0 - <double> words_done / <double> self.total_words
        return self.min_alpha + (self.alpha - self.min_alpha) * max(rest, 0.0)

    def train(self, int64_t begin, int64_t end, int epoch, int shard) -> tuple[int, int]:
        """Train once on ids[begin:end]. Returns the numbers of words trained on and dropped by subsampling.

        The random stream depends on (seed, epoch, shard) alone. Ends early, without an error, if the run is stopped.
        """
        cdef Block block
        cdef Tally tally
        cdef void *memory = NULL
        if not 0 <= begin <= end <= self.ids.shape[0]:
            raise ValueError(f"shard [{begin}, {end}) lies outside of the corpus of {self.ids.shape[0]} ids")
        memset(&tally, 0, sizeof(tally))
        cdef float *work = allocate_block(&block, self.window, self.negative, &memory)
        if work == NULL:
            raise MemoryError("no memory for the buffers of a thread")
        with nogil:
            self.run(begin, end, w2v_stream(self.seed, epoch, shard), &block, &tally, work)
            free(memory)
        return tally.trained, tally.subsampled

    cdef void run(self, int64_t position, int64_t end, uint64_t state, Block *block, Tally *tally,
                  float *work) noexcept nogil:
        cdef w2v_progress *shared = self.progress.shared
        cdef double rate = self.rate(w2v_words_done(shared))
        while not w2v_stopped(shared):
            position = self.fill_block(block, position, end, &state, tally)
            if block.ready > block.first:
                self.plan_windows(block, &state)
                self.run_windows(block, rate, &state, tally, work)
                tally.trained += block.ready - block.first
                if not isfinite(tally.loss_sum):
                    w2v_stop(shared, W2V_STOP_NOT_FINITE)
            if tally.pending >= REPORT_WORDS or position == end:
                rate = self.rate(w2v_add_words(shared, tally.pending))
                w2v_add_loss(shared, tally.loss_sum, tally.loss_pairs)
                tally.pending = tally.loss_pairs = 0
                tally.loss_sum = 0.0
            if position == end and block.ready == block.n:
                break
            carry_rest(block, self.window)

    cdef int64_t fill_block(self, Block *block, int64_t position, int64_t end, uint64_t *state,
                            Tally *tally) noexcept nogil:
        """Append kept words until BLOCK_WORDS centres are there; returns where reading stopped."""
        cdef const int *ids = &self.ids[0]
        cdef const unsigned int *keep = &self.keep[0]
        cdef float *input = &self.input_vectors[0, 0]
        cdef size_t stride = self.input_vectors.shape[1]
        cdef int64_t start = position
        cdef int n = block.n, limit = block.first + BLOCK_WORDS + self.window, i, word, line_ends = 0
        cdef uint64_t bits
        while position < end and n < limit:
            word = ids[position]
            position += 1
            if word < 0:
                for i in range(block.line, n):
                    block.high[i] = n
                block.line = n
                line_ends += 1
                continue
            bits = w2v_random(state)
            if (bits >> 32) > keep[word]:
                tally.subsampled += 1
                continue
            block.ids[n] = word
            block.rows[n] = input + <size_t> word * stride
            block.low[n] = block.line
            block.reach[n] = 1 + <int> w2v_scale32(<uint32_t> bits, self.window) if self.shrink else self.window
            n += 1
        if position == end:
            block.line = n if block.line == n else close_line(block, n)
            block.ready = n
        else:
            for i in range(block.line, n):
                block.high[i] = n
            block.ready = max(block.line, n - self.window)
        block.n = n
        tally.pending += position - start - line_ends
        return position

    cdef void plan_windows(self, Block *block, uint64_t *state) noexcept nogil:
        """Draw the negatives of every centre and write down the rows that its window will touch."""
        cdef const w2v_alias *table = self.sampler.table
        cdef uint64_t n_words = <uint64_t> self.sampler.n_words
        cdef const float *output = &self.output_vectors[0, 0]
        cdef size_t stride = self.output_vectors.shape[1]
        cdef int i, k, previous, tries, word, last = block.n - 1
        cdef const float **targets
        cdef const float *row
        for i in range(block.first, block.ready):
            targets = block.targets + <size_t> i * (self.negative + 2)
            # the next input row that no window has touched yet; prefetched with the output rows of this window
            targets[0] = block.rows[min(i + self.window, last)]
            targets[1] = output + <size_t> block.ids[i] * stride
            k = 2
            tries = MAX_REDRAWS * self.negative
            while k < self.negative + 2 and tries > 0:
                word = w2v_alias_draw(table, n_words, w2v_random(state))
                row = output + <size_t> word * stride
                targets[k] = row
                previous = 1
                while targets[previous] != row:
                    previous += 1
                k += previous == k
                tries -= previous != k
            block.n_outputs[i] = k - 1
            while k < self.negative + 2:
                targets[k] = targets[1]
                k += 1

    cdef void run_windows(self, Block *block, double rate, uint64_t *state, Tally *tally,
                          float *work) noexcept nogil:
        cdef w2v_window window
        cdef float *saved
        cdef int i, left, right, width = self.negative + 2
        cdef int sampled = block.first + <int> w2v_scale32(<uint32_t> w2v_random(state), block.ready - block.first)
        window.work = work
        window.n_floats = <int> self.input_vectors.shape[1]
        window.alpha = <float> rate
        for i in range(block.first, block.ready):
            left = min(block.reach[i], i - block.low[i])
            right = min(block.reach[i], block.high[i] - 1 - i)
            window.n_inputs = left + right
            window.n_outputs = block.n_outputs[i]
            window.outputs = <float **> block.targets + <size_t> i * width + 1
            window.prefetch = block.targets + <size_t> min(i + PREFETCH_AHEAD, block.ready - 1) * width
            # The contexts are the words around the centre; to have them in one run, the leftmost takes its place.
            window.inputs = block.rows + i - left + 1
            saved = block.rows[i]
            block.rows[i] = block.rows[i - left]
            if i == sampled:
                add_loss(self.kernels, &window, tally)
            self.kernels.window_update(&window)
            block.rows[i] = saved


cdef int close_line(Block *block, int n) noexcept nogil:
    """The shard ends within a line: what is here of it is all there is."""
    cdef int i
    for i in range(block.line, n):
        block.high[i] = n
    return n


cdef void carry_rest(Block *block, int window) noexcept nogil:
    """Move what later windows still need to the front: the centres not done yet and `window` words before them."""
    cdef int from_ = max(0, block.ready - window), n = block.n - from_, i
    memmove(block.ids, block.ids + from_, n * sizeof(int))
    memmove(block.low, block.low + from_, n * sizeof(int))
    memmove(block.reach, block.reach + from_, n * sizeof(int))
    memmove(block.rows, block.rows + from_, n * sizeof(float *))
    for i in range(n):
        block.low[i] = max(block.low[i] - from_, 0)
    block.line = max(block.line - from_, 0)
    block.first = block.ready - from_
    block.n = n


cdef void add_loss(const w2v_kernels *kernels, const w2v_window *window, Tally *tally) noexcept nogil:
    """Add -log sigmoid(score) of the centre and -log sigmoid(-score) of each negative, over all contexts."""
    cdef int c, s, S = window.n_outputs
    cdef double x
    cdef float *scores = window.work + W2V_WORK_FLOATS(window.n_inputs, S)
    kernels.scores(window, scores)
    for c in range(window.n_inputs):
        for s in range(S):
            x = scores[c * S + s]
            x = -x if s == 0 else x
            tally.loss_sum += max(x, 0.0) + log1p(exp(-fabs(x))) if x == x else x
    tally.loss_pairs += window.n_inputs


cdef float *allocate_block(Block *block, int window, int negative, void **memory) noexcept nogil:
    """All buffers of a thread in one piece; returns the kernel's work space (and room for scores behind it)."""
    cdef size_t n = BLOCK_WORDS + 3 * <size_t> window + 2
    cdef size_t contexts = 2 * <size_t> window, outputs = negative + 1
    cdef size_t work = (W2V_WORK_FLOATS(contexts, outputs) + contexts * outputs + 32) * sizeof(float)
    cdef size_t pointers = n * (negative + 3) * sizeof(float *)
    cdef char *room = <char *> aligned((work + 63) // 64 * 64 + pointers + 5 * n * sizeof(int), memory)
    if room == NULL:
        return NULL
    memset(block, 0, sizeof(Block))
    block.rows = <float **> (room + (work + 63) // 64 * 64)
    block.targets = <const float **> (block.rows + n)
    block.ids = <int *> (block.targets + n * (negative + 2))
    block.low = block.ids + n
    block.high = block.low + n
    block.reach = block.high + n
    block.n_outputs = block.reach + n
    return <float *> room


# ---- each slot by itself, for tests and benchmarks ------------------------------------------------------------------

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

    def sigmoid(self, float[::1] values) -> None:
        """values[i] = sigmoid(values[i])."""
        if values.shape[0]:
            self.table.sigmoid(&values[0], <int> values.shape[0])

    def scores(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs,
               float[:, ::1] out) -> None:
        """out[c, s] = input_vectors[inputs[c]] . output_vectors[outputs[s]]."""
        cdef WindowRows rows = WindowRows(input_vectors, output_vectors, inputs, outputs)
        self.table.scores(&rows.window, &out[0, 0])

    def rank_update(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs,
                    const float[:, ::1] g) -> None:
        """Add g @ outputs to the inputs and g.T @ inputs to the outputs."""
        cdef WindowRows rows = WindowRows(input_vectors, output_vectors, inputs, outputs)
        self.table.rank_update(&rows.window, &g[0, 0])

    def window_update(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs,
                      float alpha) -> None:
        """One step of stochastic gradient descent on one window."""
        cdef WindowRows rows = WindowRows(input_vectors, output_vectors, inputs, outputs)
        rows.window.alpha = alpha
        self.table.window_update(&rows.window)


cdef class WindowRows:
    """A `w2v_window` over numbered rows, with its own work space."""
    cdef w2v_window window
    cdef void *memory
    cdef void *work

    def __cinit__(self, float[:, ::1] input_vectors, float[:, ::1] output_vectors, inputs, outputs):
        cdef int C = len(inputs), S = len(outputs), i
        cdef float **rows = <float **> aligned((C + 2 * S + 2) * sizeof(float *), &self.memory)
        self.window.work = <float *> aligned(W2V_WORK_FLOATS(C, S) * sizeof(float), &self.work)
        if rows == NULL or self.window.work == NULL:
            raise MemoryError("no memory for a window")
        self.window.n_inputs = C
        self.window.n_outputs = S
        self.window.n_floats = <int> input_vectors.shape[1]
        self.window.inputs = rows
        self.window.outputs = rows + C
        self.window.prefetch = <const float **> (rows + C + S)
        for i, row in enumerate(inputs):
            rows[i] = &input_vectors[<Py_ssize_t> row, 0]
        for i, row in enumerate(outputs):
            rows[C + i] = &output_vectors[<Py_ssize_t> row, 0]
        for i in range(S + 1):
            rows[C + S + i] = rows[C]

    def __dealloc__(self):
        free(self.memory)
        free(self.work)
