"""Python binding of the selection of lines and words (csrc/text/selection.h)."""

from libc.stdint cimport int64_t, uint8_t, uint64_t

import numpy as np


cdef extern from "text/tokenizer.h" nogil:
    const int W2V_BYTE_SEPARATOR
    const int W2V_BYTE_LINE_END


cdef extern from "text/selection.h" nogil:
    ctypedef struct w2v_line_sample:
        uint64_t key
        uint64_t threshold
        int all
        int bootstrap

    ctypedef struct w2v_text_lines:
        const uint8_t *classes
        uint8_t line_end
        uint8_t separator
        int numbered
        int64_t begin
        int64_t line
        int first_word

    ctypedef struct w2v_line_counts:
        int64_t left_out
        int64_t repeated

    uint64_t w2v_sample_key(uint64_t seed, uint64_t file)
    void w2v_line_copies(const w2v_line_sample *sample, const int64_t *positions, int64_t n, uint8_t *copies)
    int64_t w2v_leave_out_lines(const w2v_line_sample *sample, const w2v_text_lines *lines, uint8_t *text, int64_t n)
    int64_t w2v_repeat_lines(const w2v_line_sample *sample, const w2v_text_lines *lines, const uint8_t *text, int64_t n,
                             uint8_t *out, w2v_line_counts *counts)
    int64_t w2v_count_words(const uint8_t *classes, const uint8_t *text, int64_t n, int64_t most, int weighted,
                            int weight_next, int64_t *end)


cdef class LineSample:
    """A sample of the lines of each file, drawn by a hash of the seed, the number of the file and the position.

    Parameters
    ----------
    share : of the lines, above 0 and below 1; 1 only with `bootstrap`.
    seed : 0 to 2^64 - 1.
    bootstrap : each of these lines is in the sample a Poisson(1) number of times; otherwise once.
    """

    cdef w2v_line_sample sample
    cdef uint64_t seed
    cdef readonly bint bootstrap

    def __cinit__(self, double share, uint64_t seed, bint bootstrap=False):
        if not (0 < share < 1 or (bootstrap and share == 1)):
            raise ValueError(f"the share of the lines must be above 0 and below 1, not {share}")
        self.sample.all, self.sample.bootstrap = share == 1, bootstrap
        self.sample.threshold = 0 if share == 1 else int(share * 2.0**64)
        self.seed, self.bootstrap = seed, bootstrap

    cdef w2v_line_sample _of(self, uint64_t file):
        cdef w2v_line_sample sample = self.sample
        sample.key = w2v_sample_key(self.seed, file)
        return sample

    def copies(self, uint64_t file, const int64_t[::1] positions not None):
        """Return uint8 (n,): how often the lines at these positions of a file are in the sample."""
        cdef w2v_line_sample sample = self._of(file)
        cdef int64_t n = positions.shape[0]
        copies = np.empty(n, np.uint8)
        cdef uint8_t[::1] view = copies
        if n > 0:
            with nogil:
                w2v_line_copies(&sample, &positions[0], n, &view[0])
        return copies

    def leave_out(self, uint8_t[::1] text not None, bytes classes not None, uint64_t file, int64_t begin, int64_t line,
                  bint numbered, bint first_word):
        """Overwrite the lines that are not in the sample by separators.

        Parameters
        ----------
        text : some lines of the file, changed in place; line ends stay.
        classes : 256 bytes, as of `w2v.corpus._tokenizer.BlockTokenizer`, with one value that ends lines.
        file : number of the file.
        begin, line : positions of the text and of the line that it begins with, or continues.
        numbered : whether positions are numbers of lines, not of bytes.
        first_word : whether the text begins before the first word of this line.

        Returns
        -------
        The number of lines left out whose first word is in the text.
        """
        cdef w2v_line_sample sample = self._of(file)
        cdef w2v_text_lines lines = text_lines(classes, begin, line, numbered, first_word)
        cdef int64_t n = text.shape[0], left_out = 0
        if n > 0:
            with nogil:
                left_out = w2v_leave_out_lines(&sample, &lines, &text[0], n)
        return left_out

    def repeat(self, const uint8_t[::1] text not None, bytes classes not None, uint64_t file, int64_t begin,
               int64_t line, bint numbered, bint first_word):
        """Repeat each line as often as it is in the sample; a line that is not becomes an empty line.

        The parameters are those of `leave_out`, except that the text stays as it is and is made of whole lines.

        Returns
        -------
        The bytes, the number of lines with words that are left out, and the number of further copies of the others.
        """
        cdef w2v_line_sample sample = self._of(file)
        cdef w2v_text_lines lines = text_lines(classes, begin, line, numbered, first_word)
        cdef w2v_line_counts counts = w2v_line_counts(0, 0)
        cdef int64_t n = text.shape[0], size = 0
        if n == 0:
            return bytearray(), 0, 0
        with nogil:
            size = w2v_repeat_lines(&sample, &lines, &text[0], n, NULL, &counts)
        out = bytearray(size)
        cdef uint8_t[::1] view = out
        with nogil:
            w2v_repeat_lines(&sample, &lines, &text[0], n, &view[0], &counts)
        return out, counts.left_out, counts.repeated


cdef w2v_text_lines text_lines(bytes classes, int64_t begin, int64_t line, bint numbered, bint first_word) except *:
    cdef w2v_text_lines lines
    lines.classes = <const uint8_t *>checked(classes)
    lines.line_end = classes.index(W2V_BYTE_LINE_END)
    lines.separator = classes.index(W2V_BYTE_SEPARATOR)
    lines.numbered, lines.begin, lines.line, lines.first_word = numbered, begin, line, first_word
    return lines


def count_words(const uint8_t[::1] text not None, bytes classes not None, int64_t most, bint weighted=False,
                bint weight_next=False):
    """Count the words of a text, at most `most`.

    Parameters
    ----------
    classes : 256 bytes, as of `w2v.corpus._tokenizer.BlockTokenizer`.
    most : at least 1.
    weighted : whether the first word of each line is its weight, which does not count.
    weight_next : whether the first word of the text is a weight.

    Returns
    -------
    The number of words, and the position after the last of them if there are `most`, otherwise the size of the text.
    """
    cdef int64_t n = text.shape[0], words = 0, end = 0
    cdef const uint8_t *table = <const uint8_t *>checked(classes)
    if n > 0:
        with nogil:
            words = w2v_count_words(table, &text[0], n, most, weighted, weight_next, &end)
    return words, end


cdef const char *checked(bytes classes) except NULL:
    if len(classes) != 256:
        raise ValueError("classes must be 256 bytes")
    return classes
