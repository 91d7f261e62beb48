"""Texts that repeat themselves: how much of them is new, and the words that they have."""

from pathlib import Path

import numpy as np
import pytest
from helpers import estimates, zipf

from w2v.corpus.encode import encode
from w2v.corpus.estimate import chunks
from w2v.corpus.estimate.growth import Estimate, falling
from w2v.corpus.estimate.repetition import distinct_text


def sampled(n_different: int, copies: int, n_chunks: int, length: int = 2000, seed: int = 2) -> list[np.ndarray]:
    """Chunks at random positions of copies of a random text."""
    rng = np.random.default_rng(seed)
    text = np.tile(rng.integers(0, 5000, n_different).astype(np.int32), 2)
    starts = rng.integers(0, n_different, n_chunks) if copies > 1 else np.arange(n_chunks) * length
    return [text[start:start + length] for start in starts]


@pytest.mark.parametrize("n_different", [20_000, 200_000, 600_000])
def test_size_of_the_text_that_is_copied_is_found(n_different: int) -> None:
    total = 1000.0 * n_different
    found = distinct_text(sampled(n_different, 1000, 200), Estimate(total, total, total), 200)
    assert found.low <= n_different <= found.high < 2.5 * n_different
    assert found.expected == pytest.approx(n_different, rel=0.25)


def test_text_without_copies_is_new_but_a_sample_cannot_be_sure() -> None:
    total = 4e9
    found = distinct_text(sampled(1_000_000, 1, 200), Estimate(total, 0.9 * total, 1.1 * total), 200)
    assert found.expected == total and found.high == 1.1 * total
    assert found.low == pytest.approx(200 / 4 * 400_000, rel=0.1)
    assert distinct_text(sampled(1_000_000, 1, 200), Estimate(total, total, total), 0).low == total  # from the start


def test_copies_in_a_part_of_the_text_lower_only_the_lower_bound() -> None:
    parts = sampled(20_000, 1000, 40) + sampled(1_000_000, 1, 160, seed=3)
    found = distinct_text(parts, Estimate(1e9, 1e9, 1e9), 200)
    assert found.expected == found.high == 1e9 and found.low < 1e8


@pytest.mark.parametrize("copies", [4, 10, 200])
@pytest.mark.slow
def test_vocabulary_of_repeated_text_is_within_its_bounds_and_falls(copies: int, tmp_path: Path,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1 << 13)
    path = tmp_path / "text"
    path.write_bytes(zipf.text(300_000))
    counts = copies * encode(path, min_count=1).vocabulary.counts
    found = estimates.estimate([path] * copies, sample_bytes=2 << 20)
    assert not found.sample.complete
    asked = [1, 2, 3, 5, 10, 17, 20, 50, 77, 100, 1000]
    guesses = [found.vocabulary(least) for least in asked]
    for least, guess in zip(asked, guesses, strict=True):
        assert guess.low <= (counts >= least).sum() <= guess.high, least
    for values in zip(*((guess.expected, guess.low, guess.high) for guess in guesses), strict=True):
        assert all(a >= b for a, b in zip(values, values[1:], strict=False))


def test_estimates_that_rise_are_made_to_fall() -> None:
    made = falling([Estimate(100, 90, 120), Estimate(110, 95, 130), Estimate(50, 20, 60), Estimate(1, 0, 70)])
    assert [(one.low, one.high) for one in made] == [(95, 120), (95, 120), (20, 60), (0, 60)]
    assert made[0].expected == made[1].expected == pytest.approx(11000**0.5) and made[2].expected == pytest.approx(50)
    assert falling([]) == []
