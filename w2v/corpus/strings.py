"""Blocks of strings that are stored one after the other in memory, as in a column of Arrow.

Place in the data flow: `w2v.corpus.tables` -> `StringBlock` -> tokenizer. The thread that tokenizes a block copies its
strings, each followed by a byte that ends the line or the token. No Python string is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._columns import copy_strings, count_from
from w2v.corpus._tokenizer import find_nul
from w2v.errors import CorpusError, FormatError, W2VError

Bytes: TypeAlias = NDArray[np.uint8]
Offsets: TypeAlias = NDArray[np.signedinteger[Any]]

FIRST_MARK = 0xFE  # bytes from here on are never part of UTF-8


@dataclass(frozen=True)
class Place:
    """Where rows of a table are, for messages.

    Attributes
    ----------
    name : the file, or "the table".
    first_row : number of the first row, from 0.
    rows : (n,) numbers of the rows after `first_row`; None if all rows are there.
    is_file : whether `name` is a file.
    """

    name: str
    first_row: int = 0
    rows: NDArray[np.int64] | None = None
    is_file: bool = True

    def error(self, index: int, problem: str) -> W2VError:
        """Return the error for a row, given by its position among these rows."""
        row = self.first_row + int(index if self.rows is None else self.rows[index])
        return self.whole_error(f"row {row}: {problem}")

    def whole_error(self, problem: str) -> W2VError:
        """Return the error for the table."""
        return FormatError(self.name, problem) if self.is_file else CorpusError(f"{self.name}: {problem}")


@dataclass(frozen=True)
class StringBlock:
    """Some strings, which are copied later, by any thread.

    Attributes
    ----------
    data : bytes of the strings; string i is data[starts[i] : stops[i]].
    ends : the byte after each string; None for `end` after each.
    size : bytes of the block.
    place : place of the rows.
    first : position of the first string among those of `place`.
    row_ends : for rows of tokens, in which any byte but the marks may occur: the strings up to the end of each row of
        `place`; None if each row is a text.
    """

    data: Bytes
    starts: Offsets
    stops: Offsets
    ends: Bytes | None
    end: int
    size: int
    place: Place
    first: int
    row_ends: NDArray[np.int64] | None = None

    @property
    def last(self) -> int:
        """The last byte of the block."""
        return self.end if self.ends is None else int(self.ends[-1])

    def read_into(self, buffer: memoryview) -> None:
        """Fill a buffer of `size` bytes.

        Raises
        ------
        FormatError, CorpusError : a text has a NUL byte, a token a byte that no UTF-8 has, or the column is damaged.
        """
        written = copy_strings(self.data, self.starts, self.stops, self.ends, self.end, buffer)
        if written != self.size:
            raise self.place.error(self._row_of(-1 - written), "the column is damaged: its offsets are wrong")
        if self.row_ends is not None:
            if count_from(buffer, FIRST_MARK) != len(self.starts):
                raise self._foreign_token()
        elif (nul := find_nul(buffer)) >= 0:
            index = int(np.searchsorted(np.cumsum(self.stops - self.starts + 1), nul, side="right"))
            raise self.place.error(self._row_of(index), "NUL byte: this is not text")

    def _row_of(self, index: int) -> int:
        position = self.first + index
        return position if self.row_ends is None else int(np.searchsorted(self.row_ends, position, side="right"))

    def _foreign_token(self) -> W2VError:
        ranges = enumerate(zip(self.starts, self.stops, strict=True))
        index = next(index for index, (start, stop) in ranges if count_from(self.data[start:stop], FIRST_MARK))
        return self.place.error(self._row_of(index), "a token has a byte 0xFE or 0xFF, which no UTF-8 text holds")
