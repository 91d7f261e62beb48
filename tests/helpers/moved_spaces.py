"""Vector spaces with clusters, and runs of them: rotated, with noise that grows for rare words."""

from __future__ import annotations

import numpy as np

from w2v.keyedvectors import KeyedVectors


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
