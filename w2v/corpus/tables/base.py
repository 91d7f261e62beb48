"""What all tables in files have in common, and the decompressed content of a file.

Place in the data flow: base of the formats in `w2v.corpus.tables.binary` and `w2v.corpus.tables.lines`.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import IO, Any

from w2v.system.decompress import RawFile, Reader, content_reader, read_full
from w2v.system.remote import address_of, shown_path
from w2v.system.remote_files import open_binary


class TableFile(ABC):
    """File with a table.

    Attributes
    ----------
    place, path : path or address of the file, and its name for messages.
    size : its bytes; 0 if a server does not tell them.
    is_remote : whether the file is at an address.
    position : bytes read so far, an estimate within a batch.
    from_start : whether it can be read only from its start.
    """

    place: str
    path: str
    is_remote: bool
    size: int

    from_start = True

    def __init__(self, place: str) -> None:
        self.place, self.path = place, shown_path(place)
        self.is_remote = address_of(place) is not None
        with opened(place) as file:
            self.size = file.seek(0, os.SEEK_END) if file.seekable() else 0
        self.position = 0

    @cached_property
    def types(self) -> dict[str, Any]:
        """Arrow types of the columns by name; a name that occurs twice has the type None."""
        return self._read_types()

    @abstractmethod
    def _read_types(self) -> dict[str, Any]: ...

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


def opened(place: str) -> IO[bytes]:
    """Open a path or an address, for which the permission was checked when the corpus was listed."""
    return open_binary(place, download=True)


def schema_types(schema: Any) -> dict[str, Any]:
    """Return the types of the columns of an Arrow schema; None for a name that occurs twice."""
    names: list[str] = schema.names
    return {name: schema.field(name).type if names.count(name) == 1 else None for name in names}


class Content:
    """Decompressed content of a file as a binary file that pyarrow can read, with the position in the file."""

    raw: RawFile
    offset: int
    closed: bool

    def __init__(self, place: str) -> None:
        self._path = shown_path(place)
        self._file = opened(place)
        self.raw = RawFile(self._file, self._path)
        self.reader: Reader = content_reader(self.raw, self._path)
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
