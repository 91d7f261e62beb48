"""The table in w2v/compat/README.md has all options of the other trainers, and only existing ones of ours."""

import inspect
import re
from pathlib import Path

import pytest

import w2v
from w2v import cli

README = Path(__file__).parents[2] / "w2v" / "compat" / "README.md"
OTHERS = ["word2vec.c", "gensim 4", "fastText"]
WORD2VEC_C = ("train output size window sample hs negative threads iter min-count alpha classes debug binary "
              "save-vocab read-vocab cbow").split()
FASTTEXT = ("input output lr lrUpdateRate dim ws epoch minCount minCountLabel neg wordNgrams loss bucket minn maxn "
            "thread t label verbose pretrainedVectors saveOutput seed").split()  # of skipgram and cbow
METHODS = {"save", "save_word2vec_format", "build_vocab", "syn1neg", "wv.vectors_lockf", "wv.intersect_word2vec_format"}


def table():
    """Return the names in each cell: a dict by column for each row."""
    text = README.read_text(encoding="utf-8").split("\n## Options\n")[1].split("\n## ")[0]
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")]
             for line in text.splitlines() if line.startswith("|")]
    heads = [head.strip("`") for head in lines[0]]
    assert heads == [*OTHERS, "w2v train", "remark"] and all(len(line) == len(heads) for line in lines)
    return [{head: re.findall(r"`([^`]+)`", cell) for head, cell in zip(heads, line, strict=True)}
            for line in lines[2:]]


def named(column):
    return [name for row in table() for name in row[column]]


def switches():
    [sub] = [action for action in cli._parser()._actions if hasattr(action, "choices") and action.dest == "command"]
    return {switch for action in sub.choices["train"]._actions for switch in [*action.option_strings, action.metavar]}


def test_every_option_of_the_others_is_in_one_row():
    assert sorted(named("word2vec.c")) == sorted(f"-{name}" for name in WORD2VEC_C)
    assert sorted(named("fastText")) == sorted(f"-{name}" for name in FASTTEXT)


def test_gensim_has_these_parameters_and_no_others():
    ours = {name.split("(")[0] for name in named("gensim 4")}
    own = {"unknown", "options", "progress"}  # gensim shows no progress except by logging
    classes = [set(inspect.signature(cls).parameters) - own for cls in (w2v.Word2Vec, w2v.FastText)]
    assert set.union(*classes) == ours - METHODS and METHODS <= ours
    gensim = pytest.importorskip("gensim.models")
    theirs = [set(inspect.signature(cls).parameters) for cls in (gensim.Word2Vec, gensim.FastText)]
    assert theirs[0] == classes[0] and set.union(*theirs) == set.union(*classes)


def test_every_option_of_ours_exists():
    named_here = named("w2v train")
    assert len(named_here) > 20 and set(named_here) <= switches()
    remarks = {name.split()[0] for name in named("remark") if name.startswith("--")}
    assert remarks and remarks <= switches()


def test_old_switches_are_accepted_or_refused_with_a_reason():
    """Options of word2vec.c are accepted; those that are not supported give a reason, see tests/cli/test_cli.py."""
    assert {f"-{name}" for name in WORD2VEC_C} <= switches()
