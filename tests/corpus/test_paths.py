"""Where a run may write: to no file that it reads or would read, and to none twice."""

import os
import re

import pytest

import w2v
from w2v import cli
from w2v.corpus.paths import CorpusInput, check_apart

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
def test_a_file_is_refused_just_where_reading_would_find_it(tree, given):
    corpus = CorpusInput.of(given)
    found = {os.path.realpath(name) for name in corpus.files}
    assert found
    for name in FILES:
        for written in (name, tree / name, name.replace("t/", "link/", 1) if name.startswith("t/") else name):
            if os.path.realpath(name) not in found:
                check_apart({"log": written}, corpus)
                continue
            with pytest.raises(ValueError, match=f"log {re.escape(str(written))} stands among the files of"):
                check_apart({"checkpoint": None, "log": written}, 0, None, corpus)


def test_what_is_not_there_yet_is_refused_too(tree):
    for place in ("t/new", "t/u/v/w/x/new"):
        with pytest.raises(ValueError, match="which are read"):
            check_apart({"-o": place}, [["a", "b"]], "t")
        check_apart({"-o": place, "--checkpoint": None, "--log-json": [1]}, "tt", 7, CorpusInput.of([["t"]]), [], "-", "")
    check_apart({"-o": "-"}, "-")


def test_no_two_are_one_file(tree):
    with pytest.raises(ValueError, match="link/new is given twice, with -o and --save-vocab"):
        check_apart({"-o": "t/new", "--checkpoint": "k", "--save-vocab": "link/new"})


@pytest.mark.parametrize("option", ["-o", "--save-vocab", "--checkpoint", "--log-json"])
@pytest.mark.parametrize("place, read", [
    ("t/b.txt", []), ("held/new", ["--held-out", "held"]), ("held/x.txt", ["--held-out", "held/*.txt"]),
    ("p.tsv", ["--phrases", "p.tsv"])])
def test_the_command_line_writes_over_nothing_that_it_reads(tree, capsys, option, place, read):
    (tree / "held").mkdir()
    for name in ("held/x.txt", "p.tsv"):
        (tree / name).write_text("one two\n")
    before = {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    outputs = [option, place] if option == "-o" else ["-o", "v.bin", option, place]
    assert cli.main(["train", "t", *outputs, *read, "-q"]) == 2
    assert f"{option} {place} stands among the files of {(read or ['t'])[-1]}, which" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()} == before


def test_vectors_take_the_place_of_old_ones_and_nothing_else_does(tree, capsys):
    train = ["train", "a.txt", "--vector-size", "4", "-q"]
    assert cli.main([*train, "-o", "v.safetensors"]) == 0
    before = (tree / "v.safetensors").read_bytes()
    for option in ("--save-vocab", "--checkpoint", "--log-json"):
        assert cli.main([*train, "-o", "w.bin", "--init", "v.safetensors", option, "v.safetensors"]) == 2
        assert "stands among" in capsys.readouterr().err and (tree / "v.safetensors").read_bytes() == before
    assert cli.main([*train, "-o", "v.safetensors", "--init", "v.safetensors"]) == 0
    assert (tree / "v.safetensors").read_bytes() != before


@pytest.mark.parametrize("option", ["checkpoint", "log_json"])
@pytest.mark.parametrize("read", ["held_out", "phrases", "init"])
def test_train_writes_over_nothing_that_it_reads(tree, option, read):
    path = tree / "old.safetensors"
    w2v.train("t", vector_size=4, progress=False).save(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"{option} .*old.safetensors stands among the files of"):
        w2v.train("a.txt", **{read: path, option: path}, progress=False)
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match="given twice"):
        w2v.train("a.txt", checkpoint="new", log_json="new", progress=False)
