"""Pairs of sentences with scores that people gave to their similarity (SemEval STS, STS benchmark, SICK).

Place in the data flow: files -> pairs with scores -> their words, by the text options of the vectors.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from w2v.corpus.segmenter import words_of_text
from w2v.corpus_options import TextOptions
from w2v.errors import FormatError
from w2v.evaluation.sets import similarity
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import (
    STRICT,
    Reading,
    Row,
    column_places,
    is_number,
    named_columns,
    numbered_lines,
    scored_pair,
    split_fields,
)
from w2v.types import StrPath

Pair = tuple[str, str, float]  # two sentences and the score that people gave them
TwoTexts = tuple[tuple[str, ...], tuple[str, ...]]  # the words of two sentences
Places = tuple[int, int, int]  # positions of the two sentences and of the score

COLUMNS = (("sentence1", "sentence_a", "sentence 1", "sentence_1", "sent1", "text1"),
           ("sentence2", "sentence_b", "sentence 2", "sentence_2", "sent2", "text2"),
           ("score", "relatedness_score", "similarity_score", "similarity", "gold", "label"))
DEFAULT_OPTIONS = TextOptions(tokenize="words")
"""How sentences become words for vectors without text options. Letter case is ignored when the words are looked up."""

_SCORE_FIRST: Places = (1, 2, 0)  # SemEval STS with the scores pasted before the sentences
_SCORE_LAST: Places = (0, 1, 2)
_BENCHMARK: Places = (5, 6, 4)  # STS benchmark: genre, file, year, id, score, two sentences, perhaps sources
_DELIMITERS = "\t,;"
_INPUT, _GOLD = "STS.input.", "STS.gs."  # the files of SemEval STS as published


@dataclass(frozen=True)
class SentencePairs:
    """Content of a set.

    Attributes
    ----------
    pairs : two sentences and their score each.
    unscored : number of further pairs of the file that have no score, as in SemEval STS 2015 and 2016.
    words : the words of the pairs.
    by_options : whether the text options of vectors made the words; otherwise DEFAULT_OPTIONS.
    """

    pairs: tuple[Pair, ...]
    unscored: int
    words: tuple[TwoTexts, ...]
    by_options: bool = False


def read_sentences(path: StrPath, reading: Reading = STRICT) -> SentencePairs:
    """Read pairs of sentences with scores.

    The columns are known by the names in the first line (`sentence1`, `sentence2`, `score`; SICK: `sentence_A`,
    `sentence_B`, `relatedness_score`), or by their order: score and two sentences; two sentences and score; or the
    seven columns of the STS benchmark. TAB, comma or semicolon separates them in the whole file. Quotes as in CSV, if
    the separator is not TAB. The sentences of a file `STS.input.NAME.txt` have their scores in `STS.gs.NAME.txt` in
    the same folder. Pairs without a score are counted and left out. Empty lines are skipped, and so are lines that
    begin with # and are not a pair.

    Raises
    ------
    FormatError : no pairs at all, or a single one without the broken lines; a broken line, if `reading` does not leave
        it out: too few fields, an empty sentence, a score that is not a finite number.
    W2VError : the file cannot be read.
    """
    rows = _input_and_gold(Path(path), reading) if _is_input(path) else _rows(Path(path), reading)
    pairs: list[Pair] = []
    unscored = broken = 0
    for number, fields, line in rows:
        if len(fields) == 3 and fields[0] and fields[1] and not fields[2]:
            unscored += 1
        elif (pair := _pair(path, (number, fields, line), reading)) is not None:
            pairs.append(pair)
        else:
            broken += 1
    if not pairs or (len(pairs) == 1 and broken):
        raise FormatError(path, "no pairs of sentences with a score in this file", line=1)
    return tokenized(SentencePairs(tuple(pairs), unscored, ()), None)


def tokenized(content: SentencePairs, options: TextOptions | None) -> SentencePairs:
    """Return the set with the words that text options make of its sentences; None for DEFAULT_OPTIONS.

    Raises
    ------
    ValueError, CorpusError, TypeError : the tokenizer of the options fails, or only its name is known.
    """
    by = options or DEFAULT_OPTIONS
    words = tuple((tuple(words_of_text(a, by)), tuple(words_of_text(b, by))) for a, b, _ in content.pairs)
    return dataclasses.replace(content, words=words, by_options=options is not None)


def _pair(path: StrPath, row: Row, reading: Reading) -> Pair | None:
    number, fields, line = row
    if len(fields) < 3:
        reading.problem(path, f"expected two sentences and a score, found {line.strip()!r:.80}", number)
        return None
    first, second, score = fields
    return scored_pair(path, number, line, (first, second, score), "sentence", reading)


def _rows(path: Path, reading: Reading) -> Iterator[Row]:
    """Yield two sentences and the score of each line; fewer fields for a line that is too short."""
    if (named := named_columns(path, COLUMNS, reading)) is not None:
        yield from named
        return
    lines = [(number, line) for number, line in numbered_lines(path, encoding=reading.encoding) if line.strip()]
    delimiter, places = layout([line for _, line in lines], reading.delimiter)
    first = True
    for number, line in lines:
        fields = split_fields(line, delimiter)
        if line.startswith("#") and not _fits(fields, places):
            continue
        if not (first and _is_header(fields, places)):
            yield number, [fields[place] for place in places] if len(fields) > max(places) else [], line
        first = False


def layout(lines: Sequence[str], delimiter: str | None = None) -> tuple[str, Places]:
    """Return the separator and the order of the columns that fit the most lines.

    Parameters
    ----------
    delimiter : None tries TAB, comma and semicolon.
    """
    tried = [(mark, places) for mark in (_DELIMITERS if delimiter is None else (delimiter,))
             for places in (_SCORE_FIRST, _BENCHMARK, _SCORE_LAST)]
    rows = {mark: [split_fields(line, mark) for line in lines if mark in line] for mark, _ in tried}
    return max(tried, key=lambda one: sum(_fits(row, one[1]) for row in rows[one[0]]))


def _fits(row: Sequence[str], places: Places) -> bool:
    """Return whether a line has a number, or nothing, in the place of the score, and text in the two others."""
    if len(row) <= max(places) or (places == _SCORE_FIRST and len(row) != 3):
        return False
    first, second, score = (row[place] for place in places)
    return (not score or is_number(score)) and all(text and not is_number(text) for text in (first, second))


def _is_header(fields: Sequence[str], places: Places) -> bool:
    """Return whether these fields are names of columns: there is no digit in the place of the score."""
    return len(fields) > max(places) and bool(fields[places[2]]) and not any(map(str.isdigit, fields[places[2]]))


def _is_input(path: StrPath) -> bool:
    return os.path.basename(os.fspath(path)).startswith(_INPUT)


def _input_and_gold(path: Path, reading: Reading) -> Iterator[Row]:
    """Yield two sentences and the score of each line of SemEval STS as published."""
    gold = path.with_name(_GOLD + path.name.removeprefix(_INPUT))
    texts, scores = (list(numbered_lines(file, encoding=reading.encoding)) for file in (path, gold))
    texts, scores = (lines[:-1] if not lines[-1][1] else lines for lines in (texts, scores))
    if len(texts) != len(scores):
        raise FormatError(path, f"{len(texts)} pairs, but {len(scores)} scores in {gold.name}", line=1)
    for (number, line), (_, score) in zip(texts, scores, strict=True):
        fields = split_fields(line, "\t")
        yield number, [*fields[:2], score.strip()] if len(fields) >= 2 else [], line


def words_of(content: SentencePairs) -> set[str]:
    """Return all words of the sentences."""
    return {word for pair in content.words for side in pair for word in side}


def evidence(excerpt: Excerpt) -> Evidence:
    """Recognise the names of columns, SemEval STS by its file name, and a score with two texts of several words."""
    if excerpt.is_folder or excerpt.is_archive or column_places(excerpt.header, similarity.COLUMNS) is not None:
        return Evidence.NONE
    if _is_input(excerpt.path) or column_places(excerpt.header, COLUMNS) is not None:
        return Evidence.CERTAIN
    delimiter, places = layout(excerpt.lines, excerpt.delimiter)
    rows = [split_fields(line, delimiter) for line in excerpt.lines]
    if len(rows) > 1 and _is_header(rows[0], places):
        del rows[0]
    return Evidence.CERTAIN if rows and all(_fits(row, places) and _has_blanks(row, places) for row in rows) \
        else Evidence.NONE


def _has_blanks(row: Sequence[str], places: Iterable[int]) -> bool:
    first, second, _ = places
    return len(row[first].split()) > 1 and len(row[second].split()) > 1
