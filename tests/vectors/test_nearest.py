"""`nearest`: arrays for many queries, in one path with `most_similar`; against float64, gensim and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.vector_oracle import oracle_units, random_vectors, unequal_vectors

from w2v.errors import W2VError
from w2v.formats.rows import STORED, Rows
from w2v.keyedvectors import KeyedVectors
from w2v.vectors import neighbours, search
from w2v.vectors.neighbours import Nearest
from w2v.vectors.spelling import UnknownWordError


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return random_vectors()


def euclidean(kv: KeyedVectors, queries: np.ndarray, rows: list[int]) -> np.ndarray:
    vectors = np.asarray(kv.vectors, dtype=np.float64)[rows]
    return np.linalg.norm(queries[:, None].astype(np.float64) - vectors[None], axis=2)


# --- the best answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"among": [9, 3, 700, 9, 41]}, {"metric": "dot"}, {"metric": "euclidean"},
                                     {"among": ["w1", "w5"], "metric": "euclidean"}])
def test_nearest_has_the_answers_of_most_similar(kv: KeyedVectors, options: dict) -> None:
    queries = ["w3", 9, kv["w7"], np.int32(12), np.ones(20)]
    found = kv.nearest(queries, 4, **options)
    assert isinstance(found, Nearest)
    assert found.ids.dtype == np.int64 and found.scores.dtype == np.float32
    for query, ids, scores in zip(queries, *found, strict=True):
        expected = kv.most_similar(query, topn=4, **options)
        size = len(expected)
        assert [kv.index_to_key[row] for row in ids[:size]] == [word for word, _ in expected]
        assert scores[:size].tolist() == pytest.approx([score for _, score in expected], rel=1e-5, abs=1e-6)
        assert (ids[size:] == -1).all() and np.isnan(scores[size:]).all()


def test_shapes_follow_the_queries_and_the_candidates(kv: KeyedVectors) -> None:
    assert kv.nearest([]).ids.shape == (0, 10) and kv.nearest([], topn=None, among=[1, 2]).shape == (0, 2)
    assert kv.nearest(["w1"], topn=5000).ids.shape == (1, 1500)
    assert kv.nearest(["w1", "w2"], among=[]).scores.shape == (2, 0)
    assert kv.nearest(kv.vectors[:7], topn=3).ids[:, 0].tolist() == list(range(7))
    assert kv.nearest(np.arange(7), topn=3).ids.shape == (7, 3)
    assert np.array_equal(kv.nearest(iter(["w1", "w2"]), 3).ids, kv.nearest(["w1", "w2"], 3).ids)


def test_ids_are_integers_where_integers_are_keys() -> None:
    rows = np.float32([[1, 0], [1, 0.1], [0, 1], [0.1, 1]])
    items = KeyedVectors([700, 30, 5, 123456789012], rows)
    ids, cosines = items.nearest([700, 5], topn=2)
    assert ids.tolist() == [[30, 123456789012], [123456789012, 30]] and cosines[0, 0] > 0.99
    assert [[word for word, _ in items.most_similar(key, topn=2)] for key in (700, 5)] == ids.astype(str).tolist()
    assert np.array_equal(items.nearest(np.array([700, 5]), topn=2).ids, ids)
    assert items.nearest([700], topn=3, among=[30, 700]).ids.tolist() == [[30, -1]]
    assert np.array_equal(items[ids[0]], items.get_vectors(["30", "123456789012"]))
    mixed = KeyedVectors([1, 2, "other"], rows[:3])
    assert mixed.nearest([1], topn=1).ids.tolist() == [[2]]
    with pytest.raises(ValueError, match="64 bits"):
        mixed.nearest([1], topn=2)


def test_many_queries_are_answered_in_blocks(kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = kv.nearest(kv.index_to_key, 3)
    every = kv.nearest(kv.vectors, topn=None, among=[5, 2, 5])
    monkeypatch.setattr(neighbours, "_ANSWERS", 30)
    monkeypatch.setattr(neighbours, "_QUERIES", 7)
    monkeypatch.setattr(search, "_BLOCK", 3)
    found = kv.nearest(kv.index_to_key, 3)
    assert np.array_equal(found.ids, whole.ids) and np.allclose(found.scores, whole.scores, atol=1e-6)
    assert np.allclose(kv.nearest(kv.vectors, topn=None, among=[5, 2, 5]), every, atol=1e-6)


def test_unknown_words_follow_the_policy(kv: KeyedVectors) -> None:
    with pytest.raises(UnknownWordError):
        kv.nearest(["w1", "nothing"])
    for topn in (3, None):
        answer = kv.nearest(["w1", "nothing"], topn, oov="skip")
        scores = answer if topn is None else answer.scores
        assert np.isnan(scores[1]).all() and np.isfinite(scores[0]).all()
    assert (kv.nearest(["nothing"], 3, oov="skip").ids == -1).all()
    assert kv.nearest(["nothing"], 1, oov=lambda word: "w8").ids.tolist() == kv.nearest(["w8"], 1).ids.tolist()


# --- the scores of all pairs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", search.METRICS)
@pytest.mark.parametrize("block", [1, 1024])
def test_all_scores_are_in_the_order_of_the_candidates(monkeypatch: pytest.MonkeyPatch, metric: str,
                                                       block: int) -> None:
    kv = unequal_vectors()
    monkeypatch.setattr(search, "_BLOCK", block)
    monkeypatch.setattr(search, "_SCORES", 300)
    rows, queries = [40, 7, 2999, 0, 7, 1500], [3, 7, 0, 12]
    units, plain = oracle_units(kv), np.asarray(kv.vectors, dtype=np.float64)
    expected = {"cosine": units[queries] @ units[rows].T, "dot": plain[queries] @ plain[rows].T,
                "euclidean": euclidean(kv, plain[queries], rows)}[metric]
    found = kv.nearest(queries, topn=None, among=rows, metric=metric)
    assert found.shape == (4, 6) and found.dtype == np.float32
    assert np.allclose(found, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())
    every = kv.nearest(queries, topn=None, metric=metric)
    assert every.shape == (4, 3000) and np.allclose(every[:, rows], found, rtol=1e-5, atol=1e-4)
    mask = np.zeros(3000, dtype=bool)
    mask[rows] = True
    assert np.allclose(kv.nearest(queries, topn=None, among=mask, metric=metric), every[:, sorted(set(rows))],
                       rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("metric", search.METRICS)
def test_one_row_of_all_scores_is_most_similar(kv: KeyedVectors, metric: str) -> None:
    found = kv.nearest(["w3", "w8"], topn=None, metric=metric)
    assert np.allclose(found[1], kv.most_similar("w8", topn=None, metric=metric), atol=1e-6)


def test_broken_rows_have_no_score_and_are_no_answer() -> None:
    rows = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    rows[5], rows[6] = np.nan, 0
    kv = KeyedVectors([f"w{i}" for i in range(20)], rows)
    assert 5 not in kv.nearest([0, 1, 2], topn=19).ids
    scores = kv.nearest([0, 5, 6], topn=None)
    assert np.isnan(scores[:, 5]).all() and np.isnan(scores[1]).all()
    assert scores[0, 6] == 0 and (np.nan_to_num(scores[2]) == 0).all()


@pytest.mark.parametrize("dtype", STORED)
def test_every_stored_type_is_searched(kv: KeyedVectors, dtype: str) -> None:
    rows = Rows.encode(kv.rows, dtype)
    stored, plain = KeyedVectors(kv.index_to_key, rows), KeyedVectors(kv.index_to_key, rows[:])
    assert np.array_equal(stored.nearest(["w1", "w2"]).ids, plain.nearest(["w1", "w2"]).ids)
    assert np.allclose(stored.nearest([1, 2], topn=None), plain.nearest([1, 2], topn=None), atol=1e-6)


# --- wrong arguments -------------------------------------------------------------------------------------------------


def test_wrong_arguments_are_named(kv: KeyedVectors) -> None:
    with pytest.raises(TypeError, match=r"\['w3'\], not 'w3'"):
        kv.nearest("w3")
    with pytest.raises(TypeError, match=r"vector\[None\]"):
        kv.nearest(kv["w3"])
    with pytest.raises(ValueError, match="dimension 20"):
        kv.nearest(np.ones((2, 3)))
    with pytest.raises(ValueError, match="approximate=True"):
        kv.nearest(["w3"], topn=None, approximate=True)
    with pytest.raises(W2VError, match="call index"):
        kv.nearest(["w3"], approximate=True)
    with pytest.raises(TypeError, match="candidates"):
        kv.nearest(["w3"], candidates=["w1"])


@pytest.mark.parametrize("topn", [None, 1500])
def test_more_answers_than_memory_are_refused_before_the_work(kv: KeyedVectors, topn: int | None) -> None:
    queries = np.broadcast_to(np.zeros(20, dtype=np.float32), (1 << 33, 20))
    with pytest.raises(W2VError, match="GB of memory are needed"):
        kv.nearest(queries, topn)


# --- other programs --------------------------------------------------------------------------------------------------


def test_answers_are_those_of_gensim(kv: KeyedVectors) -> None:
    pytest.importorskip("gensim.models")
    theirs, words = kv.to_gensim(), kv.index_to_key[:30]
    ids, scores = kv.nearest(words, 8)
    for word, own_ids, own_scores in zip(words, ids, scores, strict=True):
        answers = theirs.most_similar(word, topn=8)
        assert [kv.index_to_key[row] for row in own_ids] == [answer for answer, _ in answers]
        assert own_scores.tolist() == pytest.approx([score for _, score in answers], abs=1e-5)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_answers_are_those_of_scikit_learn(kv: KeyedVectors, metric: str) -> None:
    library = pytest.importorskip("sklearn.neighbors")
    index = library.NearestNeighbors(n_neighbors=6, metric=metric, algorithm="brute").fit(kv.vectors)
    distances, rows = index.kneighbors(kv.vectors[:100])
    ids, scores = kv.nearest(kv.vectors[:100], 6, metric=metric)
    assert np.array_equal(ids[:, 1:], rows[:, 1:])
    expected = 1 - distances if metric == "cosine" else distances
    assert np.allclose(scores, expected, atol=1e-3)


def test_all_scores_are_those_of_scikit_learn(kv: KeyedVectors) -> None:
    pairwise = pytest.importorskip("sklearn.metrics.pairwise")
    assert np.allclose(kv.nearest(kv.vectors[:50], topn=None), pairwise.cosine_similarity(kv.vectors[:50], kv.vectors),
                       atol=1e-5)
