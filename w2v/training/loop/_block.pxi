# A block of the text in the hands of one thread: its memory, its lines, the loss of a step; a part of `_loop.pyx`.

cdef struct Step:
    # One centre, or two neighbours that share their negatives.
    int first               # position of the (first) centre
    int n_centres
    int n_outputs           # nodes, then centres and negatives


cdef struct Block:
    # Kept words, in order. Positions [0, first) are only context for later ones, [first, ready) are centres whose
    # context is complete, [ready, n) wait for the rest of their line.
    int n, first, ready
    int line                # where the line under way begins
    float line_weight       # and its weight
    int n_steps
    int *ids
    int *low                # where each word's line begins (or the block, if earlier)
    int *high               # one past where it ends (or what of it is here)
    int *left               # largest distance of a context on either side, drawn for each centre
    int *right
    float *weights          # of the words' lines
    float **rows            # input rows of the kept words
    float *masses           # how much each counts in a mean
    int *kept_as            # place of the copy of a word that must not change, or -1
    Step *steps
    int32_t *drawn          # per step: its centres, then its negatives
    const float **targets   # per step: two input rows to prefetch, then the output rows
    uint8_t *kinds          # of the inputs of the step under way, without CBOW
    uint8_t *ones           # the same of a step with one centre
    float **contexts        # rows of the step under way, where they are not just a part of `rows`
    w2v_reach reach         # of the step under way
    w2v_window window       # and what the kernel needs of it
    w2v_private inputs, outputs, nodes  # where the rows are
    float *patterns         # of the step under way, with hierarchical softmax
    Hidden hidden           # of CBOW
    w2v_scratch scratch     # input rows made for the block
    Composer composer       # of n-grams


cdef struct Tally:
    int64_t trained, subsampled, pending
    int64_t loss_pairs
    double loss_sum


cdef void mark_line(Block *block, int n) noexcept nogil:
    """Note for the words of the line under way that it ends, as far as it is here, before position n."""
    cdef int i
    for i in range(block.line, n):
        block.high[i] = n


cdef void carry_rest(Block *block, int left) noexcept nogil:
    """Move what later windows still need to the front: the centres not done yet and the `left` words before them, as
    far as these are of the same line."""
    cdef int from_ = max(block.line, block.ready - left), n = block.n - from_, i
    memmove(block.ids, block.ids + from_, n * sizeof(int))
    memmove(block.low, block.low + from_, n * sizeof(int))
    memmove(block.left, block.left + from_, n * sizeof(int))
    memmove(block.right, block.right + from_, n * sizeof(int))
    memmove(block.weights, block.weights + from_, n * sizeof(float))
    for i in range(n):
        block.low[i] = 0
    block.line = 0
    block.first = block.ready - from_
    block.n = n


cdef void add_loss(const w2v_kernels *kernels, const w2v_window *window, Tally *tally) noexcept nogil:
    """Add the loss of a step (`kernels.h` has the sum) and the number of its pairs of a centre and a context."""
    cdef int c, s, S = window.n_outputs
    cdef double x, tail
    cdef const float *labels
    cdef const float *weights
    cdef float *scores = window.work + W2V_WORK_FLOATS(window.n_inputs, S)  # behind what the kernel needs
    if window.n_inputs == 0:
        return
    kernels.scores(window, scores)
    for c in range(window.n_inputs):
        labels = window.patterns + 2 * window.kinds[c] * window.pattern_floats
        weights = labels + window.pattern_floats
        for s in range(S):
            x = scores[c * S + s]
            tail = log1p(exp(-fabs(x)))
            tally.loss_sum += weights[s] * (max(x, 0.0) + tail) - labels[s] * x if x == x else x
        tally.loss_pairs += (window.kinds[c] & 1) + (window.kinds[c] >> 1)


def make_patterns(negatives):
    """(2, 8, floats) float32: the kernels' patterns of steps with one centre and with two, for these numbers of
    negatives."""
    floats = W2V_PATTERN_FLOATS(max(negatives[0] + 1, negatives[1] + 2))
    rows = memoryview(bytearray(2 * 8 * 4 * floats)).cast("f", (2, 8, floats))
    cdef float[:, :, ::1] patterns = rows
    for k in range(2):
        w2v_fill_patterns(&patterns[k, 0, 0], negatives[k] + k + 1, k + 1, <int> floats)
    return rows


cdef size_t block_places(int left, int right) noexcept nogil:
    """Most words of a block, with those that are only context."""
    return BLOCK_WORDS + <size_t> left + 2 * <size_t> right + 16


cdef bint allocate_block(Block *block, int left, int right, int outputs, void **memory) noexcept nogil:
    """All buffers of a thread in one piece. Behind the kernel's work space is room for scores."""
    cdef size_t n = block_places(left, right), k
    cdef size_t contexts = <size_t> left + <size_t> right + 2
    cdef size_t work = (W2V_WORK_FLOATS(contexts, outputs) + contexts * outputs + 32) // 16 * 64
    cdef size_t pointers = (n * (1 + outputs + INPUTS_AHEAD) + contexts + W2V_SORT_SLACK) * sizeof(float *)
    cdef size_t numbers = (n * (8 + outputs) + W2V_DRAW_SLACK) * sizeof(int) + n * sizeof(Step) + 2 * contexts + 96
    cdef char *room = <char *> aligned(work + pointers + numbers, memory)
    if room == NULL:
        return False
    memset(block, 0, sizeof(Block))
    block.window.work = <float *> room
    block.rows = <float **> (room + work)
    block.contexts = block.rows + n
    block.targets = <const float **> (block.contexts + contexts + W2V_SORT_SLACK)
    block.steps = <Step *> (block.targets + n * (outputs + INPUTS_AHEAD))
    block.drawn = <int32_t *> (block.steps + n)
    block.ids = <int *> (block.drawn + n * outputs + W2V_DRAW_SLACK)
    block.low = block.ids + n
    block.high = block.low + n
    block.left = block.high + n
    block.right = block.left + n
    block.weights = <float *> (block.right + n)
    block.masses = block.weights + n
    for k in range(n + 16):
        block.masses[k] = 1
    block.kept_as = <int *> (block.masses + n + 16)
    block.ones = <uint8_t *> (block.kept_as + n)
    memset(block.ones, 1, contexts)
    block.kinds = block.ones + contexts
    return True
