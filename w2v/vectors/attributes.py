"""`Attributes`: values of words besides their vectors, such as counts. Adds them to `Table`.

Place in the data flow: `w2v.vectors.table` -> values by word and name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from w2v.formats.keys import Key
from w2v.types import Counts, Matrix
from w2v.vectors.table import Table

Values = npt.NDArray[Any]
"""(n,), one value per word."""


class Attributes(Table):
    """Words with one vector each, and named values of words; parameters and attributes as in `Table`."""

    counts: Counts | None
    output_vectors: Matrix | None

    _stand_in_counts = False  # see `get_vecattr`

    vectors_lockf: npt.NDArray[np.float32] = np.broadcast_to(np.float32(1), 1)
    """(1,) or (n,), as in gensim: 0 for words that `Word2Vec` does not change in training, else 1."""

    @property
    def expandos(self) -> Mapping[str, Values]:
        """(n,) values of all words by name of the attribute, with "count" if the counts are known, as in gensim.

        The arrays are those of this object; attributes are added with `set_vecattr`.
        """
        counts = {} if self.counts is None else {"count": self.counts}
        return MappingProxyType({**counts, **self._attributes})

    @overload
    def get_vecattr(self, key: Key, attr: Literal["count"]) -> int: ...
    @overload
    def get_vecattr(self, key: Key, attr: str) -> object: ...
    def get_vecattr(self, key: Key, attr: str) -> object:
        """Return an attribute of a word: its "count", or a value set by `set_vecattr`.

        For vectors from `load_word2vec_format` and `vectors_for_all` without counts, "count" is n for the first word,
        n - 1 for the second and so on, as in gensim. These stand-ins appear nowhere else.

        Raises
        ------
        UnknownWordError : (a KeyError) there is no such word.
        KeyError : there is no such attribute.
        """
        index = self.get_index(key)
        values = self.counts if attr == "count" else self._attributes.get(attr)
        if values is None:
            if attr == "count" and self._stand_in_counts:
                return len(self) - index
            raise KeyError(f"no {attr!r} for these vectors; counts are kept by .safetensors files and by training")
        value: object = values[index].item() if values.dtype != object else values[index]
        return value

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Set an attribute of a word.

        The first value determines the type; words without a value have 0, or None for values that are not numbers.

        Raises
        ------
        UnknownWordError : (a KeyError) there is no such word.
        """
        index = self.get_index(key)
        if attr == "count":
            self.counts = np.zeros(len(self), dtype=np.int64) if self.counts is None else np.require(
                self.counts, requirements="W")
            self.counts[index] = val
            return
        if attr not in self._attributes:
            dtype = np.asarray(val).dtype
            is_number = dtype.kind in "biuf" and np.ndim(val) == 0
            self._attributes[attr] = _blank(len(self), dtype if is_number else np.dtype(object))
        self._attributes[attr][index] = val

    def _add_blank_values(self, added: int) -> None:
        """Extend counts, output vectors and attributes by blank values for words that were added."""
        if self.counts is not None:
            self.counts = np.append(self.counts, np.zeros(added, dtype=np.int64))
        if self.output_vectors is not None:
            self.output_vectors = np.pad(self.output_vectors, ((0, added), (0, 0)))
        for name, values in self._attributes.items():
            self._attributes[name] = np.append(values, _blank(added, values.dtype))
        if len(self.vectors_lockf) > 1:
            self.vectors_lockf = np.append(self.vectors_lockf, np.ones(added, dtype=np.float32))

    def _copy_values(self, other: Attributes, rows: npt.NDArray[np.int64]) -> None:
        """Take the counts, output vectors and attributes of rows of another object; -1 is a word that it lacks."""
        known = rows >= 0
        counts, outputs, attributes = other.counts, other.output_vectors, other._attributes
        if counts is not None:
            self.counts = np.zeros(len(rows), dtype=np.int64)
            self.counts[known] = counts[rows[known]]
        if outputs is not None:
            self.output_vectors = np.zeros((len(rows), self.vector_size), dtype=np.float32)
            self.output_vectors[known] = outputs[rows[known]]
        self._attributes = {}
        for name, values in attributes.items():
            self._attributes[name] = _blank(len(rows), values.dtype)
            self._attributes[name][known] = values[rows[known]]


def _blank(count: int, dtype: np.dtype[Any]) -> Values:
    """Return the values of an attribute for words that have none."""
    return np.full(count, None, dtype=dtype) if dtype.kind == "O" else np.zeros(count, dtype=dtype)
