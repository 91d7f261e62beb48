"""Python binding of the C tokenizer and word table (csrc/text); turns their status codes into exceptions."""

from collections import namedtuple

cimport cython
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
    w2v_status w2v_wordtable_reserve(w2v_wordtable *table)
    void w2v_wordtable_close(w2v_wordtable *table)
    void w2v_wordtable_counts(const w2v_wordtable *table, int64_t *counts)
    ctypedef struct w2v_oddities:
        int64_t invalid_words
        int64_t invalid_bytes
        int64_t longest_word
        int64_t punctuated
        int64_t markup
        int64_t wiki
        int64_t unspaced
        int64_t unspaced_chars
        int64_t unicode_spaces
        int64_t blanks
        int64_t capitalized

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
    const int W2V_LINE_END
    const int W2V_DROPPED
    const int W2V_BYTE_WORD
    const int W2V_BYTE_SEPARATOR
    const int W2V_BYTE_LINE_END

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


cdef extern from "text/integers.h" nogil:
    ctypedef struct w2v_integers:
        const uint8_t *values
        int size
        int is_signed
        int64_t rows
        int64_t columns
        int64_t row_stride
        int64_t column_stride
        int padded
        int ends_rows

    w2v_status w2v_tokenize_integers(const w2v_integers *block, w2v_reader *reader, int32_t *out,
                                     w2v_block_stats *stats)


cdef extern from "text/edges.h" nogil:
    ctypedef enum w2v_edge_weights:
        W2V_EDGE_NO_WEIGHTS
        W2V_EDGE_WEIGHTS
        W2V_EDGE_IGNORE_WEIGHTS

    ctypedef struct w2v_edge_format:
        int delimiter
        int source
        int target
        int weight
        w2v_edge_weights weights

    ctypedef struct w2v_edge_stats:
        int64_t edges
        int64_t comments
        int64_t further
        int bad
        int64_t bad_begin
        int64_t bad_end

    w2v_status w2v_read_edges(const w2v_edge_format *format, const uint8_t *text, int64_t n, w2v_reader *reader,
                              int32_t *ends, float *weights, w2v_edge_stats *stats)
    int64_t w2v_most_edges(int64_t n)


# Special ids: the end of a line (-1), and in a map for `remap` a word that is left out (-2).
LINE_END, DROPPED = W2V_LINE_END, W2V_DROPPED

# Classes of byte values: part of a word (0), separator (1), end of a line (2).
WORD_CLASS, SEPARATOR_CLASS, LINE_END_CLASS = W2V_BYTE_WORD, W2V_BYTE_SEPARATOR, W2V_BYTE_LINE_END

# Lines have no weights; or they have, and a block begins before or after the weight of its first line.
NO_WEIGHTS, WEIGHT_FIRST, WEIGHT_PASSED = W2V_NO_WEIGHTS, W2V_WEIGHT_FIRST, W2V_WEIGHT_PASSED

# Weights of the lines of a list of edges: none, in a column, or in fields that are not looked at.
EDGES_WITHOUT_WEIGHTS, EDGES_WITH_WEIGHTS, EDGE_WEIGHTS_IGNORED = \
    W2V_EDGE_NO_WEIGHTS, W2V_EDGE_WEIGHTS, W2V_EDGE_IGNORE_WEIGHTS

# Counts of a block of edges. comments: lines that begin with # or %; further: lines with more fields than are read.
EdgeStats = namedtuple("EdgeStats", ["edges", "comments", "further"], module=__name__)

# Counts of a block. head_words: words before the first line end. tail_words: words after the last line end, or all
# words if there is none. longest_inner: words of the longest line in between. crlf_lines: lines that end with CR LF.
BlockStats = namedtuple("BlockStats", [
    "words", "line_ends", "head_words", "tail_words", "longest_inner", "crlf_lines", "weights", "zero_weights",
    "weight_sum", "lowest_weight", "highest_weight"], module=__name__)

# Numbers of occurrences of words by what is odd about them (csrc/text/wordtable.h); longest_word: bytes.
Oddities = namedtuple("Oddities", [
    "invalid_words", "invalid_bytes", "longest_word", "punctuated", "markup", "wiki", "unspaced", "unspaced_chars",
    "unicode_spaces", "blanks", "capitalized"], module=__name__)


class BadWeight(Exception):
    """A line does not begin with a weight.

    Attributes
    ----------
    word : bytes, the first word of the line.
    offset : its position in the block.
    """

    def __init__(self, word, offset):
        super().__init__(word, offset)
        self.word, self.offset = word, offset


cdef class WordTable:
    """Distinct words with exact counts; ids count from 0 in order of insertion.

    `add` and the tokenizers of any number of threads may run at the same time. No other method may run at the same time
    as these.
    """

    cdef w2v_wordtable table

    def __cinit__(self):
        check(w2v_wordtable_init(&self.table))

    def __dealloc__(self):
        w2v_wordtable_free(&self.table)

    def __len__(self):
        return self.table.n_words

    def add(self, const uint8_t[::1] word not None, int64_t count=1):
        """Add `count` to the count of a word, inserting it if it is new; return its id."""
        cdef int32_t id = -1
        if word.shape[0] == 0:
            raise ValueError("a word has at least one byte")
        check(w2v_wordtable_add(&self.table, &word[0], word.shape[0], count, &id))
        return id

    def add_all(self, const uint8_t[::1] blob not None, const int64_t[::1] offsets not None,
                const int64_t[::1] counts=None):
        """Add `counts` (0 without them) to the counts of concatenated words, as in `w2v.corpus.vocabulary.Vocabulary`,
        inserting those that are new. In an empty table distinct words get their positions as ids."""
        cdef int64_t i, n = offsets.shape[0] - 1
        cdef int32_t id = -1
        cdef w2v_status status = W2V_OK
        if n < 1:
            return
        if offsets[0] != 0 or offsets[n] != blob.shape[0]:
            raise ValueError("offsets must increase from 0 to the size of blob")
        for i in range(n):
            if offsets[i + 1] <= offsets[i]:
                raise ValueError("offsets must increase: a word has at least one byte")
        cdef const int64_t *added = NULL
        if counts is not None:
            if counts.shape[0] != n:
                raise ValueError(f"{counts.shape[0]} counts for {n} words")
            added = &counts[0]
        with nogil:
            for i in range(n):
                status = w2v_wordtable_add(&self.table, &blob[offsets[i]], offsets[i + 1] - offsets[i],
                                           0 if added == NULL else added[i], &id)
                if status != W2V_OK:
                    break
        check(status)

    @staticmethod
    def closed(const uint8_t[::1] blob not None, const int64_t[::1] offsets not None):
        """Return a table of these distinct words, to which no word is added any more.

        Returns
        -------
        The table: the ids of its words are their positions + 1, and id 0 is that of every other word.
        final : int32, the map for `remap`: to positions, and id 0 to DROPPED.
        """
        cdef WordTable table = WordTable()
        check(w2v_wordtable_reserve(&table.table))
        table.add_all(blob, offsets)
        w2v_wordtable_close(&table.table)
        final = np.arange(-2, offsets.shape[0] - 1, dtype=np.int32)
        final[:2] = LINE_END, DROPPED
        return table, final

    def find(self, const uint8_t[::1] word not None):
        """Return the id of a word, -1 if it is not in the table."""
        return -1 if word.shape[0] == 0 else w2v_wordtable_find(&self.table, &word[0], word.shape[0])

    def counts(self):
        """Return int64 (len(self),), the count of each word by id."""
        cdef int64_t[::1] view
        counts = np.zeros(self.table.n_words, dtype=np.int64)
        if self.table.n_words > 0:
            view = counts
            with nogil:
                w2v_wordtable_counts(&self.table, &view[0])
        return counts

    def oddities(self, const int64_t[::1] counts not None):
        """Return the `Oddities` of the words with these counts."""
        cdef w2v_oddities found
        cdef const int64_t *by_id = self._checked(counts)
        with nogil:
            found = w2v_wordtable_oddities(&self.table, by_id)
        return Oddities(found.invalid_words, found.invalid_bytes, found.longest_word, found.punctuated, found.markup,
                        found.wiki, found.unspaced, found.unspaced_chars, found.unicode_spaces, found.blanks,
                        found.capitalized)

    def select(self, const int64_t[::1] counts not None, int64_t min_count, int64_t max_words):
        """List the words with a count of at least `min_count`, ordered by falling count, then by bytes.

        Parameters
        ----------
        counts : int64 (len(self),), by id; usually from the method `counts`.
        max_words : list at most this many words.

        Returns
        -------
        blob, offsets, counts : as in `w2v.corpus.vocabulary.Vocabulary`.
        final : int32 (len(self) + 1,), the map for `remap`. Entry id + 1 is the position of the word in the list, or
            DROPPED; entry 0 is LINE_END.
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


class BadEdge(Exception):
    """A line is no edge.

    Attributes
    ----------
    reason : `w2v_bad_edge` of csrc/text/edges.h.
    line : bytes of the line.
    offset : its position in the block.
    """

    def __init__(self, reason, line, offset):
        super().__init__(reason, line, offset)
        self.reason, self.line, self.offset = reason, line, offset


@cython.no_gc_clear  # __dealloc__ needs the table
cdef class BlockTokenizer:
    """Tokenizer of one thread: turns blocks of text into ids of a word table that all threads fill.

    Parameters
    ----------
    table : receives the words and their counts.
    classes : 256 bytes, the class of each byte value: WORD_CLASS, SEPARATOR_CLASS or LINE_END_CLASS.
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
        """Write the ids of a block to `out`.

        Parameters
        ----------
        block : text that begins and ends at a word boundary.
        out : int32, at least len(block) + 2 entries.
        weights : NO_WEIGHTS; or, if lines begin with a weight, WEIGHT_FIRST if the block begins before the first word
            of a line and WEIGHT_PASSED if it begins later in a line.

        Returns
        -------
        The number of ids written, and the `BlockStats` of the block.

        Raises
        ------
        BadWeight : the first word of a line is not a finite number of at least 0.
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
        return stats.n_ids, counts_of(&stats)

    def tokenize_integers(self, values, int32_t[::1] out not None, bint ends_rows=True):
        """Write the ids of integers to `out`; the word of a number is its decimal digits.

        Parameters
        ----------
        values : integers of 1 to 8 bytes below 2^63, in native byte order. (n,): a negative number ends a line.
            (n, k): lines in rows, in which negative numbers are padding.
        out : int32, at least n or n * (k + 1) entries.
        ends_rows : whether a line ends with each row of (n, k).

        Returns
        -------
        The number of ids written, and the `BlockStats` of the block.
        """
        cdef w2v_integers block
        cdef w2v_block_stats stats
        cdef w2v_status status
        if values.dtype.kind not in "iu" or not values.dtype.isnative or values.ndim not in (1, 2):
            raise ValueError(f"expected integers of 1 or 2 dimensions, not {values.dtype} of {values.ndim}")
        block.values = <const uint8_t *><size_t>values.ctypes.data
        block.size = values.dtype.itemsize
        block.is_signed = values.dtype.kind == "i"
        block.padded = values.ndim == 2
        block.ends_rows = ends_rows
        block.rows, block.columns = values.shape if block.padded else (1, values.shape[0])
        block.row_stride = values.strides[0] if block.padded else 0
        block.column_stride = values.strides[values.ndim - 1]  # not -1: `wraparound` is off, for tuples too
        if out.shape[0] < values.size + (block.rows if block.padded else 0):
            raise ValueError(f"out has room for {out.shape[0]} ids, too few for integers of shape {values.shape}")
        with nogil:
            status = w2v_tokenize_integers(&block, self.reader, &out[0], &stats)
        check(status)
        return stats.n_ids, counts_of(&stats)

    def read_edges(self, const uint8_t[::1] block not None, int delimiter, int source, int target, int weight,
                   int weights):
        """Read the edges of a block of whole lines; the classes of bytes do not matter.

        Parameters
        ----------
        delimiter : byte between fields, or 0 for runs of blanks and tabs.
        source, target, weight : columns, from 0.
        weights : EDGES_WITHOUT_WEIGHTS, EDGES_WITH_WEIGHTS or EDGE_WEIGHTS_IGNORED.

        Returns
        -------
        ends : int32 (n, 2), provisional ids.
        weights : float32 (n,) with EDGES_WITH_WEIGHTS, otherwise None.
        stats : `EdgeStats`.

        Raises
        ------
        BadEdge : a line is no edge.
        """
        cdef int64_t n = block.shape[0]
        cdef w2v_edge_format form
        cdef w2v_edge_stats stats
        cdef w2v_status status
        cdef int32_t[:, ::1] ends_view
        cdef float[::1] weights_view
        cdef float *first = NULL
        if n > W2V_MAX_BLOCK or min(source, target, weight) < 0 or source == target or not 0 <= weights <= 2:
            raise ValueError("the block is too large, or a column is wrong")
        form.delimiter, form.source, form.target, form.weight = delimiter, source, target, weight
        form.weights = <w2v_edge_weights> weights
        ends_view = ends = np.empty((w2v_most_edges(n), 2), np.int32)
        of_edges = None
        if weights == W2V_EDGE_WEIGHTS:
            weights_view = of_edges = np.empty(w2v_most_edges(n), np.float32)
            first = &weights_view[0]
        with nogil:
            status = w2v_read_edges(&form, &block[0] if n > 0 else NULL, n, self.reader, &ends_view[0, 0], first,
                                    &stats)
        check(status)
        if stats.bad:
            raise BadEdge(stats.bad, bytes(block[stats.bad_begin : stats.bad_end]), stats.bad_begin)
        found = EdgeStats(stats.edges, stats.comments, stats.further)
        return (ends[:stats.edges].copy(), None if of_edges is None else of_edges[:stats.edges].copy(), found)


cdef object counts_of(const w2v_block_stats *stats):
    return BlockStats(
        stats.words, stats.line_ends, stats.head_words, stats.tail_words, stats.longest_inner, stats.crlf_lines,
        stats.weights, stats.zero_weights, stats.weight_sum, stats.lowest_weight, stats.highest_weight)


def find_nul(const uint8_t[::1] block not None):
    """Return the position of the first NUL byte, -1 if there is none."""
    cdef const uint8_t *found = NULL
    if block.shape[0] > 0:
        with nogil:
            found = <const uint8_t *>memchr(&block[0], 0, block.shape[0])
    return -1 if found == NULL else found - &block[0]


def remap(const int32_t[::1] ids not None, const int32_t[::1] final not None, int32_t[::1] out not None, int last):
    """Replace provisional ids by final ones; dropped words and the ends of empty lines are left out.

    Parameters
    ----------
    ids : provisional ids, LINE_END, and weights of lines, which are kept.
    final : entry id + 1 is the final id of `id`, or DROPPED; entry 0 is LINE_END.
    out : room for one entry more than is kept. It may be `ids`, or memory before it.
    last : the entry written before these; LINE_END at the start.

    Returns
    -------
    The number of entries written, and the last of them (`last` if there is none).

    Raises
    ------
    IndexError : an id is outside of the map.
    """
    cdef int64_t n = ids.shape[0], kept = -1
    cdef int32_t before = last
    if n == 0:
        return 0, last
    if out.shape[0] == 0:
        raise ValueError("no room in out")
    if final.shape[0] > 0 and final[0] == W2V_LINE_END:
        with nogil:
            kept = w2v_remap(&ids[0], n, &final[0], final.shape[0], &out[0], &before)
    if kept < 0:
        raise IndexError("an id is outside of the map, or final[0] is not LINE_END")
    return kept, before
