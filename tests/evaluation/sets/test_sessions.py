"""Files of sessions."""

from __future__ import annotations

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError
from w2v.evaluation.loading import load_set, usable
from w2v.evaluation.sets.sessions import read_sessions


def test_last_two_items_of_each_line_are_read(tmp_path):
    path = write(tmp_path / "s.txt", "a b c\n\n#1 #2\nd\te  \n")
    assert usable(read_sessions, path) == ([("b", "c"), ("#1", "#2"), ("d", "e")], "")
    found = load_set(path, "sessions")
    assert (found.name, found.words) == ("s", {"b", "c", "#1", "#2", "d", "e"})


def test_lines_of_one_item_are_named(tmp_path):
    path = write(tmp_path / "s.txt", "a b\nlonely\nc\n")
    pairs, problem = usable(read_sessions, path)
    assert pairs == [("a", "b")]
    assert "line 2: a session has two items or more, this one only 'lonely'" in problem and "1 more" in problem


@pytest.mark.parametrize("text, message", [("", "no line has two items"), ("a\n", "only 'a'")])
def test_file_without_pairs_is_an_error(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        usable(read_sessions, write(tmp_path / "s.txt", text))
