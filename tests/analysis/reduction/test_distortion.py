"""Samples of pairs, ratios of distances, cosines of prefixes."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.reduction import distortion as module
from w2v.analysis.reduction.distortion import distortion, prefix_cosines, prefix_of
from w2v.analysis.samples import random_pairs
from w2v.formats.rows import Rows


def rows(n: int = 50, d: int = 6, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.mark.parametrize("block", [6, 1 << 20])
def test_ratios_are_those_of_squared_distances(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    before = rows()
    found = distortion(Rows(before), Rows(before * np.float32(2)), random_pairs(np.arange(50), 200, 1), 0.5, 1)
    assert found.least == found.most == pytest.approx(4) and found.mean.value == pytest.approx(4)
    assert found.within is not None and found.within.value == 0 and sum(found.counts) == found.pairs == 200
    after = before[:, :3]
    drawn = random_pairs(np.arange(50), 200, 1)
    exact = [((after[i] - after[j]) ** 2).sum() / ((before[i] - before[j]) ** 2).sum() for i, j in drawn.T]
    found = distortion(Rows(before), Rows(after), drawn, 0.4, 1)
    assert found.within is not None and found.within.value == np.mean(np.abs(np.array(exact) - 1) <= 0.4)
    assert found.mean.value == pytest.approx(np.mean(exact)) and found.most == pytest.approx(max(exact))
    assert len(found.edges) == len(found.counts) + 1


def test_equal_vectors_have_no_ratio() -> None:
    same = np.ones((5, 3), dtype=np.float32)
    found = distortion(Rows(same), Rows(same), random_pairs(np.arange(5), 10, 1), 0.5, 1)
    assert found.pairs == 0 and found.counts == () and np.isnan(found.mean.value)


def test_expected_range_is_that_of_chi_squared() -> None:
    k = 40
    before = rows(2000, 200, 5)
    matrix = np.random.default_rng(2).normal(size=(200, k)).astype(np.float32) / np.float32(np.sqrt(k))
    drawn = random_pairs(np.arange(2000), 20_000, 1)
    found = distortion(Rows(before), Rows(before @ matrix), drawn, None, 1, k)
    assert found.expected is not None and found.within is None
    chi = np.percentile(np.random.default_rng(1).chisquare(k, 200_000) / k, [2.5, 97.5])
    np.testing.assert_allclose(found.expected, chi, atol=0.01)
    np.testing.assert_allclose(found.middle, found.expected, atol=0.15)


@pytest.mark.parametrize("block", [6, 1 << 20])
def test_cosines_of_prefixes(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    data = rows()
    data[7] = 0
    data[8, :2] = 0
    drawn = random_pairs(np.arange(50), 100, 3)
    found = prefix_cosines(Rows(data), drawn, [2, 6])
    for line, k in zip(found, (2, 6), strict=True):
        a, b = data[drawn[0], :k].astype(float), data[drawn[1], :k].astype(float)
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        np.testing.assert_allclose(line, (a * b).sum(axis=1) / np.where(lengths > 0, lengths, 1), atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bf16", "int8"])
def test_prefix_of_stored_rows_is_read_like_the_rows(dtype: str) -> None:
    stored = Rows.encode(rows(), dtype)
    assert np.array_equal(prefix_of(stored, 4)[:], stored[:][:, :4])
    assert prefix_of(stored, 4).data.base is not None, "a view"
