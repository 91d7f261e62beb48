"""Words that are not known: the error, and the known words that are spelled nearly like them."""

from __future__ import annotations

import difflib
import string
from collections.abc import Iterator, Mapping
from itertools import islice

from w2v.errors import W2VError

_LONGEST = 64  # letters; the edits of a word grow with the square of its length
_POOL = 200_000  # most frequent words that difflib may choose from


class UnknownWordError(W2VError, KeyError):
    """A word that has no vector. The near spellings are looked for only when the message is read.

    Parameters
    ----------
    word : what was asked for.
    known : the words that have a vector, by falling count, with their rows.
    """

    def __init__(self, word: object, known: Mapping[str, int]) -> None:
        super().__init__(word)
        self.word = word
        self._known = known

    def __str__(self) -> str:
        near = near_spellings(self.word, self._known) if isinstance(self.word, str) else []
        if near:
            return f"no vector for {self.word!r}; did you mean {', '.join(map(repr, near))}?"
        return (f"no vector for {self.word!r} among {len(self._known):,} words: check the spelling, or train with a "
                "smaller min_count")


def near_spellings(word: str, known: Mapping[str, int], limit: int = 3) -> list[str]:
    """Known words that are spelled nearly like `word`, likeliest first.

    Other cases of the word, then words one edit away (frequent ones first), then difflib over frequent words of
    the same first letter and about the same length. Takes some ms, whatever the size of the vocabulary.

    Parameters
    ----------
    known : words by falling count, with their rows.
    limit : how many at most.
    """
    near = [form for form in (word.lower(), word.capitalize(), word.upper()) if form in known]
    folded = word.lower()
    if len(word) <= _LONGEST:
        near += sorted({edit for edit in _one_edit(folded) if edit in known}, key=known.__getitem__)
    near = [form for form in dict.fromkeys(near) if form != word]
    if len(near) < limit and 1 < len(word) <= _LONGEST:
        pool = (known_word for known_word in islice(known, _POOL)
                if known_word[:1] == folded[:1] and abs(len(known_word) - len(word)) <= 2)
        near += difflib.get_close_matches(folded, list(islice(pool, 2000)), n=limit, cutoff=0.75)
    return [form for form in dict.fromkeys(near) if form != word][:limit]


def _one_edit(word: str) -> Iterator[str]:
    """Every string that is one letter dropped, swapped, changed or put in away from `word`."""
    letters = dict.fromkeys(string.ascii_lowercase + word)
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in letters:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]
