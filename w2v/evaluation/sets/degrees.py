"""Degrees of relational similarity: how typical pairs of words are of a relation (SemEval-2012 Task 2).

Place in the data flow: folders -> relations with ratings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import TwoWords, numbered_lines, text_files
from w2v.types import StrPath

_PAIR = re.compile(r'([^\s",:]+(?: [^\s",:]+)*):([^\s",:]+(?: [^\s",:]+)*)')
_ANSWERS = "Phase2Answers-*.txt"


@dataclass(frozen=True)
class MaxDiff:
    """MaxDiff question: four pairs, and how many people called each of them the least and the most typical."""

    pairs: tuple[TwoWords, ...]
    least: tuple[int, ...]
    most: tuple[int, ...]


@dataclass(frozen=True)
class Degrees:
    """Relation: its paradigm pairs, and how typical of it people find other pairs.

    Attributes
    ----------
    ratings : each pair with its rating, -100 to 100.
    questions : MaxDiff questions; empty if the file has ratings only.
    """

    name: str
    paradigms: tuple[TwoWords, ...]
    ratings: tuple[tuple[TwoWords, float], ...]
    questions: tuple[MaxDiff, ...]


def read_degrees(path: StrPath) -> list[Degrees]:
    """Read the relations of a folder in one of the formats of SemEval-2012 Task 2.

    Official package: `subcategories-paradigms.txt` and `Phase2Answers-*.txt`; if there are both `Training` and
    `Testing` folders, only `Testing` is read, as in the task. Plain files, one for each relation: the paradigm pairs on
    the first line (`flower:tulip, emotion:rage`), then one pair and its rating on each line (`poem:sonnet 12.5`).

    Raises
    ------
    FormatError : a line in neither format, a relation without paradigm pairs.
    W2VError : the folder has files of neither format.

    Source
    ------
    Jurgens, Mohammad, Turney & Holyoak 2012 (S12-1047), section 3: the rating of a pair is the percentage of the
    answers that call it the most typical minus the percentage that call it the least typical.
    """
    root = Path(path)
    answers = sorted(root.rglob(_ANSWERS))
    if testing := [file for file in answers if "Testing" in file.parts]:
        answers = testing
    if answers:
        found = sorted(root.rglob("subcategories-paradigms.txt"))
        if not found:
            raise W2VError(f"{root}: subcategories-paradigms.txt is missing; it belongs to the Phase2Answers files")
        paradigms = _read_paradigms(found[0])
        return [_official(file, paradigms) for file in answers]
    files = text_files(root)
    if not files:
        raise W2VError(f"{root}: neither Phase2Answers-*.txt nor plain .txt files in this folder")
    return [_plain_degrees(file) for file in files]


def _pairs(text: str) -> list[TwoWords]:
    return [(a.strip(), b.strip()) for a, b in _PAIR.findall(text)]


def _read_paradigms(path: Path) -> dict[str, tuple[TwoWords, ...]]:
    """Return the paradigm pairs of each relation by its number and letter ("1a"), which any characters may separate."""
    found: dict[str, tuple[TwoWords, ...]] = {}
    for _, line in numbered_lines(path):
        if name := re.match(r'\W*(\d+)\W*([a-z])\b', line):
            found["".join(name.groups())] = tuple(_pairs(line[name.end():]))
    return found


def _official(path: Path, paradigms: dict[str, tuple[TwoWords, ...]]) -> Degrees:
    name = path.stem.rpartition("-")[2]
    if not paradigms.get(name):
        raise FormatError(path, f"no paradigm pairs for {name!r} in subcategories-paradigms.txt", line=1)
    shown: Counter[TwoWords] = Counter()
    score: Counter[TwoWords] = Counter()
    questions: dict[tuple[TwoWords, ...], tuple[list[int], list[int]]] = {}
    for number, line in numbered_lines(path):
        if not line.strip() or line.startswith("#"):
            continue
        pairs = [_pairs(field) for field in _fields(line)[:6]]
        four = tuple(pair for found in pairs[:4] for pair in found)
        if len(pairs) != 6 or [len(found) for found in pairs[:4]] != [1] * 4 or any(
                found and found[0] not in four for found in pairs[4:]):
            raise FormatError(path, "expected four pairs, then the least and the most typical of them", line=number)
        votes = questions.setdefault(four, ([0] * 4, [0] * 4))
        shown.update(four)
        for which, found in enumerate(pairs[4:]):  # some people chose only one of the two
            if found:
                votes[which][four.index(found[0])] += 1
                score[found[0]] += 2 * which - 1
    if not questions:
        raise FormatError(path, "no answers in this file", line=1)
    return Degrees(name, paradigms[name], tuple((pair, 100 * score[pair] / n) for pair, n in shown.items()),
                   tuple(MaxDiff(four, tuple(least), tuple(most)) for four, (least, most) in questions.items()))


def _fields(line: str) -> list[str]:
    """Return the quoted fields, which may be empty; without quotes the fields between white space."""
    return re.findall(r'"([^"]*)"', line) if '"' in line else line.split()


def _plain_degrees(path: Path) -> Degrees:
    lines = [(number, line) for number, line in numbered_lines(path) if line.strip() and not line.startswith("#")]
    paradigms = tuple(_pairs(lines[0][1])) if lines else ()
    if not paradigms:
        raise FormatError(path, "expected paradigm pairs on the first line, such as flower:tulip, emotion:rage", line=1)
    ratings = []
    for number, line in lines[1:]:
        pairs = _pairs(line.rpartition(" ")[0] or line.rpartition("\t")[0])
        try:
            ratings.append((pairs[0], float(line.split()[-1])))
        except (ValueError, IndexError):
            raise FormatError(path, f"expected a pair and a number, found {line.strip()!r:.80}",
                              line=number) from None
    if len(ratings) < 2:
        raise FormatError(path, "fewer than two pairs with a rating", line=1)
    return Degrees(path.stem, paradigms, tuple(ratings), ())


def words_of(relations: Iterable[Degrees]) -> set[str]:
    """Return all words of the relations."""
    return {word for relation in relations for pair in (*relation.paradigms, *(pair for pair, _ in relation.ratings))
            for word in pair}


def evidence(excerpt: Excerpt) -> Evidence:
    """Recognise the official package by its file names, and plain files by a colon in their first word."""
    if not excerpt.is_folder:
        return Evidence.NONE
    pairs_first = ":" in excerpt.first_word and not excerpt.has_gap
    official = next(excerpt.path.rglob(_ANSWERS), None) is not None
    return Evidence.CERTAIN if official or pairs_first else Evidence.NONE
