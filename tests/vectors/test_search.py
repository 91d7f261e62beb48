"""The heap of best rows; searches beyond gensim's against a slow float64 oracle: metrics, subsets, graphs, types."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from helpers.vector_oracle import random_vectors, rows_of

from w2v.errors import W2VError
from w2v.formats.rows import STORED, Rows
from w2v.keyedvectors import KeyedVectors
from w2v.vectors import neighbours, search
from w2v.vectors._topk import Best
from w2v.vectors.spelling import UnknownWordError

N, D = 1500, 20


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return random_vectors()


def oracle(kv: KeyedVectors, query: np.ndarray, metric: str) -> np.ndarray:
    """Scores with all rows, greater is better."""
    rows = np.asarray(kv.vectors, dtype=np.float64)
    if metric == "euclidean":
        return -np.linalg.norm(rows - query, axis=1)
    if metric == "cosine":
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        query = query / np.linalg.norm(query)
    return rows @ query


def best(scores: np.ndarray, among: Any, exclude: list[int], topn: int) -> list[int]:
    rows = [row for row in sorted(among) if row not in exclude]
    return sorted(rows, key=lambda row: -scores[row])[:topn]


# --- the heap --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topn", [1, 3, 64, 999, 1000, 1200])
@pytest.mark.parametrize("width", [1, 63, 64, 65, 1000])
def test_best_keeps_what_a_sort_would(topn: int, width: int) -> None:
    """Scores with many equal ones, NaN and infinities, in tiles of several widths, with rows left out."""
    rng = np.random.default_rng(topn * 1000 + width)
    scores = rng.integers(0, 40, (3, 1000)).astype(np.float32)
    scores[rng.random(scores.shape) < 0.05] = np.nan
    scores[0, 7], scores[1, 9] = -np.inf, np.inf
    skip = np.array([5, 6, 5, 999], dtype=np.int64)
    skip_from = np.array([0, 2, 2, 4], dtype=np.int64)
    scale, shift = np.full(1000, 2, np.float32), np.full(1000, 1, np.float32)
    keeper = Best(3, topn)
    for start in range(0, 1000, width):
        own = slice(start, start + width)
        part = np.ascontiguousarray(scores[:, own])
        keeper.add(part[:2], 0, scale[own], shift[own], start, None, skip_from, skip)
        keeper.add(part[2:], 2, scale[own], shift[own], 0, np.arange(start, start + part.shape[1]), skip_from, skip)
    rows, values, sizes = keeper.sorted()
    for i in range(3):
        left = [r for r in range(1000) if r not in skip[skip_from[i]:skip_from[i + 1]] and scores[i, r] > -np.inf]
        expected = sorted(left, key=lambda r: (-scores[i, r], r))[:topn]
        assert sizes[i] == len(expected) and rows[i, :sizes[i]].tolist() == expected
        assert np.array_equal(values[i, :sizes[i]], scores[i, expected] * 2 + 1)
        assert (rows[i, sizes[i]:] == -1).all() and np.isnan(values[i, sizes[i]:]).all()


def test_best_refuses_wrong_shapes() -> None:
    keeper, none = Best(2, 3), np.zeros(0, np.int64)
    with pytest.raises(ValueError, match="more queries"):
        keeper.add(np.zeros((2, 4), np.float32), 1, None, None, 0, None, np.zeros(3, np.int64), none)
    with pytest.raises(ValueError, match="for each column"):
        keeper.add(np.zeros((2, 4), np.float32), 0, np.zeros(3, np.float32), None, 0, None, np.zeros(3, np.int64), none)


# --- metrics and subsets ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", search.METRICS)
def test_metrics_match_oracle(kv: KeyedVectors, metric: str) -> None:
    sign = -1 if metric == "euclidean" else 1
    scores = oracle(kv, kv["w5"].astype(np.float64), metric)
    found = kv.most_similar("w5", metric=metric)
    assert rows_of(found) == best(scores, range(N), [5], 10)
    assert np.allclose([s for _, s in found], sign * scores[rows_of(found)], rtol=1e-5)
    assert np.allclose(kv.most_similar("w5", topn=None, metric=metric), sign * scores, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("metric", ["dot", "euclidean"])
def test_words_are_combined_without_scaling_for_other_metrics(kv: KeyedVectors, metric: str) -> None:
    one, two, three = (kv[w].astype(np.float64) for w in ("w1", "w2", "w3"))
    for positive, negative, query in ((["w1", "w2"], None, (one + two) / 2), (["w1", "w2"], ["w3"], one + two - three),
                                      ("w1", "w2", one - two)):
        used = [1, 2, 3] if negative == ["w3"] else [1, 2]
        found = kv.most_similar(positive, negative, metric=metric)
        assert rows_of(found) == best(oracle(kv, query, metric), range(N), used, 10)


def test_euclidean_distances_of_near_rows_are_not_lost_in_rounding() -> None:
    base = np.full((4, 8), 1000, np.float32)
    base[:, 0] += np.float32([0, 0.25, 0.125, 0.5])
    kv = KeyedVectors(list("abcd"), base)
    assert kv.most_similar("a", metric="euclidean") == [("c", 0.125), ("b", 0.25), ("d", 0.5)]


def test_among_is_a_search_in_a_subset(kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_SCORES", 1)
    monkeypatch.setattr(search, "_TILE", 1)
    chosen = np.random.default_rng(1).permutation(N)[:700]
    mask = np.zeros(N, dtype=bool)
    mask[chosen] = True
    scores = oracle(kv, kv["w5"].astype(np.float64), "cosine")
    expected = best(scores, chosen.tolist(), [5], 12)
    for among in ([f"w{i}" for i in chosen], chosen, mask, [*chosen.tolist(), int(chosen[0])]):
        assert rows_of(kv.most_similar("w5", topn=12, among=among)) == expected
    assert np.allclose(kv.most_similar("w5", topn=None, among=chosen), scores[chosen], atol=1e-6)
    assert rows_of(kv.most_similar("w5", topn=5, among=chosen, restrict_vocab=300)) == best(
        scores, [r for r in chosen.tolist() if r < 300], [5], 5)
    assert kv.most_similar("w5", among=["w5"]) == [] == kv.most_similar("w5", among=[])
    with pytest.raises(UnknownWordError):
        kv.most_similar("w5", among=["w1", "nothing"])
    assert rows_of(kv.most_similar("w5", among=["w1", "nothing"], oov="skip")) == [1]
    with pytest.raises(TypeError, match="list of words"):
        kv.most_similar("w5", among="w1")
    with pytest.raises(ValueError, match="mask"):
        kv.most_similar("w5", among=mask[:9])


def test_clip_is_a_range_of_rows(kv: KeyedVectors) -> None:
    scores = oracle(kv, kv["w5"].astype(np.float64), "cosine")
    assert rows_of(kv.most_similar("w5", clip_start=100, clip_end=200)) == best(scores, range(100, 200), [5], 10)
    assert np.allclose(kv.most_similar("w5", topn=None, clip_start=1400), scores[1400:], atol=1e-6)


def test_wrong_options_are_named(kv: KeyedVectors) -> None:
    with pytest.raises(ValueError, match="metric must be one of"):
        kv.most_similar("w1", metric="manhattan")
    with pytest.raises(ValueError, match="oov must be one of"):
        kv.most_similar("w1", oov="ignore")
    with pytest.raises(ValueError, match="3cosmul"):
        kv.most_similar_cosmul("w1", metric="dot")
    with pytest.raises(TypeError, match="within"):
        kv.most_similar("w1", within=["w2"])
    with pytest.raises(W2VError, match="call index"):
        kv.most_similar("w1", approximate=True)


# --- graphs, stored types, memory ------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", search.METRICS)
def test_neighbor_graph_is_most_similar_of_every_word(
    kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch, metric: str
) -> None:
    monkeypatch.setattr(neighbours, "_QUERIES", 400)
    rows, scores = kv.neighbor_graph(7, metric=metric)
    assert rows.shape == scores.shape == (N, 7) and rows.dtype == np.int64 and scores.dtype == np.float32
    for i in (0, 399, 400, N - 1):
        expected = kv.most_similar(i, topn=7, metric=metric)
        assert rows[i].tolist() == rows_of(expected)
        assert np.allclose(scores[i], [s for _, s in expected], atol=1e-5)
    few = KeyedVectors(["a", "b"], np.eye(2))
    assert few.neighbor_graph(5)[0].tolist() == [[1], [0]]


@pytest.mark.parametrize("dtype", STORED)
def test_every_stored_type_is_searched_by_every_metric(kv: KeyedVectors, dtype: str) -> None:
    rows = Rows.encode(kv.rows, dtype)
    stored, plain = KeyedVectors(kv.index_to_key, rows), KeyedVectors(kv.index_to_key, rows[:])
    for metric in search.METRICS:
        for options in ({}, {"among": list(range(0, N, 3))}):
            assert stored.most_similar("w5", metric=metric, **options) == plain.most_similar(
                "w5", metric=metric, **options)
    batch = stored.most_similar_batch(stored.index_to_key)
    assert [b[0][0] for b in batch] == [b[0][0] for b in plain.most_similar_batch(stored.index_to_key)]


@pytest.mark.parametrize("dtype", ["float32", "bf16", "int8"])
@pytest.mark.slow
def test_search_needs_little_memory(dtype: str) -> None:
    """Not the 480 MB of all scores at once, nor the 6 MB of a float32 copy for rows that are stored otherwise."""
    rows = Rows.encode(np.random.default_rng(0).normal(size=(30_000, 50)).astype(np.float32), dtype)
    big = KeyedVectors([f"w{i}" for i in range(30_000)], rows)
    vectors = rows[:4000]
    big.most_similar("w1")
    for ask, most in ((lambda: big.most_similar("w1"), 5e6), (lambda: big.most_similar_batch(vectors, topn=3), 9e6)):
        tracemalloc.start()
        ask()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < most
