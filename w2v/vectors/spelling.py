"""`UnknownWordError`, and known words with a similar spelling.

Place in the data flow: an unknown word -> suggestions, for error messages and the policy "nearest" of `lookup`.
"""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from w2v.errors import W2VError

_ESCAPED = re.compile("[\udc80-\udcff]")
_LONGEST = 64  # letters; the number of edits grows with the length, and so does the cost of each
_POOL = 200_000  # most frequent words among which difflib searches
_COMPARED = 2000  # of these, words that difflib compares


class UnknownWordError(W2VError, KeyError):
    """A word without a vector. Similar spellings are searched only when the message is read.

    Parameters
    ----------
    word : the key that was asked for.
    known : rows by word, by falling count.
    integer_keys : whether integers are keys; otherwise an integer is the number of a row.

    Attributes
    ----------
    word : as given.
    """

    def __init__(self, word: object, known: Mapping[str, int], integer_keys: bool = False) -> None:
        super().__init__(word)
        self.word = word
        self._known, self._integer_keys = known, integer_keys

    def __str__(self) -> str:
        if not isinstance(self.word, str):
            if self._integer_keys:
                return (f"no vector for {self.word} among {len(self._known):,} integers: it does not occur, or less "
                        "than min_count times")
            return (f"no vector for {self.word}: these words are text, where an integer is the number of a row, from 0 "
                    f"to {len(self._known) - 1:,}; a word is a str: {str(self.word)!r}")
        near = [] if self.word.isdigit() else near_spellings(self.word, self._known)
        if isinstance(self.word, str) and not self.word.isascii() and (bad := _undecoded(self._known)):
            return (f"no vector for {self.word!r} among {len(self._known):,} words, of which {bad:,} are not valid "
                    "UTF-8: name their encoding when loading, with encoding= or --encoding")
        if near:
            return f"no vector for {self.word!r}; did you mean {', '.join(map(repr, near))}?"
        return (f"no vector for {self.word!r} among {len(self._known):,} words: check the spelling, or train with a "
                "smaller min_count")


def _undecoded(words: Iterable[str]) -> int:
    """Return the number of words with bytes that could not be decoded."""
    return sum(not word.isascii() and _ESCAPED.search(word) is not None for word in words)


def near_spellings(word: str, known: Mapping[str, int], limit: int = 3) -> list[str]:
    """Return known words that are spelled almost like `word`, the most likely first.

    First the word in other cases, then words one edit away (frequent ones first), then words found by difflib among
    frequent words with the same first letter and about the same length. Takes a few ms for any size of vocabulary.

    Parameters
    ----------
    word : the unknown word.
    known : rows by word, by falling count.
    limit : number of words at most.
    """
    near = [form for form in (word.lower(), word.capitalize(), word.upper()) if form in known]
    folded = word.lower()
    if len(word) <= _LONGEST:
        near += sorted({edit for edit in _one_edit(folded) if edit in known}, key=known.__getitem__)
    near = [form for form in dict.fromkeys(near) if form != word]
    if len(near) < limit and 1 < len(word) <= _LONGEST:
        pool = (known_word for known_word in islice(known, _POOL)
                if known_word[:1] == folded[:1] and abs(len(known_word) - len(word)) <= 2)
        near += difflib.get_close_matches(folded, list(islice(pool, _COMPARED)), n=limit, cutoff=0.75)
    return [form for form in dict.fromkeys(near) if form != word][:limit]


def _one_edit(word: str) -> Iterator[str]:
    """Yield every string that is one deletion, swap, substitution or insertion away from `word`."""
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
