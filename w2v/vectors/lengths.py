"""Lengths of rows, and vectors scaled to length 1.

Place in the data flow: `Rows` -> `Lengths`, from which searches make cosines without a normalised copy of the matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.formats.rows import Rows
from w2v.types import Indices, Matrix, Scores

_BLOCK = 8192  # rows at a time


@dataclass(frozen=True)
class Lengths:
    """Lengths of n rows; see `row_lengths`.

    Attributes
    ----------
    norms : (n,) float32, 1 for a zero row.
    inverse : (n,) float32, the factor that scales a row to length 1; NaN for a broken row.
    broken : indices of rows that no factor scales to length 1, because a number is not finite or the length is not a
        float32.
    """

    norms: Scores
    inverse: Scores
    broken: Indices


def row_lengths(vectors: Matrix | Rows) -> Lengths:
    """Return the lengths of the rows (n, d), computed in blocks: no temporary is as large as the matrix."""
    norms = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start:start + _BLOCK]
        with np.errstate(over="ignore", invalid="ignore"):
            norms[start:start + _BLOCK] = np.sqrt(np.einsum("ij,ij->i", block, block))
    norms[norms == 0] = 1
    with np.errstate(over="ignore"):
        inverse = np.reciprocal(norms)
    broken = np.flatnonzero(~(np.isfinite(norms) & np.isfinite(inverse)))
    inverse[broken] = np.nan
    return Lengths(norms, inverse, broken)


_ROUNDING = 4 * float(np.finfo(np.float32).eps)


def unit_length(vector: npt.NDArray[Any]) -> Matrix:
    """Return the vector (d,) scaled to length 1 as float32; a zero vector stays zero, and one of length 1, up to the
    rounding of float32, stays the same."""
    length = float(np.linalg.norm(vector.astype(np.float64)))
    scaled = vector if length == 0 or abs(length - 1) <= _ROUNDING else vector / length
    return scaled.astype(np.float32)


def cosine(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    """Return the cosine of two vectors (d,): exactly 1 for equal ones, 0 for a zero vector, NaN for a broken one."""
    with np.errstate(invalid="ignore", over="ignore"):
        if not np.isfinite([a @ a, b @ b]).all():
            return float("nan")
    a, b = a.astype(np.float64), b.astype(np.float64)
    lengths = float(np.sqrt((a @ a) * (b @ b)))  # of equal vectors the root of a square, which is exact
    return max(-1.0, min(1.0, float(a @ b) / lengths)) if lengths else 0.0


def unit_rows(rows: Matrix) -> Matrix:
    """Scale the rows (k, d) to length 1, in place, and return them; zero rows stay zero, broken ones become NaN."""
    with np.errstate(invalid="ignore", over="ignore"):
        rows *= row_lengths(rows).inverse[:, None]
    return rows
