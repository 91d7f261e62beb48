"""Integers as words: every kind of input gives the vectors of a text file with their decimal digits."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import w2v
from w2v import cli
from w2v.corpus._tokenizer import BlockTokenizer, WordTable
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.integers import MAX_INTEGER


def sessions(n: int = 400, seed: int = 1, high: int = 500) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    return [(rng.integers(0, high, rng.integers(0, 12)) ** 3).tolist() for _ in range(n)]


def flat(lines: list[list[int]]) -> np.ndarray:
    return np.array([number for line in lines for number in [*line, -1]])


def padded(lines: list[list[int]], side: str = "right") -> np.ndarray:
    """Return a line in each row, padded with -1."""
    out = np.full((len(lines), 14), -1, np.int64)
    for row, line in zip(out, lines, strict=True):
        place = slice(len(line)) if side == "right" else slice(14 - len(line), 14)
        row[place] = line
    return out


def as_text(path: Path, lines: list[list[int]]) -> Path:
    path.write_text("\n".join(" ".join(map(str, line)) for line in lines) + "\n")
    return path


def same(a: EncodedCorpus, b: EncodedCorpus) -> bool:
    keys = ("words", "words_unknown", "distinct_words", "lines", "longest_line", "longest_word")
    return (a.vocabulary.words == b.vocabulary.words and np.array_equal(a.ids, b.ids) and a.n_words == b.n_words
            and np.array_equal(a.vocabulary.counts, b.vocabulary.counts)
            and all(getattr(a.report, key) == getattr(b.report, key) for key in keys))


def sources(lines: list[list[int]], folder: Path) -> Iterator[Any]:
    one, two = flat(lines), padded(lines)
    yield one
    yield one[:-1]  # the last line is not ended
    yield one.astype(np.int32)
    yield one.astype(">i8")
    yield np.repeat(one, 2)[::2]
    yield two
    yield padded(lines, "left")
    yield np.asfortranarray(two)
    yield np.where(two < 0, -7, two)[:, ::1]
    yield lines
    yield tuple(map(tuple, lines))
    yield [np.array(line, np.int64) for line in lines]
    yield (np.array(line, np.uint32) if k % 2 else line for k, line in enumerate(lines))
    yield (iter(line) for line in lines)
    yield [[np.int32(number) for number in line] for line in lines]
    for name, array in (("one", one), ("two", two), ("fortran", np.asfortranarray(two)), ("big", one.astype(">i4"))):
        np.save(folder / f"{name}.npy", array)
        yield folder / f"{name}.npy"


@pytest.mark.parametrize("block_size", [8, 100, 1 << 19])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.slow
def test_every_source_equals_the_text(tmp_path: Path, block_size: int, threads: int) -> None:
    lines = sessions()
    expected = encode(as_text(tmp_path / "text", lines), min_count=2)
    assert expected.report.words > 2000 and min(map(len, lines)) == 0 and expected.report.words_unknown > 0
    for k, source in enumerate(sources(lines, tmp_path)):
        assert same(encode(source, min_count=2, threads=threads, block_size=block_size), expected), k


def test_vectors_equal_those_of_the_text(tmp_path: Path) -> None:
    """Byte for byte, also in the output file."""
    lines = sessions(2000, high=60)
    np.save(tmp_path / "s.npy", flat(lines))
    as_text(tmp_path / "s.txt", lines)
    for name in ("npy", "txt"):
        assert cli.main(["train", str(tmp_path / f"s.{name}"), "-o", str(tmp_path / f"{name}.bin"), "--epochs", "2",
                         "--vector-size", "20", "--threads", "1", "--window", "line", "-q"]) == 0
    assert (tmp_path / "npy.bin").read_bytes() == (tmp_path / "txt.bin").read_bytes()
    wv = w2v.train(lines, epochs=2, vector_size=20, threads=1, window="line", progress=False).wv
    assert np.array_equal(wv.vectors, w2v.load(tmp_path / "npy.bin").vectors)
    assert wv.index_to_key[0].isdigit() and wv[wv.index_to_key[0]].shape == (20,)


def test_files_and_folders_may_mix_text_and_arrays(tmp_path: Path) -> None:
    lines = sessions()
    np.save(tmp_path / "a.npy", padded(lines))
    as_text(tmp_path / "b.txt", lines)
    np.save(tmp_path / "c.npy", flat(lines)[:-1])
    mixed = encode(tmp_path, min_count=1, block_size=64)
    assert mixed.n_words == 3 * sum(map(len, lines)) and mixed.report.files == 3
    assert mixed.report.lines == 3 * sum(1 for line in lines if line)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert mixed.report.bytes_read == size


LENGTHS = [0, 9, 10, 99, 100, 101, 2**24 - 1, 2**24, 2**31, 2**53, MAX_INTEGER,
           *(10**k + d for k in range(1, 19) for d in (-1, 0, 1))]


def twin(lines: list[list[int]]) -> tuple[list[str], list[int], list[int]]:
    """Return words, counts and ids, computed in plain Python."""
    counts = Counter(str(number) for line in lines for number in line)
    words = sorted(counts, key=lambda word: (-counts[word], word.encode()))
    number = {word: id for id, word in enumerate(words)}
    return words, [counts[word] for word in words], [id for line in lines if line
                                                     for id in [*(number[str(item)] for item in line), -1]]


def check_twin(corpus: Any, lines: list[list[int]], **options: Any) -> None:
    encoded = encode(corpus, min_count=1, **options)
    words, counts, ids = twin(lines)
    assert encoded.vocabulary.words == words and encoded.vocabulary.integer_keys
    assert encoded.vocabulary.counts.tolist() == counts and encoded.ids.tolist() == ids
    report = encoded.report
    assert (report.words, report.distinct_words, report.lines) == (sum(counts), len(words), sum(map(bool, lines)))
    assert (report.longest_line, report.longest_word) == (max(map(len, lines)), max(map(len, words)))


@pytest.mark.parametrize("threads, block_size", [(1, 1 << 19), (3, 600)])
@pytest.mark.parametrize("seed", [1, 2])
def test_numbers_of_every_length_equal_their_digits(threads: int, block_size: int, seed: int) -> None:
    rng = random.Random(seed)
    numbers = LENGTHS + [rng.randrange(10 ** rng.randrange(1, 19)) for _ in range(2000)]
    numbers += rng.choices(numbers, k=3000)
    lines: list[list[int]] = [[]]
    for number in numbers:
        lines[-1].append(number)
        lines.extend([] for _ in range(rng.choice((0, 0, 0, 1, 2))))
    check_twin(flat(lines), lines, threads=threads, block_size=block_size)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64,
                                   ">i2", ">u4", ">u8"])
@pytest.mark.parametrize("shape", ["flat", "strided", "reversed", "rows", "columns", "unaligned"])
def test_types_and_strides_equal_their_digits(dtype: Any, shape: str) -> None:
    info = np.iinfo(dtype)
    rng = np.random.default_rng(1)
    values = rng.integers(0, min(int(info.max), MAX_INTEGER), 6000, dtype=np.uint64, endpoint=True).astype(dtype)
    values[::7] = rng.integers(0, 50, len(values[::7]))
    if info.min < 0:
        values[rng.random(6000) < 0.1] = rng.integers(int(info.min), 0)
    assert len(np.unique(values)) > 50
    if shape in ("rows", "columns"):
        array = values.reshape(60, 100) if shape == "rows" else values.reshape(100, 60).T[:, ::2]
        check_twin(array, [[x for x in row if x >= 0] for row in array.tolist()], block_size=1000)
        return
    array = {"flat": values, "strided": np.repeat(values, 3)[::3], "reversed": values[::-1],
             "unaligned": np.frombuffer(b"x" + values.tobytes(), np.uint8)[1:].view(values.dtype)}[shape]
    lines: list[list[int]] = [[]]
    for value in array.tolist():
        if value < 0:
            lines.append([])
        else:
            lines[-1].append(value)
    check_twin(array, lines, block_size=1000)


def test_rows_without_columns_and_rows_longer_than_the_buffer() -> None:
    check_twin(np.arange(5000).reshape(2, 2500), [list(range(2500)), list(range(2500, 5000))])
    tokenizer = BlockTokenizer(WordTable(), bytes(256))
    n, stats = tokenizer.tokenize_integers(np.empty((3, 0), np.int32), np.empty(3, np.int32))
    assert (n, stats.line_ends, stats.words) == (1, 1, 0)
    n, stats = tokenizer.tokenize_integers(np.empty(0, np.int32), np.empty(0, np.int32))
    assert (n, stats.line_ends, stats.words) == (0, 0, 0)


@pytest.mark.parametrize("values, room", [
    (np.zeros(4), 9), (np.zeros(4, ">i4"), 9), (np.zeros((2, 2, 2), int), 99), (np.zeros(4, int), 3),
    (np.zeros((2, 2), int), 5)])
def test_tokenizer_refuses_other_arrays_and_too_little_room(values: Any, room: int) -> None:
    with pytest.raises(ValueError, match="room|expected integers"):
        BlockTokenizer(WordTable(), bytes(256)).tokenize_integers(values, np.empty(room, np.int32))


def test_many_distinct_numbers_in_many_threads() -> None:
    """All threads insert new numbers at the same time; small ones share one array of ids."""
    rng = np.random.default_rng(1)
    numbers = np.concatenate([rng.permutation(30_000), rng.permutation(30_000), rng.integers(0, 2**62, 30_000)])
    encoded = encode(numbers, min_count=1, threads=4, block_size=400)
    values, counts = np.unique(numbers, return_counts=True)
    assert encoded.vocabulary.counts.sum() == 90_000 and len(encoded.vocabulary) == len(values)
    known = dict(zip(map(str, values.tolist()), counts.tolist(), strict=True))
    assert {word: int(n) for word, n in zip(encoded.vocabulary.words, encoded.vocabulary.counts, strict=True)} == known
    words = encoded.vocabulary.words
    assert [int(words[id]) for id in encoded.ids[:-1]] == numbers.tolist()


def test_array_with_many_files_of_text_shares_the_table(tmp_path: Path) -> None:
    """A number is the same word in an array and in text, whichever comes first."""
    np.save(tmp_path / "b.npy", np.array([5, 7, 2**40, -1]))
    for name in ("a.txt", "c.txt"):
        (tmp_path / name).write_text(f"5 {2**40} 9\n")
    encoded = encode(tmp_path, min_count=1)
    assert encoded.vocabulary.words == [str(2**40), "5", "9", "7"]


def test_largest_numbers_and_unsigned_types() -> None:
    words = encode(np.array([[MAX_INTEGER, 5]], np.uint64), min_count=1).vocabulary.words
    assert words == ["5", str(MAX_INTEGER)]
    assert encode(np.array([1, 2, 3], np.uint8), min_count=1).ids.tolist() == [0, 1, 2, -1]
    for bad in (np.array([5, 2**63], np.uint64), [[5, 2**63]], [[5, 2**70]], [np.array([2**63], np.uint64)]):
        with pytest.raises(ValueError, match=r"9223372036854775808|1180591620717411303424"):
            encode(bad, min_count=1)


def test_row_that_is_longer_than_a_block_is_one_line() -> None:
    rows = np.arange(3000).reshape(3, 1000)
    report = encode(rows, min_count=1, block_size=80).report
    assert (report.lines, report.longest_line, report.words) == (3, 1000, 3000)


@pytest.mark.parametrize("bad, error, match", [
    (np.zeros((2, 2, 2), np.int64), TypeError, "3 dimensions"),
    (np.array(5), TypeError, "0 dimensions"),
    (np.array([1.0, 2.0]), TypeError, "float64"),
    ([[1, 2], [3, 2.5]], TypeError, "token 1 of sentence 1 is a float, not an integer"),
    ([[1, 2], [3, "a"]], TypeError, "token 1 of sentence 1 is a str, not an integer"),
    ([[1, 2], "34"], TypeError, "sentence 1"),
    ([[1, 2], None], TypeError, "sentence 1"),
    ([[1, 2], 7], TypeError, "sentence 1"),
    ([[1, 2], [3, [4]]], TypeError, "token 1 of sentence 1 is a list, not an integer"),
    ([[1, 2], np.array([0.5])], TypeError, "sentence 1 is an array of float64"),
    ([[1, 2], np.zeros((2, 2), int)], TypeError, "sentence 1 is an array of 2 dimensions"),
    ([[1, 2], [], [5, -1]], ValueError, "token 1 of sentence 2 is -1"),
    ([np.array([1, 2]), np.array([-3])], ValueError, "token 0 of sentence 1 is -3"),
    ([[True, False]], TypeError, "bool"),
    ([["a"], [1]], TypeError, "not a str"),
    ([[], [], [0.5]], TypeError, "not a str"),
    (np.array([-1, -1]), w2v.CorpusError, "array"),
    (np.empty((0, 3), int), w2v.CorpusError, "array"),
])
def test_bad_integers_are_refused(bad: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        encode(bad, min_count=1)


@pytest.mark.parametrize("array, match", [
    (np.array([1.5]), "1 dimensions of float64"), (np.array(["a"]), "<U1"), (np.zeros((1, 1, 1), int), "3 dimensions"),
    (np.array([True]), "bool"), (np.array([{}], object), "pickle"), (np.zeros(5000), "float64"),
])
def test_npy_files_of_other_types_are_refused_before_training(tmp_path: Path, array: np.ndarray, match: str,
                                                           capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "x.npy", array, allow_pickle=True)
    assert cli.main(["train", str(tmp_path / "x.npy"), "-o", str(tmp_path / "v.bin")]) == 1
    error = capsys.readouterr().err
    assert "x.npy" in error and match in error and error.count("\n") == 1


@pytest.mark.parametrize("size", [0, 5, 100, 3000, 9000])
def test_truncated_npy_files_are_refused(tmp_path: Path, size: int) -> None:
    np.save(tmp_path / "x.npy", np.arange(2000))
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:size])
    with pytest.raises(w2v.FormatError, match="x.npy"):
        encode(tmp_path / "x.npy")


def test_integers_have_no_line_weights(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(20))
    for source in (tmp_path / "x.npy", np.arange(20)):
        with pytest.raises(w2v.CorpusError, match="line_weights"):
            encode(source, line_weights=True)
    with pytest.raises(TypeError, match="not a str"):
        encode([[1, 2, 3]], line_weights=True)
