"""`bootstrap`: each line as often as the seed draws it, the same in whatever form the corpus comes."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, getcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.corpora import random_text
from helpers.line_samples import FORMS, MASK, Lines, lines_of, mix, write_tables
from helpers.stops import each_shard

import w2v
from w2v.corpus import selection
from w2v.corpus._selection import LineSample
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.paths import CorpusInput
from w2v.corpus.reread import encode_again
from w2v.training.run import paced


def poisson_thresholds() -> list[int]:
    getcontext().prec = 60
    total, term, found = Decimal(0), 1 / Decimal(1).exp(), []
    for k in range(1, 22):
        total, term = total + term, term / k
        found.append(int(total * 2**64))
    return [threshold for threshold in found if threshold < MASK]


THRESHOLDS = poisson_thresholds()


def copies(seed: int, file: int, position: int, share: float = 1.0) -> int:
    number = mix((mix((mix(seed) + file) & MASK) + position) & MASK)
    if share < 1 and number >= int(share * 2**64):
        return 0
    return sum(mix(number) >= threshold for threshold in THRESHOLDS)


class Drawn:
    """Lines that were drawn, and what became of the others."""

    def __init__(self) -> None:
        self.lines: Lines = []
        self.left_out = self.repeated = 0

    def add(self, words: list[str], times: int) -> None:
        self.lines += [words] * times
        if words:
            self.left_out += times == 0
            self.repeated += max(times - 1, 0)


def drawn(texts: list[bytes], seed: int = 1, share: float = 1.0) -> Drawn:
    found = Drawn()
    for file, text in enumerate(texts):
        position = 3 if text.startswith(b"\xef\xbb\xbf") else 0
        for line in text[position:].split(b"\n"):
            words = [word.decode("utf-8", "surrogateescape") for word in line.split()]
            found.add(words, copies(seed, file, position, share))
            position += len(line) + 1
    return found


def read(corpus: Any, threads: int, block_size: int, seed: int = 1, **options: Any) -> EncodedCorpus:
    line_weights = options.pop("line_weights", False)
    given = replace(CorpusInput.of(corpus, {"bootstrap": True, **options}), seed=seed)
    return encode(given, min_count=1, threads=threads, block_size=block_size, line_weights=line_weights)


def check(encoded: EncodedCorpus, expected: Drawn) -> None:
    lines = [line for line in expected.lines if line]
    assert lines_of(encoded) == lines
    report = encoded.report
    assert report.bootstrap
    assert (report.words, report.lines, report.lines_left_out, report.lines_repeated) == (
        sum(map(len, lines)), len(lines), expected.left_out, expected.repeated)
    words = [word for line in lines for word in line]
    assert report.distinct_words == len(set(words))
    assert dict(zip(encoded.vocabulary.words, encoded.vocabulary.counts.tolist(), strict=True)) == {
        word: words.count(word) for word in set(words)}


def texts(seed: int) -> list[bytes]:
    rng = random.Random(seed)
    return [random_text(rng, 300), b"", b"\xef\xbb\xbf" + random_text(rng, 200), b"\n\n", b"x " * 400,
            "\r\n".join(f"line {n}" for n in range(100)).encode(), b"a b c\n  \n d" * 30]


def written(folder: Path, contents: list[bytes], pack: Callable[[bytes], bytes] = bytes) -> list[str]:
    paths = []
    for number, text in enumerate(contents):
        (folder / f"part{number}").write_bytes(pack(text))
        paths.append(str(folder / f"part{number}"))
    return paths


# --- the numbers of copies --------------------------------------------------------------------------------------------


def test_copies_are_those_of_a_poisson_distribution_with_mean_1() -> None:
    positions = np.arange(0, 4_000_000, 20)
    for seed in (1, 2, 2**64 - 1):
        found = LineSample(1, seed, True).copies(0, positions)
        assert found[:3000].tolist() == [copies(seed, 0, int(position)) for position in positions[:3000]]
        assert abs(found.mean() - 1) < 0.01 and abs(found.var() - 1) < 0.015
        shares = np.bincount(found, minlength=5)[:5] / len(found)
        assert np.abs(shares - np.exp(-1) / np.array([1, 1, 2, 6, 24])).max() < 0.004


def test_seeds_files_and_shares_draw_independently() -> None:
    positions = np.arange(0, 2_000_000, 20)
    samples = [LineSample(1, seed, True).copies(file, positions).astype(float) for seed in (1, 2) for file in (0, 1)]
    correlations = np.corrcoef(samples)[np.triu_indices(4, 1)]
    assert np.abs(correlations).max() < 0.015
    kept = LineSample(0.3, 1).copies(0, positions) > 0
    both = LineSample(0.3, 1, True).copies(0, positions)
    assert not both[~kept].any() and abs(both[kept].mean() - 1) < 0.02 and abs(both[kept].var() - 1) < 0.03


@pytest.mark.parametrize("share", [0.0, 1.5, float("nan")])
def test_shares_out_of_range_are_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        LineSample(share, 1, True)


# --- kinds of corpora -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("threads, block_size", FORMS)
@pytest.mark.parametrize("seed, share", [(1, 1.0), (2**64 - 1, 1.0), (5, 0.5)])
def test_sample_of_files_does_not_depend_on_their_form(
    tmp_path: Path, pack: Callable[[bytes], bytes], threads: int, block_size: int, seed: int, share: float
) -> None:
    contents = texts(seed)
    expected = drawn(contents, seed, share)
    assert expected.left_out > 20 and expected.repeated > 20
    options = {} if share == 1 else {"sample_lines": share}
    check(read(written(tmp_path, contents, pack), threads, block_size, seed, **options), expected)


def sentences(n: int = 200) -> Lines:
    rng = random.Random(4)
    return [[str(rng.randrange(50)) for _ in range(rng.choice((0, 1, 3, 9)))] for _ in range(n)]


@pytest.mark.parametrize("threads, block_size", [*FORMS, (1, 60)])
def test_sentences_are_drawn_by_their_numbers(threads: int, block_size: int) -> None:
    lines = sentences()
    expected = Drawn()
    for number, line in enumerate(lines):
        expected.add(line, copies(1, 0, number))
    numbers = [[int(word) for word in line] for line in lines]
    for given in (lines, iter(lines), numbers, [np.array(line, int) for line in lines]):
        check(read(given, threads, block_size), expected)


@pytest.mark.parametrize("threads, block_size", FORMS)
def test_texts_of_an_iterable(threads: int, block_size: int) -> None:
    documents = ["one two\nthree", "four five\n\nsix", "seven"] * 20
    expected = drawn(["\n".join(documents).encode()])
    check(read(documents, threads, block_size, tokenize="words"), expected)


@pytest.mark.parametrize("threads, block_size", [*FORMS, (1, 60), (1, 500)])
@pytest.mark.parametrize("rows", [False, True])
def test_lines_of_arrays_are_drawn_by_where_they_begin(
    tmp_path: Path, rows: bool, threads: int, block_size: int
) -> None:
    lines, expected = sentences(), Drawn()
    values: list[int] = []
    for line in lines:
        expected.add(line, copies(1, 0, len(values)))
        values += [-1, *map(int, line), *[-1] * (10 - len(line))] if rows else [*map(int, line), -1]
    array = np.array(values).reshape(-1, 11) if rows else np.array(values)
    np.save(tmp_path / "a.npy", array.astype(np.int16))
    for given in (array, array.astype(">i4"), tmp_path / "a.npy"):
        check(read(given, threads, block_size), expected)
    if not rows:
        check(read(array[:-1], threads, block_size), expected)


@pytest.mark.parametrize("kind", ["text", "tokens", "integers"])
def test_rows_of_tables(tmp_path: Path, kind: str) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    lines = write_tables(pa, pq, tmp_path, sentences(), kind)
    expected = Drawn()
    for number, line in enumerate(lines):
        expected.add(line, copies(1, 0, number))
    for threads, block_size in FORMS:
        check(read(tmp_path, threads, block_size, column="c"), expected)


def test_groups_of_rows_are_lines(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = [f"w{n} v" for n in random.Random(1).choices(range(50), k=600)]
    pq.write_table(pa.table({"c": rows, "g": [n // 7 for n in range(600)]}), tmp_path / "t.parquet")
    expected = Drawn()
    for number, begin in enumerate(range(0, 600, 7)):
        expected.add(" ".join(rows[begin:begin + 7]).split(), copies(1, 0, number))
    for threads, block_size in FORMS:
        check(read(tmp_path, threads, block_size, column="c", group_by="g"), expected)


@pytest.mark.parametrize("threads, block_size", FORMS)
def test_weights_are_repeated_with_their_lines(tmp_path: Path, threads: int, block_size: int) -> None:
    text = "\n".join(f"{n}.5 a{n} b" for n in range(60)).encode()
    expected = drawn([text])
    for given in (written(tmp_path, [text]), [line.split() for line in text.decode().split("\n")]):
        weights = [float(line[0]) for line in expected.lines if line]
        if not isinstance(given[0], str):
            weights = [n + 0.5 for n in range(60) for _ in range(copies(1, 0, n))]
        encoded = read(given, threads, block_size, line_weights=True)
        entries = encoded.ids[encoded.ids < -1].view(np.uint32) & 0x7FFFFFFF
        assert entries.view(np.float32).tolist() == weights
        assert encoded.report.words == 2 * len(weights)


@pytest.mark.parametrize("block_size", [1, 30, 1 << 19])
def test_bad_weights_are_named_at_their_place(tmp_path: Path, block_size: int) -> None:
    good = [f"{n} word" for n in range(60)]
    lines = [*good, *["bad line"] * 20]
    text = "".join(line + "\n" for line in lines).encode()
    begin = len(text) - 20 * 9
    wrong = next(position for position in range(begin, len(text), 9) if copies(1, 0, position))
    with pytest.raises(w2v.FormatError) as caught:
        read(written(tmp_path, [text]), 1, block_size, line_weights=True)
    assert caught.value.offset == wrong
    sentence = next(number for number in range(60, 80) if copies(1, 0, number))
    with pytest.raises(w2v.CorpusError, match=f"^sentence {sentence}: "):
        read([line.split() for line in lines], 1, block_size, line_weights=True)


@pytest.mark.parametrize("block_size", [1, 40, 1 << 19])
def test_errors_of_a_tokenizer_name_the_line_of_the_file(tmp_path: Path, block_size: int) -> None:
    lines = [*(f"line {n}" for n in range(50)), *["wrong"] * 20]

    def tokenizer(line: str) -> list[str]:
        if line == "wrong":
            raise ValueError("no")
        return line.split()

    begin = len("\n".join(lines[:50])) + 1
    number = next(n for n in range(20) if copies(1, 0, begin + 6 * n))
    with pytest.raises(w2v.CorpusError, match=f"line {51 + number}[^0-9]"):
        read(written(tmp_path, ["\n".join(lines).encode()]), 1, block_size, tokenizer=tokenizer)


# --- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_file", [False, True])
def test_a_line_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, as_file: bool) -> None:
    monkeypatch.setattr(selection, "MAX_LINE", 1000)
    given: Any = [["a"], ["word"] * 300_000]
    if as_file:
        (tmp_path / "t").write_bytes(b"a\n" + b"word " * 3000)
        monkeypatch.setattr("w2v.corpus.blocks.MAX_WORD", 500)
        given = tmp_path / "t"
    with pytest.raises(w2v.CorpusError, match="a line of more than 64 MiB, and bootstrap draws whole lines"):
        read(given, 1, 100)


def test_a_sample_without_lines_is_refused() -> None:
    seed = next(seed for seed in range(20) if copies(seed, 0, 0) == 0)
    with pytest.raises(w2v.CorpusError, match="the bootstrap sample left out all 1 lines; it needs a text of many"):
        read([["one", "line"]], 1, 100, seed)


def test_contradictions_are_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="bootstrap and max_words cannot be combined"):
        w2v.train(tmp_path / "missing", bootstrap=True, max_words=5)
    with pytest.raises(ValueError, match="bootstrap and held_out = 3 lines .* pass a file"):
        w2v.train(tmp_path / "missing", bootstrap=True, held_out=3)
    with pytest.raises(TypeError, match="bootstrap must be True or False"):
        w2v.train(tmp_path / "missing", bootstrap=2)


# --- users ------------------------------------------------------------------------------------------------------------


def corpus() -> bytes:
    return "".join(f"w{n % 7} w{n % 5} x{n % 3}\n" for n in range(500)).encode()


def test_training_on_a_sample_equals_training_on_a_text_of_it(tmp_path: Path) -> None:
    text = corpus()
    expected = drawn([text], 3)
    whole, part = written(tmp_path, [text, "\n".join(map(" ".join, expected.lines)).encode()])
    options: dict[str, Any] = {"epochs": 2, "vector_size": 6, "threads": 1, "min_count": 1, "seed": 3,
                               "progress": False}
    found = w2v.train(whole, bootstrap=True, **options)
    assert np.array_equal(found.wv.vectors, w2v.train(part, **options).wv.vectors)
    report = found.report
    assert report.words_read == report.words_trained + report.words_subsampled + report.words_unknown
    assert report.corpus.lines - report.corpus.lines_repeated + report.corpus.lines_left_out == 500
    assert '"bootstrap"' in found.wv.metadata["corpus"] and "different lines" in str(found)
    assert not np.array_equal(found.wv.vectors, w2v.train(whole, bootstrap=True, **options | {"seed": 4}).wv.vectors)


@pytest.mark.parametrize("threads", [1, 2])
def test_ids_that_are_not_stored_are_those_of_the_same_sample(tmp_path: Path, threads: int) -> None:
    paths = written(tmp_path, texts(13))
    given = replace(CorpusInput.of(paths, {"bootstrap": True}), seed=5)
    stored = encode(given, min_count=2)
    again = encode_again(given, min_count=2, threads=threads, block_size=30)
    try:
        assert np.array_equal(again.read(0, again.n_ids), stored.ids)
        assert again.report.lines_repeated == stored.report.lines_repeated > 0
    finally:
        again.close()


def test_resumed_run_reads_the_same_sample(tmp_path: Path) -> None:
    [path] = written(tmp_path, [corpus() * 12])
    options: dict[str, Any] = {"vector_size": 6, "threads": 1, "seed": 3, "progress": False, "min_count": 1}
    whole = w2v.train(path, bootstrap=True, **options)
    with paced(after_shard=each_shard):
        w2v.train(path, bootstrap=True, checkpoint=tmp_path / "k", checkpoint_every="20%", **options)
    assert np.array_equal(w2v.train(resume=tmp_path / "k", progress=False).wv.vectors, whole.wv.vectors)
    with pytest.raises(ValueError, match="bootstrap"):
        w2v.train(resume=tmp_path / "k", bootstrap=False, progress=False)


def test_a_plan_of_a_sample_knows_its_words(tmp_path: Path) -> None:
    [path] = written(tmp_path, [corpus()])
    plan = w2v.plan(path, bootstrap=True, min_count=1, seed=3)
    assert plan.words.expected == sum(map(len, drawn([corpus()], 3).lines))


def test_tokenize_gives_the_sample() -> None:
    lines = [["a", str(n)] for n in range(100)]
    expected = [line for number, line in enumerate(lines) for _ in range(copies(1, 0, number))]
    assert list(w2v.tokenize(lines, bootstrap=True)) == expected
