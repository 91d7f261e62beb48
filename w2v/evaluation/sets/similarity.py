"""Similarity sets: pairs of words with scores that people gave them (WordSim-353, SimLex-999, MEN, SemEval-2017).

Place in the data flow: files -> pairs with scores.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from w2v.errors import FormatError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import (
    STRICT,
    Reading,
    Row,
    finite_number,
    is_content,
    is_number,
    named_columns,
    numbered_lines,
    scored_pair,
    split_fields,
    without_tags,
)
from w2v.types import StrPath

Pair = tuple[str, str, float]  # two words and the score that people gave them
Places = tuple[int, int, int]  # positions of the two words and of the score

COLUMNS = (("word1", "word 1", "word_1"), ("word2", "word 2", "word_2"),
           ("similarity", "score", "simlex999", "human (mean)", "human_mean", "rating", "mean", "average"))

_PLAIN: Places = (0, 1, 2)  # most sets
_TAGGED: Places = (0, 1, 3)  # SimVerb-3500, SimLex-999: the third field is the part of speech
_LABELLED: Places = (1, 2, 3)  # WordSim-353 of Agirre et al. with relations, each named by one letter
_PARTS_OF_SPEECH = {"a", "n", "v", "r", "j", "adj", "adv", "noun", "verb", "adjective", "adverb"}
_SIGNS = "0123456789+-."


def read_pairs(path: StrPath, reading: Reading = STRICT) -> list[Pair]:
    """Read pairs of words with scores.

    A line has two words and a score; further fields are ignored. Sets as published are known: a part of speech between
    words and score (SimVerb-3500), a relation before the words (WordSim-353 of Agirre et al.), words that all end in
    their part of speech, which is removed (`sun-n` in the lemma form of MEN), and tables whose header names the words
    and the score (`word1`, `word2` and `similarity`, `score`, `SimLex999`, `Human (mean)`, ...). Empty lines and lines
    that begin with # are skipped, and so is a header with other names. A file named `*.data.txt` has two words on a
    line, and the scores are in the `*.gold.txt` file of the same folder or of the folder `../keys` (SemEval-2017).

    Raises
    ------
    FormatError : no pairs at all, or a single one without the broken lines; a broken line, if `reading` does not leave
        it out: fewer than three fields, an empty word, a score that is not a finite number.
    W2VError : the file cannot be read.
    """
    read = _data_and_gold if os.fspath(path).endswith(".data.txt") else _table
    found = list(read(Path(path), reading))
    pairs = [pair for pair in found if pair is not None]
    if not pairs or len(pairs) == 1 < len(found):
        raise FormatError(path, "no pairs of words in this file", line=1)
    plain = without_tags(words_of(pairs))
    return [(plain[a], plain[b], score) for a, b, score in pairs]


def _table(path: Path, reading: Reading) -> Iterator[Pair | None]:
    """Yield the pair of each line, None for a broken one."""
    rows = named_columns(path, COLUMNS, reading)
    header_seen = rows is not None
    places = _PLAIN
    if rows is None:
        rows = [(number, split_fields(line, reading.delimiter), line)
                for number, line in numbered_lines(path, encoding=reading.encoding) if is_content(line)]
        places = _places([fields for _, fields, _ in rows]) or _PLAIN
    for row in rows:
        if header_seen or not _is_header(row[1], places):
            yield _pair(path, row, places, reading)
        header_seen = True


def _pair(path: StrPath, row: Row, places: Places, reading: Reading) -> Pair | None:
    number, fields, line = row
    if len(fields) <= places[2]:
        reading.problem(path, f"expected two words and a score, found {line.strip()!r:.80}", number)
        return None
    first, second, score = (fields[place] for place in places)
    return scored_pair(path, number, line, (first, second, score), "word", reading)


def _is_header(fields: Sequence[str], places: Places) -> bool:
    """Return whether these fields are names of columns: there is no number, whole or broken, in place of the score."""
    score = fields[places[2]] if len(fields) > places[2] else fields[-1] if len(fields) > _PLAIN[2] else "0"
    return score[:1] not in _SIGNS and not is_number(score)


def _places(rows: Sequence[Sequence[str]]) -> Places | None:
    """Return the positions of words and score that fit the most rows, None if no row fits."""
    fits = {_PLAIN: sum(len(row) > 2 and is_number(row[2]) for row in rows),
            _TAGGED: sum(len(row) > 3 and row[2].lower() in _PARTS_OF_SPEECH and is_number(row[3]) for row in rows),
            _LABELLED: sum(len(row) > 3 and len(row[0]) == 1 and row[0].isalpha() and not is_number(row[2])
                           and is_number(row[3]) for row in rows)}
    best = max(fits, key=fits.__getitem__)
    return best if fits[best] else None


def _data_and_gold(path: Path, reading: Reading) -> Iterator[Pair | None]:
    """Yield the pair of each line, None for a broken one."""
    gold = path.with_name(path.name.removesuffix(".data.txt") + ".gold.txt")
    if not gold.exists() and (published := path.parent.parent / "keys" / gold.name).exists():
        gold = published
    words, scores = ([(number, line) for number, line in numbered_lines(file, encoding=reading.encoding)
                      if line.strip()] for file in (path, gold))
    if len(words) != len(scores):
        raise FormatError(path, f"{len(words)} pairs, but {len(scores)} scores in {gold.name}", line=1)
    for (number, line), (other, text) in zip(words, scores, strict=True):
        fields = split_fields(line, "\t")
        score = finite_number(text)
        if len(fields) != 2 or not all(fields):
            reading.problem(path, f"expected two words separated by a TAB, found {line.strip()!r:.80}", number)
        elif score is None:
            reading.problem(gold, f"the score {text.strip()!r:.40} is not a number", other)
        else:
            yield fields[0], fields[1], score
            continue
        yield None


def words_of(pairs: Iterable[Pair]) -> set[str]:
    """Return all words of the pairs."""
    return {word for a, b, _ in pairs for word in (a, b)}


def evidence(excerpt: Excerpt) -> Evidence:
    """Recognise a number in the place of the score, and SemEval-2017 by its file name."""
    if excerpt.is_folder:
        return Evidence.NONE
    if excerpt.path.name.endswith(".data.txt"):
        return Evidence.CERTAIN
    return Evidence.POSSIBLE if _places(excerpt.rows) else Evidence.NONE
