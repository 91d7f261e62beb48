"""Least trimmed squares: the pairs of words to which a map between two spaces fits best.

Place in the data flow: pairs of words -> those that agree -> `LinearMap`.

Source: Rousseeuw 1984 (Least median of squares regression), least trimmed squares; Rousseeuw & Van Driessen 1999 and
2006 (Computing LTS regression for large data sets), concentration steps.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from w2v.analysis.linear_map import LinearMap
from w2v.types import Floats, Indices

_CHANGED = 0.001  # share of the pairs that may still change after the last step


def agreeing(fit: Callable[[Indices], LinearMap], cosines: Callable[[LinearMap], Floats], n: int, kept: int,
             steps: int) -> Indices:
    """Return the numbers, rising, of those of n pairs that agree best.

    Fit a map, keep the pairs with the highest cosines after it, fit again to these and choose anew, until they stay the
    same (0.1 % may change). The sum of squared distances of the pairs that are kept falls with each step.

    Parameters
    ----------
    fit : returns a map fitted to the pairs with these numbers.
    cosines : returns (n,) the cosine of each pair after a map.
    kept : number of pairs to keep.
    steps : most concentration steps.
    """
    chosen = np.arange(n, dtype=np.int64)
    if kept >= n:
        return chosen
    for _ in range(steps):
        best = np.sort(np.argsort(-cosines(fit(chosen)), kind="stable")[:kept])
        changed = kept - len(np.intersect1d(best, chosen, assume_unique=True))
        same = len(chosen) == kept and changed <= _CHANGED * kept
        chosen = best
        if same:
            break
    return chosen
