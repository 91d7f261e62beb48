from libc.stdint cimport int64_t

from w2v.training.loop._csrc cimport w2v_ngrams


cdef class Ngrams:
    cdef w2v_ngrams table
    cdef readonly int64_t n_words, buckets
    cdef readonly int max_rows

    cdef check_word(self, int64_t word)
