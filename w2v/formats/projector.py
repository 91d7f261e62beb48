"""Rows of numbers without words: vectors of the TensorBoard projector, and other text with a word list. Only read.

Place in the data flow: `Content` -> `Sink`, word list next to the file -> `pick`. A line is one row, with TABs (blanks
are accepted, too) between its numbers; the words are in the metadata file of the projector, or in any other word list
of `w2v.formats.wordlist`. The files are written by `w2v.export.projector`.
"""

from __future__ import annotations

from w2v.errors import FormatError
from w2v.formats._formats import read_text_rows
from w2v.formats.content import Content, Window
from w2v.formats.fileformat import FileFormat
from w2v.formats.rows import Rows
from w2v.formats.sink import Sink, pick
from w2v.formats.strict import refuse
from w2v.formats.text_rows import MARK, first_lines, is_number, report_mark
from w2v.formats.vectorfile import ENCODED, LoadOptions, VectorFile
from w2v.formats.wordlist import list_words, words_beside

_SAMPLE = 1000
_LOOKED_AT = 1 << 12  # bytes
_PART = 1 << 14  # bytes of lines parsed at a time
_NAME = b"w\t"  # put before each line, so that the parser of `word numbers` reads it


def _sample(content: Content) -> list[list[bytes]]:
    """Return the fields of the first lines without blank lines, at most 100, or 3 with _SAMPLE fields."""
    rows: list[list[bytes]] = []
    for line in filter(bytes.strip, first_lines(content)):
        rows.append(line.split())
        if len(rows) >= 3 and sum(map(len, rows)) > _SAMPLE:
            break
    return rows


def _recognises(content: Content) -> bool:
    """Return whether the first lines are only numbers, and the first number of a line is not its word.

    A word may be a number, such as that of an item. The first numbers are not words if the words are given or in a
    metadata file; if one has a decimal point; or if all other numbers are whole, too, and TABs are between them.
    """
    if b"\0" in content.head[:_LOOKED_AT]:
        return False  # the numbers of a binary file, which are not looked at any further
    rows = _sample(content)
    if not rows or not all(is_number(row[0]) for row in rows) or not all(map(is_number, rows[0])):
        return False
    if content.words_given:
        return True
    if len({len(row) for row in rows}) > 1 or len(rows[0]) < 2 or _has_header_of_one_number(rows):
        return False
    if not all(is_number(field) for row in rows for field in row):
        return False
    fraction = not all(_is_whole(row[0]) for row in rows)
    if b"\t" not in content.head.split(b"\n", 1)[0]:
        return fraction
    beside = words_beside(content.path)
    return (fraction or (beside is not None and beside.suffix == ".tsv")
            or all(_is_whole(field) for row in rows for field in row))


def _has_header_of_one_number(rows: list[list[bytes]]) -> bool:
    """Return whether the first line is the header of a word2vec file of one number per row: rows of a word and it."""
    return len(rows[0]) == 2 and rows[0][1] == b"1" and rows[0][0].isdigit() and int(rows[0][0][:9]) == len(rows) - 1


def _is_whole(field: bytes) -> bool:
    return field.lstrip(b"+-").isdigit()


def _read(content: Content, options: LoadOptions) -> VectorFile:
    report = report_mark(content, options)
    dim = len(_sample(content)[0])
    most = None if content.size is None else content.size // (2 * dim) + 1
    # words, types and strictness are matters of `pick`; here all rows have the same name
    sink = Sink(content, dim, most, LoadOptions(limit=options.limit))
    window = Window(content, len(MARK) if report else 0)
    lines = blank = 0
    while part := _lines(window, report, options, lines):
        if rows := part.rstrip():
            if blank:
                raise FormatError(content.path, "an empty line", line=lines + 1, offset=window.offset)
            _parse(rows, window.offset, sink, report, lines)
            lines += rows.count(b"\n") + 1
        blank += part.count(b"\n", len(rows)) > 1 or not rows
        window.use(min(len(part), window.end - window.start))
    listed = list_words(content, lines, options, report)
    if options.strict and report.get("crlf_lines"):
        refuse("crlf_lines", (content.path, None, 0))
    matrix = Rows(sink.rows.data[:len(sink.words)])
    return pick(content, listed.words, listed.select(content.path, matrix), options, PROJECTOR, report, mapped=False,
                place=listed.place, counts=listed.counts)


def _lines(window: Window, report: dict[str, int], options: LoadOptions, lines: int) -> bytes:
    """Return the complete lines in the window, at least one; b"" at the end of the content."""
    while (end := _end_of_lines(window)) < 0:
        if window.more():
            continue
        if not bytes(window.rest()).strip():
            return b""
        report["no_last_newline"] = 1
        if options.strict:
            refuse("no_last_newline", (window.content.path, lines + 1, window.offset + window.end - window.start))
        return bytes(window.rest()) + b"\n"
    return bytes(window.data[window.start:end + 1])


def _end_of_lines(window: Window) -> int:
    """Return the place of the last newline in the first _PART bytes of the window, or of the next one; -1 if there is
    none."""
    middle = min(window.start + _PART, window.end)
    found = window.data.rfind(b"\n", window.start, middle)
    return found if found >= 0 else window.data.find(b"\n", middle, window.end)


def _parse(part: bytes, offset: int, sink: Sink, report: dict[str, int], lines: int) -> None:
    """Put lines, which begin at byte `offset` after `lines` others, into the sink as far as it has space."""
    named = _NAME + part.replace(b"\n", b"\n" + _NAME) + b"\n"
    at = 0
    while at < len(named) and len(space := sink.space()):
        words: list[str] = []
        broken: list[int] = []
        line = lines + named.count(b"\n", 0, at) + 1
        try:
            _, used = read_text_rows(named, at, len(named), space, words, broken, report, sink.path, line,
                                     offset + at, False)
        except FormatError as error:
            before = ((error.line or line) - lines) * len(_NAME)
            raise FormatError(sink.path, error.problem, line=error.line,
                              offset=max(0, (error.offset or 0) + len(_NAME) - before)) from None
        if set(words) != {"w"}:
            i = next(i for i, word in enumerate(words) if word != "w")
            raise FormatError(sink.path, f"the row has more than {sink.dim} numbers", line=line + i)
        sink.add(words, broken)
        at += used


PROJECTOR = FileFormat("projector", "numbers of the TensorBoard projector", recognises=_recognises, read=_read,
                       takes=ENCODED | {"words"})
"""Recognised before the formats of word2vec and GloVe, whose words may be numbers."""
