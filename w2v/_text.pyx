"""Binding of the C tokenizer and word table; the one place where their statuses become exceptions."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy

import numpy as np


cdef extern from "wordtable.h" nogil:
    ctypedef enum w2v_status:
        W2V_OK
        W2V_NO_MEMORY
        W2V_TOO_MANY_WORDS

    ctypedef struct w2v_wordtable:
        int64_t n_words
        int64_t *offsets

    w2v_status w2v_wordtable_init(w2v_wordtable *table)
    void w2v_wordtable_free(w2v_wordtable *table)
    void w2v_wordtable_clear(w2v_wordtable *table)
    w2v_status w2v_wordtable_add(w2v_wordtable *table, const uint8_t *word, int64_t length, int64_t count, int32_t *id)
    w2v_status w2v_wordtable_merge_words(w2v_wordtable *into, const w2v_wordtable *from_, int64_t first, int32_t *map)
    w2v_status w2v_wordtable_merge_counts(w2v_wordtable *into, w2v_wordtable *from_)
    void w2v_wordtable_counts(const w2v_wordtable *table, int64_t *counts)
    w2v_status w2v_wordtable_select(const w2v_wordtable *table, const int64_t *counts, int64_t min_count,
                                    int64_t max_words, int32_t *order, int64_t *n_selected)
    void w2v_wordtable_export(const w2v_wordtable *table, const int32_t *order, int64_t n, uint8_t *blob,
                              int64_t *offsets)
    void w2v_wordtable_invalid_utf8(const w2v_wordtable *table, const int64_t *counts, int64_t *words, int64_t *bytes)


cdef extern from "tokenizer.h" nogil:
    const int64_t W2V_MAX_BLOCK

    ctypedef struct w2v_block_stats:
        int64_t n_ids
        int64_t words
        int64_t line_ends
        int64_t head_words
        int64_t tail_words
        int64_t longest_inner
        int64_t crlf_lines

    w2v_status w2v_tokenize(const uint8_t *classes, const uint8_t *text, int64_t n, w2v_wordtable *table, int32_t *out,
                            w2v_block_stats *stats)
    void w2v_translate(const int32_t *ids, int64_t n, const int32_t *map, int32_t *out)
    int64_t w2v_remap(const int32_t *ids, int64_t n, const int32_t *map, int32_t *out, int32_t *last)


LINE_END = -1
DROPPED = -2


cdef int check(w2v_status status) except -1:
    if status == W2V_NO_MEMORY:
        raise MemoryError("out of memory while counting words")
    if status == W2V_TOO_MANY_WORDS:
        raise OverflowError("more than 2^31 - 2 distinct words")
    return 0


cdef class WordTable:
    """Distinct words with exact counts; provisional ids from 0 in order of insertion. Not thread safe: lock it."""

    cdef w2v_wordtable table

    def __cinit__(self):
        check(w2v_wordtable_init(&self.table))

    def __dealloc__(self):
        w2v_wordtable_free(&self.table)

    def __len__(self):
        return self.table.n_words

    def add(self, const uint8_t[::1] word not None, int64_t count=1):
        cdef int32_t id = -1
        if word.shape[0] == 0:
            raise ValueError("a word has at least one byte")
        check(w2v_wordtable_add(&self.table, &word[0], word.shape[0], count, &id))
        return id

    def counts(self):
        cdef int64_t[::1] view
        counts = np.zeros(self.table.n_words, dtype=np.int64)
        if self.table.n_words > 0:
            view = counts
            with nogil:
                w2v_wordtable_counts(&self.table, &view[0])
        return counts

    def longest_word(self):
        cdef int64_t longest = 0, i
        with nogil:
            for i in range(self.table.n_words):
                longest = max(longest, self.table.offsets[i + 1] - self.table.offsets[i])
        return longest

    def invalid_utf8(self, const int64_t[::1] counts not None):
        cdef int64_t words = 0, invalid = 0
        if counts.shape[0] != self.table.n_words:
            raise ValueError(f"counts has {counts.shape[0]} entries for {self.table.n_words} words")
        if self.table.n_words > 0:
            with nogil:
                w2v_wordtable_invalid_utf8(&self.table, &counts[0], &words, &invalid)
        return words, invalid

    def select(self, const int64_t[::1] counts not None, int64_t min_count, int64_t max_words):
        cdef int32_t[::1] view
        cdef int64_t n = 0
        cdef w2v_status status
        if counts.shape[0] != self.table.n_words:
            raise ValueError(f"counts has {counts.shape[0]} entries for {self.table.n_words} words")
        if max_words < 0:
            raise ValueError(f"max_words must be at least 0, not {max_words}")
        order = np.empty(self.table.n_words, dtype=np.int32)
        if self.table.n_words > 0:
            view = order
            with nogil:
                status = w2v_wordtable_select(&self.table, &counts[0], min_count, max_words, &view[0], &n)
            check(status)
        return order[:n].copy()

    def export(self, const int32_t[::1] order not None):
        cdef int64_t n = order.shape[0], i
        cdef int64_t[::1] offsets_view
        cdef uint8_t[::1] blob_view
        for i in range(n):
            if not 0 <= order[i] < self.table.n_words:
                raise IndexError(f"no word has the id {order[i]}")
        offsets = np.zeros(n + 1, dtype=np.int64)
        if n == 0:
            return np.empty(0, dtype=np.uint8), offsets
        offsets_view = offsets
        w2v_wordtable_export(&self.table, &order[0], n, NULL, &offsets_view[0])
        blob = np.empty(offsets_view[n], dtype=np.uint8)
        blob_view = blob
        with nogil:
            w2v_wordtable_export(&self.table, &order[0], n, &blob_view[0], &offsets_view[0])
        return blob, offsets


cdef class BlockTokenizer:
    """One worker's tokenizer: a small table of its own, so that only new words need the shared one.

    The methods are called in turn by one thread: `tokenize`, then `merge` with the shared table locked, then `ids`; at
    the end once `flush`, with the shared table locked. With `direct`, the shared table is used at once instead of an
    own one: for a single thread, which then saves a fifth of the time.
    """

    cdef w2v_wordtable own
    cdef w2v_wordtable *table  # `own`, or that of `direct`
    cdef WordTable direct
    cdef uint8_t classes[256]
    cdef int64_t max_words, max_bytes, merged, map_capacity, buffer_capacity
    cdef int32_t *map      # local id -> id in the shared table, for the first `merged` words
    cdef int32_t *buffer   # local ids of the last block
    cdef w2v_block_stats stats

    def __cinit__(self, bytes classes not None, int64_t max_words=1 << 18, int64_t max_bytes=1 << 25,
                  WordTable direct=None):
        if len(classes) != 256 or max(classes) > 2:
            raise ValueError("classes must be 256 bytes of value 0, 1 or 2")
        for i in range(256):
            self.classes[i] = classes[i]
        self.max_words = max_words
        self.max_bytes = max_bytes
        self.direct = direct
        self.table = &self.own if direct is None else &direct.table
        if direct is None:
            check(w2v_wordtable_init(&self.own))

    def __dealloc__(self):
        w2v_wordtable_free(&self.own)
        free(self.map)
        free(self.buffer)

    def tokenize(self, const uint8_t[::1] block not None):
        cdef int64_t n = block.shape[0]
        cdef int32_t *larger
        cdef w2v_status status
        if n > W2V_MAX_BLOCK:
            raise ValueError(f"a block of {n} bytes is above the limit of {W2V_MAX_BLOCK}")
        if self.buffer_capacity < n + 2:
            larger = <int32_t *>realloc(self.buffer, (n + 2) * sizeof(int32_t))
            if larger == NULL:
                raise MemoryError("out of memory while tokenizing")
            self.buffer = larger
            self.buffer_capacity = n + 2
        with nogil:
            status = w2v_tokenize(self.classes, &block[0] if n > 0 else NULL, n, self.table, self.buffer, &self.stats)
        check(status)
        return (self.stats.words, self.stats.line_ends, self.stats.head_words, self.stats.tail_words,
                self.stats.longest_inner, self.stats.crlf_lines)

    def merge(self, WordTable into not None):
        cdef int32_t *larger
        cdef w2v_status status
        cdef int64_t capacity
        if self.direct is not None or self.merged == self.table.n_words:
            return
        if self.map_capacity < self.table.n_words:
            capacity = max(self.table.n_words, 2 * self.map_capacity)
            larger = <int32_t *>realloc(self.map, capacity * sizeof(int32_t))
            if larger == NULL:
                raise MemoryError("out of memory while counting words")
            self.map = larger
            self.map_capacity = capacity
        with nogil:
            status = w2v_wordtable_merge_words(&into.table, self.table, self.merged, self.map)
        check(status)
        self.merged = self.table.n_words

    def ids(self):
        cdef int64_t n = self.stats.n_ids
        cdef int32_t[::1] view
        ids = np.empty(n, dtype=np.int32)
        if n > 0:
            view = ids
            with nogil:
                if self.map == NULL:  # as in w2v_translate, if there is nothing to translate
                    memcpy(&view[0], self.buffer, n * sizeof(int32_t))
                else:
                    w2v_translate(self.buffer, n, self.map, &view[0])
        return ids

    def full(self):
        if self.direct is not None:
            return False
        return self.table.n_words > self.max_words or self.table.offsets[self.table.n_words] > self.max_bytes

    def flush(self, WordTable into not None):
        cdef w2v_status status
        if self.direct is not None:
            return
        with nogil:
            status = w2v_wordtable_merge_counts(&into.table, self.table)
            w2v_wordtable_clear(self.table)
        self.merged = 0
        check(status)


def remap(const int32_t[::1] ids not None, const int32_t[::1] final not None, int32_t[::1] out not None, int last):
    cdef int64_t n = ids.shape[0], kept = 0, i
    cdef int32_t before = last
    cdef int32_t bound = <int32_t>(final.shape[0] - 1)
    cdef bint inside = final.shape[0] > 0 and final[0] == -1
    if n == 0:
        return 0, last
    if out.shape[0] == 0:
        raise ValueError("no room in out")
    with nogil:
        for i in range(n):
            inside &= -1 <= ids[i] < bound
        if inside:
            kept = w2v_remap(&ids[0], n, &final[0], &out[0], &before)
    if not inside:
        raise IndexError("an id is outside of the map, or final[0] is not -1")
    return kept, before
