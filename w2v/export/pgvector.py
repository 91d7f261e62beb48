"""Text for PostgreSQL: `COPY words (word, count, vector) FROM ...`, for a table with a pgvector column.

Layout: COPY's text format, with tabs between columns and backslash escapes; an unknown count is \\N; a vector is
`[v1,v2,...]`. A matching table: `CREATE TABLE words (word text PRIMARY KEY, count bigint, vector vector(D));`
"""

from __future__ import annotations

from w2v.export.common import ExportData
from w2v.formats._formats import write_text_rows
from w2v.system.files import atomic_write, check_writable

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"})


def check(path: str) -> None:
    """Check that the file can be written."""
    check_writable(path)


def write(path: str, data: ExportData) -> None:
    """Write the file, block by block."""
    with atomic_write(path) as file:
        for start, block in data.blocks(path):
            numbers = bytes(write_text_rows([b""] * len(block), block)).replace(b" \n", b"]\n").split(b"\n")
            lines = []
            for i in range(len(block)):
                count = "\\N" if data.counts is None else str(data.counts[start + i])
                word = data.words[start + i].translate(_ESCAPES)
                lines.append(f"{word}\t{count}\t[".encode() + numbers[i][1:].replace(b" ", b",") + b"\n")
            file.write(b"".join(lines))
