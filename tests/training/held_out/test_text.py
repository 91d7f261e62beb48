"""Separate held-out text: its loss, how it is read, resumption with it, and errors."""

import gzip
import json
import os
import re

import numpy as np
import pytest
from helpers import diverging, planted
from helpers.stops import Stop, each_shard, stop_after

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.phrases import Phrases
from w2v.training.checkpoint import Checkpoint
from w2v.training.held_out import lines as held_out_lines
from w2v.training.held_out import loss as held_out_loss
from w2v.training.run import paced

OPTIONS = planted.OPTIONS | {"vector_size": 16}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    planted.write_corpus(path, 6_000)
    return path


@pytest.fixture
def text(tmp_path):
    """300 lines of the same kind as the corpus, with unknown words between and around them."""
    lines = [" ".join(words) for words in [*planted.sentences(6_300)][6_000:]]
    lines[7:7] = ["zebra", "", "zebra yak  "]
    lines[20] = "yak " + lines[20] + " zebra"
    path = tmp_path / "more.txt"
    path.write_text("\n".join(lines))
    return path


def read(path, vocabulary, **options):
    config = TrainConfig(held_out=path)
    text = held_out_lines.read_text("no corpus", config, options.pop("phrases", None),
                                    threads=options.pop("threads", 1), progress=False)
    return text.lines(vocabulary)


def split(path, vocabulary):
    """Return the ids of each line with known words, by the definition."""
    ids = {word: i for i, word in enumerate(vocabulary.words)}
    lines = [[ids[word] for word in line.split() if word in ids] for line in path.read_text().split("\n")]
    return [line for line in lines if line]


@pytest.mark.parametrize("threads", [1, 3])
def test_lines_are_those_of_the_file_without_unknown_words(corpus, text, threads):
    vocabulary = encode(corpus, min_count=1).vocabulary
    lines, expected = read(text, vocabulary, threads=threads), split(text, vocabulary)
    assert len(expected) == 300 and lines.lengths.tolist() == list(map(len, expected))
    assert lines.words.tolist() == sum(expected, [])
    assert (lines.text["words"], lines.text["words_unknown"], lines.text["lines"]) == (1505, 5, 302)
    text.with_suffix(".gz").write_bytes(gzip.compress(text.read_bytes()))
    packed = read(text.with_suffix(".gz"), vocabulary)
    assert np.array_equal(packed.words, lines.words) and packed.text["sha256"] == lines.text["sha256"]


def test_lines_of_the_corpus_and_the_same_lines_in_a_file_have_the_same_loss(corpus, tmp_path):
    """The windows and negatives drawn are the same as well."""
    encoded = encode(corpus, min_count=1)
    _, held = held_out_lines.without_lines(encoded, 300)
    words = [encoded.vocabulary.words[i] for i in held.words]
    ends = np.cumsum(held.lengths)
    (tmp_path / "lines").write_text("".join(" ".join(words[end - n:end]) + "\n"
                                            for n, end in zip(held.lengths, ends, strict=True)))
    lines = read(tmp_path / "lines", encoded.vocabulary)
    assert np.array_equal(lines.words, held.words) and np.array_equal(lines.lengths, held.lengths)
    assert held.text is None and lines.text is not None


def test_nothing_is_taken_out_of_the_corpus(corpus, text, tmp_path):
    plain = w2v.train(corpus, epochs=3, **OPTIONS)
    model = w2v.train(corpus, epochs=3, held_out=str(text), log_json=tmp_path / "log", **OPTIONS)
    assert np.array_equal(plain.wv.vectors, model.wv.vectors)
    report = model.report
    assert report.words_held_out == 0 and report.words_trained == plain.report.words_trained == 3 * 30_000
    assert report.loss_held_out < plain.report.loss and plain.report.held_out is None
    about = report.held_out
    assert (about.file, about.lines, about.words, about.words_unknown) == (str(text), 300, 1500, 5)
    assert 0 < about.windows < about.pairs <= held_out_loss.PAIRS
    shown = str(report)
    assert f"on 1,500 words in 300 lines of {text}, without 5 unknown words" in " ".join(shown.split())  # it is folded
    card = {name: json.loads(model.wv.metadata[name]) for name in ("training", "held_out")}
    assert card["training"]["held_out"] == "more.txt" and card["held_out"]["words_unknown"] == 5
    assert str(tmp_path) not in repr(model.wv.metadata) and "held_out" not in plain.wv.metadata
    start, *intervals, end = map(json.loads, (tmp_path / "log").read_text().splitlines())
    assert start["held_out"] == end["held_out"] == report.as_dict()["held_out"]
    assert start["config"]["held_out"] == str(text) and intervals[-1]["loss_held_out"] == report.loss_held_out


def test_number_of_lines_is_reported_like_a_file(corpus):
    report = w2v.train(corpus, epochs=1, held_out=100, **OPTIONS).report
    about = report.held_out
    assert (about.file, about.lines, about.words, about.words_unknown) == (None, 100, 500, 0)
    assert report.words_held_out == 500 and "on lines held out" in str(report)


def test_text_unlike_the_corpus_has_a_higher_loss(corpus, text, tmp_path):
    words = text.read_text().split()
    np.random.default_rng(1).shuffle(words)
    (tmp_path / "mixed.txt").write_text("\n".join(" ".join(words[k:k + 5]) for k in range(0, len(words), 5)))
    same, mixed = (w2v.train(corpus, epochs=10, held_out=path, **OPTIONS).report.loss_held_out
                   for path in (text, tmp_path / "mixed.txt"))
    assert same < 0.8 * mixed


def test_phrases_are_joined_in_held_out_text(corpus, tmp_path):
    (tmp_path / "corpus.txt").write_text("new york is big\nnew things are big\nyork is old\n" * 50)
    (tmp_path / "held.txt").write_text("new york is new york\nold york\n")
    phrases = Phrases(tmp_path / "corpus.txt", min_count=1, threshold=0.1, scoring="npmi")
    assert ("new", "york") in phrases.passes[0]
    model = w2v.train(tmp_path / "corpus.txt", phrases=phrases, held_out=tmp_path / "held.txt", **OPTIONS)
    joined = [phrases[line.split()] for line in (tmp_path / "held.txt").read_text().splitlines()]
    assert model.report.held_out.words == sum(map(len, joined)) - model.report.held_out.words_unknown < 7
    lines = read(tmp_path / "held.txt", vocabulary := encode(phrases[[["new", "york", "old", "is"]]],
                                                             min_count=1).vocabulary, phrases=phrases)
    known = [[word for word in line if word in vocabulary.words] for line in joined]
    assert [vocabulary.words[i] for i in lines.words] == sum(known, [])


@pytest.mark.parametrize("content, problem", [
    (None, "held_out: .*held.txt: cannot read: No such file"), (b"", "held_out: there is no word in .*held.txt"),
    (b" \n\n \t", "held_out: there is no word in"), (b"a\0b", "held.txt, byte 1: NUL"),
    (b"\xff\xfea\0", "held.txt, byte 0: this is UTF-16")])
def test_bad_file_is_refused_before_the_corpus_is_read(tmp_path, capsys, content, problem):
    if content is not None:
        (tmp_path / "held.txt").write_bytes(content)
    with pytest.raises(w2v.W2VError, match=problem):
        w2v.train("no such corpus", held_out=tmp_path / "held.txt", **OPTIONS)
    (tmp_path / "corpus.txt").write_text("a b\n" * 9)
    assert cli.main(["train", str(tmp_path / "corpus.txt"), "-o", str(tmp_path / "v.bin"), "--held-out",
                     str(tmp_path / "held.txt")]) == 1
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1 and re.search(problem, shown) and not (tmp_path / "v.bin").exists()


def test_file_without_known_words_is_refused(corpus, tmp_path):
    (tmp_path / "held.txt").write_text("zebra yak\n")
    with pytest.raises(w2v.CorpusError, match="held_out: .*held.txt: none of the .* words of the vocabulary"):
        w2v.train(corpus, held_out=tmp_path / "held.txt", **OPTIONS)


def test_file_of_the_corpus_is_refused(corpus, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("a b\n" * 9)
    os.symlink(folder / "a.txt", tmp_path / "link.txt")
    for given in (folder / "a.txt", folder, str(folder / "*.txt"), [corpus, folder]):
        with pytest.raises(w2v.W2VError, match="a.txt is also a file of the corpus"):
            w2v.train(given, held_out=tmp_path / "link.txt", **OPTIONS)


@pytest.mark.parametrize("given, error", [
    ("", ValueError), ("-", ValueError), (-1, ValueError), (2**31 + 1, ValueError), (1.0, TypeError),
    (True, TypeError), (b"name", TypeError), (None, TypeError), (["a"], TypeError)])
def test_value_that_is_neither_number_nor_path_is_refused(given, error):
    with pytest.raises(error, match="held_out"):
        TrainConfig(held_out=given)


def test_paths_become_absolute_strings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert TrainConfig(held_out="17").held_out == str(tmp_path / "17") == TrainConfig(held_out=tmp_path / "17").held_out
    assert TrainConfig(held_out=np.int32(17)).held_out == 17 and json.dumps(TrainConfig(held_out=np.int64(1)).held_out)


def test_unsupported_objective_is_refused_for_a_file(text):
    with pytest.raises(ValueError, match="held_out = .*more.txt.*not supported with hs=True"):
        w2v.train("no such corpus", held_out=text, hs=True, **OPTIONS)


def test_only_a_part_of_a_large_text_is_used(corpus, text, monkeypatch):
    encoded = encode(corpus, min_count=1)
    whole = held_out_lines.Lines(np.arange(1000, dtype=np.int32), np.array([1, 99, 400, 300, 200]))
    starts = {0, 1, 100, 500, 800}
    for most in (1, 250, 777, 999):
        monkeypatch.setattr(held_out_loss, "MOST_WORDS", most)
        words, lengths = held_out_loss._part(whole)
        assert len(words) == lengths.sum() == most and (lengths > 0).all()
        begins = words[np.cumsum(lengths) - lengths]
        assert set(begins.tolist()) <= starts and (np.diff(begins) > 0).all()
        for begin, n, place in zip(begins, lengths, np.cumsum(lengths) - lengths, strict=True):
            assert np.array_equal(words[place:place + n], np.arange(begin, begin + n))  # consecutive words of one line
    monkeypatch.setattr(held_out_loss, "MOST_WORDS", 1000)
    assert held_out_loss._part(whole)[0] is whole.words
    monkeypatch.setattr(held_out_loss, "MOST_WORDS", 200)
    about = w2v.train(corpus, held_out=text, epochs=1, **OPTIONS).report.held_out
    assert about.words == 1500 and 0 < about.windows <= 200 and encoded.n_words == 30_000


# --- the command line -----------------------------------------------------------------------------------------------


@pytest.fixture
def command(corpus, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*options):
        code = cli.main(["train", str(corpus), "-o", "v.safetensors", "--threads", "1", "--vector-size", "16",
                         "--min-count", "1", "--epochs", "2", *options])
        return code, *capsys.readouterr()

    return run


def test_digits_are_a_number_and_other_values_a_file(command, text, tmp_path):
    os.rename(text, tmp_path / "12")
    code, out, _ = command("--held-out", "12", "--json")
    assert code == 0 and json.loads(out)["held_out"]["file"] is None and json.loads(out)["held_out"]["lines"] == 12
    for name in ("./12", str(tmp_path / "12")):
        code, out, _ = command("--held-out", name, "--json")
        assert code == 0 and json.loads(out)["held_out"]["file"] == str(tmp_path / "12")
        assert json.loads(out)["held_out"]["lines"] == 300 and json.loads(out)["words_held_out"] == 0
    code, _, err = command("--held-out", "12k")
    assert code == 1 and "held_out: " in err and "12k: cannot read" in err and err.count("\n") == 1


@pytest.mark.parametrize("options", [["-o", "more.txt"], ["--log-json", "more.txt"], ["--save-vocab", "./more.txt"],
                                     ["--checkpoint", "more.txt"]])
def test_file_is_never_overwritten(command, text, options):
    before = text.read_bytes()
    code, _, err = command("--held-out", "more.txt", *options)
    assert code == 2 and "more.txt" in err and text.read_bytes() == before


# --- stop and resume ------------------------------------------------------------------------------------------------


@pytest.fixture
def short_shards():
    with paced(shard_ids=1 << 12):
        yield


@pytest.fixture
def stopped(corpus, text, tmp_path, monkeypatch, short_shards):
    """Checkpoint of a stopped run, with the held-out text given relative to its folder."""
    monkeypatch.chdir(tmp_path)
    with paced(after_shard=stop_after(30)), pytest.raises(Stop):
        w2v.train(corpus, held_out="more.txt", epochs=10, checkpoint=tmp_path / "run.w2v", checkpoint_every=1e-6,
                  **OPTIONS)
    monkeypatch.chdir("/")
    return tmp_path / "run.w2v"


def test_resumed_run_holds_out_the_same_text_and_ends_the_same(stopped, corpus, text):
    whole = w2v.train(corpus, held_out=text, epochs=10, **OPTIONS)
    saved = Checkpoint.open(stopped)
    assert 0 < saved.share < 1 and saved.config == whole.config and saved.request.held_out == str(text)
    model = w2v.train(resume=saved, progress=False)
    assert np.array_equal(model.wv.vectors, whole.wv.vectors) and model.wv.metadata == whole.wv.metadata
    assert model.report.loss_held_out == whole.report.loss_held_out and model.report.held_out == whole.report.held_out


def test_command_resumes_with_the_text_from_any_folder(stopped, text, tmp_path, capsys):
    code = cli.main(["train", "--resume", str(stopped), "-o", str(tmp_path / "v.bin"), "--json"])
    assert code == 0 and json.loads(capsys.readouterr().out)["held_out"]["file"] == str(text)


def test_same_text_at_another_path_is_accepted(stopped, text, tmp_path, capsys):
    (tmp_path / "moved.gz").write_bytes(gzip.compress(text.read_bytes()))
    text.unlink()
    code = cli.main(["train", "--resume", str(stopped), "-o", str(tmp_path / "v.bin")])
    assert code == 1 and "more.txt: cannot read" in capsys.readouterr().err
    code = cli.main(["train", "--resume", str(stopped), "-o", str(tmp_path / "v.bin"), "--held-out",
                     str(tmp_path / "moved.gz"), "--json"])
    assert code == 0 and json.loads(capsys.readouterr().out)["held_out"]["file"] == str(tmp_path / "moved.gz")


def test_diverged_run_is_set_back_although_the_text_was_moved(stopped, text, tmp_path, monkeypatch):
    text.rename(tmp_path / "moved.txt")
    diverging.explode(monkeypatch, 0.0, diverging.nan_everywhere)
    model = w2v.train(resume=stopped, held_out=tmp_path / "moved.txt", progress=False, checkpoint_every="1h")
    assert model.report.rollbacks == 1 and np.isfinite(model.wv.vectors).all()


def test_missing_phrases_are_reported_before_a_difference_of_the_text(tmp_path):
    (tmp_path / "corpus.txt").write_text("new york is big\nnew things are big\nyork is old\n" * 50)
    (tmp_path / "held.txt").write_text("new york is old\n" * 9)
    phrases = Phrases(tmp_path / "corpus.txt", min_count=1, threshold=0.1, scoring="npmi")
    with paced(after_shard=each_shard):
        w2v.train(tmp_path / "corpus.txt", phrases=phrases, held_out=tmp_path / "held.txt",
                  checkpoint=tmp_path / "k", checkpoint_every=1e-6, **OPTIONS)
    with pytest.raises(w2v.W2VError, match="the run in .* joined phrases: pass the same phrases again"):
        w2v.train(resume=tmp_path / "k", progress=False)
    assert w2v.train(resume=tmp_path / "k", phrases=phrases, progress=False).report.resumed_from


@pytest.mark.parametrize("change", [
    lambda words: words + " yak", lambda words: words.replace("zebra", "zebu"),
    lambda words: words.replace("\n", " ", 1),
    lambda words: "\n".join(words.split("\n")[::-1])])
@pytest.mark.slow
def test_other_held_out_text_is_refused_before_the_corpus_is_read(stopped, text, change, monkeypatch):
    text.write_text(change(text.read_text()))
    monkeypatch.setattr("w2v.training.train._read", None)
    with pytest.raises(w2v.W2VError, match="held_out: .*more.txt is not the held-out text of .*run.w2v"):
        w2v.train(resume=stopped, progress=False)


def test_file_and_number_contradict_each_other(stopped, corpus):
    for given in (5, 0):
        with pytest.raises(ValueError, match=f"held_out = {given} contradicts held_out = .*more.txt"):
            w2v.train(resume=stopped, held_out=given, progress=False)
