# Input rows that are made for a block: words of n-grams, and words that must not change; a part of `_loop.pyx`.
#
# With subwords a word's input is the mean of its own row and the rows of its n-grams (Bojanowski et al. 2017). Each
# distinct word of a block gets one row of the thread's own, on which all steps of the block work, and what changed in it
# is added to its own row and to each n-gram, undivided, as fastText does (Model::update without normalizeGradient). So
# the n-grams are read and written once a word and block, and not once a pair.


cdef class Ngrams:
    """The buckets of the n-grams of every word of a vocabulary.

    Parameters
    ----------
    words : the bytes of all words, word i those from offsets[i] to offsets[i + 1]. `</s>` has no n-grams.
    minn, maxn : lengths in letters, 1 <= minn <= maxn.
    buckets : 1 to 2^31 - 1.
    """
    cdef int64_t *offsets       # (n_words + 1,): where each word's n-grams begin
    cdef uint32_t *ngrams
    cdef readonly int64_t n_words, buckets
    cdef readonly int most      # rows of a word, its own counted

    def __cinit__(self, const unsigned char[::1] words, const long long[::1] offsets, int minn, int maxn, int64_t buckets):
        cdef int64_t n = offsets.shape[0] - 1, i, longest = 0, total = 0
        cdef unsigned char *marked
        if n < 1 or offsets[n] > words.shape[0] or not 1 <= minn <= maxn or not 0 < buckets < 2**31:
            raise ValueError(f"no n-grams of {minn} to {maxn} letters in {buckets} buckets for {n} words")
        self.n_words, self.buckets, self.most = n, buckets, 1
        for i in range(n):
            longest = max(longest, offsets[i + 1] - offsets[i])
        marked = <unsigned char *> malloc(longest + 2)
        self.offsets = <int64_t *> malloc((n + 1) * sizeof(int64_t))
        try:
            if marked == NULL or self.offsets == NULL:
                raise MemoryError(f"no memory for the n-grams of {n} words")
            with nogil:
                for i in range(n):
                    self.offsets[i] = total
                    total += fill_ngrams(&words[0] + offsets[i], offsets[i + 1] - offsets[i], minn, maxn,
                                         <uint32_t> buckets, marked, NULL)
                    self.most = max(self.most, <int> (total - self.offsets[i]) + 1)
                self.offsets[n] = total
                self.ngrams = <uint32_t *> malloc((total + 1) * sizeof(uint32_t))
            if self.ngrams == NULL:
                raise MemoryError(f"no memory for {total} n-grams of {n} words")
            with nogil:
                for i in range(n):
                    fill_ngrams(&words[0] + offsets[i], offsets[i + 1] - offsets[i], minn, maxn, <uint32_t> buckets,
                                marked, self.ngrams + self.offsets[i])
        finally:
            free(marked)

    def __dealloc__(self):
        free(self.offsets)
        free(self.ngrams)

    def of(self, Py_ssize_t word) -> list[int]:
        """The buckets of a word's n-grams, one that repeats as often."""
        if not 0 <= word < self.n_words:
            raise IndexError(f"there is no word {word} among {self.n_words}")
        return [bucket for bucket in self.ngrams[self.offsets[word]:self.offsets[word + 1]]]

    def init_vectors(self, float[:, ::1] vectors, int vector_size, uint64_t seed) -> None:
        """Fill the rows of `vectors` (buckets, padded) that are of a known word's n-gram, as `init_vectors` does, from
        (seed, bucket). The others stay zero: they have nothing to say of words never seen."""
        cdef int64_t i
        cdef uint32_t bucket
        if vectors.shape[0] != self.buckets or vector_size > vectors.shape[1]:
            raise ValueError("vectors and n-grams do not belong together")
        with nogil:
            for i in range(self.offsets[self.n_words]):
                bucket = self.ngrams[i]
                if vectors[bucket, 0] == 0:
                    w2v_init_row(&vectors[bucket, 0], vector_size, w2v_stream(seed, 1, 0), <unsigned char *> &bucket, 4)

    def compose(self, float[:, ::1] vectors, const long long[::1] words, float[:, ::1] out, str isa=None) -> None:
        """out[k] = the vector of word words[k] (k, padded), from its own row and those of its n-grams."""
        cdef const w2v_kernels *kernels = find_kernels(isa)
        cdef void *memory = NULL
        cdef Composer composer
        cdef int64_t k
        cdef float *row
        if vectors.shape[0] != self.n_words + self.buckets or out.shape[0] < words.shape[0] or (
                out.shape[1] != vectors.shape[1]):
            raise ValueError("vectors, words and n-grams do not belong together")
        for word in words:
            if not 0 <= word < self.n_words:
                raise IndexError(f"there is no word {word} among {self.n_words}")
        try:
            if not allocate_composer(&composer, self.most, <int> vectors.shape[1], &memory):
                raise MemoryError("no memory for a word's rows")
            with nogil:
                for k in range(words.shape[0]):
                    row = &out[k, 0]
                    find_rows(self, &composer, &vectors[0, 0], <int> words[k], 0)
                    compose(kernels, &composer, 0, row)
        finally:
            free(memory)


cdef int64_t fill_ngrams(const unsigned char *word, int64_t size, int minn, int maxn, uint32_t buckets,
                         unsigned char *marked, uint32_t *out) noexcept nogil:
    """Write the buckets of a word's n-grams, where `out` is not NULL; returns how many."""
    cdef int64_t begin, found = 0
    if size == 4 and memcmp(word, b"</s>", 4) == 0:
        return 0
    marked[0] = c"<"
    memcpy(marked + 1, word, size)
    marked[size + 1] = c">"
    for begin in range(size + 2):
        found += w2v_ngrams_at(marked, size + 2, begin, minn, maxn, buckets, NULL if out == NULL else out + found)
    return found


cdef struct Composer:
    # The rows that make up one word, and another's, which are on their way from memory.
    float **rows[2]
    int n[2]
    float *hidden[1]
    w2v_blend blend


cdef bint allocate_composer(Composer *composer, int most, int n_floats, void **memory) noexcept nogil:
    cdef size_t width = (<size_t> most + 15) // 16 * 16
    cdef char *room = <char *> aligned(width * 2 * sizeof(float *), memory)
    if room == NULL:
        return False
    memset(composer, 0, sizeof(Composer))
    composer.rows[0] = <float **> room
    composer.rows[1] = composer.rows[0] + width
    composer.blend.hidden = composer.hidden
    composer.blend.n_hidden, composer.blend.n_floats = 1, n_floats
    return True


cdef void find_rows(Ngrams ngrams, Composer *composer, float *vectors, int word, int which) noexcept nogil:
    """Note which rows a word is made of, and have them fetched."""
    cdef const uint32_t *ngram = ngrams.ngrams + ngrams.offsets[word]
    cdef int k, n = <int> (ngrams.offsets[word + 1] - ngrams.offsets[word])
    cdef size_t stride = composer.blend.n_floats
    cdef float **rows = composer.rows[which]
    rows[0] = vectors + word * stride
    for k in range(n):
        rows[1 + k] = vectors + (ngrams.n_words + ngram[k]) * stride
    composer.n[which] = n + 1
    for k in range(n + 1):
        w2v_prefetch_row(rows[k], <int> stride)


cdef void choose(Composer *composer, int which, float *row, float factor) noexcept nogil:
    composer.hidden[0] = row
    composer.blend.rows, composer.blend.n_common = composer.rows[which], composer.n[which]
    composer.blend.factor[0] = factor


cdef void compose(const w2v_kernels *kernels, Composer *composer, int which, float *row) noexcept nogil:
    """row = the mean of the rows that were found."""
    choose(composer, which, row, 1 / <float> composer.n[which])
    kernels.gather(&composer.blend)


cdef void decompose(const w2v_kernels *kernels, Composer *composer, int which, float *change) noexcept nogil:
    """Add a change to each of the rows that were found."""
    choose(composer, which, change, 1)
    kernels.scatter(&composer.blend)


cdef void compose_block(Ngrams ngrams, const w2v_kernels *kernels, Block *block, float *vectors) noexcept nogil:
    """Make a row for each distinct word of the block, and point its places to it."""
    cdef w2v_scratch *scratch = &block.scratch
    cdef Composer *composer = &block.composer
    cdef int k, place
    cdef size_t stride = scratch.stride
    for k in range(block.n):
        place = w2v_scratch_place(scratch, block.ids[k])
        block.rows[k] = scratch.rows + place * stride
        block.masses[k] = <float> (ngrams.offsets[block.ids[k] + 1] - ngrams.offsets[block.ids[k]] + 1)
    find_rows(ngrams, composer, vectors, scratch.words[0], 0)
    for k in range(scratch.n):
        if k + 1 < scratch.n:
            find_rows(ngrams, composer, vectors, scratch.words[k + 1], (k + 1) & 1)
        compose(kernels, composer, k & 1, scratch.rows + k * stride)
    memcpy(scratch.bases, scratch.rows, scratch.n * stride * sizeof(float))


cdef void decompose_block(Ngrams ngrams, const w2v_kernels *kernels, Block *block, float *vectors) noexcept nogil:
    """Give what the words' rows have learned to their n-grams."""
    cdef w2v_scratch *scratch = &block.scratch
    cdef Composer *composer = &block.composer
    cdef int k
    cdef size_t stride = scratch.stride, j
    find_rows(ngrams, composer, vectors, scratch.words[0], 0)
    for j in range(scratch.n * stride):
        scratch.rows[j] -= scratch.bases[j]
    for k in range(scratch.n):
        if k + 1 < scratch.n:
            find_rows(ngrams, composer, vectors, scratch.words[k + 1], (k + 1) & 1)
        decompose(kernels, composer, k & 1, scratch.rows + k * stride)
    w2v_scratch_clear(scratch)


cdef void copy_frozen(Block *block, const uint8_t *frozen) noexcept nogil:
    """Let the places of words that must not change point to copies of their rows."""
    cdef w2v_scratch *scratch = &block.scratch
    cdef int k, known
    cdef size_t stride = scratch.stride
    for k in range(block.n):
        block.kept_as[k] = -1
        if frozen[block.ids[k]]:
            known = scratch.n
            block.kept_as[k] = w2v_scratch_place(scratch, block.ids[k])
            if scratch.n > known:
                memcpy(scratch.bases + known * stride, block.rows[k], stride * sizeof(float))
                memcpy(scratch.rows + known * stride, scratch.bases + known * stride, stride * sizeof(float))
            block.rows[k] = scratch.rows + block.kept_as[k] * stride


cdef void restore_frozen(Block *block, int first, int end) noexcept nogil:
    """After a step on the words from `first` to before `end`: what it has changed in the copies is forgotten."""
    cdef size_t stride = block.scratch.stride, at
    cdef int k
    for k in range(first, end):
        if block.kept_as[k] >= 0:
            at = block.kept_as[k] * stride
            memcpy(block.scratch.rows + at, block.scratch.bases + at, stride * sizeof(float))


cdef void pull(float *row, const float *anchor, float share, int n) noexcept nogil:
    """Move a row by a share of the way to its anchor."""
    cdef int j
    for j in range(n):
        row[j] += share * (anchor[j] - row[j])
