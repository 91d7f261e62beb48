"""Rows of the words that sets ask for.

Place in the data flow: vectors and the words of all sets -> rows. The vocabulary is gone through once and only what is
asked for is kept, so that memory follows the sets and not the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from w2v.vectors.queries import Queries

Rows = npt.NDArray[np.int64]

OWN_RESTRICT = 30_000  # candidates of an analogy where nothing else is said: those of word2vec's own compute-accuracy


class Lookup:
    """Which rows answer for a word.

    Parameters
    ----------
    kv : the vectors, by falling frequency.
    words : all that will be asked for; others are unknown.
    case_insensitive : compare in upper case (`str.upper`, as gensim); of the rows that fold to the same word the first
        one answers.
    """

    def __init__(self, kv: Queries, words: Iterable[str], case_insensitive: bool = True) -> None:
        self.kv, self.case_insensitive = kv, case_insensitive
        self._fold = str.upper if case_insensitive else str
        asked = set(words)
        wanted = set(map(self._fold, asked))
        wanted |= {word.replace(" ", "_") for word in wanted if " " in word}
        self._rows: dict[str, list[int]] = {}
        for i, word in [(i, word) for i, word in enumerate(map(self._fold, kv.index_to_key)) if word in wanted]:
            self._rows.setdefault(word, []).append(i)
        self._asked = {word: self._find(word) for word in asked}

    def rows(self, word: str, limit: int) -> list[int]:
        """All rows below `limit` that fold to the word, the one that answers first."""
        return [row for row in self._found(word) if row < limit]

    def row(self, word: str, limit: int | None = None) -> int:
        """The row that answers for the word, -1 if it is unknown or not among the first `limit` rows."""
        found = self._found(word)
        return found[0] if found and (limit is None or found[0] < limit) else -1

    def _found(self, word: str) -> list[int]:
        found = self._asked.get(word)
        return self._find(word) if found is None else found

    def _find(self, word: str) -> list[int]:
        word = self._fold(word)
        return self._rows.get(word) or (self._rows.get(word.replace(" ", "_"), []) if " " in word else [])

    def limit(self, restrict_vocab: int | None) -> int:
        """How many rows are candidates; ValueError for fewer than one."""
        if restrict_vocab is not None and restrict_vocab < 1:
            raise ValueError(f"restrict_vocab must be at least 1 or None, not {restrict_vocab}")
        return len(self.kv) if restrict_vocab is None else min(restrict_vocab, len(self.kv))
