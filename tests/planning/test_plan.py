"""Plans: estimates against known texts, unusual inputs, problems, output of the command."""

import gzip
import io
import json
import random
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.estimates import estimate, true_vocabulary, write_text

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.estimate import chunks, line_lengths, sample
from w2v.corpus.estimate.growth import Estimate
from w2v.corpus.paths import CorpusInput
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.planning import advice, speed
from w2v.planning.plan import MIN_COUNTS, Plan


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_text(tmp_path_factory.mktemp("plan"))


@pytest.fixture(scope="module")
def truth(corpus: Path) -> dict[int, int]:
    return true_vocabulary(corpus)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "RUN_SECONDS", 0.001)
    monkeypatch.setattr(sample, "READING_SECONDS", 60.0)


# --- estimates -----------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("options", [
    {"sample_lines": 0.3}, {"max_words": 5000}, {"sample_lines": 0.5, "max_words": 5000, "seed": 7},
    {"sample_lines": 0.5, "max_words": 10**9}])
@pytest.mark.parametrize("packed", [False, True])
def test_small_part_of_a_text_is_read_completely(tmp_path: Path, options: dict[str, Any], packed: bool) -> None:
    path = tmp_path / "t"
    content = "".join(f"w{n % 97} w{n % 61} x{n % 3}\n\n" for n in range(5000)).encode()
    path.write_bytes(gzip.compress(content) if packed else content)
    found = w2v.plan(path, threads=1, vector_size=16, min_count=2, **options)
    report = w2v.train(path, threads=1, vector_size=4, min_count=2, epochs=1, progress=False, **options).report
    assert found.complete and found.words.exact and found.lines.exact
    assert (found.words.expected, found.lines.expected) == (report.corpus.words, report.corpus.lines)
    assert found.vocabulary[1].expected == report.corpus.distinct_words
    assert found.n_words.expected == report.vocabulary


@pytest.mark.parametrize("options", [{"sample_lines": 0.3}, {"max_words": 150_000}, {"max_words": 10**9}])
def test_part_of_a_larger_text_is_estimated_from_its_start(corpus: Path, options: dict[str, Any],
                                                           capsys: pytest.CaptureFixture[str]) -> None:
    found = w2v.plan(corpus, threads=1, vector_size=16, sample_bytes=200_000, **options)
    report = encode(CorpusInput.of(corpus, options)).report
    assert not found.complete and found.from_start
    assert found.words.low <= report.words <= found.words.high
    assert found.words.expected == pytest.approx(report.words, rel=0.05)
    assert found.vocabulary[1].low <= report.distinct_words <= found.vocabulary[1].high
    assert any("a part of a corpus is read from its start" in line for line in found.advice)
    switch, value = next(iter(options.items()))
    assert cli.main(["plan", str(corpus), "--" + switch.replace("_", "-"), str(value), "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert planned["words"]["expected"] == pytest.approx(report.words, rel=0.05)


def test_max_vocab_limits_the_planned_vocabulary(corpus: Path, truth: dict[int, int]) -> None:
    found = w2v.plan(corpus, threads=1, vector_size=16, max_vocab=500)
    assert found.n_words == Estimate(500, 500, 500) and found.vocabulary[5].expected == truth[5]
    assert found.words_unknown == pytest.approx(1 - encode(corpus, max_vocab=500).n_words / 600_000)


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
               advice.advice(found, found.sizes(1, None), TrainConfig(), 1, 1, "memory"))


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
    with pytest.raises(W2VError, match="a sample needs files: standard input"):
        w2v.plan("-")
    assert sys.stdin.read() == "a b c"
    for iterable in ([["a", "b"]], iter([["a"]]), []):
        with pytest.raises(TypeError, match="a sample needs files"):
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
        assert found.n_words.expected == (least == 5) and not found.fits
        with pytest.raises(CorpusError) as caught:
            w2v.train(tmp_path / "text", min_count=least, progress=False)
        assert found.problems == [str(caught.value)]
    assert w2v.plan(tmp_path / "text", min_count=1, threads=1).words_per_second


@pytest.mark.slow
def test_speed_with_expensive_words_is_measured_on_few_of_them(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first run has the same number of operations whatever the options."""
    trained: list[float] = []

    def run(*arguments: Any, train: Any = speed._run) -> Any:
        seconds, words = train(*arguments)
        trained.append(words)
        return seconds, words

    monkeypatch.setattr(speed, "_run", run)
    found = w2v.plan(corpus, threads=2, vector_size=2000, window=20, negative=20)
    assert found.words_per_second and found.seconds_training and 0 < trained[0] < 3000
    assert found.seconds_training == pytest.approx(
        5 * encode(corpus, min_count=5).n_words / found.words_per_second)


# --- windows of whole lines ------------------------------------------------------------------------------------------


def baskets(path: Path, longest: int) -> Path:
    rng = random.Random(4)
    lengths = [3, 8, 20] * 200 + [longest]
    path.write_text("".join(" ".join(f"i{rng.randrange(300)}" for _ in range(n)) + "\n" for n in lengths))
    return path


@pytest.mark.parametrize("contexts", [None, 10])
def test_cost_of_whole_lines_is_exact_for_a_small_text(tmp_path: Path, contexts: int | None) -> None:
    path = baskets(tmp_path / "text", 30_000)
    found = w2v.plan(path, threads=1, vector_size=16, window="line", line_contexts=contexts, min_count=1)
    lengths = [3, 8, 20] * 200 + [30_000]
    pairs = [n * min(n - 1, contexts or n) for n in lengths]
    assert found.whole_lines is not None and found.whole_lines.complete and found.fits
    assert (found.whole_lines.longest, found.whole_lines.longest_pairs) == (30_000, pairs[-1])
    assert found.whole_lines.pairs == pytest.approx(sum(pairs))
    assert found.seconds < 20 and found.as_dict()["whole_lines"]["longest"] == 30_000
    assert w2v.plan(path, threads=1, vector_size=16).whole_lines is None


def test_only_words_of_the_vocabulary_count_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("a b a b rare1 rare2\n" * 3 + " ".join(f"once{k}" for k in range(40_000)) + "\n")
    found = w2v.plan(tmp_path / "text", threads=1, vector_size=16, window="line", min_count=4)
    assert found.whole_lines is not None and found.whole_lines.longest == 4 and found.fits


def test_plan_refuses_the_line_that_train_refuses_and_exits_with_1(tmp_path: Path,
                                                                   capsys: pytest.CaptureFixture[str]) -> None:
    path = baskets(tmp_path / "text", 30_001)
    options = ["--window", "line", "--vector-size", "16", "--threads", "1"]
    with pytest.raises(CorpusError, match="30,001 known words") as refused:
        w2v.train(path, window="line", vector_size=16, threads=1, progress=False)
    assert cli.main(["plan", str(path), *options, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["problems"] == [str(refused.value)]
    assert cli.main(["plan", str(path), *options]) == 1
    assert f"train would refuse: {refused.value}" in " ".join(capsys.readouterr().out.split())
    assert cli.main(["plan", str(path), *options, "--line-contexts", "7"]) == 0
    assert re.search(r"longest line +30,001 +known words; 210,007 pairs in an epoch", capsys.readouterr().out)


@pytest.mark.parametrize("longest", [50_000, 900_000])
def test_lines_of_a_large_text_are_found_at_random_bytes(tmp_path: Path, longest: int,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    """The line has a third or more of the words; chunks of the sample are shorter than it."""
    monkeypatch.setattr(line_lengths, "SECONDS", 60.0)
    line = " ".join(f"w{k % 977}" for k in range(longest)) + "\n"
    path = tmp_path / "text"
    path.write_text("a b c d e f\n" * 10_000 + line + "a b c\n" * 10_000)
    found = estimate(path, sample_bytes=200_000)
    lines = line_lengths.line_lengths(found, 1, None)
    share = longest / (longest + 90_000)
    assert not found.sample.complete and not lines.complete and not lines.cut
    assert lines.longest == pytest.approx(longest, rel=0.5)  # words are longer in this line than elsewhere
    assert share * longest / 2 < lines.contexts(None) < longest * 1.5 and lines.contexts(9) < 9


def test_line_that_is_too_long_to_search_is_known_to_be_longer(tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_lengths, "SECONDS", -1.0)
    (tmp_path / "text").write_text("a b c d " * 100_000)
    lines = line_lengths.line_lengths(estimate(tmp_path / "text", sample_bytes=100_000), 1, None)
    assert lines.cut and not lines.complete


# --- problems -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output, problem", [("no/folder/v.bin", "No such file"), ("folder.bin", "it is a folder")])
def test_output_that_train_would_refuse_is_refused(tmp_path: Path, output: str, problem: str,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder.bin").mkdir()
    path = baskets(tmp_path / "text", 9)
    assert cli.main(["plan", str(path), "-o", str(tmp_path / output), "--vector-size", "8", "--threads", "1"]) == 1
    captured = capsys.readouterr()
    assert problem in " ".join((captured.out + captured.err).split())


@pytest.mark.parametrize("arguments, problem", [
    (["-o", "v.bin", "--minn", "3", "--maxn", "6"], "cannot hold n-grams"),
    (["--held-out", "9", "--line-weights"], "held-out loss is not supported")])
def test_options_that_train_refuses_are_wrong_usage(corpus: Path, arguments: list[str], problem: str,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", str(corpus), *arguments]) == 2 and problem in capsys.readouterr().err


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


def test_wrong_usage_is_code_two(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
