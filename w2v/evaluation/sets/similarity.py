"""Similarity sets: pairs of words with scores that people gave them (WordSim-353, SimLex-999, MEN, SemEval-2017).

Place in the data flow: files -> pairs with scores.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from w2v.errors import FormatError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import Row, finite_number, is_number, named_columns, numbered_lines, split_fields
from w2v.types import StrPath

Pair = tuple[str, str, float]  # two words and the score that people gave them

COLUMNS = (("word1",), ("word2",), ("similarity", "score"))


def read_pairs(path: StrPath, *, delimiter: str | None = None) -> list[Pair]:
    """Read pairs of words with scores, separated by TAB, comma or white space; further columns are ignored.

    Empty lines and lines that begin with # are skipped, and so is a first line whose third field is not a number (a
    header). A CSV file whose header has `word1`, `word2` and `similarity` or `score` is read by these names. A file
    named `*.data.txt` has two words on a line, and the scores are in the `*.gold.txt` file of the same folder or of the
    folder `../keys` (SemEval-2017).

    Parameters
    ----------
    delimiter : between the fields; None chooses TAB, comma or white space for each line.

    Raises
    ------
    FormatError : fewer than three fields, a score that is not a finite number, no pairs at all.
    W2VError : the file cannot be read.
    """
    if os.fspath(path).endswith(".data.txt"):
        return _data_and_gold(Path(path))
    pairs: list[Pair] = []
    table = named_columns(path, COLUMNS) if delimiter is None else None
    header_seen = table is not None
    for number, fields, line in _rows(path, delimiter) if table is None else table:
        score = finite_number(fields[2]) if len(fields) >= 3 else None
        if score is not None:
            pairs.append((fields[0], fields[1], score))
        elif pairs or header_seen or len(fields) < 3:
            problem = (f"the score {fields[2]!r:.40} is not a number" if len(fields) >= 3
                       else f"expected two words and a score, found {line.strip()!r:.80}")
            raise FormatError(path, problem, line=number)
        header_seen = True
    if not pairs:
        raise FormatError(path, "no pairs of words in this file", line=1)
    return pairs


def _rows(path: StrPath, delimiter: str | None) -> Iterator[Row]:
    for number, line in numbered_lines(path):
        if line.strip() and not line.startswith("#"):
            yield number, split_fields(line, delimiter), line


def _data_and_gold(path: Path) -> list[Pair]:
    gold = path.with_name(path.name.removesuffix(".data.txt") + ".gold.txt")
    if not gold.exists() and (published := path.parent.parent / "keys" / gold.name).exists():
        gold = published
    words = [(number, split_fields(line, "\t")) for number, line in numbered_lines(path) if line.strip()]
    scores = [(number, line) for number, line in numbered_lines(gold) if line.strip()]
    if len(words) != len(scores):
        raise FormatError(path, f"{len(words)} pairs, but {len(scores)} scores in {gold.name}", line=1)
    pairs: list[Pair] = []
    for (number, fields), (other, text) in zip(words, scores, strict=True):
        if len(fields) != 2:
            raise FormatError(path, f"expected two words separated by a TAB, found {len(fields)} fields", line=number)
        if (score := finite_number(text)) is None:
            raise FormatError(gold, f"the score {text.strip()!r:.40} is not a number", line=other)
        pairs.append((fields[0], fields[1], score))
    if not pairs:
        raise FormatError(path, "no pairs of words in this file", line=1)
    return pairs


def words_of(pairs: Iterable[Pair]) -> set[str]:
    """Return all words of the pairs."""
    return {word for a, b, _ in pairs for word in (a, b)}


def evidence(excerpt: Excerpt) -> Evidence:
    """Recognise a number in the third field, and SemEval-2017 by its file name."""
    if excerpt.is_folder:
        return Evidence.NONE
    if excerpt.path.name.endswith(".data.txt"):
        return Evidence.CERTAIN
    fits = any(len(row) >= 3 and is_number(row[2]) for row in excerpt.rows)
    return Evidence.POSSIBLE if fits else Evidence.NONE
