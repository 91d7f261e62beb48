"""Tables in Parquet and Arrow, which store columns and their types.

Place in the data flow: used by `w2v.corpus.tables.files`. Only the named columns are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from w2v.corpus.tables.arrow import arrow, damage
from w2v.corpus.tables.base import Content, TableFile, opened, schema_types

BATCH_BYTES = 1 << 20
"""Bytes of values of Parquet that are read at a time: few enough for the L2 cache."""

FEWEST_ROWS, MOST_ROWS = 1 << 7, 1 << 16


# --- Parquet -------------------------------------------------------------------------------------------------------


class ParquetFile(TableFile):
    """Parquet; row groups are read alone, a few MB at a time."""

    position: int

    from_start = False

    def _open(self) -> Any:
        with damage(self.path, "the footer"):
            source = opened(self.place) if self.is_remote else self.place
            # With `pre_buffer` all data of a row group would be in memory.
            return arrow("parquet").ParquetFile(source, buffer_size=1 << 20, pre_buffer=False,
                                                page_checksum_verification=True)

    @cached_property
    def _reader(self) -> Any:
        """The file, opened for `parts` and `part`."""
        return self._open()

    def _read_types(self) -> dict[str, Any]:
        with self._open() as file, damage(self.path, "the schema"):
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
            rows = _batch_rows(file.metadata.row_group(number), batch_bytes)
            batches = iter(file.iter_batches(batch_size=rows, row_groups=[number], columns=list(columns)))
        while True:
            with damage(self.path, where):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch, len(batch) / max(file.metadata.num_rows, 1)


def _batch_rows(group: Any, batch_bytes: int) -> int:
    """Return the rows of a row group that have at most about `batch_bytes` of values.

    The sizes of single columns are not used: pyarrow ends the process if the description of any column is damaged.
    """
    return min(max(FEWEST_ROWS, int(batch_bytes * group.num_rows / max(group.total_byte_size, 1))), MOST_ROWS)


# --- Arrow ---------------------------------------------------------------------------------------------------------


class ArrowFile(TableFile):
    """Arrow IPC file, also called Feather of version 2; memory-mapped."""

    position: Any

    from_start = False

    def _open(self, columns: Sequence[str] | None = None) -> Any:
        ipc = arrow("ipc")
        with damage(self.path, "the footer"):
            reader = ipc.open_file(self._source())
            if columns is None or set(columns) == set(reader.schema.names):
                return reader  # `included_fields` copies from the mapped memory
            fields = [reader.schema.get_field_index(name) for name in columns]
            return ipc.open_file(self._source(), options=ipc.IpcReadOptions(included_fields=fields))

    def _source(self) -> Any:
        return opened(self.place) if self.is_remote else arrow().memory_map(self.place)

    def _read_types(self) -> dict[str, Any]:
        with damage(self.path, "the schema"):
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

    position: int

    def _open(self, columns: Sequence[str] | None = None) -> tuple[Any, Content]:
        ipc, content = arrow("ipc"), Content(self.place)
        fields = None if columns is None else [list(self.types).index(name) for name in columns]
        options = None if fields is None else ipc.IpcReadOptions(included_fields=fields)
        with damage(self.path, "the start of the stream"):
            return ipc.open_stream(arrow().PythonFile(content, "r"), options=options), content

    def _read_types(self) -> dict[str, Any]:
        reader, content = self._open()
        content.close()
        with damage(self.path, "the schema"):
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
