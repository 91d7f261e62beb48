"""Multiple-choice analogies: which of several pairs of words is most like a given pair (SAT).

Place in the data flow: files -> questions with choices.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from w2v.errors import FormatError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import STRICT, Reading, TwoWords, numbered_lines, read_text
from w2v.types import StrPath


@dataclass(frozen=True)
class Choice:
    """Question: the given pair (stem), the pairs to choose from, and the index of the right one."""

    stem: TwoWords
    choices: tuple[TwoWords, ...]
    right: int
    line: int


def read_choices(path: StrPath, reading: Reading = STRICT) -> list[Choice]:
    """Read multiple-choice questions.

    There are two formats. The SAT package: blocks separated by empty lines, each with a line that names the source, the
    stem, the choices, and the letter of the right choice; lines that begin with # are skipped. JSON lines: objects with
    "stem", "choice" and "answer", the index of the right choice.

    Raises
    ------
    FormatError : no questions at all; a block in neither format, if `reading` does not leave it out.
    W2VError : the file cannot be read.
    """
    text = read_text(path, reading.encoding)
    read = _json_choices if text.lstrip().startswith("{") else _sat_choices
    questions = list(read(path, text, reading))
    if not questions:
        raise FormatError(path, "no questions in this file", line=1)
    return questions


def _json_choices(path: StrPath, text: str, reading: Reading) -> Iterator[Choice]:
    for number, line in numbered_lines(path, text):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            stem, *choices = [_two(pair) for pair in (item["stem"], *item["choice"])]
            right = item["answer"]
            if type(right) is not int:
                raise ValueError("the answer is not a whole number")
        except RecursionError:
            reading.problem(path, "JSON with too many brackets inside each other", number)
        except (ValueError, KeyError, TypeError) as error:
            reading.problem(path, f'expected an object with "stem", "choice" and "answer" ({error!s:.200})', number)
        else:
            if 0 <= right < len(choices):
                yield Choice(stem, tuple(choices), right, number)
            else:
                reading.problem(path, f"the answer {right} is not the index of one of the {len(choices)} choices",
                                number)


def _sat_choices(path: StrPath, text: str, reading: Reading) -> Iterator[Choice]:
    block: list[tuple[int, str]] = []
    first = True
    for number, line in [*numbered_lines(path, text), (0, "")]:
        if line.strip() and not line.startswith("#"):
            block.append((number, line.strip()))
        elif not line.strip() and block:
            if len(block) > 1 or not first:  # a title may precede the first question
                try:
                    yield _sat_block(path, block)
                except FormatError as problem:
                    reading.on_problem(problem)
            block, first = [], False


def _sat_block(path: StrPath, block: list[tuple[int, str]]) -> Choice:
    first, last = block[0][0], block[-1]
    pairs = [line.split()[:2] for _, line in block[1:-1]]
    right = ord(last[1].lower()) - ord("a") if len(last[1]) == 1 else -1
    if len(pairs) < 3 or any(len(pair) != 2 for pair in pairs):
        raise FormatError(path, "a question has a source line, a stem, two choices or more, and a letter", line=first)
    if not 0 <= right < len(pairs) - 1:
        raise FormatError(path, f"the answer {last[1]!r:.20} is not the letter of one of the {len(pairs) - 1} choices",
                          line=last[0])
    stem, *choices = [_two(pair) for pair in pairs]
    return Choice(stem, tuple(choices), right, first)


def _two(pair: Sequence[str]) -> TwoWords:
    a, b = pair
    if not (isinstance(a, str) and isinstance(b, str) and isinstance(pair, list) and a and b):
        raise ValueError("a pair is a list of two words")
    return a, b


def words_of(questions: Iterable[Choice]) -> set[str]:
    """Return all words of the questions."""
    return {word for question in questions for pair in (question.stem, *question.choices) for word in pair}


def evidence(excerpt: Excerpt) -> Evidence:
    """Recognise JSON lines; a file of the SAT package does not differ enough from other text."""
    is_json = not excerpt.is_folder and bool(excerpt.lines) and excerpt.lines[0].lstrip().startswith("{")
    return Evidence.CERTAIN if is_json else Evidence.NONE
