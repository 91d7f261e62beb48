"""Samples of vectors, in groups for the jackknife; random vectors of the same lengths as the null model.

Place in the data flow: rows of the words drawn -> blocks of vectors -> `w2v.analysis.health.jackknife`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from w2v.analysis.linear_map import BLOCK
from w2v.types import Indices, Matrix
from w2v.vectors.table import Table

GROUPS = 20
_GROUP_NUMBERS = 1 << 25  # numbers of the second moments of all groups: 256 MB


class Vectors(Protocol):
    """Vectors in groups, of which each is a random part of all."""

    dim: int

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        ...

    def blocks(self, group: int) -> Iterator[Matrix]:
        """Yield copies of the vectors (k, d) of a group in blocks, the same at every call."""
        ...


class Sample:
    """Vectors of some words of a table.

    Parameters
    ----------
    table : the words; read in blocks, at every use.
    rows : (m,) distinct rows with finite vectors other than zero.
    seed : of the order in which the rows are dealt to the groups.

    Attributes
    ----------
    groups : rows of each group, in rising order.
    """

    table: Table
    dim: int
    groups: list[NDArray[Any]]

    def __init__(self, table: Table, rows: Indices, seed: int) -> None:
        self.table, self.dim = table, table.vector_size
        count = max(2, min(GROUPS, len(rows) // 2, max(5, _GROUP_NUMBERS // self.dim ** 2)))
        dealt = np.random.default_rng(seed).permutation(rows)
        self.groups = [np.sort(part) for part in np.array_split(dealt, count)]

    @property
    def n_groups(self) -> int:
        return len(self.groups)

    @property
    def rows(self) -> Indices:
        """(m,) rows of all groups, in the order of the blocks."""
        return np.concatenate(self.groups)

    def blocks(self, group: int) -> Iterator[Matrix]:
        step = max(1, BLOCK // self.dim)
        for start in range(0, len(self.groups[group]), step):
            yield self.table.rows[self.groups[group][start:start + step]]


class RandomSample:
    """Vectors of random directions, uniform on the sphere, as many and as long as those of a `Sample`.

    Parameters
    ----------
    sample : whose lengths the vectors have.
    seed : of the directions.
    """

    dim: int
    seed: int
    lengths: list[NDArray[np.float32]]

    def __init__(self, sample: Sample, seed: int) -> None:
        norms = sample.table.norms
        self.dim, self.seed = sample.dim, seed
        self.lengths = [norms[group] for group in sample.groups]

    @property
    def n_groups(self) -> int:
        return len(self.lengths)

    def blocks(self, group: int) -> Iterator[Matrix]:
        rng = np.random.default_rng((self.seed, group))
        step = max(1, BLOCK // self.dim)
        for start in range(0, len(self.lengths[group]), step):
            lengths = self.lengths[group][start:start + step]
            yield random_units(len(lengths), self.dim, rng) * lengths[:, None]


def random_units(n: int, dim: int, rng: np.random.Generator) -> Matrix:
    """Return (n, d) float32 vectors of length 1 and random direction."""
    drawn = rng.standard_normal((n, dim), dtype=np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn
