# cython: language_level=3
"""Dictionary entries and n-gram vectors of fastText models: binding of csrc/loop/ngrams.h.

Place in the data flow: `w2v.formats.fasttext` and `w2v.formats.subwords` find and check the tables; here entries become
words, and n-grams become vectors.
"""

from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcpy

from w2v.formats._decode cimport decode_word

from w2v.errors import FormatError

cdef extern from "loop/ngrams.h" nogil:
    int64_t w2v_ngrams_at(const unsigned char *word, int64_t size, int64_t begin, int minn, int maxn, uint32_t buckets,
                          uint32_t *out)


def read_entries(
    const unsigned char[::1] data, Py_ssize_t begin, Py_ssize_t n_entries, int64_t[::1] counts, list words not None,
    dict report not None, str path not None,
):
    """Read a fastText dictionary: `n_entries` of word, NUL, int64 count, int8 type; first words, then labels.

    Parameters
    ----------
    data : bytes of the file.
    begin : first byte of the dictionary.
    counts : (n_words,) int64, filled with the counts of the words in the byte order of the file; the other entries must
        be labels, which are skipped.
    words : receives the words.
    report : counts of repaired flaws, to be added to.
    path : of the file, for error messages.

    Returns
    -------
    int : the byte after the last entry.

    Raises
    ------
    FormatError : the data end too early, a word is empty, or an entry is a label instead of a word or the reverse.
    """
    cdef const char *base = <const char *>&data[0]
    cdef const char *p = base + begin
    cdef const char *stop = base + data.shape[0]
    cdef const char *end
    cdef Py_ssize_t i, n_words = counts.shape[0]
    for i in range(n_entries):
        end = <const char *>memchr(p, c"\0", stop - p) if p < stop else NULL
        if end == NULL or stop - end < 10:
            raise FormatError(path, f"the file ends inside entry {i + 1} of {n_entries} in the dictionary",
                              offset=p - base)
        if end == p or (<const signed char *>end)[9] != (i >= n_words):
            raise FormatError(path, f"entry {i + 1} of the dictionary is not a valid {'word' if i < n_words else 'label'}",
                              offset=p - base)
        if i < n_words:
            memcpy(&counts[i], end + 1, 8)
            words.append(decode_word(p, end, report))
        p = end + 10
    return p - base


cdef Py_ssize_t _add_ngrams(
    const unsigned char *word, Py_ssize_t size, int minn, int maxn, uint32_t buckets,
    const unsigned char *rows, uint32_t *buckets_of, float *out, Py_ssize_t dim,
) noexcept nogil:
    """Add the rows of all n-grams of `word`, given with its marks `<` and `>`, to out[0 .. dim); return their number.

    `buckets_of` has room for `size` buckets.
    """
    cdef Py_ssize_t i, j, k, n, found = 0
    cdef float value
    cdef const unsigned char *row
    for i in range(size):
        n = w2v_ngrams_at(word, size, i, minn, maxn, buckets, buckets_of)
        for j in range(n):
            row = rows + <Py_ssize_t>buckets_of[j] * 4 * dim
            for k in range(dim):
                memcpy(&value, row + 4 * k, 4)
                out[k] += value
        found += n
    return found


def add_subwords(
    list words not None, int minn, int maxn, const unsigned char[::1] rows, Py_ssize_t buckets, float[:, ::1] out,
    int own,
):
    """Replace out[i] by the mean of itself (if `own`) and the rows of the n-grams of word i, as fastText does.

    Parameters
    ----------
    words : n bytes objects, without marks; `</s>` has no n-grams.
    minn, maxn : shortest and longest n-gram, in letters.
    rows : buckets * dim float32 in the byte order of this machine, at any address.
    buckets : number of rows.
    out : (n, dim) float32; the words' own rows if `own` is 1, zeros if it is 0.

    Returns
    -------
    list of int : number of n-grams of each word.

    Source
    ------
    Bojanowski et al. 2017 (1607.04606); fastText src/dictionary.cc, computeSubwords and hash.
    """
    cdef Py_ssize_t i, k, size, found, dim = out.shape[1]
    cdef const unsigned char *base = &rows[0] if rows.shape[0] else NULL
    cdef const unsigned char *letters
    cdef float *row
    cdef uint32_t *buckets_of
    cdef bytes word
    cdef float factor
    cdef list result = []
    if buckets < 0 or buckets > 0xFFFFFFFF or rows.shape[0] < buckets * 4 * dim or len(words) > out.shape[0]:
        raise ValueError(f"{buckets} buckets do not fit {rows.shape[0]} bytes of rows, or {len(words)} words the result")
    for i in range(len(words)):
        found = 0
        row = &out[i, 0]
        if words[i] != b"</s>" and buckets > 0:
            word = b"<" + words[i] + b">"
            size = len(word)
            letters = word
            buckets_of = <uint32_t *>malloc(size * sizeof(uint32_t))
            if buckets_of == NULL:
                raise MemoryError(f"no memory for a word of {size} bytes")
            with nogil:
                found = _add_ngrams(letters, size, minn, maxn, <uint32_t>buckets, base, buckets_of,
                                    row, dim)
                free(buckets_of)
        if found + own > 1:
            factor = <float>(1.0 / (found + own))
            for k in range(dim):
                row[k] *= factor
        result.append(found)
    return result
