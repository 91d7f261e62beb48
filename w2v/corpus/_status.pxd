"""Status codes of the C text code (`csrc/text/wordtable.h`), and the exceptions they become."""

cdef extern from "text/wordtable.h" nogil:
    ctypedef enum w2v_status:
        W2V_OK
        W2V_NO_MEMORY
        W2V_TOO_MANY_WORDS
        W2V_BAD_WEIGHT


cdef inline int check(w2v_status status) except -1:
    """Raise the exception of a status that is a failure."""
    if status == W2V_NO_MEMORY:
        raise MemoryError("out of memory while counting words")
    if status == W2V_TOO_MANY_WORDS:
        raise OverflowError("more than 2^31 - 2 distinct words")
    return 0
