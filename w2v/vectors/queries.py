"""What the cosines of given words say: similarities, means, the odd one out, ranks.

Place in the data flow: `w2v.vectors.table` -> numbers, words; `KeyedVectors` adds the searches.

The cosine with a zero vector is 0. A row with a number that is not finite has no cosine: it is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, overload

import numpy as np
import numpy.typing as npt

from w2v.types import Indices, Matrix, Scores, StrPath
from w2v.vectors.lookup import Key, Oov
from w2v.vectors.neighbours import Keys, Neighbours, Searcher, graph
from w2v.vectors.prediction import predict_output_word
from w2v.vectors.search import Space

if TYPE_CHECKING:
    from w2v.vectors.approximate import Index





from w2v.vectors.lookup import KEY_TYPES
from w2v.vectors.search import Questions, every_score, unit_length, unit_rows
from w2v.vectors.table import Table


class Options(TypedDict, total=False):
    """What gensim's searches do not have; keywords of every `most_similar...` here.

    among : keys to search in, or an array of row numbers, or a mask (n,); the whole vocabulary if None.
    metric : "cosine"; "dot", the product of the vectors as they are; "euclidean", whose answers are distances, nearest
        first. For these two a query is the weighted sum of the vectors as they are, over the sum of the weights.
    oov : what an unknown word means here, as the attribute `oov` says for all calls.
    approximate : search with the index that `index` made: fast, and some neighbours may be missed.
    """

    among: Sequence[Key] | npt.NDArray[Any] | None
    metric: str
    oov: Oov | None
    approximate: bool


class Queries(Table):
    """Words with one vector each, and how near they are to each other; parameters and attributes as `Table`."""

    ann: Index | None = None  # what `index` made

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

    # ------------------------------------------------------------------------------------------ neighbours

    @overload
    def most_similar(
        self, positive: Keys = None, negative: Keys = None, topn: int = 10, clip_start: int = 0,
        clip_end: int | None = None, restrict_vocab: int | None = None, indexer: Any = None, **options: Unpack[Options],
    ) -> Neighbours: ...
    @overload
    def most_similar(
        self, positive: Keys = None, negative: Keys = None, *, topn: None, clip_start: int = 0,
        clip_end: int | None = None, restrict_vocab: int | None = None, indexer: Any = None, **options: Unpack[Options],
    ) -> Scores: ...
    def most_similar(
        self, positive: Keys = None, negative: Keys = None, topn: int | None = 10, clip_start: int = 0,
        clip_end: int | None = None, restrict_vocab: int | None = None, indexer: Any = None, **options: Unpack[Options],
    ) -> Neighbours | Scores:
        """Words with the greatest cosine to the mean of the `positive` and minus the `negative` ones (3CosAdd).

        Parameters
        ----------
        positive, negative : a key, a vector, a (key, weight) pair, or a list of these, which make **one** query. For
            many queries in one call see `most_similar_batch`. A vector among words counts as long as it is.
        topn : how many; 0 gives an empty list, None the scores of all words as an array (of `among`, in its order).
        clip_start, clip_end, restrict_vocab : search only these rows; `restrict_vocab` is the first so many.
        indexer : gensim's: an object that answers `most_similar(unit vector, topn)` itself.
        options : see `Options`.

        Returns
        -------
        list of (word, cosine), greatest first; the words of the query are left out.

        Source
        ------
        Mikolov et al. 2013 (1301.3781), section 4; gensim 4 KeyedVectors.most_similar for the weights.
        """
        searcher = self._searcher(clip_start, clip_end, restrict_vocab, **options)
        if indexer is not None and topn is not None:
            [asked] = searcher.blocks([positive], [negative], 1)
            answers: Neighbours = indexer.most_similar(asked.vectors[0], topn)
            return answers
        return self._single(searcher, positive, negative, topn, options.get("among"))

    @overload
    def most_similar_cosmul(self, positive: Keys = None, negative: Keys = None, topn: int = 10,
                            restrict_vocab: int | None = None, **options: Unpack[Options]) -> Neighbours: ...
    @overload
    def most_similar_cosmul(self, positive: Keys = None, negative: Keys = None, *, topn: None,
                            restrict_vocab: int | None = None, **options: Unpack[Options]) -> Scores: ...
    def most_similar_cosmul(
        self, positive: Keys = None, negative: Keys = None, topn: int | None = 10, restrict_vocab: int | None = None,
        **options: Unpack[Options],
    ) -> Neighbours | Scores:
        """As `most_similar` with the product of the positive cosines over that of the negative ones (3CosMul).

        A weight is an exponent, so that 1 and -1 are the formula, and a term of weight 0 has no influence.
        Source: Levy & Goldberg 2014 (W14-1618), equation 4, cosines moved to 0..1.
        """
        searcher = self._searcher(0, None, restrict_vocab, method="3cosmul", **options)
        return self._single(searcher, positive, negative, topn, options.get("among"))

    def similar_by_key(self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """`most_similar` of one word."""
        return self.most_similar([key], topn=topn, restrict_vocab=restrict_vocab)

    similar_by_word = similar_by_key

    def similar_by_vector(self, vector: Matrix, topn: int | None = 10, restrict_vocab: int | None = None) -> Any:
        """`most_similar` of one vector (d,)."""
        return self.most_similar([vector], topn=topn, restrict_vocab=restrict_vocab)

    def most_similar_batch(
        self, positive: Sequence[Keys], negative: Sequence[Keys] | None = None, topn: int = 10,
        restrict_vocab: int | None = None, *, method: str = "3cosadd", **options: Unpack[Options],
    ) -> list[Neighbours]:
        """Many queries at once: result i is `most_similar(positive[i], negative[i], topn)`.

        Parameters
        ----------
        positive : one entry a query, each what `most_similar` takes: `["king", "queen"]` are two queries of a word
            each, `[["king", "woman"], ["paris"]]` two of which the first combines two words; a (k, d) array is k
            queries.
        negative : as long as `positive`, or None.
        method : "3cosadd" or "3cosmul".
        options : see `Options`.

        Raises
        ------
        TypeError : `positive` is one word, which would be taken for a list of letters.
        ValueError : `negative` is not as long as `positive`, or the method or the metric is unknown.
        UnknownWordError : a word has no vector.
        """
        if isinstance(positive, str):
            raise TypeError(f"most_similar_batch takes a list of queries: [{positive!r}], not {positive!r}")
        if negative is not None and len(negative) != len(positive):
            raise ValueError(f"{len(positive)} positive and {len(negative)} negative entries: give one of each a query")
        return self._searcher(0, None, restrict_vocab, method=method, **options).nearest(positive, negative, topn)

    def neighbor_graph(self, k: int = 10, *, metric: str = "cosine") -> tuple[Indices, Scores]:
        """The k nearest other words of every word: rows (n, k) int64 and their cosines (n, k) float32, best first.

        Where there are fewer than k (no row that is not finite is a neighbour) -1 and NaN stand. With the metric
        "euclidean" the numbers are distances.
        """
        return graph(self._searcher(metric=metric).space, k)

    def _searcher(
        self, clip_start: int = 0, clip_end: int | None = None, restrict_vocab: int | None = None, *,
        method: str = "3cosadd", among: Sequence[Key] | npt.NDArray[Any] | None = None, metric: str = "cosine",
        oov: Oov | None = None, approximate: bool = False,
    ) -> Searcher:
        if restrict_vocab is not None and restrict_vocab < 1:
            raise ValueError(f"restrict_vocab = {restrict_vocab} is out of range: 1 or more, or None for all words")
        start, stop, _ = slice(clip_start, clip_end or None).indices(len(self))
        if restrict_vocab is not None:
            start, stop = 0, min(restrict_vocab, len(self))
        policy = self.oov if oov is None else oov
        indices = None
        if among is not None:
            chosen = np.unique(self._among(among, policy))
            indices = chosen[(chosen >= start) & (chosen < stop)]
        if approximate and (among is not None or stop - start < len(self)):
            raise ValueError("approximate=True searches all words: no among, clip or restrict_vocab goes with it")
        space = Space(self.rows, self.fill_norms(), metric, start, stop, indices)
        index = None
        if approximate:
            from w2v.vectors.approximate import usable

            index = usable(self.ann, self.rows, metric)
        return Searcher(self._lookup, space, policy, method, index)

    def _among(self, among: Sequence[Key] | npt.NDArray[Any], oov: Oov) -> Indices:
        """Rows of the keys to search in, in their order; unknown words are an error, unless `oov` leaves them out."""
        if isinstance(among, str):
            raise TypeError(f"among takes a list of words: [{among!r}], not {among!r}")
        if isinstance(among, np.ndarray) and among.dtype == bool:
            if among.shape != (len(self),):
                raise ValueError(f"a mask of shape {among.shape} does not fit {len(self)} words")
            return np.flatnonzero(among)
        rows = [self._lookup.find(key) if oov == "skip" else self.get_index(key) for key in among]
        return np.array([row for row in rows if row is not None], dtype=np.int64)

    def _single(
        self, searcher: Searcher, positive: Keys, negative: Keys, topn: int | None, among: Any
    ) -> Neighbours | Scores:
        if topn is not None:
            return searcher.nearest([positive], [negative], topn)[0]
        scores = searcher.every(positive, negative)
        if searcher.space.indices is not None:
            rows = self._among(among, searcher.oov)
            rows = rows[np.isin(rows, searcher.space.indices)]
            scores = scores[np.searchsorted(searcher.space.indices, rows)]
        return scores

    def predict_output_word(self, context_words_list: Sequence[Key], topn: int = 10) -> list[tuple[str, float]] | None:
        """The most probable words in the middle of a context, from the mean of its vectors and the output matrix, where
        that came with the vectors: see `w2v.vectors.prediction`."""
        return predict_output_word(self, self.output_vectors, context_words_list, topn)

    def index(self, path: StrPath | None = None, **options: Any) -> Index:
        """An approximate index over these vectors, for `approximate=True`: see `w2v.vectors.approximate.build`. Needs `w2v[ann]`.

        With a path it is loaded if the file is there (and belongs to these vectors), otherwise built and saved.
        """
        from w2v.vectors.approximate import build_or_load

        self.ann = build_or_load(self.rows, self.fill_norms(), path, **options)
        return self.ann
