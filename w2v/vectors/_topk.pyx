# cython: language_level=3
"""`Best`: the highest of many scores, kept tile by tile; and scores of 3CosMul. Binding of csrc/vectors/topk.h.

Place in the data flow: `w2v.vectors.search` computes tiles of scores by matrix products; here the best are kept.
"""

from libc.stdint cimport int64_t

import numpy as np

cdef extern from "vectors/topk.h" nogil:
    ctypedef struct w2v_top:
        float *score
        int64_t *row
        int64_t size, room
    void w2v_top_add(w2v_top *top, const float *number, int64_t width, const float *scale, const float *shift,
                     const int64_t *rows, int64_t first, const int64_t *skip, int64_t n_skip) noexcept
    void w2v_top_sort(w2v_top *top) noexcept
    void w2v_cosmul(const float *number, int64_t stride, int64_t width, const float *scale, const float *weight,
                    int64_t terms, float epsilon, float *out) noexcept


cdef class Best:
    """The best `topn` rows of each of k queries: `add` tiles in rising order of rows, then call `sorted` once."""
    cdef float[:, ::1] _scores
    cdef int64_t[:, ::1] _rows
    cdef int64_t[::1] _sizes
    cdef readonly object scores, rows, sizes

    def __init__(self, int64_t k, int64_t topn):
        self.scores = np.empty((k, topn), dtype=np.float32)
        self.rows = np.empty((k, topn), dtype=np.int64)
        self.sizes = np.zeros(k, dtype=np.int64)
        self._scores, self._rows, self._sizes = self.scores, self.rows, self.sizes

    cdef w2v_top _top(self, Py_ssize_t i) noexcept nogil:
        cdef w2v_top top
        top.room = self._scores.shape[1]
        top.size = self._sizes[i]
        top.score = &self._scores[i, 0] if top.room > 0 else NULL
        top.row = &self._rows[i, 0] if top.room > 0 else NULL
        return top

    def add(self, const float[:, ::1] numbers not None, Py_ssize_t query, const float[::1] scale,
            const float[::1] shift, int64_t first, const int64_t[::1] rows, const int64_t[::1] skip_from not None,
            const int64_t[::1] skip not None):
        """Add a tile of scores; see csrc/vectors/topk.h.

        Parameters
        ----------
        numbers : (m, width) float32, scores of m queries before scale and shift.
        query : the first of these queries.
        scale, shift : (width,) float32, or None for 1 and 0.
        first : the row of the first column, if `rows` is None.
        rows : (width,) int64, the rows of the columns, or None.
        skip_from : (k + 1,) int64, offsets into `skip` for all queries.
        skip : int64, rows that are excluded from the answers to query i: skip[skip_from[i] : skip_from[i + 1]].

        Raises
        ------
        ValueError : the shapes do not fit.
        """
        cdef Py_ssize_t m = numbers.shape[0], width = numbers.shape[1], i
        cdef const float *scales = NULL
        cdef const float *shifts = NULL
        cdef const int64_t *places = NULL
        cdef const int64_t *skips = NULL
        cdef w2v_top top
        if query < 0 or query + m > self._sizes.shape[0] or skip_from.shape[0] != self._sizes.shape[0] + 1:
            raise ValueError("more queries in the tile than there are in all")
        if (scale is not None and scale.shape[0] != width) or (shift is not None and shift.shape[0] != width) \
                or (rows is not None and rows.shape[0] != width):
            raise ValueError("scale, shift and rows must have one number for each column")
        if m == 0 or width == 0:
            return
        if scale is not None:
            scales = &scale[0]
        if shift is not None:
            shifts = &shift[0]
        if rows is not None:
            places = &rows[0]
        if skip.shape[0]:
            skips = &skip[0]
        with nogil:
            for i in range(m):
                top = self._top(query + i)
                w2v_top_add(&top, &numbers[i, 0], width, scales, shifts, places, first,
                            skips + skip_from[query + i] if skips != NULL else NULL,
                            skip_from[query + i + 1] - skip_from[query + i] if skips != NULL else 0)
                self._sizes[query + i] = top.size

    def sorted(self):
        """Return rows (k, topn) int64, scores (k, topn) float32 and their number per query (k,) int64, best first.

        The entries after the number of a query are -1 and NaN.
        """
        cdef Py_ssize_t i
        cdef w2v_top top
        with nogil:
            for i in range(self._sizes.shape[0]):
                top = self._top(i)
                w2v_top_sort(&top)
        empty = np.arange(self._scores.shape[1]) >= self.sizes[:, None]
        self.rows[empty] = -1
        self.scores[empty] = np.nan
        return self.rows, self.scores, self.sizes


def cosmul(const float[:, ::1] numbers not None, const float[::1] scale not None, const float[::1] weights not None,
           const int64_t[::1] begin not None, float epsilon, float[:, ::1] out not None):
    """Compute the 3CosMul scores of k queries with the words of a tile.

    Parameters
    ----------
    numbers, scale : (terms, width) and (width,) float32; the cosines are numbers * scale.
    weights : (terms,) float32.
    begin : (k + 1,) int64; query i has the terms begin[i] : begin[i + 1].
    epsilon : added to the denominator.
    out : (k, width) float32, the result.

    Raises
    ------
    ValueError : the shapes do not fit.
    """
    cdef Py_ssize_t k = begin.shape[0] - 1, width = numbers.shape[1], i
    if out.shape[0] != k or out.shape[1] != width or scale.shape[0] != width or weights.shape[0] != numbers.shape[0] \
            or begin[0] < 0 or begin[k] > numbers.shape[0]:
        raise ValueError("the shapes do not fit")
    if width == 0 or numbers.shape[0] == 0:
        return
    with nogil:
        for i in range(k):
            w2v_cosmul(&numbers[begin[i], 0], width, width, &scale[0], &weights[begin[i]], begin[i + 1] - begin[i],
                       epsilon, &out[i, 0])
