"""Moves of words between two texts, and the moves that are usual for words of similar frequency.

Place in the data flow: similarity of each word in pairs of spaces -> excess over what is expected -> ranking of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from w2v.analysis.differences.null import excess, run_pairs
from w2v.analysis.differences.relation import robust_rotation
from w2v.analysis.differences.windows import usual
from w2v.analysis.neighbour_sets import neighbours_among, overlap
from w2v.analysis.rotation import paired_cosines
from w2v.types import Floats, Indices, Matrix
from w2v.vectors.queries import Queries


@dataclass(frozen=True, eq=False)
class Moves:
    """Similarity of q words between two texts.

    Attributes
    ----------
    similarity : (q,) of each word in the old and the new space; with runs the mean over all pairs of an old and a new.
    expected : (q,) median of the words of similar frequency; with runs the mean over pairs of runs of one text.
    z : (q,) by how many robust standard deviations expected - similarity is larger than is usual at this frequency.
    p : (q,) probability of such a move between runs of one text (`w2v.analysis.differences.null`), NaN without runs.
    """

    similarity: Floats
    expected: Floats
    z: Floats
    p: Floats


def moves(pairs: Matrix, n_old: int, n_new: int, places: Indices, reference: Indices, least_spread: float,
          seed: int) -> Moves:
    """Compare the similarity of words with what is expected.

    Parameters
    ----------
    pairs : (pairs, q) similarity in all pairs of runs, in the order of `run_pairs`.
    n_old, n_new : runs of each text.
    places : (q,) rising places of the words in the order of frequency.
    reference : numbers of the words that were chosen regardless of how far they moved, and show what is usual.
    least_spread : smallest difference that counts.
    """
    if n_old + n_new == 2:
        similarity = pairs[0].astype(np.float64)
        middle, spread = usual(similarity[reference], places[reference], least_spread).at(places)
        return Moves(similarity, middle, (middle - similarity) / spread, np.full(len(similarity), np.nan))
    found = excess(pairs, n_old, n_new, places, reference, least_spread, seed)
    moved = found.within - found.between
    middle, spread = usual(moved[reference], places[reference], least_spread).at(places)
    return Moves(found.between, found.within, (moved - middle) / spread, found.p)


def pair_cosines(tables: Sequence[Queries], rows: Indices, n_old: int, align: bool) -> Matrix:
    """Return (pairs, m) float32 the cosines of each word in all pairs of spaces, each pair with a rotation of its own.

    Parameters
    ----------
    rows : (k, m) rows of the words in each space.
    align : rotate one space of each pair; otherwise the vectors are compared as they are.
    """
    pairs = run_pairs(n_old, len(tables) - n_old)
    found = np.empty((len(pairs), rows.shape[1]), dtype=np.float32)
    for own, (i, j) in zip(found, pairs, strict=True):
        both = tables[i], rows[i], tables[j], rows[j]
        own[:] = paired_cosines(*both, robust_rotation(*both) if align else None)
    return found


def pair_overlaps(neighbours: Sequence[Indices], n_old: int) -> Matrix:
    """Return (pairs, q) float32 the shares of neighbours that words have in common in all pairs of spaces.

    Parameters
    ----------
    neighbours : (q, k) of the words in each space, as numbers of the shared words.
    """
    pairs = run_pairs(n_old, len(neighbours) - n_old)
    return np.stack([overlap(neighbours[i], neighbours[j]) for i, j in pairs]).astype(np.float32)


def neighbours_in_each(tables: Sequence[Queries], rows: Indices, queries: Indices, topn: int) -> list[Indices]:
    """Return (q, topn) the nearest of the shared words in each space, as places of the words in `rows` (k, m)."""
    return [neighbours_among(table, own, queries, topn) for table, own in zip(tables, rows, strict=True)]


def ranked(cosine: Moves | None, near: Moves, queries: Indices, judged: Indices, by: str, m: int) -> Indices:
    """Return (m,) the places of all words, those that moved most first.

    Parameters
    ----------
    cosine : of all words; None if the spaces have different dimensions.
    near : overlap of the words with the places `queries`.
    judged : numbers, in `queries`, of the words that are ranked by their neighbours; they come before the others.
    by : "cosine", "neighbors", or "both", the mean of the two ranks.
    """
    turn = np.full(m, np.nan) if cosine is None else cosine.z
    everyone = np.argsort(-turn, kind="stable")  # NaN comes last
    if by == "cosine":
        return everyone
    places = queries[judged]
    keys = _ranks(-near.z[judged])
    if by == "both":
        keys = keys + _ranks(-turn[places])
    first = places[np.lexsort((-np.nan_to_num(turn[places]), keys))]
    rest = np.ones(m, dtype=bool)
    rest[first] = False
    return np.concatenate((first, everyone[rest[everyone]]))


def _ranks(values: Floats) -> Floats:
    """Return the (q,) ranks of values, equal ones with the mean of their ranks; NaN is the largest."""
    filled = np.where(np.isnan(values), np.inf, values)
    _, group, sizes = np.unique(filled, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    return (ends - (sizes - 1) / 2)[group.ravel()]
