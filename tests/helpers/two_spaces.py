"""Two spaces between which some words move."""

from __future__ import annotations

import numpy as np

from w2v.keyedvectors import KeyedVectors
from w2v.types import Floats

GROUPS, EACH, DIM = 5, 80, 20

PLANTED = {"w3": 1, "w57": 2, "w200": 3, "w310": 4}
"""Words of the group 0 in A, and the groups to which they go in B."""


def units(vectors: Floats) -> Floats:
    found: Floats = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return found


def planted(seed: int = 0, noise: float = 0.05) -> tuple[KeyedVectors, KeyedVectors, Floats]:
    """Return two spaces of words in groups, the second rotated and with moved words, and the centres in B."""
    rng = np.random.default_rng(seed)
    centres = units(rng.standard_normal((GROUPS, DIM)))
    words = [f"w{i}" for i in range(GROUPS * EACH)]
    group = np.arange(len(words)) % GROUPS
    for word in PLANTED:
        group[words.index(word)] = 0
    before = units(centres[group] + 0.15 * rng.standard_normal((len(words), DIM)))
    moved = before.copy()
    for word, target in PLANTED.items():
        moved[words.index(word)] = units(centres[target] + 0.15 * rng.standard_normal(DIM))
    rotation, _ = np.linalg.qr(rng.standard_normal((DIM, DIM)))
    after = units(moved + noise * rng.standard_normal(moved.shape)) @ rotation
    lengths = rng.uniform(0.5, 3, (2, len(words), 1))
    a, b = (KeyedVectors(words, (size * rows).astype(np.float32))
            for size, rows in zip(lengths, (before, after), strict=True))
    return a, b, centres @ rotation
