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

from w2v.evaluation.statistics.bootstrap import DRAWS, SEED, resample_counts
from w2v.types import Floats

Flags = npt.NDArray[np.bool_]


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
