"""Rows of the words that sets ask for.

Place in the data flow: vectors and the words of all sets -> rows. The vocabulary is scanned once, and only the words
that the sets ask for are stored, so memory depends on the sets and not on the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from w2v.vectors.queries import Queries


class WordRows:
    """Rows of vectors by word, for a given set of words.

    Parameters
    ----------
    kv : the vectors, by falling frequency.
    words : all words that will be asked for; other words are unknown.
    case_insensitive : compare in upper case (`str.upper`, as gensim). If several rows are the same word in upper case,
        the first of them is used.
    """

    def __init__(self, kv: Queries, words: Iterable[str], case_insensitive: bool = True) -> None:
        self.kv, self.case_insensitive = kv, case_insensitive
        self._fold = str.upper if case_insensitive else str
        asked = set(words)
        folded = set(map(self._fold, asked))
        folded |= {word.replace(" ", "_") for word in folded if " " in word}
        self._rows: dict[str, list[int]] = {}
        for i, word in [(i, word) for i, word in enumerate(map(self._fold, kv.index_to_key)) if word in folded]:
            self._rows.setdefault(word, []).append(i)
        self._asked = {word: self._find(word) for word in asked}

    def rows(self, word: str, limit: int) -> list[int]:
        """Return all rows of the word below `limit`, in rising order."""
        return [row for row in self._found(word) if row < limit]

    def row(self, word: str, limit: int | None = None) -> int:
        """Return the first row of the word, -1 if it is unknown or not below `limit`."""
        found = self._found(word)
        return found[0] if found and (limit is None or found[0] < limit) else -1

    def _found(self, word: str) -> list[int]:
        found = self._asked.get(word)
        return self._find(word) if found is None else found

    def _find(self, word: str) -> list[int]:
        word = self._fold(word)
        return self._rows.get(word) or (self._rows.get(word.replace(" ", "_"), []) if " " in word else [])

    def limit(self, restrict_vocab: int | None) -> int:
        """Return the number of candidates: the whole vocabulary or fewer; ValueError for `restrict_vocab` below 1."""
        if restrict_vocab is not None and restrict_vocab < 1:
            raise ValueError(f"restrict_vocab must be at least 1 or None, not {restrict_vocab}")
        return len(self.kv) if restrict_vocab is None else min(restrict_vocab, len(self.kv))
