"""Reading of text files that hold benchmarks: lines, fields, CSV columns, and what happens with broken lines.

Place in the data flow: files -> lines and fields, for the reader of each kind of set.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from w2v.errors import FormatError, W2VError
from w2v.system.files import local_path
from w2v.types import StrPath

TwoWords = tuple[str, str]
Row = tuple[int, list[str], str]  # line number, fields, the whole line
Columns = Sequence[Sequence[str]]  # the names that each column may have

_DELIMITERS = "\t;,"  # the first of these that a line has separates its fields
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"PK\3\4": "zip"}
_TAGGED = re.compile("(.+)-[nvjar]")  # word and part of speech: noun, verb, adjective, adverb


def _raise(problem: FormatError) -> NoReturn:
    raise problem


@dataclass(frozen=True)
class Reading:
    """How a set is read.

    Attributes
    ----------
    delimiter : between the fields of a line; None takes TAB, else semicolon, else comma, else white space.
    encoding : of the text. Bytes that are not valid in it become surrogates.
    on_problem : called for each broken line or section, which is then left out; by default it is raised.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    on_problem: Callable[[FormatError], object] = _raise

    def problem(self, path: StrPath, text: str, line: int) -> None:
        """Report a broken line or section of a file."""
        self.on_problem(FormatError(path, text, line=line))


STRICT = Reading()


@dataclass
class LeftOut:
    """Broken lines and sections of a set: their number, and the first one; `add` is an `on_problem`."""

    count: int = 0
    first: FormatError | None = None

    def add(self, problem: FormatError) -> None:
        """Count a problem."""
        self.count += 1
        self.first = self.first or problem

    def message(self) -> str:
        """Return the first problem and the number of further ones in a sentence; empty if there is none."""
        if self.first is None:
            return ""
        more = self.count - 1
        return f"{self.first} (left out{f', with {more:,} more like it' if more else ''})"


def read_text(path: StrPath, encoding: str = "utf-8") -> str:
    """Return the text of a file, without a byte order mark; bytes that are not valid become surrogates.

    Raises
    ------
    FormatError : the file is compressed, or no text in this encoding. W2VError : it cannot be read.
    ValueError : unknown encoding.
    """
    try:
        data = Path(local_path(path)).read_bytes()
    except OSError as error:
        raise W2VError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error
    if packed := next((name for magic, name in _COMPRESSED.items() if data.startswith(magic)), None):
        raise FormatError(path, f"this file is compressed ({packed}); unpack it first", line=1)
    try:
        text = data.decode(encoding, "surrogateescape").removeprefix("\ufeff")
    except LookupError:
        raise ValueError(f"encoding = {encoding!r} is unknown; such names are utf-8, latin-1, utf-16") from None
    except UnicodeError as error:
        raise FormatError(path, f"this is not text in {encoding} ({error})", line=1) from None
    if "\0" in text:
        hint = "; it looks like UTF-16: convert it with iconv -f UTF-16 -t UTF-8" if data[:1] in b"\xff\xfe" else ""
        raise FormatError(path, f"NUL byte: this is not text{hint}", line=text.count("\n", 0, text.index("\0")) + 1)
    return text


def numbered_lines(path: StrPath, text: str | None = None, encoding: str = "utf-8") -> Iterator[tuple[int, str]]:
    """Iterate over the lines with their numbers, from 1; line ends are removed. `text` replaces reading the file."""
    return enumerate(re.split(r"\r\n|\n|\r", read_text(path, encoding) if text is None else text), start=1)


def is_content(line: str) -> bool:
    """Return whether a line is neither empty nor a comment (#)."""
    return bool(line.strip()) and not line.startswith("#")


def text_files(folder: Path, *, recursive: bool = False) -> list[Path]:
    """Return the `.txt` files of a folder in order of their paths, without README files."""
    files = folder.rglob("*.txt") if recursive else folder.glob("*.txt")
    return sorted(file for file in files if not file.name.lower().startswith("readme"))


def delimiter_of(line: str) -> str | None:
    """Return the character that separates the fields of a line, None for white space."""
    return next((mark for mark in _DELIMITERS if mark in line), None)


def split_fields(line: str, delimiter: str | None = None) -> list[str]:
    """Return the fields of a line; quotes around a field (RFC 4180) are removed unless TAB or white space separates.

    Parameters
    ----------
    delimiter : as in `Reading`.
    """
    delimiter = delimiter_of(line) if delimiter is None else delimiter
    if delimiter is None or delimiter.isspace() and delimiter != "\t":
        return line.split()
    if '"' in line and delimiter != "\t" and len(delimiter) == 1:
        try:
            return [text.strip() for text in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
        except csv.Error:
            pass  # a quote that is not a quotation mark
    return [text.strip() for text in line.split(delimiter)]


def header_of(text: str, delimiter: str | None = None) -> list[str]:
    """Return the first line that is neither empty nor a comment, as column names in lower case."""
    return [name.lower() for name in split_fields(_first_line(text)[1], delimiter)]


def _first_line(text: str) -> tuple[int, str]:
    """Return the number and the content of the first line that is neither empty nor a comment."""
    return next(((number, line) for number, line in numbered_lines("", text) if is_content(line)), (1, ""))


def column_places(header: Sequence[str], columns: Columns) -> list[int] | None:
    """Return the position of each of the columns in a header, None if one of them is missing."""
    places = [next((header.index(name) for name in names if name in header), -1) for names in columns]
    return None if -1 in places else places


def named_columns(path: StrPath, columns: Columns, reading: Reading = STRICT) -> list[Row] | None:
    """Read the rows of a table by the names of its columns.

    Parameters
    ----------
    columns : for each column, the names that it may have.

    Returns
    -------
    The rows that are not empty, their fields in the order of `columns`; None if the first line lacks a column. A row
    that is too short has fewer fields.

    Raises
    ------
    FormatError : invalid CSV. W2VError : the file cannot be read.

    Source
    ------
    The files of github.com/vecto-ai/word-benchmarks (RFC 4180), whose first column has no name and numbers the rows;
    SimLex-999 and WordSim-353 as published (TAB or comma).
    """
    text = read_text(path, reading.encoding)
    places = column_places(header_of(text, reading.delimiter), columns)
    if places is None:
        return None
    first, header = _first_line(text)
    delimiter = reading.delimiter or delimiter_of(header)
    if delimiter not in (",", ";"):
        return [(number, _placed(split_fields(line, delimiter), places), line)
                for number, line in numbered_lines(path, text) if number > first and is_content(line)]
    body = re.split(r"\r\n|\n|\r", text, maxsplit=first)[first:]
    reader = csv.reader(io.StringIO("".join(body), newline=""), delimiter=delimiter)
    try:
        return [(first + reader.line_num, _placed(row, places), delimiter.join(row)) for row in reader
                if any(row) and not row[0].startswith("#")]
    except csv.Error as error:
        raise FormatError(path, f"invalid CSV ({error})", line=first + reader.line_num) from error


def _placed(row: Sequence[str], places: Sequence[int]) -> list[str]:
    return [row[place].strip() for place in places if place < len(row)]


def without_tags(words: Collection[str]) -> dict[str, str]:
    """Return each word without its part of speech (sun-n), if every word has one; otherwise each word as it is.

    Source
    ------
    The lemma form of MEN, and BLESS.
    """
    found = {word: match[1] for word in words if (match := _TAGGED.fullmatch(word))}
    return found if len(found) == len(set(words)) else {word: word for word in words}


def is_number(text: str) -> bool:
    """Return whether the text is a number, finite or not."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def scored_pair(path: StrPath, number: int, line: str, fields: tuple[str, str, str], what: str,
                reading: Reading) -> tuple[str, str, float] | None:
    """Return two texts and their score, or None after passing the problem of the line to `reading`.

    Parameters
    ----------
    number, line : of the file.
    what : what the texts are, such as "word".
    """
    first, second, text = fields
    if (score := finite_number(text)) is None:
        reading.problem(path, f"the score {text!r:.40} is not a number", number)
    elif not first or not second:
        reading.problem(path, f"a {what} is missing: {line.strip()!r:.80}", number)
    else:
        return first, second, score
    return None


def finite_number(text: str) -> float | None:
    """Return the finite number that the text is, None if it is not one."""
    value = float(text) if is_number(text) else math.nan
    return value if math.isfinite(value) else None
