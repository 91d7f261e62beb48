"""The noise distribution of negative sampling."""

from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport free, malloc

from w2v.training.loop._csrc cimport w2v_alias, w2v_alias_build, w2v_alias_fill, w2v_stream


cdef class Sampler:
    """Alias table over word ids (`csrc/loop/alias.h`) that draws id i with probability weights[i].

    Parameters
    ----------
    weights : (n_words,) float64
        Not negative, with sum 1 (`Vocabulary.noise_weights`).
    """

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
        """Fill `out` (int32) with independent draws from the random stream of `seed`."""
        cdef uint64_t state = w2v_stream(seed, 0, 0)
        if out.shape[0]:
            with nogil:
                w2v_alias_fill(self.table, <uint64_t> self.n_words, &state, <int32_t *> &out[0], out.shape[0])
