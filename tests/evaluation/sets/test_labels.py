"""Files of labels of nodes."""

from __future__ import annotations

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError
from w2v.evaluation.loading import usable
from w2v.evaluation.sets.labels import read_labels


@pytest.mark.parametrize("text", ["a x\nb y x\n", "# comment\na\tx\nb\ty\tx\n", "a,x\nb,y\nb,x\na,x\n",
                                  "id,group\na,x\nb,y\nb,x\n"])
def test_labels_are_read_in_every_form(tmp_path, text):
    assert usable(read_labels, write(tmp_path / "k.txt", text)) == ({"a": ("x",), "b": ("y", "x")}, "")


def test_lines_without_labels_are_named(tmp_path):
    path = write(tmp_path / "k.txt", "a\tx y\nb\t\nc\ty\n")
    found, problem = usable(read_labels, path)
    assert found == {"a": ("x y",), "c": ("y",)}
    assert f"{path}, line 2: expected a node and its label, found 'b'" in problem


@pytest.mark.parametrize("text, message", [("a x\nb x\n", "fewer than two labels"), ("", "fewer than two labels"),
                                           ("a\n", "line 1: expected a node and its label")])
def test_files_without_two_labels_are_errors(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        usable(read_labels, write(tmp_path / "k.txt", text))
