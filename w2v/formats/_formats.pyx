# cython: language_level=3
"""Parsing and formatting of the rows of word vector files: binding of csrc/vectors/textfloat.h, and word2vec's binary
rows.

Place in the data flow: `w2v.formats` opens files, recognises their format and allocates; here blocks of bytes become
rows, and rows bytes. The status codes of the C code become exceptions here.
"""

from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memchr, memcpy

from w2v.formats._decode cimport decode_word

from w2v.errors import FormatError

cdef enum:
    LONGEST_ODD = 1000  # bytes of a word with a newline, NUL or blank in a binary file; wrong sizes give longer ones
    ENDS_LINE = 1  # binary rows end in a newline
    PLAUSIBLE = 2  # their floats have usual sizes

ANY_LAYOUT = ENDS_LINE | PLAUSIBLE

cdef extern from "base.h" nogil:
    void w2v_prefetch_read(const void *p) noexcept

cdef extern from "vectors/textfloat.h" nogil:
    enum:
        W2V_FLOAT_CHARS
    ctypedef enum w2v_float_status:
        W2V_FLOAT_OK
        W2V_FLOAT_BAD
        W2V_FLOAT_HARD
    ctypedef enum w2v_row_status:
        W2V_ROW_OK
        W2V_ROW_FEW
        W2V_ROW_MANY
        W2V_ROW_BAD
        W2V_ROW_HARD
    ctypedef struct w2v_row:
        const char *word
        const char *word_end
        const char *field
        const char *field_end
        int64_t fields
    size_t w2v_float_write(float value, char *out) noexcept
    size_t w2v_floats_write(const float *values, int64_t count, char *out) noexcept
    w2v_float_status w2v_float_read(const char *begin, const char *end, float *value) noexcept
    w2v_row_status w2v_row_read(const char *begin, const char *end, float *out, int64_t dim, w2v_row *row) noexcept
    w2v_row_status w2v_row_read_right(const char *begin, const char *end, float *out, int64_t dim,
                                      w2v_row *row) noexcept
    w2v_row_status w2v_row_resume(const char *end, float *out, int64_t dim, w2v_row *row) noexcept
    bint w2v_floats_finite(const float *values, int64_t count) noexcept


def float_to_text(float value):
    """Return the shortest decimal text, as bytes, that is read back as this float32."""
    cdef char text[W2V_FLOAT_CHARS]
    cdef size_t size = w2v_float_write(value, text)
    return <bytes>text[:size]


def text_to_float(bytes text not None):
    """Return the float32 that `text` represents, rounded from the nearest double; ValueError if it is not a number."""
    cdef float value = 0.0
    cdef const char *begin = text
    cdef w2v_float_status status = w2v_float_read(begin, begin + len(text), &value)
    if status == W2V_FLOAT_BAD:
        raise ValueError(f"not a number: {text!r}")
    return value if status == W2V_FLOAT_OK else _exact(begin, begin + len(text))


cdef float _exact(const char *begin, const char *end) except? -1.0:
    """Return a number that the C code cannot round reliably; Python's float() rounds every decimal correctly."""
    return <float><double>float(<bytes>begin[:end - begin])


def read_text_rows(
    const unsigned char[::1] block, Py_ssize_t begin, Py_ssize_t end_of_block, float[:, ::1] out,
    list words not None, list broken not None, dict report not None, str path not None, Py_ssize_t line,
    int64_t offset, bint sure,
):
    """Read the complete lines of block[begin:end_of_block] into `out`; stop when `out` is full.

    Parameters
    ----------
    block : bytes of the file; a line begins at `begin`.
    out : (k, dim) float32, dim >= 1, filled from its first row.
    words : receives the words.
    broken : receives the numbers of the rows in `out` that have NaN or infinity.
    report : counts of repaired flaws, to be added to.
    path, line, offset : file, and line (from 1) and byte of the first line, for error messages.
    sure : `dim` is known to be right, so that excess numbers belong to the word. Otherwise another row must show it,
        among the earlier ones or the next ones of the block.

    Returns
    -------
    tuple of int : rows filled, bytes used.

    Raises
    ------
    FormatError : a line is not a row of `dim` numbers.
    """
    if begin >= end_of_block or out.shape[0] == 0:
        return 0, 0
    cdef const char *base = <const char *>&block[begin]
    cdef const char *p = base
    cdef const char *stop = base + (end_of_block - begin)
    cdef const char *end
    cdef const char *next_line
    cdef Py_ssize_t row = 0, n_rows = out.shape[0], dim = out.shape[1], returns = 0, blanks = 0, empty = 0
    cdef w2v_row cut
    cdef w2v_row_status status
    cdef bint hard
    error = None
    while row < n_rows:
        with nogil:
            end = <const char *>memchr(p, c"\n", stop - p) if p < stop else NULL
            if end != NULL:
                next_line = end + 1
                if end > p and (end - 1)[0] == c"\r":
                    end -= 1
                status = w2v_row_read(p, end, &out[row, 0], dim, &cut)
        if end == NULL:
            break
        if status == W2V_ROW_MANY and (sure or row or _fits(next_line, stop, &out[row, 0], dim)):
            status = w2v_row_read_right(p, end, &out[row, 0], dim, &cut)
        hard = status == W2V_ROW_HARD
        while status == W2V_ROW_HARD:
            out[row, cut.fields] = _exact(cut.field, cut.field_end)
            status = w2v_row_resume(end, &out[row, 0], dim, &cut)
        if status != W2V_ROW_OK:
            error = FormatError(path, _row_problem(status, &cut, dim, end - p), line=line + row,
                                offset=offset + (p - base))
            break
        returns += end + 1 != next_line
        blanks += _has_blank(cut.word, cut.word_end)
        empty += cut.word == cut.word_end
        if hard and not w2v_floats_finite(&out[row, 0], dim):
            broken.append(row)
        words.append(decode_word(cut.word, cut.word_end, report))
        p = next_line
        row += 1
    _count(report, "crlf_lines", returns)
    _count(report, "words_with_blanks", blanks)
    _count(report, "empty_words", empty)
    if error is not None:
        raise error
    return row, p - base


cdef bint _fits(const char *p, const char *stop, float *scratch, Py_ssize_t dim) noexcept nogil:
    """Return whether one of the next 100 lines is a row of `dim` numbers whose word does not end in a number."""
    cdef const char *end
    cdef w2v_row cut
    cdef w2v_row_status status
    cdef int i
    for i in range(100):
        end = <const char *>memchr(p, c"\n", stop - p) if p < stop else NULL
        if end == NULL:
            return False
        status = w2v_row_read(p, end - 1 if end > p and (end - 1)[0] == c"\r" else end, scratch, dim, &cut)
        if status == W2V_ROW_OK or status == W2V_ROW_HARD:
            return True
        p = end + 1
    return False


cdef inline bint _has_blank(const char *begin, const char *end) noexcept nogil:
    while begin < end:
        if begin[0] == c" " or begin[0] == c"\t":
            return True
        begin += 1
    return False


cdef int _count(dict report, str flaw, Py_ssize_t count) except -1:
    if count:
        report[flaw] = report.get(flaw, 0) + count
    return 0


cdef str _row_problem(w2v_row_status status, w2v_row *cut, Py_ssize_t dim, Py_ssize_t length):
    cdef str field
    if status == W2V_ROW_BAD:
        field = (<bytes>cut.field[:min(cut.field_end - cut.field, 40)]).decode("utf-8", "replace")
        return f"{field!r} is not a number"
    if length == 0 or cut.word == cut.word_end:
        return f"an empty line instead of a word and {dim} numbers"
    return f"the row has {cut.fields} numbers instead of {dim}"


def read_binary_rows(
    const unsigned char[::1] block, Py_ssize_t begin, Py_ssize_t end_of_block, float[:, ::1] out,
    list words not None, list odd not None, dict report not None, str path not None,
    Py_ssize_t row_number, int64_t offset, int layout, bint last,
):
    """Read the complete binary rows `word`, blank, floats of block[begin:end_of_block] into `out`; stop when it is full.

    A newline before a word belongs to the previous row: word2vec.c writes it, gensim does not. A word ends at the first
    blank, unless the row then does not end in a newline and earlier rows do, or its floats have implausible sizes and
    those of other rows do not. It then ends at the first blank after which both is right.

    Parameters
    ----------
    block : bytes of the file; a row begins at `begin`.
    out : (k, dim) float32, dim >= 1, filled from its first row with the bytes of the file, not swapped.
    words : receives the words.
    odd : receives (row number, byte) of rows whose word has a newline or NUL. That may be so, or the rows are not where
        the header places them; whether they end with the file shows which.
    report : counts of repaired flaws, to be added to.
    path, row_number, offset : file, and number (from 1) and byte of the first row, for error messages.
    layout : what all earlier rows have in common: the value that the last call returned, or ANY_LAYOUT.
    last : no bytes follow the block.

    Returns
    -------
    tuple of int : rows filled, bytes used, and `layout` for the next call.

    Raises
    ------
    FormatError : a word with a newline or NUL is longer than LONGEST_ODD.
    """
    if begin >= end_of_block or out.shape[0] == 0:
        return 0, 0, layout
    cdef const char *base = <const char *>&block[begin]
    cdef const char *p = base
    cdef const char *stop = base + (end_of_block - begin)
    cdef const char *word
    cdef const char *end
    cdef const char *next_row
    cdef Py_ssize_t row = 0, n_rows = out.shape[0], width = 4 * out.shape[1], blanks = 0, empty = 0
    cdef bint first, by_newline, ends_line, plausible
    while row < n_rows and p < stop:
        word = p + 1 if p[0] == c"\n" else p
        end = <const char *>memchr(word, c" ", stop - word) if word < stop else NULL
        next_row = end if end != NULL else stop
        if next_row - word > LONGEST_ODD and _is_odd(word, next_row):
            raise misplaced_row(path, row_number + row, width // 4, offset + (word - base))
        if end == NULL or stop - end - 1 < width:
            break
        next_row = end + 1 + width
        if stop - next_row > 2 * width:  # its word and the end of the row before it decide where this row ends
            w2v_prefetch_read(next_row + width)
        first = row_number + row == 1
        if not first and word == p:
            layout &= ~ENDS_LINE
        by_newline = row_number + row > 2 and layout & ENDS_LINE
        plausible = _is_plausible(end + 1, out.shape[1], 4)
        ends_line = next_row < stop and next_row[0] == c"\n"
        if (by_newline and not (ends_line and plausible)) or (not plausible and not (ends_line and layout & ENDS_LINE) and (
                (not first and layout & PLAUSIBLE) or _is_odd_one(next_row, stop, width, last))):
            end = _end_of_word(word, end, stop, width, by_newline, last)
            if end == NULL:
                break
            plausible = _is_plausible(end + 1, out.shape[1], 8)
            blanks += memchr(word, c" ", end - word) != NULL
        if not plausible:
            layout &= ~PLAUSIBLE
        if _is_odd(word, end):
            odd.append((row_number + row, offset + (word - base)))
        memcpy(&out[row, 0], end + 1, width)
        empty += word == end
        words.append(decode_word(word, end, report))
        p = end + 1 + width
        row += 1
    _count(report, "words_with_blanks", blanks)
    _count(report, "empty_words", empty)
    return row, p - base, layout


cdef inline bint _is_odd(const char *begin, const char *end) noexcept nogil:
    """Return whether a word has a newline or NUL."""
    return memchr(begin, c"\n", end - begin) != NULL or memchr(begin, c"\0", end - begin) != NULL


cdef inline bint _is_plausible(const char *floats, Py_ssize_t dim, int count) noexcept nogil:
    """Return whether the first `count` <= 8 numbers are zero or of a usual size, as the bytes of misplaced floats rarely
    are. Of fewer than 8 numbers nothing is known."""
    cdef const unsigned char *byte = <const unsigned char *>floats
    cdef uint32_t bits
    cdef int i, implausible = 0
    if dim < 8:
        return True
    for i in range(count):
        bits = byte[0] | <uint32_t>byte[1] << 8 | <uint32_t>byte[2] << 16 | <uint32_t>(byte[3] & 0x7F) << 24
        byte += 4
        implausible |= (bits != 0) & (bits - (97u << 23) >= (147u - 97u) << 23)  # 2^-30 to 2^20
    return not implausible


cdef bint _is_text(const unsigned char *p, const unsigned char *end) noexcept nogil:
    """Return whether the bytes may be UTF-8 without control characters other than tabs."""
    cdef int more = 0  # bytes of the character that must follow
    while p < end:
        if more:
            if p[0] & 0xC0 != 0x80:
                return False
            more -= 1
        elif p[0] >= 0x80:
            more = 1 if 0xC2 <= p[0] < 0xE0 else 2 if 0xE0 <= p[0] < 0xF0 else 3 if 0xF0 <= p[0] < 0xF5 else 0
            if not more:
                return False
        elif p[0] < c" " and p[0] != c"\t":
            return False
        p += 1
    return not more


cdef bint _is_odd_one(const char *p, const char *stop, Py_ssize_t width, bint last) noexcept nogil:
    """Return whether what follows a row with implausible floats, at p, shows that its word has been cut: it does not
    begin like a word, or is a row with plausible floats. False if that is not known."""
    cdef const char *limit = p + LONGEST_ODD if stop - p > LONGEST_ODD else stop
    cdef const char *end = <const char *>memchr(p, c" ", limit - p) if p < limit else NULL
    if end == NULL:
        return p < stop and (limit < stop or last)
    if not _is_text(<const unsigned char *>p, <const unsigned char *>end):
        return True
    return stop - end - 1 >= width and _is_plausible(end + 1, width // 4, 8)


cdef const char *_end_of_word(
    const char *word, const char *end, const char *stop, Py_ssize_t width, bint by_newline, bint last
) noexcept nogil:
    """Return the blank that ends a word with blanks, of which `end` is the first; `end` if none fits; NULL if more
    bytes are needed."""
    cdef const char *at = end
    cdef const char *p
    cdef const char *limit = word + LONGEST_ODD
    if limit > stop:
        limit = stop
    while at < limit:
        if stop - at - 1 < width + by_newline:
            if not last:
                return NULL
            return at if stop - at - 1 == width else end
        if (not by_newline or (at + 1 + width)[0] == c"\n") and _is_plausible(at + 1, width // 4, 8):
            return at
        p = at + 1
        at = <const char *>memchr(p, c" ", limit - p) if p < limit else NULL
        if at == NULL:
            break
        if not _is_text(<const unsigned char *>p, <const unsigned char *>at):
            return end
    return end if last or limit < stop else NULL


def misplaced_row(str path not None, Py_ssize_t row, Py_ssize_t dim, int64_t offset):
    """Return the FormatError for a binary row that is not where the header places it."""
    return FormatError(path, f"row {row} does not begin with a word: the dimension {dim} in the header does not fit the "
                       "rows, or bytes are missing", offset=offset)


def write_text_rows(list words not None, const float[:, ::1] rows):
    """Return rows as word2vec.c writes them, `word v1 ... vD \\n`, with the fewest digits that are read back exactly.

    Parameters
    ----------
    words : n bytes objects.
    rows : (n, dim) float32.

    Returns
    -------
    memoryview of bytes
    """
    cdef Py_ssize_t i, n = rows.shape[0], dim = rows.shape[1]
    cdef bytes word
    cdef bytearray out = bytearray(sum(map(len, words)) + n * (dim * (W2V_FLOAT_CHARS + 1) + 2))
    cdef unsigned char[::1] view = out
    cdef char *base = <char *>&view[0]
    cdef char *p = base
    for i in range(n):
        word = words[i]
        p = _put_word(p, word)
        with nogil:
            p += w2v_floats_write(&rows[i, 0], dim, p)
        p[0] = c"\n"
        p += 1
    return memoryview(out)[:p - base]


def write_binary_rows(list words not None, const float[:, ::1] rows):
    """Return rows as word2vec.c writes them in binary: `word`, blank, the bytes of the floats, newline.

    Parameters
    ----------
    words : n bytes objects.
    rows : (n, dim) float32, already in little-endian byte order.

    Returns
    -------
    memoryview of bytes
    """
    cdef Py_ssize_t i, n = rows.shape[0], width = 4 * rows.shape[1]
    cdef bytes word
    cdef bytearray out = bytearray(sum(map(len, words)) + n * (width + 2))
    cdef unsigned char[::1] view = out
    cdef char *p = <char *>&view[0]
    for i in range(n):
        word = words[i]
        p = _put_word(p, word)
        memcpy(p, &rows[i, 0], width)
        p[width] = c"\n"
        p += width + 1
    return memoryview(out)


cdef char *_put_word(char *p, bytes word):
    cdef Py_ssize_t size = len(word)
    memcpy(p, <const char *>word, size)
    p[size] = c" "
    return p + size + 1
