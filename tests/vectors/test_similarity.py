"""Cosines of given words, means and ranks, against a slow float64 oracle."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.vector_oracle import oracle_neighbours, oracle_units, unequal_vectors

from w2v.keyedvectors import KeyedVectors
from w2v.vectors import similarity

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


# --- centroid and outliers -------------------------------------------------------------------------------------------


def test_centroid_is_the_mean_direction_of_unit_vectors(kv: KeyedVectors) -> None:
    units = oracle_units(kv)
    for keys, weights, mean in ((["w3", "w4", 5], None, units[[3, 4, 5]].sum(axis=0)),
                                (["w3", kv["w4"] * 7], [2, -0.5], 2 * units[3] - 0.5 * units[4])):
        found = kv.centroid(keys, weights)
        assert found.dtype == np.float32 and np.allclose(found, mean / np.linalg.norm(mean), atol=1e-6)
    assert np.allclose(kv.centroid(["w3", "nothing"], [1, 5], oov="skip"), units[3], atol=1e-6)
    assert np.allclose(kv.centroid(["w3", "w4"]), kv.get_mean_vector(["w3", "w4"], post_normalize=True), atol=1e-6)


def test_centroid_without_a_direction_or_with_wrong_arguments_is_refused(kv: KeyedVectors) -> None:
    broken = KeyedVectors(["a", "b", "c"], np.float32([[1, 0], [-2, 0], [np.nan, 1]]))
    for keys in (["a", "b"], ["a", "c"]):
        with pytest.raises(ValueError, match="no mean direction"):
            broken.centroid(keys)
    with pytest.raises(ValueError, match="no mean direction"):
        kv.centroid(["w0"])
    with pytest.raises(ValueError, match="no words"):
        kv.centroid([])
    with pytest.raises(ValueError, match="no known word"):
        kv.centroid(["nothing"], oov="skip")
    with pytest.raises(ValueError, match=r"2 keys need one weight each, not weights of shape \(3,\)"):
        kv.centroid(["w1", "w2"], [1, 2, 3])
    with pytest.raises(ValueError, match="a weight is NaN"):
        kv.centroid(["w1"], [np.nan])
    with pytest.raises(KeyError):
        kv.centroid(["w1", "nothing"])
    with pytest.raises(TypeError, match="list of words"):
        kv.centroid("w1")


def grouped() -> KeyedVectors:
    """20 words in each of 5 groups, and 100 random ones."""
    rng = np.random.default_rng(2)
    rows = np.concatenate((np.repeat(rng.normal(size=(5, 30)), 20, axis=0) + 0.4 * rng.normal(size=(100, 30)),
                           rng.normal(size=(100, 30))))
    return KeyedVectors([f"w{i}" for i in range(200)], rows.astype(np.float32))


def test_outliers_are_the_words_of_another_group() -> None:
    kv = grouped()
    words = ["w1", "w45", "w3", "w7", "w12", "w190"]
    found = kv.outliers(words)
    assert {found[0].word, found[1].word} == {"w45", "w190"} and len(found) == 6
    assert [one.cosine for one in found] == sorted(one.cosine for one in found)
    assert max(one.p for one in found[2:]) < 0.15 < min(one.p for one in found[:2])


@pytest.mark.parametrize("sample", [None, 50])
def test_outliers_are_those_of_all_pairs(monkeypatch: pytest.MonkeyPatch, sample: int | None) -> None:
    monkeypatch.setattr(similarity, "_BLOCK", 90)
    kv = grouped()
    units, rows = oracle_units(kv), [1, 3, 30, 150]
    found = {one.word: one for one in kv.outliers(rows, sample=sample, seed=4)}
    for i in rows:
        others = [row for row in rows if row != i]
        assert found[i].cosine == pytest.approx((units[others] @ units[i]).mean(), abs=1e-6)
        random = np.delete(units, rows, axis=0) @ units[others].mean(axis=0)
        if sample is None:
            assert found[i].chance == pytest.approx(random.mean(), abs=1e-6)
            assert found[i].p == pytest.approx((1 + (random >= found[i].cosine).sum()) / (1 + 196))
        else:
            assert abs(found[i].chance - random.mean()) < 4 * random.std() / 7
            assert found[i].p * 51 == pytest.approx(round(found[i].p * 51))
    assert kv.outliers(rows, sample=50, seed=4) == kv.outliers(rows, sample=50, seed=4)


def test_outliers_with_broken_unknown_and_no_other_words() -> None:
    rows = np.float32([[1, 0], [1, 0.1], [1, 0.2], [0, 1], [np.nan, 1]])
    kv = KeyedVectors(["a", "b", "c", "d", "e"], rows)
    found = kv.outliers(["a", "b", "c", "d", "e", "nothing"], oov="skip")
    assert [one.word for one in found][0] == "d" and found[-1].word == "e" and np.isnan(found[-1].cosine)
    assert found[0].cosine == pytest.approx(np.mean([0, 0.1 / 1.01 ** 0.5, 0.2 / 1.04 ** 0.5]), abs=1e-6)
    assert np.isnan(found[0].p) and np.isnan(found[0].chance)
    with pytest.raises(ValueError, match="at least three words with a vector, not 2"):
        kv.outliers(["a", "b", "e"])
    with pytest.raises(ValueError, match="sample = 0"):
        kv.outliers(["a", "b", "c"], sample=0)
    with pytest.raises(KeyError):
        kv.outliers(["a", "b", "c", "nothing"])


@pytest.mark.parametrize(("some", "others"), [(["w1"], ["w2"]), (["w1", "w2", "w3"], ["w4", "w5"]),
                                              (["w7", "w7", "w8"], ["w9"])])
def test_means_of_words_are_those_of_gensim(kv: KeyedVectors, some: list[str], others: list[str]) -> None:
    pytest.importorskip("gensim.models")
    theirs = kv.to_gensim()
    assert kv.n_similarity(some, others) == pytest.approx(theirs.n_similarity(some, others), abs=1e-6)
    assert np.allclose(kv.centroid(some), theirs.get_mean_vector(some, post_normalize=True), atol=1e-6)
    assert kv.doesnt_match([*some, *others]) == theirs.doesnt_match([*some, *others])
