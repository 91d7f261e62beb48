"""Keys: words, and integers of any type. What is one key, and the word that an integer stands for.

Place in the data flow: arguments of users -> `str` or `int`. Which row a key has is decided in `w2v.vectors.lookup`.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, TypeGuard, cast

import numpy as np
import numpy.typing as npt

Key = str | int | np.integer[Any]
"""A word, or an integer: a word of a vocabulary of integers, or the number of a row if the words are text."""


def integer_of(value: object) -> int | None:
    """Return an integer of any type as int: of Python, NumPy, or an array without dimensions; None for other values.

    A bool is not an integer here.
    """
    if isinstance(value, (int, np.integer)):
        return None if isinstance(value, bool) else int(value)
    if isinstance(value, (str, np.bool_)) or not hasattr(type(value), "__index__"):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:  # an array with dimensions, or not of integers
        return None


def is_key(value: object) -> TypeGuard[Key]:
    """Return whether a value is one key: no list, no vector. Scalars of other types, which `as_key` refuses, count."""
    if isinstance(value, (str, int, np.integer, bytes)):
        return True
    return getattr(value, "ndim", 1) == 0 or not isinstance(value, Iterable)


def is_integer_list(value: object) -> bool:
    """Return whether a value is an array of integers with one dimension."""
    return isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iu"


def as_key(value: object) -> str | int:
    """Return a key as str or int.

    Raises
    ------
    TypeError : neither a str nor an integer.
    """
    if isinstance(value, str):
        return value
    number = integer_of(value)
    if number is None:
        kind = "None" if value is None else f"{type(value).__name__} {value!r:.80}"
        raise TypeError(f"a key is a word (str) or an integer, not {kind}")
    return number


def word_of(key: object) -> str:
    """Return the word that a key stands for in a vocabulary of integers: decimal digits. Errors as in `as_key`."""
    return str(as_key(key))


def integers_of(words: Iterable[str]) -> npt.NDArray[np.int64]:
    """Return (n,) the integers whose decimal digits words are.

    Raises
    ------
    ValueError : a word is not an integer of 64 bits.
    """
    try:
        return np.array(list(map(int, words)), dtype=np.int64)
    except (OverflowError, ValueError):
        raise ValueError("a word is not an integer of 64 bits") from None


def asked_words(keys: Key | Iterable[Key]) -> tuple[str, ...]:
    """Return the words that one key or several stand for. Errors as in `as_key`."""
    return (word_of(keys),) if is_key(keys) else tuple(map(word_of, cast("Iterable[Key]", keys)))


def words_of(keys: Iterable[Any]) -> tuple[list[str], bool]:
    """Return the words of a vocabulary, and whether integers are keys in it: at least one of these keys is one.

    Raises
    ------
    TypeError : a key is neither a str nor an integer.
    """
    listed = list(keys)
    if all(type(key) is str for key in listed):
        return listed, False
    words = [as_key(key) for key in listed]
    return list(map(str, words)), any(isinstance(word, int) for word in words)
