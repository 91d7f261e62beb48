"""Files of benchmarks by lines: analogy questions, and pairs of words with human scores.

Place in the data flow: files -> questions and pairs. `relations` and `groups` beside it read the other kinds.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from w2v.errors import FormatError, W2VError
from w2v.types import StrPath

Question = tuple[str, ...]  # a is to b as c is to d; what follows d are other right answers
Pair = tuple[str, str, float]  # two words and the score that people gave them
WordPair = tuple[str, tuple[str, ...]]  # a word and all that stand in the relation to it
Row = tuple[int, list[str], str]  # number of a line, its fields, and the line as it stands

PAIR_COLUMNS = (("word1",), ("word2",), ("similarity", "score"))


@dataclass
class Section:
    """A named part of an analogy set: one relation.

    Attributes
    ----------
    questions : four words or more each.
    pairs : the pairs of words that the questions are made of, each once.
    group : what sections are totalled by: "semantic", "syntactic", or the folder they lie in.
    """

    name: str
    line: int
    questions: list[Question] = field(default_factory=list)
    group: str = ""

    @property
    def pairs(self) -> list[WordPair]:
        found = dict.fromkeys(pair for words in self.questions
                              for pair in ((words[0], (words[1],)), (words[2], words[3:])))
        return list(found)


def read_analogies(path: StrPath) -> list[Section]:
    """Sections of a file with `: name` lines and four words a line.

    Questions before the first `: name` make a section named after the file. Empty lines are skipped. A file named
    `*.questions` has three words a line, and a label and the answer in the `*.answers` file beside it (the form in
    which Microsoft published MSR).

    Raises
    ------
    FormatError : a line with another number of words, a section without questions, no question at all.
    W2VError : the file cannot be read.
    """
    if os.fspath(path).endswith(".questions"):
        return _questions_and_answers(Path(path))
    sections: list[Section] = []
    for number, line in numbered_lines(path):
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
        section.group = "syntactic" if section.name.startswith("gram") else "semantic"
        if not section.questions:
            raise FormatError(path, f"the section {section.name!r} has no questions", line=section.line)
    if not sections:
        raise FormatError(path, "no analogies in it", line=1)
    return sections


def _questions_and_answers(path: Path) -> list[Section]:
    answers = path.with_suffix(".answers")
    lines = [[(number, line.split()) for number, line in numbered_lines(file) if line.strip()]
             for file in (path, answers)]
    if len(lines[0]) != len(lines[1]):
        raise FormatError(path, f"{len(lines[0])} questions, but {len(lines[1])} answers in {answers.name}", line=1)
    sections: dict[str, Section] = {}
    for (number, words), (other, answer) in zip(*lines, strict=True):
        if len(words) != 3:
            raise FormatError(path, f"a question is three words here, not {len(words)}", line=number)
        if len(answer) != 2:
            raise FormatError(answers, f"a label and a word should stand here, not {len(answer)} words", line=other)
        section = sections.setdefault(answer[0], Section(answer[0], number))
        section.questions.append((*words, answer[1]))
    if not sections:
        raise FormatError(path, "no analogies in it", line=1)
    return list(sections.values())


def read_pairs(path: StrPath, *, delimiter: str | None = None) -> list[Pair]:
    """Pairs of words with a score, separated by TAB, comma or blanks; further columns are not read.

    Empty lines and lines that begin with # are skipped, and a first line whose third field is no number (a header).
    A CSV file whose header has `word1`, `word2` and `similarity` or `score` is read by these names. A file named
    `*.data.txt` has two words a line, with the scores in the `*.gold.txt` file beside it, or in the folder `keys`
    beside its own (SemEval-2017).

    Raises
    ------
    FormatError : fewer than three fields, a score that is no number, no pairs at all.
    W2VError : the file cannot be read.
    """
    if os.fspath(path).endswith(".data.txt"):
        return _data_and_gold(Path(path))
    pairs: list[Pair] = []
    table = named_columns(path, PAIR_COLUMNS) if delimiter is None else None
    header_seen = table is not None
    for number, fields, line in _rows(path, delimiter) if table is None else table:
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


def _rows(path: StrPath, delimiter: str | None) -> Iterator[Row]:
    for number, line in numbered_lines(path):
        if line.strip() and not line.startswith("#"):
            yield number, split_fields(line, delimiter), line


def _data_and_gold(path: Path) -> list[Pair]:
    gold = path.with_name(path.name.removesuffix(".data.txt") + ".gold.txt")
    if not gold.exists() and (apart := path.parent.parent / "keys" / gold.name).exists():
        gold = apart
    words = [(number, split_fields(line, "\t")) for number, line in numbered_lines(path) if line.strip()]
    scores = [(number, line) for number, line in numbered_lines(gold) if line.strip()]
    if len(words) != len(scores):
        raise FormatError(path, f"{len(words)} pairs, but {len(scores)} scores in {gold.name}", line=1)
    pairs: list[Pair] = []
    for (number, fields), (other, text) in zip(words, scores, strict=True):
        if len(fields) != 2:
            raise FormatError(path, f"two words with a TAB between them should stand here, not {len(fields)}",
                              line=number)
        if (score := _finite(text)) is None:
            raise FormatError(gold, f"the score {text.strip()!r:.40} is no number", line=other)
        pairs.append((fields[0], fields[1], score))
    if not pairs:
        raise FormatError(path, "no pairs of words in it", line=1)
    return pairs


def named_columns(path: StrPath, names: Sequence[Sequence[str]]) -> list[Row] | None:
    """Rows of a CSV file (RFC 4180) by the names of its columns, in the order of `names`; rows without anything in
    them are left out. None if its first line has not all of them; each has one name or several to choose from.

    Source: the files of github.com/vecto-ai/word-benchmarks, whose first column, without a name, numbers the rows.
    """
    text = read_text(path)
    first = [name.strip().lower() for name in re.split(r"\r?\n", text, maxsplit=1)[0].split(",")]
    places = [next((first.index(name) for name in choice if name in first), -1) for choice in names]
    if -1 in places:
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
        raise FormatError(path, f"no CSV that can be read ({error})", line=reader.line_num) from error
    return rows


def split_fields(line: str, delimiter: str | None = None) -> list[str]:
    """Fields of a line; without a delimiter it is TAB, else comma, else blanks, whichever is there."""
    if delimiter is None:
        delimiter = next((mark for mark in "\t," if mark in line), None)
    return [text.strip() for text in (line.split(delimiter) if delimiter else line.split())]


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_text(path: StrPath) -> str:
    """A UTF-8 file; a byte order mark is skipped, other bytes are kept as they are."""
    try:
        return Path(path).read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise W2VError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error


def numbered_lines(path: StrPath, text: str | None = None) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1, without their ends."""
    return enumerate(re.split(r"\r\n|\n|\r", read_text(path) if text is None else text), start=1)


def words_of(sections: Iterable[Section]) -> set[str]:
    """All words that a set asks for."""
    return {word for section in sections for a, b in section.pairs for word in (a, *b)}
