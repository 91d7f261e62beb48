"""Tables and columns in memory: objects with the Arrow interface, and data sets of Hugging Face.

Place in the data flow: object -> `TableObject.batches` -> `w2v.corpus.tables.table`. No library but pyarrow is
imported; objects are recognised by their protocols (`w2v.corpus.objects`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, islice
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

    Parameters
    ----------
    given : the object.
    wanted : names of the columns that will be read.

    Attributes
    ----------
    again : whether it can be read more than once.
    position, size : as those of a file; unknown.
    """

    again: bool

    path = None
    size = position = 0

    def __init__(self, given: Any, wanted: Sequence[str]) -> None:
        self._given, self._wanted = given, wanted
        self.again = not is_read_once(given)
        self._stream: Any = None

    @cached_property
    def types(self) -> dict[str, Any]:
        """Arrow types of the columns by name; a name that occurs twice has the type None."""
        if not _is_pandas(self._given):
            self._stream = self._opened()
            return schema_types(self._stream.schema)
        names = [name for name in self._given.columns if isinstance(name, str)]
        if any(names.count(name) != 1 for name in self._wanted):  # cannot be converted, and will be refused
            return {name: None if names.count(name) > 1 else arrow().null() for name in names}
        self._stream = self._opened()
        return {**dict.fromkeys(names, arrow().null()), **schema_types(self._stream.schema)}

    def batches(self, columns: Sequence[str], texts: Sequence[str] = ()) -> Iterator[Any]:
        """Yield record batches with these columns, and perhaps more.

        Raises
        ------
        CorpusError : the library that has the table fails.
        """
        # The stream that showed the types comes first: a library may have only one open at a time.
        stream, self._stream = self._stream or self._opened(), None
        try:
            while True:
                try:
                    batch = stream.read_next_batch()
                except StopIteration:
                    return
                except Exception as error:  # of any library
                    raise CorpusError(f"{NAME}: cannot be read ({brief(error)})") from error
                yield batch
        finally:
            stream.close()

    def _opened(self) -> Any:
        """Return a stream of record batches."""
        try:
            return _stream(self._given, self._wanted)
        except W2VError:
            raise
        except Exception as error:  # of any library
            raise TypeError(f"the corpus is {type_with_article(self._given)} that has no form in Arrow "
                            f"({brief(error)})") from error


def _is_pandas(given: Any) -> bool:
    """Return whether an object is a data frame of pandas, which converts all its columns for a stream."""
    return hasattr(given, "loc") and hasattr(given, "columns")


def _stream(given: Any, wanted: Sequence[str]) -> Any:
    """Return a reader of record batches of an object; with only these columns, where the object can select them."""
    pa = arrow()
    if is_data_set(given):
        return _data_set(given, wanted)
    if is_data_set(getattr(given, "source", None)):  # a column of a data set
        return _column(pa, _data_set(given.source, [given.column_name]), given.column_name)
    if _is_pandas(given):
        given = given[list(dict.fromkeys(wanted))]
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


def _data_set(given: Any, wanted: Sequence[str]) -> Any:
    """Return a reader of a data set of Hugging Face, which need not be in memory. Without the wanted columns all are
    read, so that an error can list them."""
    pa = arrow()
    if set(wanted) <= set(given.column_names or ()):
        given = given.select_columns(list(dict.fromkeys(wanted)))
    tables: Iterator[Any] = iter(given.with_format("arrow").iter(batch_size=_ROWS))
    first: list[Any] = []
    if (features := getattr(given, "features", None)) is not None:
        schema = features.arrow_schema
    else:
        first = list(islice(tables, 1))
        schema = first[0].schema if first else pa.schema([])
    schema = schema.remove_metadata()
    return pa.RecordBatchReader.from_batches(
        schema, (batch for table in chain(first, tables) for batch in table.cast(schema).to_batches()))
