"""Spaces of vectors that are copies of each other after a rotation, with noise, for tests of their comparison."""
"""Vector spaces with clusters, and runs of them: rotated, with noise that grows for rare words."""

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
def words(n: int) -> list[str]:
    return [f"w{i}" for i in range(n)]


def clustered(n: int = 1200, d: int = 20, clusters: int = 40, seed: int = 0) -> np.ndarray:
    """(n, d) meanings of words, in clusters; neighbours in frequency are in different clusters."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(clusters, d))
    return centres[np.arange(n) % clusters] + 0.5 * rng.normal(size=(n, d))


def rotation(d: int, seed: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


def one_run(meanings: np.ndarray, seed: int, noise: float = 0.1, growth: float = 0.0, rotate: bool = True,
            counts: bool = True) -> KeyedVectors:
    """Vectors with these meanings and noise of their own; rare words have 1 + `growth` times the noise."""
    n, d = meanings.shape
    rng = np.random.default_rng(seed)
    rows = meanings + noise * (1 + growth * np.linspace(0, 1, n))[:, None] * rng.normal(size=(n, d))
    rows = rows @ rotation(d, seed) if rotate else rows
    return KeyedVectors(words(n), rows.astype(np.float32), (100_000 / np.arange(1, n + 1)).astype(int) + 1
                        if counts else None)


def with_moves(meanings: np.ndarray, moved: list[int], seed: int = 9) -> np.ndarray:
    """The meanings after some words took those of words of other clusters."""
    rng = np.random.default_rng(seed)
    found = meanings.copy()
    for word in moved:
        found[word] = meanings[(word + 1 + rng.integers(0, 38)) % len(meanings)] + 0.3 * rng.normal(
            size=meanings.shape[1])
    return found
"""Small vector spaces with known properties, for tests of the analysis."""

import numpy as np

import w2v


def space(vectors, counts=True, words=None):
    """Vectors with the words w0, w1, ..., by falling counts."""
    n = len(vectors)
    words = [f"w{i}" for i in range(n)] if words is None else words
    return w2v.KeyedVectors(words, vectors, counts=np.arange(n, 0, -1) if counts else None)


def gaussian(n, d, seed=0):
    """Random directions (n, d) float32."""
    return np.random.default_rng(seed).standard_normal((n, d), dtype=np.float32)


def rotation(d, seed=9):
    """A random rotation (d, d)."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))
    return (q * np.sign(np.diag(r))).astype(np.float32)
