"""Rows with equal values in a column as one line, such as the events of a session.

Place in the data flow: batches of `w2v.corpus.tables.table` -> blocks of `w2v.corpus.tables.columns`. Lines are in the
order of their first rows. If rows with equal values follow each other and are in order, they are read as a stream,
which a first pass over the keys finds out; otherwise all rows are sorted in memory. Both ways give the same lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from w2v.corpus.blocks import Block, SourceCounts
from w2v.corpus.strings import Place
from w2v.corpus.tables.arrow import arrow, brief
from w2v.corpus.tables.columns import ROWS_AT_ONCE, ColumnReader
from w2v.errors import CorpusError
from w2v.system.resources import require_memory

ROW_BYTES = 32
"""Bytes of memory for each row that is sorted, in addition to twice its values: codes of the keys and positions."""

_FIRST_CHECK = 1 << 16  # runs of equal keys


class Event(NamedTuple):
    """Some rows of a table, and where they are."""

    batch: Any
    place: Place


Events: TypeAlias = Callable[[list[str], bool], Iterator[Event]]
"""Reads these columns of all tables; the second argument says whether this counts as progress."""


class Grouping:
    """Grouping of the rows of all tables of a corpus.

    Parameters
    ----------
    name : of the corpus, for messages.
    column : has the words.
    group_by, order_by : column whose equal values make a line, and column that orders the rows of a line.
    """

    group_by: str
    order_by: str | None
    keys: tuple[str] | tuple[str, str]

    def __init__(self, name: str, column: str, group_by: str, order_by: str | None) -> None:
        self._name, self._column = name, column
        self.group_by, self.order_by = group_by, order_by
        self.keys = (group_by,) if order_by is None else (group_by, order_by)
        self._key_type: Any = None

    def blocks(self, reader: ColumnReader, events: Events, counts: SourceCounts, again: bool) -> Iterator[Block]:
        """Yield the blocks of all lines. Rows without a value or without a key are left out and counted.

        Parameters
        ----------
        again : whether the tables can be read twice.

        Raises
        ------
        W2VError : rows have to be sorted and do not fit into memory.
        """
        n_rows, streamed = self._scan(events) if again else (0, False)
        rows = self._rows(events(list(dict.fromkeys((self._column, *self.keys))), True), counts)
        yield from self._stream(reader, rows) if streamed else self._sorted(reader, rows, n_rows)

    # keys

    @staticmethod
    def _column_of(event: Event, name: str, *, decode: bool = False) -> Any:
        try:
            return _checked(event.batch.column(name), decode=decode)
        except (arrow().ArrowException, ValueError) as error:
            raise event.place.whole_error(f"the column {name!r} is damaged ({brief(error)})") from error

    def _key(self, event: Event) -> Any:
        """Return the keys of some rows in the type that they have in the first table; NaN is a missing key."""
        pa, key = arrow(), self._column_of(event, self.group_by, decode=True)
        if pa.types.is_floating(key.type):
            key = arrow("compute").if_else(arrow("compute").is_nan(key), None, key)
        if self._key_type is None:
            self._key_type = key.type
        if key.type == self._key_type:
            return key
        try:
            return key.cast(self._key_type)
        except (pa.ArrowException, ValueError) as error:
            raise event.place.whole_error(
                f"the column {self.group_by!r} is of type {key.type} and in the tables before it {self._key_type} "
                f"({brief(error)})") from error

    def _scan(self, events: Events) -> tuple[int, bool]:
        """Return the number of rows, and whether they can be read as a stream. The number is 0 if the scan ended
        early."""
        runs = _Runs()
        n_rows = 0
        for event in events(list(self.keys), False):
            key = self._key(event)
            n_rows += len(key)
            valid = key.is_valid()
            order = None
            if self.order_by is not None:
                order = self._column_of(event, self.order_by, decode=True).filter(valid)
            if not runs.add(key.filter(valid), order):
                return 0, False
        return n_rows, runs.are_distinct()

    def _rows(self, events: Iterator[Event], counts: SourceCounts) -> Iterator[tuple[Any, Any, Any, Place]]:
        """Yield values, keys, orders (or None) and the place of the rows that have a value and a key."""
        compute = arrow("compute")
        for event in events:
            values, key = self._column_of(event, self._column), self._key(event)
            order = None if self.order_by is None else self._column_of(event, self.order_by, decode=True)
            place = event.place
            if key.null_count or values.null_count:
                valid = compute.and_(key.is_valid(), values.is_valid())
                rows = np.flatnonzero(valid.to_numpy(zero_copy_only=False))
                counts.null_rows += len(key) - len(rows)
                place = Place(place.name, place.first_row, rows, place.is_file)
                values, key = values.filter(valid), key.filter(valid)
                order = None if order is None else order.filter(valid)
            if len(key):
                yield values, key, order, place

    # lines

    def _stream(self, reader: ColumnReader, rows: Iterator[tuple[Any, Any, Any, Place]]) -> Iterator[Block]:
        last: Any = None
        for values, key, _, place in rows:
            if last is not None and not key[0].equals(last):
                yield reader.line_end()
            ends = np.append(_changes(key), False)
            yield from reader.blocks(values, place, ends)
            last = key[-1]
        if last is not None:
            yield reader.line_end()

    def _sorted(self, reader: ColumnReader, rows: Iterator[tuple[Any, Any, Any, Place]], n_rows: int
                ) -> Iterator[Block]:
        compute, pa = arrow("compute"), arrow()
        values, codes, order = self._collected(rows, n_rows)
        if values is None:
            return
        columns = {"code": codes} if order is None else {"code": codes, "order": order}
        indices = compute.sort_indices(pa.table(columns), sort_keys=[(name, "ascending") for name in columns])
        place = Place(f"{self._name}, rows with a value, of all tables", 0, None, False)
        for begin in range(0, len(indices), ROWS_AT_ONCE):
            some = indices.slice(begin, ROWS_AT_ONCE)
            code = codes.take(indices.slice(begin, ROWS_AT_ONCE + 1))
            ends = _changes(code)
            if len(code) == len(some):  # the last rows
                ends = np.append(ends, True)
            where = Place(place.name, 0, np.asarray(some).astype(np.int64), False)
            yield from reader.blocks(values.take(some), where, ends)

    def _collected(self, rows: Iterator[tuple[Any, Any, Any, Place]], n_rows: int) -> tuple[Any, Any, Any]:
        """Return the values of all rows, a number for each key in the order of first appearance, and the orders."""
        lists: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
        size = n = 0
        for values, key, order, _ in rows:
            parts = [values, key] if order is None else [values, key, order]
            size += sum(part.nbytes for part in parts)
            n += len(key)
            to_come = max(n_rows - n, 0)
            require_memory(
                f"{self._name}: sorting the rows by {self.group_by!r}",
                size + (size / n + ROW_BYTES) * to_come + size / n * to_come + ROW_BYTES * n,
                "store the table sorted by " + " and ".join(map(repr, self.keys)) + ", which is then read as a stream")
            for target, part in zip(lists, parts, strict=False):
                target.append(part)
        if not n:
            return None, None, None
        values, keys = _joined(lists[0]), _joined(lists[1])
        codes = keys.dictionary_encode().indices
        return values, codes, _joined(lists[2]) if self.order_by is not None else None


class _Runs:
    """Runs of equal keys, in the order of the rows: are they all different, and are the rows within them in order?

    Only the keys of the runs are kept.
    """

    def __init__(self) -> None:
        self._keys: list[Any] = []
        self._n = 0
        self._check_at = _FIRST_CHECK
        self._last: tuple[Any, Any] | None = None

    def add(self, key: Any, order: Any) -> bool:
        """Add rows; return False if they cannot be read as a stream."""
        if not len(key):
            return True
        if order is not None and order.null_count:
            return False
        changes = _changes(key)
        continues = self._last is not None and key[0].equals(self._last[0])
        if order is not None:
            falls = arrow("compute").less(order.slice(1), order.slice(0, len(order) - 1))
            if (falls.to_numpy(zero_copy_only=False) & ~changes).any():
                return False
            if continues and self._last is not None and arrow("compute").less(order[0], self._last[1]).as_py():
                return False
        first = np.flatnonzero(np.concatenate(([not continues], changes)))
        if len(first):
            self._keys.append(key.take(arrow().array(first)))
            self._n += len(first)
        self._last = key[-1], None if order is None else order[-1]
        if self._n < self._check_at:
            return True
        self._check_at = 2 * self._n
        return self.are_distinct()

    def are_distinct(self) -> bool:
        """Return whether no key has two runs."""
        if not self._keys:
            return True
        joined = _joined(self._keys)
        self._keys = [joined]
        return int(arrow("compute").count_distinct(joined).as_py()) == self._n


def _checked(array: Any, *, decode: bool = False) -> Any:
    """Return an array that the functions of pyarrow can process: they do not check offsets, and know no views.

    Parameters
    ----------
    decode : replace a dictionary by its values.
    """
    pa = arrow()
    if hasattr(array, "storage"):
        array = array.storage
    kind = str(array.type)
    if kind in ("string", "large_string"):  # as binary values, since texts that are not UTF-8 are accepted
        array = array.view(pa.binary() if kind == "string" else pa.large_binary())
    array.validate(full=True)
    if decode and hasattr(array, "dictionary"):
        array = array.dictionary_decode()
    wide = _wide(array.type)
    return array if array.type == wide else array.cast(wide)


def _wide(kind: Any) -> Any:
    """Return a type for the same values: without views, with offsets that do not overflow when arrays are joined."""
    pa = arrow()
    name = str(kind)
    if name in ("string", "binary", "string_view", "binary_view"):
        return pa.large_string() if name.startswith("string") else pa.large_binary()
    if name.startswith(("list<", "large_list<", "list_view<", "large_list_view<")):
        return pa.large_list(_wide(kind.value_type))
    return kind


def _changes(key: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return for each row but the last whether the next one has another key."""
    changes = arrow("compute").not_equal(key.slice(1), key.slice(0, max(len(key) - 1, 0)))
    found: np.ndarray[Any, np.dtype[np.bool_]] = changes.to_numpy(zero_copy_only=False).astype(np.bool_)
    return found


def _joined(arrays: list[Any]) -> Any:
    """Return arrays as one."""
    pa = arrow()
    kind = arrays[0].type
    try:
        joined = pa.chunked_array([array if array.type == kind else array.cast(kind) for array in arrays])
    except (pa.ArrowException, ValueError) as error:
        raise CorpusError(f"the tables have different types of values ({brief(error)})") from error
    return joined.combine_chunks() if joined.num_chunks != 1 else joined.chunk(0)
