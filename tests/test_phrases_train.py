"""Phrases on the way to training: joined words in the vocabulary, with exact counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import phrases_twin as twin
import pytest

import w2v
from w2v import cli
from w2v.phrases import Phrases


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[list[str]], Phrases]:
    return twin.files_in(tmp_path_factory.mktemp("phrases"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*arguments):
        code = cli.main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.mark.parametrize("threads", [1, 3])
def test_training_sees_joined_words_with_exact_counts(files, threads):
    text, model, sentences, phrases = files
    expected = Counter(word for sentence in phrases[sentences] for word in sentence)
    result = w2v.train(text, phrases=model, threads=threads, min_count=4, epochs=1, vector_size=8, progress=False)
    known = {word: n for word, n in expected.items() if n >= 4}
    assert {"東京_都", "нью_йорк", "\udcff\udcfe_é", "bank_of_america", "rare_word"} <= set(known)
    assert "rare" not in expected
    assert {word: result.wv.get_vecattr(word, "count") for word in result.wv.index_to_key} == known
    assert result.wv.index_to_key == sorted(known, key=lambda w: (-known[w], w.encode("utf-8", "surrogateescape")))
    report = result.report
    assert report.corpus.words == expected.total() and report.corpus.words_unknown == expected.total() - sum(
        known.values())
    assert report.corpus.words + report.corpus.words_joined == sum(map(len, sentences))
    assert report.words_read == report.words_trained + report.words_subsampled + report.words_unknown
    assert report.corpus.distinct_words == len(expected)


def test_training_on_joined_ids_is_training_on_the_joined_text(files, tmp_path):
    text, model, _, phrases = files
    report = phrases.apply_to(text, tmp_path / "joined.txt", threads=2)
    options = {"threads": 1, "min_count": 3, "epochs": 2, "vector_size": 16, "progress": False, "max_vocab": 15}
    joined = w2v.train(tmp_path / "joined.txt", **options)
    on_the_way = w2v.train(text, phrases=phrases, **options)
    assert joined.wv.index_to_key == on_the_way.wv.index_to_key and len(joined.wv) == 15
    assert np.array_equal(joined.wv.vectors, on_the_way.wv.vectors)
    assert report.words_joined == on_the_way.report.corpus.words_joined > 0
    assert report.words - report.words_joined == joined.report.corpus.words


def test_phrases_that_are_neither_a_model_nor_a_file_are_refused():
    with pytest.raises(TypeError, match="phrases"):
        w2v.train([["a", "b"]], phrases=5)


def test_train_takes_phrases(run, files, tmp_path):
    text, model, _, _ = files
    code, out, err = run("train", text, "-o", tmp_path / "v.txt", "--phrases", model, "--vector-size", 4, "--epochs", 1)
    assert code == 0 and "joined" in err
    assert "bank_of_america" in w2v.load(tmp_path / "v.txt")


def test_train_refuses_bad_phrases_before_it_reads(run, tmp_path):
    (tmp_path / "text.txt").write_text("a b\n" * 9)
    for name, code in (("none.tsv", 1), ("text.txt", 1)):
        got, _, err = run("train", tmp_path / "text.txt", "-o", tmp_path / "v.txt", "--phrases", tmp_path / name)
        assert got == code and err.count("\n") == 1 and name in err
    (tmp_path / "p.tsv").write_text(twin.HEAD)
    got, _, err = run("train", tmp_path / "text.txt", "-o", tmp_path / "p.tsv", "--phrases", tmp_path / "p.tsv")
    assert got == 2 and "twice" in err and (tmp_path / "p.tsv").read_text() == twin.HEAD
