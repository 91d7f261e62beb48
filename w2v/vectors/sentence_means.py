"""Weighted means of the vectors of words, and the components that SIF removes from them.

Place in the data flow: rows of the words of many texts + weights -> one vector for each text. `w2v.vectors.sentences`
and the evaluation on pairs of sentences use it. Sums are in float64, in blocks of words, so that memory depends neither
on the number of words nor on the length of a text.

Source
------
Arora, Liang & Ma 2017 (SIF, "A simple but tough-to-beat baseline for sentence embeddings"), algorithm 1: the mean of
a / (a + p(w)) times the vector of each word w of probability p(w), without its projection on the first singular vectors
of all these means, which are not centred.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from w2v.types import Floats, Indices, Matrix

SIF_A = 1e-3  # the paper's; it reports 1e-4 to 1e-3 as good
_WORDS = 4096  # words at a time: their vectors stay in the cache
_ROWS = 8192  # texts at a time
_RANK = 1e-12  # a component with less than this share of the first one's sum of squares is rounding

WeightFunction = Callable[[Indices], Floats]
"""Returns the weights (t,) of rows (t,)."""


def weighted_means(gather: Callable[[Indices], npt.NDArray[np.floating]], rows: Indices, ends: Indices,
                   weights: Floats | None, size: int) -> Floats:
    """Return the weighted mean vector of each text: (m, size) float64.

    It is the sum of weight times vector, divided by the number of words whose weight is not 0, as in the program of
    Arora et al.; zeros for a text without such a word.

    Parameters
    ----------
    gather : returns the vectors (k, size) of k rows.
    rows : (t,), the words of all texts, one text after the other.
    ends : (m,), where each text ends in `rows`.
    weights : (t,); None for ones.
    """
    if weights is not None and not weights.all():
        kept = weights != 0
        ends = np.concatenate(([0], np.cumsum(kept)))[ends]
        rows, weights = rows[kept], weights[kept]
    lengths = np.diff(ends, prepend=0)
    owner = np.repeat(np.arange(len(ends)), lengths)
    sums = np.zeros((len(ends), size))
    for start in range(0, len(rows), _WORDS):
        part = slice(start, start + _WORDS)
        block = gather(rows[part]).astype(np.float64)
        if weights is not None:
            block *= weights[part, None]
        own = owner[part]
        first = np.flatnonzero(np.concatenate(([True], own[1:] != own[:-1])))
        sums[own[first]] += np.add.reduceat(block, first, axis=0)
    sums /= np.maximum(lengths, 1)[:, None]
    return sums


def sif_weights(rows: Indices, probabilities: WeightFunction, a: float = SIF_A) -> Floats:
    """Return a / (a + p) for the words of these rows: (t,) float64, above 0 and at most 1."""
    return a / (a + probabilities(rows))


def counted_probabilities(counts: npt.NDArray[np.number]) -> WeightFunction:
    """Return the function that gives the probability of each row: its count (n,) divided by the sum of all."""
    total = float(counts.sum(dtype=np.float64))
    return lambda rows: counts[rows].astype(np.float64) / total


def zipf_probabilities(n: int) -> WeightFunction:
    """Return the function that estimates the probability of each of n rows from its rank r, from 1: 1 / (r H(n)), where
    H(n) is the sum of 1 / r (Zipf's law)."""
    first = min(n, 1000)
    total = float(np.sum(1 / np.arange(1, first + 1)))
    if n > first:  # Euler-Maclaurin
        total += math.log(n / first) + 1 / (2 * n) - 1 / (2 * first) - 1 / (12 * n * n) + 1 / (12 * first * first)
    return lambda rows: 1 / ((rows + 1) * total)


class Moments:
    """Sum of x x^T over vectors x, from which the components come; added in blocks, (d, d) float64."""

    sum: npt.NDArray[np.float64]
    vectors: int

    def __init__(self, size: int) -> None:
        self.sum = np.zeros((size, size))
        self.vectors = 0  # that are not zero

    def add(self, vectors: npt.NDArray[np.floating]) -> None:
        """Add vectors (k, d)."""
        for block in _blocks(vectors):
            self.sum += block.T @ block
            self.vectors += int(block.any(axis=1).sum())

    def components(self, count: int) -> Matrix:
        """Return the first `count` right singular vectors of all vectors, not centred: (count, d) float32 of length 1.

        There are fewer if the vectors span fewer dimensions. The largest number of each is positive.
        """
        squares, vectors = np.linalg.eigh(self.sum)
        order = np.argsort(squares)[::-1][:count]
        order = order[squares[order] > _RANK * max(float(squares.max(initial=0)), np.finfo(np.float64).tiny)]
        found = vectors[:, order].T
        largest = np.take_along_axis(found, np.abs(found).argmax(axis=1)[:, None], axis=1)
        components: Matrix = (found * np.sign(largest)).astype(np.float32)
        return components


def remove_components(vectors: npt.NDArray[np.floating], components: Matrix) -> None:
    """Subtract from the vectors (m, d), in place, their projections on orthonormal components (r, d)."""
    if not len(components):
        return
    basis = np.linalg.qr(components.T.astype(np.float64))[0]  # orthogonal in float64, not only in float32
    for start in range(0, len(vectors), _ROWS):
        block = vectors[start:start + _ROWS].astype(np.float64)
        vectors[start:start + _ROWS] = block - (block @ basis) @ basis.T


def paired_cosines(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> Floats:
    """Return the cosines (m,) of the rows of two arrays (m, d), in float64; 0 where one of them is zero."""
    found = [np.zeros(0)]
    for a, b in zip(_blocks(first), _blocks(second), strict=True):
        lengths = np.sqrt(np.einsum("ij,ij->i", a, a)) * np.sqrt(np.einsum("ij,ij->i", b, b))
        found.append(np.clip(np.einsum("ij,ij->i", a, b) / np.where(lengths == 0, 1, lengths), -1, 1))
    return np.concatenate(found)


def _blocks(vectors: npt.NDArray[np.floating]) -> Iterator[Floats]:
    return (vectors[start:start + _ROWS].astype(np.float64) for start in range(0, len(vectors), _ROWS))
