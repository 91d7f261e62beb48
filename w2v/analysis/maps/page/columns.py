"""Columns of a table of words, by which a map can be coloured.

Place in the data flow: a TSV file or mappings -> `Metadata` -> `w2v.analysis.maps.page.page`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError, W2VError
from w2v.system.plain import printable_line
from w2v.types import StrPath

Table = StrPath | Mapping[str, Mapping[str, object]]
"""A TSV file, or values by word by name of the column."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_Values = Mapping[str, float | str]


@dataclass(frozen=True)
class Column:
    """Values of the n words of a map.

    Attributes
    ----------
    name : of the column.
    values : (n,) numbers, float64 with NaN for none; of categories int64 numbers of labels, -1 for none.
    labels : of categories, the largest first; None for numbers.
    """

    name: str
    values: npt.NDArray[Any]
    labels: tuple[str, ...] | None


@dataclass(frozen=True)
class Metadata:
    """Columns of a map.

    Attributes
    ----------
    columns : with a value or none for each word of the map.
    source : path of the file; "" for mappings.
    rows : number of words that have a row.
    unknown : number of these without a vector.
    without : number of words of the map without a row.
    """

    columns: tuple[Column, ...]
    source: str
    rows: int
    unknown: int
    without: int


def metadata_of(table: Table, words: Sequence[str], vocabulary: Iterable[str]) -> Metadata:
    """Return the values of the words of a map.

    Parameters
    ----------
    table : a TSV file whose first line names its columns and whose first column has the words; or a mapping of the name
        of a column to a mapping of words to numbers or text. Text that is empty, None and NaN are no value. A column in
        which all values are numbers is one of numbers.
    words : of the map.
    vocabulary : all words that have a vector.

    Raises
    ------
    W2VError : the file cannot be read.
    FormatError : names the line of the file that has another number of columns than the first, or a word twice.
    TypeError, ValueError : a mapping has another type of values, or there are no columns.
    """
    columns, listed, source = _given(table) if isinstance(table, Mapping) else _read(str(table))
    known = set(vocabulary)
    return Metadata(tuple(_column(name, values, words) for name, values in columns.items()), source, len(listed),
                    len(listed - known), sum(word not in listed for word in words))


def _given(table: Mapping[str, Mapping[str, object]]) -> tuple[dict[str, _Values], set[str], str]:
    """Return the columns of mappings, all words in them, and no source."""
    columns: dict[str, _Values] = {}
    for name, values in table.items():
        if not isinstance(values, Mapping):
            raise TypeError(f"metadata[{name!r}] must be a mapping of words to values, not {type(values).__name__}")
        columns[str(name)] = {str(word): kept for word, value in values.items()
                              if (kept := _value(str(name), value)) is not None}
    if not columns:
        raise ValueError("metadata has no columns")
    return columns, {str(word) for values in table.values() for word in values}, ""


def _value(name: str, value: object) -> float | str | None:
    """Return a number or text; None for no value."""
    if value is None or value == "":
        return None
    if isinstance(value, (bool, np.bool_, str)):
        return str(value)
    if isinstance(value, (int, float, np.integer, np.floating)):
        number = float(value)
        return number if math.isfinite(number) else None
    raise TypeError(f"metadata[{name!r}] has a {type(value).__name__}: values must be numbers, text or None")


def _read(path: str) -> tuple[dict[str, _Values], set[str], str]:
    """Return the columns of a file, the words in it, and its path."""
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="\n") as file:
            lines = [line.rstrip("\r\n").split("\t") for line in file]
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error
    names = [printable_line(name) for name in lines[0][1:]] if lines else []
    if not names or len(set(names)) < len(names):
        raise FormatError(path, "expected a first line that names the columns, each once, separated by tabs; the words "
                          "are in the first column")
    texts: dict[str, list[str]] = {}
    for number, (word, *values) in enumerate(lines[1:], 2):
        if not word and not values:
            continue
        if len(values) != len(names):
            raise FormatError(path, f"{len(values) + 1} columns separated by tabs, but the first line has "
                              f"{len(names) + 1}", line=number)
        if word in texts:
            raise FormatError(path, f"the word {printable_line(word)[:80]!r} has a row already", line=number)
        texts[word] = values
    columns = {name: _numbers_or_text({word: text for word, values in texts.items() if (text := values[at].strip())})
               for at, name in enumerate(names)}
    return columns, set(texts), path


def _numbers_or_text(values: Mapping[str, str]) -> _Values:
    """Return the values as numbers, if all are."""
    if all(_NUMBER.fullmatch(text) and math.isfinite(float(text)) for text in values.values()):
        return {word: float(text) for word, text in values.items()}
    return values


def _column(name: str, values: _Values, words: Sequence[str]) -> Column:
    found = [values.get(word) for word in words]
    if any(isinstance(value, str) for value in values.values()) or not values:
        counted = Counter(str(value) for value in found if value is not None)
        labels = {label: number for number, (label, _) in enumerate(counted.most_common())}
        numbers = np.array([-1 if value is None else labels[str(value)] for value in found], dtype=np.int64)
        return Column(name, numbers, tuple(labels))
    return Column(name, np.array([math.nan if value is None else value for value in found], dtype=np.float64), None)
