"""Sets of groups of words: classes to find again (AP, BLESS, Battig, ESSLLI), and groups with outliers (8-8-8,
WikiSem500).

Place in the data flow: files, folders and archives -> classes and groups.
"""

from __future__ import annotations

import ast
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets.lines import named_columns, numbered_lines, read_text, split_fields
from w2v.types import StrPath

WORD, CLASS = ("word", "words", "concept"), ("class", "category", "label")  # how columns are named
OUTLIER_COLUMNS = (("category",), ("words",), ("outliers",))


@dataclass(frozen=True)
class Member:
    """A word and the class it belongs to."""

    word: str
    name: str
    line: int


@dataclass(frozen=True)
class Group:
    """Words that belong together, and some that do not belong to them."""

    name: str
    words: tuple[str, ...]
    outliers: tuple[str, ...]


def read_categories(path: StrPath) -> list[Member]:
    """Words with their classes.

    A file has a word and its class a line (TAB, comma or blanks; lines that begin with # are skipped); a CSV file with
    a header that names a column `word` or `concept` and one `class`, `category` or `label` is read by these names; the
    file of BLESS, whose words end in `-n` and stand on many lines each, is read as it is published. A folder has a file
    a class, named after it, with a word a line. A word in several classes, as in Battig, counts once in each.

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
        raise FormatError(path, "fewer than two classes of words in it", line=1)
    return list(seen.values())


def _class_file(path: StrPath) -> Iterator[Member]:
    if (table := named_columns(path, (WORD, CLASS))) is not None:
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
            raise FormatError(path, f"a word and its class should stand here: {line.strip()!r:.80}", line=number)
        word, name = fields[:2]
        header = first and word.lower() in WORD and name.lower() in CLASS
        first = False
        if header:
            continue
        if len(fields) == 4 and word[-2:] == "-n":  # BLESS: concept-n, class, relation, relatum-n
            word = word[:-2]
        yield Member(word, name, number)


def _class_folder(path: Path) -> Iterator[Member]:
    files = sorted(file for file in path.glob("*.txt") if not file.name.lower().startswith("readme"))
    if not files:
        raise W2VError(f"{path}: no .txt files with the words of a class in this folder")
    for file in files:
        words = [(number, line.strip()) for number, line in numbered_lines(file) if line.strip()]
        if not words:
            raise FormatError(file, "no words in it", line=1)
        yield from (Member(word, file.stem, number) for number, word in words)


def read_outliers(path: StrPath, language: str = "en") -> list[Group]:
    """Groups with outliers: a file a group, its words, an empty line, its outliers; a word or phrase a line.

    `path` is a folder of such files, or a tar archive of them; of WikiSem500's folders by language (de, en, es, ja,
    zh), that of `language` is read. Or it is a CSV file with the columns `category`, `words` and `outliers`, lists of
    words in the notation of Python.

    Raises
    ------
    FormatError : a file without two words or without outliers.
    W2VError : no file of this form.
    """
    if Path(path).suffix.lower() == ".csv" and os.path.isfile(path):
        return _outlier_table(path)
    files = _archived(Path(path), language) if os.path.isfile(path) else _in_folder(Path(path), language)
    groups = []
    for name, text in files:
        parts: tuple[list[str], list[str]] = ([], [])
        outlying = False
        for _, line in numbered_lines(name, text):
            if word := line.strip():
                parts[outlying].append(word)
            elif parts[0]:
                outlying = True
        if len(parts[0]) < 2 or not parts[1]:
            raise FormatError(name, "two words or more, an empty line, and outliers should stand here", line=1)
        groups.append(Group(Path(name).stem, tuple(parts[0]), tuple(parts[1])))
    if not groups:
        raise W2VError(f"{os.fspath(path)}: no .txt files with groups of words in it")
    return groups


def _outlier_table(path: StrPath) -> list[Group]:
    rows = named_columns(path, OUTLIER_COLUMNS)
    if not rows:
        raise FormatError(path, "columns category, words and outliers, and a group a line, should stand here", line=1)
    groups = []
    for number, fields, _ in rows:
        try:
            name, *lists = fields
            words, outliers = (tuple(word for word in ast.literal_eval(text) if word.strip()) for text in lists)
            if len(words) < 2 or not outliers:
                raise ValueError("two words and an outlier are needed")
        except (ValueError, SyntaxError, TypeError, AttributeError, MemoryError, RecursionError) as error:
            raise FormatError(path, f"a name and two lists of words should stand here ({error})", line=number
                              ) from error
        groups.append(Group(name, words, outliers))
    return groups


def _in_folder(root: Path, language: str) -> Iterator[tuple[str, str]]:
    files = [file for file in sorted(root.rglob("*.txt")) if not file.name.lower().startswith("readme")]
    if some := [file for file in files if file.parent.name == language]:
        files = some
    return ((str(file), read_text(file)) for file in files)


def _archived(path: Path, language: str) -> Iterator[tuple[str, str]]:
    try:
        with tarfile.open(path) as archive:
            members = sorted((member for member in archive if member.isfile() and member.name.endswith(".txt")),
                             key=lambda member: member.name)
            if some := [member for member in members if Path(member.name).parent.name == language]:
                members = some
            for member in members:
                file = archive.extractfile(member)
                if file is not None:
                    yield f"{path}/{member.name}", file.read().decode("utf-8-sig", "surrogateescape")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise W2VError(f"cannot read {path}: a folder or a tar archive with groups of words is needed ({error})"
                       ) from error


def words_of(groups: Sequence[Group]) -> set[str]:
    """All words that a set asks for: phrases as wholes, and their parts."""
    return {part for group in groups for word in (*group.words, *group.outliers)
            for part in (word, *word.replace("_", " ").split())}
