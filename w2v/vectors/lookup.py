"""`Lookup`: from keys to rows, with a policy for words outside the vocabulary.

Place in the data flow: words or row numbers of a query -> rows and vectors of `KeyedVectors`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from w2v.types import Matrix
from w2v.vectors.spelling import UnknownWordError, near_spellings

Key = str | int | np.integer[Any]
"""A word, or the number of its row."""

Oov = str | Callable[[str], Key | npt.ArrayLike | None]
"""Policy for unknown words (out of vocabulary): one of OOV, or a function of the word; see `Lookup.resolve`."""

OOV = ("error", "skip", "zero", "nearest")
KEY_TYPES = (str, int, np.integer)


class SubwordSource(Protocol):
    """A source of vectors for unknown words, made from parts of the word as in fastText."""

    def vector(self, word: str) -> Matrix:
        """Return a vector (d,) float32; KeyError if the word has no known part."""
        ...


class Lookup:
    """Rows of words.

    Parameters
    ----------
    words : n distinct words.
    size : numbers per vector.
    distinct : the words are known to be distinct and are not checked; a list is then kept and extended, not copied.

    Attributes
    ----------
    words, size : as given.
    subwords : makes vectors of unknown words, or None.

    Raises
    ------
    ValueError : a word occurs twice.
    """

    def __init__(self, words: Sequence[str], size: int, distinct: bool = False) -> None:
        self.words = words if distinct and isinstance(words, list) else list(words)
        self.size = size
        self.subwords: SubwordSource | None = None
        self._index: dict[str, int] | None = None
        if not distinct and len(set(self.words)) != len(self.words):
            raise ValueError("a word occurs twice; each word can have one vector")

    @property
    def index(self) -> dict[str, int]:
        """Row of each word; built on first use."""
        if self._index is None:
            self._index = {word: i for i, word in enumerate(self.words)}
        return self._index

    def find(self, key: object) -> int | None:
        """Return the row of a word or row number; None if there is none."""
        if isinstance(key, str):
            return self.index.get(key)
        return int(key) if isinstance(key, (int, np.integer)) and 0 <= key < len(self.words) else None

    def row(self, key: Key, default: int | None = None) -> int:
        """Return the row of a key.

        Raises
        ------
        UnknownWordError : (a KeyError) there is no such row and no default.
        """
        index = self.find(key)
        if index is None:
            index = default
        if index is None:
            raise UnknownWordError(key, self.index)
        return index

    def append(self, word: str) -> int:
        """Add a word at the end and return its row."""
        self.index[word] = len(self.words)
        self.words.append(word)
        return len(self.words) - 1

    def resolve(self, key: Key, oov: Oov = "error") -> int | Matrix | None:
        """Return the row of a key; for an unknown word a vector (d,), another row, or None to leave it out.

        Parameters
        ----------
        key : a word or row number.
        oov : for a word without a row that `subwords` cannot make either. "error" raises; "skip" leaves it out; "zero"
            is a zero vector; "nearest" is the known word with the nearest spelling; a function of the word returns a
            vector (d,), another word, or None to leave it out.

        Raises
        ------
        UnknownWordError : the word has no vector under this policy.
        ValueError : unknown policy, or the function returned a vector of another shape.
        """
        index = self.find(key)
        if index is not None:
            return index
        if not isinstance(key, str):
            raise UnknownWordError(key, self.index)
        if self.subwords is not None:
            with contextlib.suppress(KeyError):  # too short to have parts
                return np.asarray(self.subwords.vector(key), dtype=np.float32)
        if callable(oov):
            return self._substitute(key, oov(key))
        if check_oov(oov) == "skip":
            return None
        if oov == "zero":
            return np.zeros(self.size, dtype=np.float32)
        near = near_spellings(key, self.index, limit=1) if oov == "nearest" else []
        if not near:
            raise UnknownWordError(key, self.index)
        return self.index[near[0]]

    def _substitute(self, word: str, answer: Key | npt.ArrayLike | None) -> int | Matrix | None:
        """Return the row, vector or None that a policy function returned for an unknown word."""
        if answer is None:
            return None
        if isinstance(answer, KEY_TYPES):
            return self.row(answer)
        vector: Matrix = np.asarray(answer, dtype=np.float32)
        if vector.shape != (self.size,):
            raise ValueError(f"oov returned a vector of shape {vector.shape} for {word!r}, not ({self.size},)")
        return vector


def check_oov(oov: Oov) -> Oov:
    """Return the policy if it is valid; ValueError otherwise."""
    if not callable(oov) and oov not in OOV:
        raise ValueError(f"oov must be one of {', '.join(OOV)} or a function of the word, not {oov!r}")
    return oov
