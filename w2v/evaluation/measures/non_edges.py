"""Pairs of nodes that are no edges, drawn at random.

Place in the data flow: numbers of nodes, pairs that must not be drawn -> pairs. A pair (a, b) with a < b of n nodes has
the code a n + b, and (b, a) is the same pair.
"""

from __future__ import annotations

import numpy as np

from w2v.types import Indices

_ALL = 1 << 20  # up to so many pairs, all that may be drawn are listed
_ROUNDS = 50


def codes_of(pairs: Indices, n: int) -> Indices:
    """Return the codes (m,) of pairs (m, 2) of n nodes."""
    return np.asarray(pairs.min(axis=1) * n + pairs.max(axis=1), dtype=np.int64)


def draw_non_edges(n: int, count: int, taken: Indices, seed: int) -> Indices:
    """Draw different pairs of different nodes uniformly.

    Parameters
    ----------
    n : number of nodes.
    count : how many pairs to draw.
    taken : codes of pairs that must not be drawn.

    Returns
    -------
    (m, 2) int64; m is smaller than `count` if there are not enough pairs.
    """
    rng = np.random.default_rng(seed)
    taken = np.unique(taken)
    if n * (n - 1) // 2 <= _ALL:
        first, second = np.triu_indices(n, 1)
        free = np.setdiff1d(first * n + second, taken, assume_unique=True)
        found = rng.permutation(free)[:count]
    else:
        found = np.empty(0, np.int64)
        for _ in range(_ROUNDS):
            drawn = rng.integers(0, n, (2 * (count - len(found)) + 16, 2))
            drawn = codes_of(drawn[drawn[:, 0] != drawn[:, 1]], n)
            found = np.concatenate([found, drawn[~np.isin(drawn, taken)]])
            found = found[np.sort(np.unique(found, return_index=True)[1])][:count]
            if len(found) == count:
                break
    return np.stack(np.divmod(found, max(n, 1)), axis=1)
