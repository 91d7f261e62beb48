from w2v.training.loop._csrc cimport w2v_kernels

cdef const w2v_kernels *find_kernels(str isa) except NULL
