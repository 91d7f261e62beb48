"""Python binding of the graph in compressed rows and of its random walks (csrc/graph); checks arguments."""

from libc.stdint cimport int32_t, int64_t, uint64_t

import numpy as np


cdef extern from "loop/alias.h" nogil:
    ctypedef struct w2v_alias:
        pass


cdef extern from "graph/graph.h" nogil:
    ctypedef struct w2v_graph:
        int64_t n_nodes
        int64_t n_types
        const int64_t *offsets
        const int32_t *targets
        const w2v_alias *weights

    ctypedef struct w2v_edges:
        const int32_t *ends
        const float *weights
        int64_t n
        const int32_t *types
        int64_t n_types
        int both_ways

    void w2v_graph_count(const w2v_edges *edges, int64_t *counts)
    void w2v_graph_fill(const w2v_edges *edges, int64_t *cursors, uint64_t *entries)
    int64_t w2v_graph_merge(const int64_t *offsets, int64_t first, int64_t end, uint64_t *entries, int64_t *sizes,
                            float *least, float *most)
    void w2v_graph_close_gaps(int64_t *offsets, int64_t n_rows, const int64_t *sizes, uint64_t *entries)
    void w2v_graph_targets(const uint64_t *entries, int64_t first, int64_t end, int32_t *targets)
    int w2v_graph_weigh(const int64_t *offsets, int64_t first, int64_t end, uint64_t *entries)


cdef extern from "graph/walks.h" nogil:
    ctypedef struct w2v_walks:
        w2v_graph graph
        int symmetric
        const int32_t *starts
        int64_t n_starts
        int64_t length
        const int32_t *path
        int64_t path_length
        double p
        double q
        uint64_t seed
        const int32_t *names

    int64_t w2v_count_visits(const int32_t *ids, int64_t n, int64_t *visits)
    int64_t w2v_make_walks(const w2v_walks *walks, uint64_t epoch, int64_t first, int64_t end, int32_t *out)


cdef class Edges:
    """A part of the edges of a graph.

    Parameters
    ----------
    ends : int32 (n, 2), numbers of nodes, source and target.
    weights : float32 (n,), above 0; None for 1 each.
    n_nodes : number of nodes.
    types : int32 (n_nodes,), 0 to n_types - 1, by which the edges of a node are divided; None for one type.
    both_ways : whether each edge leads from its target to its source too.
    """

    cdef w2v_edges edges
    cdef object _kept
    cdef int64_t n_rows

    def __init__(self, const int32_t[:, ::1] ends not None, const float[::1] weights, int64_t n_nodes,
                 const int32_t[::1] types, int64_t n_types, bint both_ways):
        cdef int64_t i, n = ends.shape[0]
        if ends.shape[1] != 2 or (weights is not None and weights.shape[0] != n):
            raise ValueError("ends must have two columns, and weights an entry for each edge")
        if types is not None and types.shape[0] != n_nodes:
            raise ValueError("types must have an entry for each node")
        if n_types < 1:
            raise ValueError("there must be a type")
        for i in range(n):
            if not (0 <= ends[i, 0] < n_nodes and 0 <= ends[i, 1] < n_nodes):
                raise IndexError(f"edge {i} has a node that does not exist")
        self._kept = ends, weights, types
        self.n_rows = n_nodes * n_types
        self.edges.ends = &ends[0, 0] if n else NULL
        self.edges.weights = NULL if weights is None or n == 0 else &weights[0]
        self.edges.n = n
        self.edges.types = NULL if types is None or n_nodes == 0 else &types[0]
        self.edges.n_types = n_types
        self.edges.both_ways = both_ways

    def count(self, int64_t[::1] counts not None):
        """Add the entries of each row to `counts` (n_nodes * n_types)."""
        if counts.shape[0] != self.n_rows:
            raise ValueError("counts must have an entry for each row")
        if self.edges.n:
            with nogil:
                w2v_graph_count(&self.edges, &counts[0])

    def fill(self, int64_t[::1] cursors not None, uint64_t[::1] entries not None):
        """Write the entries; cursors[r] is where the next one of row r goes, with room for all that were counted."""
        if cursors.shape[0] != self.n_rows:
            raise ValueError("cursors must have an entry for each row")
        if self.edges.n:
            with nogil:
                w2v_graph_fill(&self.edges, &cursors[0], &entries[0])


def merge(const int64_t[::1] offsets not None, int64_t first, int64_t end, uint64_t[::1] entries not None,
          int64_t[::1] sizes not None):
    """Sort rows first to end - 1 and add up equal targets; write the distinct ones to `sizes`.

    Returns
    -------
    Number of rows with a weight that is not finite, the least weight, the greatest weight (inf and 0 without edges).
    """
    cdef float least = float("inf"), most = 0
    cdef int64_t infinite = 0
    if not 0 <= first <= end <= sizes.shape[0] or offsets.shape[0] != sizes.shape[0] + 1:
        raise ValueError("rows that do not exist")
    if entries.shape[0] and first < end:
        with nogil:
            infinite = w2v_graph_merge(&offsets[0], first, end, &entries[0], &sizes[0], &least, &most)
    return infinite, least, most


def close_gaps(int64_t[::1] offsets not None, const int64_t[::1] sizes not None, uint64_t[::1] entries not None):
    """Move the entries of merged rows together; `offsets` becomes that of the result."""
    if offsets.shape[0] != sizes.shape[0] + 1:
        raise ValueError("offsets must have an entry more than sizes")
    if entries.shape[0]:
        with nogil:
            w2v_graph_close_gaps(&offsets[0], sizes.shape[0], &sizes[0], &entries[0])


def copy_targets(const uint64_t[::1] entries not None, int64_t first, int64_t end, int32_t[::1] targets not None):
    """Write the targets of the entries first to end - 1."""
    if not 0 <= first <= end <= min(entries.shape[0], targets.shape[0]):
        raise ValueError("entries that do not exist")
    if first < end:
        with nogil:
            w2v_graph_targets(&entries[0], first, end, &targets[0])


def weigh(const int64_t[::1] offsets not None, int64_t first, int64_t end, uint64_t[::1] entries not None):
    """Replace the entries of rows first to end - 1 by their alias tables, in place."""
    cdef int status = 0
    if not 0 <= first <= end < offsets.shape[0]:
        raise ValueError("rows that do not exist")
    if entries.shape[0] and first < end:
        with nogil:
            status = w2v_graph_weigh(&offsets[0], first, end, &entries[0])
    if status:
        raise MemoryError("out of memory while weights of edges are prepared")


def count_visits(const int32_t[::1] ids not None, int64_t[::1] visits not None):
    """Add the visits of nodes in some walks, each followed by -1; any number of threads may do so at the same time.

    Returns
    -------
    The nodes of the longest walk.
    """
    cdef int64_t longest = 0
    if ids.shape[0]:
        if np.max(ids) >= visits.shape[0]:
            raise IndexError("a node that does not exist")
        if visits.shape[0]:
            with nogil:
                longest = w2v_count_visits(&ids[0], ids.shape[0], &visits[0])
    return longest


cdef class Walker:
    """Makes random walks; any number of threads may use it at the same time.

    Parameters
    ----------
    offsets : int64 (n_nodes * n_types + 1,), begin of each row.
    targets : int32, nodes of all rows, rising in each.
    weights : uint64 of the same length, alias tables (`weigh`); None if all weights are equal.
    n_types : types of nodes.
    symmetric : whether each edge leads both ways with the same weight.
    starts : int32, nodes where walks begin; None for all.
    length : nodes of a walk.
    path : int32, types of the nodes of a walk, repeated; None without types.
    p, q : of the second-order walk.
    seed : 0 to 2^64 - 1.
    names : int32 (n_nodes,), what is written for each node; None for its number.
    """

    cdef w2v_walks walks
    cdef object _kept
    cdef readonly int64_t n_starts
    cdef readonly int64_t length

    def __init__(self, const int64_t[::1] offsets not None, const int32_t[::1] targets not None,
                 const uint64_t[::1] weights, *, int64_t n_types, bint symmetric, const int32_t[::1] starts,
                 int64_t length, const int32_t[::1] path, double p, double q, uint64_t seed, const int32_t[::1] names):
        cdef int64_t n_rows = offsets.shape[0] - 1
        if n_types < 1 or n_rows < 1 or n_rows % n_types or not 1 <= length < 2**31 or not (p > 0 and q > 0):
            raise ValueError("a graph without nodes, or a parameter of the walks that is out of range")
        cdef int64_t n_nodes = n_rows // n_types
        if offsets[0] != 0 or offsets[n_rows] != targets.shape[0] or (np.diff(offsets) < 0).any():
            raise ValueError("offsets must rise from 0 to the number of targets")
        if weights is not None and weights.shape[0] != targets.shape[0]:
            raise ValueError("weights must have an entry for each target")
        if names is not None and names.shape[0] != n_nodes:
            raise ValueError("names must have an entry for each node")
        if path is not None and (path.shape[0] < 1 or np.min(path) < 0 or np.max(path) >= n_types):
            raise ValueError("a type of the path does not exist")
        if n_types > 1 and path is None:
            raise ValueError("types need a path")
        if targets.shape[0] and not 0 <= np.min(targets) <= np.max(targets) < n_nodes:
            raise IndexError("a target that does not exist")
        if starts is not None and (starts.shape[0] < 1 or not 0 <= np.min(starts) <= np.max(starts) < n_nodes):
            raise IndexError("walks begin at no node, or at one that does not exist")
        self._kept = offsets, targets, weights, starts, path, names
        self.walks.graph.n_nodes, self.walks.graph.n_types = n_nodes, n_types
        self.walks.graph.offsets = &offsets[0]
        self.walks.graph.targets = &targets[0] if targets.shape[0] else NULL
        self.walks.graph.weights = NULL if weights is None or not weights.shape[0] else <const w2v_alias *>&weights[0]
        self.walks.symmetric = symmetric
        self.walks.starts = NULL if starts is None else &starts[0]
        self.walks.n_starts = self.n_starts = n_nodes if starts is None else starts.shape[0]
        self.walks.length = self.length = length
        self.walks.path = NULL if path is None else &path[0]
        self.walks.path_length = 0 if path is None else path.shape[0]
        self.walks.p, self.walks.q, self.walks.seed = p, q, seed
        self.walks.names = NULL if names is None else &names[0]

    def make(self, uint64_t epoch, int64_t first, int64_t end, int32_t[::1] out not None):
        """Write walks first to end - 1 of an epoch, each followed by -1; return the number of entries.

        `out` needs (length + 1) * (end - first) entries.
        """
        cdef int64_t n = 0
        if not 0 <= first <= end or (self.length + 1) * (end - first) > out.shape[0]:
            raise ValueError("too little room for these walks")
        if first < end:
            with nogil:
                n = w2v_make_walks(&self.walks, epoch, first, end, &out[0])
        return n
