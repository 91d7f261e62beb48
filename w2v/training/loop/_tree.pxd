from libc.stdint cimport int64_t

from w2v.training.loop._csrc cimport w2v_tree


cdef class HuffmanTree:
    cdef w2v_tree paths
    cdef readonly int64_t n_words
    cdef readonly int longest
