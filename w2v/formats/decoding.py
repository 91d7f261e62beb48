"""Words in another encoding than UTF-8: the options `encoding` and `unicode_errors` of reading.

Place in the data flow: words that were decoded as UTF-8, with surrogate escapes -> words in the encoding of the file.
The readers decode UTF-8 in C; only with one of these options are the bytes of the words decoded again here.
"""

from __future__ import annotations

import codecs

from w2v.formats.vectorfile import LoadOptions

_ASCII = bytes(range(128))


def check_encoding(encoding: str | None, unicode_errors: str | None) -> None:
    """Check the two options.

    Raises
    ------
    ValueError : there is no such encoding or error handler, or the bytes 0 to 127 are not ASCII in the encoding: blanks
        and newlines could not be found.
    """
    if encoding is not None:
        try:
            ascii_compatible = _ASCII.decode(encoding).encode("ascii") == _ASCII
        except LookupError:
            raise ValueError(f"unknown encoding {encoding!r}; usual ones are latin-1, cp1252, cp1251 and "
                             "gb18030") from None
        except UnicodeError:
            ascii_compatible = False
        if not ascii_compatible:
            raise ValueError(f"files in the encoding {encoding!r} cannot be read, since their blanks and newlines are "
                             "not those of ASCII; convert the file to UTF-8, for example with iconv")
    if unicode_errors is not None:
        try:
            codecs.lookup_error(unicode_errors)
        except LookupError:
            raise ValueError(f"unknown unicode_errors {unicode_errors!r}; usual ones are strict, ignore, replace, "
                             "backslashreplace and surrogateescape") from None


def decode(word: bytes, encoding: str, errors: str, path: str) -> str:
    """Return a word as text; a UnicodeDecodeError names the file and the options."""
    try:
        return word.decode(encoding, errors)
    except UnicodeDecodeError as error:
        raise UnicodeDecodeError(
            error.encoding, error.object, error.start, error.end, f"{error.reason}; a word of {path}: name its "
            "encoding with encoding=, or pass unicode_errors='replace' or 'ignore'") from None


def decoded(words: list[str], options: LoadOptions, report: dict[str, int], path: str) -> list[str]:
    """Return the words in the encoding that the options name.

    Parameters
    ----------
    words : decoded as UTF-8, with surrogate escapes for other bytes.
    report : words that are not valid in the encoding are counted here, instead of those that are not valid UTF-8.
    path : of the file, for messages.

    Raises
    ------
    UnicodeDecodeError : (a ValueError) a word is not valid, and `unicode_errors` is "strict".
    """
    if not options.decodes:
        return words
    encoding, errors = options.encoding or "utf-8", options.unicode_errors or "surrogateescape"
    if options.strict and options.unicode_errors is not None:
        errors = "strict"
    if options.encoding is not None:
        report.pop("invalid_utf8", None)
    result = []
    for word in words:
        if not word.isascii():
            data = word.encode("utf-8", "surrogateescape")
            try:
                word = data.decode(encoding)
            except UnicodeDecodeError:
                word = decode(data, encoding, errors, path)
                if options.encoding is not None:  # words that are not valid UTF-8 have been counted
                    report["invalid_encoding"] = report.get("invalid_encoding", 0) + 1
        result.append(word)
    return result
