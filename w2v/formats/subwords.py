"""Vectors of words that a model has never seen, from the n-grams of their letters, as fastText makes them.

Place in the data flow: fastText's and gensim's files -> `Subwords` -> `KeyedVectors`. Source: Bojanowski et al. 2017
(1607.04606); the n-grams of `<word>` are hashed into buckets with FNV-1a over sign-extended bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from w2v.formats._formats import add_subwords


class Subwords:
    """Rows of hashed n-grams.

    Parameters
    ----------
    rows : (buckets * vector_size * 4,) uint8, the bytes of float32 rows in this machine's order; may be memory-mapped.
    vector_size : numbers a row, >= 1.
    minn, maxn : lengths of n-grams in letters.
    """

    def __init__(self, rows: npt.NDArray[np.uint8], vector_size: int, minn: int, maxn: int) -> None:
        self.rows, self.vector_size, self.minn, self.maxn = rows, vector_size, minn, maxn
        self.buckets = len(rows) // (4 * vector_size)

    def __repr__(self) -> str:
        return f"<Subwords: {self.buckets:,} buckets of n-grams of {self.minn} to {self.maxn} letters>"

    def vector(self, word: str) -> npt.NDArray[np.float32]:
        """(vector_size,) float32: the mean over the n-grams of `word`.

        Raises
        ------
        KeyError : the word is too short to have an n-gram.
        """
        out = np.zeros((1, self.vector_size), dtype=np.float32)
        if not add_subwords([_bytes(word)], self.minn, self.maxn, self.rows, self.buckets, out, 0)[0]:
            raise KeyError(f"the word {word!r} has no n-gram of {self.minn} to {self.maxn} letters")
        row: npt.NDArray[np.float32] = out[0]
        return row

    def average_into(self, words: Sequence[str], rows: npt.NDArray[np.float32]) -> None:
        """Make of the own rows (n, vector_size) of known words the mean of these and their n-grams, in place."""
        add_subwords([_bytes(word) for word in words], self.minn, self.maxn, self.rows, self.buckets, rows, 1)

    def own_rows(self, words: Sequence[str], vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The words' own rows (n, vector_size) from their vectors: what `average_into` turns back into these."""
        means = np.zeros((len(words), self.vector_size), dtype=np.float32)
        found = add_subwords([_bytes(word) for word in words], self.minn, self.maxn, self.rows, self.buckets, means, 0)
        counts = np.array(found, dtype=np.float64)[:, None]
        own: npt.NDArray[np.float32] = ((counts + 1) * vectors - counts * means).astype(np.float32)
        return own


def _bytes(word: str) -> bytes:
    return word.encode("utf-8", "surrogateescape")
