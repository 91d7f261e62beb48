"""The number of clusters: its forms, wrong ones, and the choice of planted numbers."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.evaluation import clustered

from w2v.analysis.clusters.number import best_number, numbers


@pytest.mark.parametrize(("k", "expected"), [
    (5, [5]), ("5", [5]), (np.int32(7), [7]), (1, [1]), (1000, [1000]), ([9, 3, 9], [3, 9]), ("10-12", [10, 11, 12]),
    (" 2 - 4 ", [2, 3, 4]), ("7-7", [7]), ((4,), [4]),
    ("9,2,5", [2, 5, 9]), (" 3 , 3,4 ", [3, 4])])
def test_numbers_are_read_in_every_form(k: object, expected: list[int]) -> None:
    assert numbers(k, 1000) == expected


def test_ranges_are_spaced_by_equal_ratios() -> None:
    assert numbers("10-500", 1000) == [10, 17, 31, 53, 94, 164, 286, 500]
    assert numbers("auto", 74_000) == [2, 4, 10, 21, 47, 103, 227, 500]
    assert numbers("auto", 100) == [2, 3, 4, 5, 6, 8, 10] and numbers("auto", 3) == [2]


@pytest.mark.parametrize("k", [0, -1, 101, "0", "101", "0-5", "1-5", "5-100", "1,4", [1, 4], [100, 4]])
def test_numbers_out_of_range_are_refused(k: object) -> None:
    with pytest.raises(ValueError, match=r"out of range: .*100 words"):
        numbers(k, 100)


@pytest.mark.parametrize("k", ["many", "", "3,", "2,b", "2,5-9", "1.5", 2.5, [], ["a"], [2.5], None, True])
def test_values_that_are_no_number_are_refused(k: object) -> None:
    with pytest.raises(ValueError, match='give a number, "auto", a range'):
        numbers(k, 100)


@pytest.mark.parametrize("k", ["9-3", "9..3"])
def test_range_that_falls_is_said(k: str) -> None:
    with pytest.raises(ValueError, match=r'the range falls from 9 to 3; write it as "3-9"'):
        numbers(k, 100)


def test_auto_of_two_words_is_refused() -> None:
    with pytest.raises(ValueError, match="2 words"):
        numbers("auto", 2)


@pytest.mark.parametrize("planted", [4, 12])
@pytest.mark.parametrize("chance", [True, False])
def test_planted_number_of_clusters_is_chosen(planted: int, chance: bool) -> None:
    units, _ = clustered([60] * planted, noise=0.2, seed=planted)
    found = best_number(units, [2, 4, 8, 12, 24], None, 3, chance, 1)
    assert found.k == planted and [one.k for one in found.tried] == [2, 4, 8, 12, 24] and found.sample == 60 * planted
    for one in found.tried:
        assert one.silhouette.interval[0] < one.silhouette.value < one.silhouette.interval[1]
        assert (one.silhouette.chance is None) == (one.cosine.chance is None) == (not chance)


def test_sample_is_seeded_and_large_enough() -> None:
    units, _ = clustered([100] * 6, noise=0.2)
    first, second = (best_number(units, [3, 6], 200, 2, True, 5) for _ in range(2))
    assert first == second and first.sample == 200 and first.k == 6
    assert best_number(units, [2, 300], 50, 1, False, 1).sample == 301
