"""Neighbours of the words of a page in their full space.

Place in the data flow: vectors, rows and positions of the words of a map -> `PageSpace`.
"""

from __future__ import annotations

import numpy as np

from w2v.analysis.maps.page.page import PageSpace
from w2v.types import Floats, Indices
from w2v.vectors.neighbours import neighbours_of
from w2v.vectors.queries import Queries
from w2v.vectors.search import Space

NEIGHBOURS = 10
"""Neighbours of each word that a page lists."""


def page_space(kv: Queries, rows: Indices, positions: Floats, name: str, numbers: dict[str, int]) -> PageSpace:
    """Return the words of a map in one space, with their nearest neighbours among all its words, by cosine.

    Parameters
    ----------
    rows : (n,) of the words of the map.
    positions : (n, 2).
    name : of the vectors.
    numbers : words with their numbers in `PageData.words`, those of the map first. Other words that are neighbours are
        added.
    """
    space = Space(kv.rows, kv.fill_norms(), "cosine", 0, len(kv))
    found, cosines = neighbours_of(space, rows, NEIGHBOURS)
    neighbours = np.full(found.shape, -1, dtype=np.int64)
    for place in zip(*np.nonzero(found >= 0), strict=True):
        neighbours[place] = numbers.setdefault(str(kv.index_to_key[found[place]]), len(numbers))
    return PageSpace(name, positions, rows + 1, neighbours, cosines)
