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

    ctypedef struct w2v_text_lines:
        const uint8_t *classes
        uint8_t line_end
        uint8_t separator
        int numbered
        int64_t begin
        int64_t line
        int first_word

    uint64_t w2v_sample_key(uint64_t seed, uint64_t file)
    void w2v_lines_kept(const w2v_line_sample *sample, const int64_t *positions, int64_t n, uint8_t *kept)
    int64_t w2v_leave_out_lines(const w2v_line_sample *sample, const w2v_text_lines *lines, uint8_t *text, int64_t n)
    int64_t w2v_count_words(const uint8_t *classes, const uint8_t *text, int64_t n, int64_t most, int weighted,
                            int weight_next, int64_t *end)


cdef class LineSample:
    """A share of the lines of each file, drawn by a hash of the seed, the number of the file and the position.

    Parameters
    ----------
    share : of the lines, above 0 and below 1.
    seed : 0 to 2^64 - 1.
    """

    cdef uint64_t threshold
    cdef uint64_t seed

    def __cinit__(self, double share, uint64_t seed):
        if not 0 < share < 1:
            raise ValueError(f"the share of the lines must be above 0 and below 1, not {share}")
        self.threshold = int(share * 2.0**64)
        self.seed = seed

    def kept(self, uint64_t file, const int64_t[::1] positions not None):
        """Return bool (n,): whether the lines at these positions of a file are in the sample."""
        cdef w2v_line_sample sample = w2v_line_sample(w2v_sample_key(self.seed, file), self.threshold)
        cdef int64_t n = positions.shape[0]
        kept = np.empty(n, np.uint8)
        cdef uint8_t[::1] view = kept
        if n > 0:
            with nogil:
                w2v_lines_kept(&sample, &positions[0], n, &view[0])
        return kept.view(np.bool_)

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
        cdef w2v_line_sample sample = w2v_line_sample(w2v_sample_key(self.seed, file), self.threshold)
        cdef w2v_text_lines lines
        cdef int64_t n = text.shape[0], left_out = 0
        lines.classes = <const uint8_t *>checked(classes)
        lines.line_end = classes.index(W2V_BYTE_LINE_END)
        lines.separator = classes.index(W2V_BYTE_SEPARATOR)
        lines.numbered, lines.begin, lines.line, lines.first_word = numbered, begin, line, first_word
        if n > 0:
            with nogil:
                left_out = w2v_leave_out_lines(&sample, &lines, &text[0], n)
        return left_out


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
