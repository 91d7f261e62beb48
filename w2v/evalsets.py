"""Files of benchmarks: analogy questions and pairs of words with human scores.

Place in the data flow: files -> questions and pairs, for `w2v.evaluate`.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from w2v.errors import FormatError, W2VError
from w2v.files import StrPath

Question = tuple[str, ...]  # four words: a is to b as c is to d


@dataclass
class Section:
    """A named part of an analogy file."""

    name: str
    line: int
    questions: list[Question] = field(default_factory=list)


def read_analogies(path: StrPath) -> list[Section]:
    """Sections of a file with `: name` lines and four words a line.

    Questions before the first `: name` make a section named after the file. Empty lines are skipped.

    Raises
    ------
    FormatError : a line with another number of words, a section without questions, no question at all.
    W2VError : the file cannot be read.
    """
    sections: list[Section] = []
    for number, line in enumerate(_lines(path), start=1):
        if line.startswith(":"):
            sections.append(Section(line.lstrip(": ").strip() or f"line {number}", number))
        elif words := tuple(line.split()):
            if len(words) != 4:
                raise FormatError(path, f"an analogy is four words, here are {len(words)}: {line.strip()!r:.80}",
                                  line=number)
            if not sections:
                sections.append(Section(Path(path).stem, number))
            sections[-1].questions.append(words)
    for section in sections:
        if not section.questions:
            raise FormatError(path, f"the section {section.name!r} has no questions", line=section.line)
    if not sections:
        raise FormatError(path, "no analogies in it", line=1)
    return sections


def read_pairs(path: StrPath, *, delimiter: str | None = None) -> list[tuple[str, str, float]]:
    """Pairs of words with a score, separated by TAB, comma or blanks; further columns are not read.

    Empty lines and lines that begin with # are skipped, and a first line whose third field is no number (a header).

    Raises
    ------
    FormatError : fewer than three fields, a score that is no number, no pairs at all.
    W2VError : the file cannot be read.
    """
    pairs: list[tuple[str, str, float]] = []
    header_seen = False
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = _fields(line, delimiter)
        score = _finite(fields[2]) if len(fields) >= 3 else None
        if score is not None:
            pairs.append((fields[0], fields[1], score))
        elif pairs or header_seen or len(fields) < 3:
            problem = (f"the score {fields[2]!r:.40} is no number" if len(fields) >= 3
                       else f"two words and a score should stand here: {line.strip()!r:.80}")
            raise FormatError(path, problem, line=number)
        header_seen = True
    if not pairs:
        raise FormatError(path, "no pairs of words in it", line=1)
    return pairs


def _fields(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        delimiter = next((mark for mark in "\t," if mark in line), None)
    return [text.strip() for text in (line.split(delimiter) if delimiter else line.split())]


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _lines(path: StrPath) -> list[str]:
    """Lines of a UTF-8 file without their ends; a byte order mark is skipped, other bytes are kept as they are."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise W2VError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error
    return re.split(r"\r\n|\n|\r", text)
