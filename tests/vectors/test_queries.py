"""Searches with gensim's options against a slow float64 oracle, and wrong queries."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from helpers.vector_oracle import oracle_neighbours, oracle_units, rows_of, unequal_vectors

from w2v.keyedvectors import KeyedVectors
from w2v.vectors import approximate, neighbours, search
from w2v.vectors.approximate import IndexOptions
from w2v.vectors.queries import Queries, SearchOptions

N, D = 3000, 17


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return unequal_vectors()


@pytest.mark.parametrize("scores", [1, 5000, 1 << 19])
@pytest.mark.parametrize("topn", [1, 10, 2500, 10_000])
def test_most_similar_matches_oracle(
    kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch, scores: int, topn: int
) -> None:
    monkeypatch.setattr(search, "_SCORES", scores)
    monkeypatch.setattr(search, "_TILE", 300 * D)
    units = oracle_units(kv)
    found = kv.most_similar("w5", topn=topn)
    expected = oracle_neighbours(units @ units[5], [5], topn)
    assert rows_of(found) == expected
    assert np.allclose([score for _, score in found], (units @ units[5])[expected], atol=1e-6)


def test_most_similar_combines_positive_negative_weights_and_vectors(kv: KeyedVectors) -> None:
    units = oracle_units(kv)
    query = units[1] + 2 * units[2] + 4 * units[9] - units[3] - 0.5 * units[4]
    scores = units @ query / np.linalg.norm(query)
    found = kv.most_similar(["w1", ("w2", 2.0), (kv.get_vector("w9", norm=True), 4)], ["w3", ("w4", -0.5)], topn=20)
    expected = oracle_neighbours(scores, [1, 2, 3, 4], 20)
    assert rows_of(found) == expected and 9 in expected  # a vector excludes no word
    assert np.allclose([score for _, score in found], scores[expected], atol=1e-6)


def test_most_similar_cosmul_matches_oracle(kv: KeyedVectors) -> None:
    shifted = (1 + oracle_units(kv) @ oracle_units(kv)[[1, 2, 3]].T) / 2
    scores = shifted[:, 0] * shifted[:, 1] / (shifted[:, 2] + 1e-6)
    found = kv.most_similar_cosmul(["w1", "w2"], "w3", topn=15)
    assert rows_of(found) == oracle_neighbours(scores, [1, 2, 3], 15)
    assert np.allclose(kv.most_similar_cosmul(["w1", "w2"], "w3", topn=None), scores, rtol=1e-4)


def test_weights_of_cosmul_are_exponents_and_zero_has_no_influence(kv: KeyedVectors) -> None:
    plain = kv.most_similar_cosmul(["w1", "w2"], "w3", topn=None)
    # Not the same bits: how BLAS adds up a product depends on the size of the matrices and the processor.
    with_zeros = kv.most_similar_cosmul(["w1", "w2", ("w9", 0)], ["w3", ("w8", 0.0)], topn=None)
    assert np.allclose(with_zeros, plain, rtol=1e-5)
    assert np.allclose(kv.most_similar_cosmul([("w1", 2.0), "w2"], topn=None),
                       kv.most_similar_cosmul(["w1", "w1", "w2"], topn=None), rtol=1e-5)


def test_topn_none_zero_and_restrict_vocab(kv: KeyedVectors) -> None:
    units = oracle_units(kv)
    everything = kv.most_similar("w5", topn=None)
    assert everything.shape == (N,) and np.allclose(everything, units @ units[5], atol=1e-6)
    assert kv.most_similar("w5", topn=0) == [] and kv.most_similar("w5", topn=-1) == []
    assert kv.most_similar("w5", topn=None, restrict_vocab=100).shape == (100,)
    assert rows_of(kv.most_similar("w2000", topn=5, restrict_vocab=100)) == oracle_neighbours(
        (units @ units[2000])[:100], [], 5)


def test_batch_gives_the_answers_of_single_queries(kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "_QUERIES", 4)
    monkeypatch.setattr(search, "_BLOCK", 3)
    positive = ["w1", ["w2", "w3"], kv["w9"], 7, [("w5", 0.5), "w6"], "w0", ["w4", "w4"], "w8", "w10"]
    negative = [None, ["w4"], "w5", None, None, None, None, ["w1", "w2"], []]
    for method in ("3cosadd", "3cosmul"):
        single = kv.most_similar if method == "3cosadd" else kv.most_similar_cosmul
        batch = kv.most_similar_batch(positive, negative, topn=6, method=method)
        for got, p, n in zip(batch, positive, negative, strict=True):
            expected = single(p, n, topn=6)
            assert [word for word, _ in got] == [word for word, _ in expected]
            assert np.allclose([s for _, s in got], [s for _, s in expected], atol=1e-5)
    rows = kv.most_similar_batch(kv.vectors[1:4], topn=1)
    assert [found[0][0] for found in rows] == ["w1", "w2", "w3"]
    assert kv.most_similar_batch([]) == []


def test_equal_scores_are_in_order_of_frequency() -> None:
    rows = np.tile(np.float32([[1, 0], [0, 1]]), (4000, 1))
    kv = KeyedVectors([f"w{i}" for i in range(8000)], rows)
    assert rows_of(kv.most_similar("w4", topn=5)) == [0, 2, 6, 8, 10]
    assert rows_of(kv.most_similar("w7000", topn=5)) == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_broken_row_has_no_cosine_and_is_never_an_answer(value: float) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    clean = KeyedVectors([f"w{i}" for i in range(50)], rows.copy())
    rows[20] = value
    kv = KeyedVectors([f"w{i}" for i in range(50)], rows)
    assert np.isnan(kv.similarity("w20", "w3")) and np.isnan(kv.most_similar("w3", topn=None)[20])
    assert kv.most_similar("w20") == [] == kv.most_similar_cosmul("w20", "w1")
    for metric in search.METRICS:
        found = [word for word, _ in kv.most_similar("w3", topn=49, metric=metric)]
        assert found == [w for w, _ in clean.most_similar("w3", topn=49, metric=metric) if w != "w20"]
    rows, scores = kv.neighbor_graph(49)
    assert (rows[20] == -1).all() and np.isnan(scores[20]).all() and (rows != 20).all() and rows[3, 48] == -1
    assert kv.cosines(kv.unit_vectors([3, 20]))[:, 20].tolist() == [0, 0]  # what evaluation sums must not be NaN


def test_wrong_queries_are_refused(kv: KeyedVectors) -> None:
    with pytest.raises(ValueError, match="at least one word"):
        kv.most_similar([])
    with pytest.raises(ValueError, match="dimension 17"):
        kv.most_similar(np.ones(3))
    with pytest.raises(ValueError, match="method"):
        kv.most_similar_batch(["w1"], method="cosine")
    with pytest.raises(ValueError, match="positive and 1 negative"):
        kv.most_similar_batch(["w1", "w2"], ["w3"])
    with pytest.raises(TypeError, match="list of queries"):
        kv.most_similar_batch("w1")


def test_wrong_arguments_of_queries_are_named() -> None:
    kv = KeyedVectors(["a", "b", "c"], np.eye(3))
    with pytest.raises(TypeError, match="b'a1'"):
        kv[b"a1"]
    for bad in (0, -1):
        for topn in (2, None):
            with pytest.raises(ValueError, match="restrict_vocab"):
                kv.most_similar("a", topn=topn, restrict_vocab=bad)
    with pytest.raises(ValueError, match="twice"):
        KeyedVectors(["a", "b", "a"], np.eye(3))


def test_similar_by_key_and_vector_are_most_similar(kv: KeyedVectors) -> None:
    assert kv.similar_by_key("w5", 3) == kv.similar_by_word("w5", topn=3) == kv.most_similar("w5", topn=3)
    vector = kv["w5"]
    assert kv.similar_by_vector(vector, 3, 100) == kv.most_similar([vector], topn=3, restrict_vocab=100)
    assert np.array_equal(kv.similar_by_key(5, None), kv.most_similar(5, topn=None))


class Indexer:
    """An index of gensim, which is given a unit vector."""

    def most_similar(self, vector: np.ndarray, num_neighbors: int) -> list[tuple[str, float]]:
        return [("found", float(np.linalg.norm(vector)))] * num_neighbors


def test_indexer_answers_instead(kv: KeyedVectors) -> None:
    assert kv.most_similar("w5", topn=2, indexer=Indexer()) == [("found", pytest.approx(1))] * 2


def test_declared_options_are_those_of_the_functions() -> None:
    def keywords(function: object) -> set[str]:
        parameters = inspect.signature(function).parameters.values()
        return {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}

    assert set(IndexOptions.__annotations__) == keywords(approximate.build)
    assert set(SearchOptions.__annotations__) == keywords(Queries._searcher) - {"method", "topn"}


@pytest.mark.parametrize("options", [{}, {"method": "3cosmul"}, {"metric": "euclidean"}, {"among": ["w3", "w9", "w40"]},
                                     {"restrict_vocab": 3}])
def test_arrays_are_the_answers_of_the_batch(kv: KeyedVectors, options: dict) -> None:
    queries = ["w3", ["w5", "w9"], kv["w7"]]
    rows, scores = kv.most_similar_arrays(queries, [[], "w3", []], topn=4, **options)
    batch = kv.most_similar_batch(queries, [[], "w3", []], topn=4, **options)
    assert rows.dtype == np.int64 and scores.dtype == np.float32 and rows.shape == scores.shape
    assert rows.shape == (3, min(4, 3 if "among" in options else 4, options.get("restrict_vocab", 4)))
    for found, own_rows, own_scores in zip(batch, rows, scores, strict=True):
        size = len(found)
        assert [(kv.index_to_key[row], score) for row, score in zip(own_rows[:size], own_scores[:size].tolist(),
                                                                    strict=True)] == found
        assert (own_rows[size:] == -1).all() and np.isnan(own_scores[size:]).all()


def test_arrays_of_no_queries_and_of_many_batches(kv: KeyedVectors) -> None:
    rows, scores = kv.most_similar_arrays([], topn=3)
    assert rows.shape == scores.shape == (0, 3)
    rows, _ = kv.most_similar_arrays(np.repeat(kv.vectors[:3], 4000, axis=0), topn=1)
    assert rows.shape == (12000, 1)
    with pytest.raises(TypeError, match=r"\['w3'\], not 'w3'"):
        kv.most_similar_arrays("w3")
