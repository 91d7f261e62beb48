"""Rows of the words that a test, an axis or a list asks for, and which of them are unknown.

Place in the data flow: words of a set -> rows and unit vectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from w2v.formats.keys import Key
from w2v.types import Floats, Indices
from w2v.vectors.queries import Queries


@dataclass(frozen=True)
class KnownWords:
    """The words of a list that have a vector, each row once.

    Attributes
    ----------
    rows : (m,) distinct rows, in the order of the list.
    words : (m,) their words in the vocabulary.
    unknown : words of the list without a row or with a broken one.
    """

    rows: Indices
    words: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def asked(self) -> int:
        """Number of different words that were asked for."""
        return len(self.words) + len(self.unknown)


def known_words(kv: Queries, words: Iterable[Key], *, case_sensitive: bool = False) -> KnownWords:
    """Return the rows of words.

    A word is looked up as it is, then with "_" for blanks, and then in lower case unless `case_sensitive`: with the
    exact form first, "Bill" is not "bill" in vectors that know both. Vectors of unknown words are not made of n-grams.
    """
    broken = set(kv.fill_norms().broken.tolist())
    rows: dict[int, None] = {}
    unknown: dict[str, None] = {}
    for word in words:
        row = row_of(kv, word, case_sensitive=case_sensitive)
        if row < 0 or row in broken:
            unknown[str(word)] = None
        else:
            rows[row] = None
    found = np.fromiter(rows, dtype=np.int64, count=len(rows))
    return KnownWords(found, tuple(kv.index_to_key[row] for row in rows), tuple(unknown))


def row_of(kv: Queries, word: Key, *, case_sensitive: bool = False) -> int:
    """Return the row of a word as `known_words` finds it, -1 for an unknown word."""
    for form in _forms(word, case_sensitive):
        if (row := kv.get_index(form, -1)) >= 0:
            return row
    return -1


def _forms(word: Key, case_sensitive: bool) -> Iterator[Key]:
    yield word
    if isinstance(word, str):
        joined = word.replace(" ", "_")
        yield joined
        if not case_sensitive:
            yield word.lower()
            yield joined.lower()


def unit_vectors(kv: Queries, rows: Indices) -> Floats:
    """Return (m, d) float64 vectors of length 1 of rows that are not broken; zero rows stay zero."""
    vectors = kv.rows[rows].astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Floats = vectors / np.where(lengths > 0, lengths, 1)
    return units
