"""Random projection: matrices, and the bound of Johnson and Lindenstrauss on the distortion.

Place in the data flow: number of words, eps or dimension -> matrix (d, k).

Sources
-------
Johnson & Lindenstrauss 1984; Dasgupta & Gupta 2003 (An elementary proof of a theorem of Johnson and Lindenstrauss),
theorem 2.1, for the bound; Achlioptas 2003 (Database-friendly random projections: Johnson-Lindenstrauss with binary
coins), theorem 1.1, for matrices of -1, 0 and 1.
"""

from __future__ import annotations

import math

import numpy as np

from w2v.types import Matrix

MATRICES = ("gaussian", "rademacher", "achlioptas")
"""Numbers of a random matrix: N(0, 1); -1 or 1; sqrt(3) times -1, 0 or 1 with the probabilities 1/6, 2/3, 1/6."""

LARGEST_BOUND = 1 / 6
"""eps^2/2 - eps^3/3 at eps = 1, beyond which the bound says nothing."""


def random_matrix(d: int, k: int, kind: str, seed: int) -> Matrix:
    """Return a random matrix (d, k) float32 that keeps squared lengths in the mean.

    Parameters
    ----------
    kind : one of `MATRICES`.
    """
    rng = np.random.default_rng(seed)
    if kind == "gaussian":
        drawn = rng.standard_normal((d, k))
    elif kind == "rademacher":
        drawn = np.array([-1.0, 1.0])[rng.integers(0, 2, (d, k))]
    else:
        drawn = math.sqrt(3) * np.array([-1.0, 0.0, 0.0, 0.0, 0.0, 1.0])[rng.integers(0, 6, (d, k))]
    return (drawn / math.sqrt(k)).astype(np.float32)


def bound_dim(words: int, eps: float) -> int:
    """Return the least k >= 4 ln n / (eps^2/2 - eps^3/3): with k dimensions a random projection changes the squared
    distance of each pair of n words by a factor outside 1 - eps to 1 + eps with a probability of at most 2 / n^2.

    Parameters
    ----------
    eps : above 0 and below 1.
    """
    return max(1, math.ceil(4 * math.log(max(1, words)) / _rate(eps)))


def bound_eps(words: int, k: int) -> float | None:
    """Return the least eps for which k dimensions are enough by `bound_dim`; None if no eps below 1 is."""
    needed = 4 * math.log(max(1, words)) / k
    if needed >= LARGEST_BOUND:
        return None
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _rate(middle) < needed else (low, middle)
    return high


def _rate(eps: float) -> float:
    return eps * eps / 2 - eps ** 3 / 3
