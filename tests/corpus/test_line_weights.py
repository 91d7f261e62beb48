"""Weights of lines: read from files and iterables, with any block size and number of threads."""

from __future__ import annotations

import gzip
import json
import random
import struct
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v import cli
from w2v.corpus.encode import encode

NUMBERS = ["0", "1", "2.5", "-0", "+3", "1e-3", "1E2", ".5", "7.", "0.1", "123456.789", "0." + "3" * 40, "1e-60",
           "0.30000000000000004", "340282346638528859811704183484516925440"]


def read(path: Path, **options: object) -> tuple[list[str], list[object]]:
    """Return the words, and the lines as [weight, word, ...] without lines that have no words."""
    encoded = encode(path, line_weights=True, **options)  # type: ignore[arg-type]
    lines: list[object] = []
    for line in np.split(encoded.ids, np.flatnonzero(encoded.ids == -1) + 1):
        if (line >= 0).any():
            assert line[-1] == -1 and line[-2] >= 0
            *_, weight = [entry for entry in line.tolist() if entry < -1]
            words = [encoded.vocabulary.words[k] for k in line if k >= 0]
            lines.append([struct.unpack("<f", struct.pack("<i", weight))[0] * -1.0, *words])
    assert encoded.n_words == (encoded.ids >= 0).sum()
    return encoded.vocabulary.words, lines


def random_text(rng: random.Random) -> bytes:
    """Return lines with weights, mixed white space, empty lines, and lines of a weight only."""
    text = ""
    for _ in range(rng.randrange(1, 40)):
        words = [rng.choice("abcdef01") * rng.choice((1, 2, 20)) for _ in range(rng.randrange(9))]
        line = [rng.choice(NUMBERS), *words]
        line = [] if rng.random() < 0.1 else line
        text += rng.choice(("", " ", "\t  ")) + "".join(word + " " * rng.randrange(1, 4) for word in line)
        text = text.rstrip() + rng.choice(("\n", " \n", "\r\n", "\n\n")) if rng.random() < 0.5 else text + "\n"
    return text.encode()


@pytest.mark.slow
def test_random_texts_equal_split(tmp_path: Path) -> None:
    """With any block size: at each cut the tokenizer has to know whether a weight comes next."""
    rng, path = random.Random(3), tmp_path / "text"
    inside = 0
    for _ in range(250):
        text = random_text(rng)
        path.write_bytes(text)
        lines = [line.split() for line in text.decode().split("\n") if line.split()]
        expected = [[float(np.float32(line[0])), *line[1:]] for line in lines if len(line) > 1]
        if not expected:
            continue
        block_size = rng.choice((1, 2, 7, 30, 64, 1000))
        inside += block_size < 64
        ids = encode(path, min_count=1, line_weights=True).ids
        assert np.array_equal(ids, encode(path, min_count=1, line_weights=True, block_size=block_size).ids)
        words, got = read(path, min_count=1, block_size=block_size, threads=rng.choice((1, 3)))
        assert got == expected
        assert sorted(words) == sorted({word for line in expected for word in line[1:]})  # type: ignore[type-var]
    assert inside > 50


def test_weights_stay_with_their_lines_when_words_are_unknown(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("1 rare\n2 a a\n3 rarer a\n4 odd\n5 a\n")
    assert read(path, min_count=2)[1] == [[2.0, "a", "a"], [3.0, "a"], [5.0, "a"]]


def test_temporary_file_and_threads_do_not_change_the_ids(tmp_path: Path) -> None:
    rng, path = random.Random(4), tmp_path / "text"
    path.write_bytes(b"".join(random_text(rng) for _ in range(300)).replace(b"\n", b"\n1 a\n"))
    plain = encode(path, min_count=2, line_weights=True)
    for options in ({"threads": 3}, {"memory_share": 0.0}, {"memory_share": 0.0, "threads": 2, "block_size": 999}):
        other = encode(path, min_count=2, line_weights=True, **options)  # type: ignore[arg-type]
        assert np.array_equal(plain.ids, other.ids)
        assert other.n_words == plain.n_words and other.report.words == plain.report.words


def test_report_has_statistics_of_the_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "text"
    path.write_text("2 a b c\n0 a b\n0.5 c a b\n" * 50)
    weights = encode(path, line_weights=True).report.line_weights
    assert weights is not None
    assert (weights.lines, weights.zeros, weights.lowest, weights.highest) == (150, 50, 0.0, 2.0)
    assert weights.mean == pytest.approx(2.5 / 3)
    assert cli.main(["train", str(path), "-o", str(tmp_path / "v.txt"), "--line-weights", "--epochs", "2"]) == 0
    assert "150   0 to 2, mean 0.8333" in (shown := capsys.readouterr().err) and "50 lines of weight 0" in shown
    assert cli.main(["train", str(path), "-o", str(tmp_path / "v.safetensors"), "--line-weights", "--json", "--window",
                     "0,3", "--epochs", "2", "--sample", "0"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["corpus"]["line_weights"]["zeros"] == 50 and report["vocabulary"] == 3
    assert report["words_read"] == 800 and report["words_trained"] == 600 and report["words_subsampled"] == 200
    card = json.loads(w2v.load(tmp_path / "v.safetensors").metadata["training"])
    assert card["line_weights"] is True and card["window"] == [0, 3]


def test_numbers_are_words_without_line_weights(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("2 a\n2 b\n")
    encoded = encode(path, min_count=1)
    assert "2" in encoded.vocabulary.words and encoded.report.line_weights is None and encoded.ids.min() == -1


def test_numbers_and_strings_are_weights_in_iterables() -> None:
    for weight in (2, 2.0, "2", np.float32(2)):
        encoded = encode([[weight, "a", "b"], [0.25, "b"], []], min_count=1, line_weights=True)
        assert encoded.report.line_weights is not None and encoded.report.line_weights.highest == 2
        assert encoded.n_words == 3


@pytest.mark.parametrize("threads", [1, 2])
def test_heavier_lines_are_learned_more(threads: int) -> None:
    """Two sets of pairs occur equally often; those of weight 0.01 hardly move from their initial vectors."""
    rng = np.random.default_rng(1)
    lines = [[1.0 if k < 20 else 0.01, *[f"w{k}{side}" for side in "ab"]] for k in rng.integers(0, 40, 20_000)]
    model = w2v.train(lines, line_weights=True, min_count=1, sample=0, vector_size=16, epochs=3, threads=threads,
                      progress=False)
    norms = {word: float(np.linalg.norm(model.wv[word])) for word in model.wv.index_to_key}
    heavy = [norms[f"w{k}a"] for k in range(20)]
    light = [norms[f"w{k}a"] for k in range(20, 40)]
    assert min(heavy) > 2 * max(light)


@pytest.mark.parametrize("bad", ["x", "nan", "inf", "-1", "1e39", "1,5", "0x1", "1_000", "--2", "2" * 70 + ".x"])
def test_bad_weight_is_an_error_with_its_byte(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "text"
    good = "1 a b\r\n2 a\n\n" * 400
    path.write_text(good + f" {bad} a\n" + good)
    for options in ({}, {"threads": 2, "block_size": 100}, {"block_size": 1}):
        with pytest.raises(w2v.FormatError, match=f"text, byte {len(good) + 1}: .*{bad[:40]}.*line_weights"):
            encode(path, line_weights=True, **options)  # type: ignore[arg-type]
    packed = tmp_path / "text.gz"
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf" + path.read_bytes()))
    with pytest.raises(w2v.FormatError, match=f"text.gz, byte {len(good) + 4}: "):
        encode([tmp_path / "text.gz"], line_weights=True, block_size=500)


def test_error_names_the_second_file_and_the_sentence(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1 a\n" * 9)
    (tmp_path / "b").write_text("1 a\nb a\n")
    with pytest.raises(w2v.FormatError, match="b, byte 4"):
        encode(tmp_path, line_weights=True)
    with pytest.raises(w2v.CorpusError, match="sentence 3"):
        encode([["1", "a"]] * 3 + [["a", "1"]], line_weights=True, block_size=4)
    assert cli.main(["train", str(tmp_path / "b"), "-o", str(tmp_path / "v.bin"), "--line-weights", "-q"]) == 1
    assert not (tmp_path / "v.bin").exists()
