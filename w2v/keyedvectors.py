"""`KeyedVectors`: words and their vectors, with lookup, neighbours and analogies; names and meanings as in gensim 4.

Place in the data flow: vectors -> queries. The matrix is held once: only the norms of its rows are kept beside it, and
every search goes over tiles of it with one BLAS product a tile, so memory does not grow with the number of queries.

The cosine with a zero vector is 0, and with a row that has a number that is not finite it is 0 too.
"""

from __future__ import annotations

import difflib
import os
import string
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from w2v.errors import W2VError
from w2v.files import StrPath
from w2v.formats import read_vectors, write_vectors
from w2v.vectorfile import WORD2VEC_BINARY, WORD2VEC_TEXT, Counts, Matrix, VectorFile

if TYPE_CHECKING:
    from w2v.evaluate import Question

Key = str | int | np.integer[Any]
Keys = Any  # a key, a vector (d,), a (key or vector, weight) pair, or a sequence of these
Neighbours = list[tuple[str, float]]

_COSMUL_EPSILON = 1e-6  # Levy & Goldberg 2014, section 6: 0.001; gensim and hyperwords: 1e-6
_QUERY_BLOCK = 128
_SCORES = 1 << 19  # scores at a time: 2 MB stay in the cache; of nine sizes tried, this and its neighbours were best
_NORM_BLOCK = 8192
_SPELLING_POOL = 200_000


class UnknownWordError(W2VError, KeyError):
    """A word that has no vector. The near spellings are looked for only when the message is read."""

    def __init__(self, word: object, vectors: KeyedVectors) -> None:
        super().__init__(word)
        self.word = word
        self._vectors = vectors

    def __str__(self) -> str:
        near = self._vectors.near_spellings(self.word) if isinstance(self.word, str) else []
        if near:
            return f"no vector for {self.word!r}; did you mean {', '.join(map(repr, near))}?"
        return (f"no vector for {self.word!r} among {len(self._vectors):,} words: check the spelling, or train with a "
                "smaller min_count")


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
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.index_to_key):
            raise ValueError(f"{len(self.index_to_key)} words need vectors of shape ({len(self.index_to_key)}, d), "
                             f"not {self.vectors.shape}")
        if self.counts is not None and self.counts.shape != (len(self.index_to_key),):
            raise ValueError(f"counts of shape {self.counts.shape} do not fit {len(self.index_to_key)} words")
        self._key_to_index: dict[str, int] | None = None
        self._norms: npt.NDArray[np.float32] | None = None
        self._inverse_norms = self._broken = np.empty(0)

    # ------------------------------------------------------------------------------------------ lookup

    @property
    def key_to_index(self) -> dict[str, int]:
        """Row of each word; built when it is first asked for."""
        if self._key_to_index is None:
            self._key_to_index = {word: i for i, word in enumerate(self.index_to_key)}
        return self._key_to_index

    @property
    def vector_size(self) -> int:
        return self.vectors.shape[1]

    @property
    def norms(self) -> npt.NDArray[np.float32]:
        """(n,) float32 lengths of the rows; 1 for a zero vector, so that dividing is safe."""
        self.fill_norms()
        assert self._norms is not None
        return self._norms

    def fill_norms(self, force: bool = False) -> None:
        """Compute `norms` if they are not there; `force` after the vectors were changed in place."""
        if self._norms is not None and not force:
            return
        norms = np.empty(len(self), dtype=np.float32)
        for start in range(0, len(self), _NORM_BLOCK):
            block = self.vectors[start:start + _NORM_BLOCK]
            with np.errstate(over="ignore", invalid="ignore"):
                norms[start:start + _NORM_BLOCK] = np.sqrt(np.einsum("ij,ij->i", block, block))
        norms[norms == 0] = 1
        with np.errstate(over="ignore"):
            inverse = 1 / norms
        self._broken = np.flatnonzero(~(np.isfinite(norms) & np.isfinite(inverse)))
        inverse[self._broken] = 0
        self._inverse_norms = inverse
        self._norms = norms

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
        return self.vectors[[self.get_index(one) for one in key]]

    def _find(self, key: object) -> int | None:
        if isinstance(key, str):
            return self.key_to_index.get(key)
        if isinstance(key, (int, np.integer)) and 0 <= key < len(self):
            return int(key)
        return None

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
            raise UnknownWordError(key, self)
        return index

    def get_vector(self, key: Key, norm: bool = False) -> Matrix:
        """(d,) float32, read-only; with `norm` of length 1."""
        index = self.get_index(key)
        vector = self.unit_vectors([index])[0] if norm else self.vectors[index]
        vector.flags.writeable = False
        return vector

    def get_vecattr(self, key: Key, attr: str) -> int:
        """What is known of a word beside its vector: its "count"."""
        index = self.get_index(key)
        if attr != "count" or self.counts is None:
            raise KeyError(f"no {attr!r} for these vectors; counts are kept by .safetensors files and by training")
        return int(self.counts[index])

    def near_spellings(self, word: str, limit: int = 3) -> list[str]:
        """Known words that are spelled nearly like `word`, likeliest first.

        Other cases of the word, then words one edit away (frequent ones first), then difflib over frequent words of
        the same first letter and about the same length. Takes some ms, whatever the size of the vocabulary.
        """
        known = self.key_to_index
        near = [form for form in (word.lower(), word.capitalize(), word.upper()) if form in known]
        folded = word.lower()
        if len(word) <= 64:
            near += sorted({edit for edit in _one_edit(folded) if edit in known}, key=known.__getitem__)
        near = [form for form in dict.fromkeys(near) if form != word]
        if len(near) < limit and 1 < len(word) <= 64:
            pool = (known_word for known_word in self.index_to_key[:_SPELLING_POOL]
                    if known_word[:1] == folded[:1] and abs(len(known_word) - len(word)) <= 2)
            near += difflib.get_close_matches(folded, list(islice(pool, 2000)), n=limit, cutoff=0.75)
        return [form for form in dict.fromkeys(near) if form != word][:limit]

    # ------------------------------------------------------------------------------------------ cosines

    def unit_vectors(self, indices: Sequence[int] | npt.NDArray[np.int64]) -> Matrix:
        """(k, d) float32 rows of length 1 (copies); zero and broken rows as zeros."""
        self.fill_norms()
        rows = self.vectors[np.asarray(indices, dtype=np.int64)]
        inverse = self._inverse_norms[indices]
        rows[inverse == 0] = 0
        rows *= inverse[:, None]
        return rows

    def cosines(self, queries: Matrix, start: int = 0, stop: int | None = None) -> Matrix:
        """Cosines of unit `queries` (k, d) with rows [start, stop): (k, stop - start) float32."""
        self.fill_norms()
        stop = len(self) if stop is None else min(stop, len(self))
        with np.errstate(invalid="ignore", over="ignore"):
            scores = queries @ self.vectors[start:stop].T
            scores *= self._inverse_norms[start:stop]
        if self._broken.size:
            low, high = np.searchsorted(self._broken, (start, stop))
            scores[:, self._broken[low:high] - start] = 0
        return scores

    def similarity(self, a: Key, b: Key) -> float:
        """Cosine of two words, -1 to 1."""
        first, second = self.unit_vectors([self.get_index(a), self.get_index(b)])
        return float(first @ second)

    def distance(self, a: Key, b: Key) -> float:
        """1 - similarity."""
        return 1 - self.similarity(a, b)

    def distances(self, word_or_vector: Key | Matrix, other_words: Sequence[Key] = ()) -> npt.NDArray[np.float32]:
        """1 - cosine of one word or vector with `other_words`, or with all words if there are none: (k,) float32."""
        query = self._unit(word_or_vector)[None]
        if not len(other_words):
            return 1 - self.cosines(query)[0]
        return 1 - self.unit_vectors([self.get_index(word) for word in other_words]) @ query[0]

    def n_similarity(self, first: Sequence[Key], second: Sequence[Key]) -> float:
        """Cosine of the mean vectors of two lists of words; unknown words are left out."""
        if not (len(first) and len(second)):
            raise ZeroDivisionError("n_similarity needs at least one word in each list")
        means = (self.get_mean_vector(words, pre_normalize=False) for words in (first, second))
        a, b = (_unit_length(mean) for mean in means)
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
        return (_unit_length(mean) if post_normalize else mean).astype(np.float32)

    def _unit(self, item: Key | Matrix) -> Matrix:
        if isinstance(item, (str, int, np.integer)):
            return self.unit_vectors([self.get_index(item)])[0]
        vector = np.asarray(item, dtype=np.float32)
        if vector.shape != (self.vector_size,):
            raise ValueError(f"a vector of shape {vector.shape} does not fit dimension {self.vector_size}")
        return _unit_length(vector)

    # ------------------------------------------------------------------------------------------ neighbours

    def most_similar(
        self, positive: Keys, negative: Keys = None, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Neighbours | npt.NDArray[np.float32]:
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

    def most_similar_cosmul(
        self, positive: Keys, negative: Keys = None, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Neighbours | npt.NDArray[np.float32]:
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
        stop = min(restrict_vocab or len(self), len(self))
        result: list[Neighbours] = []
        for start in range(0, len(positive), _QUERY_BLOCK):
            block = slice(start, start + _QUERY_BLOCK)
            queries = [_Query(self, p, n) for p, n in zip(positive[block], negative[block], strict=True)]
            score = self._scorer(queries, method)
            result += self._search(score, [query.known for query in queries], topn, stop)
        return result

    def _single(
        self, positive: Keys, negative: Keys, topn: int | None, restrict_vocab: int | None, method: str
    ) -> Neighbours | npt.NDArray[np.float32]:
        if topn is None:
            score = self._scorer([_Query(self, positive, negative)], method)
            return score(0, min(restrict_vocab or len(self), len(self)))[0]
        return self.most_similar_batch([positive], [negative], topn, restrict_vocab, method=method)[0]

    def _scorer(self, queries: Sequence[_Query], method: str) -> Callable[[int, int], Matrix]:
        """A function (start, stop) -> (k, stop - start) scores of these queries with a tile of the vocabulary."""
        if method == "3cosadd":
            means = np.stack([query.mean() for query in queries])
            return lambda start, stop: self.cosines(means, start, stop)
        if method != "3cosmul":
            raise ValueError(f'method must be "3cosadd" or "3cosmul", not {method!r}')
        terms = np.concatenate([query.units for query in queries])

        def score(start: int, stop: int) -> Matrix:
            shifted = (self.cosines(terms, start, stop) + 1) / 2
            scores = np.empty((len(queries), stop - start), dtype=np.float32)
            at = 0
            for row, query in enumerate(queries):
                sign = query.weights > 0
                own = shifted[at:at + len(sign)]
                scores[row] = own[sign].prod(axis=0) / (own[~sign].prod(axis=0) + np.float32(_COSMUL_EPSILON))
                at += len(sign)
            return scores

        return score

    def _search(
        self, score: Callable[[int, int], Matrix], known: Sequence[Sequence[int]], topn: int, stop: int
    ) -> list[Neighbours]:
        """The `topn` best words of each query, without its own words; equal scores by falling frequency.

        The first tile gives each query a bar to pass; after that a tile costs one comparison a score, and only the few
        scores above the bar are ever sorted.
        """
        k = len(known)
        if topn < 1:
            return [[] for _ in range(k)]
        skip_row = np.repeat(np.arange(k), [len(ids) for ids in known])
        skip_id = np.fromiter((i for ids in known for i in ids), dtype=np.int64)
        best = _Best(k, topn)
        start, width = 0, max(1024, 2 * topn)
        while start < stop:
            end = min(start + width, stop)
            scores = score(start, end)
            inside = (skip_id >= start) & (skip_id < end)
            scores[skip_row[inside], skip_id[inside] - start] = -np.inf
            best.add(scores, start)
            start, width = end, max(1024, _SCORES // k)
        return [[(self.index_to_key[i], float(s)) for i, s in row] for row in best.rows()]

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
        centrality = units @ _unit_length(units.mean(axis=0))
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

        sections = evaluate.read_analogies(analogies)
        questions = [question for section in sections for question in section.questions]
        outcome = iter(evaluate.answer(
            self, questions, restrict_vocab=restrict_vocab, case_insensitive=case_insensitive))
        total: dict[str, Any] = {"section": "Total accuracy", "correct": [], "incorrect": []}
        result = []
        for section in sections:
            right: list[Question] = []
            wrong: list[Question] = []
            for question, answer in zip(section.questions, islice(outcome, len(section.questions)), strict=True):
                shown = tuple(word.upper() for word in question) if case_insensitive else question
                if answer == evaluate.RIGHT:
                    right.append(shown)
                elif answer == evaluate.WRONG or dummy4unknown:
                    wrong.append(shown)
            result.append({"section": section.name, "correct": right, "incorrect": wrong})
            total["correct"] += right
            total["incorrect"] += wrong
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
        used = result.pairs
        total = used if dummy4unknown else used + result.unknown
        return ((result.pearson, evaluate.p_value(result.pearson, used)),
                (result.spearman, evaluate.p_value(result.spearman, used)), 100 * result.unknown / total)


class _Query:
    """One query: unit vectors (t, d) of its terms, their weights (t,), and the rows of the words among them."""

    def __init__(self, kv: KeyedVectors, positive: Keys, negative: Keys) -> None:
        self.known: list[int] = []
        weights: list[float] = []
        units: list[Matrix] = []
        for items, sign in ((_as_list(positive), 1.0), (_as_list(negative), -1.0)):
            for item in items:
                key, weight = item if isinstance(item, tuple) else (item, sign)
                if isinstance(key, (str, int, np.integer)):
                    self.known.append(kv.get_index(key))
                weights.append(float(weight))
                units.append(kv._unit(key))
        if not units:
            raise ValueError("a query needs at least one word or vector")
        self.units = np.stack(units)
        self.weights = np.asarray(weights, dtype=np.float32)

    def mean(self) -> Matrix:
        return _unit_length(self.weights @ self.units)


class _Best:
    """The best `topn` of each of k queries over all tiles seen; equal scores by index."""

    def __init__(self, k: int, topn: int) -> None:
        self.k, self.topn = k, topn
        self.bar: npt.NDArray[np.float32] | None = None
        self.row, self.index = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        self.score = np.empty(0, dtype=np.float32)

    def add(self, scores: Matrix, start: int) -> None:
        """Take in the (k, width) scores of the words from `start` on."""
        width = scores.shape[1]
        if self.bar is None:
            at = max(width - self.topn, 0)
            hits = scores >= np.partition(scores, at, axis=1)[:, at, None]
        else:
            hits = scores > self.bar[:, None]
        flat = np.flatnonzero(hits)
        row, column = np.divmod(flat, width)
        row, column = np.concatenate((self.row, row)), np.concatenate((self.index, column + start))
        score = np.concatenate((self.score, scores.ravel()[flat]))
        order = np.lexsort((column, -score, row))
        row, column, score = row[order], column[order], score[order]
        first = np.searchsorted(row, np.arange(self.k))
        keep = np.arange(len(row)) - first[row] < self.topn
        self.row, self.index, self.score = row[keep], column[keep], score[keep]
        self._raise_bar()

    def _raise_bar(self) -> None:
        counts = np.bincount(self.row, minlength=self.k)
        full = counts == self.topn
        bar = np.full(self.k, -np.inf, dtype=np.float32)
        bar[full] = self.score[np.cumsum(counts)[full] - 1]
        self.bar = bar

    def rows(self) -> list[list[tuple[int, float]]]:
        ends = np.cumsum(np.bincount(self.row, minlength=self.k))[:-1]
        return [[(int(i), float(s)) for i, s in zip(index, score, strict=True) if s != -np.inf]
                for index, score in zip(np.split(self.index, ends), np.split(self.score, ends), strict=True)]


def _as_list(items: Keys) -> Sequence[Any]:
    """One key, vector or (key, weight) pair becomes a list of it; None is none."""
    if items is None:
        return []
    if isinstance(items, (str, int, np.integer)) or (isinstance(items, np.ndarray) and items.ndim == 1):
        return [items]
    if isinstance(items, tuple) and len(items) == 2 and isinstance(items[1], (float, int, np.number)) \
            and isinstance(items[0], (str, np.ndarray)):
        return [items]
    return list(items)


def _unit_length(vector: npt.NDArray[Any]) -> Matrix:
    length = float(np.linalg.norm(vector.astype(np.float64)))
    return (vector / length if length > 0 else vector).astype(np.float32)


def _one_edit(word: str) -> Iterable[str]:
    """Every string that is one letter dropped, swapped, changed or put in away from `word`."""
    letters = dict.fromkeys(string.ascii_lowercase + word)
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in letters:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]
