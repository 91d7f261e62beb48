"""The check of an index before usearch reads it, on indexes made by hand and on real ones."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest

from w2v.vectors.graph_file import check_graph

N, DIM, CONNECTIVITY = 6, 3, 2
LEVELS = [0, 0, 1, 0, 2, 0]
HEAD = 8 + N * DIM * 2
GRAPH = HEAD + 64
NODES = GRAPH + 40 + 2 * N


def graph() -> bytearray:
    """Return an index of N rows of float16 whose nodes have each other as neighbours."""
    out = bytearray(struct.pack("<2I", N, 2 * DIM) + np.ones((N, DIM), "<f2").tobytes())
    out += struct.pack("<7s3H4B3QB", b"usearch", 2, 26, 6, ord("c"), 12, 14, 15, N, 0, DIM, 0).ljust(64, b"\0")
    out += struct.pack("<5Q", N, CONNECTIVITY, 2 * CONNECTIVITY, max(LEVELS), LEVELS.index(max(LEVELS)))
    out += struct.pack(f"<{N}h", *LEVELS)
    for node, level in enumerate(LEVELS):
        out += struct.pack("<Qh", node, level)
        for at in range(level + 1):
            room = CONNECTIVITY if at else 2 * CONNECTIVITY
            others = [other for other in range(N) if other != node and LEVELS[other] >= at][:room]
            out += struct.pack(f"<I{room}I", len(others), *others, *[0] * (room - len(others)))
    return out


def problem(data: bytes | bytearray, metric: str = "cosine", dim: int = DIM, words: int = N) -> str:
    return check_graph(memoryview(data), metric, dim, words)


def test_valid_graph_has_no_problem() -> None:
    assert problem(graph()) == "" and problem(graph(), words=N + 5) == ""
    empty = struct.pack("<2I", 0, 6) + bytes(graph()[HEAD:HEAD + 17]) + bytes(8) + struct.pack("<2Q", 0, DIM)
    assert problem((empty.ljust(8 + 64, b"\0")[:8 + 64]) + bytes(40)) == ""


def put(form: str, at: int, value: int) -> Callable[[bytearray], None]:
    return lambda data: struct.pack_into(form, data, at, value)


@pytest.mark.parametrize("change", [
    put("<I", 0, N + 1), put("<I", 0, 0xFFFFFFFF), put("<I", 4, 7), put("<B", HEAD, 0), put("<B", HEAD + 13, ord("i")),
    put("<B", HEAD + 14, 11), put("<B", HEAD + 15, 3), put("<B", HEAD + 16, 2), put("<Q", HEAD + 17, 1 << 60),
    put("<Q", HEAD + 25, 1), put("<Q", HEAD + 33, 1 << 40), put("<B", HEAD + 41, 1), put("<Q", GRAPH, 5),
    put("<Q", GRAPH, (1 << 64) - 1), put("<Q", GRAPH + 8, 1 << 63), put("<Q", GRAPH + 16, 3),
    put("<Q", GRAPH + 16, (1 << 62) + 4), put("<Q", GRAPH + 24, 1), put("<Q", GRAPH + 24, 1 << 40),
    put("<Q", GRAPH + 32, 0), put("<Q", GRAPH + 32, N), put("<h", GRAPH + 40, -1), put("<h", GRAPH + 40, 32767),
    put("<Q", NODES, N), put("<Q", NODES, 1), put("<Q", NODES, 1 << 63), put("<h", NODES + 8, 1),
    put("<I", NODES + 10, 5), put("<I", NODES + 10, 0xFFFFFFFF), put("<I", NODES + 14, N),
    put("<I", NODES + 14, 0xFFFFFFFF), lambda data: data.extend(b"x"), lambda data: data.pop(),
    put("<I", NODES + 2 * 30 + 10 + 20 + 4, 0),  # a neighbour at level 1 that is only at level 0
])
def test_every_number_that_usearch_would_follow_is_checked(change: Callable[[bytearray], None]) -> None:
    data = graph()
    change(data)
    assert problem(data)


def test_cut_and_random_bytes_are_problems_not_errors() -> None:
    whole = bytes(graph())
    assert all(problem(whole[:size]) for size in range(len(whole)))
    rng = np.random.default_rng(0)
    for _ in range(300):
        data = graph()
        for at in rng.integers(0, len(data), 3):
            data[at] = rng.integers(0, 256)
        problem(data)
    assert problem(graph(), "dot") and problem(graph(), dim=4) and problem(graph(), words=N - 1)


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
@pytest.mark.parametrize("stored", ["f32", "f16", "bf16", "i8"])
def test_indexes_of_usearch_are_valid(metric: str, stored: str) -> None:
    usearch = pytest.importorskip("usearch.index")
    for n in (0, 1, 300):
        index = usearch.Index(ndim=7, metric={"cosine": "cos", "dot": "ip", "euclidean": "l2sq"}[metric], dtype=stored,
                              connectivity=4)
        if n:
            index.add(np.arange(n), np.random.default_rng(n).normal(size=(n, 7)).astype(np.float32))
        assert problem(bytes(index.save()), metric, 7, 300) == ""
