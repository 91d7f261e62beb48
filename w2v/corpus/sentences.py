"""Sentences that a caller passes: lists of words or integers, and what is often passed by mistake.

Place in the data flow: called by `w2v.corpus.source` and `w2v.corpus.integers` for each sentence of an iterable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def type_with_article(value: object) -> str:
    """Return the type name of a value with its article, as in "an int", for messages."""
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def checked_sentence(sentence: object, index: int) -> list[Any] | tuple[Any, ...] | npt.NDArray[Any]:
    """Return a sentence as a sequence; other iterables become lists.

    Parameters
    ----------
    sentence : a list, tuple, array or other iterable of words or integers.
    index : number of the sentence from 0, for messages.

    Raises
    ------
    TypeError : a str, bytes or a mapping, whose items are not words, or not an iterable.
    """
    if isinstance(sentence, (list, tuple, np.ndarray)):
        return sentence
    if isinstance(sentence, (str, bytes)):
        raise TypeError(f"sentence {index} is {type_with_article(sentence)}, not a list of tokens; did you mean "
                        "[s.split() for s in sentences], or w2v.train(path) for a file?")
    if isinstance(sentence, Mapping):
        raise TypeError(f"sentence {index} is {type_with_article(sentence)}, whose items are its keys, not words; "
                        f"pass the column with the words: (row[{_likely_column(sentence)!r}] for row in rows)")
    if not isinstance(sentence, Iterable):
        raise TypeError(f"sentence {index} is {type_with_article(sentence)}, not a list of tokens")
    return list(sentence)


def _likely_column(row: Mapping[Any, Any]) -> object:
    """The key of the first list in a row, otherwise of the longest text, otherwise "tokens"."""
    lists = [key for key, value in row.items() if isinstance(value, (list, tuple, np.ndarray))]
    texts = sorted((key for key, value in row.items() if isinstance(value, str)), key=lambda key: -len(row[key]))
    return (lists or texts or ["tokens"])[0]
