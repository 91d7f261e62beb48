"""Random walks as a corpus: `WalkText`, whose ids are made when training needs them and never stored.

Place in the data flow: `w2v.graphs.reading` -> `Graph` -> `WalkText`, the input of training. A walk is a line, its
nodes are the words. The walks of an epoch are a function of the seed, the epoch and their number alone, so any thread
can make any of them at any time, and each epoch has new ones (csrc/graph/walks.h).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.corpus.encoded import CorpusReport, EncodedText, Ids, Ranges
from w2v.corpus.paths import CorpusInput
from w2v.corpus.traits import TextTraits
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import CorpusError
from w2v.graphs._graph import Walker, count_visits
from w2v.graphs.graph import Graph
from w2v.graphs.reading import Progress, read_graph
from w2v.system import log
from w2v.system.threads import Pool
from w2v.walk_options import WalkOptions

IDS_AT_ONCE = 1 << 18  # about, that are made together when all walks are looked at; several parts are in memory


def walk_text(corpus: CorpusInput, *, seed: int, threads: int, progress: Progress | None = None,
              known: Iterable[str] = ()) -> WalkText:
    """Read a graph and return its walks as a corpus. The walks of the first epoch are made once to count how often they
    visit each node, which is the order and the noise distribution of training.

    Parameters
    ----------
    corpus : a graph, from `CorpusInput.of_graph`.
    seed : of the walks.
    progress, known : see `w2v.graphs.reading.read_graph`.

    Raises
    ------
    CorpusError, FormatError, W2VError, TypeError : as for `read_graph`; or no walk has a second node.
    """
    assert corpus.walking is not None, "a graph has options of walks"
    options, started = corpus.walking, time.perf_counter()
    read = read_graph(corpus, options, threads=threads, progress=progress, known=known)
    graph = read.graph
    starts = _starts(graph, options)
    visits, longest = _visits(Walks(graph, options, seed, starts, None), len(graph.nodes), threads)
    # By falling number of visits, then as in the graph.
    order = np.argsort(-visits, kind="stable")
    ids = np.empty(len(order), np.int32)
    ids[order] = np.arange(len(order), dtype=np.int32)
    vocabulary = _reordered(graph.nodes, order, visits)
    walks = Walks(graph, options, seed, starts, ids)
    report = CorpusReport(
        words=int(visits.sum()), distinct_words=len(vocabulary), lines=walks.n, longest_line=longest,
        longest_word=int(np.diff(vocabulary.offsets).max(initial=0)), files=read.counts.files,
        hidden_files_skipped=read.counts.hidden_skipped, dangling_links_skipped=read.counts.dangling_links,
        special_files_skipped=read.counts.special_skipped, remote_files=read.counts.remote_files,
        utf8_boms=read.counts.utf8_boms, bytes_read=read.bytes_read, traits=TextTraits(),
        seconds=time.perf_counter() - started, graph=replace(graph.report, walks={
            name: value for name, value in options.to_dict().items() if name != "node_types"}))
    if report.longest_line < 2:
        raise CorpusError(f"{corpus.name}: no walk has a second node; {_why_no_steps(options)}")
    log.info(f"{walks.n:,} walks in each epoch, {report.words:,} nodes in the first one")
    return WalkText(walks, vocabulary, report, _checksum(graph, options, seed))


def _why_no_steps(options: WalkOptions) -> str:
    return ("no edge of the metapath exists" if options.metapath else
            "the only edges lead from nodes to themselves")


def _starts(graph: Graph, options: WalkOptions) -> NDArray[np.int32] | None:
    """Return the nodes where walks begin: those of the first type of the metapath; None for all."""
    if graph.types is None:
        return None
    return np.flatnonzero(graph.types == graph.type_names.index(options.types[0])).astype(np.int32)


def _visits(walks: Walks, n_nodes: int, threads: int) -> tuple[NDArray[np.int64], int]:
    """Return the visits of each node in the first epoch, and the nodes of the longest walk."""
    visits, longest = np.zeros(n_nodes, np.int64), 0

    def count(begin: int, end: int) -> int:
        return count_visits(walks.make(0, begin, end), visits)

    with Pool(threads, thread_name_prefix="w2v-walks") as pool:
        parts = list(pairwise([*range(0, walks.n, max(1, IDS_AT_ONCE // walks.room)), walks.n]))
        for begin in range(0, len(parts), 2 * threads):
            for future in [pool.start(count, *part) for part in parts[begin:begin + 2 * threads]]:
                longest = max(longest, future.result())
    return visits, longest


def _reordered(nodes: Vocabulary, order: NDArray[np.int64], visits: NDArray[np.int64]) -> Vocabulary:
    """Return the vocabulary in another order, with other counts."""
    lengths = np.diff(nodes.offsets)[order]
    offsets = np.zeros(len(order) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    places = np.repeat(nodes.offsets[:-1][order] - offsets[:-1], lengths) + np.arange(offsets[-1])
    made = Vocabulary(nodes.blob[places], offsets, visits[order])
    made.integer_keys = nodes.integer_keys
    return made


def _checksum(graph: Graph, options: WalkOptions, seed: int) -> str:
    """Return what identifies the walks: the SHA-256 of the nodes, the rows, the options and the seed."""
    digest = hashlib.sha256()
    stored: list[NDArray[Any] | None] = [graph.nodes.blob, graph.nodes.offsets, graph.offsets, graph.targets,
                                         graph.weights, graph.types]
    for part in (one for one in stored if one is not None):
        digest.update(np.ascontiguousarray(part, part.dtype.newbyteorder("<")).data)
    digest.update(repr((options.walks, options.walk_length, options.p, options.q, options.metapath, seed)).encode())
    return digest.hexdigest()


class Walks:
    """The walks of a graph.

    Attributes
    ----------
    n : walks of an epoch.
    room : ids of a walk and its end, at most.
    """

    n: int
    room: int

    def __init__(self, graph: Graph, options: WalkOptions, seed: int, starts: NDArray[np.int32] | None,
                 ids: NDArray[np.int32] | None) -> None:
        path = None
        if graph.types is not None:
            path = np.array([graph.type_names.index(name) for name in options.types[:-1]], np.int32)
        self._walker = Walker(graph.offsets, graph.targets, graph.weights, n_types=graph.n_types,
                              symmetric=graph.symmetric, starts=starts, length=options.walk_length, path=path,
                              p=float(options.p), q=float(options.q), seed=seed, names=ids)
        self.n, self.room = options.walks * self._walker.n_starts, options.walk_length + 1

    def make(self, epoch: int, begin: int, end: int) -> Ids:
        """Return the walks from `begin` to `end` - 1 of an epoch, each followed by -1."""
        out = np.empty((end - begin) * self.room, np.int32)
        return out[:self._walker.make(epoch, begin, end, out)]


class WalkText(EncodedText):
    """Walks of an epoch as a text whose ids are made again each time.

    A position in it is a multiple of the longest possible walk; a range of positions has the ids of its walks, which
    are fewer where walks are shorter.
    """

    vocabulary: Vocabulary
    n_words: int
    report: CorpusReport
    place: str

    def __init__(self, walks: Walks, vocabulary: Vocabulary, report: CorpusReport, sha256: str, epoch: int = 0) -> None:
        self.vocabulary, self.report, self.n_words = vocabulary, report, report.words
        self.place = "none"
        self._walks, self._sha256, self._epoch = walks, sha256, epoch

    @property
    def n_walks(self) -> int:
        """Walks of an epoch."""
        return self._walks.n

    @property
    def walk_length(self) -> int:
        """Nodes of a walk, at most."""
        return self._walks.room - 1

    @property
    def n_ids(self) -> int:
        return self._walks.n * self._walks.room

    @property
    def sha256(self) -> str:
        return self._sha256

    def of_epoch(self, epoch: int, stopped: Callable[[], bool] = bool) -> WalkText:
        if epoch == self._epoch:
            return self
        return WalkText(self._walks, self.vocabulary, self.report, self._sha256, epoch)

    def words_read(self, epochs: int) -> tuple[int, int] | None:
        """None if walks may be shorter than the longest, so that each epoch has another number of nodes."""
        whole = self.report.words == self._walks.n * (self._walks.room - 1)
        return (self.report.words * epochs, 0) if whole else None

    def read(self, begin: int, end: int) -> Ids:
        room = self._walks.room
        return self._walks.make(self._epoch, begin // room, -(-min(end, self.n_ids) // room))

    def scan(self) -> Generator[Ids, None, None]:
        step = max(1, IDS_AT_ONCE // self._walks.room)
        for begin in range(0, self._walks.n, step):
            yield self._walks.make(self._epoch, begin, min(begin + step, self._walks.n))

    def line_weight(self, position: int) -> float:
        return 1.0

    def shards(self, n: int, *, whole_lines: bool = False) -> Ranges:
        if n < 1:
            raise ValueError(f"the number of shards must be at least 1, not {n}")
        count, room = min(n, self._walks.n), self._walks.room
        return [(begin * room, end * room) for begin, end in
                pairwise([self._walks.n * i // count for i in range(count + 1)])]

    def close(self) -> None:
        """Nothing is open."""
