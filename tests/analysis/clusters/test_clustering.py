"""`w2v.cluster`: planted clusters, words left out, the same by chance, and wrong arguments."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest
from helpers.evaluation import clustered

import w2v
from w2v.errors import W2VError
from w2v.evaluation.statistics import kmeans
from w2v.evaluation.statistics.clusters import purity
from w2v.formats.rows import STORED, Rows
from w2v.keyedvectors import KeyedVectors
from w2v.vectors.spelling import UnknownWordError


def planted(sizes: list[int], noise: float = 0.25, seed: int = 0) -> tuple[KeyedVectors, np.ndarray]:
    """Words in groups, in mixed order, with vectors of unequal lengths; and the group of each."""
    units, labels = clustered(sizes, noise=noise, seed=seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(units))
    rows = units[order] * rng.uniform(0.1, 9, size=(len(units), 1)).astype(np.float32)
    return KeyedVectors([f"w{i}" for i in range(len(units))], rows), labels[order]


# --- what is found ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", STORED)
def test_planted_clusters_are_found_in_every_stored_type(dtype: str) -> None:
    kv, groups = planted([30, 12, 50, 20])
    stored = KeyedVectors(kv.index_to_key, Rows.encode(kv.rows, dtype))
    found = w2v.cluster(stored, 4)
    assert purity(found.labels, groups) == 1 and [one.size for one in found.clusters] == [50, 30, 20, 12]
    assert found.words == 112 and found.broken == found.zero == 0 and len(found) == found.k == 4


def test_values_of_words_are_those_of_their_clusters() -> None:
    kv, _ = planted([40, 25, 10], noise=0.8)
    found = w2v.cluster(kv, 3, topn=4, peripheral=2)
    units = kv.get_normed_vectors()
    assert np.allclose(found.cosines, np.einsum("ij,ij->i", units, found.centres[found.labels]), atol=1e-5)
    assert found.cosine.value == pytest.approx(found.cosines.mean(), abs=1e-6)
    assert found.silhouette.value == pytest.approx(found.silhouettes.mean(), abs=1e-6)
    for one in found.clusters:
        members = np.flatnonzero(found.labels == one.number)
        assert found.members(one.number) == [f"w{i}" for i in members] and one.size == len(members)
        order = members[np.argsort(-found.cosines[members], kind="stable")]
        assert [word for word, _ in one.nearest] == [f"w{i}" for i in order[:4]]
        assert [word for word, _ in one.peripheral] == [f"w{i}" for i in order[::-1][:2]]
        assert one.nearest[0][1] == pytest.approx(found.cosines[order[0]], abs=1e-6)
        assert one.cosine.value == pytest.approx(found.cosines[members].mean(), abs=1e-6)
        assert one.silhouette.interval[0] < one.silhouette.value < one.silhouette.interval[1]
        assert np.allclose(found.centres[one.number], kv.centroid(found.members(one.number)), atol=1e-3)


def test_seed_rotation_and_lengths_do_not_change_the_clusters() -> None:
    kv, groups = planted([60, 40, 30, 30, 20], noise=0.5)
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(20, 20)))
    turned = KeyedVectors(kv.index_to_key, np.asarray(kv.vectors) @ rotation * 3)
    one, same, other, rotated = (w2v.cluster(vectors, 5, seed=seed) for vectors, seed in (
        (kv, 1), (kv, 1), (kv, 2), (turned, 1)))
    assert one.to_dict() == same.to_dict() and np.array_equal(one.labels, same.labels)
    assert np.array_equal(one.labels, rotated.labels)
    assert one.silhouette.value == pytest.approx(rotated.silhouette.value, abs=1e-5)
    assert purity(one.labels, groups) == purity(other.labels, groups) == 1


def test_order_of_words_does_not_change_the_mean_cosine() -> None:
    rows = np.random.default_rng(0).normal(size=(2000, 10)).astype(np.float32)
    order = np.random.default_rng(1).permutation(2000)
    words = [f"w{i}" for i in range(2000)]
    one = w2v.cluster(KeyedVectors(words, rows), 12, restarts=5, chance=False)
    mixed = w2v.cluster(KeyedVectors(words, rows[order]), 12, restarts=5, chance=False)
    assert mixed.cosine.value == pytest.approx(one.cosine.value, rel=0.01)


def test_random_vectors_are_as_separate_as_by_chance_and_planted_ones_more() -> None:
    rng = np.random.default_rng(3)
    random = KeyedVectors([f"w{i}" for i in range(3000)], rng.normal(size=(3000, 8)) * [3, 2, 1, 1, 1, 1, 1, 1])
    found = w2v.cluster(random, 20, restarts=2)
    assert found.silhouette.value == pytest.approx(found.silhouette.chance, abs=0.02)
    assert found.cosine.value == pytest.approx(found.cosine.chance, abs=0.01) and found.chance_words == 3000
    kv, _ = planted([50] * 6)
    clear = w2v.cluster(kv, 6)
    assert clear.silhouette.value > clear.silhouette.chance + 0.3
    assert "more separate than those of random vectors" in str(clear)
    without = w2v.cluster(kv, 6, chance=False)
    assert without.cosine.chance is None and without.chance_words == 0 and np.array_equal(without.labels, clear.labels)


@pytest.mark.parametrize(("k", "sizes"), [("auto", [30] * 7), ("2-12", [30] * 5), ([2, 4, 9], [30] * 4)])
def test_number_of_clusters_is_chosen_by_silhouettes(k: object, sizes: list[int]) -> None:
    kv, groups = planted(sizes, noise=0.2)
    found = w2v.cluster(kv, k, sample=None)
    assert abs(found.k - len(sizes)) <= 1 and found.tried and "heuristic" in str(found) and found.sample == len(kv)
    assert found.to_dict()["tried"][0]["silhouette"].keys() == {"value", "interval", "chance"}
    assert w2v.cluster(kv, 3).tried == ()


def test_mini_batches_find_planted_clusters_too(monkeypatch: pytest.MonkeyPatch) -> None:
    kv, groups = planted([300, 200, 100, 400])
    for name, value in (("FULL", 500), ("SAMPLE", 100), ("_BATCH", 64)):
        monkeypatch.setattr(kmeans, name, value)
    monkeypatch.setattr("w2v.analysis.clusters.clustering.FULL", 500)
    monkeypatch.setattr("w2v.analysis.clusters.groups.FULL", 500)
    found = w2v.cluster(kv, 4)
    assert found.mini_batches and "mini-batches" in str(found) and purity(found.labels, groups) == 1
    assert found.chance_words == 500


# --- words that are left out -----------------------------------------------------------------------------------------


def test_broken_and_zero_vectors_are_in_no_cluster() -> None:
    kv, groups = planted([30, 20])
    rows = np.array(kv.vectors)
    rows[3], rows[7], rows[8], rows[9] = np.nan, np.inf, 0, [1] + [0] * 19
    found = w2v.cluster(KeyedVectors(kv.index_to_key, rows), 2)
    assert (found.words, found.broken, found.zero) == (47, 2, 1)
    assert found.labels[[3, 7, 8]].tolist() == [-1] * 3 and found.labels[9] >= 0
    assert np.isnan(found.cosines[[3, 7, 8]]).all() and np.isnan(found.silhouettes[[3, 7, 8]]).all()
    assert "left out: 2 words" in str(found)
    json.dumps(found.to_dict())
    rows[:, :] = rows[1] * np.float32(1e-30)
    rows[0] = 1
    tiny = w2v.cluster(KeyedVectors(kv.index_to_key, rows), 1)
    assert (tiny.words, tiny.zero) == (1, 49)


def test_only_some_words_are_clustered() -> None:
    kv, groups = planted([30, 20, 10])
    mask = groups < 2
    found = w2v.cluster(kv, 2, words=mask)
    assert found.words == 50 and (found.labels[~mask] == -1).all() and purity(found.labels[mask], groups[mask]) == 1
    names = [f"w{i}" for i in np.flatnonzero(mask)]
    assert np.array_equal(w2v.cluster(kv, 2, words=[*names, names[0]]).labels, found.labels)
    with pytest.raises(UnknownWordError):
        w2v.cluster(kv, 2, words=["w1", "w2", "nothing"])
    assert w2v.cluster(kv, 2, words=["w1", "w2", "nothing"], oov="skip").words == 2


def test_integers_are_keys_and_rows_are_not() -> None:
    kv, groups = planted([8, 6])
    items = KeyedVectors([100 - i for i in range(14)], kv.vectors)
    found = w2v.cluster(items, 2, words=list(range(90, 101)))
    assert found.words == 11 and (found.labels[:11] >= 0).all() and (found.labels[11:] == -1).all()
    assert purity(found.labels[:11], groups[:11]) == 1 and found.members(0)[0].isdecimal()


def test_equal_vectors_are_one_cluster() -> None:
    kv = KeyedVectors(["a", "b", "c"], np.ones((3, 4)))
    found = w2v.cluster(kv, 3)
    assert len(found) == 1 and found.k == 3 and found.labels.tolist() == [0, 0, 0]
    assert found.cosine.value == pytest.approx(1) and np.isnan(found.silhouette.value)
    assert "only 1 of 3 clusters have words" in str(found)


@pytest.mark.parametrize("k", [1, 14])
def test_one_cluster_and_as_many_as_words_are_possible(k: int) -> None:
    kv, _ = planted([8, 6])
    found = w2v.cluster(kv, k)
    assert len(found) == k and found.labels.max() == k - 1 and str(found)
    assert found.cosine.value == pytest.approx(1 if k == 14 else found.cosines.mean(), abs=1e-5)
    json.dumps(found.to_dict())


# --- wrong arguments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "options", "match"), [
    (15, {}, "1 to 14 clusters of 14 words"), (0, {}, "k = 0 is out of range"), (-3, {}, "k = -3"),
    (2, {"topn": -1}, "topn = -1"), (2, {"peripheral": -1}, "peripheral"), (2, {"restarts": 0}, "restarts = 0"),
    (2, {"sample": 0}, "sample = 0"), ("some", {}, "give a number"), (3, {"words": ["w1", "w2"]}, "1 to 2 clusters"),
    (2, {"words": []}, "the list of words is empty"), (2, {"words": np.zeros(14, dtype=bool)}, "words is empty"),
    (2, {"words": ["x", "y"], "oov": "skip"}, "none of the words is known")])
def test_wrong_arguments_are_named(k: object, options: dict, match: str) -> None:
    kv, _ = planted([8, 6])
    with pytest.raises(ValueError, match=match):
        w2v.cluster(kv, k, **options)


def test_vectors_without_a_direction_are_refused() -> None:
    with pytest.raises(W2VError, match="no words to cluster: 0 of 0"):
        w2v.cluster(KeyedVectors(vector_size=4), 1)
    with pytest.raises(W2VError, match="no words to cluster: 1 of 2 .*1 are zero"):
        w2v.cluster(KeyedVectors(["a", "b"], np.float32([[0, 0], [np.nan, 1]])), 1)


# --- memory ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_memory_is_below_that_of_the_vectors(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the 24 MB of a float32 copy, nor of all scores in addition; random vectors of 24 MB are kept if they may."""
    plain = np.random.default_rng(0).normal(size=(60_000, 100)).astype(np.float32)
    kv = KeyedVectors([f"w{i}" for i in range(60_000)], Rows.encode(plain, dtype))
    peaks, found = [], []
    for kept in (0, 1 << 25):
        monkeypatch.setattr("w2v.analysis.clusters.groups.IN_MEMORY", kept)
        tracemalloc.start()
        found.append(w2v.cluster(kv, 10, restarts=1, topn=2))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < 23e6 < peaks[1] < 23e6 + 25e6
    assert found[0].to_dict() == found[1].to_dict()
