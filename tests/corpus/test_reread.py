"""Ids that are made again from the text: they are those that would be stored, in bounded memory, or an error."""

from __future__ import annotations

import dataclasses
import gzip
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.corpora import random_text

from w2v.corpus import reread
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedText, corpus_checksum, whole_lines
from w2v.corpus.reread import RereadCorpus, encode_again
from w2v.corpus.warnings import has_contexts
from w2v.errors import CorpusError, W2VError


def lines_of(n: int = 400) -> list[list[str]]:
    rng = np.random.default_rng(3)
    lengths = [0, *rng.integers(0, 12, n), 700, 0, 1]
    return [[f"w{k}" for k in rng.zipf(1.4, length) % 90] for length in lengths]


def plain(folder: Path) -> Any:
    (folder / "text").write_bytes(random_text(random.Random(4), 3000))
    return folder / "text"


def packed(folder: Path) -> Any:
    (folder / "text.gz").write_bytes(gzip.compress(b"".join(" ".join(line).encode() + b"\n" for line in lines_of())))
    return folder / "text.gz"


def several(folder: Path) -> Any:
    """Plain and compressed files, of which some are empty or lack the last line end."""
    text = b"".join(" ".join(line).encode() + b"\r\n" for line in lines_of())
    for number, end in enumerate((0, 4000, 4001, 9000, len(text))):
        (folder / f"{number}.txt").write_bytes(b"\xef\xbb\xbf" * (number == 2) + text[:end])
    (folder / "9.gz").write_bytes(gzip.compress(text[:3000]))
    return folder


def one_line(folder: Path) -> Any:
    (folder / "text").write_text(" ".join(word for line in lines_of() for word in line))
    return folder / "text"


def integers() -> np.ndarray:
    return np.random.default_rng(5).zipf(1.5, 4000) % 60 - 4


def npy(folder: Path) -> Any:
    np.save(folder / "x.npy", integers().reshape(-1, 8))
    return folder / "x.npy"


CORPORA: list[Callable[[Path], Any]] = [
    plain, packed, several, one_line, npy, lambda _: lines_of(), lambda _: tuple(lines_of(50)), lambda _: integers(),
    lambda _: [[int(k) for k in line if k > 0] for line in integers().reshape(-1, 10)],
]


def check_same(found: EncodedText, expected: EncodedText) -> None:
    """Check that two corpora are the same to training, in all ways of reading them."""
    ids = expected.read(0, expected.n_ids)
    assert found.vocabulary.words == expected.vocabulary.words and found.n_words == expected.n_words
    assert np.array_equal(found.vocabulary.counts, expected.vocabulary.counts)
    assert found.vocabulary.integer_keys == expected.vocabulary.integer_keys
    assert dataclasses.replace(found.report, seconds=0) == dataclasses.replace(expected.report, seconds=0)
    assert found.n_ids == len(ids) and np.array_equal(found.read(0, found.n_ids + 5), ids)
    assert np.array_equal(np.concatenate(list(found.scan())), ids)
    assert corpus_checksum(found) == corpus_checksum(expected)
    for n in (1, 7, 50, len(ids) // 3, len(ids) // 2):
        for whole in (False, True):
            assert list(found.shards(n, whole_lines=whole)) == list(expected.shards(n, whole_lines=whole)), (n, whole)
    rng = np.random.default_rng(6)
    for begin, size in zip(rng.integers(0, len(ids), 12).tolist(), rng.integers(0, 400, 12).tolist(), strict=True):
        assert np.array_equal(found.read(begin, begin + size), ids[begin : begin + size])
        assert found.line_weight(begin) == expected.line_weight(begin)


@pytest.mark.parametrize("make", CORPORA)
@pytest.mark.parametrize(("block_size", "threads"), [(300, 1), (300, 3), (1 << 19, 1)])
def test_ids_are_those_that_would_be_stored(tmp_path: Path, make: Callable[[Path], Any], block_size: int,
                                            threads: int) -> None:
    corpus = make(tmp_path)
    for min_count, max_vocab in ((1, None), (4, 9)):
        stored = encode(corpus, min_count=min_count, max_vocab=max_vocab, block_size=block_size)
        again = encode_again(corpus, min_count=min_count, max_vocab=max_vocab, block_size=block_size, threads=threads)
        assert (again.place, stored.place) == ("none", "memory")
        check_same(again, stored)
        again.close()


def test_random_texts_in_blocks_of_any_size(tmp_path: Path) -> None:
    rng = random.Random(9)
    for _ in range(25):
        (tmp_path / "text").write_bytes(random_text(rng, rng.randrange(3, 60)))
        options: dict[str, Any] = {"min_count": rng.randrange(1, 4), "block_size": rng.randrange(1, 90)}
        try:
            stored = encode(tmp_path / "text", **options)
        except CorpusError:
            continue
        check_same(encode_again(tmp_path / "text", **options), stored)


def test_line_weights_are_those_of_the_stored_ids(tmp_path: Path) -> None:
    """With lines of unknown words only, weights without words, and blocks that end after a weight."""
    rng = random.Random(2)
    lines = [f"{rng.choice((0, 0.5, 2, 3.25))} " + " ".join(rng.choice("aaabbcdefghijkl") for _ in range(length))
             for length in (0, 1, 2, 5, 0, 150, *(rng.randrange(8) for _ in range(30)))]
    (tmp_path / "text").write_text("\n\n".join(lines))
    for block_size in (1, 5, 17, 4000):
        stored = encode(tmp_path / "text", min_count=6, line_weights=True, block_size=block_size)
        again = encode_again(tmp_path / "text", min_count=6, line_weights=True, block_size=block_size)
        check_same(again, stored)
        weights = [stored.line_weight(at) for at in range(stored.n_ids)]
        assert [again.line_weight(at) for at in range(stored.n_ids)] == weights and len(set(weights)) > 3


def test_known_words_are_kept() -> None:
    lines, known = lines_of(), ("w3", "never")
    found, expected = (make(lines, min_count=30, known=known) for make in (encode_again, encode))
    check_same(found, expected)
    assert {"w3", "never"} <= set(found.vocabulary.words)


# ---- memory and passes ----------------------------------------------------------------------------------------------


class Passes:
    """Counts how often the text is opened and its blocks are tokenized by readers, not by scans."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = self.tokenized = 0
        open_text, tokenize = reread.TextAgain.open, reread.TextAgain.tokenize

        def opened(text: reread.TextAgain) -> Any:
            self.opened += 1
            return open_text(text)

        def tokenized(text: reread.TextAgain, block: Any) -> Any:
            self.tokenized += 1
            return tokenize(text, block)

        monkeypatch.setattr(reread.TextAgain, "open", opened)
        monkeypatch.setattr(reread.TextAgain, "tokenize", tokenized)


@pytest.fixture
def long_corpus(tmp_path: Path) -> RereadCorpus:
    """A compressed text of about 120 blocks."""
    lines = lines_of(60) * 60
    (tmp_path / "text.gz").write_bytes(gzip.compress(b"".join(" ".join(line).encode() + b"\n" for line in lines)))
    return encode_again(tmp_path / "text.gz", min_count=1, block_size=2000)


def n_blocks(corpus: RereadCorpus) -> int:
    return len(corpus._index)


@pytest.mark.parametrize("epochs", [1, 3])
def test_an_epoch_tokenizes_each_block_once(long_corpus: RereadCorpus, monkeypatch: pytest.MonkeyPatch,
                                            epochs: int) -> None:
    passes, shards = Passes(monkeypatch), long_corpus.shards(40)
    cached = []
    for _ in range(epochs):
        for begin, end in shards:
            long_corpus.read(begin, end)
            cached.append(len(long_corpus._cache._entries))
    assert 80 < n_blocks(long_corpus) and passes.tokenized == epochs * n_blocks(long_corpus)
    assert passes.opened == epochs and max(cached) == reread.CACHED_BLOCKS * 2


def test_end_of_an_epoch_and_start_of_the_next_are_read_side_by_side(long_corpus: RereadCorpus,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    passes, ids = Passes(monkeypatch), np.concatenate(list(long_corpus.scan()))
    shards = list(long_corpus.shards(40))
    passes.opened = passes.tokenized = 0
    for one, other in zip(shards[20:], shards[:20], strict=True):
        for begin, end in (one, other):
            assert np.array_equal(long_corpus.read(begin, end), ids[begin:end])
    assert passes.opened == 2 and passes.tokenized <= n_blocks(long_corpus) + 4
    assert len(long_corpus._cache._readers) <= reread.READERS


def test_parts_can_be_read_in_any_order(long_corpus: RereadCorpus) -> None:
    ids = np.concatenate(list(long_corpus.scan()))
    for begin in (len(ids) - 10, 0, len(ids) // 2, 5, len(ids) - 3000):
        assert np.array_equal(long_corpus.read(begin, begin + 3000), ids[begin : begin + 3000])
    assert len(long_corpus._cache._entries) <= reread.CACHED_BLOCKS * 2


def test_many_threads_read_every_id(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("".join(" ".join(line) + "\n" for line in lines_of(60) * 40))
    corpus = encode_again(tmp_path / "text", min_count=1, block_size=2000, threads=4)
    expected, shards = np.concatenate(list(corpus.scan())), corpus.shards(60)
    numbers, found = iter([*range(60)] * 2), []
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            begin, end = shards[number]
            found.append((begin, np.array_equal(corpus.read(begin, end), expected[begin:end])))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 120 and all(same for _, same in found)
    assert len(corpus._cache._entries) <= reread.CACHED_BLOCKS * 5


def test_cuts_are_looked_for_when_they_are_needed(long_corpus: RereadCorpus, monkeypatch: pytest.MonkeyPatch) -> None:
    passes = Passes(monkeypatch)
    shards = long_corpus.shards(30)
    assert len(shards) == 30 and passes.tokenized == passes.opened == 0
    begin, end = shards[0]
    assert begin == 0 and passes.tokenized <= 2
    assert shards[-1][1] == long_corpus.n_ids and shards[0:2] == [shards[0], shards[1]] and shards[1][0] == end
    with pytest.raises(IndexError):
        shards[30]


def test_closing_releases_the_files(long_corpus: RereadCorpus) -> None:
    long_corpus.read(0, 10)
    reader = long_corpus._cache._readers[0]
    long_corpus.close()
    assert next(reader.blocks, None) is None and not long_corpus._cache._readers
    assert len(long_corpus.read(0, 10)) == 10  # opened again


# ---- passes over all ids --------------------------------------------------------------------------------------------


def test_parts_of_whole_lines_are_the_same_ids() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        ids = np.append(rng.integers(-1, 3, rng.integers(0, 40)), -1).astype(np.int32)
        parts = list(whole_lines(np.split(ids, np.sort(rng.integers(0, len(ids), 5)))))
        assert np.concatenate(parts).tolist() == ids.tolist() and all(part[-1] == -1 for part in parts)
    assert [part.tolist() for part in whole_lines([np.array([1, 2], np.int32)])] == [[1, 2]]


@pytest.mark.parametrize(("lines", "expected"), [([["a"], ["b"]] * 9, False), ([["a"]] * 9 + [["a", "b"]], True)])
@pytest.mark.parametrize("block_size", [1, 2, 3, 100])
def test_contexts_are_found_across_blocks(lines: list[list[str]], expected: bool, block_size: int) -> None:
    assert has_contexts(encode_again([*lines, [], ["x"], ["y"]], min_count=1, block_size=block_size)) is expected


# ---- a text that changes --------------------------------------------------------------------------------------------

CHANGED = "the text is not the same when it is read again"


def read_all(corpus: RereadCorpus) -> None:
    for begin, end in corpus.shards(9):
        corpus.read(begin, end)


@pytest.mark.parametrize("read", [read_all, lambda corpus: list(corpus.scan())])
@pytest.mark.parametrize("change", [lambda text: text.replace(b"w7 ", b"w8 ", 1), lambda text: text[:4000],
                                    lambda text: b"w1 " + text, lambda text: text[::-1],
                                    lambda text: text.replace(b"\n", b" ", 3)])
@pytest.mark.parametrize("name", ["text", "text.gz"])
def test_text_that_changed_is_an_error(tmp_path: Path, name: str, change: Callable[[bytes], bytes],
                                       read: Callable[[RereadCorpus], object]) -> None:
    text = b"".join(" ".join(line).encode() + b"\n" for line in lines_of())
    pack = gzip.compress if name.endswith(".gz") else bytes
    (tmp_path / name).write_bytes(pack(text))
    corpus = encode_again(tmp_path / name, min_count=1, block_size=500)
    read(corpus)
    corpus.close()
    (tmp_path / name).write_bytes(pack(change(text)))
    with pytest.raises(CorpusError, match=CHANGED) as caught:
        read(corpus)
    assert str(tmp_path / name) in str(caught.value) and "--ids disk" in str(caught.value)


def test_file_that_became_shorter_while_it_is_open_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("".join(" ".join(line) + "\n" for line in lines_of()))
    corpus = encode_again(tmp_path / "text", min_count=1, block_size=500)
    corpus.read(0, 10)
    (tmp_path / "text").write_text("w1 w2\n")
    with pytest.raises(W2VError, match="the file became shorter while it was read"):
        read_all(corpus)


def test_text_with_the_same_words_may_change_what_is_unknown(tmp_path: Path) -> None:
    """What training sees decides, not the time or the size of the file."""
    (tmp_path / "text").write_text("a b a rare b\na b\n")
    corpus = encode_again(tmp_path / "text", min_count=2)
    (tmp_path / "text").write_text("a   b a other b\na b\n\n")
    assert corpus.read(0, 9).tolist() == [0, 1, 0, 1, -1, 0, 1, -1]


class Walks:
    """An iterable with other sentences in each pass."""

    def __init__(self) -> None:
        self.seed = 0

    def __iter__(self) -> Iterator[list[str]]:
        self.seed += 1
        rng = np.random.default_rng(self.seed)
        yield from ([f"w{k}" for k in rng.integers(0, 9, rng.integers(3, 9))] for _ in range(50))


def test_iterable_that_gives_other_sentences_is_an_error() -> None:
    with pytest.raises(CorpusError, match=f"the iterable: {CHANGED}: .* words, .* instead of"):
        encode_again(Walks(), min_count=1)


def test_progress_counts_both_passes(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("a b c d e f g\n" * 50)
    calls: list[tuple[int, int | None, int]] = []
    encode_again(tmp_path / "text", min_count=1, block_size=100, progress=lambda *call: calls.append(call))
    done = [call[0] for call in calls]
    assert done == sorted(done) and done[-1] == 1400 and {call[1] for call in calls} == {1400}


@pytest.mark.parametrize("wrong", [{"min_count": 0}, {"threads": 0}, {"block_size": 0}, {"max_vocab": 0}])
def test_parameters_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        encode_again([["a"]], **wrong)  # type: ignore[arg-type]
