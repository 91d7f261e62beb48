"""Metadata of the words of a map: kinds of columns, words without values, files with errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from w2v.analysis.maps.page.columns import Metadata, Table, metadata_of
from w2v.errors import FormatError, W2VError

WORDS = ["king", "queen", "river", "road"]


def read(tmp_path: Path, text: str) -> Metadata:
    path = tmp_path / "m.tsv"
    path.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    return metadata_of(path, WORDS, [*WORDS, "rare"])


def test_columns_of_a_file_have_their_kinds(tmp_path: Path) -> None:
    found = read(tmp_path, "word\tkind\tyear\tmixed\r\nking\tperson\t1900\t1\r\nriver\tplace\t-1.5e2\tx\r\n"
                 "queen\tperson\t\t\r\nrare\tplace\t3\t\r\nnothing\tthing\t4\t\r\n")
    kind, year, mixed = found.columns
    assert (kind.name, kind.labels, kind.values.tolist()) == ("kind", ("person", "place"), [0, 0, 1, -1])
    assert year.name == "year" and year.labels is None
    np.testing.assert_array_equal(year.values, [1900, np.nan, -150, np.nan])
    assert mixed.labels == ("1", "x") and mixed.values.tolist() == [0, -1, 1, -1]
    assert (found.rows, found.unknown, found.without) == (5, 1, 1)


def test_largest_category_is_first(tmp_path: Path) -> None:
    found = read(tmp_path, "w\tk\nking\tb\nqueen\ta\nriver\ta\nroad\tc\n")
    assert found.columns[0].labels == ("a", "b", "c")


@pytest.mark.parametrize("text", ["word\tk\nking\tx\n", "\ufeffword\tk\nking\tx", "word\tk\r\nking\tx\r\n\r\n"])
def test_forms_of_files_are_read_alike(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert [column.name for column in found.columns] == ["k"] and found.columns[0].labels == ("x",)
    assert found.without == 3


def test_words_with_quotes_spaces_and_wrong_bytes_are_data(tmp_path: Path) -> None:
    path = tmp_path / "m.tsv"
    path.write_bytes(b'word\tk\n"king\ta\nnew york\tb\n\xff\tc\n#\td\n')
    found = metadata_of(path, ['"king', "new york", "\udcff", "#"], [])
    assert found.columns[0].labels == ("a", "b", "c", "d")


@pytest.mark.parametrize("text, line, message", [
    ("word\tk\nking\tx\ty\n", 2, "3 columns separated by tabs, but the first line has 2"),
    ("word\tk\nking\tx\nqueen\n", 3, "1 columns separated by tabs, but the first line has 2"),
    ("word\tk\nking\tx\nking\ty\n", 3, "the word 'king' has a row already"),
    ("", None, "expected a first line"), ("word\nking\n", None, "expected a first line"),
    ("word\tk\tk\nking\tx\ty\n", None, "each once")])
def test_wrong_file_names_the_line(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        read(tmp_path, text)
    assert caught.value.line == line


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="cannot read .*missing"):
        metadata_of(tmp_path / "missing.tsv", WORDS, WORDS)


def test_mappings_give_the_same_columns_as_a_file(tmp_path: Path) -> None:
    file = read(tmp_path, "word\tkind\tyear\nking\tperson\t1900\nriver\tplace\t2\nqueen\t\t3\nother\tx\t4\n")
    kinds = {"king": "person", "river": "place", "queen": None, "other": "x"}
    years = {"king": 1900, "river": np.int64(2), "queen": np.float32(3), "other": 4}
    given = metadata_of({"kind": kinds, "year": years}, WORDS, WORDS)
    for one, own in zip(file.columns, given.columns, strict=True):
        assert (one.name, one.labels) == (own.name, own.labels)
        np.testing.assert_array_equal(one.values, own.values)
    assert (given.rows, given.unknown, given.without) == (file.rows, file.unknown, file.without) == (4, 1, 1)


def test_truth_values_are_categories_and_nan_is_none() -> None:
    known, numbers = {"king": True, "queen": False}, {"king": float("nan"), "queen": 2}
    found = metadata_of({"known": known, "x": numbers}, WORDS, WORDS)
    assert found.columns[0].labels == ("True", "False")
    np.testing.assert_array_equal(found.columns[1].values, [np.nan, 2, np.nan, np.nan])


@pytest.mark.parametrize("table, error, message", [
    ({}, ValueError, "no columns"), ({"k": 3}, TypeError, "must be a mapping of words to values, not int"),
    ({"k": {"king": [1]}}, TypeError, "has a list")])
def test_wrong_mapping_is_an_error(table: Table, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        metadata_of(table, WORDS, WORDS)
