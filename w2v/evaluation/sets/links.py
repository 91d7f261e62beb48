"""Links: held-out edges of a graph, perhaps with pairs of nodes that are no edges.

Place in the data flow: file -> pairs of nodes, each marked as an edge or not; list of all known edges -> `KnownEdges`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from w2v.corpus.paths import CorpusInput
from w2v.errors import FormatError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import Reading, Row, TwoWords, is_content, named_columns, numbered_lines, split_fields
from w2v.graphs.edge_lists import SOURCES, TARGETS
from w2v.graphs.reading import read_graph
from w2v.system.threads import resolve_threads
from w2v.types import StrPath
from w2v.walk_options import WalkOptions

MARKS = ("mark", "label", "edge", "link", "exists", "y")  # names of the third column in a header


@dataclass(frozen=True)
class LinkPairs:
    """Pairs of nodes.

    Attributes
    ----------
    pairs : two nodes each.
    edges : whether each pair is an edge.
    """

    pairs: list[TwoWords]
    edges: list[bool]

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def marked(self) -> bool:
        """Whether there are pairs that are no edges."""
        return not all(self.edges)


@dataclass(frozen=True)
class KnownEdges:
    """All edges of a graph, both ways, in compressed rows.

    Attributes
    ----------
    nodes : their names.
    offsets, targets : node i has the neighbours targets[offsets[i] : offsets[i + 1]].
    """

    nodes: list[str]
    offsets: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int32]


def read_known_edges(path: StrPath) -> KnownEdges:
    """Read a graph in any form that `w2v train --graph` reads.

    Raises
    ------
    FormatError, W2VError : the file is no graph, or cannot be read.
    """
    options = WalkOptions(directed=False, unweighted=True)
    graph = read_graph(CorpusInput.of_graph(path, {}), options, threads=resolve_threads("auto")).graph
    return KnownEdges(graph.nodes.words, graph.offsets, graph.targets)


def read_links(path: Path, reading: Reading) -> LinkPairs:
    """Read pairs of nodes: two nodes on each line, and in marked files 1 for an edge or 0 for none.

    Lines that begin with # or % are skipped, and so is a header that names a source and a target, in which case the
    columns are those that it names.

    Raises
    ------
    FormatError : no pair is an edge; or, if `reading` does not leave it out, a line with fewer than two nodes, a mark
        other than 0 and 1, a line without a mark in a marked file or with one in another file, or an edge from a node
        to itself.
    """
    pairs: list[TwoWords] = []
    edges: list[bool] = []
    marked = None
    for number, fields, line in _rows(path, reading):
        shown = f"{line.strip()!r:.80}"
        marked = len(fields) > 2 if marked is None else marked
        if len(fields) < 2 or not all(fields[:2]):
            reading.problem(path, f"expected two nodes, found {shown}", number)
        elif marked and len(fields) < 3:
            reading.problem(path, f"no mark (1 for an edge, 0 for none), which the first line has: {shown}", number)
        elif len(fields) > (3 if marked else 2):
            reading.problem(path, f"more fields than a pair of nodes{' and a mark' if marked else ''}: {shown}", number)
        elif marked and fields[2] not in ("0", "1"):
            reading.problem(path, f"the mark must be 1 for an edge or 0 for none, not {fields[2]!r:.40}", number)
        elif fields[0] == fields[1]:
            reading.problem(path, f"a link from a node to itself cannot be predicted: {shown}", number)
        else:
            pairs.append((fields[0], fields[1]))
            edges.append(not marked or fields[2] == "1")
    if not any(edges):
        raise FormatError(path, "no edge: all pairs are marked 0" if pairs else "no line has two nodes", line=1)
    return LinkPairs(pairs, edges)


def _rows(path: Path, reading: Reading) -> Iterator[Row]:
    for columns in ((SOURCES, TARGETS, MARKS), (SOURCES, TARGETS)):
        if (rows := named_columns(path, columns, reading)) is not None:
            yield from rows
            return
    for number, line in numbered_lines(path, encoding=reading.encoding):
        if is_content(line) and not line.startswith("%"):
            yield number, split_fields(line, reading.delimiter), line


def words_of(links: LinkPairs) -> set[str]:
    """Return all nodes that are asked for."""
    return {node for pair in links.pairs for node in pair}


def evidence(excerpt: Excerpt) -> Evidence:
    """Any two words may be a pair of nodes, so the kind is never recognised."""
    return Evidence.NONE
