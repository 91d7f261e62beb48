"""Ranking of two classes by a score: area under the ROC curve, and average precision.

Place in the data flow: scores of positive and negative items -> both measures, and their bootstrap replicates.

Items with equal scores are one threshold, as in scikit-learn. With P positive and N negative items, and p_g and n_g of
them at the threshold g, counted from the highest score down to it as P_g and N_g:

AUC = sum of p_g (N - N_g + n_g / 2) / (P N)        Fawcett 2006, section 7: the share of pairs in the right order
AP = sum of p_g / P x P_g / (P_g + N_g)             Manning, Raghavan & Schütze 2008, section 8.4
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from w2v.evaluation.statistics.bootstrap import DRAWS, SEED, percentile_interval, resample_counts
from w2v.types import Floats, Interval

Flags = npt.NDArray[np.bool_]

_ITEMS = 1 << 13  # up to so many, single items are resampled
_CELLS = 1 << 10  # of each class
_DRAWN = 64  # resamples of cells at a time


def auc_and_precision(positive: Flags, scores: Floats) -> tuple[float, float] | None:
    """Return AUC and average precision of scores (n,); None without a positive or a negative item."""
    if positive.all() or not positive.any():
        return None
    auc, precision = _Thresholds(positive, scores).of(np.ones((1, len(scores))))
    return float(auc[0]), float(precision[0])


def ranking_replicates(
    positive: Flags, scores: Sequence[Floats], draws: int = DRAWS, seed: int = SEED
) -> Floats:
    """Return (k, 2, draws) AUC and average precision of each of k `scores` (n,), over the same resamples of n items.

    NaN where a resample has no positive or no negative item.
    """
    thresholds = [_Thresholds(positive, one) for one in scores]
    blocks = [np.array([one.of(counts) for one in thresholds])
              for counts in resample_counts(len(positive), draws, seed)]
    return np.concatenate(blocks, axis=2)


def ranking_intervals(
    positive: Flags, scores: Floats, draws: int = DRAWS, seed: int = SEED
) -> tuple[Interval, Interval]:
    """Return the 95 % intervals of AUC and average precision of scores (n,); `draws` is 1 or more.

    Above 8,192 items, those of each class with neighbouring ranks are one of 2,048 cells, whose sizes in a resample are
    multinomial. The time then does not grow with n. Scores in a cell count as equal, which concerns one pair in 1,024.
    """
    if len(positive) <= _ITEMS:
        found = ranking_replicates(positive, [scores], draws, seed)[0]
    else:
        found = _cell_replicates(positive, scores, draws, seed)
    return percentile_interval(found[0]), percentile_interval(found[1])


def _cell_replicates(positive: Flags, scores: Floats, draws: int, seed: int) -> Floats:
    """Return (2, draws) AUC and average precision of resamples of cells with neighbouring ranks."""
    n = len(positive)
    _, group, sizes = np.unique(-scores, return_inverse=True, return_counts=True)
    cell = (np.cumsum(sizes) - sizes)[group] * _CELLS // n  # of the first item with an equal score
    kept, sizes = np.unique(2 * cell + positive, return_counts=True)
    thresholds = _Thresholds(kept % 2 == 1, -(kept // 2).astype(np.float64))
    rng = np.random.default_rng(seed)
    blocks = [np.array(thresholds.of(rng.multinomial(n, sizes / n, min(_DRAWN, draws - start)).astype(np.float64)))
              for start in range(0, draws, _DRAWN)]
    return np.concatenate(blocks, axis=1)


class _Thresholds:
    """Items by falling score, in groups of equal scores."""

    def __init__(self, positive: Flags, scores: Floats) -> None:
        self.order = np.argsort(-scores, kind="stable")
        ordered = scores[self.order]
        self.starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        self.distinct = len(self.starts) == len(scores)
        self.positive = positive[self.order].astype(np.float64)

    def of(self, counts: Floats) -> tuple[Floats, Floats]:
        """Return AUC (b,) and average precision (b,) of resamples with `counts` (b, n) of the items."""
        items = counts[:, self.order]
        hits = items * self.positive
        if not self.distinct:
            items, hits = (np.add.reduceat(values, self.starts, axis=1) for values in (items, hits))
        found, seen = np.cumsum(hits, axis=1), np.cumsum(items, axis=1)
        positives, negatives = found[:, -1], seen[:, -1] - found[:, -1]
        below = negatives[:, None] - (seen - found) + (items - hits) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            auc = np.einsum("ij,ij->i", hits, below) / (positives * negatives)
            precision = np.einsum("ij,ij->i", hits, found / np.maximum(seen, 1)) / positives
        precision[negatives == 0] = np.nan
        return auc, precision
