"""Words in the order of their frequency, and samples of them."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.differences.compared import compared_words
from w2v.keyedvectors import KeyedVectors


def vectors(counts: dict[str, int] | list[str]) -> KeyedVectors:
    known = list(counts.values()) if isinstance(counts, dict) else None
    return KeyedVectors(list(counts), np.ones((len(counts), 2)), known)


@pytest.mark.parametrize("old, new, expected", [
    ({"a": 9, "b": 5, "c": 100}, {"c": 3, "b": 5, "a": 9}, "acb"),  # c is rare in one of them: 1/3 + 1/100
    ({"a": 9, "b": 5, "c": 100}, {"c": 3, "b": 50, "a": 9}, "bac"),
    (["b", "a", "c"], ["a", "b", "c"], "bac"),
    ({"a": 1, "b": 500, "c": 2}, ["b", "c", "a"], "bca"),
    ({"a": 0, "b": 0}, {"a": 0, "b": 0}, "ab")])
def test_words_are_in_the_order_of_both_frequencies(old: dict | list, new: dict | list, expected: str) -> None:
    a, b = vectors(old), vectors(new)
    found = compared_words([a], [b])
    assert "".join(a.index_to_key[row] for row in found.rows[0]) == expected
    assert "".join(b.index_to_key[row] for row in found.rows[1]) == expected


def test_rows_are_in_the_order_of_the_files() -> None:
    files = [vectors(list(order)) for order in ("abcd", "bdca", "dcab", "cbad")]
    found = compared_words(files[:2], files[2:])
    for kv, rows in zip(files, found.rows, strict=True):
        assert [kv.index_to_key[row] for row in rows] == [files[0].index_to_key[row] for row in found.rows[0]]
