"""Hard debiasing: a direction of bias, its removal from neutral words, and pairs that are made to differ by it alone.

Place in the data flow: pairs of words -> `Subspace` -> new rows.

Sources
-------
Bolukbasi et al. 2016 (1607.06520), section 6, and their program `debiaswe/debias.py`. Vectors are scaled to length 1
before and after. Pairs are equalized from the vectors as they were, as in the paper and in WEFE 1.0; the program takes
them after neutralizing, when a pair that was neutralized too has no direction left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from w2v.analysis.bias.known_words import row_of, unit_vectors
from w2v.analysis.bias.word_lists import Pair
from w2v.analysis.linear_map import BLOCK
from w2v.formats.rows import Rows
from w2v.types import Floats, Indices, Matrix
from w2v.vectors.lengths import unit_rows
from w2v.vectors.queries import Queries

_NO_DIFFERENCE = 1e-6


@dataclass(frozen=True)
class KnownPairs:
    """Pairs of which both words are known: rows (m, 2), and the pairs that are left out, as text."""

    rows: Indices
    unknown: tuple[str, ...]


def known_pairs(kv: Queries, pairs: Sequence[Pair], *, case_sensitive: bool = False) -> KnownPairs:
    """Return the rows of pairs; those with an unknown or broken word, or with one row for both, are left out."""
    broken = set(kv.fill_norms().broken.tolist())
    rows: list[tuple[int, int]] = []
    unknown: list[str] = []
    for a, b in pairs:
        first, second = (row_of(kv, word, case_sensitive=case_sensitive) for word in (a, b))
        if min(first, second) < 0 or first == second or {first, second} & broken:
            unknown.append(f"{a} - {b}")
        elif (first, second) not in rows:
            rows.append((first, second))
    return KnownPairs(np.array(rows, dtype=np.int64).reshape(-1, 2), tuple(unknown))


def case_variants(pairs: Sequence[Pair]) -> list[Pair]:
    """Return pairs of str also in lower, title and upper case, as the published program; the pair as written first."""
    found: dict[Pair, None] = {}
    for a, b in pairs:
        found[a, b] = None
        if isinstance(a, str) and isinstance(b, str):
            found |= dict.fromkeys([(a.lower(), b.lower()), (a.title(), b.title()), (a.upper(), b.upper())])
    return list(found)


@dataclass(frozen=True)
class Subspace:
    """A bias subspace.

    Attributes
    ----------
    basis : (k, d) float64, orthonormal; the first direction leads from the first words of the pairs to the second.
    explained : (m,) shares of the variance of the pairs that each principal component has, largest first.
    """

    basis: Floats
    explained: Floats

    def without(self, vectors: Floats) -> Floats:
        """Return vectors (n, d) without their part in the subspace."""
        found: Floats = vectors - vectors @ self.basis.T @ self.basis
        return found


def fit_subspace(kv: Queries, pairs: Indices, components: int) -> Subspace:
    """Return the first principal components of the words of pairs (m, 2) about the centres of their pairs."""
    halves = (unit_vectors(kv, pairs[:, 1]) - unit_vectors(kv, pairs[:, 0])) / 2
    _, singular, basis = np.linalg.svd(halves, full_matrices=False)
    basis = basis[:components]
    basis[0] *= -1.0 if (halves @ basis[0]).sum() < 0 else 1.0
    variance = singular ** 2
    return Subspace(basis, variance / max(float(variance.sum()), np.finfo(np.float64).tiny))


def neutralized(kv: Queries, subspace: Subspace, keep: Indices) -> Rows:
    """Return all rows scaled to length 1, without their part in the subspace except those to keep; in blocks."""
    result = Rows.empty(len(kv), kv.vector_size, kv.rows.dtype_name)
    inverse, basis = kv.fill_norms().inverse, subspace.basis.astype(np.float32)
    kept = np.zeros(len(kv), dtype=bool)
    kept[keep] = True
    step = max(1, BLOCK // max(1, kv.vector_size))
    for start in range(0, len(kv), step):
        part = slice(start, start + step)
        with np.errstate(invalid="ignore", over="ignore"):
            block: Matrix = kv.rows[part] * inverse[part, None]
            change = ~kept[part]
            for _ in range(2):  # the second time removes what the rounding of the first one left
                block[change] -= (block[change] @ basis.T) @ basis
        result[part] = unit_rows(block)
    return result


def equalize_pairs(rows: Rows, kv: Queries, subspace: Subspace, pairs: Indices) -> int:
    """Change the rows of pairs (m, 2) so that they have one part outside the subspace, and opposite parts in it.

    Returns
    -------
    Number of pairs without a difference in the subspace, which stay as they are.
    """
    skipped = 0
    for a, b in pairs:  # of a word in several pairs the last one counts, as in the published program
        vectors = unit_vectors(kv, np.array([a, b]))
        mean = subspace.without(vectors.mean(axis=0, keepdims=True))[0]
        difference = (vectors[0] - vectors[1]) @ subspace.basis.T
        length = float(np.linalg.norm(difference))
        if length < _NO_DIFFERENCE:
            skipped += 1
            continue
        part = np.sqrt(max(0.0, 1 - float(mean @ mean))) * (difference / length) @ subspace.basis
        rows[np.array([a, b])] = np.stack((mean + part, mean - part)).astype(np.float32)
    return skipped
