"""Encoding from end to end against a plain Python oracle: any input, block size, number of threads, memory or file."""

import bz2
import gzip
import lzma
import os
import random
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from w2v.corpus import id_store as idstore
from w2v.corpus.encode import encode
from w2v.corpus.encoded import CorpusReport, EncodedCorpus
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.system import resources

SCRIPTS = ["abcdefgh", "абвгдежз", "日本語中文字", "αβγδ", "אבגד", "añ€𝄞", "etaoin"]
SPACES = [" ", " ", " ", "  ", "\t", "\v\f", "\r", "\n", "\n\n", "\r\n", " \n "]


def random_text(rng: random.Random, n_words: int) -> bytes:
    script = rng.choice(SCRIPTS)
    words = ["".join(rng.choice(script) for _ in range(rng.choice((1, 1, 2, 3, 9, 20)))) for _ in range(12)]
    pieces = [part for _ in range(n_words) for part in (rng.choice(words), rng.choice(SPACES))]
    return "".join(pieces[: len(pieces) - rng.randrange(2)]).encode()


def oracle(text: bytes, min_count: int) -> tuple[list[bytes], list[int], list[int]]:
    """Words, counts and ids, the slow and obvious way."""
    lines = [line.split() for line in text.split(b"\n")]
    counts = Counter(word for line in lines for word in line)
    words = sorted((word for word in counts if counts[word] >= min_count), key=lambda word: (-counts[word], word))
    number = {word: id for id, word in enumerate(words)}
    ids: list[int] = []
    for line in lines:
        known = [number[word] for word in line if word in number]
        ids += [*known, -1] if known else []
    return words, [counts[word] for word in words], ids


def check(encoded: EncodedCorpus, text: bytes, min_count: int) -> None:
    words, counts, ids = oracle(text, min_count)
    assert [word.encode("utf-8", "surrogateescape") for word in encoded.vocabulary.words] == words
    assert encoded.vocabulary.counts.tolist() == counts
    assert encoded.ids.tolist() == ids
    assert encoded.ids.dtype == np.int32 and encoded.ids.flags.c_contiguous
    lines = [line.split() for line in text.split(b"\n")]
    report = encoded.report
    assert report.words == len(text.split())
    assert report.words_unknown + encoded.n_words == report.words
    assert encoded.n_words == sum(counts)
    assert report.lines == sum(map(bool, lines))
    assert report.longest_line == max(map(len, lines))
    assert report.longest_word == max(map(len, text.split()))
    assert report.distinct_words == len(set(text.split()))
    assert report.crlf_lines == text.count(b"\r\n")


def test_random_texts_at_all_block_sizes_equal_the_oracle(tmp_path: Path) -> None:
    rng = random.Random(1)
    path = tmp_path / "text"
    for block_size in [*range(1, 65), 1 << 20] * 2:
        text = random_text(rng, rng.randrange(1, 120))
        path.write_bytes(text)
        min_count = rng.choice((1, 2, 3))
        if max(Counter(text.split()).values()) >= min_count:
            check(encode(path, min_count=min_count, block_size=block_size), text, min_count)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_any_number_of_threads_gives_the_same(tmp_path: Path, threads: int) -> None:
    rng = random.Random(2)
    text = b"".join(random_text(rng, 700) + b"\n" for _ in range(20))
    (tmp_path / "text").write_bytes(text)
    for block_size in (16, 1000, 1 << 20):
        check(encode(tmp_path / "text", min_count=2, threads=threads, block_size=block_size), text, 2)


ADVERSARIAL = {
    "cuts in words": b"abcdefghijklmnopq " * 300,
    "one letter": b"a b c d e f g h i j a\n" * 200,
    "no final newline": b"one two\nthree\r\n" * 100 + b"last",
    "ends in CR": b"a\r\r\nb\rc\r" * 150,
    "CRLF": b"first second\r\n\r\nthird\r\n" * 100,
    "blank": b" " * 500 + b"\n" * 500 + b"x" + b"\t\v\f " * 200 + b"y\n\n",
    "invalid UTF-8": b"ok \xff\xfe b\xe9d \xe2\x82 \xf0\x9f ok\n" * 100,
    "long words": b" ".join(b"w" * n + b"%d" % (n % 7) for n in range(1, 700, 3)) * 2,
    "one long word": b"x" * 5000 + b" y " + b"z" * 70_000,
    "marks": b"\xef\xbb\xbfone \xef\xbb\xbftwo\n" * 40,
    "empty lines": b"\n" * 999 + b"end",
}


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_several_threads_equal_one_wherever_blocks_are_cut(tmp_path: Path, name: str) -> None:
    text = ADVERSARIAL[name]
    path = tmp_path / "text"
    path.write_bytes(text)
    without_mark = text[3:] if text.startswith(b"\xef\xbb\xbf") else text
    for block_size in (1, 7, 16, 17, 64, 1000, 4096):
        if block_size < 16 and len(text) > 10_000:
            continue
        for threads in (1, 2, 5):
            for share in (0.0, 0.5):
                encoded = encode(path, min_count=1, threads=threads, block_size=block_size, memory_share=share)
                check(encoded, without_mark, 1)


def test_threads_that_are_more_than_blocks_and_files_of_all_sizes(tmp_path: Path) -> None:
    rng = random.Random(9)
    parts = [random_text(rng, rng.choice((1, 30, 900))) for _ in range(30)]
    for number, part in enumerate(parts):
        (tmp_path / f"{number:02d}").write_bytes(part)
    complete = b"".join(p if p.endswith(b"\n") else p + (b" \n" if p.endswith(b"\r") else b"\n") for p in parts)
    for block_size in (16, 300, 1 << 20):
        encoded = encode(tmp_path, min_count=2, threads=16, block_size=block_size)
        check(encoded, complete, 2)
        assert encoded.report.files == 30


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_groups_of_ids_are_rewritten_in_order(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    """In place and to other memory, with line ends and unknown words at the edges of groups."""
    monkeypatch.setattr(idstore, "GROUP_IDS", 8)
    rng = np.random.default_rng(10)
    for _ in range(60):
        ids = rng.integers(-1, 4, rng.integers(1, 200)).astype(np.int32)
        final = np.array([-1, *rng.permutation([0, 1, -2, -2])], np.int32)
        expected = np.empty(len(ids) + 1, np.int32)
        kept, _ = idstore.remap(ids, final, expected, -1)
        apart = np.empty(kept + 1, np.int32)
        cuts = np.sort(rng.integers(0, len(ids), 3))
        assert idstore.rewrite(iter(np.split(ids, cuts)), final, apart, threads) == kept
        assert apart[:kept].tolist() == expected[:kept].tolist()
        assert idstore.rewrite(iter([ids]), final, ids, threads) == kept
        assert ids[:kept].tolist() == expected[:kept].tolist()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_equals_plain(tmp_path: Path, pack: object) -> None:
    text = random_text(random.Random(4), 3000)
    (tmp_path / "text").write_bytes(pack(text))
    check(encode(tmp_path / "text", min_count=1, threads=2, block_size=100), text, 1)


def test_iterables_equal_files() -> None:
    rng = random.Random(5)
    text = random_text(rng, 2000)
    lines = [line.split() for line in text.decode().split("\n")]
    from_file = oracle(text, 2)

    def sentences() -> Iterator[list[str]]:
        yield from lines

    for corpus in (lines, sentences(), tuple(lines)):
        encoded = encode(corpus, min_count=2, block_size=50)
        assert encoded.ids.tolist() == from_file[2]
        assert [word.encode() for word in encoded.vocabulary.words] == from_file[0]
    encoded = encode([["new york", "new york", ""], ["a\r", "\0"]], min_count=1)
    assert encoded.vocabulary.words == ["new york", "\0", "a\r"]
    assert encoded.ids.tolist() == [0, 0, -1, 2, 1, -1]
    assert (encoded.report.empty_tokens, encoded.report.crlf_lines) == (1, 0)


def test_odd_texts_are_trained_on_and_counted(tmp_path: Path) -> None:
    for name, text in (("invalid", b"ok \xff\xfe b\xe9d ok ok \xe2\x82 b\xe9d\r\nlast"),
                       ("word", b"w" * 1_000_000 + b" x"), ("cr", b"a\r\r\nb\rc\r"), ("blank", b"\n\n \n a \n\n b")):
        (tmp_path / name).write_bytes(text)
        check(encode(tmp_path / name, min_count=1), text, 1)
        check(encode(tmp_path / name, min_count=1, block_size=4096, threads=2), text, 1)
    report = encode(tmp_path / "invalid", min_count=3).report
    assert (report.invalid_utf8_words, report.invalid_utf8_bytes) == (4, 6)
    assert (report.files_without_final_newline, report.crlf_lines, report.files) == (1, 1, 1)


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


def test_errors_name_the_input(tmp_path: Path) -> None:
    path = tmp_path / "few.txt"
    for content in (b"", b" \n\t\n"):
        path.write_bytes(content)
        with pytest.raises(CorpusError, match="few.txt: the corpus is empty"):
            encode(path)
    path.write_bytes(b"a b a c")
    with pytest.raises(CorpusError, match="few.txt: none of the 3 distinct words occurs 5 times.* is 2;"):
        encode(path)
    with pytest.raises(CorpusError, match="empty"):
        encode([])
    path.write_bytes(b"a " * 1000 + b"\0")
    for threads in (1, 2):
        with pytest.raises(FormatError, match="byte 2000: NUL"):
            encode(path, threads=threads, block_size=10)


@pytest.mark.parametrize("wrong", [
    {"min_count": 0}, {"max_vocab": 0}, {"threads": 0}, {"memory_share": 1.5}, {"memory_share": -0.1},
    {"block_size": 0},
])
def test_parameters_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        encode([["a"]], **wrong)


def test_max_vocab_makes_the_rest_unknown() -> None:
    encoded = encode([["a", "b", "a", "c"], ["c"], ["b", "a"], ["d"]], min_count=1, max_vocab=2)
    assert encoded.vocabulary.words == ["a", "b"]
    assert encoded.ids.tolist() == [0, 1, 0, -1, 1, 0, -1]
    assert (encoded.n_words, encoded.report.words_unknown, encoded.report.lines) == (5, 3, 4)


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    text = random_text(random.Random(6), 500)
    (tmp_path / "text").write_bytes(text)
    calls: list[tuple[int, int | None, int]] = []
    encode(tmp_path / "text", min_count=1, block_size=64, progress=lambda *call: calls.append(call))
    assert len(calls) > 10
    assert calls == sorted(calls)
    assert calls[-1] == (len(text), len(text), len(text.split()))


# --- where the ids stand -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slab_bytes", "limit"), [(4, 1 << 30), (64, 1 << 30), (4096, 1 << 30), (64, 0), (64, 300),
                                                   (1 << 26, 0)])
def test_slabs_and_spooled_file_give_the_same_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slab_bytes: int, limit: int
) -> None:
    monkeypatch.setattr(idstore, "SLAB_BYTES", slab_bytes)
    monkeypatch.setattr(idstore, "available_memory", lambda: limit)
    text = random_text(random.Random(7), 2000)
    (tmp_path / "text").write_bytes(text)
    spool = tmp_path / "spool"
    spool.mkdir()
    encoded = encode(tmp_path / "text", min_count=3, memory_share=1.0, spool_dir=spool, block_size=512)
    check(encoded, text, 3)
    encoded.ids[0] = 7  # writable in both cases
    assert list(spool.iterdir()) == []


def test_memory_share_zero_uses_the_folder(tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="missing"):
        encode([["a"]], min_count=1, memory_share=0, spool_dir=tmp_path / "missing")
    assert encode([["a"]], min_count=1, memory_share=0, spool_dir=tmp_path).ids.tolist() == [0, -1]


def test_full_disk_is_foreseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(resources.shutil, "disk_usage", lambda folder: usage._replace(free=10**6))
    with pytest.raises(W2VError, match=r"need about 0.1 GB more on disk, but 0.0 GB are free here; set spool_dir"):
        encode([["a"] * 100], memory_share=0, spool_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_interrupt_stops_and_leaves_no_file(tmp_path: Path, threads: int) -> None:
    (tmp_path / "text").write_bytes(b"some words " * 1000)
    spool = tmp_path / "spool"
    spool.mkdir()

    def interrupt(bytes_read: int, total: int | None, words: int) -> None:
        if words > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        encode(tmp_path / "text", threads=threads, block_size=64, memory_share=0, spool_dir=spool, progress=interrupt)
    assert list(spool.iterdir()) == []
    assert caught.tb is not None  # alive, and yet:
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("w2v-tokenizer")]


def test_available_memory_is_plausible(tmp_path: Path) -> None:
    assert 1 << 20 < resources.available_memory() < 1 << 50
    (tmp_path / "max").write_text("1000\n")
    (tmp_path / "now").write_text("400\n")
    assert resources._rest(tmp_path / "max", tmp_path / "now") == 600
    (tmp_path / "max").write_text("max\n")
    assert resources._rest(tmp_path / "max", tmp_path / "now") is None
    assert resources._rest(tmp_path / "none", tmp_path / "now") is None


# --- shards --------------------------------------------------------------------------------------------------------


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


def test_shards_refuses_zero() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        with_ids(np.array([0, -1], np.int32)).shards(0)
