"""`Subwords`: vectors of words outside the vocabulary, made from the n-grams of their letters as fastText does.

Place in the data flow: files of fastText, gensim and w2v -> `Subwords` -> `KeyedVectors`. Source: Bojanowski et al.
2017 (1607.04606); the n-grams of `<word>` are hashed into buckets with FNV-1a over sign-extended bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError
from w2v.formats._fasttext import add_subwords
from w2v.types import Matrix

LONGEST_NGRAM = 1000
"""Most letters of an n-gram, as in `w2v.config`. Without a limit the n-grams of a word are quadratic in its length."""


def check_ngram_lengths(path: str, minn: int, maxn: int, offset: int) -> None:
    """Raise a FormatError if a file has impossible lengths of n-grams, at byte `offset`."""
    if minn < 0 or max(minn, maxn) > LONGEST_NGRAM:
        raise FormatError(path, f"n-grams of {minn} to {maxn} letters are impossible; {LONGEST_NGRAM} is the most",
                          offset=offset)


class Subwords:
    """Vectors of hashed n-grams.

    Parameters
    ----------
    rows : (buckets * vector_size * 4,) uint8, the bytes of float32 rows in the byte order of this machine; may be
        memory-mapped.
    vector_size : numbers per row, >= 1.
    minn, maxn : shortest and longest n-gram, in letters.

    Attributes
    ----------
    buckets : number of rows.
    """

    rows: npt.NDArray[np.uint8]
    vector_size: int
    minn: int
    maxn: int
    buckets: int

    def __init__(self, rows: npt.NDArray[np.uint8], vector_size: int, minn: int, maxn: int) -> None:
        self.rows, self.vector_size, self.minn, self.maxn = rows, vector_size, minn, maxn
        self.buckets = len(rows) // (4 * vector_size)

    def __repr__(self) -> str:
        return f"<Subwords: {self.buckets:,} buckets of n-grams of {self.minn} to {self.maxn} letters>"

    def vector(self, word: str) -> Matrix:
        """Return the mean vector of the n-grams of `word`, (vector_size,) float32.

        A word that is too short to have an n-gram has zeros, as in fastText and gensim.

        Raises
        ------
        KeyError : there are no n-grams at all.
        """
        if not self.buckets:
            raise KeyError(f"no n-grams, and so no vector for {word[:80]!r}")
        out = np.zeros((1, self.vector_size), dtype=np.float32)
        add_subwords([_bytes(word)], self.minn, self.maxn, self.rows, self.buckets, out, 0)
        row: Matrix = out[0]
        return row

    def average_into(self, words: Sequence[str], rows: Matrix) -> None:
        """Replace the words' own rows (n, vector_size), in place, by the mean of each and its n-grams."""
        add_subwords([_bytes(word) for word in words], self.minn, self.maxn, self.rows, self.buckets, rows, 1)

    def own_rows(self, words: Sequence[str], vectors: Matrix) -> Matrix:
        """Return the words' own rows (n, vector_size) from their vectors: the inverse of `average_into`."""
        means = np.zeros((len(words), self.vector_size), dtype=np.float32)
        found = add_subwords([_bytes(word) for word in words], self.minn, self.maxn, self.rows, self.buckets, means, 0)
        counts = np.array(found, dtype=np.float64)[:, None]
        own: Matrix = ((counts + 1) * vectors - counts * means).astype(np.float32)
        return own


def _bytes(word: str) -> bytes:
    return word.encode("utf-8", "surrogateescape")
