"""Words with one vector each: lookup, attributes of words, adding and choosing words. `KeyedVectors` adds the searches.

Place in the data flow: files and the trainer -> words and `w2v.formats.rows` -> `KeyedVectors`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from w2v.formats.rows import Rows
from w2v.types import Counts, Indices, Matrix, Scores
from w2v.vectors.lookup import KEY_TYPES, Key, Lookup, Oov, Subwords
from w2v.vectors.search import Lengths, row_lengths, unit_length
from w2v.vectors.spelling import UnknownWordError


class Table:
    """Words with one vector each.

    Parameters
    ----------
    words : n distinct words, by falling count where counts are known.
    vectors : (n, d) float32 or float16, or `Rows` of any stored type; rows may stand apart (padded). Kept, not copied.
    counts : (n,) int64 or None.
    source : one line that says where the vectors come from.
    distinct : it is known that no word stands twice, which is then not looked for; and a list of words is given away:
        words that are added go into it. Otherwise it is copied.
    vector_size : alone (or as the first argument, as in gensim) it makes an empty one, to which `add_vectors` adds.

    Attributes
    ----------
    oov : what an unknown word means: "error" (UnknownWordError), "skip" (left out of a list), "zero" (a zero vector),
        "nearest" (the known word of the nearest spelling), or a function of the word that gives a vector (d,), another
        word, or None to leave it out.
    output_vectors : (n, d) float32, the output matrix of the training (syn1neg elsewhere), or None where the vectors
        came without one. Words that are added have zeros there, as before training.

    Raises
    ------
    ValueError : the shapes do not fit.
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
                raise ValueError(f"{len(words)} words need vectors; without any give the size of the vectors alone")
            vectors = np.empty((0, vector_size), dtype=np.float32)
        if not isinstance(vectors, Rows) and np.ndim(vectors) != 2:
            raise ValueError(f"vectors have two dimensions (words, numbers), not shape {np.shape(vectors)}")
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

    # ------------------------------------------------------------------------------------------ words and rows

    @property
    def index_to_key(self) -> list[str]:
        return self._lookup.words

    @property
    def key_to_index(self) -> dict[str, int]:
        """Row of each word; built when it is first asked for."""
        return self._lookup.index

    @property
    def subwords(self) -> Subwords | None:
        """What makes vectors of words that have none of their own; None for most models."""
        return self._lookup.subwords

    @subwords.setter
    def subwords(self, subwords: Subwords | None) -> None:
        self._lookup.subwords = subwords

    @property
    def vectors(self) -> Any:
        """(n, d) float32 or float16 array; for bf16 and int8 the `Rows`, which read as float32. After a change in place
        `fill_norms(force=True)`."""
        return self.rows.data if self.rows.dtype_name in ("float32", "float16") else self.rows

    @vectors.setter
    def vectors(self, vectors: npt.ArrayLike | Rows) -> None:
        rows = Rows.of(vectors)
        if rows.shape != self.rows.shape:
            raise ValueError(f"these words have vectors of shape {self.rows.shape}, not {rows.shape}")
        self.rows, self._lengths = rows, None

    @property
    def vector_size(self) -> int:
        return self.rows.shape[1]

    @property
    def norms(self) -> Scores:
        """(n,) float32 lengths of the rows; 1 for a zero vector, so that dividing is safe."""
        return self.fill_norms().norms

    def fill_norms(self, force: bool = False) -> Lengths:
        """Compute `norms` if they are not there; `force` after the vectors were changed in place."""
        if self._lengths is None or force:
            self._lengths = row_lengths(self.rows)
        return self._lengths

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, key: object) -> bool:
        """Whether there is a vector: of a known word, or made of the parts of any."""
        return self.has_index_for(key) or (self.subwords is not None and isinstance(key, str))

    def __repr__(self) -> str:
        source = f", {self.source}" if self.source else ""
        return f"<{type(self).__name__}: {len(self):,} words x {self.vector_size}{source}>"

    def has_index_for(self, key: object) -> bool:
        return self._lookup.find(key) is not None

    def get_index(self, key: Key, default: int | None = None) -> int:
        """Row of `key`; a number is a row itself.

        Raises
        ------
        UnknownWordError : (a KeyError) there is no such word and no default.
        """
        return self._lookup.row(key, default)

    def __getitem__(self, key: Key | Sequence[Key]) -> Matrix:
        """(d,) vector of a key, or (k, d) vectors of a list of keys."""
        return self.get_vector(key) if isinstance(key, KEY_TYPES) else self.get_vectors(key)

    def get_vector(self, key: Key, norm: bool = False, *, oov: Oov | None = None) -> Matrix:
        """(d,) float32, read-only; with `norm` of length 1. A single word cannot be left out: `oov` "skip" is an error.
        """
        item = self._lookup.resolve(key, self.oov if oov is None else oov)
        if item is None:
            raise UnknownWordError(key, self.key_to_index)
        if isinstance(item, int):
            vector = self._unit_rows([item])[0] if norm else self.rows[item]
        else:
            vector = unit_length(item) if norm else item[:]  # a view: what a function gave stays writable
        vector.flags.writeable = False
        return vector

    def get_vectors(self, keys: Sequence[Key], norm: bool = False, *, oov: Oov | None = None) -> Matrix:
        """(k, d) float32 vectors of keys; the rows of words that `oov` leaves out are not there."""
        return self._gather(keys, norm, self.oov if oov is None else oov)[1]

    def _gather(self, keys: Sequence[Key | Matrix], norm: bool, oov: Oov) -> tuple[list[int], Matrix]:
        """(places in `keys`, vectors): vectors among the keys as they are, words at length 1 with `norm`."""
        if isinstance(keys, (str, bytes, bytearray)):
            raise TypeError(f"keys are a list of words or row numbers, not {keys!r}")
        places: list[int] = []
        rows: list[int] = []  # of each vector; -1 if there is none
        made: dict[int, Matrix] = {}
        for place, key in enumerate(keys):
            item = self._lookup.resolve(key, oov) if isinstance(key, KEY_TYPES) else np.asarray(key, dtype=np.float32)
            if item is None:
                continue
            if not isinstance(item, int):
                if item.shape != (self.vector_size,):
                    raise ValueError(f"a vector of shape {item.shape} does not fit dimension {self.vector_size}")
                made[len(rows)] = unit_length(item) if norm and isinstance(key, str) else item
            rows.append(item if isinstance(item, int) else -1)
            places.append(place)
        vectors = np.empty((len(rows), self.vector_size), dtype=np.float32)
        known = np.array(rows, dtype=np.int64) >= 0
        own = np.array(rows, dtype=np.int64)[known]
        vectors[known] = self._unit_rows(own) if norm else self.rows[own]
        for place, vector in made.items():
            vectors[place] = vector
        return places, vectors

    def _unit_rows(self, indices: Sequence[int] | Indices) -> Matrix:
        rows = self.rows[np.asarray(indices, dtype=np.int64)]
        with np.errstate(invalid="ignore", over="ignore"):
            rows *= self.fill_norms().inverse[indices, None]
        return rows

    def get_normed_vectors(self) -> Matrix:
        """(n, d) float32: a copy of all vectors at length 1."""
        return self._unit_rows(np.arange(len(self)))

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """What is known of a word beside its vector: its "count", or what `set_vecattr` set."""
        index = self.get_index(key)
        values = self.counts if attr == "count" else self._attributes.get(attr)
        if values is None:
            raise KeyError(f"no {attr!r} for these vectors; counts are kept by .safetensors files and by training")
        return values[index].item() if values.dtype != object else values[index]

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Note a value of a word under a name; the first value decides the type, the other words have 0 (or None)."""
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

    # ------------------------------------------------------------------------------------------ other words

    def add_vectors(self, keys: Key | Sequence[str], weights: npt.ArrayLike, replace: bool = False) -> None:
        """Add words with their vectors (k, d), which makes a new matrix; words that are there keep their vectors, or
        with `replace` get the new ones. Counts of new words are 0.

        Raises
        ------
        ValueError : as many vectors as keys are needed, of the size of these.
        """
        words = [keys] if isinstance(keys, KEY_TYPES) else list(keys)
        block: Matrix = np.asarray(weights, dtype=np.float32)
        if isinstance(keys, KEY_TYPES) and block.ndim == 1:
            block = block[None]
        if words and block.shape != (len(words), self.vector_size):
            raise ValueError(f"{len(words)} words need vectors of shape ({len(words)}, {self.vector_size}), "
                             f"not {np.shape(weights)}")
        old = len(self)
        place: dict[int, int] = {}  # by row, which of the vectors
        new: dict[str, int] = {}
        for i, word in enumerate(words):
            index = self._lookup.find(word)
            if index is None:
                if not isinstance(word, str):
                    raise UnknownWordError(word, self.key_to_index)
                index = new.setdefault(word, old + len(new))
            elif not replace:
                continue
            if replace or index not in place:
                place[index] = i
        if not place:
            return
        rows = Rows.empty(old + len(new), self.vector_size, self.rows.dtype_name)
        for start in range(0, old, 8192):
            end = min(start + 8192, old)
            rows[start:end] = self.rows[start:end]
        rows[list(place)] = block[list(place.values())]
        for word in new:  # when nothing can go wrong any more
            self._lookup.append(word)
        self.rows, self._lengths = rows, None
        if self.counts is not None:
            self.counts = np.append(self.counts, np.zeros(len(self) - old, dtype=np.int64))
        if self.output_vectors is not None:
            self.output_vectors = np.pad(self.output_vectors, ((0, len(self) - old), (0, 0)))
        for name, values in self._attributes.items():
            self._attributes[name] = np.append(values, _blank(len(self) - old, values.dtype))

    def add_vector(self, key: str, vector: npt.ArrayLike) -> int:
        """Add one word (many at once are cheaper: `add_vectors`); its row."""
        self.add_vectors([key], np.asarray(vector, dtype=np.float32)[None])
        return self.get_index(key)

    def __setitem__(self, keys: Key | list[str], weights: npt.ArrayLike) -> None:
        """Add words or replace their vectors."""
        self.add_vectors(keys, weights, replace=True)

    def subset(self, keys: Iterable[Key], *, oov: Oov | None = None) -> Self:
        """A new object with these words only, in this order, each once, stored as these are; what `oov` or `subwords`
        give for unknown words goes in under the word that was asked for."""
        policy = self.oov if oov is None else oov
        found = {self.index_to_key[key] if not isinstance(key, str) else key: item
                 for key in dict.fromkeys(keys) if (item := self._lookup.resolve(key, policy)) is not None}
        indices = np.array([item if isinstance(item, int) else -1 for item in found.values()], dtype=np.int64)
        own = indices >= 0
        chosen = Rows.empty(len(found), self.vector_size, self.rows.dtype_name)
        if own.all():
            chosen = self.rows.take(indices)
        else:
            chosen[np.flatnonzero(own)] = self.rows[indices[own]]
            made = [item for item in found.values() if not isinstance(item, int)]
            chosen[np.flatnonzero(~own)] = np.stack(made)
        result = type(self)(list(found), chosen, source=f"{len(found):,} words of {self.source or 'other vectors'}")
        if self.counts is not None:
            result.counts = np.zeros(len(found), dtype=np.int64)
            result.counts[own] = self.counts[indices[own]]
        if self.output_vectors is not None:
            result.output_vectors = np.zeros((len(found), self.vector_size), dtype=np.float32)
            result.output_vectors[own] = self.output_vectors[indices[own]]
        for name, values in self._attributes.items():
            result._attributes[name] = _blank(len(found), values.dtype)
            result._attributes[name][own] = values[indices[own]]
        result.metadata = {name: text for name, text in self.metadata.items() if name != "evaluation"}  # of all words
        result.oov, result.subwords = self.oov, self.subwords
        return result

    def vectors_for_all(self, keys: Iterable[Key], allow_inference: bool = True) -> Self:
        """As `subset`, without the words that have no vector; without `allow_inference` known words only."""
        return self.subset(keys if allow_inference else filter(self.has_index_for, keys), oov="skip")


def _blank(count: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """What words have of an attribute that was not set."""
    return np.full(count, None, dtype=dtype) if dtype.kind == "O" else np.zeros(count, dtype=dtype)
