"""Columns of tables as a source.

Place in the data flow: `w2v.corpus.source` -> `TableSource` -> blocks, made by `w2v.corpus.tables`.
"""

from __future__ import annotations

from collections.abc import Generator

from w2v.corpus.blocks import (
    Block,
    SourceCounts,
)
from w2v.corpus.byte_classes import SENTENCE_END_BYTE, TEXT_CLASSES, TOKEN_CLASSES, TOKEN_END_BYTE
from w2v.corpus.objects import has_texts, is_column
from w2v.corpus.paths import CorpusInput
from w2v.corpus.sentences import type_with_article
from w2v.corpus.sources.base import TextSource
from w2v.corpus.tables.arrow import has_arrow
from w2v.corpus.tables.columns import Kind, Marks
from w2v.corpus.tables.table import Table, open_files, open_object, table_files


def open_table(corpus: CorpusInput, line_weights: bool) -> TextSource | None:
    """Open the column of a table; None if the corpus is of another kind."""
    if corpus.reading.column is None and corpus.reading.group_by is not None:
        raise TypeError("group_by names a column of a table, whose rows are grouped; column must name the one with the "
                        "words")
    if corpus.paths is not None and corpus.reading.column is not None:
        files = table_files(corpus.paths, corpus.files)
        sizes = [corpus.size(path) for path in files]
        counts = SourceCounts.of(corpus.listing)
        counts.hidden_skipped += len(corpus.files) - len(files)
        total = sum(size for size in sizes if size is not None)
        return TableSource(corpus.name, open_files(corpus.name, files, corpus.reading, counts), counts, total)
    if corpus.reading.column is not None and (corpus.table is None or is_column(corpus.table)):
        what = "a column" if corpus.table is not None else "not a table"
        raise TypeError(f"column={corpus.reading.column!r} was given, but the corpus is {what}: "
                        f"{type_with_article(corpus.given)}; leave `column` out, or pass a table")
    if corpus.table is None or (corpus.reading.column is None and (line_weights or not _is_read_by_arrow(corpus))):
        return None
    counts = SourceCounts()
    return TableSource(corpus.name, open_object(corpus.table, corpus.reading, counts), counts, None)


def _is_read_by_arrow(corpus: CorpusInput) -> bool:
    """Return whether a column is read by Arrow. Without pyarrow lists of words are read as sentences."""
    return has_arrow() or (has_texts(corpus.table) and not corpus.text.takes_texts)


def marks_of(kind: Kind) -> Marks:
    """Return the bytes after the words and lines of a table."""
    return Marks(TOKEN_END_BYTE, SENTENCE_END_BYTE) if kind == "tokens" else Marks(b" ", b"\n")


def classes_of(kind: Kind) -> bytes:
    """Return the classes of bytes of a table."""
    return TOKEN_CLASSES if kind == "tokens" else TEXT_CLASSES


class TableSource(TextSource):
    """Column of tables in files or in memory."""

    integers: bool
    file: str | None

    numbers_lines = True  # a group may have rows of several files, and long texts are cut

    def __init__(self, name: str, table: Table, counts: SourceCounts, total_bytes: int | None) -> None:
        super().__init__(name, classes_of(table.kind), counts, total_bytes)
        self.integers = table.kind in ("integers", "numbers")
        self._table = table

    @property
    def bytes_read(self) -> int:
        return self._table.bytes_read

    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
        for block in self._table.blocks(block_size, marks_of(self._table.kind)):
            self.file = self._table.file
            yield block
