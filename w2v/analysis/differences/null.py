"""Null model of moves: which words moved more than they do between runs on the same text.

Place in the data flow: similarity of each word between all pairs of runs -> excess over the runs of one text -> p.

Under the null hypothesis the runs of both texts are exchangeable for a word, so every division of all runs in two
groups of the same sizes gives an excess with the same distribution as the real one. With 2 to 5 runs there are too few
divisions for a p value of a single word, so the values of all words are pooled, each divided by the spread at its
frequency. Only divisions are used that do not resemble the real one, in which words that moved have no positive excess.

Runs are exchangeable if they differ in the seed, and then the hypothesis is that the text is the same; or if they are
trained on separate random parts of each text, and then it is that the texts are samples of the same language. Bootstrap
samples are not: those of one text share its lines, and are nearer to each other than to samples of another text of the
same language. The p values are too small then.

Sources
-------
Tusher, Tibshirani & Chu 2001 (Significance analysis of microarrays), balanced permutations pooled over genes; Phipson &
Smyth 2010 (Permutation p-values should never be zero), for + 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from w2v.analysis.differences.windows import usual
from w2v.types import Floats, Indices, Matrix

_DIVISIONS = 20  # most divisions of the runs by which the null distribution is made
_TRIED = 5000  # most divisions that are looked at


@dataclass(frozen=True, eq=False)
class Excess:
    """By how much words are less similar between two texts than between runs on one text.

    Attributes
    ----------
    between, within : (q,) mean similarity of a word between a run of the old and one of the new text, and between two
        runs of one text.
    p : (q,) probability of a within - between at least as large as that of this word, for words that did not move.
    """

    between: Floats
    within: Floats
    p: Floats


def run_pairs(n_old: int, n_new: int) -> list[tuple[int, int]]:
    """Return all pairs of runs, which have the numbers 0 to n_old + n_new - 1, those of the old text first."""
    return list(combinations(range(n_old + n_new), 2))


def excess(pairs: Matrix, n_old: int, n_new: int, places: Indices, reference: Indices, least_spread: float,
           seed: int) -> Excess:
    """Compare the similarity of words between texts with that between runs of one text.

    Parameters
    ----------
    pairs : (pairs, q) similarity of the words, in the order of `run_pairs`.
    n_old, n_new : runs of each text, three or more together.
    places : (q,) rising places of the words in the order of frequency.
    reference : numbers of the words whose values make the null distribution.
    least_spread : smallest spread of the null distribution.
    """
    real, *others = _divisions(n_old, n_new, seed)
    within, between = (np.asarray(weights @ pairs, dtype=np.float64) for weights in _weights(real, n_old + n_new))
    # The spread is that about the median: where most words moved, their values in other divisions are far below 0.
    known = pairs[:, reference].astype(np.float64)
    null: Floats = np.stack([_difference(other, n_old + n_new) @ known for other in others])
    spread = usual(null, places[reference], least_spread).at(places)[1]
    pooled = np.sort((null / spread[reference]).ravel())  # NaN comes last
    pooled = pooled[:len(pooled) - int(np.isnan(pooled).sum())]
    moved = (within - between) / spread
    above = len(pooled) - np.searchsorted(pooled, moved, side="left")
    return Excess(between, within, np.where(np.isnan(moved), np.nan, (1 + above) / (1 + len(pooled))))


def _divisions(n_old: int, n_new: int, seed: int) -> list[frozenset[int]]:
    """Return the first group of each division of the runs in two: the real one, and those for the null hypothesis."""
    n = n_old + n_new
    real = frozenset(range(n_old))
    if comb(n, n_old) <= _TRIED:
        groups = [frozenset(group) for group in combinations(range(n), n_old)]
    else:
        rng = np.random.default_rng(seed)
        groups = list(dict.fromkeys(frozenset(map(int, rng.permutation(n)[:n_old])) for _ in range(_TRIED)))
    if n_old == n_new:  # the two groups are interchangeable
        groups = [group for group in groups if 0 in group]
    across = (_difference(real, n) < 0).astype(np.float32)  # pairs of one old and one new run
    found = [group for group in groups if group != real and -(_difference(group, n) @ across) <= 1e-6]
    if len(found) > _DIVISIONS:
        chosen = np.random.default_rng(seed).choice(len(found), _DIVISIONS, replace=False)
        found = [found[i] for i in sorted(chosen)]
    return [real, *found]


def _weights(group: frozenset[int], n: int) -> tuple[Matrix, Matrix]:
    """Return the weights (pairs,) of the pairs within the groups, and between them, each with the sum 1."""
    pairs: Sequence[tuple[int, int]] = list(combinations(range(n), 2))
    same = np.array([(a in group) == (b in group) for a, b in pairs])
    return (same / same.sum()).astype(np.float32), (~same / (~same).sum()).astype(np.float32)


def _difference(group: frozenset[int], n: int) -> Matrix:
    within, between = _weights(group, n)
    return within - between
