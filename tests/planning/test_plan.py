"""Plans: estimates against known texts, bounded reading, unusual inputs, problems, output of the command."""

import bz2
import gzip
import io
import json
import lzma
import os
import random
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import zipf

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.corpus.blocks import Descriptor
from w2v.corpus.encode import encode
from w2v.corpus.estimate import chunks, sample
from w2v.corpus.estimate.chunks import spread
from w2v.corpus.estimate.estimate import TextEstimate
from w2v.corpus.estimate.growth import Estimate, measure, vocabulary
from w2v.corpus.estimate.sample import take_sample
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.planning import advice, speed
from w2v.planning.plan import MIN_COUNTS, Plan


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "corpus.txt"
    path.write_bytes(zipf.text(600_000))
    return path


@pytest.fixture(scope="module")
def truth(corpus: Path) -> dict[int, int]:
    counts = encode(corpus, min_count=1).vocabulary.counts
    return {least: int((counts >= least).sum()) for least in MIN_COUNTS}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "RUN_SECONDS", 0.001)
    monkeypatch.setattr(sample, "READING_SECONDS", 60.0)


def estimate(path: Path | list[Path], **options: float) -> TextEstimate:
    return TextEstimate(take_sample(path, seconds=60.0, **options))  # type: ignore[arg-type]


# --- estimates -----------------------------------------------------------------------------------------------------


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
        assert guess.low < guess.expected < guess.high < 4 * guess.low, least
    unknown = 1 - encode(corpus, min_count=5).n_words / 600_000
    assert 1 - found.known_share(5) == pytest.approx(unknown, abs=0.02)
    assert found.word_bytes(5) == pytest.approx(len(encode(corpus).vocabulary.blob) / truth[5], rel=0.25)


@pytest.mark.slow
def test_small_text_is_read_completely_and_numbers_are_exact(corpus: Path, truth: dict[int, int],
                                                               tmp_path: Path) -> None:
    found = w2v.plan(corpus, threads=1, vector_size=16, min_count=3, output=tmp_path / "v.txt")
    assert isinstance(found, Plan) and found.complete and not found.from_start and found.fits
    for value in (found.words, found.lines, found.text_bytes, found.bytes_on_disk, *found.vocabulary.values()):
        assert value.exact
    encoded = encode(corpus, min_count=3)
    assert (found.words.expected, found.lines.expected) == (encoded.report.words, encoded.report.lines)
    assert {least: value.expected for least, value in found.vocabulary.items() if least != 3} == truth
    assert sorted(found.vocabulary) == sorted({*MIN_COUNTS, 3})
    assert found.n_words.expected == len(encoded.vocabulary)
    assert found.words_unknown == pytest.approx(encoded.report.words_unknown / encoded.report.words)
    assert found.words_per_second is not None and found.words_per_second > 0
    assert found.seconds_training == pytest.approx(5 * encoded.n_words / found.words_per_second)
    assert found.config.vector_size == 16 and found.threads == 1 and found.isa in w2v.available_isas()
    model = w2v.train(corpus, threads=1, vector_size=16, min_count=3, epochs=1, progress=False)
    model.save(tmp_path / "v.txt")
    assert found.disk.output == pytest.approx((tmp_path / "v.txt").stat().st_size, rel=0.1)
    for suffix, name in ((".bin", "word2vec-binary"), (".safetensors", "safetensors")):
        model.save(tmp_path / f"v{suffix}")
        assert found.disk.formats[name] == pytest.approx((tmp_path / f"v{suffix}").stat().st_size, rel=0.05)


def test_max_vocab_limits_the_planned_vocabulary(corpus: Path, truth: dict[int, int]) -> None:
    found = w2v.plan(corpus, threads=1, vector_size=16, max_vocab=500)
    assert found.n_words == Estimate(500, 500, 500) and found.vocabulary[5].expected == truth[5]
    assert found.words_unknown == pytest.approx(1 - encode(corpus, max_vocab=500).n_words / 600_000)


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


@pytest.mark.parametrize("packed", [False, True])
def test_line_without_a_weight_is_reported_with_its_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                        packed: bool) -> None:
    good = "1 a b\r\n 2 a\n\n" * 400
    for mark in ("", "\ufeff"):
        text, path = (mark + good + " x a\n" + good).encode(), tmp_path / "text"
        path.write_bytes(gzip.compress(text) if packed else text)
        monkeypatch.setattr(chunks, "CHUNK_BYTES", 100)
        with pytest.raises(w2v.FormatError, match=f"text, byte {len((mark + good).encode()) + 1}: .*'x'.*line_weights"):
            w2v.plan(path, line_weights=True)


@pytest.mark.slow
def test_plan_for_weighted_lines_equals_that_for_their_words(corpus: Path, truth: dict[int, int],
                                                              tmp_path: Path) -> None:
    path = tmp_path / "weighted.txt"
    path.write_text("".join(f"{k % 7} {line}\n" for k, line in enumerate(corpus.read_text().splitlines())))
    options = {"threads": 1, "vector_size": 16}
    plain, found = (w2v.plan(text, line_weights=weights, **options) for text, weights in
                    ((corpus, False), (path, True)))
    assert found.complete and found.words == plain.words and found.lines == plain.lines
    assert found.vocabulary == plain.vocabulary and found.vocabulary[1].expected == truth[1]
    encoded = encode(path, line_weights=True, min_count=1)
    assert found.memory.ids == encoded.ids.nbytes == plain.memory.ids + 4 * encoded.report.lines
    assert found.words_per_second is not None and found.words_per_second > 0
    assert cli.main(["plan", str(path), "--line-weights", "--vector-size", "16", "--threads", "1", "--json"]) == 0


def test_vocabulary_growth_of_an_empty_text_and_of_one_word() -> None:
    all_of_it = Estimate(5.0, 5.0, 5.0)
    assert vocabulary(measure([], 0), all_of_it, 1, complete=True, from_start=False) == Estimate(0, 0, 0)
    one = measure([np.zeros(5, np.int32)], 1)
    assert vocabulary(one, all_of_it, 5, complete=True, from_start=False) == Estimate(1, 1, 1)
    more = vocabulary(one, Estimate(500, 500, 500), 5, complete=False, from_start=False)
    assert 1 <= more.low <= more.expected <= more.high <= 100


# --- bounded reading -----------------------------------------------------------------------------------------------


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
    assert np.diff(begins).max() < 5 * (10 << 30) / len(begins)
    assert found.bytes_on_disk.expected == 10 << 30 and not found.sample.complete
    assert found.words.expected == pytest.approx((10 << 30) * 200_000 / len(text), rel=0.05)


def test_reading_ends_at_the_time_limit(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1 << 12)
    found = take_sample(corpus, seconds=0.0)
    assert len(found.chunks) == 1 and not found.complete
    assert TextEstimate(found).words.expected == pytest.approx(600_000, rel=0.2)


def test_spread_is_even_and_never_repeats() -> None:
    for n, most in ((1, 5), (10, 100), (1000, 1000), (10**6, 1000), (10**12, 500)):
        order = list(spread(n, most))
        assert len(set(order)) == len(order) == min(n, most) and 0 <= min(order) <= max(order) < n
        for k in (most // 10, most):
            if 10 < k < len(order) < n:
                gaps = np.diff(sorted(order[:k]))
                assert gaps.max() < 5 * n / k


@pytest.mark.parametrize("opener", [gzip.open, bz2.open, lzma.open])
@pytest.mark.slow
def test_compressed_files_are_read_from_the_start(corpus: Path, tmp_path: Path, opener: object) -> None:
    path = tmp_path / "packed"
    data = corpus.read_bytes()
    with opener(path, "wb") as file:  # type: ignore[operator]
        file.write(data)
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
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(W2VError, match="a plan needs files"):
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


# --- unusual inputs -------------------------------------------------------------------------------------------------


def test_advice_mentions_a_single_endless_line(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    path.write_bytes(corpus.read_bytes().replace(b"\n", b" "))
    found = w2v.plan(path, threads=1, vector_size=16)
    assert found.lines.expected == 1 and found.words.expected == 600_000
    assert any("600,000 words per line" in line for line in found.advice)


def test_endless_words_are_cut_and_mentioned(tmp_path: Path) -> None:
    path = tmp_path / "words"
    path.write_bytes(b"x" * 3_000_000 + b" a b c\n")
    found = estimate(path)
    assert found.words.expected < 60
    assert any("is this text" in line for line in
               advice.advice(found, found.sizes(1, None), TrainConfig(), 1, 1, False))


@pytest.mark.parametrize("content", [b"", b" \n\t \r\n", b"\n" * 200_000])
def test_text_without_words_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "text").write_bytes(content)
    with pytest.raises(CorpusError, match="no word"):
        w2v.plan(tmp_path / "text", threads=1)


@pytest.mark.slow
def test_binary_data_is_refused_or_mentioned(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(300_000)
    (tmp_path / "noise").write_bytes(noise)
    with pytest.raises(FormatError, match=r"noise, byte \d+: NUL byte"):
        w2v.plan(tmp_path / "noise")
    (tmp_path / "noise").write_bytes(b"a" + noise.replace(b"\0", b"\x01"))
    found = w2v.plan(tmp_path / "noise", threads=1, min_count=1, vector_size=16)
    assert any("not valid UTF-8" in line for line in found.advice)
    (tmp_path / "wide").write_bytes("some words in UTF-16\n".encode("utf-16"))
    with pytest.raises(FormatError, match="UTF-16"):
        w2v.plan(tmp_path / "wide")


def test_corpus_that_cannot_be_read_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a b c")))
    with pytest.raises(W2VError, match="a plan needs files: standard input"):
        w2v.plan("-")
    assert sys.stdin.read() == "a b c"
    for iterable in ([["a", "b"]], iter([["a"]]), []):
        with pytest.raises(TypeError, match="a plan needs files"):
            w2v.plan(iterable)
    with pytest.raises(W2VError, match="missing"):
        w2v.plan(tmp_path / "missing")
    with pytest.raises(TypeError, match="did you mean vector_size"):
        w2v.plan(tmp_path, size=100)
    with pytest.raises(ValueError, match="sample_bytes"):
        w2v.plan(tmp_path, sample_bytes=0)


@pytest.mark.slow
def test_vocabulary_of_one_word_or_none_has_no_speed(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"a a a a a a b\n")
    for least in (5, 100):
        found = w2v.plan(tmp_path / "text", min_count=least)
        assert found.words_per_second is None and found.seconds_training is None
        assert found.n_words.expected == (least == 5) == found.fits
    with pytest.raises(CorpusError) as caught:
        w2v.train(tmp_path / "text", min_count=100, progress=False)
    assert found.problems == [str(caught.value)]
    assert w2v.plan(tmp_path / "text", min_count=1, threads=1).words_per_second


@pytest.mark.slow
def test_speed_with_expensive_words_is_measured_on_few_of_them(tmp_path: Path, corpus: Path) -> None:
    found = w2v.plan(corpus, threads=2, vector_size=2000, window=20, negative=20)
    assert found.words_per_second and found.seconds_training and found.seconds_training > 1


# --- the command ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_json_is_one_object(corpus: Path, truth: dict[int, int], capsys: pytest.CaptureFixture[str],
                            tmp_path: Path) -> None:
    assert cli.main(["plan", str(corpus), "--json", "-o", str(tmp_path / "v.safetensors"), "-size", "16", "--threads",
                     "1", "-iter", "2"]) == 0
    out = capsys.readouterr().out
    found = json.loads(out)
    assert out.count("\n") == 1 and found["fits"] is True and found["problems"] == []
    assert {*found} == {*Plan.__dataclass_fields__, "fits"}
    assert found["vocabulary"]["5"] == {"expected": truth[5], "low": truth[5], "high": truth[5]}
    assert found["words"]["expected"] == 600_000 and found["config"]["epochs"] == 2
    assert found["memory"]["peak"] > found["memory"]["matrices"] == 2 * truth[5] * 16 * 4
    assert found["disk"]["output"] == found["disk"]["formats"]["safetensors"] > 0 and not list(tmp_path.iterdir())


@pytest.mark.slow
def test_table_is_aligned_and_heuristics_are_marked(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", str(corpus), "--vector-size", "16", "--threads", "1", "--min-count", "7"]) == 0
    out, err = capsys.readouterr()
    table = [line for line in out.splitlines() if not line.startswith("advice: ")]
    assert err == "" and "600,000   exact" in out and "count >= 7" in out and "<- min_count" in out
    ends = {match.end() for line in table if (match := re.match(r"vocabulary, count >= \d+ +[\d,]+", line))}
    assert len(ends) == 1
    assert "advice: heuristic: a small text: use 50 epochs" in out
    for name in ("memory, peak", "  matrices", "  while reading", "disk, word2vec text", "time, reading"):
        assert any(line.startswith(name) for line in table), name


def test_usage_errors(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(corpus)
    for arguments in (["plan"], ["plan", "-"], ["plan", path, "--window", "0"], ["plan", path, "-o", "v.x"],
                      ["plan", path, "--threads", "no"], ["plan", "neither", "nor"]):
        code = cli.main(arguments)
        assert (code, capsys.readouterr().out) == (1 if "nor" in arguments else 2, ""), arguments


def test_plan_and_train_have_the_same_options() -> None:
    parser = cli._parser()
    train = vars(parser.parse_args(["train", "x", "-o", "y"]))
    plan = vars(parser.parse_args(["plan", "x"]))
    for name in (*TrainConfig.__dataclass_fields__, "threads"):
        assert plan[name] == train[name]
