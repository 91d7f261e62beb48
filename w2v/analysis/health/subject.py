"""`Subject`: the vectors that are checked, with everything that several checks need, computed once.

Place in the data flow: `Table` -> one pass over its rows, samples, moments, neighbours -> checks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.analysis.health.jackknife import Groups, moments_of
from w2v.analysis.health.nearest import Nearest
from w2v.analysis.health.samples import RandomSample, Sample, random_units
from w2v.analysis.linear_map import BLOCK
from w2v.analysis.samples import drawn_rows, usable_rows
from w2v.analysis.shared_words import frequency_ranks
from w2v.system.diagnosis import Finding, Measure, Severity
from w2v.system.text_table import TextTable
from w2v.types import Indices, Matrix
from w2v.vectors.lengths import unit_rows
from w2v.vectors.table import Table

LEAST = 50
"""Words without which distributions are not measured."""

_NUMBERS = 1 << 25  # numbers of a sample, so that vectors of thousands of dimensions take little time and memory
_NULL = 1  # added to the seed for random vectors


@dataclass(frozen=True)
class Settings:
    """What is drawn.

    Attributes
    ----------
    sample : words for lengths and dimensions; None for all.
    nearest : most frequent words whose neighbours are searched among each other; None for all.
    pairs : random pairs of words.
    seed : of everything that is drawn.
    random : whether the vectors are meant to be random.
    """

    sample: int | None = 50_000
    nearest: int | None = 20_000
    pairs: int = 100_000
    seed: int = 1
    random: bool = False


@dataclass(frozen=True)
class Scan:
    """What one pass over all n rows finds.

    Attributes
    ----------
    zero : (n,) whether each row is zero, or so small that its length is.
    hashes : (n,) uint64; equal rows have equal hashes.
    within : bounds of the numbers in rows -> number of rows that look like uniform numbers within them.
    """

    zero: npt.NDArray[np.bool_]
    hashes: npt.NDArray[np.uint64]
    within: Mapping[float, int]


class Subject:
    """The vectors that are checked.

    Parameters
    ----------
    table : the words.
    settings : what is drawn.
    """

    table: Table
    settings: Settings
    n: int
    dim: int

    def __init__(self, table: Table, settings: Settings) -> None:
        self.table, self.settings = table, settings
        self.n, self.dim = table.rows.shape

    @cached_property
    def scan(self) -> Scan:
        """One pass over all rows."""
        return _scan(self.table)

    @cached_property
    def usable(self) -> Indices:
        """Rows that are neither zero nor broken."""
        rows = usable_rows(self.table)
        return rows[~self.scan.zero[rows]]

    @cached_property
    def ranks(self) -> Indices:
        """(n,) frequency rank of each row, from 0; by order if there are no counts."""
        return frequency_ranks(self.table)

    @cached_property
    def sample(self) -> Sample:
        """Usable words at random."""
        return Sample(self.table, drawn_rows(self.usable, self._size(self.settings.sample), self.settings.seed),
                      self.settings.seed)

    @cached_property
    def random_sample(self) -> RandomSample:
        """Random directions with the lengths of the sample."""
        return RandomSample(self.sample, self.settings.seed + _NULL)

    @cached_property
    def moments(self) -> Groups:
        """Of the sample, scaled to length 1."""
        return moments_of(self.sample, unit=True)

    @cached_property
    def random_moments(self) -> Groups:
        """Of as many random vectors of length 1."""
        return moments_of(self.random_sample, unit=True)

    @cached_property
    def frequent(self) -> Indices:
        """Rows of the most frequent usable words, whose neighbours are searched."""
        size = self._size(self.settings.nearest)
        if size is None or size >= len(self.usable):
            return self.usable
        first = np.argpartition(self.ranks[self.usable], size)[:size]
        return np.sort(self.usable[first])

    @cached_property
    def nearest(self) -> Nearest:
        """Neighbours among the most frequent words."""
        return Nearest(unit_rows(self.table.rows[self.frequent]))

    @cached_property
    def random_nearest(self) -> Nearest:
        """Neighbours among as many random vectors."""
        rng = np.random.default_rng(self.settings.seed + _NULL)
        return Nearest(random_units(len(self.frequent), self.dim, rng))

    @property
    def measurable(self) -> bool:
        """Whether there are enough words and dimensions for distributions of cosines."""
        return len(self.usable) >= LEAST and self.dim >= 2

    def _size(self, wanted: int | None) -> int | None:
        return None if wanted is None else min(wanted, max(LEAST, _NUMBERS // self.dim))

    def words(self, rows: Sequence[int] | Indices, most: int = 5) -> tuple[str, ...]:
        """Return the words of the first rows."""
        return tuple(self.table.index_to_key[int(row)] for row in rows[:most])


def found(severity: Severity, meaning: str, *measures: Measure, advice: str = "", examples: Sequence[str] = (),
          data: Mapping[str, Any] | None = None, table: TextTable | None = None) -> Finding:
    """Return the finding of a check, whose name and group the table of checks adds."""
    return Finding("", severity, meaning, measures, advice, tuple(examples), "", data or {}, table)


def not_measured(subject: Subject) -> Finding:
    """Return the finding of a check that needs more words or dimensions."""
    return found("note", f"not measured: it needs at least {LEAST} words with usable vectors of 2 or more dimensions; "
                         f"there are {len(subject.usable):,} of {subject.dim}")


def _scan(table: Table) -> Scan:
    n, dim = table.rows.shape
    zero, hashes = np.empty(n, dtype=np.bool_), np.empty(n, dtype=np.uint64)
    factors = np.random.default_rng(0).integers(1, 1 << 63, dim, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    bounds = (0.5 / dim, 1 / dim)
    within: dict[float, int] = dict.fromkeys(bounds, 0)
    step = max(1, BLOCK // max(1, dim))
    for start in range(0, n, step):
        block = table.rows[start:start + step] + np.float32(0)  # of -0 and 0 both become 0
        with np.errstate(over="ignore", invalid="ignore"):
            squares = np.einsum("ij,ij->i", block, block)
            largest = np.abs(block).max(axis=1, initial=0)
        part = slice(start, start + step)
        zero[part] = squares == 0
        hashes[part] = _hashes(block, factors)
        for bound in bounds:
            within[bound] += int(_is_uniform(squares, largest, bound, dim).sum())
    return Scan(zero, hashes, within)


def _hashes(block: Matrix, factors: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return a multilinear hash of each row, modulo 2^64."""
    bits = np.ascontiguousarray(block).view(np.uint32).astype(np.uint64)
    bits *= factors
    found: npt.NDArray[np.uint64] = bits.sum(axis=1, dtype=np.uint64)
    return found


def _is_uniform(squares: Matrix, largest: Matrix, bound: float, dim: int) -> npt.NDArray[np.bool_]:
    """Return which rows look like d independent uniform numbers within +-bound, as vectors begin in training: their
    mean square is within four standard errors of bound^2 / 3, and the largest number is neither above the bound nor,
    which has a probability of 1e-4, far below it. False for fewer than 8 dimensions."""
    if dim < 8:
        return np.zeros(len(squares), dtype=np.bool_)
    expected = bound ** 2 / 3
    error = 4 * expected * math.sqrt(0.8 / dim)
    close = np.abs(squares / dim - expected) <= error
    least = bound * 1e-4 ** (1 / dim)
    found: npt.NDArray[np.bool_] = close & (largest <= bound * (1 + 1e-3)) & (largest >= least)
    return found
