"""Vectors of gensim's models: `ModelVectors`, and `FastTextKeyedVectors` with the parts that words are made of.

Place in the data flow: `w2v.compat.weights` -> `wv` of a model -> programs written for gensim.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self, overload

import numpy as np
import numpy.typing as npt

from w2v.formats import SUFFIXES, write_vectors
from w2v.formats.keys import Key
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import SAFETENSORS, VectorFile
from w2v.keyedvectors import KeyedVectors
from w2v.training.loop._tree import HuffmanTree
from w2v.training.objectives.hierarchical_softmax import huffman_tree_of
from w2v.types import Counts, Matrix, StrPath

_CODES = ("code", "point")


class ModelVectors(KeyedVectors):
    """Vectors of a `Word2Vec`, which also know the codes of the words in hierarchical softmax.

    Parameters and attributes as in `KeyedVectors`.

    Attributes
    ----------
    huffman : whether the words have codes. `get_vecattr(word, "code")` is then their path in the Huffman tree of the
        counts, uint8 bits, and `get_vecattr(word, "point")` the rows of `Word2Vec.syn1` on it, uint32, from the root.
    """

    huffman = False
    _tree: tuple[Counts, HuffmanTree] | None = None  # and the counts that it was made of

    @classmethod
    def of(cls, wv: KeyedVectors, *, huffman: bool = False) -> Self:
        """Return the same words and vectors as an object of this class."""
        vectors = cls(list(wv.index_to_key), wv.rows, wv.counts, source=wv.source, distinct=True)
        vectors.metadata, vectors.report, vectors.subwords = wv.metadata, wv.report, wv.subwords
        vectors.integer_keys, vectors.text_options, vectors.huffman = wv.integer_keys, wv.text_options, huffman
        return vectors

    def save(
        self, path: StrPath, separately: object = None, sep_limit: int = 0, ignore: Iterable[str] = (),
        pickle_protocol: int = 0, *, metadata: Mapping[str, str] | None = None, output_vectors: Matrix | None = None,
        dtype: str | None = None,
    ) -> None:
        """Write the vectors, as `KeyedVectors.save` does; with an unknown suffix or none in w2v's own format, as
        `Word2Vec.save`.

        `separately`, `sep_limit`, `ignore` and `pickle_protocol` are accepted without effect.
        """
        suffix = Path(path).suffix.lower()
        format = None if suffix and suffix in SUFFIXES else SAFETENSORS
        write_vectors(path, self.index_to_key, self.rows, self.counts, format=format, dtype=dtype,
                      output_vectors=output_vectors, metadata=self.metadata if metadata is None else metadata,
                      subwords=self._stored_subwords(), integer_keys=self.integer_keys,
                      text_options=self.text_options)

    @overload
    def get_vecattr(self, key: Key, attr: Literal["count"]) -> int: ...
    @overload
    def get_vecattr(self, key: Key, attr: str) -> object: ...
    def get_vecattr(self, key: Key, attr: str) -> object:
        """Return an attribute of a word, as `KeyedVectors` does; also its "code" and "point"."""
        if self.huffman and attr in _CODES and attr not in self._attributes:
            return self._code(self.get_index(key))[_CODES.index(attr)]
        return super().get_vecattr(key, attr)

    @property
    def expandos(self) -> Mapping[str, npt.NDArray[Any]]:
        """(n,) values of all words by name, as in `KeyedVectors`; also "code" and "point"."""
        found = super().expandos
        if not self.huffman or self.counts is None:
            return found
        codes = [self._code(row) for row in range(len(self))]
        made = {name: np.empty(len(self), dtype=object) for name in _CODES}
        for row, code in enumerate(codes):
            for name, values in zip(_CODES, code, strict=True):
                made[name][row] = values
        return MappingProxyType({**made, **found})

    def _code(self, row: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint32]]:
        if self.counts is None:
            raise KeyError("the codes of hierarchical softmax follow from the counts, which these vectors do not have")
        if self._tree is None or self._tree[0] is not self.counts:
            self._tree = self.counts, huffman_tree_of(self.counts)
        path = self._tree[1].path(row)
        return (np.array([1 - label for _, label in path], dtype=np.uint8),
                np.array([node for node, _ in path], dtype=np.uint32))


class FastTextKeyedVectors(ModelVectors):
    """Vectors of a `FastText`, with the rows that they are the mean of: one of each word, and those of its n-grams.

    Parameters
    ----------
    words, vectors, counts, source, vector_size, distinct : see `KeyedVectors`.
    min_n, max_n, bucket : n-grams of an empty object, as in `FastText`.

    Attributes
    ----------
    compatible_hash : whether n-grams have the hash of fastText; always True.
    vectors_vocab_lockf, vectors_ngrams_lockf : (1,) ones; no row of these can be kept from changing.
    """

    compatible_hash = True
    vectors_vocab_lockf: npt.NDArray[np.float32] = np.broadcast_to(np.float32(1), 1)
    vectors_ngrams_lockf: npt.NDArray[np.float32] = np.broadcast_to(np.float32(1), 1)

    def __init__(
        self, words: Sequence[str] | int = (), vectors: npt.ArrayLike | Rows | None = None,
        counts: npt.ArrayLike | None = None, *, source: str = "", vector_size: int | None = None,
        distinct: bool = False, min_n: int = 3, max_n: int = 6, bucket: int = 2_000_000,
    ) -> None:
        super().__init__(words, vectors, counts, source=source, vector_size=vector_size, distinct=distinct)
        self._kind = min_n, max_n, bucket if max_n >= min_n else 0
        self._own: tuple[Rows, Matrix] | None = None  # the vectors, and the rows of the words alone

    @classmethod
    def from_file(cls, file: VectorFile) -> Self:
        """Make vectors of a file that was read with `w2v.formats.read_vectors`."""
        return cls.of(KeyedVectors.from_file(file))

    @property
    def min_n(self) -> int:
        """Letters of the shortest n-gram."""
        return self._ngrams.minn if self._ngrams else self._kind[0]

    @property
    def max_n(self) -> int:
        """Letters of the longest n-gram."""
        return self._ngrams.maxn if self._ngrams else self._kind[1]

    @property
    def bucket(self) -> int:
        """Number of n-gram vectors, 0 for whole words only."""
        return self._ngrams.buckets if self._ngrams else 0 if len(self) else self._kind[2]

    @property
    def vectors_ngrams(self) -> Matrix:
        """(bucket, vector_size) float32, the vectors of the n-grams; after a change call `adjust_vectors`."""
        if self._ngrams is None:
            return np.zeros((0, self.vector_size), dtype=np.float32)
        return self._ngrams.rows.view(np.float32).reshape(-1, self.vector_size)

    @property
    def vectors_vocab(self) -> Matrix:
        """(n, vector_size) float32, the rows of the words without their n-grams; after a change call `adjust_vectors`.
        """
        if self._own is None or self._own[0] is not self.rows:
            vectors = self.rows[:]
            own = vectors if self._ngrams is None else self._ngrams.own_rows(self.index_to_key, vectors)
            self._own = self.rows, own
        return self._own[1]

    def adjust_vectors(self) -> None:
        """Compute `vectors` again, as the means of `vectors_vocab` and `vectors_ngrams`."""
        own = self.vectors_vocab
        if self._ngrams is not None:
            vectors = own.copy()
            self._ngrams.average_into(self.index_to_key, vectors)
            self.vectors = vectors
            self._own = self.rows, own

    @property
    def _ngrams(self) -> Subwords | None:
        return self.subwords if isinstance(self.subwords, Subwords) else None


def frozen_words(wv: KeyedVectors) -> npt.NDArray[np.bool_] | None:
    """Return which words gensim's `wv.vectors_lockf` freezes.

    Returns
    -------
    (n,) bool; None if no word is frozen.

    Raises
    ------
    ValueError : a factor is neither 0 nor 1, or their number is neither 1 nor that of the words.
    """
    for name in ("vectors_vocab_lockf", "vectors_ngrams_lockf"):
        if not np.all(np.asarray(getattr(wv, name, 1.0)) == 1):
            raise ValueError(f"{name} must be 1: n-grams, and the words made of them, cannot be kept from changing")
    factors = np.asarray(getattr(wv, "vectors_lockf", 1.0))
    if not np.isin(factors, (0, 1)).all() or factors.size not in (1, len(wv)):
        raise ValueError(f"vectors_lockf must be 0 (frozen) or 1 for each of the {len(wv)} words, or one of these for "
                         "all words")
    frozen = np.broadcast_to(factors.reshape(-1) == 0, len(wv))
    return frozen if frozen.any() else None
