from w2v.training.loop._csrc cimport w2v_copies


cdef class Copies:
    cdef w2v_copies inputs, outputs
    cdef readonly bint prepared
    cdef object arrays
