"""Options with several values never keep the corpus."""

import argparse

import pytest

from w2v import cli
from w2v.cli.common import UsageError
from w2v.cli.lists import ListOption
from w2v.cli.parser import command_named, command_parser


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working directory with two texts, an evaluation set, and a file that has the name of a word."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt", "king"):
        (tmp_path / name).write_text("river king queen bank\n" * 50)
    (tmp_path / "set.tsv").write_text("river\tbank\t5\nking\tqueen\t9\nriver\tking\t1\n")


def parsed(line):
    return command_parser(command_named("train")).parse_args(line.split())


@pytest.mark.parametrize("line, corpus, probe, sets", [
    ("-o v.bin --probe river king a.txt", ["a.txt"], ["river", "king"], []),
    ("-o v.bin --probe river king a.txt b.txt", ["a.txt", "b.txt"], ["river", "king"], []),
    ("-o v.bin --probe river *.txt", ["*.txt"], ["river"], []),
    ("-o v.bin --probe river king -", ["-"], ["river", "king"], []),
    ("-o v.bin --evaluate ws353 a.txt", ["a.txt"], [], ["ws353"]),
    ("-o v.bin --evaluate set.tsv a.txt", ["a.txt"], [], ["set.tsv"]),
    ("-o v.bin --evaluate set.tsv --probe river king a.txt", ["a.txt"], ["river", "king"], ["set.tsv"]),
    ("-o v.bin --probe river --probe queen a.txt --evaluate set.tsv", ["a.txt"], ["river", "queen"], ["set.tsv"]),
    ("a.txt --probe river king --log-json x", ["a.txt"], ["river", "king"], []),
    ("--probe river king --log-json x a.txt", ["a.txt"], ["river", "king"], []),
    ("a.txt --evaluate set.tsv set.tsv", ["a.txt"], [], ["set.tsv", "set.tsv"]),
])
def test_corpus_after_the_values_is_the_corpus(line, corpus, probe, sets):
    options = parsed(line)
    assert (options.corpus, options.probe, options.evaluate) == (corpus, probe, sets)


@pytest.mark.parametrize("line", ["-train a.txt --probe river king", "--resume ck --probe river king"])
def test_values_stay_where_the_corpus_has_another_name(line):
    assert parsed(line).probe == ["river", "king"] and parsed(line).corpus == []


def test_moved_corpus_is_reported_and_trained_on(run, capsys):
    code, _, err = run("train", "-o", "v.bin", "--min-count", 1, "--log-json", "log", "--evaluate", "set.tsv", "a.txt")
    assert code == 0 and "w2v: corpus: a.txt (written after --evaluate)\n" in err and "200 in the corpus" in err


@pytest.mark.parametrize("line, problem", [
    ("-o v.bin --probe river kign nothing.txt", "no corpus: --probe takes all words up to the next option"),
    ("a.txt -o v.bin --probe river b.txt", "b.txt is a file; name all of the corpus before this option"),
])
def test_corpus_that_is_not_found_among_the_values_is_an_error(line, problem):
    with pytest.raises(UsageError, match=problem):
        parsed(line)


def test_one_value_is_never_moved(capsys):
    assert cli.main("train -o v.bin --evaluate a.txt".split()) == 2
    assert "no corpus" in capsys.readouterr().err


def test_any_positional_argument_can_be_protected():
    parser = argparse.ArgumentParser()
    parser.add_argument("vectors", nargs="*")
    parser.add_argument("--sets", action=ListOption, leaves="vectors", files=True)
    found = parser.parse_args(["--sets", "set.tsv", "a.txt"])
    [option] = [action for action in parser._actions if isinstance(action, ListOption)]
    option.give_back(found)
    assert (found.sets, found.vectors) == (["set.tsv"], ["a.txt"])
