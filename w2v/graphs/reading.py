"""Reading of a graph: nodes get numbers, edges become rows.

Place in the data flow: `CorpusInput` with `WalkOptions` -> `read_graph` -> `Graph` -> `w2v.graphs.walks`. Names of
nodes are words of the word table that also reads text, filled by all threads.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import (
    EDGES_WITH_WEIGHTS,
    EDGES_WITHOUT_WEIGHTS,
    BadEdge,
    BlockTokenizer,
    EdgeStats,
    WordTable,
)
from w2v.corpus.blocks import BLOCK_SIZE, Block, SourceCounts, load
from w2v.corpus.byte_classes import TEXT_CLASSES
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.line_weights import line_number
from w2v.corpus.paths import CorpusInput
from w2v.corpus.positions import Place, new_buffer, placed_blocks
from w2v.corpus.sources.files import FileSource
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.graphs.edge_lists import EdgeFormat, only_comments, tells_columns
from w2v.graphs.graph import EdgeBlock, Graph, build
from w2v.graphs.inputs import EdgeInput, Pairs, checked_pairs, file_input, object_input
from w2v.system import log
from w2v.system.threads import Pool
from w2v.walk_options import WalkOptions

BLOCKS_AHEAD = 2
_INTEGER = re.compile(r"0|[1-9][0-9]{0,18}")

Progress = Callable[[int, int | None, int], object]


class _Lines(NamedTuple):
    """A block of lines: where it comes from and begins; `offset` is None if its lines were made of an object."""

    block: Block
    form: EdgeFormat
    path: str
    offset: int | None


_Found: TypeAlias = tuple[NDArray[np.int32], NDArray[np.float32] | None, EdgeStats]


@dataclass
class _Tally:
    """What was counted while edges were read."""

    edges: int = 0
    comments: int = 0
    further: int = 0
    blocks: list[EdgeBlock] = field(default_factory=list)

    def add(self, ends: NDArray[np.int32], weights: NDArray[np.float32] | None, comments: int = 0,
            further: int = 0) -> None:
        self.edges += len(ends)
        self.comments += comments
        self.further += further
        if len(ends):
            self.blocks.append(EdgeBlock(ends, weights))


@dataclass(frozen=True)
class ReadGraph:
    """A graph, and what was read for it.

    Attributes
    ----------
    graph : the graph.
    counts : files and the like.
    bytes_read : of all files.
    seconds : time of reading and building.
    """

    graph: Graph
    counts: SourceCounts
    bytes_read: int
    seconds: float


def read_graph(corpus: CorpusInput, options: WalkOptions, *, threads: int, progress: Progress | None = None,
               known: Iterable[str] = ()) -> ReadGraph:
    """Read a graph and build its rows.

    Parameters
    ----------
    corpus : the graph; its paths, or the object in `given`.
    options : how edges are read; the metapath decides which rows there are.
    progress : called with bytes read, their total if known, and edges.
    known : further nodes, which need not have edges.

    Raises
    ------
    CorpusError : there is no edge or no node, or a node or weight is wrong.
    FormatError : a file is no list of edges; names the line.
    W2VError : a file cannot be read.
    TypeError : the object is no graph.
    """
    started = time.perf_counter()
    reader = _Reader(corpus, options, threads, progress)
    inputs = reader.inputs()
    for one in inputs:
        reader.read(one)
    directed = options.directed
    if directed is None:
        directed = any(isinstance(one, EdgeInput) and bool(one.directed) for one in inputs)
    for name in known:
        reader.table.add(name.encode("utf-8", "surrogateescape"), 0)
    if not len(reader.table):
        raise CorpusError(f"{corpus.name}: the graph is empty: there is no edge in it")
    graph = reader.built(both_ways=not directed)
    if not graph.report.edges:
        raise CorpusError(f"{corpus.name}: the graph has {graph.report.nodes:,} nodes and no edge: there is nothing to "
                          "learn from")
    found = ReadGraph(graph, reader.counts, reader.bytes_read, time.perf_counter() - started)
    log.info(f"read {graph.report.edges:,} edges of {corpus.name}: {graph.report.nodes:,} nodes")
    return found


class _Reader:
    """Reads all edges of a corpus into one table of nodes."""

    def __init__(self, corpus: CorpusInput, options: WalkOptions, threads: int, progress: Progress | None) -> None:
        self.corpus, self.options, self.threads, self.progress = corpus, options, threads, progress
        self.table, self.tally = WordTable(), _Tally()
        self.counts = SourceCounts()
        self.bytes_read = 0
        self.total_bytes: int | None = None
        self.integers = True

    def inputs(self) -> list[EdgeInput | str]:
        """Return the parts of the graph: files of text as their paths, everything else opened."""
        if self.corpus.paths is None:
            return [object_input(self.corpus.given)]
        files = self.corpus.files
        self.counts = SourceCounts.of(self.corpus.listing)
        sizes = [self.corpus.size(path) for path in files]
        self.total_bytes = None if None in sizes else sum(size for size in sizes if size is not None)
        return [file_input(path) or path for path in files]

    def read(self, one: EdgeInput | str) -> None:
        if isinstance(one, str):
            self._read_text_file(one)
            return
        self.integers &= one.integers
        for name in one.nodes:
            self.table.add(str(name).encode("utf-8", "surrogateescape"), 0)
        # With `unweighted` the lines are made without weights.
        weighted = one.weighted and not self.options.unweighted
        form = EdgeFormat(ord("\t"), weights=EDGES_WITH_WEIGHTS if weighted else EDGES_WITHOUT_WEIGHTS)
        self._read_blocks(_Lines(block, form, one.name, None) for block in one.texts(self.options.unweighted))
        self._read_pairs(one)
        if self.corpus.paths is not None:
            self.counts.files += 1
            self.bytes_read += self.corpus.size(one.name) or 0

    # text

    def _read_text_file(self, path: str) -> None:
        source = FileSource(path, [path], self.counts, None, whole_lines=True)
        with closing(source.blocks(BLOCK_SIZE)) as blocks:
            placed = groupby(placed_blocks(blocks, source), key=lambda one: (one[0].file, one[0].path))
            self._read_blocks(lines for _, text in placed for lines in self._with_format(text, source.name))
        self.bytes_read += source.bytes_read

    def _with_format(self, text: Iterable[tuple[Place, Block]], name: str) -> Iterator[_Lines]:
        """Yield the blocks of a text, of which the first lines with edges tell the columns."""
        form, head, waiting = None, b"", list[tuple[Place, Block]]()
        for place, block in text:
            if form is not None:
                yield _Lines(block, form, place.path or name, place.offset)
                continue
            waiting.append((place, block))
            head += _text(block)
            if tells_columns(head):
                form = EdgeFormat.of(head, self.options.unweighted)
                yield from self._placed(waiting, form, name)
                form, head, waiting = replace(form, header=0), b"", []
            elif only_comments(head):  # of any length
                yield _Lines(block, EdgeFormat(0), place.path or name, place.offset)
                head, waiting = b"", []
        yield from self._placed(waiting, EdgeFormat.of(head, self.options.unweighted), name)

    def _placed(self, blocks: Iterable[tuple[Place, Block]], form: EdgeFormat, name: str) -> Iterator[_Lines]:
        """Yield the first blocks of a text, without its header."""
        self.tally.comments += form.comments
        header = form.header
        for number, (place, block) in enumerate(blocks):
            if form.weighted and not number:
                log.info(f"{place.path}: column {form.weight + 1} has the weights of the edges")
            own = min(header, len(_text(block)))
            yield _Lines(block, replace(form, header=own), place.path or name, place.offset)
            header -= own

    def _read_blocks(self, blocks: Iterator[_Lines]) -> None:
        idle: SimpleQueue[BlockTokenizer] = SimpleQueue()
        for _ in range(self.threads):
            idle.put(BlockTokenizer(self.table, TEXT_CLASSES))

        def work(lines: _Lines) -> _Found:
            tokenizer, form = idle.get(), lines.form
            try:
                text = memoryview(_text(lines.block))[form.header:]
                return tokenizer.read_edges(text, form.delimiter, form.source, form.target, form.weight, form.weights)
            except BadEdge as bad:
                raise _error(lines, bad) from None
            finally:
                idle.put(tokenizer)

        waiting: deque[Future[_Found]] = deque()
        with Pool(self.threads, thread_name_prefix="w2v-edges") as pool:
            try:
                for block in blocks:
                    waiting.append(pool.start(work, block))
                    if len(waiting) >= self.threads + BLOCKS_AHEAD:
                        self._take(waiting.popleft())
                while waiting:
                    self._take(waiting.popleft())
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _take(self, done: Future[_Found]) -> None:
        ends, weights, stats = done.result()
        self.tally.add(ends, weights, stats.comments, stats.further)
        if self.progress is not None:
            self.progress(self.bytes_read, self.total_bytes, self.tally.edges)

    # integers

    def _read_pairs(self, one: EdgeInput) -> None:
        tokenizer = BlockTokenizer(self.table, TEXT_CLASSES)
        for pairs in one.pairs:
            ends, weights = checked_pairs(one.name, Pairs(pairs.ends, None) if self.options.unweighted else pairs)
            out = np.empty(3 * len(ends), np.int32)
            n, _ = tokenizer.tokenize_integers(ends, out)
            if n != 3 * len(ends):
                raise CorpusError(f"{one.name}: an edge lacks a node")
            self.tally.add(np.ascontiguousarray(out.reshape(-1, 3)[:, :2]), weights)
            if self.progress is not None:
                self.progress(self.bytes_read, self.total_bytes, self.tally.edges)

    # the graph

    def built(self, both_ways: bool) -> Graph:
        """Number the nodes and build the rows; the edges that were read are freed."""
        counts = self.table.counts()
        dropped = int(np.count_nonzero(counts == 0)) if self.options.drop_isolated else 0
        blob, offsets, chosen, final = self.table.select(counts, 1 if dropped else 0, len(self.table))
        nodes = Vocabulary(blob, offsets, chosen)
        self.table = WordTable()
        numbers = final[1:]
        for block in self.tally.blocks:
            block.ends[:] = numbers[block.ends]
        nodes.integer_keys = self.integers and self._all_integers(nodes)
        types, names = _types(self.options, nodes)
        blocks = self.tally.blocks
        if any(block.weights is not None for block in blocks):
            blocks = [block if block.weights is not None else
                      EdgeBlock(block.ends, np.ones(len(block.ends), np.float32)) for block in blocks]
        graph = build(nodes, blocks, both_ways=both_ways, threads=self.threads, types=types, type_names=names,
                      name=self.corpus.name)
        self.tally.blocks = []
        return replace(graph, report=replace(
            graph.report, isolated_dropped=dropped, comments=self.tally.comments, further_fields=self.tally.further))

    @staticmethod
    def _all_integers(nodes: Vocabulary) -> bool:
        return all(_INTEGER.fullmatch(word) is not None and int(word) < 2**63 for word in nodes.words)


def _text(block: Block) -> bytes | memoryview:
    text = load(block, new_buffer)
    assert not isinstance(text, IntegerBlock), "files of integers are no text"
    return text


def _error(lines: _Lines, bad: BadEdge) -> CorpusError | FormatError:
    """Return the error for a line that is no edge."""
    if lines.offset is None:  # names were checked when the line was made
        return CorpusError(f"{lines.path}: the edge {bad.line.decode('utf-8', 'replace')!r:.60}: the weight must be a "
                           "finite number above 0")
    offset = lines.offset + bad.offset + lines.form.header
    return lines.form.error(lines.path, bad, line_number(lines.path, offset), offset)


def _types(options: WalkOptions, nodes: Vocabulary) -> tuple[NDArray[np.int32] | None, tuple[str, ...]]:
    """Return the type of each node, and the names of the types; nodes whose type is not in the metapath have one of
    their own.

    Raises
    ------
    CorpusError : a node has no type, or no node has a type of the metapath.
    FormatError, W2VError : the file of the types cannot be read.
    """
    if options.metapath is None:
        return None, ()
    given = options.node_types
    kinds = ({str(node): str(kind) for node, kind in given.items()} if isinstance(given, Mapping)
             else _types_in(str(given)))
    names = tuple(dict.fromkeys(options.types))
    number = {name: i for i, name in enumerate(names)}
    words = nodes.words
    if missing := [word for word in words if word not in kinds]:
        raise CorpusError(f"{len(missing):,} of {len(words):,} nodes have no type in node_types, such as "
                          f"{missing[0]!r}")
    types = np.array([number.get(kinds[word], len(names)) for word in words], np.int32)
    for name, i in number.items():
        if not (types == i).any():
            raise CorpusError(f"no node has the type {name!r} of the metapath; the types are "
                              f"{', '.join(sorted(set(kinds.values()))[:10])}")
    return types, (*names, "")


def _types_in(path: str) -> dict[str, str]:
    try:
        lines = Path(path).read_bytes().decode("utf-8", "surrogateescape").split("\n")
    except OSError as error:
        raise W2VError(f"{path}: cannot read the types of nodes: {error.strerror}") from error
    kinds: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        parts = [part.strip() for part in (line.split("\t") if "\t" in line else line.rsplit(None, 1))]
        if not line.strip() or line.startswith("#"):
            continue
        if len(parts) != 2 or not all(parts):
            raise FormatError(path, f"expected a node and its type, not {line[:60]!r}", line=number)
        kinds[parts[0]] = parts[1]
    return kinds
