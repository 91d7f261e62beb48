"""Passes over whole matrices and over the encoded corpus: initial vectors, non-finite rows, the longest line."""

from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memset

from w2v.training.loop._csrc cimport W2V_LONGEST_LINE, w2v_init_row

LONGEST_WINDOW = W2V_LONGEST_LINE


cdef enum:
    LANES = 16      # independent sums: their additions need not wait for each other


def init_vectors(float[:, ::1] vectors, int vector_size, uint64_t seed, const unsigned char[::1] words,
                 const long long[::1] offsets) -> None:
    """Fill `vectors` (n_words, padded) with uniform values in [-0.5, 0.5) / vector_size, from (seed, word) alone.

    `words` (uint8) holds the bytes of all words; word i is words[offsets[i]:offsets[i + 1]].
    """
    cdef Py_ssize_t i, n = vectors.shape[0]
    if offsets.shape[0] != n + 1 or offsets[n] > words.shape[0] or vector_size > vectors.shape[1]:
        raise ValueError("vectors, words and offsets do not belong together")
    with nogil:
        for i in range(n):
            w2v_init_row(&vectors[i, 0], vector_size, seed, &words[0] + offsets[i], offsets[i + 1] - offsets[i])


def longest_line(const int[::1] ids) -> int:
    """Number of words in the longest line of an encoded corpus (int32)."""
    cdef int64_t i, begin = 0, longest = 0
    with nogil:
        for i in range(ids.shape[0]):
            if ids[i] < 0:
                longest = max(longest, i - begin)
                begin = i + 1
    return max(longest, ids.shape[0] - begin)


def first_nonfinite_row(const float[:, ::1] matrix) -> int:
    """Index of the first row that contains an inf or NaN, or -1."""
    cdef Py_ssize_t i, j, k, n = matrix.shape[1], whole = n - n % LANES
    cdef float product
    cdef float[LANES] sums
    with nogil:
        for i in range(matrix.shape[0]):
            memset(sums, 0, sizeof(sums))
            j = 0
            while j < whole:
                for k in range(LANES):
                    sums[k] += matrix[i, j + k] * <float> 0.0  # stays 0 unless a factor is inf or NaN
                j += LANES
            product = 0.0
            for k in range(LANES):
                product += sums[k]
            for j in range(whole, n):
                product += matrix[i, j] * <float> 0.0
            if product != 0.0:
                with gil:
                    return i
    return -1
