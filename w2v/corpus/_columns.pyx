"""Copying of the values of Arrow columns into blocks of text and arrays of integers; bounds are checked, since files may
be damaged."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy


ctypedef fused offset:
    int32_t
    int64_t


def copy_strings(const uint8_t[::1] data not None, const offset[::1] starts not None, const offset[::1] stops not None,
                 const uint8_t[::1] ends, uint8_t end, uint8_t[::1] out not None):
    """Copy strings one after the other, each followed by a byte.

    Parameters
    ----------
    data : bytes of the strings; string i is data[starts[i] : stops[i]].
    ends : the byte after each string; None writes `end` after all of them.
    out : room for all bytes.

    Returns
    -------
    The number of bytes written; for a string that is not within `data`, or has no room, -1 - i.
    """
    cdef int64_t n = starts.shape[0], size = data.shape[0], room = out.shape[0], written = 0, bad = -1
    cdef int64_t i, start, length
    if stops.shape[0] != n or (ends is not None and ends.shape[0] != n):
        raise ValueError("starts, stops and ends must have the same length")
    with nogil:
        for i in range(n):
            start = starts[i]
            length = stops[i] - start
            if start < 0 or length < 0 or length > size - start or length >= room - written:
                bad = i
                break
            if length > 0:
                memcpy(&out[written], &data[start], length)
            written += length
            out[written] = end if ends is None else ends[i]
            written += 1
    return written if bad < 0 else -1 - bad


def count_from(const uint8_t[::1] data not None, uint8_t least):
    """Return the number of bytes of at least this value."""
    cdef int64_t i, n = 0
    with nogil:
        for i in range(data.shape[0]):
            n += data[i] >= least
    return n


def join_integers(const offset[::1] values not None, const int64_t[::1] starts not None,
                  const int64_t[::1] stops not None, const uint8_t[::1] ends, int64_t[::1] out not None):
    """Copy rows of integers one after the other, with -1 after each row that ends a line.

    Parameters
    ----------
    values : row i is values[starts[i] : stops[i]].
    ends : whether a line ends after each row; None ends one after all of them.
    out : room for all values and line ends.

    Returns
    -------
    The number of entries written; for a row that is not within `values`, or has no room, -1 - i.
    """
    cdef int64_t n = starts.shape[0], size = values.shape[0], room = out.shape[0], written = 0, bad = -1
    cdef int64_t i, k
    if stops.shape[0] != n or (ends is not None and ends.shape[0] != n):
        raise ValueError("starts, stops and ends must have the same length")
    with nogil:
        for i in range(n):
            if starts[i] < 0 or stops[i] < starts[i] or stops[i] > size or stops[i] - starts[i] >= room - written:
                bad = i
                break
            for k in range(starts[i], stops[i]):
                out[written] = values[k]
                written += 1
            if ends is None or ends[i]:
                out[written] = -1
                written += 1
    return written if bad < 0 else -1 - bad
