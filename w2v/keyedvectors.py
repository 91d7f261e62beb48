"""`KeyedVectors`: words and their vectors, with lookup, neighbours and analogies; names and meanings as in gensim 4.

Place in the data flow: vectors -> queries. The matrix is held once: only the norms of its rows are kept beside it, and
every search goes over tiles of it with one BLAS product a tile, so memory does not grow with the number of queries.

The cosine with a zero vector is 0, and with a row that has a number that is not finite it is 0 too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from w2v.correlation import p_value
from w2v.errors import W2VError
from w2v.files import StrPath
from w2v.formats import read_vectors, write_vectors
from w2v.search import Key, Keys, Lengths, Query, Scores, row_lengths, scorer, split_terms, top, unit_length
from w2v.spelling import UnknownWordError
from w2v.vectorfile import WORD2VEC_BINARY, WORD2VEC_TEXT, Counts, Matrix, VectorFile

Neighbours = list[tuple[str, float]]

_QUERY_BLOCK = 128  # queries at a time


class KeyedVectors:
    """Words with one vector each.

    Parameters
    ----------
    words : n distinct words, by falling count where counts are known.
    vectors : (n, d) float32; rows may stand apart (padded). Kept, not copied.
    counts : (n,) int64 or None.
    source : one line that says where the vectors come from.

    Raises
    ------
    ValueError : the shapes do not fit.
    """

    def __init__(
        self, words: Sequence[str], vectors: npt.ArrayLike, counts: npt.ArrayLike | None = None, *, source: str = ""
    ) -> None:
        self.index_to_key = words if isinstance(words, list) else list(words)
        self.vectors: Matrix = np.asarray(vectors, dtype=np.float32)
        self.counts: Counts | None = None if counts is None else np.asarray(counts, dtype=np.int64)
        self.source = source
        self.metadata: dict[str, str] = {}
        self.report: dict[str, int] = {}
        n = len(self.index_to_key)
        if len(set(self.index_to_key)) != n:
            raise ValueError("a word stands twice among the words; each may have one vector")
        if self.vectors.ndim != 2 or len(self.vectors) != n:
            raise ValueError(f"{n} words need vectors of shape ({n}, d), not {self.vectors.shape}")
        if self.counts is not None and self.counts.shape != (n,):
            raise ValueError(f"counts of shape {self.counts.shape} do not fit {n} words")
        self._key_to_index: dict[str, int] | None = None
        self._lengths: Lengths | None = None

    # ------------------------------------------------------------------------------------------ lookup

    @property
    def key_to_index(self) -> dict[str, int]:
        """Row of each word; built when it is first asked for."""
        if self._key_to_index is None:
            self._key_to_index = {word: i for i, word in enumerate(self.index_to_key)}
        return self._key_to_index

    @property
    def vector_size(self) -> int:
        return int(self.vectors.shape[1])

    @property
    def norms(self) -> Scores:
        """(n,) float32 lengths of the rows; 1 for a zero vector, so that dividing is safe."""
        return self.fill_norms().norms

    def fill_norms(self, force: bool = False) -> Lengths:
        """Compute `norms` if they are not there; `force` after the vectors were changed in place."""
        if self._lengths is None or force:
            self._lengths = row_lengths(self.vectors)
        return self._lengths

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, key: object) -> bool:
        return self._find(key) is not None

    def __repr__(self) -> str:
        return f"<KeyedVectors: {len(self):,} words x {self.vector_size}{', ' if self.source else ''}{self.source}>"

    def __getitem__(self, key: Key | Sequence[Key]) -> Matrix:
        """(d,) vector of a key, or (k, d) vectors of a list of keys."""
        if isinstance(key, (str, int, np.integer)):
            return self.get_vector(key)
        if isinstance(key, (bytes, bytearray)):
            raise TypeError(f"a key is a str or a row number, not {key!r}")
        return self.vectors[[self.get_index(one) for one in key]]

    def _find(self, key: object) -> int | None:
        if isinstance(key, str):
            return self.key_to_index.get(key)
        return int(key) if isinstance(key, (int, np.integer)) and 0 <= key < len(self) else None

    def get_index(self, key: Key, default: int | None = None) -> int:
        """Row of `key`; a number is a row itself.

        Raises
        ------
        UnknownWordError : (a KeyError) there is no such word and no default.
        """
        index = self._find(key)
        if index is None:
            index = default
        if index is None:
            raise UnknownWordError(key, self.key_to_index)
        return index

    def get_vector(self, key: Key, norm: bool = False) -> Matrix:
        """(d,) float32, read-only; with `norm` of length 1."""
        index = self.get_index(key)
        vector: Matrix = self.unit_vectors([index])[0] if norm else self.vectors[index]
        vector.flags.writeable = False
        return vector

    def get_vecattr(self, key: Key, attr: str) -> int:
        """What is known of a word beside its vector: its "count"."""
        index = self.get_index(key)
        if attr != "count" or self.counts is None:
            raise KeyError(f"no {attr!r} for these vectors; counts are kept by .safetensors files and by training")
        return int(self.counts[index])

    # ------------------------------------------------------------------------------------------ cosines

    def unit_vectors(self, indices: Sequence[int] | npt.NDArray[np.int64]) -> Matrix:
        """(k, d) float32 rows of length 1 (copies); zero and broken rows as zeros."""
        rows = self.vectors[np.asarray(indices, dtype=np.int64)]
        inverse = self.fill_norms().inverse[indices]
        rows[inverse == 0] = 0
        rows *= inverse[:, None]
        return rows

    def cosines(self, queries: Matrix, start: int = 0, stop: int | None = None) -> Matrix:
        """Cosines of unit `queries` (k, d) with rows [start, stop): (k, stop - start) float32."""
        lengths = self.fill_norms()
        stop = len(self) if stop is None else min(stop, len(self))
        with np.errstate(invalid="ignore", over="ignore"):
            scores: Matrix = queries @ self.vectors[start:stop].T
            scores *= lengths.inverse[start:stop]
        if lengths.broken.size:
            low, high = np.searchsorted(lengths.broken, (start, stop))
            scores[:, lengths.broken[low:high] - start] = 0
        return scores

    def similarity(self, a: Key, b: Key) -> float:
        """Cosine of two words, -1 to 1."""
        first, second = self.unit_vectors([self.get_index(a), self.get_index(b)])
        return float(first @ second)

    def distance(self, a: Key, b: Key) -> float:
        """1 - similarity."""
        return 1 - self.similarity(a, b)

    def distances(self, word_or_vector: Key | Matrix, other_words: Sequence[Key] = ()) -> Scores:
        """1 - cosine of one word or vector with `other_words`, or with all words if there are none: (k,) float32."""
        query = self._unit(word_or_vector)
        cosines: Scores = (self.unit_vectors([self.get_index(word) for word in other_words]) @ query
                           if len(other_words) else self.cosines(query[None])[0])
        return 1 - cosines

    def n_similarity(self, first: Sequence[Key], second: Sequence[Key]) -> float:
        """Cosine of the mean vectors of two lists of words; unknown words are left out."""
        if not (len(first) and len(second)):
            raise ZeroDivisionError("n_similarity needs at least one word in each list")
        a, b = (unit_length(self.get_mean_vector(words, pre_normalize=False)) for words in (first, second))
        return float(a @ b)

    def get_mean_vector(
        self, keys: Sequence[Key | Matrix], weights: npt.ArrayLike | None = None, pre_normalize: bool = True,
        post_normalize: bool = False, ignore_missing: bool = True,
    ) -> Matrix:
        """Weighted mean of the vectors of `keys`, divided by the sum of the weights' sizes: (d,) float32."""
        weight = np.ones(len(keys)) if weights is None else np.asarray(weights, dtype=np.float64)
        total, mean = 0.0, np.zeros(self.vector_size)
        for key, w in zip(keys, weight, strict=True):
            if ignore_missing and isinstance(key, (str, int, np.integer)) and key not in self:
                continue
            vector = self._unit(key) if pre_normalize else key if isinstance(key, np.ndarray) else self.get_vector(key)
            mean += w * vector
            total += abs(w)
        if total == 0:
            raise ValueError("no known word to take the mean of" if len(keys) else "nothing to take the mean of")
        mean /= total
        return (unit_length(mean) if post_normalize else mean).astype(np.float32)

    def _unit(self, item: Key | Matrix) -> Matrix:
        if isinstance(item, (str, int, np.integer)):
            return self.get_vector(item, norm=True)
        vector = np.asarray(item, dtype=np.float32)
        if vector.shape != (self.vector_size,):
            raise ValueError(f"a vector of shape {vector.shape} does not fit dimension {self.vector_size}")
        return unit_length(vector)

    # ------------------------------------------------------------------------------------------ neighbours

    @overload
    def most_similar(self, positive: Keys, negative: Keys = None, topn: int = 10,
                     restrict_vocab: int | None = None) -> Neighbours: ...
    @overload
    def most_similar(self, positive: Keys, negative: Keys = None, *, topn: None,
                     restrict_vocab: int | None = None) -> Scores: ...
    def most_similar(
        self, positive: Keys, negative: Keys = None, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Neighbours | Scores:
        """Words with the greatest cosine to the mean of the `positive` and minus the `negative` ones (3CosAdd).

        Parameters
        ----------
        positive, negative : a key, a vector, a (key, weight) pair, or a list of these, which make **one** query. For
            many queries in one call see `most_similar_batch`.
        topn : how many; 0 gives an empty list, None the cosines of all words as an array.
        restrict_vocab : search only the first so many words.

        Returns
        -------
        list of (word, cosine), greatest first; the words of the query are left out.

        Source
        ------
        Mikolov et al. 2013 (1301.3781), section 4; gensim 4 KeyedVectors.most_similar for the weights.
        """
        return self._single(positive, negative, topn, restrict_vocab, "3cosadd")

    @overload
    def most_similar_cosmul(self, positive: Keys, negative: Keys = None, topn: int = 10,
                            restrict_vocab: int | None = None) -> Neighbours: ...
    @overload
    def most_similar_cosmul(self, positive: Keys, negative: Keys = None, *, topn: None,
                            restrict_vocab: int | None = None) -> Scores: ...
    def most_similar_cosmul(
        self, positive: Keys, negative: Keys = None, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Neighbours | Scores:
        """As `most_similar` with the product of the positive cosines over that of the negative ones (3CosMul).

        Weights are not used. Source: Levy & Goldberg 2014 (W14-1618), equation 4, cosines moved to 0..1.
        """
        return self._single(positive, negative, topn, restrict_vocab, "3cosmul")

    def most_similar_batch(
        self, positive: Sequence[Keys], negative: Sequence[Keys] | None = None, topn: int = 10,
        restrict_vocab: int | None = None, *, method: str = "3cosadd",
    ) -> list[Neighbours]:
        """Many queries at once: result i is `most_similar(positive[i], negative[i], topn)`.

        Parameters
        ----------
        positive : one entry a query, each what `most_similar` takes: `["king", "queen"]` are two queries of a word
            each, `[["king", "woman"], ["paris"]]` two of which the first combines two words; a (k, d) array is k
            queries.
        negative : as long as `positive`, or None.
        method : "3cosadd" or "3cosmul".

        Raises
        ------
        TypeError : `positive` is one word, which would be taken for a list of letters.
        ValueError : `negative` is not as long as `positive`, or the method is unknown.
        UnknownWordError : a word has no vector.
        """
        if isinstance(positive, str):
            raise TypeError(f"most_similar_batch takes a list of queries: [{positive!r}], not {positive!r}")
        negative = [None] * len(positive) if negative is None else negative
        if len(negative) != len(positive):
            raise ValueError(f"{len(positive)} positive and {len(negative)} negative entries: give one of each a query")
        stop = self._searched(restrict_vocab)
        result: list[Neighbours] = []
        for start in range(0, len(positive), _QUERY_BLOCK):
            block = slice(start, start + _QUERY_BLOCK)
            queries = [self._query(p, n) for p, n in zip(positive[block], negative[block], strict=True)]
            found = top(scorer(queries, self.cosines, method), [query.known for query in queries], topn, stop)
            result += [[(self.index_to_key[row], score) for row, score in best] for best in found]
        return result

    def _searched(self, restrict_vocab: int | None) -> int:
        """How many words are searched."""
        if restrict_vocab is not None and restrict_vocab < 1:
            raise ValueError(f"restrict_vocab = {restrict_vocab} is out of range: 1 or more, or None for all words")
        return len(self) if restrict_vocab is None else min(restrict_vocab, len(self))

    def _single(
        self, positive: Keys, negative: Keys, topn: int | None, restrict_vocab: int | None, method: str
    ) -> Neighbours | Scores:
        if topn is None:
            score = scorer([self._query(positive, negative)], self.cosines, method)
            scores: Scores = score(0, self._searched(restrict_vocab))[0]
            return scores
        return self.most_similar_batch([positive], [negative], topn, restrict_vocab, method=method)[0]

    def _query(self, positive: Keys, negative: Keys) -> Query:
        terms = [*split_terms(positive, 1.0), *split_terms(negative, -1.0)]
        if not terms:
            raise ValueError("a query needs at least one word or vector")
        known = [self.get_index(key) for key, _ in terms if isinstance(key, (str, int, np.integer))]
        return Query(np.stack([self._unit(key) for key, _ in terms]),
                     np.array([weight for _, weight in terms], dtype=np.float32), known)

    def closer_than(self, key1: Key, key2: Key) -> list[str]:
        """All words nearer to `key1` than `key2` is."""
        distances = self.distances(key1)
        own = self.get_index(key1)
        nearer = np.flatnonzero(distances < distances[self.get_index(key2)])
        return [self.index_to_key[i] for i in nearer if i != own]

    def rank(self, key1: Key, key2: Key) -> int:
        """Place of `key2` among the neighbours of `key1`, from 1."""
        return len(self.closer_than(key1, key2)) + 1

    def doesnt_match(self, words: Iterable[Key]) -> str:
        """The word that is farthest from the mean of the words; unknown ones are left out.

        Raises
        ------
        ValueError : none of the words is known.
        """
        used = [index for word in words if (index := self._find(word)) is not None]
        if not used:
            raise ValueError("none of the words is known: nothing to choose from")
        units = self.unit_vectors(used)
        centrality = units @ unit_length(units.mean(axis=0))
        return self.index_to_key[used[int(np.argmin(centrality))]]

    # ------------------------------------------------------------------------------------------ files, evaluation

    @classmethod
    def load(cls, path: StrPath, limit: int | None = None) -> KeyedVectors:
        """Read vectors of any format that `w2v.formats.read_vectors` knows; errors as there."""
        return cls.from_file(read_vectors(path, limit=limit))

    @classmethod
    def from_file(cls, file: VectorFile) -> KeyedVectors:
        kv = cls(file.words, file.vectors, file.counts, source=file.source)
        kv.metadata, kv.report = file.metadata, file.report
        return kv

    @classmethod
    def load_word2vec_format(cls, fname: StrPath, binary: bool = False, limit: int | None = None) -> KeyedVectors:
        """As `load`; `binary` is accepted for gensim's sake and not needed: the content says what it is."""
        return cls.load(fname, limit)

    def save(self, path: StrPath, *, metadata: dict[str, str] | None = None) -> None:
        """Write in the format of the suffix: .bin, .txt, .vec or .safetensors; errors as `write_vectors`."""
        write_vectors(path, self.index_to_key, self.vectors, self.counts,
                      metadata=self.metadata if metadata is None else metadata)

    def save_word2vec_format(self, fname: StrPath, binary: bool = False) -> None:
        write_vectors(fname, self.index_to_key, self.vectors, format=WORD2VEC_BINARY if binary else WORD2VEC_TEXT)

    def evaluate_word_analogies(
        self, analogies: StrPath, restrict_vocab: int | None = 300_000, case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[float, list[dict[str, Any]]]:
        """Accuracy and questions by section in gensim's form; `w2v.evaluate.analogies` gives the table.

        Returns
        -------
        accuracy of all sections, and a dict a section: "section", "correct" and "incorrect" lists of four words; the
        last one is "Total accuracy". With `dummy4unknown` questions with unknown words are wrong, otherwise left out.
        """
        from w2v import evaluate

        result: list[dict[str, Any]] = []
        for section, outcome in evaluate.answer_file(
                self, analogies, restrict_vocab=restrict_vocab, case_insensitive=case_insensitive):
            shown = [tuple(map(str.upper, words)) if case_insensitive else words for words in section.questions]
            wrong = outcome != evaluate.RIGHT if dummy4unknown else outcome == evaluate.WRONG
            result.append({"section": section.name, "correct": list(compress(shown, outcome == evaluate.RIGHT)),
                           "incorrect": list(compress(shown, wrong))})
        total = {"section": "Total accuracy", **{
            kind: [question for section in result for question in section[kind]] for kind in ("correct", "incorrect")}}
        answered = len(total["correct"]) + len(total["incorrect"])
        return (len(total["correct"]) / answered if answered else 0.0), [*result, total]

    def evaluate_word_pairs(
        self, pairs: StrPath, delimiter: str | None = None, restrict_vocab: int | None = 300_000,
        case_insensitive: bool = True, dummy4unknown: bool = False,
    ) -> tuple[tuple[float, float], tuple[float, float], float]:
        """((Pearson, p), (Spearman, p), percentage of pairs with an unknown word), as gensim returns it.

        `p` is two-sided, by the normal approximation of Fisher's z: good to read, not for publication with few pairs.

        Raises
        ------
        W2VError : no pair is known.
        """
        from w2v import evaluate

        result = evaluate.similarity(self, pairs, case_insensitive=case_insensitive, restrict_vocab=restrict_vocab,
                                     delimiter=delimiter, unknown_as_zero=dummy4unknown)
        if result.spearman is None or result.pearson is None:
            raise W2VError(f"{os.fspath(pairs)}: no correlation, {result.pairs} pairs of known words are too few")
        total = result.pairs + (0 if dummy4unknown else result.unknown)
        return ((result.pearson, p_value(result.pearson, result.pairs)),
                (result.spearman, p_value(result.spearman, result.pairs)), 100 * result.unknown / total)
