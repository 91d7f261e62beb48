"""Sets of relations: BATS (pairs with several right answers), SAT (which pair is like this one), SemEval-2012 Task 2.

Place in the data flow: files and folders -> sections, choices, degrees.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets.lines import Section, WordPair, numbered_lines, read_text
from w2v.types import StrPath

TwoWords = tuple[str, str]

_PAIR = re.compile(r'([^\s",:]+(?: [^\s",:]+)*):([^\s",:]+(?: [^\s",:]+)*)')


# --------------------------------------------------------------------------------------------------- BATS


@dataclass
class PairSection(Section):
    """A relation given by its pairs; a question is made of every two of them.

    Source: Gladkova, Drozd & Matsuoka 2016 (N16-2002), section 3: 50 pairs give 2,450 questions, the source pair shows
    its first answer, and each of the target's answers is right.
    """

    own_pairs: tuple[WordPair, ...] = ()

    def __post_init__(self) -> None:
        self.questions = [(a, b[0], c, *d) for i, (a, b) in enumerate(self.own_pairs)
                          for j, (c, d) in enumerate(self.own_pairs) if i != j]

    @property
    def pairs(self) -> list[WordPair]:
        return list(self.own_pairs)


def read_pair_folder(path: StrPath) -> list[Section]:
    """Sections of a folder in the form of BATS 3.0: a `.txt` file is a relation, on each line a word, white space, and
    its right answers with `/` between them. A folder inside is a group of relations.

    Raises
    ------
    FormatError : a line without two fields, a file with fewer than two pairs.
    W2VError : no `.txt` file, or one that cannot be read.
    """
    root = Path(path)
    files = sorted(file for file in root.rglob("*.txt") if not file.name.lower().startswith(("readme", ".")))
    if not files:
        raise W2VError(f"{root}: no .txt files with pairs of words in this folder")
    sections: list[Section] = []
    for file in files:
        pairs: list[WordPair] = []
        for number, line in numbered_lines(file):
            fields = line.split()
            if not fields:
                continue
            answers = tuple(filter(None, fields[1].split("/"))) if len(fields) == 2 else ()
            if not answers:
                raise FormatError(file, f"a word and its answers should stand here: {line.strip()!r:.80}", line=number)
            pairs.append((fields[0], answers))
        if len(pairs) < 2:
            raise FormatError(file, f"a relation needs two pairs at least, here are {len(pairs)}", line=1)
        group = file.parent.name if file.parent != root else ""
        sections.append(PairSection(file.stem, 1, group=group, own_pairs=tuple(pairs)))
    return sections


# --------------------------------------------------------------------------------------------------- SAT


@dataclass(frozen=True)
class Choice:
    """A stem, the pairs to choose from, and the place of the right one."""

    stem: TwoWords
    choices: tuple[TwoWords, ...]
    right: int
    line: int


def read_choices(path: StrPath) -> list[Choice]:
    """Questions that ask which of some pairs is most like the stem.

    Two forms: that of the SAT package (blocks with empty lines between them: a line of source, the stem, the choices,
    the letter of the right one; lines that begin with # are skipped), and JSON lines with "stem", "choice", "answer".

    Raises
    ------
    FormatError : a block that is none of this, no question at all.
    W2VError : the file cannot be read.
    """
    text = read_text(path)
    questions = _json_choices(path, text) if text.lstrip().startswith("{") else _sat_choices(path, text)
    if not questions:
        raise FormatError(path, "no questions in it", line=1)
    return questions


def _json_choices(path: StrPath, text: str) -> list[Choice]:
    questions = []
    for number, line in numbered_lines(path, text):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            stem, *choices = [_two(pair) for pair in (item["stem"], *item["choice"])]
            right = int(item["answer"])
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError(path, f'a line should have "stem", "choice" and "answer" ({error})',
                              line=number) from None
        if not 0 <= right < len(choices):
            raise FormatError(path, f"the answer {right} is none of the {len(choices)} choices", line=number)
        questions.append(Choice(stem, tuple(choices), right, number))
    return questions


def _sat_choices(path: StrPath, text: str) -> list[Choice]:
    questions: list[Choice] = []
    block: list[tuple[int, str]] = []
    for number, line in [*numbered_lines(path, text), (0, "")]:
        if line.strip() and not line.startswith("#"):
            block.append((number, line.strip()))
        elif not line.strip() and block:
            if len(block) > 1 or questions:  # a title may stand alone before the first question
                questions.append(_sat_block(path, block))
            block = []
    return questions


def _sat_block(path: StrPath, block: list[tuple[int, str]]) -> Choice:
    first, last = block[0][0], block[-1]
    pairs = [line.split()[:2] for _, line in block[1:-1]]
    right = ord(last[1].lower()) - ord("a") if len(last[1]) == 1 else -1
    if len(pairs) < 3 or any(len(pair) != 2 for pair in pairs):
        raise FormatError(path, "a question is a line of source, a stem, two choices or more, and a letter", line=first)
    if not 0 <= right < len(pairs) - 1:
        raise FormatError(path, f"the answer {last[1]!r:.20} is no letter of the {len(pairs) - 1} choices",
                          line=last[0])
    stem, *choices = [_two(pair) for pair in pairs]
    return Choice(stem, tuple(choices), right, first)


def _two(pair: list[str]) -> TwoWords:
    a, b = pair
    return str(a), str(b)


# --------------------------------------------------------------------------------------------------- SemEval-2012


@dataclass(frozen=True)
class MaxDiff:
    """One question with all answers to it: four pairs, and how often each was called the least and the most typical."""

    pairs: tuple[TwoWords, ...]
    least: tuple[int, ...]
    most: tuple[int, ...]


@dataclass(frozen=True)
class Degrees:
    """A relation with its paradigm pairs, and how typical people find other pairs.

    Attributes
    ----------
    ratings : each pair with its rating, -100 to 100.
    questions : MaxDiff questions; empty if the file brings ratings only.
    """

    name: str
    paradigms: tuple[TwoWords, ...]
    ratings: tuple[tuple[TwoWords, float], ...]
    questions: tuple[MaxDiff, ...]


def read_degrees(path: StrPath) -> list[Degrees]:
    """Relations of a folder in the form of SemEval-2012 Task 2.

    Either the official package (`subcategories-paradigms.txt` and `Phase2Answers-*.txt`; of the parts `Training` and
    `Testing` the latter, as in the task), or plain files: the paradigm pairs on the first line, then a pair and its
    rating a line (`flower:tulip, emotion:rage` / `poem:sonnet 12.5`).

    Raises
    ------
    FormatError : a line that does not fit, a relation without paradigms.
    W2VError : nothing of either kind in the folder.

    Source
    ------
    Jurgens, Mohammad, Turney & Holyoak 2012 (S12-1047), section 3: the rating of a pair is the share of the questions
    with it in which it was the most typical, less that in which it was the least, in per cent.
    """
    root = Path(path)
    answers = sorted(root.rglob("Phase2Answers-*.txt"))
    if testing := [file for file in answers if "Testing" in file.parts]:
        answers = testing
    if answers:
        found = sorted(root.rglob("subcategories-paradigms.txt"))
        if not found:
            raise W2VError(f"{root}: subcategories-paradigms.txt is missing beside the answers")
        paradigms = _read_paradigms(found[0])
        return [_official(file, paradigms) for file in answers]
    files = sorted(file for file in root.glob("*.txt") if not file.name.lower().startswith("readme"))
    if not files:
        raise W2VError(f"{root}: neither Phase2Answers-*.txt nor plain .txt files in this folder")
    return [_plain_degrees(file) for file in files]


def _pairs(text: str) -> list[TwoWords]:
    return [(a.strip(), b.strip()) for a, b in _PAIR.findall(text)]


def _read_paradigms(path: Path) -> dict[str, tuple[TwoWords, ...]]:
    """Paradigm pairs by the name of the relation: its number and letter ("1a"), however they are separated."""
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
            raise FormatError(path, "four pairs, the least and the most typical of them should stand here", line=number)
        votes = questions.setdefault(four, ([0] * 4, [0] * 4))
        shown.update(four)
        for which, found in enumerate(pairs[4:]):  # some people named only one of the two
            if found:
                votes[which][four.index(found[0])] += 1
                score[found[0]] += 2 * which - 1
    if not questions:
        raise FormatError(path, "no answers in it", line=1)
    return Degrees(name, paradigms[name], tuple((pair, 100 * score[pair] / n) for pair, n in shown.items()),
                   tuple(MaxDiff(four, tuple(least), tuple(most)) for four, (least, most) in questions.items()))


def _fields(line: str) -> list[str]:
    """Fields in quotation marks, which may be empty, or with white space between them."""
    return re.findall(r'"([^"]*)"', line) if '"' in line else line.split()


def _plain_degrees(path: Path) -> Degrees:
    lines = [(number, line) for number, line in numbered_lines(path) if line.strip() and not line.startswith("#")]
    paradigms = tuple(_pairs(lines[0][1])) if lines else ()
    if not paradigms:
        raise FormatError(path, "the first line should hold the paradigm pairs, like flower:tulip, emotion:rage",
                          line=1)
    ratings = []
    for number, line in lines[1:]:
        pairs = _pairs(line.rpartition(" ")[0] or line.rpartition("\t")[0])
        try:
            ratings.append((pairs[0], float(line.split()[-1])))
        except (ValueError, IndexError):
            raise FormatError(path, f"a pair and a number should stand here: {line.strip()!r:.80}",
                              line=number) from None
    if len(ratings) < 2:
        raise FormatError(path, "fewer than two pairs with a rating", line=1)
    return Degrees(path.stem, paradigms, tuple(ratings), ())


def choice_words(questions: Iterable[Choice]) -> set[str]:
    return {word for question in questions for pair in (question.stem, *question.choices) for word in pair}


def degree_words(relations: Iterable[Degrees]) -> set[str]:
    return {word for relation in relations for pair in (*relation.paradigms, *(pair for pair, _ in relation.ratings))
            for word in pair}
