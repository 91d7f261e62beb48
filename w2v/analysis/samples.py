"""Words and pairs of words on which something is measured: the usable ones, and samples of them.

Place in the data flow: `Table` -> row numbers -> measures. All row numbers are in rising order, and the same seed gives
the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from w2v.analysis.linear_map import BLOCK
from w2v.types import Indices, Matrix
from w2v.vectors.table import Table


def usable_rows(table: Table) -> Indices:
    """Return the rows that are not broken; zero vectors are among them."""
    usable = np.ones(len(table), dtype=np.bool_)
    usable[table.fill_norms().broken] = False
    return np.flatnonzero(usable)


def usable_blocks(table: Table) -> Iterator[Matrix]:
    """Yield copies of the vectors (k, d) that are not broken, in blocks."""
    broken = table.fill_norms().broken
    step = max(1, BLOCK // max(1, table.vector_size))
    for start in range(0, len(table), step):
        block = table.rows[start:start + step]
        inside = broken[(broken >= start) & (broken < start + step)] - start
        yield np.delete(block, inside, axis=0) if len(inside) else block


def drawn_rows(rows: Indices, size: int | None, seed: int) -> Indices:
    """Return `size` of the rows at random, in rising order; all if there are not more, or for None."""
    if size is None or len(rows) <= size:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))


def drawn_from_bands(bands: Indices, size: int | None, seed: int) -> Indices:
    """Return the numbers of a sample of words, rising: as many of each frequency band as there are in the smallest
    ones, which leave the others their places.

    Parameters
    ----------
    bands : (m,) number of the band of each word.
    size : of the sample; None for all words.
    """
    if size is None or size >= len(bands):
        return np.arange(len(bands), dtype=np.int64)
    rng = np.random.default_rng(seed)
    members = sorted((np.flatnonzero(bands == band) for band in np.unique(bands)), key=len)
    chosen, left = [], size
    for place, own in enumerate(members):
        count = min(len(own), -(-left // (len(members) - place)))
        chosen.append(rng.choice(own, count, replace=False))
        left -= count
    return np.sort(np.concatenate(chosen))


def random_pairs(rows: Indices, pairs: int, seed: int) -> Indices:
    """Return (2, p) rows, those of a pair distinct: all pairs if there are not more than `pairs`, else a sample."""
    if len(rows) * (len(rows) - 1) // 2 <= pairs:
        return rows[np.stack(np.triu_indices(len(rows), 1))]
    rng = np.random.default_rng(seed)
    first = rng.integers(0, len(rows), pairs)
    second = (first + rng.integers(1, len(rows), pairs)) % len(rows)
    return np.stack((rows[first], rows[second]))
