"""`Lookup`: from keys to rows, with a policy for words outside the vocabulary.

Place in the data flow: keys of a query -> rows and vectors of `KeyedVectors`. Only this module decides which row a key
has:

* A str is a word. Where the vectors know how their text was made into words (`Lookup.text_options`), a str that is not
  a word but of which these options make exactly one word is that word: "King" is "king" after training with lower case.
* Where integers are keys (`Lookup.integer_keys`: the vocabulary was learned from integers or read from a file with
  integer keys), an integer of any type is the word of its decimal digits. It never names a row.
* Where all words are text, an integer is the number of a row, as in gensim 4.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from w2v.corpus.preparation import words_of
from w2v.corpus.segmenter import prepared_tokens
from w2v.corpus_options import TextOptions
from w2v.formats.keys import Key, as_key, integer_of, is_key
from w2v.formats.keys import words_of as words_of_keys
from w2v.formats.subwords import Subwords
from w2v.types import Matrix
from w2v.vectors.spelling import UnknownWordError, near_spellings

Oov = str | Callable[[str], Key | npt.ArrayLike | None]
"""Policy for unknown words (out of vocabulary): one of OOV, or a function of the word; see `Lookup.resolve`."""

OOV = ("error", "skip", "zero", "nearest")


class SubwordSource(Protocol):
    """A source of vectors for unknown words, made from parts of the word as in fastText."""

    def vector(self, word: str) -> Matrix:
        """Return a vector (d,) float32; KeyError if it has none for the word."""
        ...


class IntegerIndex(dict[str, int]):
    """Row of each word where integers are keys: `index[5]`, `5 in index` and `index.get(5)` are those of "5"."""

    def __missing__(self, key: object) -> int:
        if (number := integer_of(key)) is None:
            raise KeyError(key)
        return self[str(number)]

    def __contains__(self, key: object) -> bool:
        return super().__contains__(_digits(key))

    def get(self, key: Any, default: Any = None, /) -> Any:
        """Return the row of a word or integer, else `default`."""
        return super().get(_digits(key), default)


def _digits(key: Any) -> Any:
    """Return an integer as its decimal digits, and other values as they are."""
    number = integer_of(key)
    return key if number is None else str(number)


class Lookup:
    """Rows of words.

    Parameters
    ----------
    words : n distinct words, or integers.
    size : numbers per vector.
    distinct : the words are known to be distinct, and to be str; they are not checked. A list is then kept and
        extended, not copied.

    Attributes
    ----------
    words, size : as given; integers as their decimal digits.
    integer_keys : whether integers are keys.
    subwords : makes vectors of unknown words, or None.
    text_options : how the words were made of the text; None if a str is only the word that it spells.

    Raises
    ------
    ValueError : a word occurs twice.
    TypeError : a word is neither a str nor an integer.
    """

    def __init__(self, words: Sequence[Key], size: int, distinct: bool = False) -> None:
        self.words: list[str]
        self._integer_keys = False
        if distinct:
            self.words = words if isinstance(words, list) else list(words)  # type: ignore[arg-type]
        else:
            self.words, self._integer_keys = words_of_keys(words)
        self.size = size
        self.subwords: SubwordSource | None = None
        self.text_options: TextOptions | None = None
        self._index: dict[str, int] | None = None
        if not distinct and len(set(self.words)) != len(self.words):
            raise ValueError("a word occurs twice; each word can have one vector")

    @property
    def integer_keys(self) -> bool:
        """Whether integers are keys."""
        return self._integer_keys

    @integer_keys.setter
    def integer_keys(self, integer_keys: bool) -> None:
        if integer_keys != self._integer_keys:
            self._integer_keys, self._index = bool(integer_keys), None

    @property
    def index(self) -> dict[str, int]:
        """Row of each word; built on first use."""
        index = self._index  # read once: another thread may build it too, or drop it
        if index is None:
            rows = {word: i for i, word in enumerate(self.words)}
            index = self._index = IntegerIndex(rows) if self._integer_keys else rows
        return index

    def find(self, key: object) -> int | None:
        """Return the row of a key; None if there is none."""
        if isinstance(key, str):
            row = self.index.get(key)
            if row is None and self.text_options is not None:
                row = self.index.get(prepared_word(key, self.text_options))
            return row
        number = integer_of(key)
        if number is None:
            return None
        if self._integer_keys:
            return self.index.get(str(number))
        return number if 0 <= number < len(self.words) else None

    def row(self, key: Key, default: int | None = None) -> int:
        """Return the row of a key.

        Raises
        ------
        UnknownWordError : (a KeyError) there is no such row and no default.
        TypeError : the key is neither a str nor an integer.
        """
        index = self.find(key)
        if index is None:
            key = as_key(key)
            index = default
        if index is None:
            raise self.unknown(key)
        return index

    def word(self, key: Key) -> str:
        """Return the word that a key stands for; for a str without a row the str itself.

        Raises
        ------
        UnknownWordError : (a KeyError) there is no such row.
        TypeError : the key is neither a str nor an integer.
        """
        key = as_key(key)
        if isinstance(key, str):
            row = self.find(key)
            return key if row is None else self.words[row]
        return str(key) if self._integer_keys else self.words[self.row(key)]

    def unknown(self, key: object) -> UnknownWordError:
        """Return the error for a key without a row."""
        return UnknownWordError(key, self.index, self._integer_keys)

    def has_vector(self, key: object) -> bool:
        """Return whether a key has a row, or a vector that `subwords` makes."""
        if self.find(key) is not None:
            return True
        number = integer_of(key) if self._integer_keys else None
        if self.subwords is None or not (isinstance(key, str) or number is not None):
            return False
        if isinstance(self.subwords, Subwords):  # has all words or none
            return self.subwords.buckets > 0
        return self._made(key if isinstance(key, str) else str(number)) is not None

    def append(self, word: str) -> int:
        """Add a word at the end and return its row."""
        self.index[word] = len(self.words)
        self.words.append(word)
        return len(self.words) - 1

    def reorder(self, order: Sequence[int]) -> None:
        """Put the words into another order: word i is the one that was at order[i]."""
        self.words, self._index = [self.words[i] for i in order], None

    def resolve(self, key: Key, oov: Oov = "error") -> int | Matrix | None:
        """Return the row of a key; for an unknown word a vector (d,), another row, or None to leave it out.

        Parameters
        ----------
        key : a word or an integer.
        oov : for a word without a row that `subwords` cannot make either. "error" raises; "skip" leaves it out; "zero"
            is a zero vector; "nearest" is the known word with the nearest spelling; a function of the word returns a
            vector (d,), another key, or None to leave it out.

        Raises
        ------
        UnknownWordError : the word has no vector under this policy, or there is no such row.
        ValueError : unknown policy, or the function returned a vector of another shape.
        TypeError : the key is neither a str nor an integer.
        """
        index = self.find(key)
        if index is not None:
            return index
        key = as_key(key)
        if isinstance(key, int) and not self._integer_keys:
            raise self.unknown(key)
        word = str(key)
        if (made := self._made(word)) is not None:
            return made
        if callable(oov):
            return self._substitute(word, oov(word))
        if check_oov(oov) == "skip":
            return None
        if oov == "zero":
            return np.zeros(self.size, dtype=np.float32)
        near = near_spellings(word, self.index, limit=1) if oov == "nearest" else []
        if not near:
            raise self.unknown(key)
        return self.index[near[0]]

    def _made(self, word: str) -> Matrix | None:
        """Return the vector (d,) that `subwords` makes of an unknown word; None if there is none."""
        if self.subwords is not None:
            if self.text_options is not None:
                word = prepared_word(word, self.text_options)
            with contextlib.suppress(KeyError):
                return np.asarray(self.subwords.vector(word), dtype=np.float32)
        return None

    def _substitute(self, word: str, answer: Key | npt.ArrayLike | None) -> int | Matrix | None:
        """Return the row, vector or None that a policy function returned for an unknown word."""
        if answer is None:
            return None
        if is_key(answer):
            return self.row(answer)
        vector: Matrix = np.asarray(answer, dtype=np.float32)
        if vector.shape != (self.size,):
            raise ValueError(f"oov returned a vector of shape {vector.shape} for {word[:80]!r}, not ({self.size},)")
        return vector


def prepared_word(word: str, text: TextOptions) -> str:
    """Return the word that training would see in the place of a str; the str itself if that is not exactly one word.

    A tokenizer in the options is not called: the str is one of its tokens.
    """
    try:
        words = prepared_tokens([word], text) if text.tokenizer is not None else words_of(word, text)
    except UnicodeEncodeError:  # a lone surrogate, which is in no word
        return word
    return words[0] if len(words) == 1 else word


def check_oov(oov: Oov) -> Oov:
    """Return the policy if it is valid; ValueError otherwise."""
    if not callable(oov) and oov not in OOV:
        raise ValueError(f"oov must be one of {', '.join(OOV)} or a function of the word, not {oov!r}")
    return oov
