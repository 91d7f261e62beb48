"""Joining of phrases in lists of str.

Place in the data flow: a sentence and the phrases of one pass -> the sentence with these phrases joined. The same rule
for encoded text is csrc/text/phrases.c.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from w2v.corpus.sentences import checked_sentence
from w2v.phrases.file import Pass

ScoredWord: TypeAlias = tuple[str, float | None]
"""A word, and its score if it is a phrase."""


def join_sentence(words: list[ScoredWord], phrases: Pass, connector_words: frozenset[str],
                  delimiter: str) -> list[ScoredWord]:
    """Join the phrases of one pass in a sentence, from left to right; each word belongs to at most one phrase.

    Source
    ------
    gensim 4, models/phrases.py, `_PhrasesTransformation.analyze_sentence`.
    """
    joined: list[ScoredWord] = []
    start = -1  # position in `joined` of the last word that may begin a phrase
    for word in words:
        if word[0] in connector_words:
            joined.append(word)
            continue
        if start >= 0:
            parts = (*(part for part, _ in joined[start:]), word[0])
            found = phrases.get(parts)
            if found is not None:
                joined[start:] = [(delimiter.join(parts), found.score)]
                start = -1
                continue
        start = len(joined)
        joined.append(word)
    return joined


class JoinedSentences:
    """Sentences with their phrases joined, one after the other; as often as the sentences can be iterated over.

    Parameters
    ----------
    sentences : lists or other iterables of str.
    join : returns the words of a sentence with its phrases joined.
    """

    def __init__(self, sentences: Iterable[Any], join: Callable[[Iterable[str]], list[str]]) -> None:
        self._sentences, self._join = sentences, join

    def __iter__(self) -> Iterator[list[str]]:
        """Iterate over the joined sentences; TypeError for one that is not a list of words, such as a str."""
        return (self._join(checked_sentence(sentence, i)) for i, sentence in enumerate(self._sentences))
