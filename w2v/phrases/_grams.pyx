"""Python binding of csrc/text/phrases.h: counts grams and joins phrases in encoded text."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

import numpy as np

from w2v.corpus._status cimport W2V_OK, check, w2v_status


cdef extern from "text/phrases.h" nogil:
    const int W2V_CONNECTOR
    const int W2V_SPELLED
    const uint32_t W2V_NO_RUN

    ctypedef struct w2v_run:
        uint32_t parent
        int32_t word

    ctypedef struct w2v_runs:
        w2v_run *runs
        int64_t n

    ctypedef struct w2v_spelling:
        const uint8_t *blob
        const int64_t *offsets
        const uint8_t *separator
        int64_t n_separator
        uint64_t *hashes
        uint64_t *powers

    ctypedef struct w2v_grams:
        w2v_runs runs

    ctypedef struct w2v_joiner:
        pass

    void w2v_spelling_init(w2v_spelling *spelling, int64_t n_words)
    w2v_status w2v_grams_init(w2v_grams *grams, const uint8_t *kinds, int64_t n_words, uint64_t first, uint64_t share,
                              int max_log2_slots, const w2v_spelling *spelling)
    void w2v_grams_free(w2v_grams *grams)
    w2v_status w2v_grams_add_word(w2v_grams *grams, int32_t word, int64_t count, int *full)
    w2v_status w2v_grams_scan(w2v_grams *grams, const int32_t *ids, int64_t n, int64_t *taken)
    w2v_status w2v_grams_finish(w2v_grams *grams, int64_t *n_distinct, int *full)
    int64_t w2v_grams_export(const w2v_grams *grams, int64_t least, int32_t *lefts, uint32_t *runs, int32_t *rights,
                             int64_t *counts)
    w2v_joiner *w2v_joiner_new(const uint8_t *kinds, int64_t n_words, const int32_t *words, const int64_t *offsets,
                               const int32_t *joined, int64_t n_phrases)
    void w2v_joiner_free(w2v_joiner *joiner)
    int64_t w2v_joiner_cut(const w2v_joiner *joiner, const int32_t *ids, int64_t n, int64_t at)
    int64_t w2v_joiner_apply(const w2v_joiner *joiner, const int32_t *ids, int64_t n, int32_t *out,
                             int64_t *occurrences)
    int64_t w2v_render(const int32_t *ids, int64_t begin, int64_t end, int64_t n, const uint8_t *blob,
                       const int64_t *offsets, uint8_t *out)


# Bits of the kind of a word: a connector word; contains a byte of the separator, so that spellings may coincide.
CONNECTOR = W2V_CONNECTOR
SPELLED = W2V_SPELLED

# Run of an entry that is a word alone, not a gram.
NO_RUN = W2V_NO_RUN


cdef class Spelling:
    """Spelling of words, for texts in which different grams may have the same spelling when joined; shared by all
    counters.

    Parameters
    ----------
    blob, offsets : as in `w2v.corpus.vocabulary.Vocabulary`.
    separator : bytes between joined words.
    """

    cdef w2v_spelling spelling
    cdef const uint8_t[::1] blob
    cdef const int64_t[::1] offsets
    cdef bytes separator
    cdef uint64_t[::1] hashes, powers

    def __cinit__(self, const uint8_t[::1] blob not None, const int64_t[::1] offsets not None,
                  bytes separator not None):
        cdef int64_t n = offsets.shape[0] - 1
        if n < 1:
            raise ValueError("there are no words")
        self.blob, self.offsets, self.separator = blob, offsets, separator
        self.hashes, self.powers = np.empty(n, np.uint64), np.empty(n, np.uint64)
        self.spelling.blob, self.spelling.offsets = &self.blob[0], &self.offsets[0]
        self.spelling.separator, self.spelling.n_separator = <const uint8_t *>self.separator, len(separator)
        self.spelling.hashes, self.spelling.powers = &self.hashes[0], &self.powers[0]
        with nogil:
            w2v_spelling_init(&self.spelling, n)


cdef class GramCounter:
    """Counter of the grams whose hash lies in one share of all hashes, in bounded memory.

    Parameters
    ----------
    kinds : uint8 (n_words,), bits CONNECTOR and SPELLED by id.
    counts : int64 (n_words,), occurrences of the words.
    first, share : the share: values of the upper 32 bits of a hash from `first` to `first + share - 1`.
    max_log2_slots : 8 to 40. At most 5/8 of 2^max_log2_slots grams are counted, of 16 bytes each (24 with a spelling).
    spelling : used to count grams of the same spelling together; None if no two can have the same.

    Attributes
    ----------
    full : whether the table was too small; the counter is then of no use.
    """

    cdef w2v_grams grams
    cdef bint made
    cdef readonly bint full
    cdef const uint8_t[::1] kinds
    cdef Spelling spelling

    def __cinit__(self, const uint8_t[::1] kinds not None, const int64_t[::1] counts not None, uint64_t first,
                  uint64_t share, int max_log2_slots, Spelling spelling):
        cdef int full = 0
        cdef int64_t i, n = kinds.shape[0]
        cdef w2v_status status
        if n < 1 or counts.shape[0] != n or not 8 <= max_log2_slots <= 40:
            raise ValueError("kinds and counts need an entry for each word; max_log2_slots is from 8 to 40")
        if spelling is not None and spelling.offsets.shape[0] != n + 1:
            raise ValueError("the spelling has another number of words than kinds")
        self.kinds, self.spelling = kinds, spelling
        self.made = True
        with nogil:
            status = w2v_grams_init(&self.grams, &self.kinds[0], n, first, share, max_log2_slots,
                                    NULL if spelling is None else &spelling.spelling)
            if status == W2V_OK and spelling is not None:
                for i in range(n):
                    if kinds[i] == W2V_SPELLED and counts[i] > 0 and not full and status == W2V_OK:
                        status = w2v_grams_add_word(&self.grams, <int32_t>i, counts[i], &full)
        check(status)
        self.full = full

    def __dealloc__(self):
        if self.made:
            w2v_grams_free(&self.grams)

    def scan(self, const int32_t[::1] ids not None):
        """Count the next ids of the text. Returns the number of ids counted; fewer than given if the counter is
        `full`."""
        cdef int64_t taken = 0, n = ids.shape[0]
        cdef w2v_status status
        if self.full or n == 0:
            return 0
        with nogil:
            status = w2v_grams_scan(&self.grams, &ids[0], n, &taken)
        check(status)
        if taken < 0:
            raise IndexError("an id is outside of the vocabulary")
        self.full = taken < n
        return taken

    def finish(self, int64_t least):
        """Return the grams of this share that occur at least `least` times; call it after the last ids.

        Returns
        -------
        None if the counter is `full`. Otherwise the number of distinct spellings, and lefts int32, runs uint32, rights
        int32 and counts int64, (k,) each. An entry with run NO_RUN is the word `left` alone; these are all words of
        kind SPELLED that are not connectors.
        """
        cdef int full = 0
        cdef int64_t n_distinct = 0, n = 0
        cdef w2v_status status
        cdef int32_t[::1] left_view, right_view
        cdef uint32_t[::1] run_view
        cdef int64_t[::1] count_view
        if self.full:
            return None
        with nogil:
            status = w2v_grams_finish(&self.grams, &n_distinct, &full)
        check(status)
        if full:
            self.full = True
            return None
        with nogil:
            n = w2v_grams_export(&self.grams, least, NULL, NULL, NULL, NULL)
        lefts, rights = np.empty(n, np.int32), np.empty(n, np.int32)
        runs, counts = np.empty(n, np.uint32), np.empty(n, np.int64)
        if n > 0:
            left_view, run_view, right_view, count_view = lefts, runs, rights, counts
            with nogil:
                w2v_grams_export(&self.grams, least, &left_view[0], &run_view[0], &right_view[0], &count_view[0])
        return n_distinct, lefts, runs, rights, counts

    def run_words(self, uint32_t run):
        """Return the ids of the connector words of a run, from left to right."""
        words = []
        if run >= self.grams.runs.n:
            raise IndexError(f"there is no run {run}")
        while run != 0:
            words.append(self.grams.runs.runs[run].word)
            run = self.grams.runs.runs[run].parent
        return tuple(reversed(words))


cdef class Joiner:
    """Joins phrases in ids.

    Parameters
    ----------
    kinds : uint8 (n_words,), bit CONNECTOR by id.
    words, offsets : int32 and int64 (n_phrases + 1,); phrase k is words[offsets[k]:offsets[k + 1]], at least two ids,
        of which all but the first and the last are connector words.
    joined : int32 (n_phrases,), the id of each phrase as one word.
    """

    cdef w2v_joiner *joiner
    cdef const int32_t[::1] joined

    def __cinit__(self, const uint8_t[::1] kinds not None, const int32_t[::1] words not None,
                  const int64_t[::1] offsets not None, const int32_t[::1] joined not None):
        cdef int64_t i, n = joined.shape[0], n_words = kinds.shape[0]
        if n < 1 or offsets.shape[0] != n + 1 or offsets[0] != 0 or offsets[n] != words.shape[0]:
            raise ValueError("the phrases and their offsets are not consistent")
        for i in range(n):
            if offsets[i + 1] - offsets[i] < 2:
                raise ValueError("a phrase has at least two words")
        for i in range(words.shape[0]):
            if not 0 <= words[i] < n_words:
                raise ValueError("a word of a phrase is not in the vocabulary")
        self.joined = joined
        with nogil:
            self.joiner = w2v_joiner_new(&kinds[0], n_words, &words[0], &offsets[0], &joined[0], n)
        if self.joiner == NULL:
            raise MemoryError("out of memory for the phrases")

    def __dealloc__(self):
        if self.joiner != NULL:
            w2v_joiner_free(self.joiner)

    def cut(self, const int32_t[::1] ids not None, int64_t at):
        """Return the first position, at or after `at`, at which a cut does not change which phrases are joined."""
        cdef int64_t found = ids.shape[0]
        if not 0 <= at <= found:
            raise IndexError(f"position {at} is outside of {found} ids")
        if at < found:
            with nogil:
                found = w2v_joiner_cut(self.joiner, &ids[0], found, at)
        return found

    def apply(self, int32_t[::1] ids not None, int64_t[::1] occurrences not None):
        """Join in place and return the number of remaining ids. Each join of phrase k increments occurrences[k]."""
        cdef int64_t left = 0, n = ids.shape[0]
        if occurrences.shape[0] != self.joined.shape[0]:
            raise ValueError("occurrences needs an entry for each phrase")
        if n > 0:
            with nogil:
                left = w2v_joiner_apply(self.joiner, &ids[0], n, &ids[0], &occurrences[0])
        if left < 0:
            raise IndexError("an id is outside of the vocabulary")
        return left


def render(const int32_t[::1] ids not None, int64_t begin, int64_t end, const uint8_t[::1] blob not None,
           const int64_t[::1] offsets not None):
    """Return ids[begin:end] as text, uint8: a blank after each word and weight, or a newline at the end of a line."""
    cdef int64_t size = 0, n = ids.shape[0], i
    cdef uint8_t[::1] view
    if not 0 <= begin <= end <= n or offsets.shape[0] < 2:
        raise IndexError(f"the range from {begin} to {end} is outside of {n} ids, or there are no words")
    for i in range(begin, end):
        if ids[i] >= offsets.shape[0] - 1:
            raise IndexError("an id is outside of the vocabulary")
    if begin == end:
        return np.empty(0, np.uint8)
    with nogil:
        size = w2v_render(&ids[0], begin, end, n, &blob[0], &offsets[0], NULL)
    text = np.empty(size, np.uint8)
    if size > 0:
        view = text
        with nogil:
            w2v_render(&ids[0], begin, end, n, &blob[0], &offsets[0], &view[0])
    return text
