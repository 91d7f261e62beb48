"""Measures by length of prefix."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.reduction.prefixes import cosine_errors, mean_shares, neighbour_overlaps, prefix_lengths
from w2v.analysis.samples import random_pairs
from w2v.formats.rows import Rows
from w2v.keyedvectors import KeyedVectors


def model(rows: np.ndarray) -> KeyedVectors:
    return KeyedVectors([f"w{i}" for i in range(len(rows))], rows)


def data(n: int = 60, d: int = 8) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(n, d)).astype(np.float32)


@pytest.mark.parametrize(("d", "k", "lengths"), [
    (100, 100, [12, 25, 50, 75, 100]), (100, 50, [12, 25, 50]), (100, 30, [12, 25, 30]), (8, 8, [1, 2, 4, 6, 8]),
    (2, 2, [1, 2]), (1, 1, [1])])
def test_lengths_are_fractions_below_the_dimension(d: int, k: int, lengths: list[int]) -> None:
    assert prefix_lengths(d, k) == lengths


def test_same_rows_have_no_error_and_all_neighbours() -> None:
    rows = data()
    drawn = random_pairs(np.arange(60), 500, 1)
    half, whole = cosine_errors(Rows(rows), Rows(rows), drawn, [4, 8], 1)
    assert whole.value == pytest.approx(0, abs=1e-12) and half.value > 0.1
    assert whole.chance is not None and whole.chance > 0.3, "cosines of different pairs differ"
    queries, (first, last) = neighbour_overlaps(model(rows), Rows(rows), np.arange(60), [4, 8], None, 5, 1)
    assert queries == 60 and first is not None and last is not None
    assert last.value == 1 and last.chance == pytest.approx(5 / 59) and first.value < 0.9


def test_overlap_is_the_share_of_common_neighbours() -> None:
    rows, other = data(), data()[:, ::-1][:, :3].copy()
    _, [found] = neighbour_overlaps(model(rows), Rows(other), np.arange(60), [3], None, 5, 1)
    kv, new = model(rows), model(other)
    shares = [len({w for w, _ in kv.most_similar(word, topn=5)} & {w for w, _ in new.most_similar(word, topn=5)}) / 5
              for word in kv.index_to_key]
    assert found is not None and found.value == pytest.approx(np.mean(shares))
    assert found.interval is not None and found.interval[0] < found.value < found.interval[1]


def test_random_vectors_have_neighbours_by_chance() -> None:
    rows = np.random.default_rng(3).normal(size=(400, 20)).astype(np.float32)
    other = np.random.default_rng(4).normal(size=(400, 20)).astype(np.float32)
    _, [found] = neighbour_overlaps(model(rows), Rows(other), np.arange(400), [20], None, 10, 1)
    assert found is not None and found.interval is not None and found.chance is not None
    assert found.interval[0] < found.chance < found.interval[1]


def test_zero_and_broken_words_are_not_asked() -> None:
    rows = data()
    rows[3], rows[4] = 0, np.nan
    usable = np.delete(np.arange(60), 4)
    assert neighbour_overlaps(model(rows), Rows(rows), usable, [8], None, 5, 1)[0] == 58
    assert neighbour_overlaps(model(rows), Rows(rows), usable, [8], 20, 5, 1)[0] <= 20
    assert neighbour_overlaps(model(rows), Rows(rows), usable, [8], 0, 5, 1) == (0, [None])
    assert neighbour_overlaps(model(rows[:1]), Rows(rows[:1]), np.arange(1), [8], 5, 5, 1) == (0, [None])


def test_mean_share_is_that_of_the_prefix() -> None:
    rows = data() + np.float32(1)
    exact = rows.astype(float)
    found = mean_shares(exact.mean(axis=0), (exact ** 2).mean(axis=0), [3, 8], 60)
    for one, k in zip(found, (3, 8), strict=True):
        mean = exact[:, :k].mean(axis=0)
        assert one.value == pytest.approx(mean @ mean / (exact[:, :k] ** 2).sum(axis=1).mean())
        assert one.chance == 1 / 60
