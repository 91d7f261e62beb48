"""Encoding with joined phrases, and training on it: exact counts, weights of lines, and every error."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from helpers import phrases_twin as twin
from helpers.stops import each_shard

import w2v
from w2v.phrases import Phrases, encode_joined
from w2v.training.run import paced


@pytest.mark.parametrize("threads", [1, 3])
def test_training_sees_joined_words_with_exact_counts(phrase_files, threads):
    text, model, sentences, phrases = phrase_files
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


def test_training_on_joined_ids_equals_training_on_the_joined_text(phrase_files, tmp_path):
    text, model, _, phrases = phrase_files
    report = phrases.apply_to(text, tmp_path / "joined.txt", threads=2)
    options = {"threads": 1, "min_count": 3, "epochs": 2, "vector_size": 16, "progress": False, "max_vocab": 15}
    joined = w2v.train(tmp_path / "joined.txt", **options)
    on_the_way = w2v.train(text, phrases=phrases, **options)
    assert joined.wv.index_to_key == on_the_way.wv.index_to_key and len(joined.wv) == 15
    assert np.array_equal(joined.wv.vectors, on_the_way.wv.vectors)
    assert report.words_joined == on_the_way.report.corpus.words_joined > 0
    assert report.words - report.words_joined == joined.report.corpus.words


NUMBERS = ["1", "0", "2.5", "1e-3", "123456.789", "1e-30", "0.1", "16777216", "3e38"]


def weighted(sentences, path, numbers=NUMBERS):
    """Write lines with weights; return the weights."""
    numbers = random.Random(1).choices(numbers, k=len(sentences))
    lines = [" ".join([number, *words]) for number, words in zip(numbers, sentences, strict=True)]
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    return numbers


def entries(numbers):
    """Return the entries of weights in ids: the bits of float32 with the sign bit set."""
    return (np.array(numbers, np.float32).view(np.uint32) | np.uint32(1 << 31)).view(np.int32).tolist()


@pytest.mark.parametrize("threads", [1, 3])
def test_weights_are_not_joined_and_stay_with_their_lines(phrase_files, tmp_path, threads, monkeypatch):
    text, model, sentences, phrases = phrase_files
    monkeypatch.setattr("w2v.phrases.text.SHARD_IDS", 100)
    sentences = [*sentences, *[["1", "2.5"]] * 20]  # numbers within a line are words
    numbers = weighted(sentences, tmp_path / "weighted.txt")
    options = {"min_count": 2, "threshold": 0.5, "scoring": "npmi", "passes": 2, "connector_words": ["of", "a"]}
    learned = Phrases(tmp_path / "weighted.txt", line_weights=True, threads=threads, **options,
                      output_text=tmp_path / "joined.txt")
    (tmp_path / "plain.txt").write_bytes(
        "\n".join(map(" ".join, sentences)).encode("utf-8", "surrogateescape"))
    plain = Phrases(tmp_path / "plain.txt", **options)
    assert learned.passes == plain.passes and ("1", "2.5") in learned.passes[0]
    assert learned.report.words == plain.report.words
    joined = [words for words in plain[sentences]]
    written = (tmp_path / "joined.txt").read_bytes().decode("utf-8", "surrogateescape").split("\n")[:-1]
    assert [line.split()[1:] for line in written] == joined
    assert [np.float32(line.split()[0]) for line in written] == [np.float32(number) for number in numbers]
    again = learned.apply_to(tmp_path / "weighted.txt", tmp_path / "again.txt", threads=threads, line_weights=True)
    assert (tmp_path / "again.txt").read_bytes() == (tmp_path / "joined.txt").read_bytes()
    assert again.words_joined == learned.report.words_joined == sum(map(len, sentences)) - sum(map(len, joined)) > 0
    encoded = encode_joined(tmp_path / "weighted.txt", learned, min_count=3, max_vocab=None, threads=threads,
                            line_weights=True)
    assert [k for k in encoded.ids.tolist() if k < -1] == entries(numbers)
    lines = np.split(encoded.ids, np.flatnonzero(encoded.ids < -1))[1:]
    known = set(encoded.vocabulary.words)
    assert [[encoded.vocabulary.words[k] for k in line if k >= 0] for line in lines] == [
        [word for word in words if word in known] for words in joined]


def test_training_with_phrases_and_weights_equals_training_on_the_joined_text(phrase_files, tmp_path, run):
    _, model, sentences, phrases = phrase_files
    weighted(sentences, tmp_path / "text", NUMBERS[:4])
    code, _, err = run("phrases", tmp_path / "text", "--line-weights", "--phrases", model, "--apply",
                       tmp_path / "joined")
    assert code == 0, err
    options = {"threads": 1, "min_count": 3, "epochs": 2, "vector_size": 16, "progress": False, "line_weights": True}
    joined = w2v.train(tmp_path / "joined", **options)
    on_the_way = w2v.train(tmp_path / "text", phrases=model, **options)
    assert joined.wv.index_to_key == on_the_way.wv.index_to_key
    assert np.array_equal(joined.wv.vectors, on_the_way.wv.vectors)
    assert on_the_way.report.corpus.line_weights == joined.report.corpus.line_weights is not None
    plain = w2v.train(tmp_path / "text", phrases=model, **{**options, "line_weights": False})
    assert "2.5" in plain.wv and "2.5" not in joined.wv and not np.array_equal(plain.wv.vectors, joined.wv.vectors)


def test_line_without_a_weight_is_an_error_with_its_byte(run, tmp_path):
    (tmp_path / "text").write_text("1 a b\nc d\n")
    code, _, err = run("phrases", tmp_path / "text", "--line-weights", "-o", tmp_path / "p.tsv")
    assert code == 1 and err.count("\n") == 1
    assert "text, byte 6: the line begins with 'c'; with line_weights it must begin with its weight" in err


def test_phrases_that_are_neither_a_model_nor_a_file_are_refused():
    with pytest.raises(TypeError, match="phrases"):
        w2v.train([["a", "b"]], phrases=5)


def test_train_command_joins_phrases(run, phrase_files, tmp_path):
    text, model, _, _ = phrase_files
    code, out, err = run("train", text, "-o", tmp_path / "v.txt", "--phrases", model, "--vector-size", 4, "--epochs", 1)
    assert code == 0 and "joined" in err
    assert "bank_of_america" in w2v.load(tmp_path / "v.txt")


def test_train_command_refuses_bad_phrases_before_reading(run, tmp_path):
    (tmp_path / "text.txt").write_text("a b\n" * 9)
    for name, code in (("none.tsv", 1), ("text.txt", 1)):
        got, _, err = run("train", tmp_path / "text.txt", "-o", tmp_path / "v.txt", "--phrases", tmp_path / name)
        assert got == code and err.count("\n") == 1 and name in err
    (tmp_path / "p.tsv").write_text(twin.HEAD)
    got, _, err = run("train", tmp_path / "text.txt", "-o", tmp_path / "p.tsv", "--phrases", tmp_path / "p.tsv")
    assert got == 2 and "is also an input" in err and (tmp_path / "p.tsv").read_text() == twin.HEAD


def test_resumed_run_needs_the_same_phrases(tmp_path):
    corpus, options = tmp_path / "c.txt", {"vector_size": 8, "min_count": 1, "threads": 1, "progress": False}
    corpus.write_text("new york is big and new york is old\n" * 300)
    Phrases(corpus, min_count=1, threshold=0.015).save(tmp_path / "p.tsv")
    with paced(after_shard=each_shard):
        whole = w2v.train(corpus, phrases=tmp_path / "p.tsv", checkpoint=tmp_path / "k", checkpoint_every=1e-6,
                          **options)
    assert "new_york" in whole.wv and whole.report.checkpoints
    with pytest.raises(w2v.W2VError, match="the run in .* joined phrases: pass the same phrases again"):
        w2v.train(resume=tmp_path / "k", progress=False)
    again = w2v.train(resume=tmp_path / "k", phrases=tmp_path / "p.tsv", progress=False)
    assert again.wv.vectors.tobytes() == whole.wv.vectors.tobytes()
