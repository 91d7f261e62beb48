"""word2vec's binary and text files, also fastText's `.vec`: reader and writer.

Place in the data flow: `Content` -> `Sink`, and `VectorData` -> file; rows are parsed and made in
`w2v.formats._formats`.

Layouts
-------
binary     `V D\\n`, then V rows of `word`, blank, D little-endian float32, newline. gensim writes no newline.
text       `V D\\n`, then V rows `word v1 ... vD \\n`. word2vec.c writes a blank before the newline, gensim does not.
           We write the blank, and the fewest digits that give the same float32 instead of six decimals. fastText's
           `.vec` files have this layout.

Source: word2vec.c, end of TrainModel.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import BinaryIO

from w2v.errors import FormatError
from w2v.formats._formats import read_binary_rows, write_binary_rows, write_text_rows
from w2v.formats.content import Content, Window
from w2v.formats.fileformat import FIELD_BREAKS, FileFormat, VectorData
from w2v.formats.sink import Sink
from w2v.formats.strict import check_strictly, refuse
from w2v.formats.text_rows import check_end, is_number, least_row_bytes, read_rows, report_mark
from w2v.formats.vectorfile import (
    WORD2VEC_BINARY,
    WORD2VEC_TEXT,
    LoadOptions,
    VectorFile,
    blocks_of_rows,
    little_endian,
)

_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*([+-]?\d{1,100})[ \t]+([+-]?\d{1,100})[ \t]*\r?\n")

# Control characters other than white space: rare in text, soon found among the bytes of floats.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_TEXT_NUMBER_BYTES = 12.1  # with the separator: measured
_MOST_NUMBERS = 1 << 22  # per row of content of unknown size; otherwise the size is the limit


def _has_header(content: Content) -> bool:
    return _HEADER.match(content.head) is not None


def _is_binary_file(content: Content) -> bool:
    """Return whether the file has a header and binary rows; text that begins with a valid row is text."""
    header = _HEADER.match(content.head)
    if header is None:
        return False
    head, n_words, dim = content.head, int(header[1]), int(header[2])
    first = head[header.end():].split(b"\n", 1)[0].split()
    if n_words < 1 or dim < 1 or (len(first) == dim + 1 and all(map(is_number, first[1:]))):
        return False
    if _CONTROL.search(head, header.end()):
        return True
    # the floats of a short file may have no control byte by chance; its lengths must then fit exactly
    return content.complete and _rows_end_with_file(head, header.end(), n_words, 4 * dim)


def _rows_end_with_file(head: bytes, at: int, n_words: int, width: int) -> bool:
    for _ in range(n_words):
        blank = head.find(b" ", at)
        if blank < 0 or blank + 1 + width > len(head):
            return False
        at = blank + 1 + width
    return not head[at:].strip()


def _read_header(content: Content) -> tuple[re.Match[bytes], int, int]:
    """Return the header line, the number of words and the dimension.

    Raises
    ------
    FormatError : the sizes are impossible, or the file is too short for them.
    """
    path, header = content.path, _HEADER.match(content.head)
    if header is None:
        raise FormatError(path, "no word2vec header", line=1, offset=0)
    n_words, dim = int(header[1]), int(header[2])
    for value, what in ((n_words, "words"), (dim, "dimension")):
        if value < 0:
            raise FormatError(path, f"wrong header: {what} is {value}", line=1, offset=0)
    if n_words == 0:
        raise FormatError(path, "no words: the header says 0", line=1, offset=0)
    if dim == 0:
        raise FormatError(path, "wrong header: dimension is 0", line=1, offset=0)
    body = None if content.size is None else content.size - header.end()
    least = n_words * least_row_bytes(dim)  # binary rows are longer
    if body is not None and least > body:
        raise FormatError(path, f"the header says {n_words} words of dimension {dim}, which take at least {least} "
                                f"bytes, but only {body} follow: the header is wrong or the file is truncated",
                          line=1, offset=0)
    if body is None and (dim > _MOST_NUMBERS or n_words > 1 << 48):
        raise FormatError(path, f"the header says {n_words} words of dimension {dim}, which is impossible",
                          line=1, offset=0)
    return header, n_words, dim


def _make_sink(content: Content, header: re.Match[bytes], n_words: int, dim: int, least_row: int,
               options: LoadOptions) -> Sink:
    """Return a sink with as many rows as the size of the file allows."""
    certain = None if content.size is None else (content.size - header.end()) // least_row
    return Sink(content, dim, n_words, options, certain=certain)


def _read_text(content: Content, options: LoadOptions) -> VectorFile:
    header, n_words, dim = _read_header(content)
    report = report_mark(content, options)
    if b"\r" in header[0]:
        report["crlf_lines"] = 1
        if options.strict:
            refuse("crlf_lines", (content.path, 1, 0))
    sink = _make_sink(content, header, n_words, dim, least_row_bytes(dim), options)
    read_rows(Window(content, header.end()), sink, n_words, report)
    return sink.finish(TEXT, report)


def _read_binary(content: Content, options: LoadOptions) -> VectorFile:
    header, n_words, dim = _read_header(content)
    report = report_mark(content, options)
    sink = _make_sink(content, header, n_words, dim, 4 * dim + 2, options)
    window = Window(content, header.end())
    while len(space := sink.space()):
        words: list[str] = []
        offset = window.offset
        _, used = read_binary_rows(
            window.data, window.start, window.end, space, words, report, content.path, sink.seen + 1, offset)
        if sys.byteorder == "big":
            space[:len(words)].byteswap(inplace=True)
        if options.strict:
            _check_rows(content.path, bytes(window.rest()[:used]), words, offset, dim, sink.strict_words)
        window.use(used)
        sink.add(words)
        if not words and not window.more():
            raise FormatError(content.path, f"the file ends inside row {sink.seen + 1}: it is truncated, or the "
                                            "header is wrong", offset=window.offset + window.end - window.start)
    if sink.seen == n_words:
        check_end(content.path, window, n_words, None)
    return sink.finish(BINARY, report)


def _check_rows(path: str, block: bytes, words: list[str], offset: int, dim: int, seen: set[str]) -> None:
    """Check the binary rows of a block, which begins at byte `offset`, for `strict`."""
    starts, at = [], 0
    for word in words:
        at += block[at:at + 1] == b"\n"
        starts.append(at)
        at += len(word.encode("utf-8", "surrogateescape")) + 1 + 4 * dim
    check_strictly(words, lambda i: (path, None, offset + starts[i]), seen)


def _write_binary(file: BinaryIO, data: VectorData) -> None:
    file.write(b"%d %d\n" % data.rows.shape if data.header is None else data.header)
    for start, block in blocks_of_rows(data.path, data.words, data.rows):
        file.write(write_binary_rows(_encoded(data.words[start:start + len(block)]), little_endian(block)))


def _write_text(file: BinaryIO, data: VectorData) -> None:
    file.write(b"%d %d\n" % data.rows.shape if data.header is None else data.header)
    for start, block in blocks_of_rows(data.path, data.words, data.rows):
        file.write(write_text_rows(_encoded(data.words[start:start + len(block)]), block))


def _encoded(words: Sequence[str]) -> list[bytes]:
    return [word.encode("utf-8", "surrogateescape") for word in words]


BINARY = FileFormat(
    WORD2VEC_BINARY, "word2vec binary", recognises=_is_binary_file, read=_read_binary, write=_write_binary,
    suffixes=(".bin",), forbidden=FIELD_BREAKS, word_overhead=2)

TEXT = FileFormat(
    WORD2VEC_TEXT, "word2vec text", recognises=_has_header, read=_read_text, write=_write_text,
    suffixes=(".txt", ".vec", ""), forbidden=FIELD_BREAKS, word_overhead=2, number_bytes=_TEXT_NUMBER_BYTES)
"""Recognised after BINARY, whose header is the same."""
