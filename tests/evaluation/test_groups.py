"""Categories, outliers, choices and degrees: against naive definitions and planted vectors."""

import itertools

import numpy as np
import pytest

from w2v.evaluation.measures import categories
from w2v.evaluation.measures.categories import score_categories
from w2v.evaluation.measures.choices import score_choices, score_degrees
from w2v.evaluation.measures.lookup import Lookup
from w2v.evaluation.measures.outliers import score_outliers
from w2v.evaluation.sets.groups import Group, Member, words_of
from w2v.evaluation.sets.relations import Choice, Degrees, MaxDiff, choice_words, degree_words
from w2v.evaluation.statistics.clusters import average_linkage, purity, spherical_kmeans
from w2v.keyedvectors import KeyedVectors


def planted(sizes, d=20, noise=0.25, seed=0):
    """Unit vectors in groups around centres of their own, and the group of each."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    rows = rng.normal(size=(len(sizes), d))[labels] + noise * rng.normal(size=(len(labels), d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), labels


def partition(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


# ------------------------------------------------------------------------------------------------- clusters


def test_both_clusterings_find_planted_groups():
    units, labels = planted([9, 14, 5, 22])
    mixed = np.random.default_rng(1).permutation(len(units))
    for clusters in (spherical_kmeans(units[mixed], 4), average_linkage(units[mixed], 4)):
        assert partition(clusters) == partition(labels[mixed])
        assert purity(clusters, labels[mixed]) == 1


def naive_linkage(units, k):
    clusters = [[i] for i in range(len(units))]
    distance = 1 - units.astype(np.float64) @ units.T
    while len(clusters) > k:
        a, b = min(itertools.combinations(range(len(clusters)), 2),
                   key=lambda pair: distance[np.ix_(clusters[pair[0]], clusters[pair[1]])].mean())
        clusters[a] += clusters.pop(b)
    return {frozenset(cluster) for cluster in clusters}


@pytest.mark.parametrize("k", [1, 2, 5, 11, 40])
def test_average_linkage_is_the_naive_one(k):
    units, _ = planted([40], noise=3.0, seed=k)
    assert partition(average_linkage(units, k)) == naive_linkage(units, k)


def test_kmeans_is_seeded_and_survives_equal_vectors():
    units, _ = planted([60], noise=5.0)
    assert np.array_equal(spherical_kmeans(units, 7, seed=3), spherical_kmeans(units, 7, seed=3))
    assert len(set(spherical_kmeans(units, 7).tolist())) == 7
    same = np.tile(units[:1], (5, 1))
    assert spherical_kmeans(same, 3).shape == (5,) and average_linkage(same, 2).max() == 1


def test_purity_is_the_hand_computed_one():
    # clusters {a a b} {b b} {c a}: 2 + 2 + 1 of 7
    assert purity(np.array([0, 0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 1, 2, 0])) == pytest.approx(5 / 7)


def test_categories_with_unknown_words(monkeypatch):
    units, labels = planted([10, 12, 8])
    kv = KeyedVectors([f"w{i}" for i in range(30)], units * 3)
    members = [Member(f"w{i}", f"class {label}", i) for i, label in enumerate(labels)]
    members += [Member("no", "class 0", 31), Member("nil", "class 9", 32)]
    result = score_categories(Lookup(kv, [m.word for m in members]), "planted", members)
    assert (result.purity, result.agglomerative, result.words, result.unknown, result.classes) == (1, 1, 30, 2, 3)
    assert result.purity_all == pytest.approx(30 / 32) and result.interval == (1, 1)
    monkeypatch.setattr(categories, "LINKAGE_WORDS", 29)
    large = score_categories(Lookup(kv, [m.word for m in members]), "planted", members)
    assert (large.purity, large.agglomerative, large.agglomerative_interval) == (1, None, None)
    assert [measure.name for measure in large.measures()] == ["k-means purity"]
    nothing = score_categories(Lookup(kv, []), "planted", members)
    assert nothing.purity is None and nothing.nothing_known and nothing.unknown == 32


# ------------------------------------------------------------------------------------------------- outliers


def test_outliers_match_the_definition():
    rng = np.random.default_rng(2)
    kv = KeyedVectors([f"w{i}" for i in range(60)], rng.normal(size=(60, 6)).astype(np.float32))
    groups = [Group(str(g), tuple(f"w{10 * g + i}" for i in range(6)), tuple(f"w{10 * g + i}" for i in range(6, 10)))
              for g in range(6)]
    result = score_outliers(Lookup(kv, words_of(groups)), "x", groups)
    found, places = [], []
    for group in groups:
        for outlier in group.outliers:
            words = [*group.words, outlier]
            compactness = {w: np.mean([kv.similarity(w, other) for other in words if other != w]) for w in words}
            order = sorted(words, key=lambda w: -compactness[w])
            places.append(order.index(outlier) / 6)
            found.append(order.index(outlier) == 6)
    assert result.accuracy == pytest.approx(np.mean(found)) and result.opp == pytest.approx(np.mean(places))
    assert (result.cases, result.total, result.groups) == (24, 24, 6) and 0 < result.accuracy < 1
    assert result.interval[0] <= result.accuracy <= result.interval[1]


def test_unknown_words_and_phrases_among_outliers():
    units, _ = planted([6, 6], noise=0.1)
    names = ["cat", "dog", "hen", "owl", "fox", "pig", "new", "york", "car", "bus", "van", "cab"]
    kv = KeyedVectors(names, units)
    groups = [Group("pets", ("cat", "dog", "hen", "zebu"), ("New_York", "car", "lorry")), Group("few", ("cat", "gnu"),
                                                                                          ("car",))]
    result = score_outliers(Lookup(kv, words_of(groups)), "x", groups)
    assert (result.accuracy, result.opp, result.cases, result.total) == (1, 1, 2, 4)
    assert result.accuracy_all == 0.5 and result.opp_all == 0.5


# ------------------------------------------------------------------------------------------------- relations


@pytest.fixture(scope="module")
def relations_kv():
    """Words a_i, b_i with one offset for the even i, and another for the odd ones."""
    rng = np.random.default_rng(4)
    a = rng.normal(size=(20, 30))
    offset = rng.normal(size=(2, 30)) * 2
    b = a + offset[np.arange(20) % 2] + 0.3 * rng.normal(size=(20, 30))
    return KeyedVectors([f"a{i}" for i in range(20)] + [f"b{i}" for i in range(20)],
                        np.concatenate([a, b]).astype(np.float32))


def test_choices_take_the_pair_with_the_same_offset(relations_kv):
    def pair(i):
        return f"a{i}", f"b{i}"

    questions = [Choice(pair(i), (pair(1), pair((i + 2) % 20), pair(3)), 1, 1) for i in range(0, 20, 2)]
    questions += [Choice(pair(0), (pair(1), pair(2)), 0, 1), Choice(("no", "b1"), (pair(1), pair(3)), 0, 1)]
    result = score_choices(Lookup(relations_kv, choice_words(questions)), "x", questions)
    assert (result.correct, result.questions, result.total) == (10, 11, 12)
    assert result.accuracy_all == pytest.approx(10 / 12) and result.chance == pytest.approx((10 / 3 + 1) / 12)


def test_degrees_are_means_over_relations(relations_kv):
    pairs = [(f"a{i}", f"b{i}") for i in range(4, 12)]
    ratings = tuple((pair, 50.0 - 100 * (i % 2) + i) for i, pair in enumerate(pairs))
    four = tuple(pairs[:4])
    questions = (MaxDiff(four, (0, 3, 0, 3), (3, 0, 3, 0)), MaxDiff(four, (3, 0, 3, 0), (0, 3, 0, 3)))
    even = Degrees("even", (("a0", "b0"), ("a2", "b2"), ("no", "no")), ratings, questions)
    unknown = Degrees("unknown", (("no", "no"),), ratings[:3], ())
    lookup = Lookup(relations_kv, degree_words([even, unknown]))
    result = score_degrees(lookup, "x", [even, unknown])
    assert result.relations[0].spearman > 0.6 and result.relations[1].spearman is None
    assert result.spearman == result.relations[0].spearman and result.spearman_all == result.spearman / 2
    assert result.maxdiff == 0.5  # the first question right on both sides, the second wrong on both
    assert (result.pairs, result.total) == (8, 11)
    assert [measure.name for measure in result.measures()] == ["Spearman", "MaxDiff"]
    asked_half = Degrees("half", even.paradigms, ratings, (*questions, MaxDiff(four, (0, 0, 0, 0), (3, 0, 3, 0))))
    assert score_degrees(lookup, "x", [asked_half]).maxdiff == 3 / 5  # nobody named a least typical pair
    nothing = score_degrees(lookup, "x", [unknown])
    assert nothing.spearman is None and nothing.nothing_known
