"""Remaining bias: how strong words are along a direction, and whether biased words are still near each other.

Place in the data flow: vectors before and after debiasing -> numbers of both.

Sources
-------
Bolukbasi et al. 2016 (1607.06520), section 5.2: direct bias. Gonen & Goldberg 2019 (1903.03862), section 4: the most
biased words still form two clusters, and their neighbours are words of the same bias.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2v.analysis.estimate import Estimate
from w2v.analysis.linear_map import BLOCK
from w2v.analysis.neighbour_sets import neighbours_among
from w2v.analysis.samples import drawn_rows
from w2v.evaluation.statistics.bootstrap import SEED
from w2v.evaluation.statistics.clusters import purity
from w2v.evaluation.statistics.kmeans import spherical_kmeans
from w2v.types import Floats, Indices
from w2v.vectors.lengths import unit_rows
from w2v.vectors.queries import Queries

BIASED = 500
"""Words on each side. Source: Gonen & Goldberg 2019."""

NEIGHBOURS = 10

REMAINING = {"direct": "mean |cosine| with the direction", "variance": "share of variance along it",
             "clusters": "most biased words in two clusters (purity)",
             "neighbours": f"their {NEIGHBOURS} neighbours of the same side"}
"""What the attributes of `Remaining` are."""

_SAMPLE = 10_000  # words whose mean is resampled
_DRAWS = 1000
_RESTARTS = 3


@dataclass(frozen=True)
class Remaining:
    """Bias of one space along a direction, or in what is left without it.

    Attributes
    ----------
    direct : mean |cosine| of neutral words with the direction; `chance` is that of random vectors.
    variance : share of the squared length of neutral words in the subspace; `chance` is k / d.
    clusters : purity of two clusters of the words that were most biased on both sides before.
    neighbours : share of the nearest 10 words of each of these words, among them, that have the same side.
    """

    direct: Estimate
    variance: Estimate
    clusters: Estimate | None
    neighbours: Estimate | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {spec.name: None if (value := getattr(self, spec.name)) is None else value.to_dict()
                for spec in dataclasses.fields(self)}


def components_of(kv: Queries, basis: Floats, rows: Indices) -> Floats:
    """Return (m, k) parts of unit vectors of rows (m,) along directions (k, d), read in blocks."""
    found = np.empty((len(rows), len(basis)))
    inverse, columns = kv.fill_norms().inverse, basis.T.astype(np.float32)
    step = max(1, BLOCK // max(1, kv.vector_size))
    for start in range(0, len(rows), step):
        part = rows[start:start + step]
        found[start:start + step] = (kv.rows[part] @ columns) * inverse[part, None]
    return found


def most_biased(parts: Floats, neutral: Indices) -> tuple[Indices, Indices]:
    """Return the rows of the most biased neutral words on both sides, and the side of each, 0 or 1.

    Parameters
    ----------
    parts : (m, k) of the neutral words (m,).
    """
    order = neutral[np.argsort(parts[:, 0], kind="stable")]
    side = min(BIASED, len(order) // 2)
    rows = np.concatenate((order[:side], order[len(order) - side:]))
    return rows, np.repeat(np.arange(2), side)


def remaining(kv: Queries, basis: Floats, neutral: Indices, biased: tuple[Indices, Indices],
              seed: int = SEED) -> Remaining:
    """Measure what is left of a bias.

    Parameters
    ----------
    neutral : (m,) rows of the words that should have no bias, not broken.
    biased : rows and sides of the most biased of them, as `most_biased` returns of the vectors before debiasing.
    """
    d, k = kv.vector_size, len(basis)
    neutral = drawn_rows(neutral, _SAMPLE, seed)
    parts = components_of(kv, basis, neutral)
    direct = Estimate.mean(np.abs(parts[:, 0]), chance=_chance_of_cosine(d), draws=_DRAWS, seed=seed)
    variance = Estimate.mean((parts * parts).sum(axis=1), chance=k / d, draws=_DRAWS, seed=seed)
    rows, sides = biased
    if len(rows) <= 2 * NEIGHBOURS:
        return Remaining(direct, variance, None, None)
    units = unit_rows(kv.rows[rows].copy())
    share = purity(spherical_kmeans(units, 2, restarts=_RESTARTS, seed=seed).labels, sides)
    clusters = Estimate.share(round(share * len(rows)), len(rows), chance=0.5 + 1 / math.sqrt(2 * math.pi * len(rows)),
                              draws=_DRAWS, seed=seed)
    near = neighbours_among(kv, rows, np.arange(len(rows)), NEIGHBOURS)
    same = (sides[near] == sides[:, None]).mean(axis=1)
    chance = (len(rows) / 2 - 1) / (len(rows) - 1)
    return Remaining(direct, variance, clusters, Estimate.mean(same, chance=chance, draws=_DRAWS, seed=seed))


def _chance_of_cosine(d: int) -> float:
    """Return the mean |cosine| of random vectors of d dimensions with a direction."""
    return math.exp(math.lgamma(d / 2) - math.lgamma((d + 1) / 2)) / math.sqrt(math.pi)
