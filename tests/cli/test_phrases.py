"""The command `w2v phrases`: learning, joining, the arguments of word2phrase.c, and every wrong argument."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers import phrases_twin as twin

from w2v.errors import W2VError


def test_command_writes_model_and_text(run, phrase_files, tmp_path):
    text, model, sentences, phrases = phrase_files
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


def test_arguments_of_word2phrase_are_accepted(run, phrase_files, tmp_path):
    text, _, sentences, _ = phrase_files
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
    (("-o", "p.tsv", "--connector-words", "empty.txt"), 1, "empty.txt: no connector words"),
    (("--phrases", "text.txt", "--apply", "t.txt"), 1, "line 1: this is not a phrase model"),
    (("--phrases", "text.txt", "--apply", "t.txt", "--passes", "2"), 2, "--passes"),
    (("--phrases", "text.txt", "-o", "t.txt"), 2, "-o"),
    (("--phrases", "text.txt", "--apply", "text.txt"), 2, "is also an input"),
])
def test_wrong_arguments_are_one_line_on_stderr(run, tmp_path, monkeypatch, arguments, code, problem):
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text("a b\n" * 9)
    Path("empty.txt").write_text(" \n")
    got, out, err = run("phrases", "text.txt", *arguments)
    assert (got, out, err.count("\n")) == (code, "", 1) and problem in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.txt", "text.txt"]
    assert Path("text.txt").read_text() == "a b\n" * 9


def test_text_stays_if_the_model_cannot_be_written(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in (("text.txt", "a b\n" * 9), ("p.tsv", "old"), ("t.txt", "old")):
        Path(name).write_text(content)

    def fail(*unused: object) -> None:
        raise W2VError("disk full")

    monkeypatch.setattr("w2v.phrases.frozen.write_model", fail)
    code, out, err = run("phrases", "text.txt", "-o", "p.tsv", "--apply", "t.txt", "--min-count", 1)
    assert (code, out) == (1, "") and "disk full" in err
    assert Path("p.tsv").read_text() == Path("t.txt").read_text() == "old" and len(list(tmp_path.iterdir())) == 3


def test_names_of_outputs_are_printed_without_escape_sequences(run, tmp_path, phrase_files):
    path = tmp_path / "p\x1b[2J.tsv"
    code, _, err = run("phrases", phrase_files[0], "-o", path)
    assert code == 0 and path.exists() and "written to" in err and "\x1b" not in err
