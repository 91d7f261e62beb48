"""Vectors for tests of queries, and slow float64 oracles of their answers."""

from __future__ import annotations

import numpy as np

from w2v.keyedvectors import KeyedVectors


def unequal_vectors() -> KeyedVectors:
    """Return 3000 words x 17 in padded rows of very different lengths; word w0 has a zero vector."""
    n, d = 3000, 17
    rng = np.random.default_rng(11)
    padded = rng.normal(size=(n, 32)).astype(np.float32) * rng.uniform(0.01, 50, size=(n, 1)).astype(np.float32)
    padded[0] = 0
    return KeyedVectors([f"w{i}" for i in range(n)], padded[:, :d], np.arange(n, 0, -1))


def random_vectors() -> KeyedVectors:
    """Return 1500 words x 20 of similar lengths."""
    n, d = 1500, 20
    rng = np.random.default_rng(5)
    rows = (rng.normal(size=(n, d)) * rng.uniform(0.5, 3, (n, 1))).astype(np.float32)
    return KeyedVectors([f"w{i}" for i in range(n)], rows, np.arange(n, 0, -1))


def oracle_units(kv: KeyedVectors) -> np.ndarray:
    """Return all vectors scaled to length 1 in float64; zero vectors stay zero."""
    rows = np.asarray(kv.vectors, dtype=np.float64)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms == 0, 1, norms)


def oracle_neighbours(scores: np.ndarray, exclude: list[int], topn: int) -> list[int]:
    """Return the rows with the highest scores, by sorting all of them."""
    return [i for i in np.argsort(-scores, kind="stable") if i not in exclude][:topn]


def rows_of(found: list[tuple[str, float]]) -> list[int]:
    """Return the row numbers of answers whose words are w0, w1, ..."""
    return [int(word[1:]) for word, _ in found]
