# cython: language_level=3
# Decoding of words, shared by `_formats` and `_fasttext`.

cdef extern from "Python.h":
    object PyUnicode_DecodeUTF8(const char *text, Py_ssize_t size, const char *errors)


cdef inline object decode_word(const char *begin, const char *end, dict report):
    """Return a word as str; invalid UTF-8 becomes surrogate escapes and is counted in `report`."""
    try:
        return PyUnicode_DecodeUTF8(begin, end - begin, NULL)
    except UnicodeDecodeError:
        report["invalid_utf8"] = report.get("invalid_utf8", 0) + 1
        return PyUnicode_DecodeUTF8(begin, end - begin, b"surrogateescape")
