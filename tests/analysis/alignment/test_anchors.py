"""Which pairs a map is fitted to, and which are held out."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.rotated_spaces import clustered, random_rotation, vectors

from w2v.analysis.alignment.anchors import Fitter, frequent_rows, induced, most_frequent, shuffled, split, stable_half
from w2v.analysis.alignment.dictionary import Pairs


def identity(n: int) -> Pairs:
    return Pairs(np.arange(n), np.arange(n))


@pytest.mark.parametrize(("n", "most", "count"), [(1000, 1500, 200), (1000, 50, 50), (9, 1500, 1), (4, 1500, 0),
                                                 (99, 0, 0)])
def test_a_fifth_of_the_words_is_held_out_at_most(n: int, most: int, count: int) -> None:
    anchors, held = split(identity(n), np.arange(n), most, seed=1)
    assert len(held) == count and sorted([*anchors.a, *held.a]) == list(range(n))
    again = split(identity(n), np.arange(n), most, seed=1)[1]
    assert np.array_equal(again.a, held.a)
    if count > 10:
        assert not np.array_equal(split(identity(n), np.arange(n), most, seed=2)[1].a, held.a)


def test_translations_of_a_word_are_on_one_side_and_only_candidates_are_held_out() -> None:
    pairs = Pairs(np.repeat(np.arange(100), 3), np.arange(300) % 90)
    eligible = np.flatnonzero(pairs.b < 45)
    anchors, held = split(pairs, eligible, 1500, seed=3)
    assert len(np.unique(held.a)) == 20 and not np.isin(anchors.a, held.a).any() and (held.b < 45).all()


def test_frequent_pairs_have_the_lowest_mean_rank_by_count_or_order() -> None:
    a, b = vectors(clustered(5, 2, 1)), vectors(clustered(5, 2, 2))
    b.counts = np.array([1, 2, 30, 40, 50])  # ranks 4, 3, 2, 1, 0
    pairs = Pairs(np.array([4, 0, 1, 2]), np.array([4, 0, 2, 4]))  # sums 4, 4, 3, 2
    found = most_frequent(Fitter(a, b), pairs, 3)
    assert found.a.tolist() == [2, 1, 4] and found.b.tolist() == [4, 2, 4]


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_stable_half_leaves_wrong_pairs_out(share: float) -> None:
    """The fit to all pairs is off because of the wrong ones; that to the stable half is exact."""
    rows, n = clustered(400, 10, 1), 400
    rotation = random_rotation(10, 2)
    a, b = vectors(rows), vectors(rows @ rotation)
    wrong = np.random.default_rng(3).permutation(n)[: int(share * n)]
    pairs = identity(n)
    pairs.b[wrong] = pairs.b[np.roll(wrong, 1)]
    spaces = Fitter(a, b)
    half = stable_half(spaces, pairs)
    assert len(half) == 200 and (np.isin(half.a, wrong) & (half.a != half.b)).mean() < 0.01
    assert np.abs(spaces.fit(half).matrix - rotation).max() < 0.02 < np.abs(spaces.fit(pairs).matrix - rotation).max()


@pytest.mark.parametrize(("n", "kept"), [(400, 200), (30, 20), (15, 15), (2, 2)])
def test_stable_half_has_two_pairs_for_each_dimension_if_there_are_as_many(n: int, kept: int) -> None:
    a, b = vectors(clustered(n, 10, 1)), vectors(clustered(n, 10, 2))
    assert len(stable_half(Fitter(a, b), identity(n))) == kept


def test_frequent_rows_are_the_most_frequent_ones_that_are_finite() -> None:
    kv = vectors(clustered(6, 2, 1))
    kv.counts = np.array([1, 9, 3, 8, 7, 0])
    kv.vectors[3] = np.inf
    kv.fill_norms(force=True)
    assert frequent_rows(kv, 4).tolist() == [1, 2, 4]


def test_induced_pairs_are_mutual_neighbours_among_these_rows() -> None:
    rows = clustered(200, 10, 5)
    a, b = vectors(rows), vectors(rows[::-1] @ random_rotation(10, 6))
    spaces = Fitter(a, b)
    change = spaces.fit(Pairs(np.arange(200), np.arange(200)[::-1]))
    found = induced(spaces, change, np.arange(0, 100), np.arange(50, 200))
    assert np.array_equal(found.b, 199 - found.a) and len(found) >= 95


@pytest.mark.parametrize("n", [1, 5, 45, 1000])
def test_shuffled_pairs_keep_all_words_and_stay_near_their_frequency(n: int) -> None:
    ranks = np.random.default_rng(1).permutation(n)
    pairs = Pairs(np.arange(n), np.arange(n))
    found = shuffled(pairs, ranks, np.random.default_rng(2))
    assert sorted(found.b) == list(range(n)) and np.array_equal(found.a, pairs.a)
    assert (np.abs(ranks[found.a] - ranks[found.b]) <= n / max(1, min(10, n // 20)) + 1).all()
    assert n < 5 or not np.array_equal(found.b, pairs.b)
    assert np.array_equal(pairs.b, np.arange(n))
