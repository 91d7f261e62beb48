"""Checks of the words and their counts: flaws of the file, encoding, letter case, order.

Place in the data flow: `Subject` -> findings. The words of the first `_MOST` rows are read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from w2v.analysis.health.subject import Subject, found
from w2v.formats.vectorfile import FLAWS
from w2v.system.diagnosis import Finding, Measure, Severity

_MOST = 1_000_000
_CHUNK = 10_000  # words searched at once

# Bytes that are not valid UTF-8, the replacement character, and UTF-8 read as Latin-1 or as code page 1252.
_WRONG = re.compile("[\ud800-\udfff\ufffd]|[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac|\u00e2\u0080")


def file_flaws(subject: Subject) -> Finding:
    """What reading the file repaired."""
    flaws = {name: count for name, count in subject.table.report.items() if name != "not_finite"}
    measures = [Measure(FLAWS.get(name, name.replace("_", " ")), count) for name, count in flaws.items()]
    if not flaws:
        return found("ok", "Reading the vectors repaired nothing.")
    severity: Severity = "warning" if flaws.get("duplicates", 0) > 0.01 * subject.n else "note"
    if "truncated" in flaws:
        severity = "problem"
    advice = ("get a complete copy of the file" if "truncated" in flaws else
              "w2v convert IN OUT writes a file without these flaws; of duplicate words the first row counts")
    return found(severity, "The file had flaws, which were repaired when it was read.", *measures, advice=advice)


def encoding(subject: Subject) -> Finding:
    """Words with bytes or characters of another encoding."""
    words = subject.table.index_to_key
    looked_at = min(len(words), _MOST)
    wrong = list(_matching(words, looked_at))
    measure = Measure("words", len(wrong), whole=looked_at)
    if not wrong:
        return found("ok", "The words are valid text.", measure)
    share = len(wrong) / looked_at
    return found("warning" if share >= 0.01 else "note", "These words were written in one encoding and read in "
                 "another, in the text or in the file.", measure, examples=subject.words(wrong),
                 advice="read the file with --encoding latin-1 (or cp1252), or convert the text to UTF-8 and train "
                        "again",
                 data={"rows": wrong[:1000]})


def _matching(words: Sequence[str], looked_at: int) -> Iterator[int]:
    for start in range(0, looked_at, _CHUNK):
        chunk = words[start:min(start + _CHUNK, looked_at)]
        if _WRONG.search("\n".join(chunk)):
            yield from (start + i for i, word in enumerate(chunk) if _WRONG.search(word))


def letter_case(subject: Subject) -> Finding:
    """Words that differ only in letter case."""
    if subject.table.integer_keys:
        return found("ok", "The words are integers.")
    looked_at = min(subject.n, _MOST)
    folded = Counter(word.lower() for word in islice(subject.table.index_to_key, looked_at))
    extra = sum(count - 1 for count in folded.values() if count > 1)
    measure = Measure("words in more than one case", extra, whole=looked_at)
    if extra < 0.01 * looked_at:
        return found("ok", "Few words occur in several spellings of upper and lower case.", measure)
    forms = {word for word, count in folded.items() if count > 1}
    examples = islice((word for word in subject.table.index_to_key if word.lower() in forms), 6)
    return found("note", "The same word in upper and lower case has several vectors, each learned from a part of its "
                 "text. That is right if case carries meaning (names, German nouns).", measure, examples=list(examples),
                 advice="if it does not, train with --lowercase")


def counts_and_order(subject: Subject) -> Finding:
    """Whether counts are known and rows are in their order."""
    table = subject.table
    counts = table.counts
    if counts is None:
        first = table.index_to_key[:_MOST]
        if len(first) >= 20 and all(a <= b for a, b in zip(first, islice(first, 1, None), strict=False)):
            return found("warning", "There are no counts, and the words are in alphabetical order. Methods that take "
                         "the first words as the most frequent, including checks below, are misled.",
                         advice="sort the rows by frequency before saving, or use a format with counts (.safetensors)")
        return found("ok", "There are no counts: the order of the rows is taken as the order of frequency, as most "
                     "programs write it.")
    falls = np.diff(counts) <= 0
    wrong = int((~falls).sum())
    measures = Measure("rows with a higher count than the row before", wrong, whole=max(1, subject.n)), \
        Measure("counts below 1", int((counts < 1).sum()), whole=subject.n)
    if (counts < 0).any():
        return found("problem", "Counts are negative, which is impossible: the file is damaged.", *measures,
                     advice="write the file again")
    if wrong:
        return found("warning", "Rows are not in the order of their counts. Methods that take the first words as the "
                     "most frequent (restrict_vocab, --limit) take others.", *measures,
                     advice="kv.sort_by_descending_frequency(), and save again")
    return found("ok", "Counts fall from row to row.", *measures)
