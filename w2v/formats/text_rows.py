"""Reader of text lines `word v1 ... vD`, the body of word2vec text, fastText `.vec` and GloVe files.

Place in the data flow: `Content` -> `Window` -> `Sink`; the lines are parsed by `w2v.formats._formats`. A file with a
header states its number of rows, one without ends where its content ends.
"""

from __future__ import annotations

from w2v.errors import FormatError
from w2v.formats._formats import read_text_rows
from w2v.formats.content import Content, Window
from w2v.formats.sink import Sink
from w2v.formats.strict import check_strictly, refuse
from w2v.formats.vectorfile import LoadOptions

MARK = b"\xef\xbb\xbf"
"""Byte order mark."""


def is_number(text: bytes) -> bool:
    """Return whether `text` is a decimal number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def report_mark(content: Content, options: LoadOptions) -> dict[str, int]:
    """Return a new report, in which a byte order mark is counted; with `strict` a mark is a FormatError."""
    if not content.head.startswith(MARK):
        return {}
    if options.strict:
        refuse("byte_order_mark", (content.path, 1, 0))
    return {"byte_order_mark": 1}


def least_row_bytes(dim: int) -> int:
    """Return the size of the shortest row of text: a letter, then a blank and a digit per number."""
    return 2 * dim + 1


def read_rows(window: Window, sink: Sink, n_words: int | None, report: dict[str, int]) -> None:
    """Read lines into the sink until it has enough or the content ends.

    Parameters
    ----------
    window : at the first line of the rows.
    n_words : number of rows that the header states; None for a file without a header.
    report : counts of repaired flaws, to be added to.

    Raises
    ------
    FormatError : a line is not a row, there are fewer or more rows than stated, or a flaw with `strict`.
    """
    header_lines = 0 if n_words is None else 1
    ended = False
    while len(space := sink.space()):
        words: list[str] = []
        line, offset = sink.seen + header_lines + 1, window.offset
        try:
            _, used = read_text_rows(
                window.data, window.start, window.end, space, words, report, sink.path, line, offset)
        except FormatError as error:
            if n_words is None and _take_blank_end(window, sink, words, line, error):
                return
            raise
        if sink.options.strict:
            _check_lines(sink.path, bytes(window.rest()[:used]), words, line, offset, sink.strict_words)
        window.use(used)
        sink.add(words)
        if words:
            continue
        if ended:
            break
        if not window.more():
            ended = True  # the last line may lack its newline; a truncated row has too few numbers
            _end_last_line(window, sink, report, line)
    if n_words is not None and sink.seen == n_words:
        check_end(sink.path, window, n_words, n_words + 2)
    elif len(space) and n_words is not None:
        raise FormatError(sink.path, f"the file ends after {sink.seen} rows: it is truncated, or the header is wrong",
                          line=sink.seen + 2, offset=window.offset)


def _take_blank_end(window: Window, sink: Sink, words: list[str], line: int, error: FormatError) -> bool:
    """Take the rows before an error that is only an empty line at the end; False if more than white space follows."""
    offset = window.offset
    block = bytes(window.rest()[:(error.offset or offset) - offset])
    window.use(len(block))
    if not _only_blanks(window):
        return False
    if sink.options.strict:
        _check_lines(sink.path, block, words, line, offset, sink.strict_words)
    sink.add(words)
    return True


def _end_last_line(window: Window, sink: Sink, report: dict[str, int], line: int) -> None:
    """Add a missing newline at the end of the content, and report it."""
    if window.end_line():
        report["no_last_newline"] = 1
        if sink.options.strict:
            refuse("no_last_newline", (sink.path, line, window.offset + len(window.rest()) - 1))


def _check_lines(path: str, block: bytes, words: list[str], line: int, offset: int, seen: set[str]) -> None:
    """Check the rows of a block for `strict`; `line` and `offset` are those of the first."""
    starts = [0]
    for i in range(len(words)):
        end = block.index(b"\n", starts[-1])
        if block[end - 1:end] == b"\r":
            refuse("crlf_lines", (path, line + i, offset + starts[-1]))
        starts.append(end + 1)
    check_strictly(words, lambda i: (path, line + i, offset + starts[i]), seen, blanks=True)


def check_end(path: str, window: Window, n_words: int, line: int | None) -> None:
    """Raise a FormatError if more than white space follows the last row."""
    if not _only_blanks(window):
        raise FormatError(path, f"more rows follow the {n_words} that the header states", line=line,
                          offset=window.offset)


def _only_blanks(window: Window) -> bool:
    """Return whether only white space follows; otherwise the window stays at the block with something else."""
    while not bytes(window.rest()).strip():
        window.use(window.end - window.start)
        if not window.more():
            return True
    return False
