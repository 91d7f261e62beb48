"""Orthogonal Procrustes: the rotation of one space that brings it nearest to another.

Place in the data flow: rows of the same words in two spaces -> second moment (d, e) -> rotation -> `LinearMap`.

Sources
-------
Schönemann 1966 (A generalized solution of the orthogonal Procrustes problem); Smith et al. 2017 (1702.03859), section
2, for unit vectors; Artetxe et al. 2016 (Learning principled bilingual mappings of word embeddings while preserving
monolingual invariance, D16-1250), section 2, for mean centring.
"""

from __future__ import annotations

import numpy as np

from w2v.analysis.linear_map import BLOCK, LinearMap
from w2v.formats.rows import Rows
from w2v.types import Floats, Indices, Scores
from w2v.vectors.lengths import unit_rows
from w2v.vectors.table import Table


def cross_moment(source: Table, rows: Indices, target: Table, target_rows: Indices,
                 weights: Floats | None = None, means: tuple[Scores, Scores] | None = None) -> Floats:
    """Return (d, e) the sum of outer products of unit vectors of m words in two spaces, computed in blocks.

    Parameters
    ----------
    rows, target_rows : (m,) rows of the same words; broken rows must be left out before.
    weights : (m,) of the words; None for 1.
    means : (d,) and (e,) subtracted from the vectors before these are scaled to length 1; None for none.
    """
    d, e = source.vector_size, target.vector_size
    total = np.zeros((d, e))
    step = max(1, BLOCK // max(d, e))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        a, b = source.rows[rows[part]], target.rows[target_rows[part]]
        if means is not None:
            a, b = a - means[0], b - means[1]
        a, b = unit_rows(a), unit_rows(b)
        if weights is not None:
            a *= weights[part, None].astype(np.float32)
        total += a.T @ b
    return total


def rotation_of(moment: Floats) -> LinearMap:
    """Return the rotation of the source that makes its unit vectors nearest to those of the target.

    Parameters
    ----------
    moment : (d, e) of `cross_moment`. If d and e differ, the columns or the rows of the matrix are orthonormal.
    """
    left, _, right = np.linalg.svd(moment, full_matrices=False)
    return LinearMap((left @ right).astype(np.float32), is_rotation=moment.shape[0] == moment.shape[1])


def fit_rotation(source: Table, rows: Indices, target: Table, target_rows: Indices,
                 weights: Floats | None = None) -> LinearMap:
    """Return `rotation_of` the `cross_moment` of the words in these rows."""
    return rotation_of(cross_moment(source, rows, target, target_rows, weights))


def fit_centred(source: Table, rows: Indices, target: Table, target_rows: Indices) -> LinearMap:
    """Return the map that also moves the mean of the words in the source to that in the target.

    x -> scale * (x - mean of the source) @ rotation + mean of the target. The rotation is fitted to centred vectors of
    length 1; the scale gives the centred vectors of the source the mean square length of those of the target.
    """
    mean, spread = _mean_and_spread(source.rows, rows)
    target_mean, target_spread = _mean_and_spread(target.rows, target_rows)
    moment = cross_moment(source, rows, target, target_rows, means=(mean, target_mean))
    scale = target_spread / spread if spread > 0 and target_spread > 0 else 1.0
    return LinearMap((rotation_of(moment).matrix * scale).astype(np.float32), mean, offset=target_mean)


def _mean_and_spread(table: Rows, rows: Indices) -> tuple[Scores, float]:
    """Return the mean (d,) of some rows, and the root of the mean squared distance from it."""
    total, squares = np.zeros(table.shape[1]), 0.0
    step = max(1, BLOCK // max(1, table.shape[1]))
    for start in range(0, len(rows), step):
        total += table[rows[start:start + step]].sum(axis=0, dtype=np.float64)
    mean = (total / max(1, len(rows))).astype(np.float32)
    for start in range(0, len(rows), step):
        squares += float(np.square(table[rows[start:start + step]] - mean, dtype=np.float64).sum())
    return mean, (squares / max(1, len(rows))) ** 0.5


def paired_cosines(source: Table, rows: Indices, target: Table, target_rows: Indices,
                   change: LinearMap | None = None) -> Floats:
    """Return (m,) the cosine of each word's vector in the source, after a map, with its vector in the target.

    Exactly 1 for equal rows without a map; 0 if one of two different rows is zero.
    """
    cosines = np.empty(len(rows))
    step = max(1, BLOCK // max(source.vector_size, target.vector_size))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        first, b = source.rows[rows[part]], target.rows[target_rows[part]].astype(np.float64)
        a = (first if change is None else change(first)).astype(np.float64)
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        same = (a == b).all(axis=1)
        cosines[part] = np.where(same, 1.0, (a * b).sum(axis=1) / np.where(lengths > 0, lengths, 1.0))
    return np.clip(cosines, -1.0, 1.0)
