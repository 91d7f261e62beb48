"""Outputs that would overwrite an input or another output: refused by the check, the command line and `w2v.train`."""

import os
import re

import pytest

import w2v
from w2v import cli
from w2v.corpus.outputs import check_outputs
from w2v.corpus.paths import CorpusInput

FILES = ["a.txt", ".h.txt", "odd[1].txt", "t/b.txt", "t/.c.txt", "t/d.vec", "t/u/e.txt", "t/u/v/f.txt", "t/.w/g.txt",
         "t/u/.x/h.txt", "tt/i.txt"]


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one two three\n" * 9)
    os.symlink("t", tmp_path / "link")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("given", [
    "a.txt", ".h.txt", "odd[1].txt", "t", "t/", "./t/u", "link", "link/u", ".", "t/.w", "*", "*.txt", ".*", "t/*",
    "t/*.txt", "t/?.*", "t/*/*.txt", "**", "**/*.txt", "t/**", "t/**/f.txt", "**/u/*", "t/.*", "t/.*/*", "[t]/u", "t*",
    ["a.txt", "t/u"], ["t/*.vec", "tt"], ["tt/i.txt"]])
def test_exactly_the_files_that_reading_would_find_are_refused(tree, given):
    corpus = CorpusInput.of(given)
    found = {os.path.realpath(name) for name in corpus.files}
    assert found
    for name in FILES:
        for written in (name, tree / name, name.replace("t/", "link/", 1) if name.startswith("t/") else name):
            if os.path.realpath(name) not in found:
                check_outputs({"log": written}, corpus)
                continue
            with pytest.raises(ValueError, match=f"log {re.escape(str(written))} .*; choose another path"):
                check_outputs({"checkpoint": None, "log": written}, 0, None, corpus)


def test_new_file_in_an_input_folder_is_refused(tree):
    for place in ("t/new", "t/u/v/w/x/new"):
        with pytest.raises(ValueError, match=f"-o {place} lies inside t, which is an input; choose another path"):
            check_outputs({"-o": place}, [["a", "b"]], "t")
        outputs = {"-o": place, "--checkpoint": None, "--log-json": [1]}
        check_outputs(outputs, "tt", 7, CorpusInput.of([["t"]]), [], "-", "")
    check_outputs({"-o": "-"}, "-")


@pytest.mark.parametrize(("output", "given", "message"), [
    ("a.txt", "./a.txt", "-o a.txt is also an input; choose another path"),
    ("t/u/new", "t", "-o t/u/new lies inside t, which is an input; choose another path"),
    ("b.txt", "*.txt", "-o b.txt matches the input pattern *.txt; choose another path"),
])
def test_message_says_how_output_and_input_overlap(tree, output, given, message):
    with pytest.raises(ValueError) as caught:
        check_outputs({"-o": output}, CorpusInput.of(given))
    assert str(caught.value) == message


def test_two_options_that_name_one_file_are_refused(tree):
    with pytest.raises(ValueError, match="-o and --save-vocab both name link/new; choose different paths"):
        check_outputs({"-o": "t/new", "--checkpoint": "k", "--save-vocab": "link/new"})


@pytest.mark.parametrize("option", ["-o", "--save-vocab", "--checkpoint", "--log-json"])
@pytest.mark.parametrize("place, read, problem", [
    ("t/b.txt", [], "lies inside t, which is an input"),
    ("held/new", ["--held-out", "held"], "lies inside held, which is an input"),
    ("held/x.txt", ["--held-out", "held/*.txt"], "matches the input pattern held/*.txt"),
    ("p.tsv", ["--phrases", "p.tsv"], "is also an input")])
def test_command_line_overwrites_no_input(tree, capsys, option, place, read, problem):
    (tree / "held").mkdir()
    for name in ("held/x.txt", "p.tsv"):
        (tree / name).write_text("one two\n")
    before = {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    outputs = [option, place] if option == "-o" else ["-o", "v.bin", option, place]
    assert cli.main(["train", "t", *outputs, *read, "-q"]) == 2
    assert f"{option} {place} {problem}; choose another path" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()} == before


def test_only_the_new_vectors_may_replace_the_initial_ones(tree, capsys):
    train = ["train", "a.txt", "--vector-size", "4", "-q"]
    assert cli.main([*train, "-o", "v.safetensors"]) == 0
    before = (tree / "v.safetensors").read_bytes()
    for option in ("--save-vocab", "--checkpoint", "--log-json"):
        assert cli.main([*train, "-o", "w.bin", "--init", "v.safetensors", option, "v.safetensors"]) == 2
        assert "is also an input" in capsys.readouterr().err and (tree / "v.safetensors").read_bytes() == before
    assert cli.main([*train, "-o", "v.safetensors", "--init", "v.safetensors"]) == 0
    assert (tree / "v.safetensors").read_bytes() != before


@pytest.mark.parametrize("option", ["checkpoint", "log_json"])
@pytest.mark.parametrize("read", ["held_out", "phrases", "init"])
def test_train_overwrites_no_input(tree, option, read):
    path = tree / "old.safetensors"
    w2v.train("t", vector_size=4, progress=False).save(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"{option} .*old.safetensors is also an input"):
        w2v.train("a.txt", **{read: path, option: path}, progress=False)
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match="checkpoint and log_json both name new"):
        w2v.train("a.txt", checkpoint="new", log_json="new", progress=False)
