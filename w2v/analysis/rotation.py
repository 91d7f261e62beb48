"""Orthogonal Procrustes: the rotation of one space that brings it nearest to another.

Place in the data flow: rows of the same words in two spaces -> second moment (d, e) -> rotation -> `LinearMap`.

Sources
-------
Schönemann 1966 (A generalized solution of the orthogonal Procrustes problem); Smith et al. 2017 (1702.03859), section
2, for unit vectors.
"""

from __future__ import annotations

import numpy as np

from w2v.analysis.linear_map import BLOCK, LinearMap
from w2v.types import Floats, Indices
from w2v.vectors.lengths import unit_rows
from w2v.vectors.table import Table


def cross_moment(source: Table, rows: Indices, target: Table, target_rows: Indices,
                 weights: Floats | None = None) -> Floats:
    """Return (d, e) the sum of outer products of unit vectors of m words in two spaces, computed in blocks.

    Parameters
    ----------
    rows, target_rows : (m,) rows of the same words; broken rows must be left out before.
    weights : (m,) of the words; None for 1.
    """
    d, e = source.vector_size, target.vector_size
    total = np.zeros((d, e))
    step = max(1, BLOCK // max(d, e))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        a, b = unit_rows(source.rows[rows[part]]), unit_rows(target.rows[target_rows[part]])
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
