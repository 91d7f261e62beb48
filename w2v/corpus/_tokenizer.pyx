"""Binding of the C tokenizer and word table; the one place where their statuses become exceptions."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free
from libc.string cimport memchr

import numpy as np

from w2v.corpus._status cimport W2V_BAD_WEIGHT, W2V_OK, check, w2v_status


cdef extern from "text/wordtable.h" nogil:
    ctypedef struct w2v_wordtable:
        int64_t n_words

    ctypedef struct w2v_reader:
        pass

    w2v_status w2v_wordtable_init(w2v_wordtable *table)
    void w2v_wordtable_free(w2v_wordtable *table)
    w2v_reader *w2v_reader_new(w2v_wordtable *table)
    void w2v_reader_free(w2v_reader *reader)
    w2v_status w2v_wordtable_add(w2v_wordtable *table, const uint8_t *word, int64_t length, int64_t count, int32_t *id)
    void w2v_wordtable_counts(const w2v_wordtable *table, int64_t *counts)
    ctypedef struct w2v_oddities:
        int64_t invalid_words
        int64_t invalid_bytes
        int64_t longest_word

    ctypedef struct w2v_listed_word:
        int64_t count

    int32_t w2v_wordtable_find(const w2v_wordtable *table, const uint8_t *word, int64_t length)
    w2v_oddities w2v_wordtable_oddities(const w2v_wordtable *table, const int64_t *counts)
    w2v_status w2v_wordtable_select(const w2v_wordtable *table, const int64_t *counts, int64_t min_count,
                                    int64_t max_words, w2v_listed_word **list, int64_t *n, int64_t *n_bytes)
    void w2v_wordtable_export(const w2v_listed_word *list, int64_t n, uint8_t *blob, int64_t *offsets, int64_t *counts,
                              int32_t *final)


cdef extern from "text/tokenizer.h" nogil:
    const int64_t W2V_MAX_BLOCK

    ctypedef struct w2v_block_stats:
        int64_t n_ids
        int64_t words
        int64_t line_ends
        int64_t head_words
        int64_t tail_words
        int64_t longest_inner
        int64_t crlf_lines
        int64_t weights
        int64_t zero_weights
        double weight_sum
        float lowest_weight
        float highest_weight
        int64_t bad_weight_begin
        int64_t bad_weight_end

    ctypedef enum w2v_line_weights:
        W2V_NO_WEIGHTS
        W2V_WEIGHT_FIRST
        W2V_WEIGHT_PASSED

    w2v_status w2v_tokenize(const uint8_t *classes, const uint8_t *text, int64_t n, w2v_line_weights weights,
                            w2v_reader *reader, int32_t *out, w2v_block_stats *stats)
    int64_t w2v_remap(const int32_t *ids, int64_t n, const int32_t *map, int64_t n_map, int32_t *out, int32_t *last)


cdef extern from "text/decimal.h" nogil:
    const int W2V_INTEGER_CHARS
    int64_t w2v_write_integers(const int64_t *values, int64_t n, uint8_t separator, uint8_t line_end, uint8_t *out)


INTEGER_CHARS = W2V_INTEGER_CHARS
LINE_END = -1
DROPPED = -2
NO_WEIGHTS, WEIGHT_FIRST, WEIGHT_PASSED = W2V_NO_WEIGHTS, W2V_WEIGHT_FIRST, W2V_WEIGHT_PASSED


class BadWeight(Exception):
    """A line does not begin with a weight: what stands there instead, and where in the block."""

    def __init__(self, word, offset):
        super().__init__(word, offset)
        self.word, self.offset = word, offset


cdef class WordTable:
    """Distinct words with exact counts; ids from 0 in order of insertion.

    `add` and the tokenizers of any number of threads may work on it at once; all other methods want it at rest.
    """

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

    def add_all(self, const uint8_t[::1] blob not None, const int64_t[::1] offsets not None):
        """Insert words that stand one after the other, as in `w2v.corpus.vocabulary.Vocabulary`, with count 0. In an empty table
        each gets its place as id, if none comes twice."""
        cdef int64_t i, n = offsets.shape[0] - 1
        cdef int32_t id = -1
        cdef w2v_status status = W2V_OK
        if n < 1:
            return
        if offsets[0] != 0 or offsets[n] != blob.shape[0]:
            raise ValueError("offsets must rise from 0 to the size of blob")
        for i in range(n):
            if offsets[i + 1] <= offsets[i]:
                raise ValueError("offsets must rise: a word has at least one byte")
        with nogil:
            for i in range(n):
                status = w2v_wordtable_add(&self.table, &blob[offsets[i]], offsets[i + 1] - offsets[i], 0, &id)
                if status != W2V_OK:
                    break
        check(status)

    def find(self, const uint8_t[::1] word not None):
        """The id of a word, -1 if it is not here."""
        return -1 if word.shape[0] == 0 else w2v_wordtable_find(&self.table, &word[0], word.shape[0])

    def counts(self):
        cdef int64_t[::1] view
        counts = np.zeros(self.table.n_words, dtype=np.int64)
        if self.table.n_words > 0:
            view = counts
            with nogil:
                w2v_wordtable_counts(&self.table, &view[0])
        return counts

    def oddities(self, const int64_t[::1] counts not None):
        """Occurrences of words that are no valid UTF-8, bytes in them that belong to no character, the longest word."""
        cdef w2v_oddities found
        cdef const int64_t *by_id = self._checked(counts)
        with nogil:
            found = w2v_wordtable_oddities(&self.table, by_id)
        return found.invalid_words, found.invalid_bytes, found.longest_word

    def select(self, const int64_t[::1] counts not None, int64_t min_count, int64_t max_words):
        """The words with a count of at least `min_count`, by falling count, then by bytes; at most `max_words` of them.

        Parameters
        ----------
        counts : as from `counts`.

        Returns
        -------
        blob, offsets, counts : as in `w2v.corpus.vocabulary.Vocabulary`.
        final : int32 (len(self) + 1,), for `remap`: by id + 1 the place of a word in this list or DROPPED; LINE_END.
        """
        cdef w2v_listed_word *words = NULL
        cdef int64_t n = 0, n_bytes = 0
        cdef w2v_status status
        cdef uint8_t[::1] blob_view
        cdef int64_t[::1] offsets_view, counts_view
        cdef int32_t[::1] final_view
        cdef const int64_t *by_id = self._checked(counts)
        if max_words < 0:
            raise ValueError(f"max_words must be at least 0, not {max_words}")
        try:
            with nogil:
                status = w2v_wordtable_select(&self.table, by_id, min_count, max_words, &words, &n, &n_bytes)
            check(status)
            blob, offsets, chosen = np.empty(n_bytes, np.uint8), np.zeros(n + 1, np.int64), np.empty(n, np.int64)
            final = np.full(self.table.n_words + 1, DROPPED, np.int32)
            final[0] = LINE_END
            if n > 0:
                blob_view, offsets_view, counts_view, final_view = blob, offsets, chosen, final
                with nogil:
                    w2v_wordtable_export(words, n, &blob_view[0], &offsets_view[0], &counts_view[0], &final_view[0])
        finally:
            free(words)
        return blob, offsets, chosen, final

    cdef const int64_t *_checked(self, const int64_t[::1] counts) except? NULL:
        if counts.shape[0] != self.table.n_words:
            raise ValueError(f"counts has {counts.shape[0]} entries for {self.table.n_words} words")
        return &counts[0] if counts.shape[0] > 0 else NULL


cdef class BlockTokenizer:
    """One thread's way into a table that all threads fill: blocks of text to ids.

    Parameters
    ----------
    table : gets the words and their counts.
    classes : 256 bytes, see `w2v.corpus.source.TextSource`.
    """

    cdef WordTable table
    cdef w2v_reader *reader
    cdef uint8_t classes[256]

    def __cinit__(self, WordTable table not None, bytes classes not None):
        if len(classes) != 256 or max(classes) > 2:
            raise ValueError("classes must be 256 bytes of value 0, 1 or 2")
        for i in range(256):
            self.classes[i] = classes[i]
        self.table = table
        self.reader = w2v_reader_new(&table.table)
        if self.reader == NULL:
            raise MemoryError("out of memory while counting words")

    def __dealloc__(self):
        if self.reader != NULL:
            w2v_reader_free(self.reader)

    def tokenize(self, const uint8_t[::1] block not None, int32_t[::1] out not None, int weights=NO_WEIGHTS):
        """Write the ids of a block to `out`, of len(block) + 2 entries or more. `weights`: WEIGHT_FIRST if lines begin
        with their weights and the block begins at the first word of a line, WEIGHT_PASSED if later in one.

        Returns
        -------
        Number of ids written, and what `w2v.corpus.encode` adds up: words, line ends, words before the first and after the
        last line end, words of the longest line in between, lines that end with CR LF; weights, zeros among them,
        their sum, the lowest and the highest.

        Raises
        ------
        BadWeight : instead of a finite number of 0 or more.
        """
        cdef int64_t n = block.shape[0]
        cdef w2v_block_stats stats
        cdef w2v_status status
        if n > W2V_MAX_BLOCK:
            raise ValueError(f"a block of {n} bytes is above the limit of {W2V_MAX_BLOCK}")
        if out.shape[0] < n + 2:
            raise ValueError(f"out has room for {out.shape[0]} ids, a block of {n} bytes may need {n + 2}")
        with nogil:
            status = w2v_tokenize(self.classes, &block[0] if n > 0 else NULL, n, <w2v_line_weights> weights,
                                  self.reader, &out[0], &stats)
        if status == W2V_BAD_WEIGHT:
            raise BadWeight(bytes(block[stats.bad_weight_begin : stats.bad_weight_end]), stats.bad_weight_begin)
        check(status)
        return stats.n_ids, (stats.words, stats.line_ends, stats.head_words, stats.tail_words, stats.longest_inner,
                             stats.crlf_lines, stats.weights, stats.zero_weights, stats.weight_sum,
                             stats.lowest_weight, stats.highest_weight)


def find_nul(const uint8_t[::1] block not None):
    """Where the first NUL byte stands, -1 if there is none."""
    cdef const uint8_t *found = NULL
    if block.shape[0] > 0:
        with nogil:
            found = <const uint8_t *>memchr(&block[0], 0, block.shape[0])
    return -1 if found == NULL else found - &block[0]


def write_integers(const int64_t[::1] values not None, uint8_t[::1] out not None, uint8_t separator,
                   uint8_t line_end):
    """Write numbers as text, each with a separator after it, a negative one as a line end; returns how many bytes. `out`
    has INTEGER_CHARS of them for each number."""
    cdef int64_t n = values.shape[0], written = 0
    if out.shape[0] < n * W2V_INTEGER_CHARS:
        raise ValueError(f"out has room for {out.shape[0]} bytes, {n} numbers may need {n * W2V_INTEGER_CHARS}")
    if n > 0:
        with nogil:
            written = w2v_write_integers(&values[0], n, separator, line_end, &out[0])
    return written


def remap(const int32_t[::1] ids not None, const int32_t[::1] final not None, int32_t[::1] out not None, int last):
    cdef int64_t n = ids.shape[0], kept = -1
    cdef int32_t before = last
    if n == 0:
        return 0, last
    if out.shape[0] == 0:
        raise ValueError("no room in out")
    if final.shape[0] > 0 and final[0] == -1:
        with nogil:
            kept = w2v_remap(&ids[0], n, &final[0], final.shape[0], &out[0], &before)
    if kept < 0:
        raise IndexError("an id is outside of the map, or final[0] is not -1")
    return kept, before
