"""The encoded corpus: its shards and its checksum."""

import hashlib
import os
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from w2v.corpus.encode import encode
from w2v.corpus.encoded import CorpusReport, EncodedCorpus, corpus_checksum
from w2v.corpus.vocabulary import Vocabulary


def with_ids(ids: np.ndarray) -> EncodedCorpus:
    report = CorpusReport(**{name: 0 for name in CorpusReport.__dataclass_fields__})
    return EncodedCorpus(Vocabulary.from_words(["a"], [1]), ids, 0, report)


def test_shards_cover_everything_once_and_begin_with_words() -> None:
    rng = random.Random(8)
    for _ in range(500):
        lines = [[0] * rng.choice((1, 2, 5, 300)) + [-1] for _ in range(rng.randrange(1, 60))]
        ids = np.array([id for line in lines for id in line], np.int32)
        n = rng.randrange(1, 20)
        shards = with_ids(ids).shards(n)
        assert 1 <= len(shards) <= n
        assert shards[0][0] == 0 and shards[-1][1] == len(ids)
        assert all(left[1] == right[0] for left, right in pairwise(shards))
        assert all(begin < end and ids[begin] == 0 for begin, end in shards)
        if len(ids) >= 200 * n:
            even = len(ids) / n
            assert len(shards) == n
            assert all(abs(end - begin - even) <= even / 32 + 3 for begin, end in shards)


def test_cuts_lie_at_line_ends_when_lines_are_short() -> None:
    ids = np.tile(np.array([0, 1, 2, 3, 4, -1], np.int32), 10_000)
    for begin, _ in with_ids(ids).shards(7)[1:]:
        assert ids[begin - 1] == -1


def test_one_line_of_three_million_words_is_shared_by_shards(tmp_path: Path) -> None:
    words = np.random.default_rng(1).integers(0, 50, 3_000_000)
    names = np.array([b"w%d " % i for i in range(50)], dtype=object)
    (tmp_path / "text8").write_bytes(b"".join(names[words]))
    encoded = encode(tmp_path / "text8", threads=2)
    assert encoded.report.longest_line == encoded.n_words == 3_000_000
    assert len(encoded.ids) == 3_000_001
    assert (encoded.ids[:-1] >= 0).all() and encoded.ids[-1] == -1
    lengths = [end - begin for begin, end in encoded.shards(4)]
    assert len(lengths) == 4 and max(lengths) - min(lengths) <= 2


def test_shards_beyond_32_bits(tmp_path: Path) -> None:
    size, cut = 2**32 + 3000, (2**32 + 3000) // 2
    path = tmp_path / "sparse"
    with open(path, "wb") as file:
        try:
            file.truncate(4 * size)  # takes no room on the disk
        except OSError:
            pytest.skip("this file system has no sparse files of 16 GB")
        for place in (cut + 1500, size - 1):
            file.seek(4 * place)
            file.write(b"\xff\xff\xff\xff")
    if os.stat(path).st_blocks * 512 > 1 << 30:
        pytest.skip("this file system has no sparse files")
    ids = np.memmap(path, dtype=np.int32, mode="r")
    assert with_ids(ids).shards(2) == [(0, cut + 1501), (cut + 1501, size)]


def test_zero_shards_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        with_ids(np.array([0, -1], np.int32)).shards(0)


def test_checksum_is_that_of_words_and_ids_however_the_text_is_stored(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("b a\nc\n")
    (tmp_path / "b").write_text("a b c\n")
    whole = encode([["b", "a"], ["c"], ["a", "b", "c"]], min_count=2)
    expected = hashlib.sha256(b"a\nb\nc\n" + np.array([1, 0, -1, 2, -1, 0, 1, 2, -1], "<i4").tobytes()).hexdigest()
    assert corpus_checksum(encode(tmp_path, min_count=2)) == corpus_checksum(whole) == expected
    assert corpus_checksum(encode([["b", "a"], ["c"], ["a", "c", "b"]], min_count=2)) != expected
