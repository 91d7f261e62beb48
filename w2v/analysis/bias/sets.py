"""Test sets of bias: words of one or two targets, and of two attributes.

Place in the data flow: files, or names of the registry -> `BiasSet` -> `bias`.

A text file has one test or several:

    : science and arts                     begins a test and names it
    targets science: physics chemistry     words, separated by blanks, commas, semicolons or TAB
    targets arts: poetry drama
    attributes male: he him
    attributes female: she her

Further lines with the same name add words. A test with one line of targets is the one-word form. Lines that begin with
# are comments. A JSON file has one test in the layout of the published collections: an object with "targ1", "targ2" (or
not), "attr1" and "attr2", each with a "category" and its "examples".

Source
------
May et al. 2019 (N19-1063), whose files of the tests of Caliskan et al. 2017 have this JSON layout.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2v.analysis.bias.word_lists import read_json
from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets.finding import find_set, registered_path
from w2v.evaluation.sets.reading import is_content, numbered_lines, read_text, split_fields
from w2v.evaluation.sets.registry import SETS
from w2v.formats.keys import Key
from w2v.types import StrPath

KIND = "bias"  # in the registry
ALL = "weat"  # all sets of this kind that are found

_WORDS = re.compile(r"(targets?|attributes?)\s+(.+?)\s*:(.*)", re.IGNORECASE)
_FORM = "expected ': name', 'targets NAME: word word ...' or 'attributes NAME: word word ...'"


@dataclass(frozen=True)
class BiasSet:
    """A test of bias.

    Attributes
    ----------
    name : of the test.
    targets : one or two sets of words by name.
    attributes : two sets of words by name.

    Raises
    ------
    ValueError : another number of sets, a set without words, or a word that is in both sets of targets or in both
        sets of attributes.

    Example
    -------
    >>> w2v.BiasSet("science", {"science": ["physics", "nasa"], "arts": ["poetry", "drama"]},
    ...             {"male": ["he", "him"], "female": ["she", "her"]})
    """

    name: str
    targets: Mapping[str, Sequence[Key]]
    attributes: Mapping[str, Sequence[Key]]

    def __post_init__(self) -> None:
        if len(self.targets) not in (1, 2):
            raise ValueError(f"{self.name!r:.60} has {len(self.targets)} sets of targets; a test has one or two")
        if len(self.attributes) != 2:
            raise ValueError(f"{self.name!r:.60} has {len(self.attributes)} sets of attributes; a test has two")
        for sets in (self.targets, self.attributes):
            for name, words in sets.items():
                if not words:
                    raise ValueError(f"the set {name!r:.60} of {self.name!r:.60} has no words")
            if len(sets) == 2 and (both := set.intersection(*map(set, sets.values()))):
                first, second = (f"{name!r:.60}" for name in sets)
                raise ValueError(f"{min(map(str, both))!r:.60} is in {first} and in {second} of {self.name!r:.60}; "
                                 "a word belongs to one of them")


Sets = StrPath | BiasSet | Iterable[StrPath | BiasSet]


def read_sets(sets: Sets, datasets: StrPath | None = None) -> list[BiasSet]:
    """Return the tests of several sources.

    Parameters
    ----------
    sets : names of the registry ("weat" for all that are found), paths, tests, or a list of these.
    datasets : folder in which names are looked for first.

    Raises
    ------
    W2VError : a set is not found, or there are no tests. FormatError : a file is broken; names the line.
    """
    sources: list[StrPath | BiasSet] = [sets] if isinstance(sets, (str, os.PathLike, BiasSet)) else list(sets)
    found: list[BiasSet] = []
    for source in sources:
        if isinstance(source, BiasSet):
            found.append(source)
        elif source == ALL:
            found += _published(datasets)
        else:
            path, name = registered_path(source, KIND, datasets)
            found += [BiasSet(name or one.name, one.targets, one.attributes) for one in read_file(path)]
    if not found:
        raise W2VError("no test sets: give at least one")
    return found


def _published(datasets: StrPath | None) -> list[BiasSet]:
    names = [name for name, info in SETS.items() if info.kind == KIND]
    paths = {name: path for name in names if (path := find_set(name, datasets)) is not None}
    if not paths:
        raise W2VError(f"none of the sets {names[0]} ... {names[-1]} was found: `w2v datasets fetch {names[0]}` "
                       "fetches one")
    return [BiasSet(name, one.targets, one.attributes) for name, path in paths.items() for one in read_file(path)]


def read_file(path: StrPath) -> list[BiasSet]:
    """Return the tests of a file, text or JSON.

    Raises
    ------
    FormatError : a line or a test is broken. W2VError : the file cannot be read.
    """
    text = read_text(path)
    return [_json_test(path, text)] if text.lstrip().startswith("{") else _text_tests(path, text)


def _json_test(path: StrPath, text: str) -> BiasSet:
    content = read_json(path, text)
    targets: dict[str, list[str]] = {}
    attributes: dict[str, list[str]] = {}
    for key in ("targ1", "targ2", "attr1", "attr2"):
        if key in content:
            name, words = _json_words(path, key, content[key])
            sets = targets if key.startswith("targ") else attributes
            if name in sets:
                raise FormatError(path, f"two sets have the category {name!r:.60}", line=1)
            sets[name] = words
    return _checked(path, 1, Path(os.fspath(path)).stem, targets, attributes)


def _json_words(path: StrPath, key: str, value: Any) -> tuple[str, list[str]]:
    words = value.get("examples") if isinstance(value, dict) else None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise FormatError(path, f"{key} must be an object with a list of words as its \"examples\"", line=1)
    return str(value.get("category", key)), words


def _text_tests(path: StrPath, text: str) -> list[BiasSet]:
    found: list[BiasSet] = []
    name, begin = Path(os.fspath(path)).stem, 0
    sets: tuple[dict[str, list[str]], dict[str, list[str]]] = {}, {}
    for number, line in numbered_lines(path, text):
        if not is_content(line):
            continue
        line = line.strip()
        if line.startswith(":"):
            if any(sets):
                found.append(_checked(path, begin, name, *sets))
            elif begin:
                raise FormatError(path, f"the test {name!r:.60} has no words", line=begin)
            name, begin, sets = line[1:].strip() or name, number, ({}, {})
        elif match := _WORDS.fullmatch(line):
            kind, label, words = match.groups()
            sets[kind.lower().startswith("a")].setdefault(label, []).extend(filter(None, split_fields(words.strip())))
            begin = begin or number
        else:
            raise FormatError(path, f"{_FORM}, not {line[:40]!r}", line=number)
    if not begin:
        raise FormatError(path, f"there are no tests in this file; {_FORM}", line=1)
    return [*found, _checked(path, begin, name, *sets)]


def _checked(path: StrPath, line: int, name: str, targets: Mapping[str, Sequence[str]],
             attributes: Mapping[str, Sequence[str]]) -> BiasSet:
    try:
        return BiasSet(name, targets, attributes)
    except ValueError as error:
        raise FormatError(path, str(error), line=line) from None
