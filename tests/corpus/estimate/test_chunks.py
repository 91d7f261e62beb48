"""Chunks of a sample: together they are the text, and they are spread evenly."""

import gzip
import random
from pathlib import Path

import numpy as np
import pytest

from w2v.corpus.encode import encode
from w2v.corpus.estimate import chunks
from w2v.corpus.estimate.chunks import spread
from w2v.corpus.estimate.sample import take_sample


@pytest.mark.parametrize("piece", [16, 64, 1000])
def test_chunks_together_are_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    rng = random.Random(piece)
    parts = [rng.choice(["a", "bcd", "зж", "日本語", "x" * rng.choice((3, 6))]) + rng.choice([" ", "\n", "\r\n", "\t "])
             for _ in range(3000)]
    for name, text in (("a", "".join(parts)), ("b", "".join(parts).rstrip()), ("c", "\ufeff" + "".join(parts))):
        (tmp_path / name).write_bytes(text.encode())
        monkeypatch.setattr(chunks, "CHUNK_BYTES", piece)
        found = take_sample(tmp_path / name, seconds=60.0)
        expected = encode(tmp_path / name, min_count=1)
        assert found.complete and len(found.chunks) >= min(10, len(text) // piece)
        assert (found.words, sum(part.lines for part in found.parts)) == (expected.report.words, expected.report.lines)
        assert sorted(found.table.counts()) == sorted(expected.vocabulary.counts)


@pytest.mark.parametrize("piece", [12, 16, 64, 1000])
@pytest.mark.parametrize("fewest", [0, 1])
@pytest.mark.parametrize("packed", [False, True])
def test_line_weights_are_not_words_wherever_chunks_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                             piece: int, packed: bool, fewest: int) -> None:
    """Also if a chunk begins in the white space before a weight, or right after it. Lines are counted exactly if each
    has words."""
    rng, lines = random.Random(piece), []
    for _ in range(800):
        words = [rng.choice(["a", "bcd", "0.5", "7", "日本語"]) for _ in range(rng.randrange(fewest, 6))]
        lines.append(rng.choice(["", "", " ", "\t   ", " " * 20]) + rng.choice(["1", "0", "2.25 ", "1e-3"]) + " "
                     + " ".join(words) + rng.choice(["\n", " \n", "\r\n", "\n \n\n"]))
    text, path = "\ufeff" + " " * 20 + "".join(lines), tmp_path / "text"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    monkeypatch.setattr(chunks, "CHUNK_BYTES", piece)
    found = take_sample(path, line_weights=True, seconds=60.0)
    expected = encode(path, min_count=1, line_weights=True)
    assert found.complete and found.words == expected.report.words == expected.n_words > 1000
    assert not fewest or sum(part.lines for part in found.parts) == expected.report.lines == 800
    assert sorted(found.table.counts()) == sorted(expected.vocabulary.counts) and len(found.table) == 5
    assert all((ids >= -1).all() for ids in found.chunks)
    numbers = take_sample(path, seconds=60.0)
    assert numbers.words > found.words + 500 and len(numbers.table) > 5


def test_spread_is_even_and_never_repeats() -> None:
    for n, most in ((1, 5), (10, 100), (1000, 1000), (10**6, 1000), (10**12, 500)):
        order = list(spread(n, most))
        assert len(set(order)) == len(order) == min(n, most) and 0 <= min(order) <= max(order) < n
        for k in (most // 10, most):
            if 10 < k < len(order) < n:
                gaps = np.diff(sorted(order[:k]))
                assert gaps.max() < 5 * n / k
