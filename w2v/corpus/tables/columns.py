"""Columns of Arrow as blocks: texts, lists of words, and lists of integers.

Place in the data flow: record batches -> `ColumnReader.blocks` -> tokenizer. Buffers of Arrow are seen as arrays of
NumPy and are not copied here, except where rows are missing or the type has no offsets (string views). A text row is a
line, whose words are separated by white space; a list is a line of its items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._columns import join_integers
from w2v.corpus.blocks import MAX_WORD, Block, SourceCounts, last_boundary
from w2v.corpus.integers import MAX_INTEGER, IntegerBlock
from w2v.corpus.strings import Bytes, Offsets, Place, StringBlock
from w2v.corpus.tables.arrow import arrow

Kind: TypeAlias = Literal["text", "tokens", "integers", "numbers"]
"""What a row is: a text, a list of words, a list of integers, or one integer."""

ROWS_AT_ONCE = 1 << 16
LONG_TEXT = 8  # blocks; a longer text is cut at white space

Flags: TypeAlias = NDArray[np.bool_]


class Marks(NamedTuple):
    """Bytes after a token and at the end of a line."""

    separator: bytes
    line_end: bytes


# --- types ---------------------------------------------------------------------------------------------------------


def kind_of(kind: Any) -> Kind | None:
    """Return what the rows of a column of this Arrow type are; None if they are neither text, lists nor integers."""
    types = arrow("types")
    kind = _stored(kind)
    if types.is_null(kind) or _is_string(kind):
        return "text"
    if types.is_integer(kind):
        return "numbers"
    if not _is_list(kind):
        return None
    inner = _stored(kind.value_type)
    if types.is_integer(inner):
        return "integers"
    return "tokens" if types.is_null(inner) or _is_string(inner) else None


def _stored(kind: Any) -> Any:
    """Return the type of the values of an extension type or of a dictionary."""
    while True:
        if hasattr(kind, "storage_type"):
            kind = kind.storage_type
        elif arrow("types").is_dictionary(kind):
            kind = kind.value_type
        else:
            return kind


def _is_string(kind: Any) -> bool:
    types = arrow("types")
    return any(is_kind(kind) for is_kind in (types.is_string, types.is_large_string, types.is_binary,
                                             types.is_large_binary)) or _is_view(kind)


def _is_view(kind: Any) -> bool:
    return str(kind) in ("string_view", "binary_view")


def _is_list(kind: Any) -> bool:
    types = arrow("types")
    return (types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
            or str(kind).startswith(("list_view<", "large_list_view<")))


# --- values --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Strings:
    """Strings of an array; string i is data[starts[i] : stops[i]]. `valid` is None if no value is missing."""

    data: Bytes
    starts: Offsets
    stops: Offsets
    valid: Flags | None


def _valid(array: Any) -> Flags | None:
    if not array.null_count:
        return None
    flags: Flags = array.is_valid().to_numpy(zero_copy_only=False)
    return flags


def _values(buffer: Any, dtype: Any, begin: int, n: int) -> NDArray[Any]:
    """Return entries of a buffer as an array that keeps the buffer alive."""
    if n == 0:
        return np.empty(0, dtype)
    if buffer is None or buffer.size < (begin + n) * np.dtype(dtype).itemsize:
        raise ValueError("a buffer of the column is too small")
    return np.frombuffer(buffer, dtype)[begin:begin + n]


def strings_of(array: Any) -> Strings:
    """Return the strings of an array of strings, of binary values, or of a dictionary of them, without a copy.

    Raises
    ------
    ValueError : the buffers are damaged.
    """
    pa = arrow()
    if hasattr(array, "storage"):
        return strings_of(array.storage)
    if hasattr(array, "dictionary"):
        return _looked_up(strings_of(array.dictionary), array)
    if pa.types.is_null(array.type):
        nothing = np.zeros(len(array), np.int64)
        return Strings(np.empty(0, np.uint8), nothing, nothing, np.zeros(len(array), np.bool_))
    if _is_view(array.type):
        array.validate(full=True)  # the conversion does not check what views refer to
        array = array.cast(pa.large_string() if str(array.type) == "string_view" else pa.large_binary())
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    _, offsets, data = array.buffers()
    n = len(array)
    bounds = _values(offsets, np.int64 if large else np.int32, array.offset, n + 1 if n else 0)
    content = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return Strings(content, bounds[:-1], bounds[1:], _valid(array))


def _looked_up(words: Strings, array: Any) -> Strings:
    """Return the strings of a dictionary array."""
    valid = _valid(array)
    indices = array.indices.fill_null(0) if valid is not None else array.indices
    places = indices.to_numpy(zero_copy_only=False)
    if valid is not None and not len(words.starts):
        return Strings(words.data, np.zeros(len(array), np.int64), np.zeros(len(array), np.int64), valid)
    if len(places) and (int(places.min()) < 0 or int(places.max()) >= len(words.starts)):
        raise ValueError("an index of the dictionary is out of range")
    if words.valid is not None:
        known = words.valid[places]
        valid = known if valid is None else known & valid
    return Strings(words.data, words.starts[places], words.stops[places], valid)


def decoded(array: Any) -> Any:
    """Return the values of a dictionary; other arrays unchanged."""
    if not hasattr(array, "dictionary"):
        return array
    array.validate(full=True)  # decoding does not check the indices
    return array.dictionary_decode()


class _Lists(NamedTuple):
    """Rows of lists; row i has the items starts[i] to stops[i] of `items`."""

    items: Any
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]


def _lists_of(array: Any) -> _Lists:
    """Return the lists of an array, and the part of the items that they use.

    Raises
    ------
    ValueError : the offsets are damaged.
    """
    n = len(array)
    if hasattr(array.type, "list_size"):
        starts = (array.offset + np.arange(n, dtype=np.int64)) * array.type.list_size
        stops = starts + array.type.list_size
    elif hasattr(array, "sizes"):  # a list view
        starts = np.asarray(array.offsets).astype(np.int64)
        stops = starts + np.asarray(array.sizes)
    else:
        bounds = np.asarray(array.offsets).astype(np.int64) if n else np.zeros(1, np.int64)
        starts, stops = bounds[:-1], bounds[1:]
    items = array.values
    if n and (starts.min() < 0 or (stops < starts).any() or stops.max() > len(items)):
        raise ValueError("the offsets of its lists are wrong")
    low, high = (int(starts.min()), int(stops.max())) if n else (0, 0)
    return _Lists(items.slice(low, high - low), starts - low, stops - low)


def _without(missing: Flags, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> tuple[Any, Any]:
    """Return the bounds of rows after the items that are missing are left out."""
    kept = np.concatenate(([0], np.cumsum(~missing)))
    return kept[starts], kept[stops]


# --- blocks --------------------------------------------------------------------------------------------------------


class ColumnReader:
    """Turns arrays of one column into blocks.

    Parameters
    ----------
    kind : what its rows are.
    marks : bytes after a token and at the end of a line, for lists.
    counts : receives the values that are missing.
    """

    def __init__(self, kind: Kind, marks: Marks, counts: SourceCounts, block_size: int) -> None:
        self._kind, self._marks, self._counts, self._block_size = kind, marks, counts, block_size

    def blocks(self, array: Any, place: Place, line_ends: Flags | None = None) -> Iterator[Block]:
        """Yield the blocks of an array; rows without a value are left out and counted.

        Parameters
        ----------
        line_ends : whether a line ends after each row; None: after all of them. With `line_ends` no row is missing.
        """
        for begin in range(0, len(array), ROWS_AT_ONCE):
            part = array.slice(begin, ROWS_AT_ONCE)
            ends = None if line_ends is None else line_ends[begin:begin + ROWS_AT_ONCE]
            try:
                yield from self._of_slice(part, self._place(place, begin, len(part)), ends)
            except (ValueError, arrow().ArrowException) as error:
                raise place.whole_error(f"the column is damaged: {error}") from error

    def line_end(self) -> Block:
        """Return a block of one line end."""
        if self._kind == "text":
            return b"\n"
        return self._marks.line_end if self._kind == "tokens" else self._integers(np.array([-1]), "")

    @staticmethod
    def _place(place: Place, begin: int, n: int) -> Place:
        if place.rows is not None:
            return Place(place.name, place.first_row, place.rows[begin:begin + n], place.is_file)
        return Place(place.name, place.first_row + begin, None, place.is_file)

    def _of_slice(self, array: Any, place: Place, line_ends: Flags | None) -> Iterator[Block]:
        if hasattr(array, "storage"):
            array = array.storage
        if self._kind == "text":
            return self._texts(strings_of(array), place, line_ends)
        if self._kind == "numbers":
            return self._numbers(array, place, line_ends)
        valid = _valid(array)
        lists = _lists_of(decoded(array))
        if valid is not None:
            self._counts.null_rows += int(np.count_nonzero(~valid))
            lists = _Lists(lists.items, lists.starts[valid], lists.stops[valid])
            place = _only(place, valid)
        if self._kind == "tokens":
            return self._tokens(lists, place, line_ends)
        return self._integer_lists(lists, place, line_ends)

    # texts

    def _texts(self, strings: Strings, place: Place, line_ends: Flags | None) -> Iterator[Block]:
        starts, stops, valid = strings.starts, strings.stops, strings.valid
        if valid is not None:
            self._counts.null_rows += int(np.count_nonzero(~valid))
            starts, stops, place = starts[valid], stops[valid], _only(place, valid)
        ends = None if line_ends is None else np.where(line_ends, np.uint8(10), np.uint8(32))
        for first, last, size in _ranges(starts, stops, self._block_size):
            part = slice(first, last)
            end = 10 if ends is None else int(ends[first])
            if last - first == 1 and size > LONG_TEXT * self._block_size:
                yield from self._long_text(strings.data, int(starts[first]), int(stops[first]), end, place, first)
            else:
                yield StringBlock(strings.data, starts[part], stops[part], None if ends is None else ends[part], 10,
                                  size, place, first)

    def _long_text(self, data: Bytes, begin: int, stop: int, end: int, place: Place, row: int) -> Iterator[Block]:
        """Cut a text at white space; a part that ends before the end of the text is followed by a blank."""
        width = self._block_size
        while begin < stop:
            cut = min(begin + width, stop)
            if cut < stop:
                boundary = last_boundary(data[begin:cut].tobytes())
                if boundary == 0:
                    if width > MAX_WORD:
                        raise place.error(row, "no white space for 64 MiB: is this text?")
                    width *= 2
                    continue
                cut = begin + boundary
            yield StringBlock(data, np.array([begin]), np.array([cut]), None, end if cut == stop else 32,
                              cut - begin + 1, place, row)
            begin, width = cut, self._block_size

    # lists of words

    def _tokens(self, lists: _Lists, place: Place, line_ends: Flags | None) -> Iterator[Block]:
        strings = strings_of(lists.items)
        starts, stops = strings.starts, strings.stops
        row_starts, row_stops = lists.starts, lists.stops
        if strings.valid is not None:
            used = _items(row_starts, row_stops, len(starts))
            self._counts.null_tokens += int(np.count_nonzero(~strings.valid[used]))
            row_starts, row_stops = _without(~strings.valid, row_starts, row_stops)
            starts, stops = starts[strings.valid], stops[strings.valid]
        used = _items(row_starts, row_stops, len(starts))
        starts, stops = starts[used], stops[used]
        bounds = np.cumsum(row_stops - row_starts)
        ends = np.full(len(starts), self._marks.separator[0], np.uint8)
        closed = bounds if line_ends is None else bounds[line_ends]
        if len(closed) and closed[0] == 0 and line_ends is not None:
            yield self._marks.line_end  # of a line that an earlier array began
        ends[closed[closed > 0] - 1] = self._marks.line_end[0]
        self._counts.empty_tokens += int(np.count_nonzero(starts == stops))
        for first, last, size in _ranges(starts, stops, self._block_size):
            if last - first == 1 and size > MAX_WORD:
                raise place.error(int(np.searchsorted(bounds, first, side="right")), "a token of more than 64 MiB")
            yield StringBlock(strings.data, starts[first:last], stops[first:last], ends[first:last],
                              self._marks.line_end[0], size, place, first, bounds)

    # integers

    def _numbers(self, array: Any, place: Place, line_ends: Flags | None) -> Iterator[Block]:
        numbers = np.arange(len(array), dtype=np.int64)
        yield from self._integer_lists(_Lists(array, numbers, numbers + 1), place, line_ends)

    def _integer_lists(self, lists: _Lists, place: Place, line_ends: Flags | None) -> Iterator[Block]:
        items, starts, stops = lists
        valid = _valid(items)
        if valid is not None:
            used = _items(starts, stops, len(items))
            self._counts.null_tokens += int(np.count_nonzero(~valid[used]))
            starts, stops = _without(~valid, starts, stops)
            items = items.drop_null()
        items = decoded(items)
        values = items.to_numpy(zero_copy_only=False) if len(items) else np.empty(0, np.int64)
        if len(values) and (int(values.min()) < 0 or int(values.max()) > MAX_INTEGER):
            _check_integers(values, starts, stops, place)
        values = values if values.dtype in (np.int32, np.int64) else values.astype(np.int64)
        size = max(1, self._block_size // 8)
        for first, last, _ in _ranges(starts, stops, size):
            n = int((stops[first:last] - starts[first:last]).sum())
            out = np.empty(n + last - first, np.int64)
            ends = None if line_ends is None else line_ends[first:last].view(np.uint8)
            written = join_integers(values, starts[first:last], stops[first:last], ends, out)
            for begin in range(0, written, 2 * size):
                yield self._integers(out[begin:min(begin + 2 * size, written)], place.name)

    def _integers(self, values: NDArray[np.int64], name: str) -> IntegerBlock:
        return IntegerBlock(values, name=name)


def _only(place: Place, kept: Flags) -> Place:
    """Return the place of some of the rows."""
    rows = np.flatnonzero(kept) if place.rows is None else place.rows[kept]
    return Place(place.name, place.first_row, rows, place.is_file)


def _items(starts: NDArray[np.int64], stops: NDArray[np.int64], n: int) -> Any:
    """Return the positions of the items of all rows; a slice if rows follow each other."""
    if not len(starts):
        return slice(0, 0)
    if (starts[1:] == stops[:-1]).all():
        return slice(int(starts[0]), int(stops[-1]))
    lengths = stops - starts
    before = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)


def _ranges(starts: Offsets, stops: Offsets, block_size: int) -> Iterator[tuple[int, int, int]]:
    """Cut pieces, each followed by one more entry, into ranges of about `block_size` entries.

    Yields the first piece of a range, the piece after its last, and its entries.

    Raises
    ------
    ValueError : a piece has a negative length.
    """
    lengths = stops.astype(np.int64) - starts
    if len(lengths) and int(lengths.min()) < 0:
        raise ValueError("its offsets are wrong")
    bounds = np.concatenate(([0], np.cumsum(lengths + 1)))
    begin = 0
    while begin < len(lengths):
        end = int(np.searchsorted(bounds, bounds[begin] + block_size, side="right")) - 1
        end = max(end, begin + 1)
        yield begin, end, int(bounds[end] - bounds[begin])
        begin = end


def _check_integers(values: NDArray[Any], starts: NDArray[np.int64], stops: NDArray[np.int64], place: Place) -> None:
    """Raise for the first row with a number that is negative or above 2^63 - 1."""
    for position in np.flatnonzero((values < 0) | (values > MAX_INTEGER)):
        rows = np.flatnonzero((starts <= position) & (position < stops))
        if len(rows):
            raise place.error(int(rows[0]), f"the number {int(values[position])}; an item number is from 0 to 2^63 - 1")
