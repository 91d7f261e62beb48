"""What the cosines of given words say: similarities, means, the odd one out, ranks.

Place in the data flow: `w2v.table` -> numbers, words; `KeyedVectors` adds the searches.

The cosine with a zero vector is 0. A row with a number that is not finite has no cosine: it is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from w2v.lookup import KEY_TYPES, Key, Oov
from w2v.rows import Matrix
from w2v.search import Indices, Questions, Scores, Space, every_score, unit_length, unit_rows
from w2v.table import Table


class Cosines(Table):
    """Words with one vector each, and how near they are to each other; parameters and attributes as `Table`."""

    def unit_vectors(self, indices: Sequence[int] | Indices) -> Matrix:
        """(k, d) float32 rows of length 1 (copies); zero and broken rows as zeros."""
        indices = np.asarray(indices, dtype=np.int64)
        rows = self._unit_rows(indices)
        rows[np.isnan(self.fill_norms().inverse[indices])] = 0
        return rows

    def cosines(self, queries: Matrix, start: int = 0, stop: int | None = None) -> Matrix:
        """Cosines of unit `queries` (k, d) with rows [start, stop): (k, stop - start) float32; 0 with broken rows."""
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
    def cosine_similarities(vector_1: Matrix, vectors_all: Matrix) -> Scores:
        """Cosines of one vector (d,) with rows (k, d)."""
        return unit_rows(np.array(vectors_all, dtype=np.float32)) @ unit_length(np.asarray(vector_1))

    def similarity(self, w1: Key, w2: Key) -> float:
        """Cosine of two words, -1 to 1."""
        first, second = self.get_vector(w1, norm=True), self.get_vector(w2, norm=True)
        return float(first @ second)

    def distance(self, w1: Key, w2: Key) -> float:
        """1 - similarity."""
        return 1 - self.similarity(w1, w2)

    def distances(self, word_or_vector: Key | Matrix, other_words: Sequence[Key] | None = ()) -> Scores:
        """1 - cosine of one word or vector with `other_words`, or with all words if there are none: (k,) float32."""
        query = (self.get_vector(word_or_vector, norm=True) if isinstance(word_or_vector, KEY_TYPES)
                 else unit_length(np.asarray(word_or_vector)))
        if other_words is not None and len(other_words):
            return 1 - self.get_vectors(other_words, norm=True) @ query
        asked = Questions(query[None], np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.int64))
        return 1 - every_score(Space(self.rows, self.fill_norms(), "cosine", 0, len(self)), asked)

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """Cosine of the mean vectors of two lists of words; unknown words are left out."""
        if not (len(ws1) and len(ws2)):
            raise ZeroDivisionError("n_similarity needs at least one word in each list")
        a, b = (unit_length(self.get_mean_vector(words, pre_normalize=False)) for words in (ws1, ws2))
        return float(a @ b)

    def get_mean_vector(
        self, keys: Sequence[Key | Matrix], weights: npt.ArrayLike | None = None, pre_normalize: bool = True,
        post_normalize: bool = False, ignore_missing: bool = True,
    ) -> Matrix:
        """Weighted mean of the vectors of `keys`, divided by the sum of the weights' sizes: (d,) float32.

        `pre_normalize` is for words: a vector among the keys counts as long as it is.

        Raises
        ------
        ValueError : no known word, or not one weight a key.
        UnknownWordError : an unknown word, without `ignore_missing`.
        """
        weight = np.ones(len(keys)) if weights is None else np.asarray(weights, dtype=np.float64)
        if weight.shape != (len(keys),):
            raise ValueError(f"{len(keys)} keys need as many weights, not {weight.shape}")
        places, vectors = self._gather(keys, pre_normalize, self._leniently() if ignore_missing else self.oov)
        total = float(np.abs(weight[places]).sum())
        if total == 0:
            raise ValueError("no known word to take the mean of" if len(keys) else "nothing to take the mean of")
        mean = weight[places] @ vectors / total
        return (unit_length(mean) if post_normalize else mean).astype(np.float32)

    def _leniently(self) -> Oov:
        """The policy of calls that leave unknown words out, as gensim's do, if no other was chosen."""
        return "skip" if self.oov == "error" else self.oov

    def rank_by_centrality(self, words: Sequence[Key], use_norm: bool = True) -> list[tuple[float, Key]]:
        """(cosine with the mean, word) of the known ones of `words`, greatest first.

        Raises
        ------
        ValueError : none of the words is known.
        """
        words = list(words)
        places, vectors = self._gather(words, use_norm, self._leniently())
        if not places:
            raise ValueError("none of the words is known: nothing to choose from")
        centrality = vectors @ unit_length(vectors.mean(axis=0, dtype=np.float64))
        return sorted(((float(value), words[place]) for value, place in zip(centrality, places, strict=True)),
                      key=lambda pair: pair[0], reverse=True)

    def doesnt_match(self, words: Sequence[Key]) -> Key:
        """The word that is farthest from the mean of the words; unknown ones are left out, errors as above."""
        return self.rank_by_centrality(words)[-1][1]

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """The one of `keys_list` with the greatest cosine to `key1`; a ValueError if none has a vector."""
        places, vectors = self._gather(keys_list, True, self.oov)
        if not places:
            raise ValueError("no key with a vector to choose from")
        return keys_list[places[int(np.argmax(vectors @ self.get_vector(key1, norm=True)))]]

    def closer_than(self, key1: Key, key2: Key) -> list[str]:
        """All words nearer to `key1` than `key2` is."""
        distances = self.distances(key1)
        own = self.get_index(key1)
        nearer = np.flatnonzero(distances < distances[self.get_index(key2)])
        return [self.index_to_key[i] for i in nearer if i != own]

    def rank(self, key1: Key, key2: Key) -> int:
        """Place of `key2` among the neighbours of `key1`, from 1."""
        return len(self.closer_than(key1, key2)) + 1
