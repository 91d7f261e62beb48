"""GloVe's text files: word2vec text without the header. Only read.

Place in the data flow: `Content` -> `Sink`. The dimension is that of the first rows, and the number of words is known
at the end.
"""

from __future__ import annotations

from w2v.errors import FormatError
from w2v.formats.content import Content, Window
from w2v.formats.fileformat import FileFormat
from w2v.formats.sink import Sink
from w2v.formats.text_rows import MARK, is_number, least_row_bytes, read_rows, report_mark
from w2v.formats.vectorfile import LoadOptions, VectorFile


def _dimension(content: Content) -> int | None:
    """Return the numbers per row, at least 2, if the content begins with rows; None if not.

    Words may contain blanks, so the row with the fewest fields decides.
    """
    lines = content.head.removeprefix(MARK).split(b"\n")
    if not content.complete and len(lines) > 1:
        lines.pop()
    rows = [line.split() for line in lines[:100] if line.strip()]
    if not rows or not lines[0].strip():
        return None
    dim = min(map(len, rows)) - 1
    return dim if dim >= 2 and all(all(map(is_number, row[-dim:])) for row in rows[:3]) else None


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


GLOVE = FileFormat("glove-text", "GloVe text (no header)", recognises=_recognises, read=_read)
