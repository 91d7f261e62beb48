"""`SentenceEncoder`: vectors of texts, as weighted means of the vectors of their words.

Place in the data flow: texts -> words (`Table.tokenize`) -> rows -> `w2v.vectors.sentence_means` -> one vector a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from w2v.corpus.segmenter import words_of_text
from w2v.corpus_options import Tokenizer
from w2v.formats.keys import Key, as_key, is_key
from w2v.system.fact_table import Fact, FactTable
from w2v.system.report import Report
from w2v.types import Floats, Indices, Matrix
from w2v.vectors.lengths import unit_length
from w2v.vectors.sentence_means import (
    SIF_A,
    Moments,
    WeightFunction,
    counted_probabilities,
    remove_components,
    sif_weights,
    weighted_means,
    zipf_probabilities,
)
from w2v.vectors.similarity import Similarity

Text: TypeAlias = str | Iterable[Key]
"""A text, or its words."""

Weights: TypeAlias = str | npt.ArrayLike | Callable[[str], float]
"""A key of WEIGHTS, one number for each row (n,), or a function of the word."""

WEIGHTS = ("mean", "sif")
_TEXTS, _WORDS = 8192, 1 << 16  # a block has at most as many texts, and fewer words before its last text


@dataclass(frozen=True, repr=False)
class SentenceVectors(Report):
    """Vectors of texts, and how many of their words are known.

    Attributes
    ----------
    vectors : (m, d) float32; zeros for an empty text.
    texts : number of texts, m.
    words : number of words of all texts.
    unknown : number of words without a vector, which are left out.
    broken : number of words with NaN or infinity in their vectors, which are left out.
    empty : number of texts without a word that counts.
    components : (r, d) float32, the directions that were removed.
    """

    vectors: Matrix = field(compare=False)
    texts: int
    words: int
    unknown: int
    broken: int
    empty: int
    components: Matrix = field(compare=False)

    def brief(self) -> str:
        return f"{self.texts:,} texts, {self.empty:,} empty; {self.unknown:,} of {self.words:,} words unknown"

    def tables(self) -> list[FactTable]:
        facts = [Fact("texts", f"{self.texts:,}"), Fact("empty", f"{self.empty:,}", "no known word: a vector of zeros"),
                 Fact("words", f"{self.words:,}"), Fact("unknown words", f"{self.unknown:,}", "left out"),
                 Fact("broken words", f"{self.broken:,}", "NaN or infinity in their vectors: left out"),
                 Fact("vector size", f"{self.vectors.shape[1]:,}"),
                 Fact("removed components", f"{len(self.components):,}", "directions that many texts share"
                      if len(self.components) else "")]
        return [FactTable(facts)]

    def to_dict(self) -> dict[str, Any]:
        """Return all values but the vectors as plain values, for JSON."""
        return {"texts": self.texts, "empty": self.empty, "words": self.words, "unknown_words": self.unknown,
                "broken_words": self.broken, "vector_size": self.vectors.shape[1],
                "removed_components": len(self.components)}


class _Block(NamedTuple):
    """Mean vectors (k, d) float32 of some texts, and the counts of `SentenceVectors` for them."""

    vectors: Matrix
    words: int
    unknown: int
    broken: int
    empty: int


class SentenceEncoder:
    """Makes vectors of texts by one setting, so that texts of different calls can be compared.

    Parameters
    ----------
    kv : the vectors of words.
    weights, a, frequencies, pre_normalize, components, tokenizer : as in `Sentences.sentence_vectors`.

    Attributes
    ----------
    components : (r, d) float32, orthonormal directions that are removed from each vector; (0, d) before `fit`.

    Raises
    ------
    ValueError, TypeError : an option is wrong, or SIF lacks the frequencies of the words.
    """

    components: npt.NDArray[np.float32]

    def __init__(
        self, kv: Similarity, *, weights: Weights = "mean", a: float = SIF_A,
        frequencies: str | npt.ArrayLike | None = None, pre_normalize: bool | None = None,
        components: npt.ArrayLike | None = None, tokenizer: Tokenizer | None = None,
    ) -> None:
        self._kv = kv
        self._options = kv._options_of_text(tokenizer)
        self._unit = not _is_name(weights, "sif") if pre_normalize is None else pre_normalize
        self._by_word = weights if callable(weights) else None
        self._by_row, self._made_weight = (None, 1.0) if callable(weights) else _row_weights(kv, weights, a,
                                                                                            frequencies)
        self.components = np.zeros((0, kv.vector_size), dtype=np.float32)
        if components is not None:
            self.components = _checked_components(components, kv.vector_size)

    def fit(self, texts: Iterable[Text], remove: int = 1) -> SentenceEncoder:
        """Set `components` to the first ones of the vectors of these texts, which are not kept; return the encoder.

        Parameters
        ----------
        texts : as in `Sentences.sentence_vectors`; read once.
        remove : number of components, 0 to d.

        Raises
        ------
        ValueError : not more texts with a known word than components. TypeError : something else than texts.
        """
        _check_remove(remove, self._kv.vector_size)
        moments = Moments(self._kv.vector_size)
        for block in self._blocks(texts):
            moments.add(block.vectors)
        self.components = _components(moments, remove)
        return self

    def encode(self, texts: Iterable[Text], remove: int = 0) -> SentenceVectors:
        """Return the vectors of texts without their projections on `components`.

        Parameters
        ----------
        texts : as in `Sentences.sentence_vectors`.
        remove : remove this many components of these vectors too.

        Raises
        ------
        ValueError, TypeError : as `fit`.
        """
        _check_remove(remove, self._kv.vector_size)
        parts = list(self._blocks(texts))
        words, unknown, broken, empty = (sum(counts) for counts in zip((0,) * 4, *(part[1:] for part in parts),
                                                                       strict=True))
        vectors = _joined([part.vectors for part in parts], self._kv.vector_size, parts)
        remove_components(vectors, self.components)
        removed = self.components
        if remove:
            moments = Moments(self._kv.vector_size)
            moments.add(vectors)
            found = _components(moments, remove)
            remove_components(vectors, found)
            removed = np.concatenate([removed, found])
        return SentenceVectors(vectors, len(vectors), words, unknown, broken, empty, removed)

    def _blocks(self, texts: Iterable[Text]) -> Iterator[_Block]:
        """Yield the mean vectors of texts, block by block."""
        if isinstance(texts, (str, bytes, bytearray)) or not isinstance(texts, Iterable):
            raise TypeError(f"texts must be a list of texts, not {texts!r:.80}; for one text pass [text]")
        words: list[Key] = []
        ends: list[int] = []
        for number, text in enumerate(texts):
            words += self._words(number, text)
            ends.append(len(words))
            if len(ends) == _TEXTS or len(words) >= _WORDS:
                yield self._block(words, ends)
                words, ends = [], []
        if ends:
            yield self._block(words, ends)

    def _words(self, number: int, text: Text) -> list[Key]:
        if isinstance(text, str):
            return list(words_of_text(text, self._options))
        if isinstance(text, (bytearray, Mapping)) or is_key(text):
            raise TypeError(f"text {number} is {text!r:.80}; a text is a str or a list of words or integers")
        return text.tolist() if isinstance(text, np.ndarray) else list(text)

    def _block(self, words: list[Key], ends: list[int]) -> _Block:
        kv = self._kv
        rows, made = self._rows(words)
        usable = rows >= 0
        unknown = len(rows) - int(usable.sum())
        broken = kv.fill_norms().broken
        if len(broken):
            usable &= ~np.isin(rows, broken)
        kept_ends = np.concatenate(([0], np.cumsum(usable)))[np.array(ends, dtype=np.int64)]
        rows = rows[usable]
        weights = self._weights(rows, list(made))
        found = weighted_means(_Gather(kv, list(made.values()), self._unit), rows, kept_ends, weights, kv.vector_size)
        counted = np.ones(len(rows), dtype=bool) if weights is None else weights != 0
        per_text = np.diff(np.concatenate(([0], np.cumsum(counted)))[kept_ends], prepend=0)
        return _Block(found.astype(np.float32), len(words), unknown, len(words) - unknown - len(rows),
                      int((per_text == 0).sum()))

    def _rows(self, words: list[Key]) -> tuple[Indices, dict[Key, Matrix]]:
        """Return the row of each word, -1 for unknown ones, and vectors that were made of words that have no row; the
        first of these is row n."""
        lookup = self._kv._lookup
        row_of = cast("Callable[[Key, int], int]", lookup.index.get)
        try:
            rows = np.fromiter(map(row_of, words, repeat(-1)), dtype=np.int64, count=len(words))
        except TypeError:  # not hashable
            for word in words:
                as_key(word)
            raise
        made: dict[Key, Matrix] = {}
        found: dict[Key, int] = {}
        oov = self._kv._lenient_oov()
        for at in np.flatnonzero(rows < 0):
            word = words[at]
            if word not in found:
                item = lookup.resolve(word, oov)
                if isinstance(item, np.ndarray):
                    made[word] = item
                    found[word] = len(self._kv) + len(made) - 1
                else:
                    found[word] = -1 if item is None else item
            rows[at] = found[word]
        return rows, made

    def _weights(self, rows: Indices, made: list[Key]) -> Floats | None:
        """Return the weights (t,) of rows, None if all are 1; rows from n on are words of `made`."""
        n = len(self._kv)
        if self._by_word is not None:
            distinct, place = np.unique(rows, return_inverse=True)
            keys = self._kv.index_to_key
            words = [keys[row] if row < n else str(made[row - n]) for row in distinct]
            values = np.array([float(self._by_word(word)) for word in words], dtype=np.float64)
            if not np.isfinite(values).all():
                word = words[int(np.flatnonzero(~np.isfinite(values))[0])]
                raise ValueError(f"the weight of {word[:80]!r} is not a finite number")
            return values[place]
        if self._by_row is None:
            return None
        if not made:
            return self._by_row(rows)
        weights = np.full(len(rows), self._made_weight)
        weights[rows < n] = self._by_row(rows[rows < n])
        return weights


class _Gather:
    """Function that returns the vectors of rows: those of `kv`, then those of `made`."""

    def __init__(self, kv: Similarity, made: list[Matrix], unit: bool) -> None:
        self.kv, self.unit = kv, unit
        self.made = np.array([unit_length(one) if unit else one for one in made], dtype=np.float32)

    def __call__(self, rows: Indices) -> Matrix:
        read = self.kv.unit_vectors if self.unit else self.kv.rows.__getitem__
        if not len(self.made):
            return read(rows)
        own = rows < len(self.kv)
        found = np.empty((len(rows), self.kv.vector_size), dtype=np.float32)
        found[own] = read(rows[own])
        found[~own] = self.made[rows[~own] - len(self.kv)]
        return found


def _is_name(weights: Weights, name: str) -> bool:
    return isinstance(weights, str) and weights == name


def _row_weights(kv: Similarity, weights: str | npt.ArrayLike, a: float,
                 frequencies: str | npt.ArrayLike | None) -> tuple[WeightFunction | None, float]:
    """Return the function that gives the weights of rows, None for ones, and the weight of words without a row."""
    if isinstance(weights, str) and weights not in WEIGHTS:
        raise ValueError(f"weights must be {' or '.join(map(repr, WEIGHTS))}, an array, or a function of the word, "
                         f"not {weights!r:.80}")
    if not _is_name(weights, "sif"):
        if frequencies is not None:
            raise ValueError("frequencies are for weights='sif' only")
        if isinstance(weights, str):
            return None, 1.0
        values = np.asarray(weights, dtype=np.float64)
        if values.shape != (len(kv),) or not np.isfinite(values).all():
            raise ValueError(f"{len(kv)} words need {len(kv)} finite weights, not an array of shape {values.shape}"
                             + (" with NaN or infinity" if values.shape == (len(kv),) else ""))
        return values.__getitem__, float(values.max(initial=-np.inf)) if len(values) else 1.0
    if isinstance(a, bool) or not isinstance(a, (int, float)) or not 0 < a < np.inf:
        raise ValueError(f"a = {a!r} is out of range: above 0")
    probabilities = _probabilities(kv, frequencies)
    return lambda rows: sif_weights(rows, probabilities, a), 1.0


def _probabilities(kv: Similarity, frequencies: str | npt.ArrayLike | None) -> WeightFunction:
    """Return the function that gives the probability of each row."""
    if isinstance(frequencies, str):
        if frequencies != "zipf":
            raise ValueError(f'frequencies must be "zipf", an array of counts, or None, not {frequencies!r:.80}')
        return zipf_probabilities(max(len(kv), 1))
    counts = kv.counts if frequencies is None else np.asarray(frequencies, dtype=np.float64)
    if counts is None:
        raise ValueError("weights='sif' needs the counts of the words, which these vectors lack: .safetensors files "
                         "and training keep them. frequencies='zipf' estimates them from the order of the words; an "
                         "array of counts is possible too")
    if counts.shape != (len(kv),) or not (np.isfinite(counts).all() and (counts >= 0).all() and counts.any()):
        if not len(kv) and counts.shape == (0,):
            return zipf_probabilities(1)
        raise ValueError(f"the counts of {len(kv)} words must be {len(kv)} numbers of 0 or more that are not all 0; "
                         "frequencies= replaces those of the vectors")
    return counted_probabilities(counts)


def _checked_components(components: npt.ArrayLike, size: int) -> Matrix:
    found: Matrix = np.asarray(components, dtype=np.float32)
    if found.ndim != 2 or found.shape[1] != size or not np.isfinite(found).all():
        raise ValueError(f"components must be finite numbers of shape (r, {size}), not {found.shape}")
    if len(found) and np.linalg.matrix_rank(found) < len(found):
        raise ValueError("components must be linearly independent")
    return found


def _check_remove(remove: object, size: int) -> None:
    if isinstance(remove, bool) or not isinstance(remove, (int, np.integer)):
        raise TypeError(f"remove must be a number of components, not {remove!r:.80}")
    if not 0 <= remove <= size:
        raise ValueError(f"remove = {remove} is out of range: 0 to {size}, the dimension")


def _components(moments: Moments, remove: int) -> Matrix:
    if 0 < moments.vectors <= remove:
        raise ValueError(f"without {remove} of their components nothing would be left of {moments.vectors} texts with "
                         "known words: fit the components on more texts (--fit, kv.sentence_encoder(texts, "
                         "remove=...)), or pass components=")
    return moments.components(remove)


def _joined(blocks: list[Matrix], size: int, parts: list[_Block]) -> Matrix:
    """Return the blocks as one array; empties both lists, so that little more than the array is in memory."""
    parts.clear()
    vectors = np.empty((sum(map(len, blocks)), size), dtype=np.float32)
    end = len(vectors)
    while blocks:
        block = blocks.pop()
        vectors[end - len(block):end] = block
        end -= len(block)
    return vectors
