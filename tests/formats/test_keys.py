"""What is a key, and the word that it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from w2v.formats.keys import as_key, asked_words, integer_of, is_key, words_of


class Index:
    """An integer of another library, such as a tensor with one number."""

    def __index__(self) -> int:
        return 5


INTEGERS = [5, np.int8(5), np.uint64(5), np.int64(5), np.array(5), np.array(5, dtype=np.uint8), Index()]
OTHERS = [True, np.bool_(True), np.array(True), 5.0, np.float32(5), np.array(5.0), float("nan"), None, b"5", 5j]


@pytest.mark.parametrize("value", INTEGERS, ids=repr)
def test_integers_of_every_type_are_keys(value: Any) -> None:
    assert is_key(value) and as_key(value) == 5 and type(as_key(value)) is int and asked_words(value) == ("5",)


@pytest.mark.parametrize("value", OTHERS, ids=repr)
def test_other_scalars_are_refused(value: Any) -> None:
    assert is_key(value) and integer_of(value) is None
    with pytest.raises(TypeError, match=r"a key is a word \(str\) or an integer, not"):
        as_key(value)


@pytest.mark.parametrize("value", [[5], (5, 6), np.array([5]), np.array([5.0, 6.0]), range(3), {5}], ids=repr)
def test_lists_and_vectors_are_no_keys(value: Any) -> None:
    assert not is_key(value) and integer_of(value) is None


def test_words_of_a_vocabulary() -> None:
    assert words_of(["a", "5"]) == (["a", "5"], False)
    assert words_of([5, np.int8(-6), "7"]) == (["5", "-6", "7"], True)
    assert words_of(np.array([3, 4])) == (["3", "4"], True)
    assert words_of(np.array(["x", "y"])) == (["x", "y"], False) and words_of([]) == ([], False)
    with pytest.raises(TypeError, match="not float 1.5"):
        words_of(["a", 1.5])
