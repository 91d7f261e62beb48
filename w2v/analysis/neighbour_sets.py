"""Neighbours of words as sets, and how much of them two spaces share.

Place in the data flow: rows of shared words in several spaces -> numbers of the shared words that are neighbours.
"""

from __future__ import annotations

import numpy as np

from w2v.formats.rows import Rows
from w2v.types import Floats, Indices, Scores
from w2v.vectors.lengths import row_lengths
from w2v.vectors.neighbours import neighbours_of
from w2v.vectors.queries import Queries
from w2v.vectors.search import Space


def neighbours_among(kv: Queries, rows: Indices, queries: Indices, topn: int) -> Indices:
    """Return (q, topn) the nearest words by cosine among m words of a space, as numbers of these words; -1 where
    there are fewer. The caller leaves out zero vectors, whose cosines are all 0.

    Parameters
    ----------
    rows : (m,) distinct rows of the words to search, the same words in each space that is compared.
    queries : (q,) numbers of the words asked for, 0 to m - 1. A word is not its own neighbour.
    """
    order = np.argsort(rows)
    space = Space(kv.rows, kv.fill_norms(), "cosine", 0, len(kv), rows[order])
    found, _ = neighbours_of(space, rows[queries], topn)
    number = np.full(len(kv), -1, dtype=np.int64)
    number[rows] = np.arange(len(rows))
    return np.where(found < 0, -1, number[found])


def nearest_rows(rows: Rows, queries: Indices, topn: int, metric: str = "cosine") -> tuple[Indices, Scores]:
    """Return (q, topn) the nearest of all rows, and their scores, as `w2v.vectors.neighbours.neighbours_of`.

    Parameters
    ----------
    rows : vectors that belong to no vocabulary, such as the first numbers of others.
    queries : (q,) rows asked for. A row is not its own neighbour.
    """
    return neighbours_of(Space(rows, row_lengths(rows), metric, 0, len(rows)), queries, topn)


def overlap(*sets: Indices) -> Floats:
    """Return (q,) the share of neighbours (q, topn) of each word that k spaces, two or more, have in common, 0 to 1.

    NaN for words without neighbours in one of them. By chance it is about (topn / (m - 1)) ** (k - 1) among m words.
    """
    others = len(sets) - 1
    all_sets = np.sort(np.concatenate(sets, axis=1), axis=1)  # no set has a neighbour twice
    common = ((all_sets[:, others:] == all_sets[:, :all_sets.shape[1] - others]) & (all_sets[:, others:] >= 0)
              ).sum(axis=1)
    least = np.min([(one >= 0).sum(axis=1) for one in sets], axis=0)
    return np.where(least > 0, common / np.maximum(least, 1), np.nan)
