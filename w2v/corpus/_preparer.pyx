"""Python binding of the preparation of text (csrc/text/prepare.h), with the normalization of the standard library."""

import unicodedata
from collections import namedtuple

cimport cython
from libc.stdint cimport int64_t, uint8_t

import numpy as np

from w2v.corpus.byte_classes import TEXT_CLASSES, TOKEN_CLASSES, TOKEN_END_BYTE


cdef extern from "text/tokenizer.h" nogil:
    ctypedef enum w2v_line_weights:
        W2V_NO_WEIGHTS


cdef extern from "text/unicode.h" nogil:
    const char *w2v_unicode_version


cdef extern from "text/prepare.h" nogil:
    const int W2V_PREPARE_SLACK

    ctypedef enum w2v_normal_form:
        W2V_NFC
        W2V_NFKC

    ctypedef struct w2v_stop_words:
        pass

    int64_t w2v_find_denormal(const uint8_t *classes, const uint8_t *text, int64_t n, w2v_normal_form form, int64_t *at,
                              int64_t *edges, int64_t capacity)
    int64_t w2v_split_sentences(const uint8_t *text, int64_t n, uint8_t *out)
    int64_t w2v_map_characters(const uint8_t *text, int64_t n, int lowercase, int spaces, uint8_t *out)
    int64_t w2v_split_words(const uint8_t *text, int64_t n, int lowercase, int punctuation, w2v_line_weights weights,
                            uint8_t *out, int64_t *ideographs)
    int w2v_stop_words_init(w2v_stop_words *set, const uint8_t *bytes, const int64_t *offsets, int64_t n)
    void w2v_stop_words_free(w2v_stop_words *set)
    int64_t w2v_leave_out(const w2v_stop_words *set, const uint8_t *classes, const uint8_t *text, int64_t n,
                          w2v_line_weights weights, uint8_t *out, int64_t *left_out)


cdef enum:
    FOUND_AT_ONCE = 4096  # tokens for unicodedata.normalize

# Counts of what was prepared. stop_words: words left out. ideographs: words that are one ideograph or Hiragana, because
# tokenize="words" does not segment Chinese and Japanese.
PreparationCounts = namedtuple("PreparationCounts", ["stop_words", "ideographs"], defaults=(0, 0), module=__name__)


def unicode_version():
    """Return the version of Unicode of the tables."""
    return w2v_unicode_version.decode()


cdef class Preparer:
    """Applies the options of a text to its blocks; one for each thread.

    Parameters
    ----------
    text : the options (`w2v.corpus_options.TextOptions`); its `tokenizer` is not used.
    tokens : blocks are tokens and sentences as `TOKEN_CLASSES` ends them, instead of text: the options apply to each
        token, which is not split.
    """

    cdef uint8_t classes[256]
    cdef bytes stop_bytes, joint
    cdef object stop_offsets, form
    cdef w2v_stop_words stop_words
    cdef int lowercase, spaces, words, punctuation, sentences, has_stop_words
    cdef int64_t n_stop_words, n_ideographs
    cdef list buffers
    cdef object current

    def __cinit__(self, text, *, tokens=False):
        cdef const int64_t[::1] offsets
        classes = TOKEN_CLASSES if tokens else TEXT_CLASSES
        for i in range(256):
            self.classes[i] = classes[i]
        self.lowercase = text.lowercase
        self.form = text.normalize and text.normalize.upper()
        self.joint = TOKEN_END_BYTE if tokens else b"\n"
        self.words = text.tokenize == "words" and not tokens
        self.spaces = text.unicode_spaces and not tokens
        self.punctuation = text.keep_punctuation
        self.sentences = text.split_lines_at is not None and not tokens
        self.buffers = [np.empty(0, np.uint8), np.empty(0, np.uint8)]
        if text.stop_words:
            encoded = [word.encode("utf-8", "surrogateescape") for word in text.stop_words]
            self.stop_bytes = b"".join(encoded)
            self.stop_offsets = offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
            if not w2v_stop_words_init(&self.stop_words, self.stop_bytes, &offsets[0], len(encoded)):
                raise MemoryError("out of memory for the stop words")
            self.has_stop_words = 1

    def __dealloc__(self):
        if self.has_stop_words:
            w2v_stop_words_free(&self.stop_words)

    @property
    def counts(self):
        """The `PreparationCounts` of all blocks so far."""
        return PreparationCounts(self.n_stop_words, self.n_ideographs)

    def prepare(self, block not None, int weights=W2V_NO_WEIGHTS):
        """Prepare a block.

        Parameters
        ----------
        block : text that begins and ends at a word boundary; with `split_lines_at` at a line end.
        weights : as in `w2v.corpus._tokenizer.BlockTokenizer.tokenize`; a weight is not changed by `tokenize` and
            `stop_words`.

        Returns
        -------
        Words and line ends in the form of the block; valid until the next call.
        """
        self.current = block
        if self.form is not None and len(block) > 0:
            self._normalize()
        if self.sentences:
            self._apply(0, 2, weights)
        if self.words:
            self._apply(1, 3, weights)
        elif self.lowercase or self.spaces:
            self._apply(2, 2, weights)
        if self.has_stop_words:
            self._apply(3, 1, weights)
        result, self.current = self.current, None
        return memoryview(result)

    cdef _apply(self, int step, int64_t growth, int weights):
        """Replace the current text by the output of a step, which is at most `growth` times as large."""
        cdef const uint8_t[::1] given = self.current
        cdef int64_t n = given.shape[0], written = 0
        cdef uint8_t[::1] out
        cdef const uint8_t *text
        if n == 0:
            return
        text = &given[0]
        out = room = self._room(growth * n + W2V_PREPARE_SLACK)
        with nogil:
            if step == 0:
                written = w2v_split_sentences(text, n, &out[0])
            elif step == 1:
                written = w2v_split_words(text, n, self.lowercase, self.punctuation, <w2v_line_weights> weights,
                                          &out[0], &self.n_ideographs)
            elif step == 2:
                written = w2v_map_characters(text, n, self.lowercase, self.spaces, &out[0])
            else:
                written = w2v_leave_out(&self.stop_words, self.classes, text, n, <w2v_line_weights> weights, &out[0],
                                        &self.n_stop_words)
        self.current = room[:written]

    cdef _room(self, int64_t size):
        """Return `size` bytes that do not overlap the current text: that of the last but one call."""
        self.buffers.reverse()
        if len(self.buffers[0]) < size:
            self.buffers[0] = np.empty(size + size // 8, np.uint8)
        return self.buffers[0]

    cdef _normalize(self):
        """Normalize the tokens that may change. None crosses white space, which normalization leaves as it is."""
        cdef const uint8_t[::1] given = self.current
        cdef const uint8_t *text = &given[0]
        cdef int64_t n = given.shape[0], at = 0, found
        cdef w2v_normal_form form = W2V_NFC if self.form == "NFC" else W2V_NFKC
        cdef int64_t[::1] edges
        parts, copied = [], 0
        edges = places = np.empty(2 * FOUND_AT_ONCE, np.int64)
        while at < n:
            with nogil:
                found = w2v_find_denormal(self.classes, text, n, form, &at, &edges[0], FOUND_AT_ONCE)
            tokens = places[: 2 * found].tolist()
            joined = self.joint.join([bytes(given[tokens[i] : tokens[i + 1]]) for i in range(0, 2 * found, 2)])
            changed = unicodedata.normalize(self.form, joined.decode("utf-8", "surrogateescape"))
            for i, token in enumerate(changed.encode("utf-8", "surrogateescape").split(self.joint) if found else ()):
                parts += [given[copied : tokens[2 * i]], token]
                copied = tokens[2 * i + 1]
        if parts:
            self.current = b"".join([*parts, given[copied:]])
