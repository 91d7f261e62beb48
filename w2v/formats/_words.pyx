# cython: language_level=3
"""Lists of words of files of vectors: decoding, and whether all differ.

Place in the data flow: used by `w2v.formats.own` and `w2v.formats.sink` before words become a `w2v.vectors.lookup.Lookup`.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy

from w2v.formats._decode cimport decode_word


def decode_words(const unsigned char[::1] blob, const int64_t[::1] offsets, dict report not None):
    """Return the words blob[offsets[i]:offsets[i + 1]] as a list of str.

    Parameters
    ----------
    blob : bytes of all words.
    offsets : (n + 1,) int64, rising and within `blob`: the caller has checked them.
    report : counts of repaired flaws, to be added to.
    """
    cdef Py_ssize_t i
    cdef const char *base = NULL
    if blob.shape[0]:
        base = <const char *>&blob[0]
    return [decode_word(base + offsets[i], base + offsets[i + 1], report) for i in range(offsets.shape[0] - 1)]


def words_differ(const unsigned char[::1] blob, const int64_t[::1] offsets):
    """Return whether all words blob[offsets[i]:offsets[i + 1]] are known to differ, without creating them as str.

    False also if the hash table fills badly, as words crafted for that purpose can achieve: the caller must then compare
    them in another way. Parameters as in `decode_words`.
    """
    cdef int64_t n = offsets.shape[0] - 1, size = 16
    while size < 2 * n:
        size *= 2
    if n < 1 or n > 0x7FFFFFFF:
        return False
    cdef int32_t *table = <int32_t *>calloc(size, sizeof(int32_t))
    if table == NULL:
        raise MemoryError(f"{4 * size} bytes")
    cdef bint differ
    with nogil:
        differ = _all_differ(&blob[0], &offsets[0], n, table, size - 1)
    free(table)
    return differ


cdef bint _all_differ(
    const unsigned char *base, const int64_t *offsets, int64_t n, int32_t *table, int64_t mask
) noexcept nogil:
    """Compare by open addressing; table[slot] is the number of a word plus 1, or 0."""
    cdef int64_t i, other, length, slot, at, steps = 64 * n + 1000
    cdef uint64_t hashed, part
    cdef const unsigned char *word
    for i in range(n):
        word = base + offsets[i]
        length = offsets[i + 1] - offsets[i]
        hashed = <uint64_t>length
        at = 0
        while at < length:
            part = 0
            memcpy(&part, word + at, 8 if length - at > 8 else length - at)
            hashed = (hashed ^ part) * 0x9E3779B97F4A7C15u
            hashed ^= hashed >> 32
            at += 8
        slot = <int64_t>(hashed & <uint64_t>mask)
        while table[slot]:
            other = table[slot] - 1
            steps -= 1
            if steps < 0 or (offsets[other + 1] - offsets[other] == length
                             and memcmp(base + offsets[other], word, length) == 0):
                return False
            slot = (slot + 1) & mask
        table[slot] = <int32_t>(i + 1)
    return True


def all_distinct(list words not None):
    """Return whether all words are known to differ by their hashes, in less time and memory than a set takes.

    False also if two hashes are equal, or if they fill the table badly: the caller must then compare the words.
    """
    cdef Py_ssize_t i, n = len(words)
    cdef int64_t size = 16, slot, steps = 64 * <int64_t>n + 1000
    cdef Py_hash_t hashed
    while size < 2 * n:
        size *= 2
    cdef Py_hash_t *table = <Py_hash_t *>calloc(size, sizeof(Py_hash_t))  # 0 is an empty slot
    if table == NULL:
        raise MemoryError(f"{8 * size} bytes")
    try:
        for i in range(n):
            hashed = hash(<str>words[i]) or 1
            slot = hashed & (size - 1)
            while table[slot] and table[slot] != hashed and steps:
                steps -= 1
                slot = (slot + 1) & (size - 1)
            if table[slot]:
                return False
            table[slot] = hashed
    finally:
        free(table)
    return True
