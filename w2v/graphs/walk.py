"""`w2v.walk`: random walks over a graph as an array or a file, for other programs; training makes its own.

Place in the data flow: graph -> `w2v.graphs.walks` -> `RandomWalks`, or a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Unpack

import numpy as np
from numpy.typing import NDArray

from w2v.corpus.encoded import Ids
from w2v.corpus.paths import CorpusInput
from w2v.errors import FormatError
from w2v.graphs.graph import GraphReport
from w2v.graphs.walks import WalkText, walk_text
from w2v.presets import hint
from w2v.system.compress import without_compression
from w2v.system.files import atomic_write
from w2v.system.threads import resolve_threads
from w2v.types import StrPath
from w2v.walk_options import WALK_OPTIONS, GraphLike, GraphOptions


@dataclass(frozen=True, eq=False)
class RandomWalks:
    """Walks of one epoch.

    Attributes
    ----------
    array : int64 (n_walks, walk_length), nodes; a walk that ended early is filled up with -1. Numbers are the nodes
        themselves if all nodes are integers, otherwise positions in `names`.
    names : names of the nodes by position, the most visited first; None if the nodes are integers.
    graph : statistics of the graph.
    """

    array: NDArray[np.int64]
    names: list[str] | None
    graph: GraphReport

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[list[int] | list[str]]:
        """Yield each walk as a list of nodes, such as a corpus of `w2v.train` has."""
        for row in self.array:
            nodes = row[row >= 0].tolist()
            yield nodes if self.names is None else [self.names[node] for node in nodes]


def walk(graph: GraphLike, *, seed: int = 1, epoch: int = 0, threads: int | str = "auto", output: StrPath | None = None,
         **options: Unpack[GraphOptions]) -> RandomWalks | GraphReport:
    """Make the random walks that training would make in an epoch.

    Parameters
    ----------
    graph : as for `w2v.train`.
    seed : 0 to 2^64 - 1. The same seed, epoch and graph give the same walks, with any number of threads.
    epoch : from 0.
    threads : number of threads, or "auto".
    output : file to write instead of returning the walks: `.npy`, int64 (n_walks, walk_length) filled up with -1, for
        nodes that are integers; any other name is text, a walk on each line.
    options : walks, walk_length, p, q, directed, unweighted, drop_isolated, metapath, node_types; see `w2v.train`.

    Returns
    -------
    The walks; with `output`, the statistics of the graph.

    Raises
    ------
    ValueError, TypeError : an option is wrong, or the object is no graph.
    CorpusError, FormatError, W2VError : as for `w2v.train`; or the file cannot hold the nodes or be written.

    Examples
    --------
    >>> import w2v
    >>> walks = w2v.walk([("a", "b"), ("b", "c"), ("c", "a")], walks=2, walk_length=5)
    >>> walks.array.shape, sorted(walks.names)
    ((6, 5), ['a', 'b', 'c'])
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**64:
        raise ValueError(f"seed = {seed!r} is out of range: 0 to 2^64 - 1")
    if isinstance(epoch, bool) or not isinstance(epoch, int) or not 0 <= epoch < 2**63:
        raise ValueError(f"epoch = {epoch!r} is out of range: 0 to 2^63 - 1")
    for name in options:
        if name not in WALK_OPTIONS:
            near = hint(name, [*WALK_OPTIONS, "seed", "epoch", "threads", "output"])
            raise TypeError(f"unknown option {name!r}{near or '; the options are ' + ', '.join(WALK_OPTIONS)}")
    text = walk_text(CorpusInput.of_graph(graph, options), seed=seed, threads=resolve_threads(threads))
    made = text.of_epoch(epoch)
    report = text.report.graph
    assert isinstance(report, GraphReport)
    names = None if text.vocabulary.integer_keys else text.vocabulary.words
    if output is not None:
        save_walks(made, output)
        return report
    rows = list(_padded(made))
    return RandomWalks(np.concatenate(rows), names, report)


def _padded(text: WalkText) -> Iterator[NDArray[np.int64]]:
    """Yield the walks as rows, filled up with -1."""
    numbers = np.array(text.vocabulary.words, np.int64) if text.vocabulary.integer_keys else None
    for ids in text.scan():
        ends = np.flatnonzero(ids < 0)
        lengths = np.diff(ends, prepend=-1) - 1
        rows = np.full((len(ends), text.walk_length), -1, np.int64)
        nodes = ids[ids >= 0]
        rows[np.arange(text.walk_length) < lengths[:, None]] = nodes if numbers is None else numbers[nodes]
        yield rows


def save_walks(text: WalkText, path: StrPath) -> None:
    """Write walks to a file, atomically; see `walk`.

    Raises
    ------
    FormatError : the nodes are no integers, and the file is an array; or a name has white space, and it is text.
    W2VError : the file cannot be written.
    """
    is_array = str(without_compression(path)).lower().endswith(".npy")
    if is_array and not text.vocabulary.integer_keys:
        raise FormatError(path, f"an array holds integers, and nodes such as {text.vocabulary.words[0]!r:.60} are "
                                "none; write .txt")
    if not is_array and (spaced := next((word for word in text.vocabulary.words if word.split() != [word]), None)):
        raise FormatError(path, f"the node {spaced!r:.60} has white space, which separates the nodes of a walk in text")
    with atomic_write(path, compress=False if is_array else True) as file:
        if is_array:
            header = {"descr": "<i8", "fortran_order": False, "shape": (text.n_walks, text.walk_length)}
            np.lib.format.write_array_header_1_0(file, header)
            for rows in _padded(text):
                file.write(np.ascontiguousarray(rows, "<i8").data)
        else:
            words = np.array([*(word.encode("utf-8", "surrogateescape") for word in text.vocabulary.words), b"\n"],
                             dtype=object)
            for ids in text.scan():
                _write_lines(file, ids, words)


def _write_lines(file: BinaryIO, ids: Ids, words: NDArray[np.object_]) -> None:
    lines = b" ".join(words[ids].tolist())  # the last word is a line end, which -1 stands for
    file.write(lines.replace(b" \n ", b"\n").replace(b" \n", b"\n"))
