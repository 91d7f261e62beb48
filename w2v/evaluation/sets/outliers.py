"""Outlier sets: groups of words, and words that do not belong to them (8-8-8, WikiSem500).

Place in the data flow: files, folders and archives -> groups.
"""

from __future__ import annotations

import ast
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import STRICT, Reading, named_columns, numbered_lines, read_text, text_files
from w2v.types import StrPath

COLUMNS = (("category",), ("words",), ("outliers",))


@dataclass(frozen=True)
class Group:
    """Words that belong together, and outliers that do not belong to them."""

    name: str
    words: tuple[str, ...]
    outliers: tuple[str, ...]


def read_outliers(path: StrPath, language: str = "en", reading: Reading = STRICT) -> list[Group]:
    """Read groups with outliers.

    Each `.txt` file of a folder or tar archive is a group: its words, an empty line, its outliers; one word or phrase
    on a line. A CSV file has the columns `category`, `words` and `outliers`, the latter two as Python lists of strings.

    Parameters
    ----------
    language : WikiSem500 has a folder for each language (de, en, es, ja, zh); only this one is read.

    Raises
    ------
    FormatError : a group with fewer than two words or without outliers, if `reading` does not leave it out.
    W2VError : no file in one of these formats.
    """
    if Path(path).suffix.lower() == ".csv" and os.path.isfile(path):
        return _outlier_table(path, reading)
    files = _in_archive(Path(path), language) if os.path.isfile(path) else _in_folder(Path(path), language, reading)
    groups = []
    for name, text in files:
        parts: tuple[list[str], list[str]] = ([], [])
        in_outliers = False
        for _, line in numbered_lines(name, text):
            if word := line.strip():
                parts[in_outliers].append(word)
            elif parts[0]:
                in_outliers = True
        if len(parts[0]) < 2 or not parts[1]:
            reading.problem(name, "expected two words or more, an empty line, and outliers", 1)
            continue
        groups.append(Group(Path(name).stem, tuple(parts[0]), tuple(parts[1])))
    if not groups:
        raise W2VError(f"{os.fspath(path)}: no .txt files with groups of words")
    return groups


def _outlier_table(path: StrPath, reading: Reading) -> list[Group]:
    rows = named_columns(path, COLUMNS, reading)
    if not rows:
        raise FormatError(path, "expected the columns category, words and outliers, and one group on each line", line=1)
    groups = []
    for number, fields, _ in rows:
        try:
            name, *lists = fields
            words, outliers = (_list(text) for text in lists)
            if len(words) < 2 or not outliers:
                raise ValueError("at least two words and one outlier are needed")
        except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
            reading.problem(path, f"expected a name and two lists of words ({error!s:.200})", number)
        else:
            groups.append(Group(name, words, outliers))
    if not groups:
        raise FormatError(path, "no groups of words in this file", line=1)
    return groups


def _list(text: str) -> tuple[str, ...]:
    found = ast.literal_eval(text)
    if not isinstance(found, (list, tuple)) or not all(isinstance(word, str) for word in found):
        raise ValueError("not a list of words")
    return tuple(word for word in found if word.strip())


def _in_folder(root: Path, language: str, reading: Reading) -> Iterator[tuple[str, str]]:
    files = text_files(root, recursive=True)
    if chosen := [file for file in files if file.parent.name == language]:
        files = chosen
    return ((str(file), read_text(file, reading.encoding)) for file in files)


def _in_archive(path: Path, language: str) -> Iterator[tuple[str, str]]:
    try:
        with tarfile.open(path) as archive:
            members = sorted((member for member in archive if member.isfile() and member.name.endswith(".txt")),
                             key=lambda member: member.name)
            if chosen := [member for member in members if Path(member.name).parent.name == language]:
                members = chosen
            for member in members:
                file = archive.extractfile(member)
                if file is not None:
                    yield f"{path}/{member.name}", file.read().decode("utf-8-sig", "surrogateescape")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise W2VError(f"cannot read {path}: expected a folder or a tar archive with groups of words "
                       f"({str(error).partition(chr(10))[0]})") from error


def words_of(groups: Sequence[Group]) -> set[str]:
    """Return all words of the groups: phrases and also their parts."""
    return {part for group in groups for word in (*group.words, *group.outliers)
            for part in (word, *word.replace("_", " ").split())}


def evidence(excerpt: Excerpt) -> Evidence:
    """Recognise tar archives, and folders whose files have an empty line between words."""
    return Evidence.CERTAIN if excerpt.is_archive or excerpt.has_gap else Evidence.NONE
