"""Check of an index as usearch writes it, before usearch reads it: it follows every number in it without a check.

Place in the data flow: bytes of a file -> `check_graph` -> `w2v.vectors.approximate`, which hands them to usearch. A
checksum in the same file finds damage, but not a file that was made to crash the program.

Layout of usearch 2, little-endian: uint32 rows and bytes per row, the rows; 64 bytes: "usearch", three uint16 of the
version, four uint8 (metric, type of the numbers, of the keys, of the slots), uint64 present, deleted and dimension,
uint8 of several rows per key; five uint64: size, connectivity, connectivity of level 0, highest level, entry node; the
int16 level of each node; the nodes: uint64 key, int16 level, then for level 0 and each higher one a uint32 number of
neighbours, and room for as many uint32 as the connectivity. Source: unum-cloud/usearch, include/usearch/index.hpp
(`save_to_stream`, `node_t`) and index_dense.hpp (`index_dense_head_t`).
"""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

_HEAD = struct.Struct("<7s3H4B3QB")
_HEAD_BYTES = 64
_GRAPH = struct.Struct("<5Q")
_METRICS = {"cosine": ord("c"), "dot": ord("i"), "euclidean": ord("e")}
_NUMBER_BYTES = {4: 2, 10: 8, 11: 4, 12: 2, 23: 1}  # bf16, f64, f32, f16, i8
_KEYS, _SLOTS = 14, 15  # uint64 and uint32
_NODE = 10  # bytes of key and level
_BLOCK = 1 << 20  # neighbours looked at together

_Bytes = npt.NDArray[np.uint8]
_Ints = npt.NDArray[np.int64]


def check_graph(blob: memoryview, metric: str, vector_size: int, n_words: int) -> str:
    """Return what is wrong with an index, "" if usearch can read it safely.

    Parameters
    ----------
    blob : the index as usearch writes it.
    metric : a key of `w2v.vectors.search.METRICS` that it must have.
    vector_size, n_words : of the vectors that it belongs to; its keys are their rows.
    """
    data = np.frombuffer(blob, dtype=np.uint8)
    if len(data) < 8:
        return "it is too short"
    n, row_bytes = struct.unpack_from("<2I", blob)
    at = 8 + n * row_bytes
    if at + _HEAD_BYTES + _GRAPH.size > len(data):
        return "its matrix does not fit"
    magic, _, _, _, kind, number, key_type, slot_type, present, deleted, dim, multi = _HEAD.unpack_from(blob, at)
    if magic != b"usearch" or (key_type, slot_type) != (_KEYS, _SLOTS):
        return "it is of another version of usearch"
    if kind != _METRICS[metric] or dim != vector_size or multi:
        return "its metric or dimension is not that of the vectors"
    if present != n or deleted or n > n_words or row_bytes != dim * _NUMBER_BYTES.get(number, 0):
        return "its numbers of rows and bytes do not fit"
    at += _HEAD_BYTES
    size, connectivity, base, top, entry = _GRAPH.unpack_from(blob, at)
    at += _GRAPH.size
    if size != n:
        return "its graph has another size"
    if not n:
        return ""
    if at + 2 * n > len(data) or max(connectivity, base) > len(data) or entry >= n:
        return "its graph does not fit"
    levels = data[at:at + 2 * n].view("<i2").astype(np.int64)
    at += 2 * n
    if levels.min() < 0 or levels.max() != top or levels[entry] != top:
        return "its levels do not fit"
    sizes = _NODE + 4 + 4 * base + levels * (4 + 4 * connectivity)
    if sizes.sum(dtype=np.float64) != len(data) - at:  # the sum of int64 could overflow
        return "its nodes do not fit"
    return _check_nodes(data, at + np.cumsum(sizes) - sizes, levels, (base, connectivity), n_words)


def _check_nodes(data: _Bytes, starts: _Ints, levels: _Ints, room: tuple[int, int], n_words: int) -> str:
    """Return what is wrong with the nodes that begin at `starts`; `room` for neighbours at level 0 and above."""
    base, connectivity = room
    keys = _gather(data, starts, "<u8", 1)[:, 0]
    if keys.max() >= n_words or len(np.unique(keys)) != len(keys):
        return "its keys are not rows of the vectors"
    if (_gather(data, starts + 8, "<i2", 1)[:, 0] != levels).any():
        return "a node has another level than the graph says"
    for level in range(int(levels.max()) + 1):
        begin = starts[levels >= level] + _NODE
        if level:
            begin = begin + 4 + 4 * base + (level - 1) * (4 + 4 * connectivity)
        if not _lists_fit(data, begin, connectivity if level else base, levels, level):
            return "a node has neighbours that do not exist"
    return ""


def _lists_fit(data: _Bytes, begin: _Ints, room: int, levels: _Ints, level: int) -> bool:
    """Return whether the neighbours in the lists that begin at `begin` exist at this level."""
    step = max(1, _BLOCK // max(room, 1))
    for start in range(0, len(begin), step):
        part = begin[start:start + step]
        counts = _gather(data, part, "<u4", 1)[:, 0]
        if counts.max() > room:
            return False
        slots = _gather(data, part + 4, "<u4", room)[np.arange(room) < counts[:, None]]
        if len(slots) and (slots.max() >= len(levels) or levels[slots].min() < level):
            return False
    return True


def _gather(data: _Bytes, begin: _Ints, dtype: str, count: int) -> npt.NDArray[np.int64 | np.uint64]:
    """Return (n, count) numbers that begin at these bytes."""
    width = np.dtype(dtype).itemsize * count
    if not width:
        return np.zeros((len(begin), 0), dtype=np.int64)
    return np.ascontiguousarray(data[begin[:, None] + np.arange(width)]).view(dtype)
