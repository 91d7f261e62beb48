"""Degrees of relational similarity: how typical pairs of words are of a relation (SemEval-2012 Task 2).

Place in the data flow: folders -> relations with ratings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from w2v.errors import W2VError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import STRICT, Reading, TwoWords, finite_number, is_content, numbered_lines, text_files
from w2v.types import StrPath

_WORD = re.compile(r'[^\s",:]+(?: [^\s",:]+)*')  # or several words with a blank between them
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


def read_degrees(path: StrPath, reading: Reading = STRICT) -> list[Degrees]:
    """Read the relations of a folder in one of the formats of SemEval-2012 Task 2.

    Official package: `subcategories-paradigms.txt` and `Phase2Answers-*.txt`; if there are both `Training` and
    `Testing` folders, only `Testing` is read, as in the task. Plain files, one for each relation: the paradigm pairs on
    the first line (`flower:tulip, emotion:rage`), then one pair and its rating on each line (`poem:sonnet 12.5`).

    Raises
    ------
    FormatError : if `reading` does not leave it out, a line in neither format or a relation without paradigm pairs.
    W2VError : the folder has no file in one of the formats.

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
        paradigms = _read_paradigms(found[0], reading)
        relations = [_official(file, paradigms, reading) for file in answers]
    else:
        relations = [_plain_degrees(file, reading) for file in text_files(root)]
    if kept := [relation for relation in relations if relation is not None]:
        return kept
    raise W2VError(f"{root}: no relation in Phase2Answers-*.txt or plain .txt files in this folder")


def _pairs(text: str) -> list[TwoWords]:
    """Return the pairs a:b of a text. Each part is read once: a search for the whole pair would be quadratic."""
    pairs: list[TwoWords] = []
    left, *others = text.split(":")
    for right in others:
        first, second = _WORD.match(left[::-1]), _WORD.match(right)
        if first and second:
            pairs.append((first[0][::-1], second[0]))
            right = right[second.end():]
        left = right
    return pairs


def _read_paradigms(path: Path, reading: Reading) -> dict[str, tuple[TwoWords, ...]]:
    """Return the paradigm pairs of each relation by its number and letter ("1a"), which any characters may separate."""
    found: dict[str, tuple[TwoWords, ...]] = {}
    for _, line in numbered_lines(path, encoding=reading.encoding):
        if name := re.match(r'\W*(\d+)\W*([a-z])\b', line):
            found["".join(name.groups())] = tuple(_pairs(line[name.end():]))
    return found


def _official(path: Path, paradigms: dict[str, tuple[TwoWords, ...]], reading: Reading) -> Degrees | None:
    name = path.stem.rpartition("-")[2]
    if not paradigms.get(name):
        reading.problem(path, f"no paradigm pairs for {name!r:.40} in subcategories-paradigms.txt", 1)
        return None
    shown: Counter[TwoWords] = Counter()
    score: Counter[TwoWords] = Counter()
    questions: dict[tuple[TwoWords, ...], tuple[list[int], list[int]]] = {}
    for number, line in numbered_lines(path, encoding=reading.encoding):
        if not is_content(line):
            continue
        pairs = [_pairs(field) for field in _fields(line)[:6]]
        four = tuple(pair for found in pairs[:4] for pair in found)
        if len(pairs) != 6 or [len(found) for found in pairs[:4]] != [1] * 4 or any(
                found and found[0] not in four for found in pairs[4:]):
            reading.problem(path, "expected four pairs, then the least and the most typical of them", number)
            continue
        votes = questions.setdefault(four, ([0] * 4, [0] * 4))
        shown.update(four)
        for which, found in enumerate(pairs[4:]):  # some people chose only one of the two
            if found:
                votes[which][four.index(found[0])] += 1
                score[found[0]] += 2 * which - 1
    if not questions:
        reading.problem(path, "no answers in this file", 1)
        return None
    return Degrees(name, paradigms[name], tuple((pair, 100 * score[pair] / n) for pair, n in shown.items()),
                   tuple(MaxDiff(four, tuple(least), tuple(most)) for four, (least, most) in questions.items()))


def _fields(line: str) -> list[str]:
    """Return the quoted fields, which may be empty; without quotes the fields between white space."""
    return re.findall(r'"([^"]*)"', line) if '"' in line else line.split()


def _plain_degrees(path: Path, reading: Reading) -> Degrees | None:
    lines = [(number, line) for number, line in numbered_lines(path, encoding=reading.encoding) if is_content(line)]
    paradigms = tuple(_pairs(lines[0][1])) if lines else ()
    if not paradigms:
        reading.problem(path, "expected paradigm pairs on the first line, such as flower:tulip, emotion:rage", 1)
        return None
    ratings = []
    for number, line in lines[1:]:
        *words, text = line.split()
        pairs, rating = _pairs(" ".join(words)), finite_number(text)
        if len(pairs) == 1 and rating is not None:
            ratings.append((pairs[0], rating))
        else:
            reading.problem(path, f"expected a pair and a number, found {line.strip()!r:.80}", number)
    if len(ratings) < 2:
        reading.problem(path, "fewer than two pairs with a rating", 1)
        return None
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
