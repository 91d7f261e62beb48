"""`Similarity`: cosines of given words, means, the odd one out, ranks. Adds them to `Selection`; no search.

Place in the data flow: `w2v.vectors.selection` -> numbers and words.

The cosine with a zero vector is 0. A row with NaN or infinity is broken: its cosines are NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from w2v.formats.keys import Key, is_key
from w2v.types import Floats, Indices, Matrix, Scores
from w2v.vectors.lengths import cosine, unit_length, unit_rows
from w2v.vectors.lookup import Oov
from w2v.vectors.search import QueryBatch, Space, every_score
from w2v.vectors.selection import Selection

_BLOCK = 1 << 20  # numbers at a time


class Outlier(NamedTuple):
    """How well a word fits with others.

    Attributes
    ----------
    word : as it was given.
    cosine : mean cosine with the other words; NaN for a broken vector.
    chance : mean cosine of random words of the vocabulary with the same other words.
    p : share of random words that fit with them at least as well. Small if the word belongs to them; about 0.5 or more
        if it fits no better than any word. NaN, as `chance`, if the vocabulary has no other words.
    """

    word: Key
    cosine: float
    chance: float
    p: float


class Similarity(Selection):
    """Words with one vector each, and cosines of given words; parameters and attributes as in `Table`."""

    def unit_vectors(self, indices: Sequence[int] | Indices) -> Matrix:
        """Return copies of k rows scaled to length 1: (k, d) float32; zero and broken rows are zeros."""
        indices = np.asarray(indices, dtype=np.int64)
        rows = self._unit_rows(indices)
        rows[np.isnan(self.fill_norms().inverse[indices])] = 0
        return rows

    def cosines(self, queries: Matrix, start: int = 0, stop: int | None = None) -> Matrix:
        """Return the cosines of unit vectors with rows [start, stop); 0 for broken rows.

        Parameters
        ----------
        queries : (k, d) float32 of length 1.
        start, stop : range of rows; None is the end.

        Returns
        -------
        (k, stop - start) float32.
        """
        lengths = self.fill_norms()
        stop = len(self) if stop is None else min(stop, len(self))
        with np.errstate(invalid="ignore", over="ignore"):
            scores: Matrix = queries @ self.rows[start:stop].T
            scores *= lengths.inverse[start:stop]
        if lengths.broken.size:
            low, high = np.searchsorted(lengths.broken, (start, stop))
            scores[:, lengths.broken[low:high] - start] = 0
        return scores

    @staticmethod
    def cosine_similarities(vector_1: npt.NDArray[Any], vectors_all: npt.NDArray[Any]) -> Scores:
        """Return the cosines (k,) float32 of a vector (d,) with rows (k, d)."""
        return unit_rows(np.array(vectors_all, dtype=np.float32)) @ unit_length(np.asarray(vector_1))

    def similarity(self, w1: Key, w2: Key) -> float:
        """Return the cosine of two words, -1 to 1; exactly 1 for equal vectors.

        Raises
        ------
        UnknownWordError : (a KeyError) a word has no vector.
        """
        return cosine(self.get_vector(w1), self.get_vector(w2))

    def distance(self, w1: Key, w2: Key) -> float:
        """Return 1 - `similarity`, 0 to 2; errors as there."""
        return 1 - self.similarity(w1, w2)

    def distances(
        self, word_or_vector: Key | npt.NDArray[Any], other_words: Sequence[Key] | None = ()
    ) -> Scores:
        """Return 1 - cosine of a word or vector (d,) with other words.

        Parameters
        ----------
        word_or_vector : a key or a vector (d,).
        other_words : k keys; all n words if empty or None.

        Returns
        -------
        (k,) or (n,) float32, 0 to 2; exactly 0 for the word itself unless its vector is zero or broken.

        Raises
        ------
        UnknownWordError : (a KeyError) a word has no vector.
        """
        query = (self.get_vector(word_or_vector, norm=True) if is_key(word_or_vector)
                 else unit_length(np.asarray(word_or_vector)))
        own = self._lookup.find(word_or_vector) if is_key(word_or_vector) else None
        if other_words is not None and len(other_words):
            positions, vectors = self._gather(other_words, True, self.oov)
            cosines = vectors @ query
            same = [i for i, at in enumerate(positions)
                    if own is not None and self._lookup.find(other_words[at]) == own]
        else:
            batch = QueryBatch(query[None], np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.int64))
            cosines = every_score(Space(self.rows, self.fill_norms(), "cosine", 0, len(self)), batch)[0]
            same = [] if own is None else [own]
        if same and float(query @ query) > 0.5:  # neither zero nor broken
            cosines[same] = 1
        distances: Scores = 1 - np.clip(cosines, -1, 1)
        return distances

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """Return the cosine of the mean vectors of two lists of words; unknown words are left out.

        Raises
        ------
        ZeroDivisionError : a list is empty.
        ValueError : a list has no known word.
        """
        if not (len(ws1) and len(ws2)):
            raise ZeroDivisionError("n_similarity needs at least one word in each list")
        return cosine(*(self.get_mean_vector(words, pre_normalize=False) for words in (ws1, ws2)))

    def get_mean_vector(
        self, keys: Sequence[Key | npt.NDArray[Any]], weights: npt.ArrayLike | None = None, pre_normalize: bool = True,
        post_normalize: bool = False, ignore_missing: bool = True,
    ) -> Matrix:
        """Return the weighted mean of vectors, divided by the sum of the absolute weights: (d,) float32.

        Parameters
        ----------
        keys : k keys or vectors (d,).
        weights : (k,), default 1.
        pre_normalize : scale the vectors of words to length 1 first; vectors among the keys keep their length.
        post_normalize : scale the mean to length 1.
        ignore_missing : leave unknown words out, unless another policy than "error" was set.

        Raises
        ------
        ValueError : no known word, or the number of weights is wrong.
        UnknownWordError : (a KeyError) an unknown word without `ignore_missing`.
        """
        weight = _checked_weights(weights, len(keys))
        positions, vectors = self._gather(keys, pre_normalize, self._lenient_oov() if ignore_missing else self.oov)
        total = float(np.abs(weight[positions]).sum())
        if total == 0:
            raise ValueError("no known word to take the mean of" if len(keys) else "no words to take the mean of")
        mean = weight[positions] @ vectors / total
        return (unit_length(mean) if post_normalize else mean).astype(np.float32)

    def centroid(
        self, keys: Sequence[Key | npt.NDArray[Any]], weights: npt.ArrayLike | None = None, *, oov: Oov | None = None
    ) -> Matrix:
        """Return the mean direction of words, the centre of `w2v.cluster`: (d,) float32 of length 1.

        Unlike `get_mean_vector`, vectors among the keys are scaled to length 1 too, the mean has length 1, and unknown
        words are an error unless the policy leaves them out.

        Parameters
        ----------
        keys : k keys or vectors (d,).
        weights : (k,) finite, default 1.
        oov : policy for unknown words instead of the attribute `oov`.

        Raises
        ------
        ValueError : no word is left, the number of weights is wrong, or the mean has no direction: the vectors are
            zero, broken or add up to zero.
        UnknownWordError : (a KeyError) a word has no vector under the policy.

        Example
        -------
        >>> kv.similar_by_vector(kv.centroid(["monday", "tuesday", "friday"]))
        """
        weight = _checked_weights(weights, len(keys))
        positions, vectors = self._gather(keys, False, self.oov if oov is None else oov)
        if not positions:
            raise ValueError("no known word to take the mean of" if len(keys) else "no words to take the mean of")
        units = unit_rows(vectors).astype(np.float64)
        with np.errstate(invalid="ignore"):
            mean = weight[positions] @ units
        length, total = float(np.linalg.norm(mean)), float(np.abs(weight[positions]).sum())
        if not length > 1e-6 * total or not np.isfinite(length):
            raise ValueError("these words have no mean direction: their vectors are zero, have NaN or infinity, or add "
                             "up to zero")
        return (mean / length).astype(np.float32)

    def outliers(
        self, keys: Sequence[Key], *, sample: int | None = 10_000, seed: int = 1, oov: Oov | None = None
    ) -> list[Outlier]:
        """Return how well each word fits with the others, the least fitting first.

        Parameters
        ----------
        keys : at least three keys.
        sample : number of random words of the vocabulary to compare with; None for all.
        seed : of the sample.
        oov : policy for unknown words instead of the attribute `oov`.

        Raises
        ------
        ValueError : fewer than three words have a vector, or `sample` is below 1.
        UnknownWordError : (a KeyError) a word has no vector under the policy.

        Source
        ------
        Camacho-Collados & Navigli 2016 (W16-2508), equation 2: the compactness of the other words and this one. The
        comparison with random words is ours.

        Example
        -------
        >>> kv.outliers(["monday", "tuesday", "friday", "france"])[0]
        Outlier(word='france', cosine=0.03, chance=0.19, p=0.95)
        """
        if sample is not None and sample < 1:
            raise ValueError(f"sample = {sample} is out of range: it must be 1 or more, or None for all words")
        positions, vectors = self._gather(keys, True, self.oov if oov is None else oov)
        usable = np.isfinite(vectors).all(axis=1)
        units = vectors[usable].astype(np.float64)
        if len(units) < 3:
            raise ValueError(f"outliers need at least three words with a vector, not {len(units)}")
        others = units.sum(axis=0) - units  # (m, d), for each word
        cosines = np.full(len(positions), np.nan)
        cosines[usable] = np.einsum("ij,ij->i", units, others) / (len(units) - 1)
        chances, p = np.full((2, len(positions)), np.nan)
        own = {row for position in positions if (row := self._lookup.find(keys[position])) is not None}
        chances[usable], p[usable] = self._fits_by_chance(others / (len(units) - 1), cosines[usable], own, sample, seed)
        order = np.argsort(cosines, kind="stable").tolist()
        return [Outlier(keys[positions[i]], float(cosines[i]), float(chances[i]), float(p[i])) for i in order]

    def _fits_by_chance(
        self, means: Floats, cosines: Floats, own: set[int], sample: int | None, seed: int
    ) -> tuple[Floats, Floats]:
        """Return, for each of m means (m, d) of unit vectors, the mean product of random words with it, and the share
        of products of at least the given one (m,), which counts as one of them; NaN without other words.

        Parameters
        ----------
        own : rows that are not drawn.
        """
        n = len(self)
        left_out = np.concatenate((np.fromiter(own, dtype=np.int64), self.fill_norms().broken))
        if sample is None or sample + len(left_out) >= n:
            rows = np.arange(n)
        else:
            rows = np.random.default_rng(seed).choice(n, sample + len(left_out), replace=False)
        rows = rows[~np.isin(rows, left_out)][:sample]
        if not len(rows):
            return np.full(len(means), np.nan), np.full(len(means), np.nan)
        total, above = np.zeros(len(means)), np.ones(len(means))
        step = max(1, _BLOCK // max(self.vector_size, len(means)))
        for start in range(0, len(rows), step):
            products = self.unit_vectors(rows[start:start + step]) @ means.T
            total += products.sum(axis=0)
            above += (products >= cosines).sum(axis=0)
        return total / len(rows), above / (len(rows) + 1)

    def _lenient_oov(self) -> Oov:
        """Return the policy of methods that leave unknown words out as in gensim, unless another policy was set."""
        return "skip" if self.oov == "error" else self.oov

    def rank_by_centrality(self, words: Sequence[Key], use_norm: bool = True) -> list[tuple[float, Key]]:
        """Return (cosine with the mean of the words, word) for each known word, highest first.

        Parameters
        ----------
        words : keys; unknown ones are left out.
        use_norm : scale the vectors to length 1 before the mean.

        Raises
        ------
        ValueError : none of the words is known.
        """
        words = list(words)
        positions, vectors = self._gather(words, use_norm, self._lenient_oov())
        if not positions:
            raise ValueError("none of the words is known: there is nothing to choose from")
        centrality = vectors @ unit_length(vectors.mean(axis=0, dtype=np.float64))
        ranked = ((float(value), words[position]) for value, position in zip(centrality, positions, strict=True))
        return sorted(ranked, key=lambda pair: pair[0], reverse=True)

    def doesnt_match(self, words: Sequence[Key]) -> Key:
        """Return the word that is farthest from the mean of the words; unknown words are left out.

        Raises
        ------
        ValueError : none of the words is known.

        Example
        -------
        >>> kv.doesnt_match(["breakfast", "cereal", "dinner", "lunch"])
        'cereal'
        """
        return self.rank_by_centrality(words)[-1][1]

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """Return the key of `keys_list` with the highest cosine with `key1`.

        Raises
        ------
        ValueError : no key has a vector.
        UnknownWordError : (a KeyError) an unknown word that the policy does not leave out.
        """
        positions, vectors = self._gather(keys_list, True, self.oov)
        if not positions:
            raise ValueError("no key with a vector to choose from")
        return keys_list[positions[int(np.argmax(vectors @ self.get_vector(key1, norm=True)))]]

    def closer_than(self, key1: Key, key2: Key) -> list[str]:
        """Return all words that are closer to `key1` than `key2` is.

        Raises
        ------
        UnknownWordError : (a KeyError) a word has no row.
        """
        distances = self.distances(key1)
        own = self.get_index(key1)
        closer = np.flatnonzero(distances < distances[self.get_index(key2)])
        return [self.index_to_key[i] for i in closer if i != own]

    def rank(self, key1: Key, key2: Key) -> int:
        """Return the rank of `key2` among the neighbours of `key1`, from 1; errors as in `closer_than`."""
        return len(self.closer_than(key1, key2)) + 1


def _checked_weights(weights: npt.ArrayLike | None, k: int) -> Floats:
    """Return the weights (k,) of k keys, 1 if there are none; ValueError if they do not fit or are not finite."""
    weight = np.ones(k) if weights is None else np.asarray(weights, dtype=np.float64)
    if weight.shape != (k,):
        raise ValueError(f"{k} keys need one weight each, not weights of shape {weight.shape}")
    if not np.isfinite(weight).all():
        raise ValueError("a weight is NaN or infinity")
    return weight
