"""Files of phrase models, sound and broken; texts written with their phrases joined; the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import phrases_twin as twin

from w2v import cli
from w2v.corpus.encode import encode
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.phrases import Phrases
from w2v.phrases.text import PhrasedText

CONNECTORS = frozenset({"of", "the"})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[list[str]], Phrases]:
    return twin.files_in(tmp_path_factory.mktemp("phrases"))


def test_a_model_comes_back_from_its_file(tmp_path):
    sentences = twin.made_sentences(400, joined=True) + [["a b", "c\td"], ["\\s", "\udc80"], ["a\nb", "\r"]] * 9
    phrases = Phrases(sentences, min_count=2, threshold=0.5, passes=2, connector_words=CONNECTORS | {"\udcc0"})
    assert ("a b", "c\td") in phrases.passes[0] and ("\\s", "\udc80") in phrases.passes[0]
    phrases.save(tmp_path / "p.tsv")
    loaded = Phrases.load(tmp_path / "p.tsv")
    assert loaded.passes == phrases.passes and loaded.connector_words == phrases.connector_words
    assert [list(one) for one in loaded.passes] == [list(one) for one in phrases.passes]
    for name in ("min_count", "threshold", "scoring", "delimiter"):
        assert getattr(loaded, name) == getattr(phrases, name)
    assert list(loaded[sentences]) == list(phrases[sentences])
    loaded.save(tmp_path / "again.tsv")
    assert (tmp_path / "again.tsv").read_bytes().split(b"\n")[2:] == (tmp_path / "p.tsv").read_bytes().split(b"\n")[2:]


HEAD = twin.HEAD


@pytest.mark.parametrize(("content", "line", "problem"), [
    ("", 1, "no phrase model"),
    ("new york\n", 1, "no phrase model"),
    (HEAD.replace("phrases 1", "phrases 2"), 1, "format '2'"),
    ("# w2v phrases 1\n", 2, "no options"),
    ("# w2v phrases 1\n# {\n", 2, "no JSON"),
    ("# w2v phrases 1\n# [1]\n", 2, "no options"),
    (HEAD.replace('"min_count": 5', '"min_count": "5"'), 2, "'min_count'"),
    (HEAD.replace('["of"]', '[1]'), 2, "connector_words"),
    (HEAD.replace("score\tcount", "score"), 3, "columns"),
    (HEAD + "1\tnew york\t1.5\t3", 4, "no end"),
    (HEAD + "1\tnew york\t1.5\t3\n1\tnew york\t1.5\n", 5, "3 fields"),
    (HEAD + "x\tnew york\t1.5\t3\n", 4, "pass"),
    (HEAD + "2\tnew york\t1.5\t3\n", 4, "pass 2 after pass 0"),
    (HEAD + "1\tnew york\thigh\t3\n", 4, "score 'high'"),
    (HEAD + "1\tnew york\tnan\t3\n", 4, "not finite"),
    (HEAD + "1\tnew york\t1.5\t3.5\n", 4, "count '3.5'"),
    (HEAD + "1\tnew york\t1.5\t0\n", 4, "below 1"),
    (HEAD + "1\tnew\t1.5\t3\n", 4, "two words"),
    (HEAD + "1\tnew  york\t1.5\t3\n", 4, "two words"),
    (HEAD + "1\tof york\t1.5\t3\n", 4, "connector"),
    (HEAD + "1\tnew york city\t1.5\t3\n", 4, "'york'.*passes"),
    (HEAD + "1\tnew y\\ork\t1.5\t3\n", 4, "backslash"),
    (HEAD + "1\tnew york\t1.5\t3\n1\tnew york\t2.5\t3\n", 5, "twice"),
])
def test_a_broken_model_file_is_one_error_that_names_the_line(tmp_path, content, line, problem):
    path = tmp_path / "p.tsv"
    path.write_text(content)
    with pytest.raises(FormatError, match=problem) as error:
        Phrases.load(path)
    assert error.value.line == line and str(path) in str(error.value)


def test_options_of_a_file_out_of_range_and_files_that_are_not_there(tmp_path):
    with pytest.raises(W2VError, match="cannot read"):
        Phrases.load(tmp_path / "none.tsv")
    with pytest.raises(W2VError, match="cannot read"):
        Phrases.load(tmp_path)
    (tmp_path / "p.tsv").write_text(HEAD.replace('"min_count": 5', '"min_count": 0'))
    with pytest.raises(FormatError, match="min_count") as error:
        Phrases.load(tmp_path / "p.tsv")
    assert error.value.line == 2


def test_a_text_written_has_its_words_joined(files, tmp_path, monkeypatch):
    monkeypatch.setattr("w2v.phrases.text.PIECE_IDS", 7)
    text, _, sentences, phrases = files
    phrases.apply_to(text, tmp_path / "joined.txt", threads=2)
    written = (tmp_path / "joined.txt").read_bytes().decode("utf-8", "surrogateescape")
    assert written == "".join(" ".join(sentence) + "\n" for sentence in phrases[sentences])
    with pytest.raises(ValueError, match="white space"):
        phrases.apply_to([["a b", "c"]], tmp_path / "joined.txt")
    assert (tmp_path / "joined.txt").read_bytes().decode("utf-8", "surrogateescape") == written


def test_a_text_in_a_temporary_file_is_joined_too(files, monkeypatch):
    text, _, sentences, phrases = files
    in_file = PhrasedText(encode(text, min_count=1, memory_share=0.0), 2)
    in_memory = PhrasedText(encode(text, min_count=1), 2)
    assert phrases.join(in_file) == phrases.join(in_memory)
    one, other = (found.encoded(min_count=2, max_vocab=None) for found in (in_file, in_memory))
    assert np.array_equal(one.ids, other.ids) and one.vocabulary.words == other.vocabulary.words
    assert one.n_words == (one.ids >= 0).sum()
    with pytest.raises(CorpusError, match="phrases"):
        phrases.join(again := PhrasedText(encode(text, min_count=1), 1))
        again.encoded(min_count=10**6, max_vocab=None)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*arguments):
        code = cli.main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_the_command_learns_and_writes_model_and_text(run, files, tmp_path):
    text, model, sentences, phrases = files
    words = tmp_path / "connectors.txt"
    words.write_text("of\n a\n")
    code, out, err = run("phrases", text, "-o", tmp_path / "p.tsv", "--min-count", 2, "--score", "npmi", "--passes", 2,
                         "--connector-words", words, "--apply", tmp_path / "t.txt", "--threads", 2, "--json")
    report = json.loads(out)
    assert code == 0 and out.count("\n") == 1
    assert (tmp_path / "p.tsv").read_bytes() == model.read_bytes()
    assert report["words"] == sum(map(len, sentences)) and report["phrases"] == [len(one) for one in phrases.passes]
    assert report["output"] == str(tmp_path / "p.tsv") and report["text"] == str(tmp_path / "t.txt")
    joined = (tmp_path / "t.txt").read_bytes()
    assert sum(map(len, phrases[sentences])) == len(joined.split()) == report["words"] - report["words_joined"]
    code, out, err = run("phrases", text, "--phrases", model, "--apply", tmp_path / "u.txt")
    assert code == 0 and out == "" and "joined, pass 1" in err and (tmp_path / "u.txt").read_bytes() == joined


def test_the_command_of_word2phrase(run, files, tmp_path):
    text, _, sentences, _ = files
    assert run("phrases", "-train", text, "-output", tmp_path / "t.txt", "-threshold", 30, "-min-count", 3, "--score",
               "word2phrase", "-debug", 0) == (0, "", "")
    expected = twin.learn(sentences, min_count=3, threshold=30, scoring="word2phrase")
    written = (tmp_path / "t.txt").read_bytes().decode("utf-8", "surrogateescape")
    assert written == "".join(" ".join(twin.join(s, expected, frozenset())) + "\n" for s in sentences)


@pytest.mark.parametrize(("arguments", "code", "problem"), [
    ((), 2, "nothing to write"),
    (("-o", "p.tsv", "--threshold", "0"), 2, "threshold"),
    (("-o", "p.tsv", "--score", "npmi", "--threshold", "10"), 2, "-1 to 1"),
    (("-o", "p.tsv", "--score", "other"), 2, "other"),
    (("-o", "p.tsv", "--passes", "0"), 2, "passes"),
    (("-o", "p.tsv", "--separator", "a b"), 2, "separator"),
    (("-o", "p.tsv", "--threads", "0"), 2, "threads"),
    (("-o", "p.tsv", "--apply", "p.tsv"), 2, "-o and --apply both name p.tsv"),
    (("-o", "text.txt"), 2, "is also an input"),
    (("-o", "none/p.tsv"), 1, "does not exist"),
    (("-o", "p.tsv", "--connector-words", "none.txt"), 1, "connector words"),
    (("-o", "p.tsv", "--connector-words", "empty.txt"), 1, "empty.txt: these are no connector words"),
    (("--phrases", "text.txt", "--apply", "t.txt"), 1, "line 1: this is no phrase model"),
    (("--phrases", "text.txt", "--apply", "t.txt", "--passes", "2"), 2, "--passes"),
    (("--phrases", "text.txt", "-o", "t.txt"), 2, "-o"),
    (("--phrases", "text.txt", "--apply", "text.txt"), 2, "is also an input"),
])
def test_wrong_arguments_are_one_line(run, tmp_path, monkeypatch, arguments, code, problem):
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text("a b\n" * 9)
    Path("empty.txt").write_text(" \n")
    got, out, err = run("phrases", "text.txt", *arguments)
    assert (got, out, err.count("\n")) == (code, "", 1) and problem in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.txt", "text.txt"]
    assert Path("text.txt").read_text() == "a b\n" * 9
