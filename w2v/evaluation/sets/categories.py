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
from w2v.evaluation.sets.reading import is_number, named_columns, numbered_lines, split_fields, text_files
from w2v.types import StrPath

COLUMNS = (("word", "words", "concept"), ("class", "category", "label"))
_BLESS = "-n"  # nouns end in it in BLESS


@dataclass(frozen=True)
class Member:
    """A word and the name of its class."""

    word: str
    name: str
    line: int


def read_categories(path: StrPath) -> list[Member]:
    """Read words with their classes.

    A file has a word and its class on each line, separated by TAB, comma or white space; lines that begin with # are
    skipped. A CSV file whose header names a column `word`, `words` or `concept` and one `class`, `category` or `label`
    is read by these names. The file of BLESS, where each word ends in `-n` and is on many lines, is read as published.
    A folder has one file for each class, named after it, with one word on a line. A word in several classes, as in
    Battig, counts once in each.

    Raises
    ------
    FormatError : a line without two fields, fewer than two classes.
    W2VError : the file or folder cannot be read.
    """
    members = _class_folder(Path(path)) if os.path.isdir(path) else _class_file(path)
    seen: dict[tuple[str, str], Member] = {}
    for member in members:
        seen.setdefault((member.word, member.name), member)
    if len({member.name for member in seen.values()}) < 2:
        raise FormatError(path, "fewer than two classes of words", line=1)
    return list(seen.values())


def _class_file(path: StrPath) -> Iterator[Member]:
    if (table := named_columns(path, COLUMNS)) is not None:
        for number, fields, _ in table:
            if len(fields) == 2 and fields[0]:  # published files have rows without a word
                yield Member(fields[0], fields[1], number)
        return
    first = True
    for number, line in numbered_lines(path):
        if not line.strip() or line.startswith("#"):
            continue
        fields = split_fields(line)
        if len(fields) < 2 or not all(fields[:2]):
            raise FormatError(path, f"expected a word and its class, found {line.strip()!r:.80}", line=number)
        word, name = fields[:2]
        is_header = first and word.lower() in COLUMNS[0] and name.lower() in COLUMNS[1]
        first = False
        if is_header:
            continue
        if len(fields) == 4 and word.endswith(_BLESS):  # BLESS: concept-n, class, relation, relatum-n
            word = word.removesuffix(_BLESS)
        yield Member(word, name, number)


def _class_folder(path: Path) -> Iterator[Member]:
    files = text_files(path)
    if not files:
        raise W2VError(f"{path}: no .txt files with the words of a class in this folder")
    for file in files:
        words = [(number, line.strip()) for number, line in numbered_lines(file) if line.strip()]
        if not words:
            raise FormatError(file, "no words in this file", line=1)
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
