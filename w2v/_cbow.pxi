# The hidden rows of CBOW; a part of `_sgns.pyx`, between a window and the kernel.
#
# The input of a centre is one row of the thread's own, the mean or the sum of its contexts (`gather`). The step runs on it
# in place, and what it changed goes to the contexts (`scatter`): their shares of it, which is the gradient, or all of it
# to each, as in word2vec.c (neu1e), gensim (cbow_mean=1) and fastText. Two neighbouring centres have two hidden rows,
# which share the negatives, and one pass over the contexts of both.


cdef struct Hidden:
    w2v_blend blend         # contexts into hidden rows; `scatter` takes `shares` for its weights where they differ
    float *rows[2]          # of the first centre and of the second
    float *before[2]
    float *weights          # 2 rows: how much each context counts in a hidden row
    float *shares           # 2 rows: how much of the change each context gets
    uint8_t kinds[2]        # of the hidden rows: 0 where a centre has no context


cdef bint allocate_hidden(Hidden *hidden, int contexts, int n_floats, void **memory) noexcept nogil:
    cdef int k, width = (contexts + 31) // 16 * 16
    cdef float *room = <float *> aligned((4 * <size_t> n_floats + 4 * <size_t> width) * sizeof(float), memory)
    if room == NULL:
        return False
    memset(hidden, 0, sizeof(Hidden))
    for k in range(2):
        hidden.rows[k] = room + k * <size_t> n_floats
        hidden.before[k] = room + (2 + k) * <size_t> n_floats
    hidden.weights = room + 4 * <size_t> n_floats
    hidden.shares = hidden.weights + 2 * width
    hidden.blend.hidden, hidden.blend.before = hidden.rows, hidden.before
    hidden.blend.weight_floats, hidden.blend.n_floats = width, n_floats
    return True


cdef void weigh_contexts(Hidden *hidden, w2v_window *window, const int *contexts, int n_centres, bint mean,
                         bint undivided, const float *masses) noexcept nogil:
    """Make of the window's contexts, so many of each centre, those of `hidden.blend`, and of its hidden rows the inputs of
    the window.

    In a mean each context counts its mass: with subwords, how many rows it is itself made of, as in fastText. NULL
    stands for masses of 1."""
    cdef int k, n = window.n_inputs, width = hidden.blend.weight_floats
    hidden.blend.rows = <float **> window.inputs
    hidden.blend.n_rows, hidden.blend.n_hidden = n, n_centres
    hidden.blend.weights = hidden.weights
    for k in range(n_centres):
        w2v_weigh(hidden.weights + k * width, window.kinds, n, k, 1 / <float> max(contexts[k], 1) if mean else 1)
        if mean and masses != NULL:
            w2v_weigh_masses(hidden.weights + k * width, masses, n)
        if undivided:
            w2v_weigh(hidden.shares + k * width, window.kinds, n, k, 1)
        hidden.kinds[k] = 1 + k if contexts[k] > 0 else 0
    window.inputs, window.kinds = hidden.rows, hidden.kinds
    window.n_inputs = n_centres if n else 0
