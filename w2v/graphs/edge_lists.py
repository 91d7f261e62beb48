"""Lists of edges in text: which columns they have, and their lines as edges.

Place in the data flow: begin of a file -> `EdgeFormat` -> `w2v.graphs.reading`, which reads the lines in C
(csrc/text/edges.h).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from w2v.corpus._tokenizer import (
    EDGE_WEIGHTS_IGNORED,
    EDGES_WITH_WEIGHTS,
    EDGES_WITHOUT_WEIGHTS,
    BadEdge,
)
from w2v.errors import FormatError

SOURCES = ("source", "src", "from", "head", "start", "node1", "node_1", "u", "id1", "subject", "fromnodeid", "from_id")
TARGETS = ("target", "dst", "dest", "to", "tail", "end", "node2", "node_2", "v", "id2", "object", "tonodeid", "to_id")
WEIGHTS = ("weight", "w", "value", "score", "strength")
LOOKED_AT = 20  # lines that tell the columns
LONGEST = 1 << 16  # bytes of such a line that are looked at
MATRIX_MARKET = b"%%MatrixMarket"

_LINE_END = re.compile(rb"\r\n?|\n")
_NUMBER = re.compile(rb"[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?|nan|inf(inity)?)", re.IGNORECASE)
_DELIMITERS = (b"\t", b",", b";", b"|")

PROBLEMS = {
    1: "fewer than two names: a line of a list of edges has the names of two nodes, and perhaps a weight",
    2: "no weight, which other lines have",
    3: "the weight is not a finite number",
    4: "the weight must be above 0",
    5: "more fields than the first line has: if they are weights, each line needs one; --unweighted (unweighted=True) "
       "reads the first two only",
    6: "a quote that does not end, or that has quotes in it",
}
"""What `w2v_bad_edge` means (csrc/text/edges.h)."""


@dataclass(frozen=True)
class EdgeFormat:
    """Columns of a list of edges.

    Attributes
    ----------
    delimiter : byte between fields; 0 for runs of blanks and tabs.
    source, target, weight : columns, from 0.
    weights : EDGES_WITHOUT_WEIGHTS, EDGES_WITH_WEIGHTS or EDGE_WEIGHTS_IGNORED.
    header : bytes at the start of the text that are no edges.
    comments : lines among them that are comments.
    """

    delimiter: int
    source: int = 0
    target: int = 1
    weight: int = 2
    weights: int = EDGES_WITHOUT_WEIGHTS
    header: int = 0
    comments: int = 0

    @property
    def weighted(self) -> bool:
        """Whether weights are read."""
        return self.weights == EDGES_WITH_WEIGHTS

    @classmethod
    def of(cls, text: bytes, unweighted: bool) -> EdgeFormat:
        """Recognise the format by the first lines of a text."""
        lines, ends = _data_lines(text)
        if not lines:
            return cls(0, weights=EDGE_WEIGHTS_IGNORED if unweighted else EDGES_WITHOUT_WEIGHTS)
        delimiter = _delimiter(lines)
        first, second = (_fields(line, delimiter) for line in (lines[0], lines[min(1, len(lines) - 1)]))
        names = _names(first)
        if names and _recur(first, names, lines[1:], delimiter):
            names = {}
        has_header = bool(names) or text.startswith(MATRIX_MARKET) or _is_header(first, second)
        if unweighted or (names and "weight" not in names):
            weights = EDGE_WEIGHTS_IGNORED
        else:
            edge = second if has_header else first
            weights = EDGES_WITH_WEIGHTS if names or len(edge) > 2 else EDGES_WITHOUT_WEIGHTS
        header = ends[0] if has_header else 0
        comments = sum(map(_is_comment, text[:header].splitlines()))
        return cls(delimiter, **names, weights=weights, header=header, comments=comments)

    def error(self, path: str, bad: BadEdge, line: int | None, offset: int | None = None) -> FormatError:
        """Return the error for a line."""
        shown = bad.line[:60].decode("utf-8", "replace").strip()
        return FormatError(path, f"this is no edge: {shown!r}: {PROBLEMS[bad.reason]}", line=line,
                           offset=None if line is not None else offset)


def tells_columns(text: bytes) -> bool:
    """Return whether the begin of a text has as many lines with edges as are looked at."""
    return len(_data_lines(text)[0]) == LOOKED_AT


def only_comments(text: bytes) -> bool:
    """Return whether a text has no edge and is no begin of a matrix, whose first comment tells what it is."""
    return not _data_lines(text)[0] and not text.startswith(MATRIX_MARKET)


def _data_lines(text: bytes) -> tuple[list[bytes], list[int]]:
    """Return the first lines that are no comments, and where the line after each begins."""
    lines, ends, begin = list[bytes](), list[int](), 0
    while begin < len(text) and len(lines) < LOOKED_AT:
        found = _LINE_END.search(text, begin)
        end = found.end() if found else len(text)
        line, begin = text[begin:min(end, begin + LONGEST)], end
        if line.strip() and not _is_comment(line):
            lines.append(line.strip(b"\r\n"))
            ends.append(begin)
    return lines, ends


def _is_comment(line: bytes) -> bool:
    return line.lstrip()[:1] in (b"#", b"%")


def _delimiter(lines: list[bytes]) -> int:
    """Return the first delimiter that all lines have; if none has two fields without, the first one of the first."""
    for delimiter in _DELIMITERS:
        if all(delimiter in line.partition(b"{")[0].strip() for line in lines):
            return delimiter[0]
    if len(lines[0].split()) < 2:  # one of the others is no edge
        return next((delimiter[0] for delimiter in _DELIMITERS if delimiter in lines[0]), 0)
    return 0


def _fields(line: bytes, delimiter: int) -> list[bytes]:
    """Return the fields of a line; a dict in the third place, which may have delimiters in it, is one field."""
    if not delimiter:
        fields = line.split(None, 2)
        return fields if len(fields) > 2 and fields[2].startswith(b"{") else line.split()
    parts = [quoted or plain for quoted, plain in _field(delimiter).findall(line)]
    fields = [part.strip() for part in parts]
    if len(fields) > 2 and fields[2].startswith(b"{"):
        return [*fields[:2], bytes([delimiter]).join(parts[2:]).strip()]
    return fields


@functools.cache
def _field(delimiter: int) -> re.Pattern[bytes]:
    """Match a field, in quotes or not, after the begin of the line or a delimiter."""
    one = re.escape(bytes([delimiter]))
    return re.compile(rb'(?:^|' + one + rb')(?:[^\S' + one + rb']*"([^"]*)"[^' + one + rb']*|([^' + one + rb']*))')


def _is_weight(field: bytes) -> bool:
    return field.startswith(b"{") or _NUMBER.fullmatch(field) is not None


def _names(fields: list[bytes]) -> dict[str, int]:
    """Return the columns that a header names; empty if it is none."""
    names = [field.decode("utf-8", "replace").lower() for field in fields]
    found: dict[str, int] = {}
    for column, known in (("source", SOURCES), ("target", TARGETS), ("weight", WEIGHTS)):
        place = next((names.index(name) for name in known if name in names), None)
        if place is not None:
            found[column] = place
    return found if "source" in found and "target" in found else {}


def _is_header(first: list[bytes], second: list[bytes]) -> bool:
    """Return whether the first line has names of columns: where the second line has a weight it has none, or where that
    has two integers it has none."""
    if len(first) > 2 and len(second) > 2 and _is_weight(second[2]):
        return not _is_weight(first[2])
    return all(map(bytes.isdigit, second[:2])) and not any(map(bytes.isdigit, first[:2]))


def _recur(header: list[bytes], names: dict[str, int], lines: list[bytes], delimiter: int) -> bool:
    """Return whether a name of the header is a node of one of the lines: then it is an edge, such as "u v"."""
    columns = names["source"], names["target"]
    titles = {header[column] for column in columns}
    return any(fields[column] in titles for fields in (_fields(line, delimiter) for line in lines)
               for column in columns if column < len(fields))
