from w2v.training.loop._csrc cimport w2v_arena, w2v_private


cdef class Copies:
    cdef w2v_private inputs, outputs
    cdef w2v_arena arena
    cdef object matrices
    cdef lay_out(self, w2v_private *p, float[:, ::1] snapshot, float[:, ::1] rows)
