"""From keys to rows: words, row numbers, and what to do with a word that has no vector.

Place in the data flow: what a user asks for -> rows and vectors of `KeyedVectors`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from w2v.types import Matrix
from w2v.vectors.spelling import UnknownWordError, near_spellings

Key = str | int | np.integer[Any]  # a word or its row
Oov = str | Callable[[str], Any]
OOV = ("error", "skip", "zero", "nearest")
KEY_TYPES = (str, int, np.integer)


class Subwords(Protocol):
    """What makes vectors of unknown words from their parts, as fastText does."""

    def vector(self, word: str) -> Matrix:
        """(d,) float32."""


class Lookup:
    """Rows of words.

    Parameters
    ----------
    words : n distinct words.
    size : numbers of a vector.
    distinct : no word stands twice, and that is known: nobody looks; and a list of words is given away, not copied.

    Attributes
    ----------
    subwords : makes vectors of unknown words; None if there is nothing that could.

    Raises
    ------
    ValueError : a word stands twice.
    """

    def __init__(self, words: Sequence[str], size: int, distinct: bool = False) -> None:
        self.words = words if distinct and isinstance(words, list) else list(words)
        self.size = size
        self.subwords: Subwords | None = None
        self._index: dict[str, int] | None = None
        if not distinct and len(set(self.words)) != len(self.words):
            raise ValueError("a word stands twice among the words; each may have one vector")

    @property
    def index(self) -> dict[str, int]:
        """Row of each word; built when it is first asked for."""
        if self._index is None:
            self._index = {word: i for i, word in enumerate(self.words)}
        return self._index

    def find(self, key: object) -> int | None:
        """Row of a word, or of a row number that there is."""
        if isinstance(key, str):
            return self.index.get(key)
        return int(key) if isinstance(key, (int, np.integer)) and 0 <= key < len(self.words) else None

    def row(self, key: Key, default: int | None = None) -> int:
        """As `find`; UnknownWordError (a KeyError) if there is no such row and no default."""
        index = self.find(key)
        if index is None:
            index = default
        if index is None:
            raise UnknownWordError(key, self.index)
        return index

    def append(self, word: str) -> int:
        """A new word at the end; its row."""
        self.index[word] = len(self.words)
        self.words.append(word)
        return len(self.words) - 1

    def resolve(self, key: Key, oov: Oov = "error") -> int | Matrix | None:
        """Row of a key; for an unknown word what its parts or the policy say: a vector (d,), a row, or None to leave
        it out.

        Parameters
        ----------
        oov : "error"; "skip" leaves the word out; "zero" gives a zero vector; "nearest" takes the known word that is
            spelled most nearly so; or a function of the word that gives a vector (d,), another word, or None to leave
            it out. A word that `subwords` gives a vector is not unknown.

        Raises
        ------
        UnknownWordError : no vector, and the policy gives none.
        ValueError : there is no such policy, or the function's vector is of another shape.
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
            return self._given(key, oov(key))
        if check_oov(oov) == "skip":
            return None
        if oov == "zero":
            return np.zeros(self.size, dtype=np.float32)
        near = near_spellings(key, self.index, limit=1) if oov == "nearest" else []
        if not near:
            raise UnknownWordError(key, self.index)
        return self.index[near[0]]

    def _given(self, word: str, answer: Any) -> int | Matrix | None:
        if answer is None or isinstance(answer, KEY_TYPES):
            return None if answer is None else self.row(answer)
        vector: npt.NDArray[np.float32] = np.asarray(answer, dtype=np.float32)
        if vector.shape != (self.size,):
            raise ValueError(f"oov gave a vector of shape {vector.shape} for {word!r}, not ({self.size},)")
        return vector


def check_oov(oov: Oov) -> Oov:
    """The policy itself, if it is one; ValueError otherwise."""
    if not callable(oov) and oov not in OOV:
        raise ValueError(f"oov is one of {', '.join(OOV)} or a function of the word, not {oov!r}")
    return oov
