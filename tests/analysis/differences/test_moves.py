"""Excess of moves over what is expected, and the ranking of words."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.differences.moves import Moves, _ranks, moves, pair_overlaps, ranked


def with_z(*z: float) -> Moves:
    values = np.array(z)
    return Moves(-values, np.zeros(len(z)), values, np.full(len(z), np.nan))


@pytest.mark.parametrize("by, expected", [
    ("cosine", [2, 0, 3, 1, 4]),
    ("neighbors", [3, 0, 2, 1, 4]),  # 4 has no neighbours, and comes last; of equal ones the larger z of the cosine
    ("both", [0, 3, 2, 1, 4])])      # sums of ranks: 2 + 2, 3 + 1, 1 + 3.5, 4 + 3.5
def test_ranking(by: str, expected: list[int]) -> None:
    cosine, near = with_z(5, 1, 7, 3, -1), with_z(4, 2, 2, 9)
    assert ranked(cosine, near, np.arange(4), np.arange(4), by, 5).tolist() == expected


def test_only_judged_words_are_ranked_by_their_neighbours() -> None:
    found = ranked(with_z(1, 2, 3, 4), with_z(0, 9, 9), np.array([0, 1, 3]), np.array([0, 2]), "neighbors", 4)
    assert found.tolist() == [3, 0, 2, 1]


def test_ranking_without_cosines() -> None:
    assert ranked(None, with_z(1, 3), np.array([1, 2]), np.arange(2), "neighbors", 4).tolist() == [2, 1, 0, 3]


def test_equal_values_share_their_rank_and_nan_is_last() -> None:
    assert _ranks(np.array([2.0, 1.0, np.nan, 2.0])).tolist() == [2.5, 1.0, 4.0, 2.5]


def test_moves_without_runs_are_against_the_median_of_the_reference() -> None:
    similarity = np.array([[0.9, 0.7, 0.8, 0.1]], dtype=np.float32)
    found = moves(similarity, 1, 1, np.array([0, 1, 2, 5]), np.array([0, 1, 2]), 0.001, 1)
    assert found.expected == pytest.approx(0.8) and np.isnan(found.p).all()
    assert found.z == pytest.approx((0.8 - similarity[0]) / (1.4826 * 0.1), rel=1e-4)


def test_overlaps_of_all_pairs() -> None:
    spaces = [np.array([[1, 2]]), np.array([[2, 3]]), np.array([[3, 4]])]
    assert pair_overlaps(spaces, 2)[:, 0].tolist() == [0.5, 0.0, 0.5]  # 0 with 1, 0 with 2, 1 with 2
