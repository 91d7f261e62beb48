"""Preparation of text before it is tokenized: lower case, words, normalization, stop words.

Place in the data flow: blocks of text -> prepared blocks -> `w2v.corpus._tokenizer`; and the text of a query -> its
words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from w2v.corpus_options import TextOptions

_WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")


def words_of(line: str, text: TextOptions) -> list[str]:
    """Return the words of a line, as training would see them. A tokenizer in the options is not called."""
    spaces = " \t\n\r\v\f"
    if text.tokenize == "words":
        words = [word for word in _WORD.findall(line) if text.keep_punctuation or word[0].isalnum()]
    elif text.unicode_spaces:
        words = line.split()
    else:
        words = [word for word in re.split(f"[{spaces}]+", line) if word]
    return prepared_tokens(words, text)


def prepared_tokens(tokens: Iterable[str], text: TextOptions) -> list[str]:
    """Return tokens in lower case and normalized, without stop words."""
    found = []
    for token in tokens:
        if text.normalize is not None:
            token = unicodedata.normalize(text.normalize.upper(), token)  # type: ignore[arg-type]
        if text.lowercase:
            token = token.lower()
        if token and token not in text.stop_words:
            found.append(token)
    return found


class Preparer:
    """Blocks of text or of tokens, prepared."""

    def __init__(self, text: TextOptions, tokens: bool = False) -> None:
        self._text, self._tokens = text, tokens

    def prepare(self, data: bytes | memoryview) -> bytes:
        """Return a block of words: prepared, with the separators of text or of tokens."""
        word_end, line_end = (b"\xfe", b"\xff") if self._tokens else (b" ", b"\n")
        lines = bytes(data).split(line_end)
        return line_end.join(b"".join(word.encode("utf-8", "surrogateescape") + word_end for word in self._words(line))
                             for line in lines)

    def _words(self, line: bytes) -> list[str]:
        if self._tokens:
            return prepared_tokens([word.decode("utf-8", "surrogateescape") for word in line.split(b"\xfe") if word],
                                   self._text)
        return words_of(line.decode("utf-8", "surrogateescape"), self._text)
