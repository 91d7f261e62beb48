"""`Index`: an approximate index over vectors, by usearch (the extra `w2v[ann]`).

It is a graph whose search looks at a small part of the rows (HNSW, Malkov & Yashunin 2016, 1603.09320).

Place in the data flow: rows -> `Index` -> candidates, to which `w2v.vectors.neighbours` gives exact scores. The share
of true neighbours that it finds is measured when it is built and stored in the index.

Layout of the file: the 8 bytes "w2v-ann\\n", a little-endian uint64 n, n bytes of JSON (shape, type and checksum of the
vectors, metric, settings, recall, size and SHA-256 of the rest), and the index as usearch writes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypedDict, Unpack

import numpy as np

from w2v.errors import FormatError, W2VError
from w2v.formats.rows import Rows
from w2v.system.files import atomic_write, check_writable, local_path
from w2v.system.resources import require_memory
from w2v.types import Indices, Matrix, StrPath
from w2v.vectors.graph_file import check_graph
from w2v.vectors.lengths import Lengths
from w2v.vectors.neighbours import rescore_candidates
from w2v.vectors.search import METRICS, QueryBatch, Space, nearest

MAGIC = b"w2v-ann\n"
RECALL_AT = 10
"""Number of neighbours by which recall is measured."""

_KINDS = {"cosine": "cos", "dot": "ip", "euclidean": "l2sq"}
_BLOCK = 1 << 14
_LONGEST_HEADER = 1 << 20
_MOST_CANDIDATES = 1 << 20


class IndexOptions(TypedDict, total=False):
    """Keywords of `build`, which explains them."""

    metric: str
    connectivity: int
    expansion_add: int
    expansion_search: int
    stored: str
    sample: int
    seed: int
    threads: int
    show: Callable[[int], None] | None


@dataclass(frozen=True)
class About:
    """Description of an index, stored in it.

    Attributes
    ----------
    words, vector_size, dtype, checksum : of the vectors; the checksum is the SHA-256 of their stored numbers.
    metric : one of `w2v.vectors.search.METRICS`.
    connectivity, expansion_add, expansion_search : see `build`.
    recall : share of the 10 nearest rows that the index finds, 0 to 1, mean over `sample` rows.
    sample : number of rows by which recall was measured.
    """

    words: int
    vector_size: int
    dtype: str
    checksum: str
    metric: str
    connectivity: int
    expansion_add: int
    expansion_search: int
    recall: float = 0.0
    sample: int = 0

    def __str__(self) -> str:
        return (f"{self.words:,} words x {self.vector_size}, {self.metric}: recall@{RECALL_AT} {self.recall:.3f} "
                f"(of {self.sample:,} words)")


class Index:
    """An index and the rows that it belongs to; made by `build` or `load`.

    Attributes
    ----------
    graph : the `usearch.index.Index`.
    about : its description.
    rows : the vectors.
    """

    graph: Any
    about: About
    rows: Rows

    def __init__(self, graph: Any, about: About, rows: Rows) -> None:
        self.graph, self.about, self.rows = graph, about, rows

    def __repr__(self) -> str:
        return f"<Index: {self.about}>"

    @property
    def recall(self) -> float:
        """Share of the 10 nearest rows that the index finds, 0 to 1."""
        return self.about.recall

    def candidates(self, vectors: Matrix, count: int) -> Indices:
        """Return (k, count) int64 rows near the vectors (k, d), in no particular order, filled up with -1."""
        found = np.full((len(vectors), count), -1, dtype=np.int64)
        finite = np.flatnonzero(np.isfinite(vectors).all(axis=1))
        if len(finite) and count and len(self.graph):
            matches = self.graph.search(np.ascontiguousarray(vectors[finite]), min(count, len(self.graph)))
            keys = np.atleast_2d(np.asarray(matches.keys)).astype(np.int64)
            counts = np.atleast_1d(np.asarray(getattr(matches, "counts", keys.shape[1])))
            keys[np.arange(keys.shape[1]) >= counts[:, None]] = -1
            keys[(keys < 0) | (keys >= len(self.rows))] = -1
            found[finite, :keys.shape[1]] = keys
        return found

    def save(self, path: StrPath) -> None:
        """Write the index and its description to one file.

        Raises
        ------
        W2VError : the file cannot be written.
        """
        blob = bytes(self.graph.save())
        header = json.dumps({**asdict(self.about), "bytes": len(blob),
                             "sha256": hashlib.sha256(blob).hexdigest()}).encode()
        with atomic_write(path, compress=False) as file:
            file.write(MAGIC + struct.pack("<Q", len(header)) + header)
            file.write(blob)


def build(
    rows: Rows, lengths: Lengths, *, metric: str = "cosine", connectivity: int = 16, expansion_add: int = 128,
    expansion_search: int = 64, stored: str = "f16", sample: int = 1000, seed: int = 1, threads: int = 0,
    show: Callable[[int], None] | None = None,
) -> Index:
    """Build an index, and measure its recall against the exact search.

    Parameters
    ----------
    rows : (n, d), the vectors.
    lengths : their lengths.
    metric : "cosine", "dot" or "euclidean"; the index answers only queries with this metric.
    connectivity : edges per row, >= 1; more is more accurate, larger and slower.
    expansion_add, expansion_search : number of candidates when a row is added and in a search, >= 1; more is more
        accurate and slower.
    stored : type of the numbers in the index, "f32", "f16", "bf16" or "i8"; scores of answers are computed from the
        vectors themselves.
    sample : number of rows whose neighbours are compared with the exact ones, >= 1.
    seed : of the choice of these rows.
    threads : 0 for all cores.
    show : called with the number of rows in the index while it grows.

    Raises
    ------
    W2VError : usearch is not installed.
    ValueError : unknown metric, or a setting out of range.
    """
    library = check_library()
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, not {metric!r}")
    if min(connectivity, expansion_add, expansion_search, sample) < 1:
        raise ValueError("connectivity, expansion_add, expansion_search and sample must be 1 or more")
    graph = library.Index(ndim=rows.shape[1], metric=_KINDS[metric], dtype=stored, connectivity=connectivity,
                          expansion_add=expansion_add, expansion_search=expansion_search)
    valid = np.isfinite(lengths.inverse)
    for start in range(0, len(rows), _BLOCK):
        own = start + np.flatnonzero(valid[start:start + _BLOCK])
        if len(own):
            graph.add(own.astype(np.uint64), rows[own], threads=threads)
        if show is not None:
            show(min(start + _BLOCK, len(rows)))
    about = About(*rows.shape, rows.dtype_name, checksum(rows), metric, connectivity, expansion_add, expansion_search)
    index = Index(graph, about, rows)
    chosen = np.sort(np.random.default_rng(seed).permutation(np.flatnonzero(valid))[:sample])
    found = _recall(index, Space(rows, lengths, metric, 0, len(rows)), chosen)
    return Index(graph, About(**{**asdict(about), "recall": found, "sample": len(chosen)}), rows)


def _recall(index: Index, space: Space, chosen: Indices) -> float:
    """Return the share of the `RECALL_AT` nearest other rows of the chosen ones that the index finds.

    A row with the same score as the last true neighbour counts as found.
    """
    vectors = space.rows[chosen]
    if space.metric == "cosine":
        vectors *= space.lengths.inverse[chosen, None]
    queries = QueryBatch(vectors, np.arange(len(chosen) + 1), chosen)
    _, exact, sizes = nearest(space, queries, RECALL_AT)
    _, near, _ = rescore_candidates(space, queries, index, RECALL_AT)
    sign = -1 if space.metric == "euclidean" else 1
    hits = total = 0
    for i, size in enumerate(sizes.tolist()):
        if size:
            bar = sign * exact[i, size - 1]
            hits += min(size, int(np.count_nonzero(sign * near[i] >= bar - 1e-5 * abs(bar))))
            total += size
    return hits / total if total else 1.0


def load(path: StrPath, rows: Rows) -> Index:
    """Read an index that was saved for these rows.

    Raises
    ------
    FormatError : the file is not an index, is truncated or damaged, or belongs to other vectors.
    W2VError : usearch is not installed, or the file cannot be read.
    """
    library = check_library()
    try:
        name = local_path(path)
        require_memory(name, 2 * os.path.getsize(name), "search without approximate=True")
        content = memoryview(Path(name).read_bytes())
    except OSError as error:
        raise W2VError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error
    header, blob = _parts(path, content)
    about = _description(path, header)
    if len(blob) != header.get("bytes") or hashlib.sha256(blob).hexdigest() != header.get("sha256"):
        raise FormatError(path, "this index is truncated or damaged: build it again", offset=len(content) - len(blob))
    if (about.words, about.vector_size, about.dtype) != (*rows.shape, rows.dtype_name):
        raise FormatError(path, f"this index belongs to {about.words:,} words x {about.vector_size} {about.dtype}, "
                                f"these are {rows.shape[0]:,} x {rows.shape[1]} {rows.dtype_name}: build it again")
    if about.checksum != checksum(rows):
        raise FormatError(path, "this index belongs to other vectors of the same shape: build it again")
    if problem := check_graph(blob, about.metric, about.vector_size, about.words):
        raise FormatError(path, f"this index is damaged: {problem}; build it again", offset=len(content) - len(blob))
    try:
        graph = library.Index.restore(blob.tobytes())
    except (ValueError, RuntimeError) as error:
        raise FormatError(path, f"usearch cannot read this index ({error}): build it again") from None
    graph.expansion_search = about.expansion_search
    return Index(graph, about, rows)


def _description(path: StrPath, header: dict[str, Any]) -> About:
    """Return the description in a header, whose values may be of any type.

    Raises
    ------
    FormatError : a value is missing or impossible.
    """
    types = {"int": int, "float": float, "str": str}
    for name, field in About.__dataclass_fields__.items():
        value = header.get(name)
        right = type(value) is types[str(field.type)]
        if not right or (type(value) is int and not 0 <= value < 1 << 48):
            raise FormatError(path, f"the header of this index has no valid {name}: build it again", offset=16)
    about = About(**{name: header[name] for name in About.__dataclass_fields__})
    if about.metric not in METRICS or not 1 <= about.expansion_search <= _MOST_CANDIDATES:
        raise FormatError(path, "the header of this index has impossible settings: build it again", offset=16)
    return about


def _parts(path: StrPath, content: memoryview) -> tuple[dict[str, Any], memoryview]:
    """Return the header and the index in the bytes of a file."""
    if bytes(content[:8]) != MAGIC or len(content) < 16:
        raise FormatError(path, "this is not an index of w2v", offset=0)
    size = struct.unpack("<Q", content[8:16])[0]
    if size > min(_LONGEST_HEADER, len(content) - 16):
        raise FormatError(path, "this index is truncated or damaged: build it again", offset=8)
    try:
        header = json.loads(bytes(content[16:16 + size]))
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise FormatError(path, "the header of this index is damaged: build it again", offset=16)
    return header, content[16 + size:]


def index_path(vectors: StrPath, metric: str = "cosine") -> Path:
    """Return the default path of the index of a file of vectors: `v.bin.ann`, or `v.bin.dot.ann` for another metric."""
    return Path(f"{os.fspath(vectors)}.ann" if metric == "cosine" else f"{os.fspath(vectors)}.{metric}.ann")


def build_or_load(rows: Rows, lengths: Lengths, path: StrPath | None, **options: Unpack[IndexOptions]) -> Index:
    """Load the index at `path` if the file exists; otherwise build it, and save it if there is a path.

    An index that is loaded keeps the settings it was built with.

    Raises
    ------
    W2VError, FormatError, ValueError : as `load` and `build`; or the index has another metric than the requested one.
    """
    if path is None:
        return build(rows, lengths, **options)
    if Path(local_path(path)).exists():
        index = load(path, rows)
        metric = options.get("metric", index.about.metric)
        if metric != index.about.metric:
            raise W2VError(f"{os.fspath(path)} is an index for the metric {index.about.metric}; choose another path "
                           f"for {metric}")
        return index
    check_writable(path, compress=False)
    index = build(rows, lengths, **options)
    index.save(path)
    return index


def usable(index: Index | None, rows: Rows, metric: str) -> Index:
    """Return the index if it can answer queries about these rows with this metric.

    Raises
    ------
    W2VError : it cannot; says what to do.
    """
    if index is None:
        raise W2VError("approximate=True needs an index: call index() first")
    if index.rows is not rows:
        raise W2VError("the vectors have changed since their index was built: call index() again")
    if index.about.metric != metric:
        raise W2VError(f"the index is for the metric {index.about.metric}, not {metric}: call index(metric={metric!r})")
    return index


def checksum(rows: Rows) -> str:
    """Return the SHA-256 of the stored numbers (and scales), in hexadecimal."""
    digest = hashlib.sha256()
    for start in range(0, len(rows), _BLOCK):
        digest.update(np.ascontiguousarray(rows.data[start:start + _BLOCK]).tobytes())
    if rows.scale is not None:
        digest.update(np.ascontiguousarray(rows.scale).tobytes())
    return digest.hexdigest()


def check_library() -> ModuleType:
    """Return the module `usearch.index`.

    Raises
    ------
    W2VError : usearch is not installed; names the extra.
    """
    try:
        import_module("usearch")
        return import_module("usearch.index")
    except ImportError:
        raise W2VError("an approximate index needs usearch: pip install 'w2v[ann]'") from None
