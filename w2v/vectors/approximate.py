"""An approximate index over vectors, by usearch (the extra `w2v[ann]`): a graph whose search looks at a small part of
the rows (Malkov & Yashunin 2016, 1603.09320).

Place in the data flow: rows -> `Index` -> candidates, which `w2v.vectors.neighbours` scores again exactly. How many of the true
neighbours it finds is measured when it is built, and stands in the index.

The file: the 8 bytes "w2v-ann\\n", a little-endian uint64 n, n bytes of JSON (shape, type and checksum of the vectors,
metric, settings, recall, size and SHA-256 of the rest), and the index as usearch writes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from w2v.errors import FormatError, W2VError
from w2v.formats.rows import Rows
from w2v.system.files import atomic_write, check_writable
from w2v.types import Indices, Matrix, StrPath
from w2v.vectors.neighbours import rescored
from w2v.vectors.search import METRICS, Lengths, Questions, Space, nearest

MAGIC = b"w2v-ann\n"
RECALL_AT = 10

_KINDS = {"cosine": "cos", "dot": "ip", "euclidean": "l2sq"}
_BLOCK = 1 << 14
_LONGEST_HEADER = 1 << 20


@dataclass(frozen=True)
class About:
    """What an index says of itself.

    Attributes
    ----------
    words, vector_size, dtype, checksum : of the vectors; the checksum is the SHA-256 of their stored numbers.
    metric : as in `w2v.vectors.search`.
    recall : the share of the 10 nearest rows that is found, mean over `sample` rows.
    connectivity, expansion_add, expansion_search : see `build`.
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
    """An index, and the rows it belongs to; made by `build` or `load`."""

    def __init__(self, graph: Any, about: About, rows: Rows) -> None:
        self.graph, self.about, self.rows = graph, about, rows

    def __repr__(self) -> str:
        return f"<Index: {self.about}>"

    @property
    def recall(self) -> float:
        return self.about.recall

    def candidates(self, vectors: Matrix, count: int) -> Indices:
        """(k, count) rows near to the vectors (k, d), in no particular order; -1 where there are no more."""
        found = np.full((len(vectors), count), -1, dtype=np.int64)
        asked = np.flatnonzero(np.isfinite(vectors).all(axis=1))
        if len(asked) and count and len(self.graph):
            matches = self.graph.search(np.ascontiguousarray(vectors[asked]), min(count, len(self.graph)))
            keys = np.atleast_2d(np.asarray(matches.keys)).astype(np.int64)
            counts = np.atleast_1d(np.asarray(getattr(matches, "counts", keys.shape[1])))
            keys[np.arange(keys.shape[1]) >= counts[:, None]] = -1
            found[asked, :keys.shape[1]] = keys
        return found

    def save(self, path: StrPath) -> None:
        """Write index and `about` to one file; errors as `atomic_write`."""
        blob = bytes(self.graph.save())
        header = json.dumps({**asdict(self.about), "bytes": len(blob),
                             "sha256": hashlib.sha256(blob).hexdigest()}).encode()
        with atomic_write(path) as file:
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
    metric : "cosine", "dot" or "euclidean"; the only one that the index can answer.
    connectivity, expansion_add, expansion_search : edges a row, and how far is searched when a row is added and when
        one is asked for: more is better and slower.
    stored : numbers in the index: "f32", "f16", "bf16" or "i8"; answers are scored from the vectors themselves.
    sample : rows whose neighbours are compared with the exact ones.
    threads : 0 for all cores.
    show : called with the number of rows that are in the index, as it grows.

    Raises
    ------
    W2VError : usearch is not installed.
    ValueError : no such metric, or a setting out of range.
    """
    library = check_library()
    if metric not in METRICS:
        raise ValueError(f"metric is one of {', '.join(METRICS)}, not {metric!r}")
    if min(connectivity, expansion_add, expansion_search, sample) < 1:
        raise ValueError("connectivity, expansion_add, expansion_search and sample are 1 or more")
    graph = library.Index(ndim=rows.shape[1], metric=_KINDS[metric], dtype=stored, connectivity=connectivity,
                          expansion_add=expansion_add, expansion_search=expansion_search)
    sound = np.isfinite(lengths.inverse)
    for start in range(0, len(rows), _BLOCK):
        own = start + np.flatnonzero(sound[start:start + _BLOCK])
        if len(own):
            graph.add(own.astype(np.uint64), rows[own], threads=threads)
        if show is not None:
            show(min(start + _BLOCK, len(rows)))
    about = About(*rows.shape, rows.dtype_name, checksum(rows), metric, connectivity, expansion_add, expansion_search)
    index = Index(graph, about, rows)
    chosen = np.sort(np.random.default_rng(seed).permutation(np.flatnonzero(sound))[:sample])
    found = _recall(index, Space(rows, lengths, metric, 0, len(rows)), chosen)
    return Index(graph, About(**{**asdict(about), "recall": found, "sample": len(chosen)}), rows)


def _recall(index: Index, space: Space, chosen: Indices) -> float:
    """Share of the nearest `RECALL_AT` other rows of the chosen ones that the index finds; equal scores count."""
    vectors = space.rows[chosen]
    if space.metric == "cosine":
        vectors *= space.lengths.inverse[chosen, None]
    asked = Questions(vectors, np.arange(len(chosen) + 1), chosen)
    _, exact, sizes = nearest(space, asked, RECALL_AT)
    _, near, _ = rescored(space, asked, index, RECALL_AT)
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
    FormatError : the file is no index, is cut short or damaged, or belongs to other vectors.
    W2VError : usearch is not installed, or the file cannot be read.
    """
    library = check_library()
    try:
        content = memoryview(Path(path).read_bytes())
    except OSError as error:
        raise W2VError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error
    header, blob = _parts(path, content)
    try:
        about = About(**{name: header[name] for name in About.__dataclass_fields__})
        whole = len(blob) == header["bytes"] and hashlib.sha256(blob).hexdigest() == header["sha256"]
    except (KeyError, TypeError):
        raise FormatError(path, "the header of this index lacks an entry: build it again", offset=16) from None
    if not whole:
        raise FormatError(path, "this index is cut short or damaged: build it again", offset=len(content) - len(blob))
    if (about.words, about.vector_size, about.dtype) != (*rows.shape, rows.dtype_name):
        raise FormatError(path, f"this index belongs to {about.words:,} words x {about.vector_size} {about.dtype}, "
                                f"these are {rows.shape[0]:,} x {rows.shape[1]} {rows.dtype_name}: build it again")
    if about.checksum != checksum(rows):
        raise FormatError(path, "this index belongs to other vectors of the same shape: build it again")
    try:
        graph = library.Index.restore(blob.tobytes())
    except (ValueError, RuntimeError) as error:
        raise FormatError(path, f"usearch cannot read this index ({error}): build it again") from None
    graph.expansion_search = about.expansion_search
    return Index(graph, about, rows)


def _parts(path: StrPath, content: memoryview) -> tuple[dict[str, Any], memoryview]:
    if bytes(content[:8]) != MAGIC or len(content) < 16:
        raise FormatError(path, "this is no index of w2v", offset=0)
    size = struct.unpack("<Q", content[8:16])[0]
    if size > min(_LONGEST_HEADER, len(content) - 16):
        raise FormatError(path, "this index is cut short or damaged: build it again", offset=8)
    try:
        header = json.loads(bytes(content[16:16 + size]))
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise FormatError(path, "the header of this index is damaged: build it again", offset=16)
    return header, content[16 + size:]


def beside(vectors: StrPath, metric: str = "cosine") -> Path:
    """Where the index of a file of vectors is looked for: `v.bin.ann`, or `v.bin.dot.ann` for another metric."""
    return Path(f"{os.fspath(vectors)}.ann" if metric == "cosine" else f"{os.fspath(vectors)}.{metric}.ann")


def build_or_load(rows: Rows, lengths: Lengths, path: StrPath | None, **options: Any) -> Index:
    """As `load` if the file is there; otherwise as `build`, and saved. Settings are for building: an index that is
    loaded keeps its own, except that another metric than the one asked for is an error."""
    if path is None:
        return build(rows, lengths, **options)
    if Path(path).exists():
        index = load(path, rows)
        if options.get("metric", index.about.metric) != index.about.metric:
            raise W2VError(f"{os.fspath(path)} is an index by {index.about.metric}: give another path for "
                           f"{options['metric']}")
        return index
    check_writable(path)
    index = build(rows, lengths, **options)
    index.save(path)
    return index


def usable(index: Index | None, rows: Rows, metric: str) -> Index:
    """The index, if it can answer by this metric about these rows; a W2VError that says what to do otherwise."""
    if index is None:
        raise W2VError("approximate=True needs an index: call index() first")
    if index.rows is not rows:
        raise W2VError("the vectors were changed since their index was made: call index() again")
    if index.about.metric != metric:
        raise W2VError(f"the index answers by {index.about.metric}, not by {metric}: call index(metric={metric!r})")
    return index


def checksum(rows: Rows) -> str:
    """SHA-256 of the stored numbers (and scales) row by row."""
    digest = hashlib.sha256()
    for start in range(0, len(rows), _BLOCK):
        digest.update(np.ascontiguousarray(rows.data[start:start + _BLOCK]).tobytes())
    if rows.scale is not None:
        digest.update(np.ascontiguousarray(rows.scale).tobytes())
    return digest.hexdigest()


def check_library() -> Any:
    """The library itself; a W2VError that names the extra if it is not installed."""
    try:
        from usearch import index
    except ImportError:
        raise W2VError("an approximate index needs usearch: pip install 'w2v[ann]'") from None
    return index
