"""Cosines of given words, means and ranks, against a slow float64 oracle."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.vector_oracle import oracle_neighbours, oracle_units, unequal_vectors

from w2v.keyedvectors import KeyedVectors

N = 3000


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return unequal_vectors()


def test_similarity_and_distances_match_oracle(kv: KeyedVectors) -> None:
    units = oracle_units(kv)
    assert kv.similarity("w3", "w4") == pytest.approx(units[3] @ units[4], abs=1e-6)
    assert kv.distance("w3", "w4") == pytest.approx(1 - units[3] @ units[4], abs=1e-6)
    assert np.allclose(kv.distances("w3"), 1 - units @ units[3], atol=1e-6)
    assert np.allclose(kv.distances(kv["w3"] * 9, ["w5", "w0"]), 1 - units[[5, 0]] @ units[3], atol=1e-6)


def test_cosine_similarities_match_oracle(kv: KeyedVectors) -> None:
    units = oracle_units(kv)
    assert np.allclose(KeyedVectors.cosine_similarities(kv["w7"], kv.vectors[:50]), units[:50] @ units[7], atol=1e-6)


def test_squared_distance_of_unit_vectors_is_twice_one_minus_cosine(kv: KeyedVectors) -> None:
    rng = np.random.default_rng(0)
    for a, b in rng.integers(1, N, (50, 2)):
        difference = kv.get_vector(int(a), norm=True) - kv.get_vector(int(b), norm=True)
        assert float(difference @ difference) == pytest.approx(2 * (1 - kv.similarity(int(a), int(b))), abs=2e-6)


def test_cosines_do_not_change_with_the_length_of_rows(kv: KeyedVectors) -> None:
    scaled = KeyedVectors(kv.index_to_key, kv.vectors * np.float32(2.0 ** 20))
    assert np.allclose(kv.distances("w9"), scaled.distances("w9"), atol=1e-6)


def test_zero_vector_has_cosine_zero(kv: KeyedVectors) -> None:
    assert kv.similarity("w0", "w1") == 0 and kv.similarity("w0", "w0") == 0
    assert kv.norms[0] == 1 and not np.isnan(kv.distances("w0")).any()


def test_n_similarity_and_mean_match_oracle(kv: KeyedVectors) -> None:
    rows = kv.vectors.astype(np.float64)
    a, b = rows[[1, 2]].mean(axis=0), rows[[3, 4, 5]].mean(axis=0)
    expected = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert kv.n_similarity(["w1", "unknown", "w2"], ["w3", "w4", "w5"]) == pytest.approx(expected, abs=1e-6)
    weighted = (2 * oracle_units(kv)[1] - oracle_units(kv)[2]) / 3
    assert np.allclose(kv.get_mean_vector(["w1", "w2"], [2, -1]), weighted, atol=1e-6)
    with pytest.raises(ZeroDivisionError):
        kv.n_similarity([], ["w1"])
    with pytest.raises(ValueError, match="no known word"):
        kv.get_mean_vector(["unknown"])
    with pytest.raises(KeyError):
        kv.get_mean_vector(["unknown"], ignore_missing=False)


def test_doesnt_match_rank_and_closer_than_match_oracle(kv: KeyedVectors) -> None:
    units = oracle_units(kv)
    used = [5, 6, 7, 8]
    mean = units[used].mean(axis=0)
    assert kv.doesnt_match(["w5", "w6", "unknown", "w7", "w8"]) == f"w{used[int(np.argmin(units[used] @ mean))]}"
    order = oracle_neighbours(units @ units[5], [5], N)
    assert kv.rank("w5", f"w{order[0]}") == 1 and kv.rank("w5", f"w{order[9]}") == 10
    assert sorted(kv.closer_than("w5", f"w{order[3]}")) == sorted(f"w{i}" for i in order[:3])
    with pytest.raises(ValueError, match="none of the words"):
        kv.doesnt_match(["unknown"])


def test_most_similar_to_given_leaves_unknown_words_out() -> None:
    kv = KeyedVectors(["a", "b", "c"], np.float32([[1, 0], [0, 1], [1, 0.1]]))
    kv.oov = "skip"
    assert kv.most_similar_to_given("a", ["unknown", "b", "c"]) == "c"
    for nothing in ([], ["unknown"]):
        with pytest.raises(ValueError, match="no key with a vector"):
            kv.most_similar_to_given("a", nothing)


def test_a_word_has_distance_exactly_0_from_itself(kv: KeyedVectors) -> None:
    for row in range(1, N, 7):
        word = f"w{row}"
        assert kv.distance(word, word) == 0 and kv.similarity(word, row) == 1
        assert kv.n_similarity([word, "w1"], ["w1", word]) == 1
    for row in range(1, N, 301):
        assert kv.distances(f"w{row}")[row] == 0
        assert kv.distances(row, ["w0", f"w{row}", "w5"])[1] == 0 and kv.distances(kv[row] * 9).min() >= 0
    assert kv.distance("w0", "w0") == 1 and kv.distances("w0")[0] == 1  # a zero vector


@pytest.mark.parametrize("scale", [1e-30, 1e-18, 1e-3, 1e3, 1e15])
def test_cosines_stay_in_range_for_vectors_of_every_length(scale: float) -> None:
    rows = np.random.default_rng(8).normal(size=(50, 33)).astype(np.float32)
    small = KeyedVectors([f"w{i}" for i in range(50)], rows * np.float32(scale))
    plain = KeyedVectors(small.index_to_key, rows)
    for i in range(0, 50, 5):
        assert small.similarity(i, i) == 1 and small.similarity(i, 7) == pytest.approx(plain.similarity(i, 7), abs=1e-6)


def test_own_distance_is_0_among_other_words_that_a_policy_leaves_out() -> None:
    kv = KeyedVectors(["a", "b", "c"], np.float32([[1, 3], [0.3, 1], [1, 0.1]]))
    kv.oov = "skip"
    found = kv.distances("b", ["unknown", "a", "b"])
    assert found.shape == (2,) and found[1] == 0 and found[0] > 0
