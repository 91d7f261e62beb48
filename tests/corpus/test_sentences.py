"""Sentences passed by a caller, and what is passed in their place by mistake."""

import csv
import io
from collections import UserDict

import numpy as np
import pytest

import w2v
from w2v.corpus.sentences import checked_sentence

OPTIONS = {"vector_size": 8, "min_count": 1, "threads": 1, "progress": False}
ROWS = [{"id": str(i), "tokens": ["red", "green"]} for i in range(50)]


class Table:
    """A data frame: iterating it gives the names of its columns."""

    def __dataframe__(self):
        return None

    def __iter__(self):
        return iter(["id", "tokens"])


@pytest.mark.parametrize("sentence", [["a"], ("a", "b"), np.array([1, 2]), []])
def test_sequences_are_returned_unchanged(sentence):
    assert checked_sentence(sentence, 0) is sentence


def test_other_iterables_become_lists():
    assert checked_sentence((word for word in ("a", "b")), 0) == ["a", "b"]


@pytest.mark.parametrize("rows", [
    ROWS, (UserDict(row) for row in ROWS), [{"id": i, "tokens": [1, 2]} for i in range(3)]])
def test_rows_are_refused_at_the_first_one_with_the_column_to_pass(rows):
    with pytest.raises(TypeError, match=r"sentence 0 is an? (dict|UserDict).*\(row\['tokens'\] for row in rows\)"):
        w2v.train(rows, **OPTIONS)


def test_rows_after_a_sentence_are_refused_too():
    with pytest.raises(TypeError, match="sentence 1 is a dict"):
        w2v.train([["a", "b"], ROWS[0]], **OPTIONS)
    with pytest.raises(TypeError, match="sentence 1 is a dict"):
        w2v.train([[1, 2], ROWS[0]], **OPTIONS)


def test_column_of_text_is_named_if_there_are_no_lists():
    reader = csv.DictReader(io.StringIO("label,text\n1,red green\n"))
    with pytest.raises(TypeError, match=r"row\['text'\]"):
        w2v.train(reader, **OPTIONS)


@pytest.mark.parametrize("table", [{"tokens": [["a", "b"]]}, Table()])
def test_tables_and_mappings_are_refused(table):
    with pytest.raises(TypeError, match="the corpus is a (dict, whose items are its keys|Table, a table: name its)"):
        w2v.train(table, **OPTIONS)


def test_text_is_not_taken_for_a_path():
    with pytest.raises(TypeError, match="taken as a path.*'the quick.*line.split") as error:
        w2v.train("the quick brown fox? " * 50_000)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("texts", [["first text", "second text", "."], ["first text", "-"], ["first text", "*"],
                                   ["is this a question?"] * 3000, ["word", "other"]])
def test_list_of_texts_is_refused_by_its_first_items(texts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(TypeError, match="the first is not a file"):
        w2v.train(texts)
