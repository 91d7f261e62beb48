"""Tables and columns in memory: objects with the Arrow interface, and data sets of Hugging Face.

Place in the data flow: object -> `TableObject.batches` -> `w2v.corpus.tables.table`. No library but pyarrow is
imported; objects are recognised by their protocols (`w2v.corpus.objects`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from w2v.corpus.objects import is_data_set, is_read_once
from w2v.corpus.sentences import type_with_article
from w2v.corpus.tables.arrow import arrow, brief
from w2v.corpus.tables.base import schema_types
from w2v.errors import CorpusError, W2VError

NAME = "the table"
COLUMN = ""
"""Name of the only column of an object that is a column itself."""

_ROWS = 10_000  # of a data set at a time


class TableObject:
    """Table in memory, or a stream of one.

    Attributes
    ----------
    again : whether it can be read more than once.
    position, size : as those of a file; unknown.
    """

    path = None
    size = position = 0

    def __init__(self, given: Any) -> None:
        self._given = given
        self.again = not is_read_once(given)
        self._stream: Any = None

    @cached_property
    def types(self) -> dict[str, Any]:
        """Arrow types of the columns by name; a name that occurs twice has the type None."""
        return schema_types(self._opened().schema)

    def batches(self, columns: Sequence[str], texts: Sequence[str] = ()) -> Iterator[Any]:
        """Yield record batches with these columns, and perhaps more.

        Raises
        ------
        CorpusError : the library that has the table fails.
        """
        stream = self._opened(columns)
        self._stream = None
        while True:
            try:
                batch = stream.read_next_batch()
            except StopIteration:
                return
            except W2VError:
                raise
            except Exception as error:  # of any library
                raise CorpusError(f"{NAME}: cannot be read ({brief(error)})") from error
            yield batch

    def _opened(self, columns: Sequence[str] | None = None) -> Any:
        """Return a stream of record batches. One that was opened to see its types is used if it cannot be opened
        again."""
        if self._stream is None or (self.again and columns is not None):
            try:
                self._stream = _stream(self._given, columns)
            except W2VError:
                raise
            except Exception as error:  # of any library
                raise TypeError(f"the corpus is {type_with_article(self._given)} that has no form in Arrow "
                                f"({brief(error)})") from error
        return self._stream


def _stream(given: Any, columns: Sequence[str] | None) -> Any:
    """Return a reader of record batches of an object; with only these columns, where the object can select them."""
    pa = arrow()
    if is_data_set(given):
        return _data_set(given, columns)
    if hasattr(given, "source") and is_data_set(given.source):  # a column of a data set
        return _column(pa, _data_set(given.source, [given.column_name]), given.column_name)
    if hasattr(given, "loc") and hasattr(given, "columns"):  # a data frame of pandas, which converts all its columns
        repeated = [name for name in given.columns if list(given.columns).count(name) > 1]
        texts = [name for name in given.columns if isinstance(name, str) and name not in repeated]
        given = given[list(columns) if columns is not None else texts]
    if hasattr(given, "columns"):
        if hasattr(given, "__arrow_c_stream__"):
            return pa.RecordBatchReader.from_stream(given)
        batch = pa.record_batch(given)
        return pa.RecordBatchReader.from_batches(batch.schema, [batch])
    if hasattr(given, "read_next_batch"):
        return given
    if hasattr(given, "__arrow_c_stream__"):
        return _chunks(pa, pa.chunked_array(given))
    if hasattr(given, "__arrow_c_array__"):
        return _chunks(pa, pa.chunked_array([pa.array(given)]))
    return _chunks(pa, pa.chunked_array([pa.array(given, from_pandas=True)]))


def _chunks(pa: Any, column: Any) -> Any:
    if pa.types.is_struct(column.type):  # a stream of records
        return pa.Table.from_struct_array(column).to_reader()
    return pa.Table.from_arrays([column], [COLUMN]).to_reader()


def _column(pa: Any, reader: Any, name: str) -> Any:
    field = reader.schema.field(name).with_name(COLUMN)
    schema = pa.schema([field])
    return pa.RecordBatchReader.from_batches(
        schema, (pa.record_batch([batch.column(name)], schema=schema) for batch in reader))


def _data_set(given: Any, columns: Sequence[str] | None) -> Any:
    """Return a reader of a data set of Hugging Face, which need not be in memory."""
    pa = arrow()
    if columns is not None:
        given = given.select_columns(list(columns))
    tables: Iterable[Any] = given.with_format("arrow").iter(batch_size=_ROWS)
    tables = iter(tables)
    if (features := getattr(given, "features", None)) is not None:
        schema = features.arrow_schema.remove_metadata()
        first = []
    else:
        first = [table for table, _ in zip(tables, range(1), strict=False)]
        schema = first[0].schema.remove_metadata() if first else pa.schema([])
    return pa.RecordBatchReader.from_batches(schema, _batches(first, tables, schema))


def _batches(first: Iterable[Any], tables: Iterable[Any], schema: Any) -> Iterator[Any]:
    for part in (first, tables):
        for table in part:
            yield from table.cast(schema).to_batches()
