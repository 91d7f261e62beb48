"""Offsets of pairs of words: the differences of their unit vectors.

Place in the data flow: pairs of words -> offsets, for the kinds that measure how alike two pairs are. That is the
cosine of their offsets, cos(b - a, d - c), on unit vectors.

Source: Mikolov, Yih & Zweig 2013 (N13-1090), section 4.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.reading import TwoWords
from w2v.types import Floats


def unit_offsets(words: WordRows, pairs: Sequence[TwoWords]) -> Floats:
    """Return (n, d) offsets of length 1; NaN for a pair with an unknown word, zeros if both vectors are the same."""
    rows = np.array([[words.row(a), words.row(b)] for a, b in pairs], dtype=np.int64).reshape(-1, 2)
    known = (rows >= 0).all(axis=1)
    first, second = (words.kv.unit_vectors(rows[known, side]).astype(np.float64) for side in (0, 1))
    length = np.linalg.norm(second - first, axis=1, keepdims=True)
    offsets = np.full((len(pairs), words.kv.vector_size), np.nan)
    offsets[known] = (second - first) / np.where(length > 0, length, 1)
    return offsets
