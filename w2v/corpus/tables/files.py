"""Tables in files, recognised by their content (Parquet, Arrow) or their name (CSV, JSON lines).

Place in the data flow: path -> `TableFile.batches` -> `w2v.corpus.tables.table`. Only the named columns are read, batch
by batch. Each file has a position in bytes, for the progress.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import IO, Any

from w2v.corpus.kinds import ARROW_FILE, ARROW_STREAM, HEAD_BYTES, PARQUET, known_kind
from w2v.corpus.tables.arrow import arrow, damage
from w2v.errors import FormatError, W2VError
from w2v.system.decompress import RawFile, Reader, content_reader, read_full

BATCH_BYTES = 8 << 20
"""Bytes of values that are read at a time, where the format allows it."""

MOST_ROWS = 1 << 16
SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".jsonl": "json", ".ndjson": "json", ".json": "json"}
PACKED = (".gz", ".bz2", ".xz", ".zst")


class TableFile(ABC):
    """File with a table.

    Attributes
    ----------
    path, size : the file, and its bytes.
    position : bytes read so far, an estimate within a batch.
    from_start : whether it can be read only from its start.
    """

    from_start = True

    def __init__(self, path: str) -> None:
        self.path = path
        self.size = os.path.getsize(path)
        self.position = 0

    @property
    @abstractmethod
    def types(self) -> dict[str, Any]:
        """Arrow types of the columns by name; a name that occurs twice has the type None."""

    @abstractmethod
    def batches(self, columns: Sequence[str], texts: Sequence[str] = ()) -> Iterator[Any]:
        """Yield record batches with these columns.

        Parameters
        ----------
        columns : names, each of which is in `types`.
        texts : those of them that are read as texts, if the format has no types.

        Raises
        ------
        FormatError : the file is damaged; names the row group or batch.
        """

    def parts(self) -> list[int]:
        """Numbers of the parts that can be read alone; empty if there are none."""
        return []

    def part(self, number: int, columns: Sequence[str], batch_bytes: int) -> Iterator[tuple[Any, float]]:
        """Yield the record batches of a part, of about `batch_bytes` of values, each with its share of the file."""
        raise NotImplementedError


def schema_types(schema: Any) -> dict[str, Any]:
    """Return the types of the columns of an Arrow schema; None for a name that occurs twice."""
    names: list[str] = schema.names
    return {name: schema.field(name).type if names.count(name) == 1 else None for name in names}


class Content:
    """Decompressed content of a file as a binary file that pyarrow can read, with the position in the file."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            self._file: IO[bytes] = open(path, "rb", buffering=0)
        except OSError as error:
            raise W2VError(f"{path}: cannot read: {error.strerror}") from error
        self.raw = RawFile(self._file, path)
        self.reader: Reader = content_reader(self.raw, path)
        self.offset = 0
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes, fewer only at the end."""
        data = read_full(self.reader, size, self._path, self.offset)
        self.offset += len(data)
        return data

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def writable(self) -> bool:
        return False

    def close(self) -> None:
        self._file.close()
        self.closed = True

    def __enter__(self) -> Content:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def suffix_of(path: str) -> str:
    """Return the suffix that tells the format, without that of a compression."""
    name = path.lower()
    for packed in PACKED:
        name = name.removesuffix(packed)
    return os.path.splitext(name)[1]


def open_file(path: str) -> TableFile:
    """Recognise a table.

    Raises
    ------
    FormatError : this is not a table.
    W2VError : the file cannot be read, or pyarrow is missing.
    """
    from w2v.corpus.tables.lines import CsvFile, JsonFile

    with Content(path) as content:
        packed = content.reader.compression
        head = content.read(HEAD_BYTES)
    kind = known_kind(head)
    name = kind.name if kind else ""
    if name in (PARQUET, ARROW_FILE) and packed:
        raise FormatError(path, f"this is {name} in {packed}, which cannot be read at any position: decompress it "
                                "first; the format has a compression of its own")
    if name == PARQUET:
        return ParquetFile(path)
    if name == ARROW_FILE:
        return ArrowFile(path)
    if name == ARROW_STREAM:
        return ArrowStream(path)
    form = SUFFIXES.get(suffix_of(path))
    if form and kind is None:
        return JsonFile(path, head) if form == "json" else CsvFile(path, head, "\t" if form == "tsv" else ",")
    what = f"this is {name}" if name else "this is no table"
    raise FormatError(path, f"{what}, but the name of a column was given; a table is Parquet, Arrow, CSV (.csv, .tsv) "
                            f"or JSON lines ({', '.join(sorted(s for s, f in SUFFIXES.items() if f == 'json'))})")


# --- Parquet -------------------------------------------------------------------------------------------------------


class ParquetFile(TableFile):
    """Parquet; row groups are read alone, a few MB at a time."""

    from_start = False

    def _open(self) -> Any:
        with damage(self.path, "the footer"):
            return arrow("parquet").ParquetFile(self.path, buffer_size=1 << 20, page_checksum_verification=True)

    @cached_property
    def _reader(self) -> Any:
        """The file, opened for `parts` and `part`."""
        return self._open()

    @cached_property
    def types(self) -> dict[str, Any]:
        with self._open() as file:
            return schema_types(file.schema_arrow)

    def batches(self, columns: Sequence[str], texts: Sequence[str] = ()) -> Iterator[Any]:
        share_read = 0.0
        with self._open() as file:
            for number in range(file.metadata.num_row_groups):
                for batch, share in self._group(file, number, columns):
                    share_read += share
                    self.position = int(self.size * min(share_read, 1.0))
                    yield batch
        self.position = self.size

    def parts(self) -> list[int]:
        return list(range(self._reader.metadata.num_row_groups))

    def part(self, number: int, columns: Sequence[str], batch_bytes: int) -> Iterator[tuple[Any, float]]:
        return self._group(self._reader, number, columns, batch_bytes)

    def _group(self, file: Any, number: int, columns: Sequence[str], batch_bytes: int = BATCH_BYTES
               ) -> Iterator[tuple[Any, float]]:
        where = f"row group {number}"
        with damage(self.path, where):
            rows = _batch_rows(file.metadata.row_group(number), columns, batch_bytes)
            batches = iter(file.iter_batches(batch_size=rows, row_groups=[number], columns=list(columns)))
        while True:
            with damage(self.path, where):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch, len(batch) / max(file.metadata.num_rows, 1)


def _batch_rows(group: Any, columns: Sequence[str], batch_bytes: int) -> int:
    """Return the rows of a row group that have about `batch_bytes` of values."""
    chunks = (group.column(index) for index in range(group.num_columns))
    size = sum(chunk.total_uncompressed_size for chunk in chunks
               if any(chunk.path_in_schema == name or chunk.path_in_schema.startswith(name + ".") for name in columns))
    return min(max(64, int(batch_bytes * group.num_rows / max(size, 1))), MOST_ROWS)


# --- Arrow ---------------------------------------------------------------------------------------------------------


class ArrowFile(TableFile):
    """Arrow IPC file, also called Feather of version 2; memory-mapped."""

    from_start = False

    def _open(self, columns: Sequence[str] | None = None) -> Any:
        ipc = arrow("ipc")
        with damage(self.path, "the footer"):
            reader = ipc.open_file(arrow().memory_map(self.path))
            if columns is None:
                return reader
            fields = [reader.schema.get_field_index(name) for name in columns]
            return ipc.open_file(arrow().memory_map(self.path), options=ipc.IpcReadOptions(included_fields=fields))

    @cached_property
    def types(self) -> dict[str, Any]:
        return schema_types(self._open().schema)

    def batches(self, columns: Sequence[str], texts: Sequence[str] = ()) -> Iterator[Any]:
        reader = self._open(columns)
        for number in range(reader.num_record_batches):
            self.position = self.size * (number + 1) // reader.num_record_batches
            yield self._batch(reader, number)
        self.position = self.size

    def parts(self) -> list[int]:
        return list(range(self._open().num_record_batches))

    def part(self, number: int, columns: Sequence[str], batch_bytes: int) -> Iterator[tuple[Any, float]]:
        reader = self._open(columns)
        batch = self._batch(reader, number)
        rows = min(max(64, batch_bytes * len(batch) // max(batch.nbytes, 1)), MOST_ROWS)
        for begin in range(0, len(batch), rows):
            piece = batch.slice(begin, rows)
            yield piece, len(piece) / max(self._n_rows, 1)

    @cached_property
    def _n_rows(self) -> int:
        """Rows of the file if all batches but the last have the same number, as usual; a file does not say it."""
        reader = self._open([next(iter(self.types))])
        last = reader.num_record_batches - 1
        return int(last) * len(self._batch(reader, 0)) + len(self._batch(reader, last))

    def _batch(self, reader: Any, number: int) -> Any:
        with damage(self.path, f"record batch {number}"):
            batch = reader.get_batch(number)
            batch.validate()
            return batch


class ArrowStream(TableFile):
    """Arrow IPC stream, plain or compressed."""

    def _open(self, columns: Sequence[str] | None = None) -> tuple[Any, Content]:
        ipc, content = arrow("ipc"), Content(self.path)
        fields = None if columns is None else [list(self.types).index(name) for name in columns]
        options = None if fields is None else ipc.IpcReadOptions(included_fields=fields)
        with damage(self.path, "the start of the stream"):
            return ipc.open_stream(arrow().PythonFile(content, "r"), options=options), content

    @cached_property
    def types(self) -> dict[str, Any]:
        reader, content = self._open()
        content.close()
        return schema_types(reader.schema)

    def batches(self, columns: Sequence[str], texts: Sequence[str] = ()) -> Iterator[Any]:
        reader, content = self._open(columns)
        number = 0
        with content:
            while True:
                try:
                    with damage(self.path, f"record batch {number}"):
                        batch = reader.read_next_batch()
                        batch.validate()
                except StopIteration:
                    break
                number += 1
                self.position = content.raw.position
                yield batch
        self.position = self.size
