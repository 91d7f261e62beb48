"""`Table`: words with one vector each. Lookup, attributes of words, adding and selecting words.

Place in the data flow: files and the trainer -> words and `w2v.formats.rows` -> `Table`, the base of `KeyedVectors`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Self, overload

import numpy as np
import numpy.typing as npt

from w2v.formats.rows import Rows
from w2v.types import Counts, Indices, Matrix, Scores
from w2v.vectors.lengths import Lengths, row_lengths, unit_length
from w2v.vectors.lookup import KEY_TYPES, Key, Lookup, Oov, SubwordSource
from w2v.vectors.spelling import UnknownWordError

_COPY_BLOCK = 8192  # rows


class Table:
    """Words with one vector each.

    Parameters
    ----------
    words : n distinct words, by falling count where counts are known.
    vectors : (n, d) float32 or float16, or `Rows` of any stored type; may be strided (padded rows). Kept, not copied.
    counts : (n,) int64, occurrences of each word, or None.
    source : one line that says where the vectors come from.
    vector_size : given alone (or as the first argument, as in gensim) it makes an empty object, to be filled with
        `add_vectors`.
    distinct : the words are known to be distinct and are not checked; a list is then kept, and words that are added
        are appended to it. Otherwise it is copied.

    Attributes
    ----------
    rows : (n, d) `Rows`, the vectors as they are stored.
    counts, source : as given.
    metadata : text by name, from the file or the training.
    report : flaws of the file that were repaired, by name, with their number.
    oov : policy for unknown words: "error" (UnknownWordError), "skip" (left out of a list), "zero" (a zero vector),
        "nearest" (the known word with the nearest spelling), or a function of the word that returns a vector (d,),
        another word, or None to leave it out.
    output_vectors : (n, d) float32, the output matrix of the training (syn1neg elsewhere), or None. Words that are
        added have zeros there, as before training.

    Raises
    ------
    ValueError : the shapes do not fit, or a word occurs twice.
    """

    def __init__(
        self, words: Sequence[str] | int = (), vectors: npt.ArrayLike | Rows | None = None,
        counts: npt.ArrayLike | None = None, *, source: str = "", vector_size: int | None = None,
        distinct: bool = False,
    ) -> None:
        if isinstance(words, int):
            vector_size, words = words, ()
        if vectors is None:
            if words or vector_size is None:
                raise ValueError(f"{len(words)} words need vectors; for an empty object pass only vector_size")
            vectors = np.empty((0, vector_size), dtype=np.float32)
        if not isinstance(vectors, Rows) and np.ndim(vectors) != 2:
            raise ValueError(f"vectors must have two dimensions (words, numbers), not shape {np.shape(vectors)}")
        self.rows = Rows.of(vectors)
        self._lookup = Lookup(words, self.rows.shape[1], distinct)
        self.counts: Counts | None = None if counts is None else np.asarray(counts, dtype=np.int64)
        self.source = source
        self.metadata: dict[str, str] = {}
        self.report: dict[str, int] = {}
        self.output_vectors: Matrix | None = None
        self.oov: Oov = "error"
        n = len(self.index_to_key)
        if len(self.rows) != n:
            raise ValueError(f"{n} words need vectors of shape ({n}, d), not {self.rows.shape}")
        if self.counts is not None and self.counts.shape != (n,):
            raise ValueError(f"counts of shape {self.counts.shape} do not fit {n} words")
        self._attributes: dict[str, npt.NDArray[Any]] = {}
        self._lengths: Lengths | None = None

    # --- words and rows ----------------------------------------------------------------------------------------------

    @property
    def index_to_key(self) -> list[str]:
        """Word of each row."""
        return self._lookup.words

    @property
    def key_to_index(self) -> dict[str, int]:
        """Row of each word; built on first use."""
        return self._lookup.index

    @property
    def subwords(self) -> SubwordSource | None:
        """Source of vectors for words outside the vocabulary; None for most models."""
        return self._lookup.subwords

    @subwords.setter
    def subwords(self, subwords: SubwordSource | None) -> None:
        self._lookup.subwords = subwords

    @property
    def vectors(self) -> npt.NDArray[Any] | Rows:
        """(n, d) float32 or float16 array; for bf16 and int8 the `Rows`, which are read as float32.

        After a change in place call `fill_norms(force=True)`.
        """
        return self.rows.data if self.rows.dtype_name in ("float32", "float16") else self.rows

    @vectors.setter
    def vectors(self, vectors: npt.ArrayLike | Rows) -> None:
        rows = Rows.of(vectors)
        if rows.shape != self.rows.shape:
            raise ValueError(f"these words have vectors of shape {self.rows.shape}, not {rows.shape}")
        self.rows, self._lengths = rows, None

    @property
    def vector_size(self) -> int:
        """Numbers per vector, d."""
        return self.rows.shape[1]

    @property
    def norms(self) -> Scores:
        """(n,) float32 lengths of the rows; 1 for a zero vector, so that division is safe."""
        return self.fill_norms().norms

    def fill_norms(self, force: bool = False) -> Lengths:
        """Compute the lengths of the rows if necessary, and return them.

        Parameters
        ----------
        force : compute them again, after the vectors were changed in place.
        """
        if self._lengths is None or force:
            self._lengths = row_lengths(self.rows)
        return self._lengths

    def __len__(self) -> int:
        """Number of words."""
        return len(self.index_to_key)

    def __contains__(self, key: object) -> bool:
        """Whether a key has a vector: it is known, or `subwords` can make one."""
        return self.has_index_for(key) or (self.subwords is not None and isinstance(key, str))

    def __repr__(self) -> str:
        source = f", {self.source}" if self.source else ""
        return f"<{type(self).__name__}: {len(self):,} words x {self.vector_size}{source}>"

    def has_index_for(self, key: object) -> bool:
        """Return whether a word or row number has a row."""
        return self._lookup.find(key) is not None

    def get_index(self, key: Key, default: int | None = None) -> int:
        """Return the row of `key`; a number is a row itself.

        Raises
        ------
        UnknownWordError : (a KeyError) there is no such word and no default.
        """
        return self._lookup.row(key, default)

    def __getitem__(self, key: Key | Sequence[Key]) -> Matrix:
        """Return the vector (d,) of a key, or the vectors (k, d) of a list of keys, as float32."""
        return self.get_vector(key) if isinstance(key, KEY_TYPES) else self.get_vectors(key)

    def get_vector(self, key: Key, norm: bool = False, *, oov: Oov | None = None) -> Matrix:
        """Return the vector of a key: (d,) float32, read-only.

        Parameters
        ----------
        key : a word or row number.
        norm : scale the vector to length 1.
        oov : policy for an unknown word instead of the attribute `oov`; "skip" is an error here.

        Raises
        ------
        UnknownWordError : the key has no vector.
        """
        item = self._lookup.resolve(key, self.oov if oov is None else oov)
        if item is None:
            raise UnknownWordError(key, self.key_to_index)
        if isinstance(item, int):
            vector = self._unit_rows([item])[0] if norm else self.rows[item]
        else:
            vector = unit_length(item) if norm else item[:]  # a view: the array that a function returned stays writable
        vector.flags.writeable = False
        return vector

    def get_vectors(self, keys: Sequence[Key], norm: bool = False, *, oov: Oov | None = None) -> Matrix:
        """Return the vectors of a list of keys: (k, d) float32, without the words that the policy leaves out.

        Parameters and errors as in `get_vector`; "skip" is allowed here.
        """
        return self._gather(keys, norm, self.oov if oov is None else oov)[1]

    def _gather(
        self, keys: Sequence[Key | npt.NDArray[Any]], norm: bool, oov: Oov
    ) -> tuple[list[int], Matrix]:
        """Return the positions in `keys` that have a vector, and the vectors (k, d).

        Vectors among the keys are taken as they are; with `norm` those of words are scaled to length 1.
        """
        if isinstance(keys, (str, bytes, bytearray)):
            raise TypeError(f"keys must be a list of words or row numbers, not {keys!r}")
        positions: list[int] = []
        rows: list[int] = []  # of each vector; -1 if it has none
        made: dict[int, Matrix] = {}
        for position, key in enumerate(keys):
            item = self._lookup.resolve(key, oov) if isinstance(key, KEY_TYPES) else np.asarray(key, dtype=np.float32)
            if item is None:
                continue
            if not isinstance(item, int):
                if item.shape != (self.vector_size,):
                    raise ValueError(f"a vector of shape {item.shape} does not fit dimension {self.vector_size}")
                made[len(rows)] = unit_length(item) if norm and isinstance(key, str) else item
            rows.append(item if isinstance(item, int) else -1)
            positions.append(position)
        vectors = np.empty((len(rows), self.vector_size), dtype=np.float32)
        known = np.array(rows, dtype=np.int64) >= 0
        own = np.array(rows, dtype=np.int64)[known]
        vectors[known] = self._unit_rows(own) if norm else self.rows[own]
        for place, vector in made.items():
            vectors[place] = vector
        return positions, vectors

    def _unit_rows(self, indices: Sequence[int] | Indices) -> Matrix:
        rows = self.rows[np.asarray(indices, dtype=np.int64)]
        with np.errstate(invalid="ignore", over="ignore"):
            rows *= self.fill_norms().inverse[indices, None]
        return rows

    def get_normed_vectors(self) -> Matrix:
        """Return a copy of all vectors scaled to length 1: (n, d) float32."""
        return self._unit_rows(np.arange(len(self)))

    # --- attributes of words -----------------------------------------------------------------------------------------

    @overload
    def get_vecattr(self, key: Key, attr: Literal["count"]) -> int: ...
    @overload
    def get_vecattr(self, key: Key, attr: str) -> object: ...
    def get_vecattr(self, key: Key, attr: str) -> object:
        """Return an attribute of a word: its "count", or a value set by `set_vecattr`.

        Raises
        ------
        UnknownWordError : (a KeyError) there is no such word.
        KeyError : there is no such attribute.
        """
        index = self.get_index(key)
        values = self.counts if attr == "count" else self._attributes.get(attr)
        if values is None:
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
            self._attributes[attr] = _blank(len(self), dtype if dtype.kind in "biuf" else np.dtype(object))
        self._attributes[attr][index] = val

    # --- adding and selecting words ----------------------------------------------------------------------------------

    def add_vectors(self, keys: Key | Sequence[Key], weights: npt.ArrayLike, replace: bool = False) -> None:
        """Add words with their vectors. This copies the matrix once.

        Parameters
        ----------
        keys : k words; row numbers only of known words. Counts of new words are 0.
        weights : (k, d) vectors.
        replace : known words get the new vectors; otherwise they keep theirs.

        Raises
        ------
        ValueError : the vectors do not fit the keys or the dimension.
        UnknownWordError : (a KeyError) a row number without a row.
        """
        words: list[Key] = [keys] if isinstance(keys, KEY_TYPES) else list(keys)
        block: Matrix = np.asarray(weights, dtype=np.float32)
        if isinstance(keys, KEY_TYPES) and block.ndim == 1:
            block = block[None]
        if words and block.shape != (len(words), self.vector_size):
            raise ValueError(f"{len(words)} words need vectors of shape ({len(words)}, {self.vector_size}), "
                             f"not {np.shape(weights)}")
        old = len(self)
        chosen: dict[int, int] = {}  # by row, the position of its new vector
        new: dict[str, int] = {}
        for i, word in enumerate(words):
            index = self._lookup.find(word)
            if index is None:
                if not isinstance(word, str):
                    raise UnknownWordError(word, self.key_to_index)
                index = new.setdefault(word, old + len(new))
            elif not replace:
                continue
            if replace or index not in chosen:
                chosen[index] = i
        if not chosen:
            return
        rows = Rows.empty(old + len(new), self.vector_size, self.rows.dtype_name)
        for start in range(0, old, _COPY_BLOCK):
            end = min(start + _COPY_BLOCK, old)
            rows[start:end] = self.rows[start:end]
        rows[list(chosen)] = block[list(chosen.values())]
        for word in new:  # last, when nothing can fail any more
            self._lookup.append(word)
        self.rows, self._lengths = rows, None
        self._extend_attributes(len(new))

    def _extend_attributes(self, added: int) -> None:
        """Extend counts, output vectors and attributes by blank values for words that were added."""
        if self.counts is not None:
            self.counts = np.append(self.counts, np.zeros(added, dtype=np.int64))
        if self.output_vectors is not None:
            self.output_vectors = np.pad(self.output_vectors, ((0, added), (0, 0)))
        for name, values in self._attributes.items():
            self._attributes[name] = np.append(values, _blank(added, values.dtype))

    def add_vector(self, key: str, vector: npt.ArrayLike) -> int:
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
        keys : words or row numbers.
        oov : policy for unknown words instead of the attribute `oov`. A vector that it or `subwords` gives is added
            under the word that was asked for.

        Raises
        ------
        UnknownWordError : (a KeyError) a word has no vector under this policy.
        """
        policy = self.oov if oov is None else oov
        found = {self.index_to_key[key] if not isinstance(key, str) else key: item
                 for key in dict.fromkeys(keys) if (item := self._lookup.resolve(key, policy)) is not None}
        indices = np.array([item if isinstance(item, int) else -1 for item in found.values()], dtype=np.int64)
        known = indices >= 0
        if known.all():
            chosen = self.rows.take(indices)
        else:
            chosen = Rows.empty(len(found), self.vector_size, self.rows.dtype_name)
            chosen[np.flatnonzero(known)] = self.rows[indices[known]]
            chosen[np.flatnonzero(~known)] = np.stack([item for item in found.values() if not isinstance(item, int)])
        result = type(self)(list(found), chosen, source=f"{len(found):,} words of {self.source or 'other vectors'}")
        if self.counts is not None:
            result.counts = np.zeros(len(found), dtype=np.int64)
            result.counts[known] = self.counts[indices[known]]
        if self.output_vectors is not None:
            result.output_vectors = np.zeros((len(found), self.vector_size), dtype=np.float32)
            result.output_vectors[known] = self.output_vectors[indices[known]]
        for name, values in self._attributes.items():
            result._attributes[name] = _blank(len(found), values.dtype)
            result._attributes[name][known] = values[indices[known]]
        # results of an evaluation are those of all words
        result.metadata = {name: text for name, text in self.metadata.items() if name != "evaluation"}
        result.oov, result.subwords = self.oov, self.subwords
        return result

    def vectors_for_all(self, keys: Iterable[Key], allow_inference: bool = True) -> Self:
        """Return a `subset` without the words that have no vector.

        Parameters
        ----------
        keys : words or row numbers.
        allow_inference : let `subwords` make vectors of unknown words; otherwise only known words are kept.
        """
        return self.subset(keys if allow_inference else filter(self.has_index_for, keys), oov="skip")


def _blank(count: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return the values of an attribute for words that have none."""
    return np.full(count, None, dtype=dtype) if dtype.kind == "O" else np.zeros(count, dtype=dtype)
