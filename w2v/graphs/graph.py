"""A graph in compressed rows: `Graph`, and how it is built from edges by all threads.

Place in the data flow: edges (`w2v.graphs.reading`) -> `build` -> `Graph` -> walks (`w2v.graphs.walks`). The work is
done in C (csrc/graph/graph.h).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import CorpusError
from w2v.graphs._graph import Edges, close_gaps, copy_targets, merge, weigh
from w2v.system.fact_table import Fact
from w2v.system.report import Report
from w2v.system.threads import Pool

T = TypeVar("T")

HASHED_AT_ONCE = 1 << 20  # entries
PARTS_PER_THREAD = 8  # of the rows, which differ in length


@dataclass(frozen=True, repr=False)
class GraphReport(Report):
    """Statistics of a graph.

    Attributes
    ----------
    nodes : nodes that have a vector.
    edges : edges that were read, without those of nodes that were left out.
    entries : entries of all rows, after edges between the same two nodes were added up; an edge that leads both ways
        has two.
    repeated : edges that were added to another one between the same nodes.
    loops : edges from a node to itself.
    isolated : nodes without any edge.
    isolated_dropped : isolated nodes that `drop_isolated` left out.
    dead_ends : nodes that edges lead to and from which none leads on: walks end there.
    directed : whether edges lead one way only.
    weighted : whether edges have different weights.
    lowest_weight, highest_weight : weights of the rows, after addition; 1 each without weights.
    comments, further_fields : lines of text that are comments, or have more fields than were read.
    bytes : memory of the rows.
    walks : options of the walks: `walks`, `walk_length`, and those that differ from their defaults.
    """

    nodes: int = 0
    edges: int = 0
    entries: int = 0
    repeated: int = 0
    loops: int = 0
    isolated: int = 0
    isolated_dropped: int = 0
    dead_ends: int = 0
    directed: bool = False
    weighted: bool = False
    lowest_weight: float = 1.0
    highest_weight: float = 1.0
    comments: int = 0
    further_fields: int = 0
    bytes: int = 0
    walks: dict[str, Any] = field(default_factory=dict)

    def brief(self) -> str:
        return f"nodes={self.nodes}, edges={self.edges}"


def graph_facts(graph: Mapping[str, Any]) -> Iterator[Fact]:
    """Facts about a graph for people, from `GraphReport.to_dict`; what is not unusual is left out."""
    weights = f", weights {graph['lowest_weight']:g} to {graph['highest_weight']:g}" if graph["weighted"] else ""
    yield Fact("graph", f"{graph['nodes']:,}", f"nodes, {graph['edges']:,} edges"
               f"{', one way' if graph['directed'] else ''}{weights}")
    notes = {"repeated": "edges added to another one between the same nodes", "loops": "edges from a node to itself",
             "isolated": "nodes without edges, which have a vector but learn nothing (--drop-isolated)",
             "isolated_dropped": "nodes without edges left out",
             "dead_ends": "nodes from which no edge leads on: walks end there",
             "further_fields": "lines with fields that were not read", "comments": "comment lines skipped"}
    for key, text in notes.items():
        if graph[key]:
            yield Fact("note", f"{graph[key]:,}", text)


@dataclass(frozen=True)
class EdgeBlock:
    """Some edges: int32 (n, 2), numbers of nodes, and float32 (n,) or None."""

    ends: NDArray[np.int32]
    weights: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class Graph:
    """Graph in compressed rows.

    Attributes
    ----------
    nodes : names in the order of their numbers, by falling number of edges, then by the bytes of the name.
    offsets, targets, weights : as `w2v.graphs._graph.Walker` takes them.
    types : int32 (n,), type of each node; None without a metapath.
    type_names : names of the types.
    symmetric : whether each edge leads both ways with one weight.
    report : statistics.
    """

    nodes: Vocabulary
    offsets: NDArray[np.int64]
    targets: NDArray[np.int32]
    weights: NDArray[np.uint64] | None
    types: NDArray[np.int32] | None
    type_names: tuple[str, ...]
    symmetric: bool
    report: GraphReport

    @property
    def n_types(self) -> int:
        return max(len(self.type_names), 1)

    def degrees(self) -> NDArray[np.int64]:
        """Return int64 (n,), the number of different nodes that each node leads to."""
        return np.diff(self.offsets[::self.n_types])


def in_parts(pool: Pool, threads: int, n: int, call: Callable[[int, int], T]) -> list[T]:
    """Call `call(begin, end)` for consecutive parts of 0 to n - 1, in threads; return the results in order."""
    count = max(1, min(n, threads * PARTS_PER_THREAD))
    bounds = [n * i // count for i in range(count + 1)]
    return [future.result() for future in [pool.start(call, *bounds[i:i + 2]) for i in range(count)]]


def build(nodes: Vocabulary, blocks: Sequence[EdgeBlock], *, both_ways: bool, threads: int,
          types: NDArray[np.int32] | None = None, type_names: tuple[str, ...] = (), name: str = "the graph") -> Graph:
    """Build the rows of a graph.

    Parameters
    ----------
    nodes : names; their counts do not matter.
    blocks : all edges.
    both_ways : whether each edge leads both ways.
    types, type_names : of the nodes, for a metapath.
    name : of the graph, for messages.

    Raises
    ------
    CorpusError : the sum of the weights of edges between two nodes is not finite.
    MemoryError : the rows do not fit into memory.
    """
    n, n_types = len(nodes), max(len(type_names), 1)
    edges = [Edges(block.ends, block.weights, n, types, n_types, both_ways) for block in blocks]
    offsets = np.zeros(n * n_types + 1, np.int64)
    with Pool(threads, thread_name_prefix="w2v-graph") as pool:
        _each(pool, [partial(one.count, offsets[1:]) for one in edges])
        np.cumsum(offsets, out=offsets)
        entries = np.empty(int(offsets[-1]), np.uint64)
        cursors = offsets[:-1].copy()
        _each(pool, [partial(one.fill, cursors, entries) for one in edges])
        sizes = cursors  # no longer needed
        found = in_parts(pool, threads, len(sizes), lambda begin, end: merge(offsets, begin, end, entries, sizes))
        if sum(one[0] for one in found):
            raise CorpusError(f"{name}: the weights of the edges between two nodes add up to more than a float32 holds")
        least, most = min(one[1] for one in found), max(one[2] for one in found)
        if int(sizes.sum()) < len(entries):
            close_gaps(offsets, sizes, entries)
            entries = entries[:offsets[-1]].copy()
        targets = np.empty(len(entries), np.int32)
        in_parts(pool, threads, len(entries), lambda begin, end: copy_targets(entries, begin, end, targets))
        weighted = most > least
        symmetric = both_ways or _is_symmetric(offsets, targets, entries, n_types)
        if weighted:
            in_parts(pool, threads, len(sizes), lambda begin, end: weigh(offsets, begin, end, entries))
    report = _report(blocks, offsets[::n_types], targets, both_ways, symmetric)
    if weighted:
        report = replace(report, weighted=True, lowest_weight=least, highest_weight=most)
    rows = offsets.nbytes + targets.nbytes + (entries.nbytes if weighted else 0)
    return Graph(nodes, offsets, targets, entries if weighted else None, types, type_names, symmetric,
                 replace(report, bytes=rows))


def _each(pool: Pool, calls: Iterable[Callable[[], object]]) -> None:
    for future in [pool.start(call) for call in calls]:
        future.result()


def _report(blocks: Sequence[EdgeBlock], offsets: NDArray[np.int64], targets: NDArray[np.int32], both_ways: bool,
            symmetric: bool) -> GraphReport:
    looped = [block.ends[block.ends[:, 0] == block.ends[:, 1], 0] for block in blocks]
    loops = sum(map(len, looped))
    edges = sum(len(block.ends) for block in blocks)
    degrees = np.diff(offsets)
    reached = np.zeros(len(degrees), bool)
    reached[targets] = True
    different = len(targets)
    if both_ways:  # a loop is one entry, any other edge two
        different = (different + (len(np.unique(np.concatenate(looped))) if looped else 0)) // 2
    return GraphReport(
        nodes=len(degrees), edges=edges, entries=len(targets), loops=loops,
        repeated=edges - different, isolated=int(np.count_nonzero((degrees == 0) & ~reached)),
        dead_ends=int(np.count_nonzero((degrees == 0) & reached)), directed=not symmetric)


def _is_symmetric(offsets: NDArray[np.int64], targets: NDArray[np.int32], entries: NDArray[np.uint64],
                  n_types: int) -> bool:
    """Return whether the rows hold each entry both ways: the sums of a hash of all entries are then equal."""
    if n_types > 1 or not len(targets):
        return False
    forth = back = 0
    first = 0
    while first < len(offsets) - 1:
        end = max(first + 1, int(np.searchsorted(offsets, offsets[first] + HASHED_AT_ONCE, "right")) - 1)
        part = slice(int(offsets[first]), int(offsets[end]))
        sources = np.repeat(np.arange(first, end, dtype=np.uint64), np.diff(offsets[first:end + 1]))
        ends, bits = targets[part].astype(np.uint64), entries[part] & np.uint64(0xFFFFFFFF)
        forth += _sum_of_hashes(sources, ends, bits)
        back += _sum_of_hashes(ends, sources, bits)
        first = end
    return (forth - back) % 2**64 == 0


def _sum_of_hashes(sources: NDArray[np.uint64], targets: NDArray[np.uint64], bits: NDArray[np.uint64]) -> int:
    mixed = (sources << np.uint64(32) | targets) ^ (bits * np.uint64(0x9E3779B97F4A7C15))
    for factor, shift in ((0xBF58476D1CE4E5B9, 30), (0x94D049BB133111EB, 27)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return int((mixed ^ (mixed >> np.uint64(31))).sum(dtype=np.uint64))
