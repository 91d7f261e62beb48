"""Spherical k-means: clusters of vectors by the directions that they have.

Place in the data flow: unit vectors, read in blocks -> cluster of each, for categorisation and `w2v.analysis.clusters`.

Memory is a block of scores, and a few numbers for each vector. Of many vectors (`SAMPLE`) the starts are compared on a
sample, and the best one begins the iterations over all; of very many (`FULL`) these are mini-batches.

Sources
-------
Dhillon & Modha 2001 (spherical k-means); Arthur & Vassilvitskii 2007 (k-means++); Bradley & Fayyad 1998 (start from the
centres of a sample); Sculley 2010 (mini-batches).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from w2v.evaluation.statistics.bootstrap import SEED, Ints
from w2v.types import Matrix, Scores

RESTARTS = 10
SAMPLE = 8192
"""Vectors of the sample on which starts are compared; 16 for each cluster if that is more."""
FULL = 200_000
"""Most vectors that all iterations read."""

_ROUNDS = 100
_ROUNDING = 1e-6  # of a mean cosine: a start must be better by more
_PER_CLUSTER = 16  # vectors of the sample
_SCORES = 1 << 20  # scores at a time
_MOST_ROWS = 8192  # vectors at a time
_BATCH, _BATCHES = 16_384, 40  # vectors of a mini-batch, 16 for each cluster if that is more; and their number


class Units(Protocol):
    """n vectors of length 1, such as an array (n, d)."""

    def __len__(self) -> int: ...

    def __getitem__(self, where: Any, /) -> npt.NDArray[Any]:
        """Return the vectors (m, d) float32 of a slice or of an array of numbers."""
        ...


@dataclass(frozen=True)
class Clustering:
    """Clusters of n vectors.

    Attributes
    ----------
    labels : (n,) number of the cluster of each vector, 0 to k - 1.
    cosines : (n,) cosine of each vector with the centre of its cluster, which no other centre exceeds.
    centres : (k, d) of length 1. A cluster may be empty if there are fewer than k different vectors.
    rounds : iterations of the last stage; mini-batches are not counted.
    """

    labels: Ints
    cosines: Scores
    centres: Matrix
    rounds: int

    @property
    def total(self) -> float:
        """Sum of the cosines, which spherical k-means maximises."""
        return float(self.cosines.sum(dtype=np.float64))


def spherical_kmeans(units: Units, k: int, *, restarts: int = RESTARTS, seed: int = SEED,
                     tolerance: float = 0.0) -> Clustering:
    """Return k clusters of unit vectors, from the start with the largest sum of cosines.

    Parameters
    ----------
    units : n vectors, at least k.
    restarts : number of starts (k-means++).
    tolerance : stop when an iteration raises the sum of cosines by less than this share of it. With 0 it stops when no
        vector changes its cluster, but after 100 iterations at most.
    """
    rng = np.random.default_rng(seed)
    n = len(units)
    size = max(SAMPLE, min(_PER_CLUSTER * k, FULL), k)
    sample: Units = units if n <= size else units[np.sort(rng.choice(n, size, replace=False))]
    best: Clustering | None = None
    for _ in range(restarts):
        found = _lloyd(sample, _spread_out(sample, k, rng), tolerance)
        if best is None or found.total > best.total + _ROUNDING * len(sample):
            best = found
    assert best is not None
    if n <= size:
        return best
    centres = best.centres
    return _lloyd(units, centres, tolerance) if n <= FULL else _mini_batches(units, centres, rng)


def _spread_out(units: Units, k: int, rng: np.random.Generator) -> Matrix:
    """Return k of the vectors as first centres (k-means++): distant from the earlier ones with a higher probability."""
    vectors: Matrix = units[:]
    chosen = [int(rng.integers(len(units)))]
    distance = np.full(len(units), np.inf)
    for _ in range(k - 1):
        distance = np.minimum(distance, np.maximum(1 - vectors @ vectors[chosen[-1]], 0).astype(np.float64))
        total = distance.sum()
        chosen.append(int(rng.choice(len(units), p=distance / total) if total > 0 else rng.integers(len(units))))
    return vectors[chosen].copy()


def _lloyd(units: Units, centres: Matrix, tolerance: float) -> Clustering:
    """Return the clusters after Lloyd's iterations from these centres (k, d)."""
    new = _assigned(units, centres)
    done = 0
    while done < _ROUNDS:
        found, done = new, done + 1
        centres = _moved(units, found)
        new = _assigned(units, centres, found)
        small = tolerance > 0 and new.total - found.total < tolerance * abs(new.total)
        if small or np.array_equal(new.labels, found.labels):
            break
    return Clustering(new.labels, new.cosines, centres, done)


@dataclass(frozen=True)
class _Assigned:
    """Nearest centre of each vector, the cosine with it, and the sums (k, d) and sizes (k,) of the clusters."""

    labels: Ints
    cosines: Scores
    sums: npt.NDArray[np.float64]
    sizes: Ints

    @property
    def total(self) -> float:
        return float(self.cosines.sum(dtype=np.float64))


def _assigned(units: Units, centres: Matrix, before: _Assigned | None = None) -> _Assigned:
    """Return the nearest centre of each vector.

    Parameters
    ----------
    before : the same vectors with other centres: only vectors that leave their cluster change the sums, which saves
        half of the time.
    """
    n, (k, d) = len(units), centres.shape
    labels, cosines = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.float32)
    sums = np.zeros((k, d)) if before is None else before.sums.copy()
    step = block_rows(k)
    scores = np.empty((min(step, n), k), dtype=np.float32)
    for start in range(0, n, step):
        block = units[start:start + step]
        part, out = slice(start, start + len(block)), scores[:len(block)]
        np.matmul(block, centres.T, out=out)
        own = out.argmax(axis=1)
        labels[part], cosines[part] = own, out[np.arange(len(block)), own]
        if before is None:
            add_rows(sums, block, own)
            continue
        changed = np.flatnonzero(own != before.labels[part])
        rows = block[changed]
        add_rows(sums, rows, own[changed])
        add_rows(sums, -rows, before.labels[part][changed])
    return _Assigned(labels, cosines, sums, np.bincount(labels, minlength=k))


def add_rows(sums: npt.NDArray[np.float64], block: Matrix, labels: Ints) -> None:
    """Add each row of a block (m, d) to the row of `sums` (k, d) that its label names."""
    order = np.argsort(labels, kind="stable")
    first = np.flatnonzero(np.diff(labels[order], prepend=-1))
    sums[labels[order[first]]] += np.add.reduceat(block[order], first, axis=0)


def block_rows(k: int) -> int:
    """Return the number of vectors that are compared with k centres at a time, a power of two."""
    return 1 << max(4, min(_MOST_ROWS, _SCORES // k).bit_length() - 1)


def _moved(units: Units, found: _Assigned) -> Matrix:
    """Return the mean directions of the clusters; a centre without words moves to the word farthest from its own."""
    new = _directions(found.sums)
    empty = np.flatnonzero(found.sizes == 0)
    if len(empty):
        far = np.argpartition(found.cosines, len(empty) - 1)[:len(empty)]
        new[empty] = units[far[np.lexsort((far, found.cosines[far]))]]
    return new


def _directions(sums: npt.NDArray[np.float64]) -> Matrix:
    """Return sums (k, d) of unit vectors scaled to length 1 as float32; those that are 0 but for rounding become small.
    """
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return (sums / np.where(lengths > 1e-9, lengths, 1)).astype(np.float32)


def _mini_batches(units: Units, centres: Matrix, rng: np.random.Generator) -> Clustering:
    """Return the clusters after mini-batches, and one assignment of all vectors to the last centres.

    A centre is the mean direction of all vectors that it got in the batches; this is Sculley's rate 1 / count.
    """
    n, (k, d) = len(units), centres.shape
    sums = np.zeros((k, d))
    for _ in range(_BATCHES):
        batch = units[np.sort(rng.integers(0, n, min(n, max(_BATCH, _PER_CLUSTER * k))))]
        sums += _assigned(batch, centres).sums
        got = np.flatnonzero(sums.any(axis=1))
        centres[got] = _directions(sums[got])
    found = _assigned(units, centres)
    return Clustering(found.labels, found.cosines, centres, 1)
