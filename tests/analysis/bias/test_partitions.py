"""Permutation test: exact p values against a plain count, sampled ones against exact ones."""

from itertools import combinations

import numpy as np
import pytest

from w2v.analysis.bias.partitions import MOST_EXACT, Permutations, partition_p, permutations_of


@pytest.mark.parametrize(("n", "k"), [(4, 2), (7, 3), (10, 5), (6, 1)])
def test_exact_p_is_the_share_of_partitions_that_reach_the_sum(n, k):
    values = np.random.default_rng(n).normal(size=(3, n))
    every = permutations_of(n, k, 10)
    assert every.exact
    for row, p in zip(values, partition_p(values, k, every, 1), strict=True):
        sums = [sum(row[list(chosen)]) for chosen in combinations(range(n), k)]
        assert p == pytest.approx(np.mean([one >= sums[0] - 1e-9 for one in sums])) and p > 0


def test_sampled_p_is_near_the_exact_one_and_never_zero():
    values = np.random.default_rng(3).normal(size=(4, 12))
    exact = partition_p(values, 6, permutations_of(12, 6, 1), 1)
    sampled = partition_p(values, 6, Permutations(20_000, False), 1)
    assert np.abs(exact - sampled).max() < 0.015
    assert np.array_equal(sampled, partition_p(values, 6, Permutations(20_000, False), 1))
    assert partition_p(np.repeat([[1.0, 0.0]], 40, axis=1).reshape(1, -1), 40, Permutations(99, False), 1)[0] > 0
    far = np.concatenate((np.ones(40), np.zeros(40)))[None]
    assert partition_p(far, 40, Permutations(99, False), 1)[0] == 1 / 100


def test_few_partitions_are_all_tried_and_many_are_sampled():
    assert permutations_of(20, 10, 5) == Permutations(184_756, True) and MOST_EXACT >= 184_756
    assert permutations_of(22, 11, 5) == Permutations(5, False)
    assert str(permutations_of(4, 2, 5)) == "all 6 partitions" and "5 sampled" in str(permutations_of(50, 25, 5))


def test_equal_values_have_p_one():
    assert partition_p(np.full((1, 8), 0.1), 4, permutations_of(8, 4, 5), 1)[0] == 1
