"""Pairs of words of two vocabularies: those of a dictionary, or the words that both share.

Place in the data flow: a file, a list of pairs or two vocabularies -> rows in both -> `w2v.analysis.alignment.anchors`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from w2v.analysis.shared_words import some_shared_rows
from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets.reading import numbered_lines
from w2v.formats.keys import Key, as_key, is_key
from w2v.types import Indices, StrPath
from w2v.vectors.table import Table

Dictionary = StrPath | Mapping[Key, Key | Iterable[Key]] | Iterable[tuple[Key, Key]]
"""A file with two words per line, a mapping from a word to its translation or a list of them, or pairs."""

LEAST = 2
"""Fewest pairs to fit a map to."""


@dataclass(frozen=True)
class Given:
    """What became of the pairs of a dictionary, or of the shared words.

    Attributes
    ----------
    source : "shared words" or "dictionary".
    pairs : number of pairs given.
    used : pairs left, each of which is there once.
    duplicates : further copies of pairs.
    unknown_a, unknown_b : pairs with a word that is not in the vocabulary of A, of B; a pair may be counted in both.
    broken : pairs left out because a vector has NaN, infinity or too large numbers.
    """

    source: str
    pairs: int
    used: int
    duplicates: int = 0
    unknown_a: int = 0
    unknown_b: int = 0
    broken: int = 0


@dataclass(frozen=True)
class Pairs:
    """Pairs of words, by their rows.

    Attributes
    ----------
    a, b : (m,) rows in the two vocabularies.
    """

    a: Indices
    b: Indices

    def __len__(self) -> int:
        return len(self.a)

    def take(self, where: Indices) -> Pairs:
        """Return some of the pairs, by their numbers."""
        return Pairs(self.a[where], self.b[where])


def shared_pairs(a: Table, b: Table) -> tuple[Pairs, Given]:
    """Return the words that both vocabularies have, in the order of the first.

    Raises
    ------
    W2VError : there are fewer than `LEAST`; shows words of both.
    """
    found = some_shared_rows([a, b], LEAST)
    broken = {one.index_to_key[row] for one, other in ((a, b), (b, a)) for row in one.fill_norms().broken
              if one.index_to_key[row] in other.key_to_index}
    used = found.shape[1]
    return Pairs(found[0], found[1]), Given("shared words", used + len(broken), used, broken=len(broken))


def dictionary_pairs(a: Table, b: Table, dictionary: Dictionary, least: int = LEAST) -> tuple[Pairs, Given]:
    """Return the pairs of a dictionary whose words both have a usable vector, in its order, each once.

    Parameters
    ----------
    dictionary : first words are of A, second words of B.
    least : fewest pairs.

    Raises
    ------
    FormatError : a line of the file does not have two words. W2VError : it cannot be read, or has too few pairs.
    TypeError, ValueError : an item of the list is not a pair of keys.
    """
    words = list(_words(dictionary))
    rows = np.array([(a.get_index(first, -1), b.get_index(second, -1)) for first, second in words],
                    dtype=np.int64).reshape(-1, 2)
    unknown = rows < 0
    known = rows[~unknown.any(axis=1)]
    broken = np.isin(known[:, 0], a.fill_norms().broken) | np.isin(known[:, 1], b.fill_norms().broken)
    usable = known[~broken]
    first = np.sort(np.unique(usable, axis=0, return_index=True)[1])
    given = Given("dictionary", len(words), len(first), len(usable) - len(first), int(unknown[:, 0].sum()),
                  int(unknown[:, 1].sum()), int(broken.sum()))
    if len(first) < least:
        raise _too_few(a, b, dictionary, words, given, least)
    return Pairs(usable[first, 0], usable[first, 1]), given


def _too_few(a: Table, b: Table, dictionary: Dictionary, words: list[tuple[Key, Key]], given: Given,
             least: int) -> W2VError:
    """Return the error for a dictionary with too few usable pairs."""
    name = os.fspath(dictionary) if isinstance(dictionary, (str, os.PathLike)) else "the dictionary"
    if not words:
        return W2VError(f"{name} is empty: it needs lines with a word of A and a word of B")
    shown = f"{words[0][0]!s:.40} - {words[0][1]!s:.40}"
    vocabularies = "; ".join(f"{side}: {', '.join(table.index_to_key[:3])}, ..."
                             for side, table in (("A", a), ("B", b)))
    return W2VError(f"{name}: {given.used:,} of {given.pairs:,} pairs, such as {shown}, have vectors for both words, "
                    f"and {least:,} are needed ({given.unknown_a:,} words are unknown in A, {given.unknown_b:,} in B, "
                    f"{given.broken:,} have broken vectors; words of {vocabularies}); are the columns in the order of "
                    "A and B?")


def _words(dictionary: Dictionary) -> Iterator[tuple[Key, Key]]:
    """Yield the pairs of a dictionary."""
    if isinstance(dictionary, (str, os.PathLike)):
        yield from _read(dictionary)
    elif isinstance(dictionary, Mapping):
        for word, translations in cast("Mapping[Key, Key | Iterable[Key]]", dictionary).items():
            several = [translations] if is_key(translations) else cast("Iterable[Key]", translations)
            yield from ((as_key(word), as_key(other)) for other in several)
    else:
        for number, pair in enumerate(dictionary):
            if is_key(pair) or len(listed := list(pair)) != 2:
                raise ValueError(f"item {number} of the dictionary is {pair!r:.80}, not a pair of words")
            yield as_key(listed[0]), as_key(listed[1])


def _read(path: StrPath) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a file: two words per line with a TAB or other white space between them; no comments."""
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")] if "\t" in line.strip() else line.split()
        if len(fields) != 2 or not all(fields):
            raise FormatError(path, f"expected a word of A and a word of B, with a TAB or a blank between them, not "
                              f"{line.strip()[:80]!r}", line=number)
        yield fields[0], fields[1]
