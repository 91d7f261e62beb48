"""GloVe's text files: word2vec text without the header. Only read.

Place in the data flow: `Content` -> `Sink`. The dimension is that of the first rows, and the number of words is known
at the end.
"""

from __future__ import annotations

import re

from w2v.errors import FormatError
from w2v.formats.content import Content, Window
from w2v.formats.fileformat import FileFormat
from w2v.formats.sink import Sink
from w2v.formats.text_rows import (
    MARK,
    count_numbers,
    fields,
    first_lines,
    is_number,
    least_row_bytes,
    read_rows,
    report_mark,
)
from w2v.formats.vectorfile import ENCODED, LoadOptions, VectorFile

_NAME_LIKE = re.compile(rb"[+-]?\d+|[+-]?[A-Za-z]+")
"""Numbers that are probably part of a name, such as the last words of `windows 10` and `to infinity`."""


def _dimension(content: Content) -> int | None:
    """Return the numbers per row, at least 2, if the content begins with rows; None if not.

    It is the smallest number of numbers in a row for which longer rows are in the minority, as names that end in a
    number are, or their excess numbers look like parts of names.
    """
    lines = first_lines(content)
    rows: list[tuple[list[bytes], int]] = []
    plain: set[int] = set()  # numbers of fields of rows that are a word and numbers
    for line in lines:
        if not (found := fields(line)):
            continue
        # most rows are like an earlier one, and their numbers need not be looked at
        like = len(found) in plain and not is_number(found[0]) and is_number(found[1])
        size = len(found) - 1 if like else _numbers_in(line)
        if 2 <= size == len(found) - 1:
            plain.add(len(found))
        rows.append((found, size))
    sizes = [size for _, size in rows if size >= 2]
    if not lines or not lines[0].strip() or len(sizes) * 2 < len(rows):
        return None
    for dim in sorted(set(sizes)):
        longer = [found[-size:-dim] for found, size in rows if size > dim]
        if len(longer) * 2 <= len(rows) or all(_NAME_LIKE.fullmatch(field) for excess in longer for field in excess):
            return dim
    return None


def _numbers_in(line: bytes) -> int:
    """Return how many numbers follow the word; a tab ends it, and it may be a number or empty."""
    _, tab, rest = line.partition(b"\t")
    after_tab = fields(rest)
    if tab and after_tab and count_numbers(after_tab) == len(after_tab):
        return len(after_tab)
    found = fields(line)
    size = count_numbers(found)
    return size - 1 if size == len(found) and line[:1] not in (b" ", b"\t") else size


def _recognises(content: Content) -> bool:
    return _dimension(content) is not None


def _read(content: Content, options: LoadOptions) -> VectorFile:
    dim = _dimension(content)
    if dim is None:
        raise FormatError(content.path, "no rows `word numbers`", line=1, offset=0)
    report = report_mark(content, options)
    window = Window(content, len(MARK) if report else 0)
    # one more than fit, since the last row may lack its newline
    most = None if content.size is None else content.size // least_row_bytes(dim) + 1
    sink = Sink(content, dim, most, options)
    read_rows(window, sink, None, report)
    return sink.finish(GLOVE, report)


GLOVE = FileFormat("glove-text", "GloVe text (no header)", recognises=_recognises, read=_read, takes=ENCODED)
