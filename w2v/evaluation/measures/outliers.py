"""Outlier detection: which word does not belong to the others?

Place in the data flow: groups with outliers + vectors -> `OutlierResult`.

Source: Camacho-Collados & Navigli 2016 (W16-2508), section 2: of a group with one outlier the words are ordered by
their compactness, the mean cosine with the others; the outlier should be the last one. Accuracy is how often it is, OPP
the mean of its place (0 to the size of the group) divided by that size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from w2v.evaluation.measures.lookup import Lookup
from w2v.evaluation.results import Items, OutlierResult
from w2v.evaluation.sets.groups import Group
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED, Floats, counts_of_draws, percentiles
from w2v.formats.vectorfile import Matrix


def score_outliers(
    lookup: Lookup, name: str, groups: Sequence[Group], *, draws: int = DRAWS, seed: int = SEED
) -> OutlierResult:
    """Over the cases whose outlier and two words of the group at least are known; unknown words of a group are left
    out. A phrase without a vector is the mean of its known words, as in the scorer of 8-8-8."""
    sums = np.array([_group(lookup, group) for group in groups], dtype=np.float64)  # found, OPP, known cases
    total = sum(len(group.outliers) for group in groups)
    found, opp, cases = sums.sum(axis=0).tolist()
    items = np.where(sums[:, 2:] > 0, sums, np.nan)
    if not cases:
        return OutlierResult(name, None, None, 0, total, len(groups), items=Items(items))
    low_high = [percentiles(draw) for draw in ratio_draws(sums, draws, seed)] if draws else [None, None]
    return OutlierResult(name, found / cases, opp / cases, int(cases), total, len(groups), low_high[0], low_high[1],
                         found / total, opp / total, Items(items))


def ratio_draws(sums: Floats, draws: int, seed: int) -> Floats:
    """(2, draws) accuracies and OPP of resampled groups, from their sums (n, 3) of found, OPP and cases."""
    blocks = [counts @ sums for counts in counts_of_draws(len(sums), draws, seed)]
    drawn = np.concatenate(blocks)
    with np.errstate(invalid="ignore"):
        return np.ascontiguousarray((drawn[:, :2] / drawn[:, 2:]).T)


def _group(lookup: Lookup, group: Group) -> tuple[float, float, float]:
    """Outliers found, sum of OPP, and known cases of one group."""
    words = [unit for word in group.words if (unit := _unit(lookup, word)) is not None]
    outliers = [unit for word in group.outliers if (unit := _unit(lookup, word)) is not None]
    if len(words) < 2 or not outliers:
        return 0.0, 0.0, 0.0
    inside = np.stack(words).astype(np.float64)
    outside = np.stack(outliers).astype(np.float64)
    within = inside @ inside.T
    np.fill_diagonal(within, 0)
    across = outside @ inside.T  # (outliers, words)
    compactness = within.sum(axis=1) + across  # of the words of the group, beside each outlier
    place = (compactness > across.sum(axis=1)[:, None]).sum(axis=1)
    size = len(words)
    return float((place == size).sum()), float(place.sum() / size), float(len(outliers))


def _unit(lookup: Lookup, word: str) -> Matrix | None:
    row = lookup.row(word)
    if row >= 0:
        unit: Matrix = lookup.kv.unit_vectors([row])[0]
        return unit
    rows = [row for part in word.replace("_", " ").split() if (row := lookup.row(part)) >= 0]
    if not rows:
        return None
    mean: Matrix = lookup.kv.unit_vectors(rows).mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / length if length > 0 else None
