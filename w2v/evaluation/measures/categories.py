"""Categorisation: are words of one class near to each other?

Place in the data flow: words with classes + vectors -> `CategoryResult`.

Source: Baroni, Dinu & Kruszewski 2014 (P14-1023), section 3: as many clusters as classes, purity. They cluster by
CLUTO; here spherical k-means and average linkage, each by itself, where the `web` benchmarks give the best of several.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from w2v.evaluation.measures.lookup import Lookup
from w2v.evaluation.results import CategoryResult, Items
from w2v.evaluation.sets.groups import Member
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED, purity_draws, reflected
from w2v.evaluation.statistics.clusters import average_linkage, purity, spherical_kmeans

LINKAGE_WORDS = 8000  # above that, the distances of all pairs would take more than 256 MB: k-means alone


def score_categories(
    lookup: Lookup, name: str, members: Sequence[Member], *, draws: int = DRAWS, seed: int = SEED
) -> CategoryResult:
    """Purity over the known words; as many clusters as there are classes with a known word."""
    rows = np.array([lookup.row(member.word) for member in members], dtype=np.int64)
    known = np.flatnonzero(rows >= 0)
    names = [members[i].name for i in known.tolist()]
    n, unknown = len(known), len(members) - len(known)
    k = len(set(names))
    if not n:
        return CategoryResult(name, None, None, 0, unknown, len({member.name for member in members}))
    classes = np.unique(names, return_inverse=True)[1].reshape(-1).astype(np.int64)
    units = lookup.kv.unit_vectors(rows[known])
    clusters = [spherical_kmeans(units, k, seed=seed)]
    if n <= LINKAGE_WORDS:
        clusters.append(average_linkage(units, k))
    values = [purity(cluster, classes) for cluster in clusters]
    drawn = purity_draws(clusters, classes, draws, seed) if draws else ()
    intervals = [reflected(value, draw) for value, draw in zip(values, drawn, strict=False)]
    labels = np.full((len(members), 1), np.nan)
    labels[known, 0] = clusters[0]
    gold = np.unique([member.name for member in members], return_inverse=True)[1].reshape(-1).astype(np.float64)
    share = n / len(members)
    linkage = len(values) > 1
    return CategoryResult(
        name, values[0], values[1] if linkage else None, n, unknown, k, intervals[0] if draws else None,
        intervals[1] if draws and linkage else None, values[0] * share, values[1] * share if linkage else None,
        Items(labels, gold))
