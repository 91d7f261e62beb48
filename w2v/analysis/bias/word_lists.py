"""Lists of words and of pairs of words, from Python, from files, or by the names of the registry.

Place in the data flow: arguments of `axis` and `debias` -> words.

A file has one word, or a pair of words, on each line, or it is a JSON list of words or of pairs, as those of Bolukbasi
et al. 2016. No line is a comment, because words may begin with #.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any, cast

from w2v.errors import FormatError
from w2v.evaluation.sets.finding import registered_path
from w2v.evaluation.sets.reading import numbered_lines, read_text, split_fields
from w2v.formats.keys import Key
from w2v.types import StrPath

Pair = tuple[Key, Key]
Words = StrPath | Iterable[Key]
Pairs = StrPath | Iterable[Pair]


def read_words(words: Words, datasets: StrPath | None = None) -> list[Key]:
    """Return the words of a list, or of the file with a path or a name.

    Raises
    ------
    FormatError : the file is broken or empty. W2VError : it is not found, or cannot be read.
    """
    if not isinstance(words, (str, os.PathLike)):
        return list(words)
    path, _ = registered_path(words, "words", datasets)
    text = read_text(path)
    listed = _json_list(path, text)
    if listed is None:
        found = [line.strip() for _, line in numbered_lines(path, text) if line.strip()]
    else:
        for entry in listed:
            if not isinstance(entry, str):
                raise FormatError(path, f"expected a list of words, not {str(entry)[:40]!r} in it", line=1)
        found = listed
    if not found:
        raise FormatError(path, "there are no words in this file", line=1)
    return cast("list[Key]", found)


def read_pairs(pairs: Pairs, datasets: StrPath | None = None) -> list[Pair]:
    """Return pairs of words; parameters and errors as in `read_words`.

    Raises
    ------
    ValueError : an entry of a list is not a pair, or both words of a pair are the same.
    """
    if not isinstance(pairs, (str, os.PathLike)):
        given = list(pairs)
        for one in given:
            if isinstance(one, str) or len(one) != 2 or one[0] == one[1]:
                raise ValueError(f"expected pairs of two different words, not {one!r:.80}")
        return [(one[0], one[1]) for one in given]
    path, _ = registered_path(pairs, "pairs", datasets)
    text = read_text(path)
    listed = _json_list(path, text)
    lines = (list(enumerate(listed, 1)) if listed is not None else
             [(number, split_fields(line)) for number, line in numbered_lines(path, text) if line.strip()])
    for number, pair in lines:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(word, str) and word for word in pair)
                and pair[0] != pair[1]):
            place, line = (f"entry {number}: ", 1) if listed is not None else ("", number)
            raise FormatError(path, f"{place}expected two different words, not {str(pair)[:40]}", line=line)
    if not lines:
        raise FormatError(path, "there are no pairs in this file", line=1)
    return [(pair[0], pair[1]) for _, pair in lines]


def _json_list(path: StrPath, text: str) -> list[Any] | None:
    """Return the list of a JSON file; None if the text is not JSON."""
    start = text.lstrip()[:1]
    if start not in ("[", "{"):
        return None
    try:
        found = read_json(path, text)
    except FormatError:
        if start == "{":
            return None
        raise
    if not isinstance(found, list):
        raise FormatError(path, "expected a JSON list, not an object", line=1)
    return found


def read_json(path: StrPath, text: str) -> Any:
    """Return the value of a JSON text; FormatError with the line if it is not JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(path, f"this begins like JSON and is not ({error.msg})", line=error.lineno) from None
    except (RecursionError, ValueError) as error:  # nested too deeply, or a number of too many digits
        raise FormatError(path, f"this JSON cannot be read ({error})", line=1) from None
