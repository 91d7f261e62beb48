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

import codecs
import re
import sys
from collections.abc import Callable, Sequence
from typing import BinaryIO

import numpy as np

from w2v.errors import FormatError
from w2v.formats._formats import ANY_LAYOUT, misplaced_row, read_binary_rows, write_binary_rows, write_text_rows
from w2v.formats.content import Content, Window
from w2v.formats.decoding import decoded
from w2v.formats.fileformat import FIELD_BREAKS, FileFormat, VectorData
from w2v.formats.sink import Sink
from w2v.formats.strict import check_strictly, note
from w2v.formats.text_rows import (
    count_numbers,
    least_row_bytes,
    only_blanks,
    read_rows,
    report_mark,
    report_rest,
    rows_follow,
)
from w2v.formats.vectorfile import (
    ENCODED,
    WORD2VEC_BINARY,
    WORD2VEC_TEXT,
    LoadOptions,
    VectorFile,
    blocks_of_rows,
    little_endian,
)
from w2v.types import Matrix

_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?([ \t]*)([+-]?\d{1,100})[ \t]+([+-]?\d{1,100})[ \t]*\r?\n")

# Control characters other than white space: rare in text, soon found among the bytes of floats.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_TEXT_NUMBER_BYTES = 12.1  # with the separator: measured
_MOST_NUMBERS = 1 << 22  # per row of content of unknown size; otherwise the size is the limit
_LINES_LOOKED_AT = 8
_NUMBERS_LOOKED_FOR = 3  # at the end of a line: they tell text from the bytes of floats, even if the header is wrong
_SKIPPED = 1 << 12  # numbers of rows that are read at a time only to check where they end


def _header(content: Content) -> re.Match[bytes] | None:
    """Return the header line; None if there is none.

    Two whole numbers after a blank may also be a row without a word: that has more rows after it than the first number.
    """
    header = _HEADER.match(content.head)
    if header is not None and header[1] and int(header[2]) < content.head.count(b"\n", header.end()):
        return None
    return header


def _has_header(content: Content) -> bool:
    return _header(content) is not None


def _is_binary_file(content: Content) -> bool:
    """Return whether the file has a header and binary rows; if half of the first lines are rows of text, it is text."""
    header = _header(content)
    if header is None:
        return False
    head, n_words, dim = content.head, int(header[2]), int(header[3])
    if n_words < 1 or dim < 1:
        return False
    lines = head[header.end():].split(b"\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT]
    if not content.complete and len(lines) < _LINES_LOOKED_AT:
        lines[-1] = lines[-1].rpartition(b" ")[0]  # its last field is cut
    least = min(dim, _NUMBERS_LOOKED_FOR)
    if 2 * sum(count_numbers(line.rsplit(None, least)[-least:]) == least for line in lines) >= len(lines):
        return False
    if _CONTROL.search(head, header.end()) or not _is_utf8(head, content.complete):
        return True
    # the floats of a short file may have no control byte by chance; its lengths must then fit exactly
    return content.complete and _rows_end_with_file(head, header.end(), n_words, 4 * dim)


def _is_utf8(head: bytes, complete: bool) -> bool:
    """Return whether the bytes are UTF-8; the last character may be cut unless they are `complete`."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=complete)
    except UnicodeDecodeError:
        return False
    return True


def _rows_end_with_file(head: bytes, at: int, n_words: int, width: int) -> bool:
    for _ in range(n_words):
        blank = head.find(b" ", at)
        if blank < 0 or blank + 1 + width > len(head):
            return False
        at = blank + 1 + width
    return not head[at:].strip()


def _open(
    content: Content, options: LoadOptions, least_row: Callable[[int], int]
) -> tuple[int, Window, Sink, dict[str, int]]:
    """Read the header; return the number of words in it, and the window, sink and report for the rows.

    Parameters
    ----------
    least_row : bytes of the shortest row by dimension. The sink begins with as many rows as the content may have.

    Raises
    ------
    FormatError : the sizes are impossible, or the file is too short for the rows that are asked for.
    """
    path, header = content.path, _header(content)
    if header is None:
        raise FormatError(path, "no word2vec header", line=1, offset=0)
    report = report_mark(content, options)
    if b"\r" in header[0]:
        note("crlf_lines", report, options, (path, 1, 0))
    n_words, dim = _sizes(path, header)
    wanted = n_words if options.limit is None else min(n_words, options.limit)
    body = None if content.size is None else content.size - header.end()
    least = least_row(dim)
    if body is not None and wanted * least > body:
        rest = "; limit= reads the first rows" if wanted == n_words and least < body else ""
        raise FormatError(path, f"the header says {n_words} words of dimension {dim}, which take at least "
                                f"{n_words * least} bytes, but only {body} follow: the header is wrong or the file is "
                                f"truncated{rest}", line=1, offset=0)
    if body is None and (dim > _MOST_NUMBERS or wanted > 1 << 48):
        raise FormatError(path, f"the header says {n_words} words of dimension {dim}, which is impossible",
                          line=1, offset=0)
    sink = Sink(content, dim, n_words, options, certain=None if body is None else body // least)
    return n_words, Window(content, header.end()), sink, report


def _sizes(path: str, header: re.Match[bytes]) -> tuple[int, int]:
    """Return the number of words and the dimension; FormatError if one is below 1."""
    n_words, dim = int(header[2]), int(header[3])
    for value, what in ((n_words, "words"), (dim, "dimension")):
        if value < 0:
            raise FormatError(path, f"wrong header: {what} is {value}", line=1, offset=0)
    if n_words == 0:
        raise FormatError(path, "no words: the header says 0", line=1, offset=0)
    if dim == 0:
        raise FormatError(path, "wrong header: dimension is 0", line=1, offset=0)
    return n_words, dim


def _read_text(content: Content, options: LoadOptions) -> VectorFile:
    n_words, window, sink, report = _open(content, options, least_row_bytes)
    read_rows(window, sink, n_words, report)
    return sink.finish(TEXT, report)


def _read_binary(content: Content, options: LoadOptions) -> VectorFile:
    n_words, window, sink, report = _open(content, options, lambda dim: 4 * dim + 1)
    rows = _BinaryRows(window, content.path)
    ended = _fill(rows, sink, report)
    if rows.odd:
        rows.check_places(n_words, sink.dim)
    elif ended:
        raise rows.ends_inside()
    if sink.seen < n_words:
        report_rest(window, sink, n_words - sink.seen, 4 * sink.dim + 1, report)
    elif rows_follow(window, sink, n_words, None, report):
        sink.expect_more()
        if _fill(rows, sink, report) and bytes(window.rest()).strip():
            raise rows.ends_inside()
    return sink.finish(BINARY, report)


def _fill(rows: _BinaryRows, sink: Sink, report: dict[str, int]) -> bool:
    """Read binary rows into the sink; return whether the content ended before the sink had enough."""
    while len(space := sink.space()):
        words, used = rows.read(space, report)
        if not words:
            return True
        names = decoded(words, sink.options, report, sink.path)
        if sink.options.strict:  # otherwise too slow here: `Table.report` counts numbers that are not finite
            broken = np.flatnonzero(~np.isfinite(space[:len(words)]).all(axis=1)).tolist()
            _check_rows(rows, words, names, broken, used, sink)
        rows.window.use(used)
        sink.add(names)
    return False


class _BinaryRows:
    """Binary rows of a file, one after the other.

    Attributes
    ----------
    window : at the next row.
    seen : rows that were read.
    odd : (row, byte) of each word with a newline or NUL, see `read_binary_rows`.
    """

    def __init__(self, window: Window, path: str) -> None:
        self.window, self.path = window, path
        self.seen = 0
        self.odd: list[tuple[int, int]] = []
        self._layout = ANY_LAYOUT

    def read(self, space: Matrix, report: dict[str, int]) -> tuple[list[str], int]:
        """Read rows into `space` (k, d), at least one unless the content ends.

        Returns
        -------
        words, and the bytes by which the caller has to move the window.
        """
        window, last = self.window, False
        while True:
            words: list[str] = []
            _, used, self._layout = read_binary_rows(
                window.data, window.start, window.end, space, words, self.odd, report, self.path,
                self.seen + 1, window.offset, self._layout, last)
            if words or last:
                break
            last = not window.more()
        self.seen += len(words)
        if sys.byteorder == "big":
            space[:len(words)].byteswap(inplace=True)
        return words, used

    def check_places(self, n_words: int, dim: int) -> None:
        """Read on to row `n_words`; FormatError if the rows do not end with the content."""
        space = np.empty((max(1, _SKIPPED // dim), dim), dtype=np.float32)
        while self.seen < n_words:
            words, used = self.read(space[:n_words - self.seen], {})
            if not words:
                break
            self.window.use(used)
        if self.seen < n_words or not only_blanks(self.window):
            raise misplaced_row(self.path, self.odd[0][0], dim, self.odd[0][1])

    def ends_inside(self) -> FormatError:
        """Return the FormatError for a file that ends too early."""
        rest = f"; limit={self.seen} reads the rows before it" if self.seen else ""
        return FormatError(self.path, f"the file ends inside row {self.seen + 1}: it is truncated, or the header is "
                                      f"wrong{rest}", offset=self.window.offset + len(self.window.rest()))


def _check_rows(
    rows: _BinaryRows, words: list[str], names: list[str], broken: list[int], used: int, sink: Sink
) -> None:
    """Check the next binary rows of the window for `strict`; `words` are `names` before their decoding."""
    block, first = bytes(rows.window.rest()[:used]), rows.window.offset
    starts, at = [], 0
    for word in words:
        at += block[at:at + 1] == b"\n"
        starts.append(at)
        at += len(word.encode("utf-8", "surrogateescape")) + 1 + 4 * sink.dim
    check_strictly(names, lambda i: (sink.path, None, first + starts[i]), sink.strict_words, blanks=" ", broken=broken)


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
    suffixes=(".bin",), takes=ENCODED, forbidden=FIELD_BREAKS, word_overhead=2)

TEXT = FileFormat(
    WORD2VEC_TEXT, "word2vec text", recognises=_has_header, read=_read_text, write=_write_text,
    suffixes=(".txt", ".vec", ""), takes=ENCODED, forbidden=FIELD_BREAKS, word_overhead=2,
    number_bytes=_TEXT_NUMBER_BYTES)
"""Recognised after BINARY, whose header is the same."""
