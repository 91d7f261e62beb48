from w2v.training.loop._csrc cimport w2v_arena, w2v_progress


cdef class Progress:
    cdef w2v_progress *shared
    cdef w2v_arena arena
