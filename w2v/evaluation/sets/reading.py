"""Reading of text files that hold benchmarks: lines, fields, CSV columns.

Place in the data flow: files -> lines and fields, for the reader of each kind of set.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from w2v.errors import FormatError, W2VError
from w2v.system.files import local_path
from w2v.types import StrPath

TwoWords = tuple[str, str]
Row = tuple[int, list[str], str]  # line number, fields, the whole line
Columns = Sequence[Sequence[str]]  # the names that each column may have


def read_text(path: StrPath) -> str:
    """Return the text of a UTF-8 file, without a byte order mark; bytes that are not UTF-8 become surrogates.

    Raises
    ------
    W2VError : the file cannot be read.
    """
    try:
        return Path(local_path(path)).read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise W2VError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error


def numbered_lines(path: StrPath, text: str | None = None) -> Iterator[tuple[int, str]]:
    """Iterate over the lines with their numbers, from 1; line ends are removed. `text` replaces reading the file."""
    return enumerate(re.split(r"\r\n|\n|\r", read_text(path) if text is None else text), start=1)


def text_files(folder: Path, *, recursive: bool = False) -> list[Path]:
    """Return the `.txt` files of a folder in order of their paths, without README files."""
    files = folder.rglob("*.txt") if recursive else folder.glob("*.txt")
    return sorted(file for file in files if not file.name.lower().startswith("readme"))


def split_fields(line: str, delimiter: str | None = None) -> list[str]:
    """Return the fields of a line, separated by the delimiter; by default TAB, else comma, else white space."""
    if delimiter is None:
        delimiter = next((mark for mark in "\t," if mark in line), None)
    return [text.strip() for text in (line.split(delimiter) if delimiter else line.split())]


def header_of(text: str) -> list[str]:
    """Return the first line of a text as column names in lower case."""
    return [name.strip().lower() for name in re.split(r"\r?\n", text, maxsplit=1)[0].split(",")]


def column_places(header: Sequence[str], columns: Columns) -> list[int] | None:
    """Return the position of each of the columns in a header, None if one of them is missing."""
    places = [next((header.index(name) for name in names if name in header), -1) for names in columns]
    return None if -1 in places else places


def named_columns(path: StrPath, columns: Columns) -> list[Row] | None:
    """Read the rows of a CSV file (RFC 4180) by the names of its columns.

    Parameters
    ----------
    columns : for each column, the names that it may have.

    Returns
    -------
    The rows that are not empty, their fields in the order of `columns`; None if the first line lacks a column.

    Raises
    ------
    FormatError : invalid CSV. W2VError : the file cannot be read.

    Source
    ------
    The files of github.com/vecto-ai/word-benchmarks, whose first column has no name and numbers the rows.
    """
    text = read_text(path)
    places = column_places(header_of(text), columns)
    if places is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""))
    next(reader)
    rows: list[Row] = []
    try:
        for row in reader:
            if row:
                fields = [row[place].strip() for place in places if place < len(row)]
                rows.append((reader.line_num, fields, ",".join(row)))
    except csv.Error as error:
        raise FormatError(path, f"invalid CSV ({error})", line=reader.line_num) from error
    return rows


def is_number(text: str) -> bool:
    """Return whether the text is a number, finite or not."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def finite_number(text: str) -> float | None:
    """Return the finite number that the text is, None if it is not one."""
    value = float(text) if is_number(text) else math.nan
    return value if math.isfinite(value) else None
