"""Permutation test: is the sum of the first k of n values larger than that of k values chosen by chance?

Place in the data flow: values of the words of two sets -> one-sided p values.

Sources
-------
Caliskan, Bryson & Narayanan 2017 (Science 356, 183): the p value of WEAT. Phipson & Smyth 2010 (SAGMB 9, 39): a p value
of sampled permutations counts the observed one too, and is never 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np

from w2v.types import Floats

MOST_EXACT = 200_000
"""All partitions are tried if there are at most this many: two sets of 10 words have 184,756."""

_BLOCK = 1 << 20  # numbers at a time
_TIE = 1e-12  # relative to the sum of the absolute values: partitions with equal sums differ by rounding only


@dataclass(frozen=True)
class Permutations:
    """How many partitions a p value comes from, and whether these are all."""

    count: int
    exact: bool

    def __str__(self) -> str:
        return f"all {self.count:,} partitions" if self.exact else f"{self.count:,} sampled partitions"


def permutations_of(n: int, k: int, most: int) -> Permutations:
    """Return all partitions of n values into k and n - k if they are few, otherwise `most` sampled ones."""
    every = math.comb(n, k)
    return Permutations(every, True) if every <= MOST_EXACT else Permutations(most, False)


def partition_p(values: Floats, k: int, permutations: Permutations, seed: int) -> Floats:
    """Return (m,) the share of partitions whose first part has at least the sum of the first k values of each row.

    Parameters
    ----------
    values : (m, n) of m tests, which share the partitions.
    permutations : as `permutations_of(n, k, ...)` returns. All of them contain the observed one, and to sampled ones it
        is added, so that p is never 0. Equal sums count.
    """
    observed = values[:, :k].sum(axis=1) - _TIE * np.abs(values).sum(axis=1)
    extreme = np.zeros(len(values), dtype=np.int64)
    for chosen in _choices(values.shape[1], k, permutations, seed, rows=len(values)):
        extreme += (values @ chosen.T >= observed[:, None]).sum(axis=1)
    if permutations.exact:
        return extreme / permutations.count
    return (1 + extreme) / (1 + permutations.count)


def _choices(n: int, k: int, permutations: Permutations, seed: int, rows: int) -> Iterator[Floats]:
    """Yield (b, n) blocks of choices of k of n values: 1 for the chosen ones, 0 for the others."""
    step = max(1, _BLOCK // max(n, rows))
    rng, every = np.random.default_rng(seed), combinations(range(n), k)
    for start in range(0, permutations.count, step):
        b = min(step, permutations.count - start)
        if permutations.exact:
            places = np.array(list(islice(every, b)), dtype=np.int64)
        else:
            places = rng.random((b, n), dtype=np.float32).argpartition(k, axis=1)[:, :k]
        block = np.zeros((b, n))
        np.put_along_axis(block, places, 1.0, axis=1)
        yield block
