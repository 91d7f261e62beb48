"""Files for the TensorBoard projector: numbers in NAME.tsv, words (and counts) in NAME.metadata.tsv.

Layout: one row per line, tabs between numbers, no header; the metadata has a header only if it has several columns.
"""

from __future__ import annotations

from pathlib import Path

from w2v.export.common import ExportData
from w2v.formats._formats import write_text_rows
from w2v.system.files import atomic_write, check_writable


def _metadata_path(path: str) -> Path:
    return Path(path).with_suffix(".metadata.tsv")


def check(path: str) -> None:
    """Check that both files can be written."""
    check_writable(path, compress=False)
    check_writable(_metadata_path(path))


def write(path: str, data: ExportData) -> None:
    """Write both files."""
    with atomic_write(path, compress=False) as file:
        for _, block in data.blocks(path):
            text = bytes(write_text_rows([b""] * len(block), block))  # rows " v1 v2 ... \n"
            file.write(text.replace(b" \n ", b"\n")[1:-2].replace(b" ", b"\t") + b"\n")
    with atomic_write(_metadata_path(path)) as file:
        if data.counts is None:
            file.writelines(f"{word}\n".encode() for word in data.words)
            return
        file.write(b"word\tcount\n")
        file.writelines(f"{word}\t{count}\n".encode() for word, count in zip(data.words, data.counts, strict=True))
