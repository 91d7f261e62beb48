"""The merge of a round in plain NumPy. Read this first; training does not use it.

P workers start from one snapshot of a row and train it on different texts. A row learns by steps whose pull towards the
optimum differs by direction: along the eigenvector u of its curvature with eigenvalue e, a worker that has met the
curvature h has gone the share 1 - exp(-h e) of the way. Together they would have gone 1 - exp(-H e), with H the sum of
all h. So in steep directions, where each worker has nearly reached the optimum, their changes are averaged; in flat
ones they are added up.

The curvature of a row is that of the logistic loss: h = sum of alpha * sigmoid * (1 - sigmoid) over the pairs that the
worker has trained, and the directions are those of the second moment of the rows of the other matrix.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def phi(z: Array) -> Array:
    """(1 - exp(-z)) / z, 1 at 0."""
    return np.where(z < 1e-8, 1.0, -np.expm1(-z) / np.maximum(z, 1e-300))


def bfloat16(numbers: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Return the bits of the nearest numbers with 8 significant bits, away from zero if two are equally near.

    Changes are rounded so before they are merged.
    """
    bits = np.asarray(numbers, np.float32).view(np.uint32)
    return ((bits + np.uint32(0x8000)) >> np.uint32(16)).astype(np.uint16)


def floats(bits: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
    """Return the numbers with these bits."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


def merged_change(changes: Array, curvature: Array, moment: Array) -> Array:
    """Return the change of a row after a round.

    Parameters
    ----------
    changes : (P, d) of each worker.
    curvature : (P,) that each worker has met, h.
    moment : (d, d) second moment of the rows that this row is multiplied with.
    """
    eigenvalues, vectors = np.linalg.eigh(moment)
    turned = changes @ vectors
    complete = turned / phi(curvature[:, None] * eigenvalues)
    merged: Array = vectors @ (phi(curvature.sum() * eigenvalues) * complete.sum(axis=0))
    return merged


def merged_change_of_sums(changes: Array, curvature: Array, moment: Array) -> Array:
    """Return the change of a row after a round as training computes it: from sums over the workers in which no
    direction occurs. 1 / phi is replaced by the line through its values at 0 and at m; see csrc/rounds/merge.h.

    It is `merged_change` where all workers have met the same curvature.
    """
    eigenvalues, vectors = np.linalg.eigh(moment)
    total, weighted = changes.sum(axis=0), curvature @ changes
    m = (curvature**2).sum() / max(curvature.sum(), 1e-300)
    z = m * eigenvalues
    slope = np.where(z < 1e-6, 0.5, (1 / phi(z) - 1) / np.maximum(z, 1e-300)) * eigenvalues
    merged: Array = vectors @ (phi(curvature.sum() * eigenvalues) * (total @ vectors + slope * (weighted @ vectors)))
    return merged


def mean_moment(moment: Array, mean: Array, n: float) -> Array:
    """Return the second moment of the mean of n independent rows with this moment and mean: the hidden rows of CBOW."""
    return moment / n + (1 - 1 / n) * np.outer(mean, mean)
