"""Lists of edges in text: which columns they have, and their lines as edges.

Place in the data flow: files, or lines that `w2v.graphs.objects` makes of other inputs -> `EdgeReader` -> ids of nodes
in the word table of `w2v.graphs.reading`. Lines are read in C (csrc/text/edges.h).
"""

from __future__ import annotations

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
LOOKED_AT = 20  # lines that tell the delimiter
MATRIX_MARKET = b"%%MatrixMarket"

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
    """

    delimiter: int
    source: int = 0
    target: int = 1
    weight: int = 2
    weights: int = EDGES_WITHOUT_WEIGHTS
    header: int = 0

    @property
    def weighted(self) -> bool:
        """Whether weights are read."""
        return self.weights == EDGES_WITH_WEIGHTS

    @classmethod
    def of(cls, text: bytes, unweighted: bool) -> EdgeFormat:
        """Recognise the format by the begin of a text."""
        lines = [line for line in _data_lines(text) if line]
        if not lines:
            return cls(0)
        delimiter = _delimiter(lines[:LOOKED_AT])
        first, second = (_fields(line, delimiter) for line in (lines[0], lines[min(1, len(lines) - 1)]))
        names = _names(first)
        has_header = bool(names) or text.startswith(MATRIX_MARKET) or _is_header(first, second)
        edge = second if has_header else first
        if unweighted or (names and "weight" not in names):
            weights = EDGE_WEIGHTS_IGNORED
        else:
            weights = EDGES_WITH_WEIGHTS if names or len(edge) > 2 else EDGES_WITHOUT_WEIGHTS
        return cls(delimiter, **names, weights=weights, header=_end_of(text, lines[0]) if has_header else 0)

    def error(self, path: str, bad: BadEdge, line: int | None, offset: int | None = None) -> FormatError:
        """Return the error for a line."""
        shown = bad.line[:60].decode("utf-8", "replace").strip()
        return FormatError(path, f"this is no edge: {shown!r}: {PROBLEMS[bad.reason]}", line=line,
                           offset=None if line is not None else offset)


def _data_lines(text: bytes) -> list[bytes]:
    """Return the lines that are no comments; the last one, which may be cut, only if it is the only one."""
    lines = text.split(b"\n")
    whole = lines if len(lines) == 1 or text.endswith(b"\n") else lines[:-1]
    return [line.strip(b"\r") for line in whole if line.strip() and line.lstrip()[:1] not in (b"#", b"%")]


def _delimiter(lines: list[bytes]) -> int:
    """Return the first delimiter that all lines have."""
    for delimiter in _DELIMITERS:
        if all(delimiter in line.partition(b"{")[0].strip(b" ") for line in lines):
            return delimiter[0]
    return 0


def _fields(line: bytes, delimiter: int) -> list[bytes]:
    line, brace, rest = line.partition(b"{")
    if not delimiter:
        return line.split() + ([brace + rest] if brace else [])
    fields = [field.strip().strip(b'"') for field in line.split(bytes([delimiter]))]
    return [*fields[:-1], fields[-1] + brace + rest] if brace else fields


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


def _end_of(text: bytes, line: bytes) -> int:
    """Return where the line after this one begins."""
    end = text.find(b"\n", text.find(line))
    return len(text) if end < 0 else end + 1
