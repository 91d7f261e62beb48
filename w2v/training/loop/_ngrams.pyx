"""The n-grams of a vocabulary's words, and the words' vectors composed from them."""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from w2v.training.loop._csrc cimport (
    w2v_arena, w2v_arena_free, w2v_arena_reserve, w2v_compose, w2v_composer, w2v_composer_lay_out, w2v_find_rows,
    w2v_init_row, w2v_kernels, w2v_ngrams_of, w2v_stream,
)
from w2v.training.loop._isa cimport find_kernels


cdef class Ngrams:
    """The buckets of the n-grams of every word of a vocabulary (`csrc/loop/ngrams.h`).

    Parameters
    ----------
    words : (n_bytes,) uint8
        The bytes of all words; word i is words[offsets[i]:offsets[i + 1]]. `</s>` has no n-grams.
    offsets : (n_words + 1,) int64
    minn, maxn : int
        Lengths in letters, 1 <= minn <= maxn.
    buckets : int
        1 to 2^31 - 1.

    Attributes
    ----------
    max_rows : int
        Largest number of rows that one word is composed of, its own row included.
    """

    def __cinit__(self, const unsigned char[::1] words, const long long[::1] offsets, int minn, int maxn,
                  int64_t buckets):
        cdef int64_t n = offsets.shape[0] - 1, i, longest = 0, total = 0
        cdef unsigned char *marked
        if n < 1 or offsets[n] > words.shape[0] or not 1 <= minn <= maxn or not 0 < buckets < 2**31:
            raise ValueError(f"cannot make n-grams of {minn} to {maxn} letters in {buckets} buckets for {n} words: "
                             "1 <= minn <= maxn, 1 to 2^31 - 1 buckets and at least 1 word are needed")
        self.n_words, self.buckets, self.max_rows = n, buckets, 1
        self.table.n_words = n
        for i in range(n):
            longest = max(longest, offsets[i + 1] - offsets[i])
        marked = <unsigned char *> malloc(longest + 2)
        self.table.offsets = <int64_t *> malloc((n + 1) * sizeof(int64_t))
        try:
            if marked == NULL or self.table.offsets == NULL:
                raise MemoryError(f"no memory for the n-grams of {n} words")
            with nogil:
                for i in range(n):
                    self.table.offsets[i] = total
                    total += w2v_ngrams_of(&words[0] + offsets[i], offsets[i + 1] - offsets[i], minn, maxn,
                                           <uint32_t> buckets, marked, NULL)
                    self.max_rows = max(self.max_rows, <int> (total - self.table.offsets[i]) + 1)
                self.table.offsets[n] = total
                self.table.buckets = <uint32_t *> malloc((total + 1) * sizeof(uint32_t))
            if self.table.buckets == NULL:
                raise MemoryError(f"no memory for {total} n-grams of {n} words")
            with nogil:
                for i in range(n):
                    w2v_ngrams_of(&words[0] + offsets[i], offsets[i + 1] - offsets[i], minn, maxn, <uint32_t> buckets,
                                  marked, self.table.buckets + self.table.offsets[i])
        finally:
            free(marked)

    def __dealloc__(self):
        free(self.table.offsets)
        free(self.table.buckets)

    def of(self, Py_ssize_t word) -> list[int]:
        """The buckets of a word's n-grams, one entry for each occurrence."""
        self.check_word(word)
        return [bucket for bucket in self.table.buckets[self.table.offsets[word]:self.table.offsets[word + 1]]]

    cdef check_word(self, int64_t word):
        if not 0 <= word < self.n_words:
            raise IndexError(f"word {word} is out of range: there are {self.n_words} words")

    def init_vectors(self, float[:, ::1] vectors, int vector_size, uint64_t seed) -> None:
        """Fill the rows of `vectors` (buckets, padded) that belong to an n-gram of a known word.

        The values depend on (seed, bucket) alone and are distributed as those of `_rows.init_vectors`. The other rows
        stay zero, so they add nothing to the vectors of unknown words.
        """
        cdef int64_t i
        cdef int k
        cdef uint32_t bucket
        cdef unsigned char key[4]  # the bucket, little-endian
        if vectors.shape[0] != self.buckets or vector_size > vectors.shape[1]:
            raise ValueError(f"vectors must have {self.buckets} rows of at least {vector_size} floats")
        with nogil:
            for i in range(self.table.offsets[self.n_words]):
                bucket = self.table.buckets[i]
                if vectors[bucket, 0] == 0:
                    for k in range(4):
                        key[k] = <unsigned char> ((bucket >> (8 * k)) & 0xFF)
                    w2v_init_row(&vectors[bucket, 0], vector_size, w2v_stream(seed, 1, 0), key, 4)

    def compose(self, float[:, ::1] vectors, const long long[::1] words, float[:, ::1] out, str isa=None) -> None:
        """Set out[k] (k, padded) to the vector of word words[k], composed of its own row and those of its n-grams."""
        cdef const w2v_kernels *kernels = find_kernels(isa)
        cdef w2v_composer composer
        cdef w2v_arena arena
        cdef int n_floats = <int> vectors.shape[1]
        cdef int64_t k
        if vectors.shape[0] != self.n_words + self.buckets or out.shape[0] < words.shape[0] or out.shape[1] != n_floats:
            raise ValueError("vectors, words and n-grams do not belong together")
        for word in words:
            self.check_word(word)
        memset(&arena, 0, sizeof(arena))
        w2v_composer_lay_out(&composer, &arena, self.max_rows, n_floats, n_floats)
        if not w2v_arena_reserve(&arena):
            raise MemoryError("no memory for the rows of a word")
        try:
            w2v_composer_lay_out(&composer, &arena, self.max_rows, n_floats, n_floats)
            with nogil:
                for k in range(words.shape[0]):
                    w2v_find_rows(&composer, &self.table, &vectors[0, 0], <int> words[k], 0)
                    w2v_compose(kernels, &composer, 0, &out[k, 0])
        finally:
            w2v_arena_free(&arena)
