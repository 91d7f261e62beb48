"""Neighbours of all words for the exports that hold them, their graph, and text that XML 1.0 can hold.

Place in the data flow: `ExportData` -> `neighbours` -> `Edges` -> `w2v.export.gexf`, `w2v.export.graphml`; the
neighbours themselves -> `w2v.export.atlas`.

Memory: 12 bytes for each of the n * k neighbours, and about twice that while the edges are collected. The search
compares all pairs of words, so `Target.most` limits the words unless a limit is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from w2v.export.common import NOT_XML, ExportData
from w2v.types import Indices, Scores
from w2v.vectors.lengths import row_lengths
from w2v.vectors.neighbours import neighbours_of
from w2v.vectors.search import Space

NEIGHBOURS = 10
"""Neighbours of each word."""

_BLOCK = 8192  # edges at a time
_not_xml = re.compile(NOT_XML)


@dataclass(frozen=True)
class Edges:
    """Edges without direction between words, each once.

    Attributes
    ----------
    first, second : (m,) rows, first < second, in rising order.
    cosines : (m,) float32, above 0.
    """

    first: Indices
    second: Indices
    cosines: Scores

    def __iter__(self) -> Iterator[tuple[int, int, str]]:
        """Yield the edges, with the cosine as the shortest text that gives the same float32."""
        for start in range(0, len(self.first), _BLOCK):
            part = slice(start, start + _BLOCK)
            yield from zip(self.first[part].tolist(), self.second[part].tolist(), map(str, self.cosines[part]),
                           strict=True)


def neighbours(path: str, data: ExportData) -> tuple[Indices, Scores]:
    """Return the nearest other words of each word by cosine.

    Zero vectors have no direction: they are no neighbours, and have none.

    Returns
    -------
    rows (n, k) int64 and cosines (n, k) float32, best first; -1 and NaN where there are fewer than k = NEIGHBOURS.

    Raises
    ------
    W2VError : there are no words, or a vector contains NaN or infinity; `path` is named.
    """
    with_direction = [start + np.flatnonzero(block.any(axis=1)) for start, block in data.blocks(path)]
    used = np.concatenate(with_direction).astype(np.int64)
    n, k = len(data.words), max(0, min(NEIGHBOURS, len(used) - 1))
    rows, cosines = np.full((n, k), -1, dtype=np.int64), np.full((n, k), np.nan, dtype=np.float32)
    space = Space(data.rows, row_lengths(data.rows), "cosine", 0, n, None if len(used) == n else used)
    rows[used], cosines[used] = neighbours_of(space, used, k)
    return rows, cosines


def edges(path: str, data: ExportData) -> Edges:
    """Return an edge for each pair of words of which one is among the nearest of the other, with a cosine above 0.

    Layouts of graphs need weights above 0; among the nearest words of a vocabulary of usual size there are no others.

    Raises
    ------
    W2VError : as `neighbours`.
    """
    rows, cosines = neighbours(path, data)
    source, place = np.nonzero(cosines > 0)
    target = rows[source, place]
    pairs = np.minimum(source, target) * len(rows) + np.maximum(source, target)
    pairs, chosen = np.unique(pairs, return_index=True)
    return Edges(*np.divmod(pairs, len(rows)), cosines[source[chosen], place[chosen]])


def xml_word(word: str) -> str:
    """Return a word with each character that XML cannot hold as an escape, such as \\x07 or \\udcff."""
    return _not_xml.sub(lambda found: ascii(found[0])[1:-1], word)
