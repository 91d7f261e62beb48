"""`sample_lines` and `max_words`: exactly the part that is asked for, the same in whatever form the corpus comes."""

from __future__ import annotations

import bz2
import gzip
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.corpora import random_text
from helpers.line_samples import FORMS, MASK, Lines, lines_of, mix, write_tables
from helpers.stops import each_shard

import w2v
from w2v import cli
from w2v.corpus._selection import LineSample, count_words
from w2v.corpus.byte_classes import TEXT_CLASSES
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.paths import CorpusInput
from w2v.corpus.reread import encode_again
from w2v.corpus.source import open_source
from w2v.training.run import paced


def is_kept(share: float, seed: int, file: int, position: int) -> bool:
    return mix((mix((mix(seed) + file) & MASK) + position) & MASK) < int(share * 2**64)




def sampled(texts: list[bytes], share: float, seed: int = 1) -> tuple[Lines, int]:
    """Return the lines of files that are in the sample, and the number of other lines with words."""
    kept: Lines = []
    left_out = 0
    for file, text in enumerate(texts):
        position = 3 if text.startswith(b"\xef\xbb\xbf") else 0
        for line in text[position:].split(b"\n"):
            words = [word.decode("utf-8", "surrogateescape") for word in line.split()]
            if is_kept(share, seed, file, position):
                kept.append(words)
            else:
                left_out += bool(words)
            position += len(line) + 1
    return kept, left_out


def first(lines: Lines, most: int) -> Lines:
    """Return the lines up to word `most`."""
    found: Lines = []
    for line in lines:
        if most <= 0:
            break
        found.append(line[:most])
        most -= len(line)
    return found


def read(corpus: Any, threads: int, block_size: int, seed: int = 1, **options: Any) -> EncodedCorpus:
    line_weights = options.pop("line_weights", False)
    given = replace(CorpusInput.of(corpus, options), seed=seed)
    return encode(given, min_count=1, threads=threads, block_size=block_size, line_weights=line_weights)


def check(encoded: EncodedCorpus, lines: Lines, left_out: int = 0) -> None:
    lines = [line for line in lines if line]
    assert lines_of(encoded) == lines
    report = encoded.report
    assert (report.words, report.lines, report.lines_left_out) == (sum(map(len, lines)), len(lines), left_out)
    assert report.longest_line == max(map(len, lines))
    assert report.distinct_words == len({word for line in lines for word in line})


def texts(seed: int) -> list[bytes]:
    rng = random.Random(seed)
    made = [random_text(rng, 300), b"", b"\xef\xbb\xbf" + random_text(rng, 200), b"\n\n", b"x " * 400,
            "\r\n".join(f"line {n}" for n in range(100)).encode()]
    assert all(b"\0" not in text for text in made)
    return made


def plain(path: Path, text: bytes) -> Path:
    path.write_bytes(text)
    return path


def packed(path: Path, text: bytes) -> Path:
    path.write_bytes((gzip.compress if path.stem[-1] in "02468" else bz2.compress)(text))
    return path


@pytest.fixture(params=["plain", "packed"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[list[bytes]], list[str]]:
    write = plain if request.param == "plain" else packed
    return lambda contents: [str(write(tmp_path / f"part{n}", text)) for n, text in enumerate(contents)]


# --- sample_lines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads, block_size", FORMS)
@pytest.mark.parametrize("share, seed", [(0.5, 1), (0.1, 2**64 - 1), (0.9, 7)])
def test_sample_of_files_does_not_depend_on_their_form(
    files: Callable[[list[bytes]], list[str]], threads: int, block_size: int, share: float, seed: int
) -> None:
    contents = texts(seed)
    lines, left_out = sampled(contents, share, seed)
    assert 0 < left_out < sum(line.strip() != b"" for text in contents for line in text.split(b"\n"))
    check(read(files(contents), threads, block_size, seed, sample_lines=share), lines, left_out)


def test_seeds_and_files_draw_different_lines() -> None:
    positions = np.arange(0, 200_000, 20)
    kept = {(seed, file): LineSample(0.3, seed).copies(file, positions) > 0
            for seed in (1, 2, 2**64 - 1) for file in (0, 1)}
    for (seed, file), chosen in kept.items():
        assert chosen.tolist() == [is_kept(0.3, seed, file, int(position)) for position in positions]
        assert abs(chosen.mean() - 0.3) < 0.02
    pairs = [(a, b) for a in kept for b in kept if a < b]
    for a, b in pairs:
        assert abs((kept[a] & kept[b]).mean() - 0.09) < 0.015, (a, b)


def test_a_smaller_share_draws_a_part_of_a_larger_one() -> None:
    positions = np.arange(10_000)
    small, large = (LineSample(share, 5).copies(0, positions) > 0 for share in (0.1, 0.2))
    assert small.sum() > 800 and not (small & ~large).any()


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, float("nan")])
def test_line_sample_refuses_shares_that_are_no_sample(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        LineSample(share, 1)


def test_all_lines_are_read_with_share_1(tmp_path: Path) -> None:
    text = b"a b\nc\n"
    assert open_source(CorpusInput.of(plain(tmp_path / "t", text), {"sample_lines": 1})).selection is None
    check(read(tmp_path / "t", 1, 100, sample_lines=1.0), [["a", "b"], ["c"]])


def test_same_file_twice_is_two_files(tmp_path: Path) -> None:
    text = random_text(random.Random(3), 500)
    path = str(plain(tmp_path / "t", text))
    lines, left_out = sampled([text, text], 0.5)
    assert sampled([text], 0.5)[0] * 2 != lines
    for threads, block_size in FORMS:
        check(read([path, path], threads, block_size, sample_lines=0.5), lines, left_out)


def test_sample_without_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(w2v.CorpusError, match=r"sample_lines left out all 1 lines"):
        read(plain(tmp_path / "t", b"one line\n"), 1, 100, sample_lines=1e-12)


def sentences(n: int = 200) -> Lines:
    rng = random.Random(4)
    return [[str(rng.randrange(50)) for _ in range(rng.choice((0, 1, 3, 9)))] for _ in range(n)]


@pytest.mark.parametrize("threads, block_size", FORMS)
def test_sentences_are_drawn_by_their_numbers(threads: int, block_size: int) -> None:
    lines = sentences()
    kept = [line for number, line in enumerate(lines) if is_kept(0.4, 1, 0, number)]
    left_out = sum(map(bool, lines)) - sum(map(bool, kept))
    assert left_out > 50
    check(read(lines, threads, block_size, sample_lines=0.4), kept, left_out)
    for given in ([[int(word) for word in line] for line in lines], [np.array(line, int) for line in lines]):
        check(read(given, threads, block_size, sample_lines=0.4), kept, left_out)
    spaced = [[" ".join(line), "\n"] if line else [] for line in lines]
    kept = [line for number, line in enumerate(spaced) if is_kept(0.4, 1, 0, number)]
    check(read(spaced, threads, block_size, sample_lines=0.4), kept, left_out)


def as_flat(lines: Lines, end: int = -1) -> tuple[np.ndarray, list[int]]:
    """Return an array of all lines, and where each begins."""
    values: list[int] = []
    begins = []
    for line in lines:
        begins.append(len(values))
        values += [*map(int, line), end]
    return np.array(values), begins


def as_rows(lines: Lines) -> tuple[np.ndarray, list[int]]:
    rows = np.full((len(lines), 11), -1)
    for row, line in zip(rows, lines, strict=True):
        row[1:1 + len(line)] = line
    return rows, [11 * n for n in range(len(lines))]


@pytest.mark.parametrize("threads, block_size", [*FORMS, (1, 60), (1, 500)])
@pytest.mark.parametrize("make", [as_flat, as_rows])
def test_lines_of_arrays_are_drawn_by_where_they_begin(
    tmp_path: Path, make: Callable[[Lines], tuple[np.ndarray, list[int]]], threads: int, block_size: int
) -> None:
    lines = sentences()
    array, begins = make(lines)
    kept = [line for begin, line in zip(begins, lines, strict=True) if is_kept(0.4, 1, 0, begin)]
    left_out = sum(map(bool, lines)) - sum(map(bool, kept))
    np.save(tmp_path / "a.npy", array.astype(np.int16))
    for given in (array, array.astype(">i4"), tmp_path / "a.npy"):
        check(read(given, threads, block_size, sample_lines=0.4), kept, left_out)
        limit = sum(map(len, kept)) // 2
        before, seen = 0, 0
        for begin, line in zip(begins, lines, strict=True):
            chosen = is_kept(0.4, 1, 0, begin)
            before += seen < limit and bool(line) and not chosen
            seen += len(line) * chosen
        check(read(given, threads, block_size, sample_lines=0.4, max_words=limit), first(kept, limit), before)


def test_text_and_arrays_share_a_folder(tmp_path: Path) -> None:
    lines = sentences()
    text = "\n".join(map(" ".join, lines)).encode()
    array, begins = as_flat(lines)
    plain(tmp_path / "a", text)
    np.save(tmp_path / "b.npy", array)
    plain(tmp_path / "c", text)
    first_file, _ = sampled([text], 0.5)
    third, _ = sampled([b"", b"", text], 0.5)
    second = [line for begin, line in zip(begins, lines, strict=True) if is_kept(0.5, 1, 1, begin)]
    expected = [line for part in (first_file, second, third) for line in part if line]
    for threads, block_size in FORMS:
        assert lines_of(read(tmp_path, threads, block_size, sample_lines=0.5)) == expected


# --- max_words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads, block_size", FORMS)
@pytest.mark.parametrize("most", [1, 2, 299, 300, 301, 500, 900, 10**9])
def test_first_words_of_files(
    files: Callable[[list[bytes]], list[str]], threads: int, block_size: int, most: int
) -> None:
    contents = texts(11)
    lines = [line for text in contents for line in sampled([text], 1 - 1e-16)[0]]
    paths = files(contents)
    report = read(paths, threads, block_size, max_words=most).report
    check(read(paths, threads, block_size, max_words=most), first(lines, most))
    total, needed = 0, 0
    while needed < len(contents) and total < most:
        total += len(contents[needed].removeprefix(b"\xef\xbb\xbf").split())
        needed += 1
    assert report.files == needed
    whole = contents[:needed] if total < most else contents[:needed - 1]
    assert report.files_without_final_newline == sum(text[-1:] not in (b"\n", b"") for text in whole)
    assert report.words == min(most, sum(map(len, lines)))


@pytest.mark.parametrize("threads, block_size", FORMS)
@pytest.mark.parametrize("most", [1, 50, 123])
def test_first_words_of_a_sample(
    files: Callable[[list[bytes]], list[str]], threads: int, block_size: int, most: int
) -> None:
    """Lines left out are counted up to the last word that is read."""
    contents = texts(12)
    lines, _ = sampled(contents, 0.5)
    encoded = read(files(contents), threads, block_size, sample_lines=0.5, max_words=most)
    assert lines_of(encoded) == [line for line in first(lines, most) if line]
    seen = left_out = 0
    for file, text in enumerate(contents):
        position = 3 if text.startswith(b"\xef\xbb\xbf") else 0
        for line in text[position:].split(b"\n"):
            if seen < most:
                kept = is_kept(0.5, 1, file, position)
                seen += len(line.split()) * kept
                left_out += bool(line.split()) and not kept
            position += len(line) + 1
    assert encoded.report.lines_left_out == left_out


@pytest.mark.parametrize("threads, block_size", FORMS)
@pytest.mark.parametrize("most", [1, 2, 3, 99, 100, 10**6])
def test_first_words_of_sentences_and_arrays(threads: int, block_size: int, most: int) -> None:
    lines = sentences()
    expected = first(lines, most)
    numbers = [[int(word) for word in line] for line in lines]
    for given in (lines, numbers, (np.array(line, np.uint64) for line in numbers), as_flat(lines)[0],
                  as_flat(lines)[0][:-1], as_rows(lines)[0]):
        check(read(given, threads, block_size, max_words=most), expected)


def test_an_endless_iterable_is_read_to_its_last_word() -> None:
    def endless() -> Any:
        while True:
            yield ["a", "b", "c"]

    assert lines_of(read(endless(), 1, 100, max_words=100)) == [["a", "b", "c"]] * 33 + [["a"]]


def test_a_token_with_blanks_is_one_word() -> None:
    check(read([["New York", "b\nc", "d"]], 1, 1, max_words=2), [["New York", "b\nc"]])


@pytest.mark.parametrize("threads, block_size", FORMS)
@pytest.mark.parametrize("options", [{"max_words": 5}, {"sample_lines": 0.5}, {"max_words": 5, "sample_lines": 0.5}])
def test_weights_are_no_words_and_stay_with_their_lines(
    tmp_path: Path, threads: int, block_size: int, options: dict[str, Any]
) -> None:
    lines = [["0.5", "a", "b"], ["2"], [], ["1", "c"], ["3", "d", "e", "f"], ["4", "g", "h"]] * 3
    text = "\n".join(map(" ".join, lines)).encode()
    share = options.get("sample_lines", 1 - 1e-16)
    kept, _ = sampled([text], share)
    expected = first([line[1:] for line in kept], options.get("max_words", 10**6))
    encoded = read(plain(tmp_path / "t", text), threads, block_size, line_weights=True, **options)
    assert lines_of(encoded) == [line for line in expected if line]
    weights = [float(line[0]) for line, words in zip(kept, expected, strict=False) if words]
    entries = encoded.ids[encoded.ids < -1].view(np.uint32) & 0x7FFFFFFF
    assert entries.view(np.float32).tolist()[:len(weights)] == weights
    numbered = [line for number, line in enumerate(lines) if is_kept(share, 1, 0, number)]
    expected = first([line[1:] for line in numbered], options.get("max_words", 10**6))
    encoded = read(lines, threads, block_size, line_weights=True, **options)
    assert lines_of(encoded) == [line for line in expected if line]


@pytest.mark.parametrize("block_size", [1, 30, 1 << 19])
def test_bad_weights_are_named_at_their_place_in_the_file(tmp_path: Path, block_size: int) -> None:
    good = b"".join(b"%d word\n" % n for n in range(60))
    text = good + b"bad line\n" * 20
    kept = [position for position in range(len(good), len(text), 9) if is_kept(0.4, 1, 0, position)]
    for options in ({"sample_lines": 0.4}, {"sample_lines": 0.4, "max_words": 10**6}):
        with pytest.raises(w2v.FormatError) as caught:
            read(plain(tmp_path / "t", text), 1, block_size, line_weights=True, **options)
        assert caught.value.offset == kept[0]


# --- counting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_words_are_counted_as_in_python(weighted: bool) -> None:
    rng = random.Random(1)
    for _ in range(300):
        text = bytes(rng.choice(b"ab \t\n\r\n ") for _ in range(rng.randrange(60)))
        weight_next = weighted and rng.random() < 0.5
        ends: list[int] = []  # of words that count
        position, skip = 0, weight_next
        for line in text.split(b"\n"):
            at = position
            for word in line.split():
                at = text.index(word, at) + len(word)
                ends += [] if skip else [at]
                skip = False
            position += len(line) + 1
            skip = weighted
        for most in (1, 2, len(ends) or 1, len(ends) + 1):
            n, end = count_words(text, TEXT_CLASSES, most, weighted, weight_next)
            assert n == min(most, len(ends)), text
            assert end == (ends[most - 1] if most <= len(ends) else len(text)), text


# --- users ------------------------------------------------------------------------------------------------------------


def test_command_line_reads_a_part_with_the_seed_of_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "".join(f"w{n % 7} w{n % 5} x{n % 3}\n" for n in range(500)).encode()
    path = plain(tmp_path / "t", text)
    for seed in (1, 9):
        kept, left_out = sampled([text], 0.3, seed)
        assert cli.main(["train", str(path), "-o", str(tmp_path / "v.bin"), "--sample-lines", "0.3", "--seed",
                         str(seed), "--max-words", "300", "--min-count", "1", "--epochs", "1", "--vector-size", "4",
                         "--threads", "1", "--json", "-q"]) == 0
        report = json.loads(capsys.readouterr().out)["corpus"]
        assert report["words"] == 300 and sum(map(len, kept)) > 300 and 0 < report["lines_left_out"] < left_out


def test_training_on_a_part_equals_training_on_a_text_of_it(tmp_path: Path) -> None:
    text = "".join(f"w{n % 7} w{n % 5} x{n % 3}\n" for n in range(500)).encode()
    kept, _ = sampled([text], 0.5, 3)
    part = plain(tmp_path / "part", "\n".join(map(" ".join, first(kept, 400))).encode())
    options: dict[str, Any] = {"epochs": 2, "vector_size": 6, "threads": 1, "min_count": 1, "seed": 3,
                               "progress": False}
    found = w2v.train(plain(tmp_path / "t", text), sample_lines=0.5, max_words=400, **options)
    assert np.array_equal(found.wv.vectors, w2v.train(part, **options).wv.vectors)


def test_resumed_run_reads_the_same_part(tmp_path: Path) -> None:
    text = "".join(f"w{n % 7} w{n % 5} x{n % 3} y{n % 11}\n" for n in range(6000)).encode()
    path = plain(tmp_path / "t", text)
    options: dict[str, Any] = {"vector_size": 6, "threads": 1, "seed": 3, "progress": False}
    whole = w2v.train(path, sample_lines=0.5, max_words=9000, **options)
    with paced(after_shard=each_shard):
        w2v.train(path, sample_lines=0.5, max_words=9000, checkpoint=tmp_path / "k", checkpoint_every="20%", **options)
    resumed = w2v.train(resume=tmp_path / "k", progress=False)
    assert np.array_equal(resumed.wv.vectors, whole.wv.vectors)
    with pytest.raises(ValueError, match="max_words = 800 differs"):
        w2v.train(resume=tmp_path / "k", max_words=800, progress=False)


@pytest.mark.parametrize("threads", [1, 2])
def test_ids_that_are_not_stored_are_those_of_the_same_part(tmp_path: Path, threads: int) -> None:
    contents = texts(13)
    paths = [str(plain(tmp_path / str(n), text)) for n, text in enumerate(contents)]
    given = replace(CorpusInput.of(paths, {"sample_lines": 0.5, "max_words": 200}), seed=5)
    stored = encode(given, min_count=2)
    again = encode_again(given, min_count=2, threads=threads, block_size=30)
    try:
        assert np.array_equal(again.read(0, again.n_ids), stored.ids)
        assert again.report.lines_left_out == stored.report.lines_left_out > 0
        for begin in range(again.n_ids):
            assert again.read(begin, begin + 7).tolist() == stored.ids[begin:begin + 7].tolist()
    finally:
        again.close()


def test_phrases_are_learned_from_the_part(tmp_path: Path) -> None:
    text = "".join(f"new york a{n % 9} b{n % 7} c{n % 5}\n" for n in range(300)).encode()
    path = plain(tmp_path / "t", text)
    kept, _ = sampled([text], 0.5)
    part = plain(tmp_path / "part", "\n".join(map(" ".join, first(kept, 301))).encode())
    for name, arguments in (("a", [str(path), "--sample-lines", "0.5", "--max-words", "301"]), ("b", [str(part)])):
        assert cli.main(["phrases", *arguments, "-o", str(tmp_path / name), "--min-count", "1", "-q"]) == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != b""


def test_archives_count_their_texts_as_files(tmp_path: Path) -> None:
    contents = [text for text in texts(14) if text]
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for number, text in enumerate(contents):
            archive.writestr(f"{number}.txt", text)
    lines, left_out = sampled(contents, 0.5)
    for threads, block_size in FORMS:
        check(read(tmp_path / "z.zip", threads, block_size, sample_lines=0.5), lines, left_out)


# --- tables -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text", "tokens", "integers"])
def test_rows_of_tables(tmp_path: Path, kind: str) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    lines = write_tables(pa, pq, tmp_path, sentences(), kind)
    kept = [line for number, line in enumerate(lines) if is_kept(0.4, 1, 0, number)]
    left_out = sum(map(bool, lines)) - sum(map(bool, kept))
    for threads, block_size in FORMS:
        for most in (10**6, 100, 1):
            encoded = read(tmp_path, threads, block_size, column="c", sample_lines=0.4, max_words=most)
            assert lines_of(encoded) == [line for line in first(kept, most) if line]
        check(read(tmp_path, threads, block_size, column="c", sample_lines=0.4), kept, left_out)
        check(read(tmp_path, threads, block_size, column="c", max_words=77), first(lines, 77))


@pytest.mark.parametrize("kind", ["text", "tokens", "integers"])
def test_groups_of_rows_are_lines(tmp_path: Path, kind: str) -> None:
    """A group has rows of two files and is kept, or left out, as a whole."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    numbers = random.Random(1).choices(range(50), k=600)
    groups = [n // 7 for n in range(600)]
    rows: list[Any] = numbers if kind == "integers" else [
        f"w{n} v" if kind == "text" else [f"w{n}", "v"] for n in numbers]
    for name, part in (("0", slice(0, 200)), ("1", slice(200, 600))):
        pq.write_table(pa.table({"c": rows[part], "g": groups[part]}), tmp_path / f"{name}.parquet")
    words = [[str(n)] if kind == "integers" else [f"w{n}", "v"] for n in numbers]
    lines = [[word for n in range(group, min(group + 7, 600)) for word in words[n]] for group in range(0, 600, 7)]
    kept = [line for number, line in enumerate(lines) if is_kept(0.4, 1, 0, number)]
    for threads, block_size in FORMS:
        check(read(tmp_path, threads, block_size, column="c", group_by="g", sample_lines=0.4), kept,
              len(lines) - len(kept))
        check(read(tmp_path, threads, block_size, column="c", group_by="g", max_words=50), first(lines, 50))
