"""Rows of words: spellings, duplicates, unknown and broken words, integers."""

import numpy as np
import pytest

from w2v.analysis.bias.known_words import known_words, row_of, unit_vectors
from w2v.keyedvectors import KeyedVectors


def test_the_exact_spelling_comes_before_lower_case():
    kv = KeyedVectors(["bill", "Bill", "nasa", "new_york"], np.eye(4, dtype=np.float32))
    assert [row_of(kv, word) for word in ("bill", "Bill", "NASA", "New York", "BILL")] == [0, 1, 2, 3, 0]
    assert [row_of(kv, word, case_sensitive=True) for word in ("Bill", "NASA", "new york")] == [1, -1, 3]


def test_duplicates_count_once_and_broken_words_are_unknown():
    rows = np.eye(4, dtype=np.float32)
    rows[2] = np.nan
    rows[3] = 0
    found = known_words(KeyedVectors(["a", "b", "c", "d"], rows), ["b", "B", "a", "c", "x", "x", "d"])
    assert found.rows.tolist() == [1, 0, 3] and found.words == ("b", "a", "d") and found.unknown == ("c", "x")
    assert found.asked == 5


def test_integer_keys_are_words():
    kv = KeyedVectors([7, 5, 9], np.eye(3, dtype=np.float32))
    assert known_words(kv, [5, "9", 0]).rows.tolist() == [1, 2]
    with pytest.raises(TypeError):
        known_words(kv, [2.5])  # type: ignore[list-item]


def test_vectors_have_length_one_and_zero_stays_zero():
    units = unit_vectors(KeyedVectors(["a", "b"], np.array([[3, 4], [0, 0]], dtype=np.float32)), np.array([0, 1]))
    assert units.dtype == np.float64 and np.allclose(units, [[0.6, 0.8], [0, 0]])
