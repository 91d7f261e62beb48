"""Reader of text lines `word v1 ... vD`, the body of word2vec text, fastText `.vec` and GloVe files.

Place in the data flow: `Content` -> `Window` -> `Sink`; the lines are parsed by `w2v.formats._formats`. A file with a
header states its number of rows, one without ends where its content ends.
"""

from __future__ import annotations

import re

from w2v.errors import FormatError
from w2v.formats._formats import read_text_rows, text_to_float
from w2v.formats.content import BLOCK, Content, Window
from w2v.formats.decoding import decoded
from w2v.formats.sink import Sink
from w2v.formats.strict import check_strictly, note
from w2v.formats.vectorfile import LoadOptions

MARK = b"\xef\xbb\xbf"
"""Byte order mark."""

_FIELD = re.compile(rb"[^ \t]+")
_LINES = 100
_LONGEST_ROW = 1 << 26  # bytes
_LOOKED_AT = 4096  # bytes at the end of the beginning of a row


def fields(line: bytes) -> list[bytes]:
    """Return the fields of a line, which blanks and tabs separate; the CR of a CR LF is not part of the last one."""
    line = line.removesuffix(b"\r")
    if b"\r" in line or b"\v" in line or b"\f" in line:  # words, at which `split` would split, too
        found: list[bytes] = _FIELD.findall(line)
        return found
    return line.split()


def is_number(text: bytes) -> bool:
    """Return whether `text` is a decimal number."""
    try:
        text_to_float(text)
    except ValueError:
        return False
    return True


def count_numbers(found: list[bytes]) -> int:
    """Return how many of the fields, counted from the last one, are numbers."""
    return next((count for count, field in enumerate(reversed(found)) if not is_number(field)), len(found))


def first_lines(content: Content) -> list[bytes]:
    """Return the first lines that are whole, at most 100, without a byte order mark.

    `Content.head` is made longer if it has less than two, and ends like a row.
    """
    while (content.head.count(b"\n") < 2 and len(content.head) < _LONGEST_ROW
           and not (content.complete or content.truncated)):
        if not count_numbers(fields(content.head[-_LOOKED_AT:])[1:-1]):
            break  # the last whole field is not a number
        before = len(content.head)
        content.extend_head(2 * before)
        if len(content.head) == before:
            break  # the rest of a compressed file is damaged
    lines = content.head.removeprefix(MARK).split(b"\n", _LINES)
    return lines[:_LINES] if content.complete else lines[:-1]


def report_mark(content: Content, options: LoadOptions) -> dict[str, int]:
    """Return a new report, in which a byte order mark is counted; with `strict` a mark is a FormatError."""
    report: dict[str, int] = {}
    if content.head.startswith(MARK):
        note("byte_order_mark", report, options, (content.path, 1, 0))
    return report


def least_row_bytes(dim: int) -> int:
    """Return the size of the shortest row of text: a separator and a digit per number, and a newline."""
    return 2 * dim + 1


def report_rest(window: Window, sink: Sink, missing: int, least_row: int, report: dict[str, int]) -> None:
    """Report that the content is too short for the rows that were not asked for, as far as that is known.

    Parameters
    ----------
    missing : rows that were not read.
    least_row : bytes of the shortest row.
    """
    content = window.content
    if content.truncated:
        note("truncated", report, sink.options, (sink.path, None, window.offset))
    elif missing and content.size is not None and missing * least_row > content.size - window.offset:
        note("wrong_header", report, sink.options, (sink.path, 1, 0))


def read_rows(window: Window, sink: Sink, n_words: int | None, report: dict[str, int]) -> None:
    """Read lines into the sink until it has enough or the content ends.

    Parameters
    ----------
    window : at the first line of the rows.
    n_words : number of rows that the header states; None for a file without a header.
    report : counts of repaired flaws, to be added to.

    Raises
    ------
    FormatError : a line is not a row, there are fewer or more rows than stated, or a flaw with `strict`. With `limit`
        only the rows up to it must be there.
    """
    if n_words is None:
        _read_lines(window, sink, report, 1, open_end=True)
        report_rest(window, sink, 0, 0, report)
        return
    ended = _read_lines(window, sink, report, 2, open_end=False, sure=n_words == 1)
    if sink.seen < n_words:
        if ended:
            rest = f"; limit={sink.seen} reads these" if sink.seen else ""
            raise FormatError(sink.path, f"the file ends after {sink.seen} rows: it is truncated, or the header is "
                                         f"wrong{rest}", line=sink.seen + 2, offset=window.offset)
        report_rest(window, sink, n_words - sink.seen, least_row_bytes(sink.dim), report)
    elif rows_follow(window, sink, n_words, sink.seen + 2, report):
        sink.expect_more()
        _read_lines(window, sink, report, 2, open_end=True)


def _read_lines(
    window: Window, sink: Sink, report: dict[str, int], first_line: int, *, open_end: bool, sure: bool = True
) -> bool:
    """Read lines; return whether the content ended before the sink had enough.

    Parameters
    ----------
    first_line : number of the first row's line.
    open_end : the content ends after the last row, perhaps with blank lines.
    sure : see `read_text_rows`.
    """
    looked, ended = sure, False
    while len(space := sink.space()):
        words: list[str] = []
        broken: list[int] = []
        line = sink.seen + first_line
        try:
            _, used = read_text_rows(window.data, window.start, window.end, space, words, broken, report, sink.path,
                                     line, window.offset, sure or sink.seen > 0)
        except FormatError as error:
            if not looked and not sink.seen + len(words):
                looked, ended = True, _look_ahead(window, sink, report, first_line)
                continue
            used = (error.offset or window.offset) - window.offset
            if not open_end or bytes(window.rest()[used:]).strip() or not _take_last(
                    window, sink, words, broken, used, line, report):
                raise
            return False
        _take(window, sink, words, broken, used, line, report)
        if words:
            continue
        if ended:
            return True
        if not window.more():
            ended = True
            _end_last_line(window, sink, report, line)
    return False


def _look_ahead(window: Window, sink: Sink, report: dict[str, int], first_line: int) -> bool:
    """Read lines into the window, for `read_text_rows` to compare the first one with; return whether they are all."""
    while (lines := bytes(window.rest()).count(b"\n")) < _LINES and (lines < 2 or len(window.rest()) < BLOCK):
        try:
            if window.more():
                continue
        except FormatError:  # the compressed data are truncated: an error if these bytes are needed
            return False
        _end_last_line(window, sink, report, first_line + lines)
        return True
    return False


def _end_last_line(window: Window, sink: Sink, report: dict[str, int], line: int) -> None:
    """Add the newline that the last line may lack, and report it. A truncated row has too few numbers."""
    if not bytes(window.rest()).endswith(b"\n") and window.end_line():
        note("no_last_newline", report, sink.options, (sink.path, line, window.offset + len(window.rest()) - 1))


def _take(
    window: Window, sink: Sink, words: list[str], broken: list[int], used: int, line: int, report: dict[str, int]
) -> None:
    """Pass rows that were read from `used` bytes on to the sink; `line` is that of the first."""
    names = decoded(words, sink.options, report, sink.path)
    if sink.options.strict:
        _check_lines(window, sink, names, broken, used, line)
    window.use(used)
    sink.add(names, broken)


def _take_last(
    window: Window, sink: Sink, words: list[str], broken: list[int], used: int, line: int, report: dict[str, int]
) -> bool:
    """Take the rows before a blank line; return False if more than white space follows it."""
    _take(window, sink, words, broken, used, line, report)
    return only_blanks(window)


def _check_lines(window: Window, sink: Sink, words: list[str], broken: list[int], used: int, first: int) -> None:
    """Check the rows of a block for `strict`; `first` is the line of its first row."""
    block, starts = bytes(window.rest()[:used]), [0]
    for i in range(len(words)):
        end = block.index(b"\n", starts[-1])
        if block[end - 1:end] == b"\r":
            note("crlf_lines", {}, sink.options, (sink.path, first + i, window.offset + starts[-1]))
        starts.append(end + 1)
    check_strictly(words, lambda i: (sink.path, first + i, window.offset + starts[i]), sink.strict_words, blanks=" \t",
                   broken=broken)


def rows_follow(window: Window, sink: Sink, n_words: int, line: int | None, report: dict[str, int]) -> bool:
    """Return whether more than white space follows the rows that the header states, which is reported.

    Raises
    ------
    FormatError : something follows, and no `limit` says how many rows to read, or `strict` forbids it.
    """
    limited = sink.options.limit is not None
    try:
        if only_blanks(window):
            return False
    except FormatError:  # the compressed data are truncated
        if not limited:
            raise
        report_rest(window, sink, 0, 0, report)
        return False
    if not limited:
        raise FormatError(sink.path, f"more rows follow the {n_words} that the header states; limit= reads as many as "
                                     "asked for", line=line, offset=window.offset)
    note("wrong_header", report, sink.options, (sink.path, 1, 0))
    return True


def only_blanks(window: Window) -> bool:
    """Return whether only white space follows; otherwise the window stays at the block with something else."""
    while not bytes(window.rest()).strip():
        window.use(window.end - window.start)
        if not window.more():
            return True
    return False
