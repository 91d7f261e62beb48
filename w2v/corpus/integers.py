"""Integers as words: arrays, `.npy` files, and lists of item numbers such as the sessions of a shop.

Place in the data flow: `w2v.corpus.source` -> `IntegerBlock` -> tokenizer (`csrc/text/integers.h`). An `IntegerBlock`
is a block of a corpus like a block of text. The word of a number is its decimal digits, so counts, order, files and
threads work as for text; no text is made of the numbers.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.corpus.sentences import checked_sentence, token_error
from w2v.errors import FormatError, W2VError
from w2v.system.npy import read_header

Integers: TypeAlias = NDArray[np.integer[Any]]

MAX_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class IntegerBlock:
    """Some lines of integers, or a part of a line.

    Attributes
    ----------
    values : integers of any type, possibly memory-mapped. (n,): a negative number ends a line. (n, k): rows, in which
        negative numbers are padding.
    ends_line : whether a line ends with each row; if not, it continues in the next block.
    name : name of the array in messages.
    """

    values: Integers
    ends_line: bool = True
    name: str = "the array"

    @property
    def most_ids(self) -> int:
        """Upper bound of the ids and line ends of the block."""
        return self.values.size + (len(self.values) if self.values.ndim == 2 else 0)

    def checked(self) -> Integers:
        """Return the values in native byte order.

        Raises
        ------
        ValueError : a number is above 2^63 - 1.
        """
        values = np.asarray(self.values)
        if not values.dtype.isnative:
            values = values.astype(values.dtype.newbyteorder("="))
        if values.dtype == np.uint64 and values.size and int(values.max()) > MAX_INTEGER:
            raise ValueError(f"{self.name} has a number above 2^63 - 1: {values.max()}")
        return values

    def text(self) -> bytes:
        """Return the block as text, with a line end for each negative number; slow.

        Raises
        ------
        ValueError : a number is above 2^63 - 1.
        """
        return b"".join(b"\n" if value < 0 else b"%d " % value for value in self.flat().tolist())

    def flat(self) -> NDArray[np.int64]:
        """Return int64 (m,), where a negative number ends a line; raises the error of `checked`."""
        values = self.checked()
        if values.ndim == 1:
            return values.astype(np.int64, copy=False)
        padded = np.full((values.shape[0], values.shape[1] + 1), -1, np.int64)
        padded[:, :-1] = values
        kept = padded >= 0
        kept[:, -1] = self.ends_line
        flat: NDArray[np.int64] = padded[kept]
        return flat


def is_integer_array(value: object) -> bool:
    """Return whether a value is a NumPy array of integers with 1 or 2 dimensions.

    Raises
    ------
    TypeError : an integer array with another number of dimensions.
    """
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iu":
        return False
    if value.ndim not in (1, 2):
        raise TypeError(f"the corpus is an array of {value.ndim} dimensions; it needs 1, with a negative number after "
                        "each line, or 2, with a line in each row and negative numbers for padding")
    return True


def open_npy(path: str, kinds: str = "iu") -> Integers:
    """Open the array of a `.npy` file, memory-mapped if it is larger than a page. `kinds`: kinds of its numbers.

    Raises
    ------
    FormatError : the file is damaged, or is not an array of integers with 1 or 2 dimensions.
    W2VError : the file cannot be read.
    """
    try:
        size = os.path.getsize(path)
        with open(path, "rb") as file:
            shape, _, dtype = read_header(file)
            start = file.tell()
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror}") from error
    except ValueError as error:
        raise FormatError(path, f"the name ends in .npy, but this is not a NumPy array, or it is damaged ({error})",
                          offset=0) from error
    if dtype.hasobject:
        raise FormatError(path, "an array of Python objects is a pickle, and pickles are never loaded; if you trust "
                                "it, load it and pass it from Python", offset=10)
    if dtype.kind not in kinds or len(shape) not in (1, 2):
        words = "; arrays of words are passed from Python: w2v.train(numpy.load(path))" if dtype.kind in "UT" else ""
        raise FormatError(path, f"{len(shape)} dimensions of {dtype}; a corpus needs integers, in 1 dimension with a "
                                "negative number after each line, or in 2 with a line in each row and negative numbers "
                                f"for padding{words}")
    needed = math.prod(shape) * dtype.itemsize
    if any(length < 0 for length in shape) or needed > size - start:
        raise FormatError(path, f"an array of shape {shape} takes {needed} bytes, but {size - start} follow its "
                                "header: the file is truncated or damaged", offset=start)
    values: Integers = np.load(path, mmap_mode="r" if size > 4096 and needed else None, allow_pickle=False)
    return values


def array_blocks(values: Integers, size: int, name: str = "the array") -> Iterator[IntegerBlock]:
    """Cut an array of (n,) or (n, k) into blocks of about `size` numbers."""
    if values.ndim == 1:
        for begin in range(0, len(values), size):
            yield IntegerBlock(values[begin : begin + size], name=name)
        if len(values) and values[-1] >= 0:
            yield IntegerBlock(np.array([-1]), name=name)
        return
    n_columns = values.shape[1]
    rows, columns = max(1, size // max(n_columns, 1)), min(n_columns, size)
    for first in range(0, len(values), rows):
        for begin in range(0, n_columns, max(columns, 1)):
            end = begin + columns
            yield IntegerBlock(values[first : first + rows, begin:end], ends_line=end >= n_columns, name=name)


# --- sentences -----------------------------------------------------------------------------------------------------


def begins_with_integers(sentences: Iterable[Any]) -> tuple[bool, Iterator[Any]]:
    """Return whether the first non-empty sentence consists of integers, and an iterator over all sentences."""
    rest, seen = iter(sentences), []
    for index, sentence in enumerate(rest):
        seen.append(checked_sentence(sentence, index))
        if len(seen[-1]) > 0:
            break
    last = seen[-1] if seen else []
    if isinstance(last, np.ndarray):
        integers = last.dtype.kind in "iu"
    else:
        integers = len(last) > 0 and _is_integer(last[0])
    return integers, chain(seen, rest)


def sentence_blocks(sentences: Iterable[Any], size: int) -> Iterator[IntegerBlock]:
    """Yield blocks of about `size` numbers from an iterable of sentences, each a sequence of integers of at least 0.

    Raises
    ------
    TypeError : a sentence is not a sequence of integers.
    ValueError : a number is negative or above 2^63 - 1.
    """
    batch: list[Any] = []
    n = first = 0
    end = object()
    for index, sentence in enumerate(chain(sentences, (end,))):
        at_end = sentence is end
        if not at_end:
            sentence = checked_sentence(sentence, index)
            batch.append(sentence)
            n += len(sentence) + 1
        if n >= size or (at_end and batch):
            flat = _joined(batch, first)
            for begin in range(0, len(flat), 2 * size):
                yield IntegerBlock(flat[begin : begin + 2 * size])
            batch, n, first = [], 0, index + 1


def _joined(batch: list[Any], first: int) -> NDArray[np.int64]:
    """Return all sentences of a batch, each followed by -1. They are checked one by one only if one of them is
    wrong."""
    flat: NDArray[Any] | None = None
    try:
        if any(isinstance(sentence, np.ndarray) for sentence in batch):
            _reject_bad(batch, first, arrays_only=True)
            end = np.array([-1])
            flat = np.concatenate([part for sentence in batch
                                   for part in (np.asarray(sentence).astype(np.int64, copy=False), end)])
        else:
            tokens: list[Any] = []
            for sentence in batch:
                tokens.extend(sentence)
                tokens.append(-1)
            flat = np.array(tokens)
    except (ValueError, TypeError, OverflowError):
        pass  # reported below
    if flat is None or flat.dtype.kind != "i" or np.count_nonzero(flat < 0) != len(batch):
        _reject_bad(batch, first)
        raise TypeError(f"sentences {first} to {first + len(batch) - 1} are not all of integers")
    return flat.astype(np.int64, copy=False)


def _reject_bad(batch: list[Any], first: int, arrays_only: bool = False) -> None:
    """Raise for the first value in these sentences that is not an integer from 0 to 2^63 - 1."""
    for index, sentence in enumerate(batch, first):
        if isinstance(sentence, np.ndarray) and sentence.size and (sentence.dtype.kind not in "iu" or
                                                                  sentence.ndim != 1):
            raise TypeError(f"sentence {index} is an array of {sentence.dtype} and {sentence.ndim} dimensions; the "
                            "first sentence is of integers")
        for position, token in enumerate([] if arrays_only else sentence):
            if not _is_integer(token):
                raise token_error(token, position, index, "an integer, as in the first sentence")
            if not 0 <= int(token) <= MAX_INTEGER:
                raise ValueError(f"token {position} of sentence {index} is {token}; an item number is from 0 to "
                                 "2^63 - 1")


def _is_integer(token: object) -> bool:
    return isinstance(token, (int, np.integer)) and not isinstance(token, bool)
