"""Rows of the words that sets ask for.

Place in the data flow: vectors and the words of all sets -> rows. The vocabulary is scanned once, and only the words
that the sets ask for are stored, so memory depends on the sets and not on the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from w2v.corpus_options import TextOptions
from w2v.vectors.lookup import prepared_word

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

    A word that is unknown is looked up as the vectors' `text_options` make it, if that is exactly one word.
    """

    kv: Queries
    case_insensitive: bool

    def __init__(self, kv: Queries, words: Iterable[str], case_insensitive: bool = True) -> None:
        self.kv, self.case_insensitive = kv, case_insensitive
        self._fold = str.upper if case_insensitive else str
        asked = set(words)
        folded = asked_forms(asked, self._fold, kv.text_options)
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
        return next((self._rows[form] for form in _forms(word, self._fold, self.kv.text_options)
                     if form in self._rows), [])

    def limit(self, restrict_vocab: int | None) -> int:
        """Return the number of candidates: the whole vocabulary or fewer; ValueError for `restrict_vocab` below 1."""
        if restrict_vocab is not None and restrict_vocab < 1:
            raise ValueError(f"restrict_vocab must be at least 1 or None, not {restrict_vocab}")
        return len(self.kv) if restrict_vocab is None else min(restrict_vocab, len(self.kv))


def asked_forms(words: Iterable[str], fold: Callable[[str], str], text: TextOptions | None) -> set[str]:
    """Return all forms, in the case of `fold`, in which these words are looked up."""
    return {form for word in words for form in _forms(word, fold, text)}


def _forms(word: str, fold: Callable[[str], str], text: TextOptions | None) -> Iterator[str]:
    """Yield the forms of a word in the order in which they are looked up: as it is, its parts joined by "_", and as
    training would see it."""
    folded = fold(word)
    yield folded
    if " " in folded:
        yield folded.replace(" ", "_")
    if text is not None:
        yield fold(prepared_word(word, text))
