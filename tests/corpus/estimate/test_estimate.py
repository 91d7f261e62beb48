"""Estimates of a text from a sample of bounded size, against known texts."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers import zipf
from helpers.estimates import estimate, true_vocabulary, write_text
from helpers.vector_files import text_packers

from w2v.config import TrainConfig
from w2v.corpus.blocks import Descriptor
from w2v.corpus.encode import encode
from w2v.corpus.estimate import chunks, sample
from w2v.corpus.estimate.estimate import TextEstimate
from w2v.corpus.estimate.growth import Estimate, measure, vocabulary
from w2v.corpus.estimate.sample import take_sample
from w2v.errors import FormatError, W2VError
from w2v.planning import advice


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_text(tmp_path_factory.mktemp("plan"))


@pytest.fixture(scope="module")
def truth(corpus: Path) -> dict[int, int]:
    return true_vocabulary(corpus)


@pytest.fixture(autouse=True)
def enough_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time limit of reading must not depend on the machine."""
    monkeypatch.setattr(sample, "READING_SECONDS", 60.0)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
@pytest.mark.slow
def test_bounds_contain_the_true_numbers(corpus: Path, truth: dict[int, int], monkeypatch: pytest.MonkeyPatch,
                               share: float) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1 << 13)
    size = corpus.stat().st_size
    found = estimate(corpus, sample_bytes=int(share * size))
    read = sum(part.text_read for part in found.sample.parts)
    assert not found.sample.complete and read < (share + 0.02) * size
    assert found.bytes_on_disk == Estimate(size, size, size) and found.words.low < found.words.high
    assert found.words.low <= 600_000 <= found.words.high and found.lines.low <= 30_000 <= found.lines.high
    assert found.words.high / found.words.low < 1.1
    for least, words in truth.items():
        guess = found.vocabulary(least)
        assert guess.low <= words <= guess.high, least
        most = 4 if share > 0.05 else 8  # a few chunks cannot show whether the text repeats itself
        assert guess.low < guess.expected < guess.high < most * guess.low, least
    unknown = 1 - encode(corpus, min_count=5).n_words / 600_000
    assert 1 - found.known_share(5) == pytest.approx(unknown, abs=0.02)
    assert found.word_bytes(5) == pytest.approx(len(encode(corpus).vocabulary.blob) / truth[5], rel=0.25)


def test_vocabulary_growth_of_an_empty_text_and_of_one_word() -> None:
    all_of_it = Estimate(5.0, 5.0, 5.0)
    assert vocabulary(measure([], 0), all_of_it, 1, complete=True, from_start=False) == Estimate(0, 0, 0)
    one = measure([np.zeros(5, np.int32)], 1)
    assert vocabulary(one, all_of_it, 5, complete=True, from_start=False) == Estimate(1, 1, 1)
    more = vocabulary(one, Estimate(500, 500, 500), 5, complete=False, from_start=False)
    assert 1 <= more.low <= more.expected <= more.high <= 100


def test_ten_gigabytes_cost_as_much_as_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "huge.txt"
    with open(path, "wb") as file:
        file.truncate(10 << 30)  # holes: no disk is used
    text = np.frombuffer(zipf.text(200_000), np.uint8)
    places: list[tuple[int, int]] = []

    def read_into(self: Descriptor, room: memoryview, begin: int) -> None:
        places.append((begin, len(room)))
        start = begin % 7919
        room[:] = text[start : start + len(room)].data

    monkeypatch.setattr(Descriptor, "read_into", read_into)
    found = estimate(path, sample_bytes=4 << 20)
    assert sum(size for _, size in places) < 10 << 20
    begins = np.sort([begin for begin, size in places if size > 64])  # smaller reads look at the bytes before a chunk
    assert begins[0] < 10 << 25 and begins[-1] > (10 << 30) - (10 << 25)
    assert np.diff(begins).max() < 10 * (10 << 30) / len(begins)
    assert found.bytes_on_disk.expected == 10 << 30 and not found.sample.complete
    assert found.words.expected == pytest.approx((10 << 30) * 200_000 / len(text), rel=0.05)


def test_reading_ends_at_the_time_limit(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1 << 12)
    found = take_sample(corpus, seconds=0.0)
    assert len(found.chunks) == 1 and not found.complete
    assert TextEstimate(found).words.expected == pytest.approx(600_000, rel=0.2)


@pytest.mark.parametrize("pack", text_packers().values(), ids=text_packers())
@pytest.mark.slow
def test_compressed_files_are_read_from_the_start(corpus: Path, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "packed"
    data = corpus.read_bytes()
    path.write_bytes(pack(data))
    whole = estimate(path)
    assert whole.sample.complete and whole.words == Estimate(600_000, 600_000, 600_000)
    assert (whole.text_bytes.expected, whole.bytes_on_disk.expected) == (len(data), path.stat().st_size)
    part = estimate(path, sample_bytes=len(data) // 2)
    assert part.sample.from_start and not part.sample.complete
    if part.sample.parts[0].raw_read:  # else the decompressor has taken all of the file at once, and tells no ratio
        assert 0.75 * len(data) < part.text_bytes.expected < 1.1 * len(data)
    lines = advice.advice(part, part.sizes(5, None), TrainConfig(), 1, 1, False)
    assert any("from the start only" in line for line in lines) and any("decompressed" in line for line in lines)


def test_plain_and_compressed_files_in_one_corpus(corpus: Path, tmp_path: Path, truth: dict[int, int],
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    lines = corpus.read_bytes().splitlines(keepends=True)
    for k in range(40):
        part = b"".join(lines[k::40])
        (tmp_path / f"{k:02d}").write_bytes(part if k % 4 else gzip.compress(part))
    whole = estimate(tmp_path)
    assert whole.sample.complete and whole.words.expected == 600_000 and len(whole.sample.parts) == 2
    assert whole.vocabulary(5).expected == truth[5]
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1 << 13)
    part_of_it = estimate(tmp_path, sample_bytes=800_000)
    plain, packed = part_of_it.sample.parts
    assert not plain.complete and not packed.complete and packed.raw_read < packed.bytes_on_disk
    assert part_of_it.words.low <= 600_000 <= part_of_it.words.high < 1.5 * part_of_it.words.low
    assert part_of_it.vocabulary(5).low <= truth[5] <= part_of_it.vocabulary(5).high


@pytest.mark.slow
def test_truncated_archives_and_pipes_are_refused(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(corpus.read_bytes())[:-1000])
    with pytest.raises(FormatError, match=r"cut\.gz.*truncated"):
        estimate(path)
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names; the archives were tested")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(W2VError, match="a sample needs files"):
        estimate(tmp_path / "pipe")


def test_many_files_are_sampled(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                truth: dict[int, int]) -> None:
    lines = corpus.read_bytes().splitlines(keepends=True)
    for k in range(0, len(lines), 15):
        (tmp_path / f"{k:06d}").write_bytes(b"".join(lines[k : k + 15]))
    (tmp_path / ".hidden").write_bytes(b"\0\0\0")
    (tmp_path / "empty").write_bytes(b"")
    whole = estimate(tmp_path)
    assert whole.sample.complete and whole.words.expected == 600_000 and whole.sample.files == 2001
    monkeypatch.setattr(sample, "MOST_FILES", 300)
    found = estimate(tmp_path)
    assert (found.sample.files, found.sample.files_looked_at) == (2001, 300) and not found.sample.complete
    assert len(found.sample.chunks) <= 300
    for value, real in ((found.bytes_on_disk, corpus.stat().st_size), (found.words, 600_000),
                        (found.vocabulary(5), truth[5])):
        assert value.low <= real <= value.high < 3 * value.low
