# The hidden rows of CBOW; a part of `_loop.pyx`, between a window and the kernel.
#
# The input of a centre is one row of the thread's own, the mean or the sum of its contexts (`gather`). The step leaves in
# it what it would have added, and this goes to the contexts (`scatter`): their shares of it, which is the gradient, or
# all of it to each, as in word2vec.c (neu1e), gensim (cbow_mean=1) and fastText. Two neighbouring centres have two hidden
# rows, which share the negatives, and one pass over the contexts of both.


cdef struct Hidden:
    w2v_blend blend         # contexts into hidden rows
    float *masses           # of its rows
    float *rows[2]          # of the first centre and of the second
    uint8_t kinds[2]        # of the hidden rows: 0 where a centre has no context


cdef bint allocate_hidden(Hidden *hidden, int contexts, int n_floats, void **memory) noexcept nogil:
    cdef size_t places = 2 * <size_t> n_floats + <size_t> contexts + W2V_SORT_SLACK
    cdef float *room = <float *> aligned(places * sizeof(float), memory)
    cdef int k
    if room == NULL:
        return False
    memset(hidden, 0, sizeof(Hidden))
    for k in range(2):
        hidden.rows[k] = room + k * <size_t> n_floats
    hidden.masses = room + 2 * <size_t> n_floats
    hidden.blend.hidden, hidden.blend.n_floats = hidden.rows, n_floats
    return True


cdef void sort_contexts(Hidden *hidden, Block *block) noexcept nogil:
    """Make the contexts of the step under way the rows of the blend."""
    cdef w2v_blend *blend = &hidden.blend
    cdef int n[3]
    if blend.masses != NULL:
        w2v_sort_contexts(&block.reach, sizeof(float), block.masses, hidden.masses, n)
    w2v_sort_contexts(&block.reach, sizeof(float *), block.rows, block.contexts, n)
    blend.rows, blend.n_hidden = block.contexts, block.reach.j - block.reach.i + 1
    blend.n_common, blend.n_own[0], blend.n_own[1] = n[0], n[1], n[2]


cdef float mean_factor(const w2v_blend *blend, int k) noexcept nogil:
    """What makes a mean of the sum that is hidden row k."""
    cdef int r, own = blend.n_common + (blend.n_own[0] if k else 0)
    cdef float total = 0
    if blend.masses == NULL:
        return 1 / <float> max(blend.n_common + blend.n_own[k], 1)
    for r in range(blend.n_common):
        total += blend.masses[r]
    for r in range(own, own + blend.n_own[k]):
        total += blend.masses[r]
    return 1 / total if total > 0 else 0
