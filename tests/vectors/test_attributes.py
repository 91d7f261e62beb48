"""Values of words besides their vectors."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.keyedvectors import KeyedVectors


def test_missing_counts_are_a_key_error() -> None:
    with pytest.raises(KeyError, match="count"):
        KeyedVectors(["a"], np.ones((1, 2), np.float32)).get_vecattr("a", "count")


def test_attributes_take_numbers_text_and_arrays() -> None:
    kv = KeyedVectors(["a", "b"], np.eye(2), [5, 3])
    kv.set_vecattr("a", "level", 2)
    kv.set_vecattr("b", "tag", "noun")
    kv.set_vecattr("a", "code", np.uint8([1, 0, 1]))
    assert [kv.get_vecattr(word, "level") for word in "ab"] == [2, 0]
    assert [kv.get_vecattr(word, "tag") for word in "ab"] == [None, "noun"]
    assert np.array_equal(kv.get_vecattr("a", "code"), [1, 0, 1]) and kv.get_vecattr("b", "code") is None
    kv.set_vecattr(1, "count", 9)
    assert kv.get_vecattr("b", "count") == 9


def test_expandos_are_the_arrays_of_all_attributes() -> None:
    kv = KeyedVectors(["a", "b"], np.eye(2), [5, 3])
    kv.set_vecattr("a", "level", 2)
    assert set(kv.expandos) == {"count", "level"} and np.argsort(kv.expandos["count"])[-1] == 0
    kv.expandos["level"][1] = 8
    assert kv.get_vecattr("b", "level") == 8
    assert set(KeyedVectors(["a"], np.ones((1, 2))).expandos) == set()


def test_added_words_are_not_frozen() -> None:
    kv = KeyedVectors(["a"], np.ones((1, 2)))
    kv.vectors_lockf = np.zeros(1, dtype=np.float32)
    kv.add_vectors(["b", "c"], np.ones((2, 2)))
    assert kv.vectors_lockf.tolist() == [0]  # one factor for all words
    kv.vectors_lockf = np.float32([0, 1, 0])
    kv.add_vector("d", [1, 1])
    assert kv.vectors_lockf.tolist() == [0, 1, 0, 1]
