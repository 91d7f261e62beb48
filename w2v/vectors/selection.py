"""`Selection`: adding, replacing, selecting and ordering words. Adds this to `Attributes`.

Place in the data flow: `w2v.vectors.attributes` -> the same object changed, or a new one with some of the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Self, cast

import numpy as np
import numpy.typing as npt

from w2v.formats.keys import Key, as_key, is_key
from w2v.formats.rows import Rows
from w2v.types import Indices, Matrix
from w2v.vectors.attributes import Attributes
from w2v.vectors.lookup import Oov, SubwordSource

_BLOCK = 8192  # rows at a time


class Selection(Attributes):
    """Words with one vector each, which can be changed and selected; parameters and attributes as in `Table`."""

    rows: Rows
    vectors_lockf: npt.NDArray[np.float32]

    def add_vectors(
        self, keys: Key | Sequence[Key], weights: npt.ArrayLike, extras: Mapping[str, npt.ArrayLike] | None = None,
        replace: bool = False,
    ) -> None:
        """Add words with their vectors. This copies the matrix once.

        Parameters
        ----------
        keys : k words. Integers are words where integers are keys (`integer_keys`), and in an object without words,
            which becomes a vocabulary of integers; otherwise they are rows of known words. Counts of new words are 0.
        weights : (k, d) vectors.
        extras : (k,) values by name of an attribute, for the words that are added or replaced.
        replace : known words get the new vectors; otherwise they keep theirs.

        Raises
        ------
        ValueError : the vectors or the extras do not fit the keys or the dimension.
        UnknownWordError : (a KeyError) a row number without a row.
        TypeError : a key is neither a str nor an integer, or `extras` is no mapping.
        """
        if not isinstance(extras, Mapping | None):
            raise TypeError(f"extras must be values by name of an attribute, not {extras!r}; replace is a keyword")
        words = list(map(as_key, [keys] if is_key(keys) else cast("Sequence[Key]", keys)))
        block: Matrix = np.asarray(weights, dtype=np.float32)
        if is_key(keys) and block.ndim == 1:
            block = block[None]
        if words and block.shape != (len(words), self.vector_size):
            raise ValueError(f"{len(words)} words need vectors of shape ({len(words)}, {self.vector_size}), "
                             f"not {np.shape(weights)}")
        for name, values in (extras or {}).items():
            if len(np.asarray(values)) != len(words):
                raise ValueError(f"{len(words)} words need {len(words)} values of {name!r}, not {np.shape(values)}")
        integer_keys = self.integer_keys or not len(self) and any(isinstance(word, int) for word in words)
        chosen, new = self._places(words, integer_keys, replace)
        if not chosen:
            return
        self._store(chosen, new, block)
        self.integer_keys = integer_keys
        for name, values in (extras or {}).items():
            for row, i in chosen.items():
                self.set_vecattr(self.index_to_key[row], name, np.asarray(values)[i])

    def _places(
        self, words: Sequence[str | int], integer_keys: bool, replace: bool
    ) -> tuple[dict[int, int], list[str]]:
        """Return, by row, the position of the vector that it gets, and the words of new rows."""
        old = len(self)
        chosen: dict[int, int] = {}
        new: dict[str, int] = {}
        for i, word in enumerate(words):
            word = str(word) if integer_keys else word
            index = self.key_to_index.get(word) if isinstance(word, str) else self._lookup.find(word)
            if index is None:
                if not isinstance(word, str):
                    raise self._lookup.unknown(word)
                index = new.setdefault(word, old + len(new))
            elif not replace:
                continue
            if replace or index not in chosen:
                chosen[index] = i
        return chosen, list(new)

    def _store(self, chosen: Mapping[int, int], new: Sequence[str], block: Matrix) -> None:
        """Put vectors into the matrix and words into the lookup; nothing is changed if that fails."""
        old = len(self)
        rows = Rows.empty(old + len(new), self.vector_size, self.rows.dtype_name)
        for start in range(0, old, _BLOCK):
            end = min(start + _BLOCK, old)
            rows[start:end] = self.rows[start:end]
        rows[list(chosen)] = block[list(chosen.values())]
        for word in new:  # last, when nothing can fail any more
            self._lookup.append(word)
        self.rows, self._lengths = rows, None
        self._add_blank_values(len(new))

    def add_vector(self, key: Key, vector: npt.ArrayLike) -> int:
        """Add one word and return its row. For many words `add_vectors` is faster."""
        self.add_vectors([key], np.asarray(vector, dtype=np.float32)[None])
        return self.get_index(key)

    def __setitem__(self, keys: Key | Sequence[Key], weights: npt.ArrayLike) -> None:
        """Add words or replace their vectors; parameters and errors as in `add_vectors`."""
        self.add_vectors(keys, weights, replace=True)

    def subset(self, keys: Iterable[Key], *, oov: Oov | None = None) -> Self:
        """Return a new object with only these words, in this order, each once, in the same stored type.

        Parameters
        ----------
        keys : words, or integers: words where integers are keys (`integer_keys`), otherwise rows.
        oov : policy for unknown words instead of the attribute `oov`. A vector that it or `subwords` gives is added
            under the word that was asked for.

        Raises
        ------
        UnknownWordError : (a KeyError) a word has no vector under this policy.
        TypeError : a key is neither a str nor an integer.
        """
        policy = self.oov if oov is None else oov
        found = {self._lookup.word(key): item for key in dict.fromkeys(map(as_key, keys))
                 if (item := self._lookup.resolve(key, policy)) is not None}
        indices = np.array([item if isinstance(item, int) else -1 for item in found.values()], dtype=np.int64)
        known = indices >= 0
        if known.all():
            chosen = self.rows.take(indices)
        else:
            chosen = Rows.empty(len(found), self.vector_size, self.rows.dtype_name)
            chosen[np.flatnonzero(known)] = self.rows[indices[known]]
            chosen[np.flatnonzero(~known)] = np.stack([item for item in found.values() if not isinstance(item, int)])
        result = type(self)(list(found), chosen, source=f"{len(found):,} words of {self.source or 'other vectors'}")
        result._copy_values(self, indices)
        # results of an evaluation are those of all words
        result.metadata = {name: text for name, text in self.metadata.items() if name != "evaluation"}
        result.oov, result.subwords, result.integer_keys = self.oov, self.subwords, self.integer_keys
        result.text_options = self.text_options
        return result

    def with_rows(
        self, rows: Matrix | Rows, *, output_vectors: Matrix | None = None, subwords: SubwordSource | None = None,
        source: str | None = None,
    ) -> Self:
        """Return a new object with the same words and values of words, and other vectors of any dimension.

        Parameters
        ----------
        rows : (n, k), kept and not copied.
        output_vectors, subwords : those that belong to the new vectors; None for none.
        source : one line that says where the vectors come from; None for that of this object.

        Raises
        ------
        ValueError : the number of rows is not the number of words.
        """
        result = type(self)(list(self.index_to_key), rows, source=self.source if source is None else source,
                            distinct=True)
        result.counts = None if self.counts is None else self.counts.copy()
        result._attributes = {name: values.copy() for name, values in self._attributes.items()}
        result._stand_in_counts = self._stand_in_counts
        result.output_vectors, result.subwords = output_vectors, subwords
        result.metadata = {name: text for name, text in self.metadata.items() if name != "evaluation"}
        result.oov, result.integer_keys, result.text_options = self.oov, self.integer_keys, self.text_options
        return result

    def vectors_for_all(
        self, keys: Iterable[Key], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> Self:
        """Return a `subset` without the words that have no vector.

        Parameters
        ----------
        keys : words, or integers: words where integers are keys (`integer_keys`), otherwise rows.
        allow_inference : let `subwords` make vectors of unknown words; otherwise only known words are kept.
        copy_vecattrs : keep counts and attributes. Without them `get_vecattr(word, "count")` is a stand-in.
        """
        has_vector = self.__contains__ if allow_inference else self.has_index_for
        result = self.subset(filter(has_vector, keys), oov="skip")
        result._stand_in_counts = not copy_vecattrs or self._stand_in_counts
        if not copy_vecattrs:
            result.counts, result._attributes = None, {}
        elif self.counts is None and self._stand_in_counts:
            for word in result.index_to_key:
                if self.has_index_for(word):
                    result.set_vecattr(word, "count", self.get_vecattr(word, "count"))
        return result

    def sort_by_descending_frequency(self) -> None:
        """Put the words into the order of falling count; of equal counts the last comes first, as in gensim.

        Raises
        ------
        KeyError : these vectors have no counts.
        """
        if not len(self):
            return
        if self.counts is None:
            raise KeyError("no 'count' for these vectors; counts are kept by .safetensors files and by training")
        order: Indices = np.lexsort((-np.arange(len(self)), -self.counts))
        self._lookup.reorder(order.tolist())
        self.rows, self._lengths = self.rows.take(order), None
        if len(self.vectors_lockf) == len(self):
            self.vectors_lockf = self.vectors_lockf[order]
        self._copy_values(self, order)

    def unit_normalize_all(self) -> None:
        """Scale all vectors to length 1, in place; mapped ones are copied into memory first.

        Zero and broken vectors stay as they are. Training cannot sensibly continue afterwards.
        """
        lengths = self.fill_norms()
        scale = np.where(np.isnan(lengths.inverse), 1, lengths.inverse)[:, None]
        rows = self._own_rows()
        for start in range(0, len(rows), _BLOCK):
            part = slice(start, min(start + _BLOCK, len(rows)))
            with np.errstate(invalid="ignore"):
                rows[part] = rows[part] * scale[part]
