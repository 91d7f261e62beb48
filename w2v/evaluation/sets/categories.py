"""Categorisation sets: words with their classes (AP, BLESS, Battig, ESSLLI).

Place in the data flow: files and folders -> words with classes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import (
    STRICT,
    Reading,
    is_content,
    is_number,
    named_columns,
    numbered_lines,
    split_fields,
    text_files,
    without_tags,
)
from w2v.types import StrPath

COLUMNS = (("word", "words", "concept"), ("class", "category", "label"))
_BLESS = "-n"  # nouns end in it in BLESS


@dataclass(frozen=True)
class Member:
    """A word and the name of its class."""

    word: str
    name: str
    line: int


def read_categories(path: StrPath, reading: Reading = STRICT) -> list[Member]:
    """Read words with their classes.

    A file has a word and its class on each line; lines that begin with # are skipped. A table whose header names a
    column `word`, `words` or `concept` and one `class`, `category` or `label` is read by these names. If all words end
    in their part of speech (`alligator-n` in BLESS, where each word is on many lines), it is removed. A folder has one
    file for each class, named after it, with one word on a line. A word in several classes, as in Battig, counts once
    in each.

    Raises
    ------
    FormatError : fewer than two classes; if `reading` does not leave it out, a line without two fields or a file of a
        class without words.
    W2VError : the file or folder cannot be read.
    """
    members = list(_class_folder(Path(path), reading) if os.path.isdir(path) else _class_file(path, reading))
    plain = without_tags(words_of(members))
    seen: dict[tuple[str, str], Member] = {}
    for member in members:
        word = plain[member.word]
        seen.setdefault((word, member.name), Member(word, member.name, member.line))
    if len({member.name for member in seen.values()}) < 2:
        raise FormatError(path, "fewer than two classes of words", line=1)
    return list(seen.values())


def _class_file(path: StrPath, reading: Reading) -> Iterator[Member]:
    rows = named_columns(path, COLUMNS, reading)
    has_names = rows is not None
    if rows is None:
        rows = [(number, split_fields(line, reading.delimiter), line)
                for number, line in numbered_lines(path, encoding=reading.encoding) if is_content(line)]
    for number, fields, line in rows:
        if len(fields) >= 2 and all(fields[:2]):
            yield Member(fields[0], fields[1], number)
        elif not has_names or len(fields) != 2 or fields[0]:  # published tables have rows without a word
            reading.problem(path, f"expected a word and its class, found {line.strip()!r:.80}", number)


def _class_folder(path: Path, reading: Reading) -> Iterator[Member]:
    files = text_files(path)
    if not files:
        raise W2VError(f"{path}: no .txt files with the words of a class in this folder")
    for file in files:
        words = [(number, line.strip()) for number, line in numbered_lines(file, encoding=reading.encoding)
                 if line.strip()]
        if not words:
            reading.problem(file, "no words in this file", 1)
        yield from (Member(word, file.stem, number) for number, word in words)


def words_of(members: Iterable[Member]) -> set[str]:
    """Return all words that have a class."""
    return {member.word for member in members}


def evidence(excerpt: Excerpt) -> Evidence:
    """Recognise two fields on a line, and BLESS by its nouns; any folder with `.txt` files may be one of classes."""
    if excerpt.is_folder:
        return Evidence.POSSIBLE
    rows = excerpt.rows
    if rows and all(len(row) == 4 and not is_number(row[2]) and row[0].endswith(_BLESS) for row in rows):
        return Evidence.CERTAIN
    return Evidence.POSSIBLE if rows and all(len(row) == 2 for row in rows) else Evidence.NONE
