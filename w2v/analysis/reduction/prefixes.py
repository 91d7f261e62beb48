"""Quality of the first numbers of reduced vectors: variance, cosines, neighbours and the mean, by length of prefix.

Place in the data flow: rows before and after -> a `Prefix` for each length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2v.analysis.estimate import Estimate
from w2v.analysis.neighbour_sets import nearest_rows, overlap
from w2v.analysis.reduction.distortion import DRAWS, prefix_cosines, prefix_of
from w2v.analysis.samples import drawn_rows
from w2v.formats.rows import Rows
from w2v.types import Floats, Indices
from w2v.vectors.table import Table

_FRACTIONS = (1 / 8, 1 / 4, 1 / 2, 3 / 4)


@dataclass(frozen=True)
class Prefix:
    """The first `dim` numbers of the new vectors, compared with all numbers of the old ones.

    Attributes
    ----------
    dim : number of numbers.
    variance : share of the variance of the old vectors that they keep; by chance that of random vectors. None for a
        random projection, which keeps all of it in the mean.
    cosine_error : mean absolute difference of the cosines of random pairs; by chance between cosines of different
        pairs.
    neighbours : share of the nearest neighbours that are the same, mean over a sample of words; None if not measured.
    mean_share : squared length of the mean vector as a share of the mean squared length; 1 / n by chance.
    """

    dim: int
    variance: Estimate | None
    cosine_error: Estimate
    neighbours: Estimate | None
    mean_share: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"dim": self.dim, **{name: None if (value := getattr(self, name)) is None else value.to_dict()
                                    for name in ("variance", "cosine_error", "neighbours", "mean_share")}}


def prefix_lengths(d: int, k: int) -> list[int]:
    """Return the lengths to measure: some fractions of d that are below k, and k."""
    return [*sorted({length for part in _FRACTIONS if 1 <= (length := round(d * part)) < k}), k]


def cosine_errors(before: Rows, after: Rows, pairs: Indices, dims: Sequence[int], seed: int) -> list[Estimate]:
    """Return `Prefix.cosine_error` for each length."""
    [old] = prefix_cosines(before, pairs, [before.shape[1]])
    new = prefix_cosines(after, pairs, dims)
    others = np.abs(np.roll(new, 1, axis=1) - old)
    chance = others.mean(axis=1).tolist() if len(old) > 1 else [None] * len(dims)
    return Estimate.means(np.abs(new - old), chance=chance, draws=DRAWS, seed=seed)


def neighbour_overlaps(before: Table, after: Rows, usable: Indices, dims: Sequence[int], sample: int | None, topn: int,
                       seed: int) -> tuple[int, list[Estimate | None]]:
    """Return the number of words asked, and `Prefix.neighbours` for each length.

    Parameters
    ----------
    usable : rows that are not broken, from which the words are drawn; zero vectors have no neighbours and are
        left out.
    sample : number of words; None for all, 0 for none.
    """
    queries = _without_zeros(before.rows, drawn_rows(usable, sample, seed))
    if not len(queries) or len(usable) < 2:
        return 0, [None] * len(dims)
    chance = min(topn, len(usable) - 1) / (len(usable) - 1)
    old, _ = nearest_rows(before.rows, queries, topn)
    found: list[Estimate | None] = []
    for dim in dims:
        new, _ = nearest_rows(prefix_of(after, dim), queries, topn)
        found.append(Estimate.mean(overlap(old, new), chance=chance, draws=DRAWS, seed=seed))
    return len(queries), found


def _without_zeros(rows: Rows, queries: Indices, step: int = 8192) -> Indices:
    parts = [part[(rows[part] != 0).any(axis=1)] for start in range(0, len(queries), step)
             if len(part := queries[start:start + step])]
    return np.concatenate(parts) if parts else queries


def mean_shares(mean: Floats, second_moment: Floats, dims: Sequence[int], words: int) -> list[Estimate]:
    """Return `Prefix.mean_share` for each length, from the mean (k,) and the diagonal (k,) of the second moment."""
    above, below = np.cumsum(mean ** 2), np.cumsum(second_moment)
    return [Estimate(float(above[dim - 1] / below[dim - 1]) if below[dim - 1] > 0 else 0.0, None, 1 / max(1, words))
            for dim in dims]
