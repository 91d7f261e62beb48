"""What all tables in files have in common, and the decompressed content of a file.

Place in the data flow: base of the formats in `w2v.corpus.tables.binary` and `w2v.corpus.tables.lines`.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import IO, Any

from w2v.errors import W2VError
from w2v.system.decompress import RawFile, Reader, content_reader, read_full


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
