"""Readers of rows that stand one after the other: word2vec binary and text, fastText `.vec`, and GloVe text.

Place in the data flow: `Content` -> `Sink`. Rows are parsed in `w2v.formats._formats`; the layouts are in `w2v.formats`.
"""

from __future__ import annotations

import re
import sys

from w2v.errors import FormatError
from w2v.formats._formats import read_binary_rows, read_text_rows
from w2v.formats.content import Content, Window
from w2v.formats.sink import Sink
from w2v.formats.strict import check_strictly, refuse
from w2v.formats.vectorfile import GLOVE_TEXT, WORD2VEC_BINARY, WORD2VEC_TEXT, LoadOptions, VectorFile

MARK = b"\xef\xbb\xbf"
HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*([+-]?\d{1,100})[ \t]+([+-]?\d{1,100})[ \t]*\r?\n")

# control characters other than white space: hardly ever in text, soon in the bytes of floats
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_MOST_NUMBERS = 1 << 22  # a row of content whose size is unknown; others are bounded by the size


def read_with_header(content: Content, options: LoadOptions) -> VectorFile:
    """word2vec binary or text, whichever it is."""
    path = content.path
    header = HEADER.match(content.head)
    if header is None:
        raise FormatError(path, "no word2vec header", line=1, offset=0)
    n_words, dim = int(header[1]), int(header[2])
    body = None if content.size is None else content.size - header.end()
    _check_header(path, n_words, dim, body)
    report = _mark(content, options)
    binary = _is_binary(content, header.end(), n_words, dim)
    sink = Sink(path, dim, n_words, options, certain=body if body is None else body // _least(dim, binary))
    window = Window(content, header.end())
    if binary:
        _binary_rows(window, sink, n_words, report)
        return sink.finish(WORD2VEC_BINARY, report, content.packed)
    if b"\r" in header[0]:
        report["crlf_lines"] = 1
        if options.strict:
            refuse("crlf_lines", (path, 1, 0))
    _text_rows(window, sink, n_words, report)
    return sink.finish(WORD2VEC_TEXT, report, content.packed)


def read_glove(content: Content, options: LoadOptions) -> VectorFile:
    """Text without a header; the number of words is known at the end."""
    dim = glove_dimension(content)
    if dim is None:
        raise FormatError(content.path, "no rows `word numbers`", line=1, offset=0)
    report = _mark(content, options)
    window = Window(content, len(MARK) if report else 0)
    sink = Sink(content.path, dim, _bound(content, dim), options)
    _text_rows(window, sink, None, report)
    return sink.finish(GLOVE_TEXT, report, content.packed)


def _mark(content: Content, options: LoadOptions) -> dict[str, int]:
    """A report, with the byte order mark if there is one."""
    if not content.head.startswith(MARK):
        return {}
    if options.strict:
        refuse("byte_order_mark", (content.path, 1, 0))
    return {"byte_order_mark": 1}


def _bound(content: Content, dim: int) -> int | None:
    """No more rows than this, of which the last may lack its line end."""
    return None if content.size is None else content.size // _least(dim, False) + 1


def _least(dim: int, binary: bool) -> int:
    """Bytes of a row at least: a letter and a blank, then four bytes a number; in text a blank and a digit a number."""
    return 4 * dim + 2 if binary else 2 * dim + 1


def glove_dimension(content: Content) -> int | None:
    """Numbers a row, at least 2, if the content begins with rows of them; words may have blanks, so the fewest count.
    """
    lines = content.head.removeprefix(MARK).split(b"\n")
    if not content.complete and len(lines) > 1:
        lines.pop()
    rows = [line.split() for line in lines[:100] if line.strip()]
    if not rows or not lines[0].strip():
        return None
    dim = min(map(len, rows)) - 1
    return dim if dim >= 2 and all(all(map(_is_number, row[-dim:])) for row in rows[:3]) else None


def _check_header(path: str, n_words: int, dim: int, body: int | None) -> None:
    """Refuse sizes that the file cannot hold before anything is allocated by them."""
    for value, what in ((n_words, "words"), (dim, "dimension")):
        if value < 0:
            raise FormatError(path, f"wrong header: {what} is {value}", line=1, offset=0)
    if n_words == 0:
        raise FormatError(path, "no words: the header says 0", line=1, offset=0)
    if dim == 0:
        raise FormatError(path, "wrong header: dimension is 0", line=1, offset=0)
    least = n_words * _least(dim, False)  # binary rows are longer
    if body is not None and least > body:
        raise FormatError(path, f"the header says {n_words} words of dimension {dim}, which is at least {least} bytes, "
                                f"but only {body} follow: the header is wrong or the file is cut", line=1, offset=0)
    if body is None and (dim > _MOST_NUMBERS or n_words > 1 << 48):
        raise FormatError(path, f"the header says {n_words} words of dimension {dim}, which cannot be",
                          line=1, offset=0)


def _is_binary(content: Content, start: int, n_words: int, dim: int) -> bool:
    """Whether rows are binary; text that begins with a good row is text, whatever bytes come later."""
    head = content.head
    first = head[start:].split(b"\n", 1)[0].split()
    if len(first) == dim + 1 and all(map(_is_number, first[1:])):
        return False
    if _CONTROL.search(head, start):
        return True
    # short files may by chance have no control byte in their floats; then the lengths must fit exactly
    return content.complete and _walks_to_end(head, start, n_words, 4 * dim)


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _walks_to_end(head: bytes, at: int, n_words: int, width: int) -> bool:
    for _ in range(n_words):
        blank = head.find(b" ", at)
        if blank < 0 or blank + 1 + width > len(head):
            return False
        at = blank + 1 + width
    return not head[at:].strip()


def _text_rows(window: Window, sink: Sink, n_words: int | None, report: dict[str, int]) -> None:
    """Lines into the sink, until it has enough or the content ends; then the end must be where the header puts it."""
    path, ended = sink.path, False
    header = 0 if n_words is None else 1
    while len(space := sink.space()):
        words: list[str] = []
        line, offset = sink.seen + header + 1, window.offset
        try:
            _, used = read_text_rows(window.data, window.start, window.end, space, words, report, path, line, offset)
        except FormatError as error:
            block = bytes(window.rest()[:(error.offset or offset) - offset])
            window.use(len(block))
            if n_words is not None or not _only_blanks(window):
                raise
            if sink.options.strict:
                _check_lines(path, block, words, line, offset, sink.strict_words)
            sink.add(words)  # empty lines at the end, which only a header tells from a row
            return
        if sink.options.strict:
            _check_lines(path, bytes(window.rest()[:used]), words, line, offset, sink.strict_words)
        window.use(used)
        sink.add(words)
        if words:
            continue
        if ended:
            break
        if not window.more():
            ended = True  # the last line may lack its newline; a row cut inside it will have too few numbers
            if window.end_line():
                report["no_last_newline"] = 1
                if sink.options.strict:
                    refuse("no_last_newline", (path, line + len(words), window.offset + len(window.rest()) - 1))
    if n_words is not None and sink.seen == n_words:
        _check_end(path, window, n_words, n_words + 2)
    elif len(space) and n_words is not None:
        raise FormatError(path, f"the file ends after {sink.seen} rows: it is cut, or the header is wrong",
                          line=sink.seen + 2, offset=window.offset)


def _binary_rows(window: Window, sink: Sink, n_words: int, report: dict[str, int]) -> None:
    path = sink.path
    while len(space := sink.space()):
        words: list[str] = []
        offset = window.offset
        _, used = read_binary_rows(
            window.data, window.start, window.end, space, words, report, path, sink.seen + 1, offset)
        if sys.byteorder == "big":
            space[:len(words)].byteswap(inplace=True)
        if sink.options.strict:
            _check_rows(path, bytes(window.rest()[:used]), words, offset, space.shape[1], sink.strict_words)
        window.use(used)
        sink.add(words)
        if not words and not window.more():
            raise FormatError(path, f"the file ends inside row {sink.seen + 1}: it is cut, or the header is wrong",
                              offset=window.offset + window.end - window.start)
    if sink.seen == n_words:
        _check_end(path, window, n_words, None)


def _check_lines(path: str, block: bytes, words: list[str], line: int, offset: int, seen: set[str]) -> None:
    """The rows of a block as `strict` wants them; `line` and `offset` are those of the first."""
    starts = [0]
    for i in range(len(words)):
        end = block.index(b"\n", starts[-1])
        if block[end - 1:end] == b"\r":
            refuse("crlf_lines", (path, line + i, offset + starts[-1]))
        starts.append(end + 1)
    check_strictly(words, lambda i: (path, line + i, offset + starts[i]), seen, blanks=True)


def _check_rows(path: str, block: bytes, words: list[str], offset: int, dim: int, seen: set[str]) -> None:
    starts, at = [], 0
    for word in words:
        at += block[at:at + 1] == b"\n"
        starts.append(at)
        at += len(word.encode("utf-8", "surrogateescape")) + 1 + 4 * dim
    check_strictly(words, lambda i: (path, None, offset + starts[i]), seen)


def _check_end(path: str, window: Window, n_words: int, line: int | None) -> None:
    """Only white space may follow the last row."""
    if not _only_blanks(window):
        raise FormatError(path, f"more rows follow the {n_words} that the header says", line=line, offset=window.offset)


def _only_blanks(window: Window) -> bool:
    """Whether only white space follows; the window stays where something else begins."""
    while not bytes(window.rest()).strip():
        window.use(window.end - window.start)
        if not window.more():
            return True
    return False
