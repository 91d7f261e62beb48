"""Usable rows, and samples of words and of pairs."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis import samples
from w2v.analysis.samples import drawn_from_bands, drawn_rows, random_pairs, usable_blocks, usable_rows
from w2v.analysis.shared_words import frequency_bands
from w2v.keyedvectors import KeyedVectors


@pytest.mark.parametrize("block", [1, 40, 1 << 20])
@pytest.mark.parametrize("broken", [[], [0], [3, 4, 5], [8], list(range(9))])
def test_blocks_hold_every_usable_row_once(monkeypatch: pytest.MonkeyPatch, block: int, broken: list[int]) -> None:
    monkeypatch.setattr(samples, "BLOCK", block)
    data = np.random.default_rng(1).normal(size=(9, 6)).astype(np.float32)
    data[broken, 2] = np.inf
    kv = KeyedVectors([f"w{i}" for i in range(9)], data)
    rows = usable_rows(kv)
    assert rows.tolist() == [i for i in range(9) if i not in broken]
    assert np.array_equal(np.concatenate(list(usable_blocks(kv))), data[rows])


@pytest.mark.parametrize("size, expected", [(None, 10), (4, 4), (10, 10), (50, 10)])
def test_drawn_rows_are_distinct_and_in_order(size, expected):
    rows = drawn_rows(np.arange(0, 20, 2), size, 1)
    assert len(rows) == expected and (np.diff(rows) > 0).all() and set(rows.tolist()) <= set(range(0, 20, 2))


@pytest.mark.parametrize(("sizes", "sample", "expected"), [
    ([5, 100, 100], 60, [5, 28, 27]), ([100], 30, [100]), ([2, 2], 1, [1, 0]), ([3, 4], 99, [3, 4])])
def test_bands_share_a_sample(sizes: list[int], sample: int, expected: list[int]) -> None:
    bands = np.repeat(np.arange(len(sizes)), sizes)
    chosen = drawn_from_bands(bands, sample, 1)
    assert len(set(chosen.tolist())) == len(chosen) == min(sample, len(bands))
    counts = sorted(np.bincount(bands[chosen], minlength=len(sizes)).tolist())
    assert counts == sorted(expected) if len(sizes) > 1 else len(chosen) == sample


@pytest.mark.parametrize("m, size", [(10, 4), (150, 100), (5000, 300), (20_000, 2000), (300_000, 2000), (50, 50),
                                     (50, 80), (500, None)])
def test_sample_has_about_as_many_words_of_each_band(m: int, size: int | None) -> None:
    found = drawn_from_bands(frequency_bands(np.arange(m)), size, 1)
    assert len(found) == min(m, size or m) == len(set(found.tolist())) and (np.diff(found) > 0).all()
    assert found[0] >= 0 and found[-1] < m
    if m == 300_000:
        sizes = np.histogram(found, [0, 100, 1000, 10_000, 100_000, m])[0]
        assert sizes.tolist() == [100, 475, 475, 475, 475]


def test_pairs_are_distinct_usable_rows() -> None:
    data = np.random.default_rng(1).normal(size=(9, 6)).astype(np.float32)
    data[[2, 5]] = np.nan
    usable = usable_rows(KeyedVectors([str(i) + "w" for i in range(9)], data))
    assert usable.tolist() == [0, 1, 3, 4, 6, 7, 8]
    drawn = random_pairs(usable, 20, 1)
    assert drawn.shape == (2, 20) and (drawn[0] != drawn[1]).all() and set(drawn.ravel().tolist()) <= {*usable.tolist()}
    seen = np.concatenate([random_pairs(usable, 20, seed) for seed in range(40)], axis=1)
    assert len({tuple(pair) for pair in seen.T.tolist()}) == 7 * 6, "all pairs can be drawn"


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_few_rows_give_each_pair_once(n: int) -> None:
    drawn = random_pairs(np.arange(n) * 3, 21, 1)
    assert sorted(map(tuple, drawn.T.tolist())) == [(3 * i, 3 * j) for i in range(n) for j in range(i + 1, n)]
