"""Spaces of vectors that are copies of each other after a rotation, with noise, for tests of their comparison."""

from __future__ import annotations

import numpy as np

from w2v.keyedvectors import KeyedVectors


def random_rotation(d: int, seed: int) -> np.ndarray:
    """Return an orthogonal matrix (d, d)."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))
    return q * np.sign(np.diag(r))


def clustered(n: int, d: int, seed: int) -> np.ndarray:
    """Return (n, d) vectors in clusters of unequal lengths, whose mean is not 0."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(max(2, n // 8), d))
    rows = centres[rng.integers(0, len(centres), n)] + rng.normal(size=(n, d)) * 0.7 + 0.3
    return (rows * rng.uniform(0.5, 3, size=(n, 1))).astype(np.float32)


def vectors(rows: np.ndarray, prefix: str = "w") -> KeyedVectors:
    """Return vectors of the words w0, w1, ..."""
    return KeyedVectors([f"{prefix}{i}" for i in range(len(rows))], np.asarray(rows, dtype=np.float32))
