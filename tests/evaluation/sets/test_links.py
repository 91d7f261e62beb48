"""Files of links and of known edges."""

from __future__ import annotations

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError, W2VError
from w2v.evaluation.loading import load_set, usable
from w2v.evaluation.sets.links import LinkPairs, read_known_edges, read_links


@pytest.mark.parametrize("text", ["a b\n%comment\n\n x #c \n", "a\tb\nx\t#c\n", "# comment\na,b\nx, #c\n",
                                  "source,target\na,b\nx,#c\n", "weight\tto\tfrom\n1\tb\ta\n2\t#c\tx\n"])
def test_edges_are_read_in_every_form(tmp_path, text):
    path = write(tmp_path / "l.txt", text)
    assert usable(read_links, path) == (LinkPairs([("a", "b"), ("x", "#c")], [True, True]), "")
    assert load_set(path, "links").words == {"a", "b", "x", "#c"}


@pytest.mark.parametrize("text", ["a b 1\nc d 0\n", "a\tb\t1\nc\td\t0\n", "u,v,label\na,b,1\nc,d,0\n"])
def test_marks_are_read(tmp_path, text):
    found, problem = usable(read_links, write(tmp_path / "l.txt", text))
    assert (found.pairs, found.edges, found.marked, problem) == ([("a", "b"), ("c", "d")], [True, False], True, "")


@pytest.mark.parametrize("line, message", [
    ("a", "expected two nodes"), ("a b 2", "must be 1 for an edge or 0 for none, not '2'"), ("a b", "no mark"),
    ("a b 1 x", "more fields"), ("a b 0.5", "not '0.5'"), ("a a 1", "from a node to itself")])
def test_broken_lines_are_named_and_left_out(tmp_path, line, message):
    path = write(tmp_path / "l.txt", f"a b 1\n{line}\nc d 0\n")
    found, problem = usable(read_links, path)
    assert len(found) == 2 and f"{path}, line 2: " in problem and message in problem


def test_marks_in_a_file_without_marks_are_broken(tmp_path):
    assert "line 2: more fields" in usable(read_links, write(tmp_path / "l.txt", "a b\na c 1\n"))[1]


@pytest.mark.parametrize("text, message", [
    ("", "no line has two nodes"), ("a\n", "line 1: expected two nodes"), ("a b 0\n", "all pairs are marked 0")])
def test_files_without_edges_are_errors(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        usable(read_links, write(tmp_path / "l.txt", text))


def test_known_edges_lead_both_ways(tmp_path):
    found = read_known_edges(write(tmp_path / "e.txt", "a b 3\nb c 1\n"))
    near = {node: {found.nodes[one] for one in found.targets[found.offsets[i]:found.offsets[i + 1]]}
            for i, node in enumerate(found.nodes)}
    assert near == {"a": {"b"}, "b": {"a", "c"}, "c": {"b"}}


def test_broken_known_edges_are_named(tmp_path):
    with pytest.raises(FormatError, match="line 2"):
        read_known_edges(write(tmp_path / "e.txt", "a b\nc\n"))
    with pytest.raises(W2VError, match="none.txt"):
        read_known_edges(tmp_path / "none.txt")
