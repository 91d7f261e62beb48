"""Numbers of all words and of bands."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.differences.parts import WordMoves
from w2v.analysis.differences.summary import bands
from w2v.analysis.samples import drawn_from_bands
from w2v.analysis.shared_words import frequency_bands


def each(overlap: np.ndarray) -> WordMoves:
    m, unknown = len(overlap), np.full(len(overlap), np.nan)
    return WordMoves([f"w{i}" for i in range(m)], np.arange(m), np.arange(m), None, None, np.linspace(0, 1, m), unknown,
                     unknown, overlap, unknown, unknown, unknown, unknown, np.arange(m))


@pytest.mark.parametrize("seed", range(5))
def test_mean_overlap_weighs_bands_by_their_words(seed: int) -> None:
    m = 30_000
    rng = np.random.default_rng(seed)
    overlap = np.clip(np.linspace(0.9, 0.1, m) + 0.1 * rng.normal(size=m), 0, 1)
    sampled = drawn_from_bands(frequency_bands(np.arange(m)), 1000, seed)
    total, *parts = bands(each(overlap), sampled, None, False, 10, 0.5, 1)
    assert [band.words for band in parts] == [100, 900, 9000, 20_000] and total.sampled == 1000
    assert sum(band.sampled for band in parts) == 1000 and parts[1].sampled > 200
    middle, (low, high) = total.overlap.value, total.overlap.interval
    assert abs(middle - overlap.mean()) < 2 * (high - middle) and 0.005 < high - low < 0.05
    assert abs(overlap[sampled].mean() - overlap.mean()) > 0.05  # frequent words are in the sample more often
    assert total.below.value == 0.5 and total.cosine.value == pytest.approx(0.5)
