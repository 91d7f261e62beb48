"""Analogy sets: questions of four words (Google, MSR), and relations given by their pairs (BATS).

Place in the data flow: files and folders -> sections of questions.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import STRICT, Reading, is_number, numbered_lines, text_files
from w2v.types import StrPath

Question = tuple[str, ...]  # a is to b as c is to d; further words are right answers too
WordPair = tuple[str, tuple[str, ...]]  # a word and all words that are in the relation to it


@dataclass
class Section:
    """Named part of an analogy set: one relation.

    Attributes
    ----------
    line : where the section begins in its file.
    questions : each of four words or more.
    group : which total the section is part of: "semantic", "syntactic", or the name of its folder.
    """

    name: str
    line: int
    questions: list[Question] = field(default_factory=list)
    group: str = ""

    @property
    def pairs(self) -> list[WordPair]:
        """The pairs of words that the questions are made of, without repetitions."""
        found = dict.fromkeys(pair for words in self.questions
                              for pair in ((words[0], (words[1],)), (words[2], words[3:])))
        return list(found)


@dataclass
class PairSection(Section):
    """Relation given by its pairs; each ordered choice of two pairs is a question.

    Source: Gladkova, Drozd & Matsuoka 2016 (N16-2002), section 3: 50 pairs make 2,450 questions; the first pair of a
    question has its first answer only, and every answer of the second pair is right.
    """

    own_pairs: tuple[WordPair, ...] = ()

    def __post_init__(self) -> None:
        self.questions: list[Question] = [(a, b[0], c, *d) for i, (a, b) in enumerate(self.own_pairs)
                                          for j, (c, d) in enumerate(self.own_pairs) if i != j]

    @property
    def pairs(self) -> list[WordPair]:
        return list(self.own_pairs)


def read_analogy_set(path: StrPath, reading: Reading = STRICT) -> list[Section]:
    """Read a file as `read_analogies`, a folder as `read_pair_folder`."""
    return read_pair_folder(path, reading) if os.path.isdir(path) else read_analogies(path, reading)


def read_analogies(path: StrPath, reading: Reading = STRICT) -> list[Section]:
    """Read the sections of a file with `: name` lines and four words on each other line.

    Questions before the first `: name` make a section named after the file. Empty lines and lines that begin with //
    (the copyright in Google's first files) are skipped. A file named `*.questions` has three words on a line; the
    `*.answers` file in the same folder has a label and the fourth word (the form in which Microsoft published MSR).

    Returns
    -------
    The sections; one without questions is a problem, and in the list all the same, as in gensim.

    Raises
    ------
    FormatError : no questions at all; if `reading` does not leave it out, a line with another number of words or a
        section without questions.
    W2VError : the file cannot be read.
    """
    if os.fspath(path).endswith(".questions"):
        return _questions_and_answers(Path(path), reading)
    sections: list[Section] = []
    for number, line in numbered_lines(path, encoding=reading.encoding):
        if line.startswith(":"):
            sections.append(Section(line.lstrip(": ").strip() or f"line {number}", number))
        elif (words := tuple(line.split())) and not line.startswith("//"):
            if len(words) != 4:
                reading.problem(path, f"an analogy has four words, this line has {len(words)}: {line.strip()!r:.80}",
                                number)
                continue
            if not sections:
                sections.append(Section(Path(path).stem, number))
            sections[-1].questions.append(words)
    for section in sections:
        section.group = "syntactic" if section.name.startswith("gram") else "semantic"
        if not section.questions:
            reading.problem(path, f"the section {section.name!r:.80} has no questions", section.line)
    if not any(section.questions for section in sections):
        raise FormatError(path, "no analogies in this file", line=1)
    return sections


def _questions_and_answers(path: Path, reading: Reading) -> list[Section]:
    answers = path.with_suffix(".answers")
    lines = [[(number, line.split()) for number, line in numbered_lines(file, encoding=reading.encoding)
              if line.strip()] for file in (path, answers)]
    if len(lines[0]) != len(lines[1]):
        raise FormatError(path, f"{len(lines[0])} questions, but {len(lines[1])} answers in {answers.name}", line=1)
    sections: dict[str, Section] = {}
    for (number, words), (other, answer) in zip(*lines, strict=True):
        if len(words) != 3:
            reading.problem(path, f"a question has three words in this format, not {len(words)}", number)
        elif len(answer) != 2:
            reading.problem(answers, f"expected a label and a word, found {len(answer)} words", other)
        else:
            section = sections.setdefault(answer[0], Section(answer[0], number))
            section.questions.append((*words, answer[1]))
    if not sections:
        raise FormatError(path, "no analogies in this file", line=1)
    return list(sections.values())


def read_pair_folder(path: StrPath, reading: Reading = STRICT) -> list[Section]:
    """Read the relations of a folder in the format of BATS 3.0.

    Each `.txt` file is a relation. A line has a word, white space, and its right answers separated by `/`. A subfolder
    is a group of relations.

    Raises
    ------
    FormatError : if `reading` does not leave it out, a line without two fields or a file with fewer than two pairs.
    W2VError : no `.txt` file, none with two pairs, or one that cannot be read.
    """
    root = Path(path)
    files = [file for file in text_files(root, recursive=True) if not file.name.startswith(".")]
    if not files:
        raise W2VError(f"{root}: no .txt files with pairs of words in this folder")
    sections: list[Section] = []
    for file in files:
        pairs: list[WordPair] = []
        for number, line in numbered_lines(file, encoding=reading.encoding):
            fields = line.split()
            if not fields:
                continue
            answers = tuple(filter(None, fields[1].split("/"))) if len(fields) == 2 else ()
            if answers:
                pairs.append((fields[0], answers))
            else:
                reading.problem(file, f"expected a word and its answers, found {line.strip()!r:.80}", number)
        if len(pairs) < 2:
            reading.problem(file, f"a relation needs at least two pairs, this file has {len(pairs)}", 1)
            continue
        group = file.parent.name if file.parent != root else ""
        sections.append(PairSection(file.stem, 1, group=group, own_pairs=tuple(pairs)))
    if not sections:
        raise W2VError(f"{root}: no .txt file with at least two pairs of words in this folder")
    return sections


def words_of(sections: Iterable[Section]) -> set[str]:
    """Return all words of the sections."""
    return {word for section in sections for a, b in section.pairs for word in (a, *b)}


def evidence(excerpt: Excerpt) -> Evidence:
    """Recognise `: name` lines, four words on a line, MSR by its file name, and folders with two words on a line."""
    if excerpt.is_folder:
        two = bool(excerpt.lines) and len(excerpt.lines[0].split()) == 2
        fits = two and not excerpt.has_gap and ":" not in excerpt.first_word
        return Evidence.POSSIBLE if fits else Evidence.NONE
    if excerpt.path.name.endswith(".questions"):
        return Evidence.CERTAIN
    rows = [line.split() for line in excerpt.lines if not line.startswith("//")]
    four = all(len(row) == 4 and not is_number(row[2]) and not is_number(row[3]) for row in rows)
    return Evidence.POSSIBLE if rows and (rows[0][0].startswith(":") or four) else Evidence.NONE
