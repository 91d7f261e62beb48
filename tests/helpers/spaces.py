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
