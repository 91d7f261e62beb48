from libc.stdint cimport int64_t

from w2v.training.loop._csrc cimport w2v_alias


cdef class Sampler:
    cdef w2v_alias *table
    cdef readonly int64_t n_words
