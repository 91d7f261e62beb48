"""The tables of a corpus: which columns are read, and their rows as blocks.

Place in the data flow: `w2v.corpus.source` -> `Table.blocks`. The files of a corpus may have several formats; the
column must be of one kind in all of them (texts, lists of words, or integers).
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, TypeAlias

from w2v.corpus.blocks import Block, SourceCounts
from w2v.corpus.listing import STDIN
from w2v.corpus.strings import Place
from w2v.corpus.tables.arrow import arrow
from w2v.corpus.tables.base import TableFile
from w2v.corpus.tables.columns import ColumnReader, Kind, Marks, kind_of
from w2v.corpus.tables.files import open_file
from w2v.corpus.tables.grouping import Event, Grouping
from w2v.corpus.tables.objects import COLUMN, NAME, TableObject
from w2v.corpus_options import ReadOptions
from w2v.errors import W2VError
from w2v.system.threads import read_ahead

TablePart: TypeAlias = TableFile | TableObject

_NAMES_SHOWN = 20
_KINDS = {"text": "text", "tokens": "lists of words", "integers": "lists of integers", "numbers": "integers"}


class Table:
    """Tables of a corpus, opened and checked.

    Attributes
    ----------
    kind : what a row of the column is.
    file : file of the last block; None for an object.
    again : whether the tables can be read more than once.
    """

    column: str
    again: bool

    def __init__(self, name: str, parts: Sequence[TablePart], reading: ReadOptions, counts: SourceCounts) -> None:
        self._name, self._parts, self._counts = name, parts, counts
        self.column = COLUMN if reading.column is None else reading.column
        self._grouping = None
        if reading.group_by is not None:
            self._grouping = Grouping(name, self.column, reading.group_by, reading.order_by)
        self.kind: Kind = self._checked_kind()
        self.file: str | None = None
        self.again = all(isinstance(part, TableFile) or part.again for part in parts)
        self._finished = 0
        self._current: TablePart | None = None

    @property
    def bytes_read(self) -> int:
        """Bytes of the files read so far."""
        return self._finished + (self._current.position if self._current else 0)

    def blocks(self, block_size: int, marks: Marks) -> Iterator[Block]:
        """Yield the blocks of all rows.

        Raises
        ------
        FormatError, CorpusError : a table is damaged, or has a value that is not a word.
        W2VError : rows that must be sorted to be grouped do not fit into memory.
        """
        reader = ColumnReader(self.kind, marks, self._counts, block_size)
        if self._grouping is None:
            for event in self._events([self.column], count=True):
                yield from reader.blocks(event.batch.column(self.column), event.place)
        else:
            yield from self._grouping.blocks(reader, self._events, self._counts, self.again)

    def _events(self, columns: Sequence[str], count: bool) -> Iterator[Event]:
        """Yield the batches of all tables with their places. With `count` the position and the files are counted."""
        order_by = self._grouping.order_by if self._grouping else None
        for part in self._parts:
            if count:
                self._current, self.file = part, part.path
            row = 0
            with closing(_batches(part, columns, [name for name in columns if name != order_by])) as batches:
                for batch in batches:
                    yield Event(batch, _place(part, row))
                    row += len(batch)
            if count:
                self._finished += part.size
                self._current = None
                self._counts.files += part.path is not None
                self._counts.remote_files += isinstance(part, TableFile) and part.is_remote

    # checks

    def _checked_kind(self) -> Kind:
        found: Kind | None = None
        for part in self._parts:
            types = self._checked_types(part)
            kind = kind_of(types[self.column])
            if kind is None:
                raise self._wrong_type(part, self.column, types[self.column], "text, lists of words, or integers")
            if kind == "numbers" and self._grouping is None:
                raise self._wrong_type(part, self.column, types[self.column],
                                       "text or lists; with one integer in each row, group_by (--group-by) names the "
                                       "column whose equal values make a line")
            if arrow("types").is_null(types[self.column]):
                continue
            if found is not None and kind != found:
                raise _place(part).whole_error(f"the column {self.column!r} has {_KINDS[kind]}, and in the files "
                                               f"before it {_KINDS[found]}")
            found = kind
        return found or "text"

    def _checked_types(self, part: TablePart) -> dict[str, Any]:
        """Return the types of a part, after the names and types of all columns but the main one are checked."""
        types = part.types
        keys = self._grouping.keys if self._grouping else ()
        for name in (self.column, *keys):
            if name not in types:
                shown = ", ".join(map(repr, list(types)[:_NAMES_SHOWN])) or "none"
                more = ", ..." if len(types) > _NAMES_SHOWN else ""
                raise _place(part).whole_error(f"there is no column {name!r}; the columns are {shown}{more}")
            if types[name] is None:
                raise _place(part).whole_error(f"there are several columns {name!r}")
        for name in keys:
            if arrow("types").is_nested(types[name]):
                raise self._wrong_type(part, name, types[name], "values that can be compared, such as texts or numbers")
        return types

    @staticmethod
    def _wrong_type(part: TablePart, name: str, kind: Any, needed: str) -> W2VError:
        what = f"the column {name!r}" if name != COLUMN else "the column"
        return _place(part).whole_error(f"{what} is of type {kind}; it needs {needed}")


def _batches(part: TablePart, columns: Sequence[str], texts: Sequence[str]) -> Generator[Any, None, None]:
    """Yield the batches of a table; the next one of a file is decoded meanwhile."""
    batches = part.batches(columns, texts)
    return read_ahead(batches) if isinstance(part, TableFile) else (batch for batch in batches)


def _place(part: TablePart, row: int = 0) -> Place:
    return Place(NAME if part.path is None else part.path, row, None, part.path is not None)


def table_files(paths: Sequence[str], files: Sequence[str]) -> list[str]:
    """Return the files of a corpus of tables: without those in folders whose names begin with "_", which other programs
    write beside the data, such as `_SUCCESS` and `_metadata`."""
    return [path for path in files if path in paths or not os.path.basename(path).startswith("_")]


def open_files(name: str, files: Sequence[str], reading: ReadOptions, counts: SourceCounts) -> Table:
    """Open the tables of a corpus and check their columns. No row is read.

    Raises
    ------
    FormatError : a file is not a table, is damaged, or does not have the columns.
    W2VError : a file cannot be read, or pyarrow is missing.
    """
    if STDIN in files:
        raise W2VError("a table needs a file: standard input cannot be read at any position; save it first")
    arrow()
    return Table(name, [open_file(path) for path in files], reading, counts)


def open_object(given: Any, reading: ReadOptions, counts: SourceCounts) -> Table:
    """Open a table or a column in memory and check its columns.

    Raises
    ------
    CorpusError : it does not have the columns.
    TypeError : it cannot be converted to Arrow.
    W2VError : pyarrow is missing.
    """
    names = (reading.column, reading.group_by, reading.order_by)
    return Table(NAME, [TableObject(given, [name for name in names if name is not None])], reading, counts)
