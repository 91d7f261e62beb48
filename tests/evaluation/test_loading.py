"""Loading of sets by name or path, and recognition of their kinds."""

from pathlib import Path

import pytest
from helpers.evaluation import write, write_suite

from w2v.errors import FormatError, W2VError
from w2v.evaluation.loading import guess_kind, load_set


def test_a_name_is_never_taken_for_a_path(tmp_path, monkeypatch):
    monkeypatch.setenv("W2V_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("W2V_DATASETS", raising=False)
    folder = write_suite(tmp_path / "sets")
    monkeypatch.chdir(tmp_path)
    Path("men").write_text("a1\ta2\t1\na1\ta3\t2\n")
    assert len(load_set("men", datasets=folder).content) == 81
    for path in (Path("men"), "./men"):
        assert len(load_set(path, datasets=folder).content) == 2
    assert len(load_set("men", "similarity").content) == 2


@pytest.mark.parametrize(("text", "kind"), [
    (": a\nw x y z\n", "analogies"), ("w x y z\n", "analogies"), ("a\tb\t1\n", "similarity"),
    ("w1,w2,score,sd\na,b,1,0\n", "similarity"), ("# x\na b 3.5\n", "similarity"), ("cat animal\n", "categories"),
    ("category,words,outliers\nx,\"['a', 'b']\",\"['c']\"\n", "outliers"), ("words,category\na,b\n", "categories"),
    ("a-n\tb\tc\td-n\n", "categories"), ('{"stem": ["a", "b"], "answer": 0, "choice": []}\n', "choices"),
])
def test_the_kind_of_a_file_is_recognised(tmp_path, text, kind):
    assert guess_kind(write(tmp_path / "x.txt", text)) == kind


def test_an_unrecognised_file_is_named_with_its_line(tmp_path):
    path = write(tmp_path / "x.txt", "just\none\nword\n")
    with pytest.raises(FormatError, match="kind of this set is not recognised") as caught:
        guess_kind(path)
    assert caught.value.line == 1 and f"{path}, line 1: " in str(caught.value)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(W2VError, match=str(tmp_path)):
        guess_kind(tmp_path)
