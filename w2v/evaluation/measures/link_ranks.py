"""Ranks of second nodes of edges among the candidates of the first, and the known neighbours that are none.

Place in the data flow: edges as rows + vectors -> ranks. Edges are ranked in batches, so that memory does not grow with
their number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.links import KnownEdges
from w2v.types import Floats, Indices
from w2v.vectors.queries import Queries
from w2v.vectors.search import QueryBatch, Space, target_ranks

_BATCH = 1024  # edges at a time
_SKIPPED = 1 << 20  # known neighbours of a batch of several edges


@dataclass(frozen=True)
class KnownRows:
    """Known edges as rows of vectors.

    Attributes
    ----------
    rows : (m,) row of each node of the graph, -1 if it has no vector.
    node : (n,) node of each row, -1 if it is not in the graph.
    edges : the graph.
    """

    rows: Indices
    node: Indices
    edges: KnownEdges

    @classmethod
    def of(cls, kv: Queries, edges: KnownEdges) -> KnownRows:
        """Look up the nodes."""
        exact = WordRows(kv, edges.nodes, case_insensitive=False)
        rows = np.array([exact.row(node) for node in edges.nodes], dtype=np.int64)
        node = np.full(len(kv), -1, np.int64)
        known = np.flatnonzero(rows >= 0)
        node[rows[known]] = known
        return cls(rows, node, edges)

    def pairs(self) -> Indices:
        """Return (k, 2) rows of all edges whose nodes have vectors, each both ways."""
        sources = np.repeat(self.rows, np.diff(self.edges.offsets))
        targets = self.rows[self.edges.targets]
        known = (sources >= 0) & (targets >= 0)
        return np.stack([sources[known], targets[known]], axis=1)

    def degrees(self, rows: Indices) -> Indices:
        """Return the number of known edges of each row (k,)."""
        node = self.node[rows]
        return np.where(node < 0, 0, self.edges.offsets[node + 1] - self.edges.offsets[node])

    def neighbours(self, row: int) -> Indices:
        """Return the rows of the known neighbours of a row."""
        node = self.node[row]
        if node < 0:
            return np.empty(0, np.int64)
        found = self.rows[self.edges.targets[self.edges.offsets[node]:self.edges.offsets[node + 1]]]
        return found[found >= 0]


def ranks_of_targets(kv: Queries, edges: Indices, scale: Floats | None, known: KnownRows | None) -> Floats:
    """Return the rank of the second node of each edge among the candidates of the first.

    Parameters
    ----------
    edges : (k, 2) rows, which are not broken.
    scale : weights (d,) of the products of two vectors; None for cosines.
    known : edges that are no candidates, except the one that is ranked.

    Returns
    -------
    (k,) float64 from 1, as `w2v.vectors.search.target_ranks`.
    """
    space = Space(kv.rows, kv.fill_norms(), "cosine" if scale is None else "dot", 0, len(kv))
    ranks = np.empty(len(edges))
    skipped = np.cumsum(np.zeros(len(edges), np.int64) if known is None else known.degrees(edges[:, 0]))
    begin = 0
    while begin < len(edges):
        before = skipped[begin - 1] if begin else 0
        most = int(np.searchsorted(skipped, before + _SKIPPED, side="right"))
        end = min(max(most, begin + 1), begin + _BATCH, len(edges))
        first, second = edges[begin:end].T
        own = [_skipped_rows(row, target, known) for row, target in zip(first.tolist(), second.tolist(), strict=True)]
        vectors = kv.unit_vectors(first) if scale is None else (kv.rows[first] * scale).astype(np.float32)
        skip_from = np.concatenate(([0], np.cumsum([len(one) for one in own])))
        ranks[begin:end] = target_ranks(space, QueryBatch(vectors, skip_from, np.concatenate(own)), second)
        begin = end
    return ranks


def _skipped_rows(row: int, target: int, known: KnownRows | None) -> Indices:
    """Return the rows that are no candidates for an edge: its first node, and known neighbours but the second node."""
    if known is None:
        return np.array([row])
    near = known.neighbours(row)
    return np.append(near[near != target], row)
