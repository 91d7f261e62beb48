"""Sentences that a caller passes: lists of words or integers, and what is often passed by mistake.

Place in the data flow: called by `w2v.corpus.source` and `w2v.corpus.integers` for each sentence of an iterable. Other
libraries are recognised by their protocols and not imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Sentence: TypeAlias = list[Any] | tuple[Any, ...] | npt.NDArray[Any]


def type_with_article(value: object) -> str:
    """Return the type name of a value with its article, as in "an int", for messages."""
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def as_array(value: Any, name: str) -> npt.NDArray[Any]:
    """Return a tensor or another object with `__array__` as an array, without a copy where possible.

    Raises
    ------
    TypeError : it cannot be converted, for instance because it is on another device.
    """
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name} is {type_with_article(value)} that is not in the memory of NumPy: pass a copy, such "
                        f"as tensor.cpu().numpy() ({' '.join(str(error).split())})") from None


def checked_sentence(sentence: Any, index: int) -> Sentence:
    """Return a sentence as a sequence; other iterables become lists.

    Parameters
    ----------
    sentence : a list, tuple, array or other iterable of words or integers.
    index : number of the sentence from 0, for messages.

    Raises
    ------
    TypeError : a str, bytes or a mapping, whose items are not words, or not an iterable.
    """
    if isinstance(sentence, (list, tuple)):
        return sentence
    if isinstance(sentence, np.ndarray) and sentence.ndim:
        return _checked_array(sentence, index)
    if isinstance(sentence, str):
        raise TypeError(f"sentence {index} is {type_with_article(sentence)}, not a list of tokens; did you mean "
                        "[s.split() for s in sentences], or w2v.train(path) for a file? With tokenize='words' or a "
                        "tokenizer each item is a text")
    if isinstance(sentence, memoryview) and sentence.itemsize > 1:
        return checked_sentence(np.asarray(sentence), index)
    if isinstance(sentence, (bytes, bytearray, memoryview)):
        raise TypeError(f"sentence {index} is {type_with_article(sentence)}, not a list of tokens; did you mean "
                        "[bytes(s).decode().split() for s in sentences], or w2v.train(path) for a file?")
    if isinstance(sentence, Mapping):
        raise TypeError(f"sentence {index} is {type_with_article(sentence)}, whose items are its keys, not words; "
                        f"pass the column with the words: ({_column(sentence)} for row in rows)")
    if callable(as_py := getattr(sentence, "as_py", None)):  # a value of an Arrow column
        return checked_sentence(as_py(), index)
    if hasattr(sentence, "__array__") and not isinstance(sentence, (np.generic, np.ndarray)):  # a tensor, a Series
        return checked_sentence(as_array(sentence, f"sentence {index}"), index)
    if not isinstance(sentence, Iterable) or isinstance(sentence, np.ndarray):
        raise TypeError(f"sentence {index} is {type_with_article(sentence)}, not a list of tokens"
                        f"{_missing(sentence) or '; for a single sentence pass [sentence]'}")
    return list(sentence)


def _checked_array(sentence: npt.NDArray[Any], index: int) -> Sentence:
    """Return an array of words or integers; arrays of Python objects become lists."""
    if sentence.ndim > 1:
        raise TypeError(f"sentence {index} is an array of {sentence.ndim} dimensions; a sentence has one")
    if sentence.dtype.kind in "iuUT" or sentence.size == 0:
        return sentence
    if sentence.dtype.kind == "O":
        objects: list[Any] = sentence.tolist()
        return objects
    hint = ": pass [s.astype(str) for s in sentences]" if sentence.dtype.kind == "S" else ""
    raise TypeError(f"sentence {index} is an array of {sentence.dtype}, not of words or integers{hint}")


def text_error(text: object, index: int) -> TypeError:
    """Return the error for an item that is not a text, among items that are."""
    return TypeError(f"text {index} is {type_with_article(text)}, not a str{_missing(text)}")


def token_error(token: object, position: int, index: int, expected: str = "a str") -> TypeError:
    """Return the error for a token that is not a word, with the expression that would give words.

    Parameters
    ----------
    token, position, index : the token, and its place in the sentence and that of the sentence, from 0.
    expected : what the token should be.
    """
    hint = ""
    if isinstance(token, bytes):
        hint = ": pass [[t.decode() for t in s] for s in sentences]"
    elif isinstance(token, (str, int, np.integer)):
        hint = ": pass [[str(t) for t in s] for s in sentences]"
    elif hasattr(token, "as_py"):
        hint = ": pass column.to_pylist()"
    elif position == 1 and hasattr(token, "__len__"):
        hint = ": pass [s for _, s in pairs] if these are pairs of a key and a sentence"
    elif isinstance(token, (list, tuple, np.ndarray)):
        hint = ": a sentence is a flat list of words; pass [s for group in sentences for s in group]"
    elif isinstance(getattr(token, "text", None), str):
        hint = ": pass [[t.text for t in s] for s in sentences]"
    elif hasattr(token, "item") and hasattr(token, "__array__") and not isinstance(token, np.generic):
        hint = ": pass [[t.item() for t in s] for s in sentences]"
    return TypeError(f"token {position} of sentence {index} is {type_with_article(token)}, not {expected}"
                     f"{_missing(token) or hint}")


def _missing(value: object) -> str:
    """Say that a value stands for a missing one."""
    is_nan = isinstance(value, float) and value != value
    return " (a missing value: leave it out)" if value is None or is_nan or type(value).__name__ == "NAType" else ""


def _column(row: Mapping[Any, Any]) -> str:
    """The expression for the words of a row: its first list, otherwise its longest text."""
    lists = [key for key, value in row.items() if isinstance(value, (list, tuple, np.ndarray))]
    texts = sorted((key for key, value in row.items() if isinstance(value, str)), key=lambda key: -len(row[key]))
    if lists or not texts:
        return f"row[{(lists or ['tokens'])[0]!r}]"
    return f"row[{texts[0]!r}].split()"
