"""`Queries`: searches for the nearest words. Adds them to `Similarity`; `KeyedVectors` adds files and evaluation.

Place in the data flow: words or vectors of a query -> `w2v.vectors.neighbours` -> words and scores. The evaluation is
typed against this class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack, overload

import numpy as np
import numpy.typing as npt

from w2v.formats.keys import Key, as_key, integers_of, is_key
from w2v.types import Indices, Matrix, Scores, StrPath
from w2v.vectors.arguments import check_keywords
from w2v.vectors.lookup import Oov
from w2v.vectors.neighbours import Nearest, Neighbours, Searcher, Terms, neighbor_graph
from w2v.vectors.prediction import predict_output_word
from w2v.vectors.search import Space
from w2v.vectors.search_options import Among, Batch, Indexer, SearchOptions, check_batch
from w2v.vectors.similarity import Similarity

if TYPE_CHECKING:
    from w2v.vectors.approximate import Index, IndexOptions

class Queries(Similarity):
    """Words with one vector each, and searches; parameters and attributes as in `Table`.

    Attributes
    ----------
    ann : the approximate index built by `index`, or None.
    """

    ann: Index | None = None

    @overload
    def most_similar(
        self, positive: Terms | None = None, negative: Terms | None = None, topn: int = 10, clip_start: int = 0,
        clip_end: int | None = None, restrict_vocab: int | None = None, indexer: Indexer | None = None,
        **options: Unpack[SearchOptions],
    ) -> Neighbours: ...
    @overload
    def most_similar(
        self, positive: Terms | None = None, negative: Terms | None = None, *, topn: None, clip_start: int = 0,
        clip_end: int | None = None, restrict_vocab: int | None = None, indexer: Indexer | None = None,
        **options: Unpack[SearchOptions],
    ) -> Scores: ...
    def most_similar(
        self, positive: Terms | None = None, negative: Terms | None = None, topn: int | None = 10, clip_start: int = 0,
        clip_end: int | None = None, restrict_vocab: int | None = None, indexer: Indexer | None = None,
        **options: Unpack[SearchOptions],
    ) -> Neighbours | Scores:
        """Return the words with the highest cosine with the sum of `positive` minus `negative` vectors (3CosAdd).

        Parameters
        ----------
        positive, negative : a key, a vector (d,), a (key or vector, weight) pair, or a list of these, which is **one**
            query; for many queries at once see `most_similar_batch`. Words count with vectors of length 1, vectors as
            they are.
        topn : number of answers; 0 gives an empty list, None the scores of all words searched, as an array.
        clip_start, clip_end : search only these rows.
        restrict_vocab : search only the first `restrict_vocab` words, >= 1.
        indexer : an index of gensim that answers instead.
        options : see `SearchOptions`.

        Returns
        -------
        list of (word, cosine), highest first, without the words of the query; with `topn` None the scores (n,) float32
        of all rows searched (with `among`, in its order), NaN for broken rows.

        Raises
        ------
        UnknownWordError : (a KeyError) a word has no vector.
        ValueError : an empty query, a vector of another dimension, or an option out of range.
        W2VError : `approximate` without an index for these vectors and this metric.

        Source
        ------
        Mikolov et al. 2013 (1301.3781), section 4; gensim 4 KeyedVectors.most_similar for the weights.

        Example
        -------
        >>> kv.most_similar("paris", topn=2)
        [('lyon', 0.71), ('berlin', 0.69)]
        >>> kv.most_similar(positive=["king", "woman"], negative=["man"], topn=1)
        [('queen', 0.73)]
        >>> kv.most_similar("paris", among=["berlin", "rome", "oslo"], metric="euclidean")
        """
        check_keywords(self.most_similar, options, SearchOptions)
        searcher = self._searcher(clip_start, clip_end, restrict_vocab, topn=topn, **options)
        if indexer is not None and topn is not None:
            [query] = searcher.batches([positive], [negative], 1)
            return indexer.most_similar(query.vectors[0], topn)
        return self._answer(searcher, positive, negative, topn, options.get("among"))

    @overload
    def most_similar_cosmul(
        self, positive: Terms | None = None, negative: Terms | None = None, topn: int = 10,
        restrict_vocab: int | None = None, **options: Unpack[SearchOptions],
    ) -> Neighbours: ...
    @overload
    def most_similar_cosmul(
        self, positive: Terms | None = None, negative: Terms | None = None, *, topn: None,
        restrict_vocab: int | None = None, **options: Unpack[SearchOptions],
    ) -> Scores: ...
    def most_similar_cosmul(
        self, positive: Terms | None = None, negative: Terms | None = None, topn: int | None = 10,
        restrict_vocab: int | None = None, **options: Unpack[SearchOptions],
    ) -> Neighbours | Scores:
        """Return the words with the highest product of positive cosines over that of negative ones (3CosMul).

        Parameters, returns and errors as in `most_similar`, with the metric "cosine" and without `approximate`. A
        weight is an exponent: 1 and -1 are the formula, and a term of weight 0 has no influence.

        Source
        ------
        Levy & Goldberg 2014 (W14-1618), equation 4, with cosines shifted to 0..1.
        """
        check_keywords(self.most_similar_cosmul, options, SearchOptions)
        searcher = self._searcher(0, None, restrict_vocab, topn=topn, method="3cosmul", **options)
        return self._answer(searcher, positive, negative, topn, options.get("among"))

    @overload
    def similar_by_key(
        self, key: Key, topn: int = 10, restrict_vocab: int | None = None, **options: Unpack[SearchOptions]
    ) -> Neighbours: ...
    @overload
    def similar_by_key(
        self, key: Key, topn: None, restrict_vocab: int | None = None, **options: Unpack[SearchOptions]
    ) -> Scores: ...
    def similar_by_key(
        self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None, **options: Unpack[SearchOptions]
    ) -> Neighbours | Scores:
        """Return the neighbours of one word; parameters, returns and errors as in `most_similar`."""
        check_keywords(self.similar_by_key, options, SearchOptions)
        searcher = self._searcher(restrict_vocab=restrict_vocab, topn=topn, **options)
        return self._answer(searcher, [key], None, topn, options.get("among"))

    similar_by_word = similar_by_key

    @overload
    def similar_by_vector(
        self, vector: npt.NDArray[Any], topn: int = 10, restrict_vocab: int | None = None,
        **options: Unpack[SearchOptions],
    ) -> Neighbours: ...
    @overload
    def similar_by_vector(
        self, vector: npt.NDArray[Any], topn: None, restrict_vocab: int | None = None,
        **options: Unpack[SearchOptions],
    ) -> Scores: ...
    def similar_by_vector(
        self, vector: npt.NDArray[Any], topn: int | None = 10, restrict_vocab: int | None = None,
        **options: Unpack[SearchOptions],
    ) -> Neighbours | Scores:
        """Return the words nearest to a vector (d,); parameters, returns and errors as in `most_similar`."""
        check_keywords(self.similar_by_vector, options, SearchOptions)
        searcher = self._searcher(restrict_vocab=restrict_vocab, topn=topn, **options)
        return self._answer(searcher, [np.asarray(vector, dtype=np.float32)], None, topn, options.get("among"))

    def most_similar_batch(
        self, positive: Batch, negative: Batch | None = None, topn: int = 10, restrict_vocab: int | None = None, *,
        method: str = "3cosadd", **options: Unpack[SearchOptions],
    ) -> list[Neighbours]:
        """Answer many queries at once: result i is `most_similar(positive[i], negative[i], topn)`.

        Parameters
        ----------
        positive : one entry per query, each as in `most_similar`: `["king", "queen"]` are two queries of one word each;
            in `[["king", "woman"], ["paris"]]` the first combines two words; an array (k, d) is k queries.
        negative : as long as `positive`, or None.
        topn, restrict_vocab, options : as in `most_similar`.
        method : "3cosadd" or "3cosmul".

        Returns
        -------
        list of k lists of (word, score), best first.

        Raises
        ------
        TypeError : `positive` is one word instead of a list.
        ValueError : `negative` has another length than `positive`; and as in `most_similar`.
        UnknownWordError : (a KeyError) a word has no vector.

        Example
        -------
        >>> kv.most_similar_batch(["king", "paris"], topn=1)
        [[('queen', 0.75)], [('lyon', 0.71)]]
        """
        check_keywords(self.most_similar_batch, options, SearchOptions)
        check_batch(positive, negative)
        return self._searcher(0, None, restrict_vocab, method=method, **options).nearest(positive, negative, topn)

    def most_similar_arrays(
        self, positive: Batch, negative: Batch | None = None, topn: int = 10, restrict_vocab: int | None = None, *,
        method: str = "3cosadd", **options: Unpack[SearchOptions],
    ) -> tuple[Indices, Scores]:
        """Answer many queries at once, as `most_similar_batch`, with rows and scores as arrays.

        Parameters and errors as in `most_similar_batch`.

        Returns
        -------
        rows (k, m) int64 and scores (k, m) float32, best first, where m is `topn` or the number of words searched if
        that is less. A query with fewer answers has -1 and NaN in the remaining entries. `index_to_key` gives the words
        of the rows, and `index_to_integer` the numbers if the words are integers.

        Example
        -------
        >>> rows, cosines = kv.most_similar_arrays(["king", "paris"], topn=5)
        >>> rows.shape
        (2, 5)
        """
        check_keywords(self.most_similar_arrays, options, SearchOptions)
        check_batch(positive, negative)
        return self._searcher(0, None, restrict_vocab, method=method, **options).arrays(positive, negative, topn)

    @overload
    def nearest(self, keys: Batch, topn: int = 10, **options: Unpack[SearchOptions]) -> Nearest: ...
    @overload
    def nearest(self, keys: Batch, topn: None, **options: Unpack[SearchOptions]) -> Matrix: ...
    def nearest(self, keys: Batch, topn: int | None = 10, **options: Unpack[SearchOptions]) -> Nearest | Matrix:
        """Return the neighbours of each key as arrays, or with `topn` None the scores of all pairs.

        Parameters
        ----------
        keys : k queries: keys or vectors (d,), or an array (k, d); anything else that `most_similar` takes is one query
            too. Any number: they are answered in blocks.
        topn : number of answers to each query, or None.
        options : see `SearchOptions`; `among` are the candidates.

        Returns
        -------
        Nearest : `ids` (k, m) int64 and `scores` (k, m) float32, best first, without the word of the query; m is `topn`
            or the number of words searched if that is less. ids are keys: integers where integers are keys, otherwise
            rows, as in `kv[id]`. Where there is no further answer the score is NaN, and the id -1.
        Matrix : with `topn` None (k, m) float32, the scores of each query with the m words of `among` in its order, or
            with all words; NaN for broken rows.

        Raises
        ------
        TypeError : one key instead of a list.
        ValueError, UnknownWordError, W2VError : as in `most_similar`; or a word is not an integer of 64 bits where
            integers are keys; the scores of all pairs cannot be `approximate`, or need more memory than is free.

        Example
        -------
        >>> ids, cosines = kv.nearest([17, 4, 99], topn=5, among=in_stock)
        >>> kv.nearest(users, topn=None, among=items).shape  # vectors (1000, d) of users, 200 items
        (1000, 200)
        """
        check_keywords(self.nearest, options, SearchOptions)
        check_batch(keys)
        if not hasattr(keys, "__getitem__"):  # a set or an iterator
            keys = list(keys)
        searcher = self._searcher(topn=topn, **options)
        if topn is not None:
            rows, scores = searcher.arrays(keys, None, topn)
            return Nearest(self._ids(rows), scores)
        return searcher.every(keys, None, self._columns(searcher, options.get("among")))

    def neighbor_graph(self, k: int = 10, *, metric: str = "cosine") -> tuple[Indices, Scores]:
        """Return the k nearest other words of every word.

        Parameters
        ----------
        k : neighbours per word; at most n - 1 are returned.
        metric : "cosine", "dot" or "euclidean".

        Returns
        -------
        rows (n, k) int64 and scores (n, k) float32, best first; for "euclidean" the scores are distances. Broken rows
        are never neighbours: a word with fewer than k has -1 and NaN in the remaining entries.

        Raises
        ------
        ValueError : unknown metric.
        """
        return neighbor_graph(self._searcher(metric=metric).space, k)

    def _searcher(
        self, clip_start: int = 0, clip_end: int | None = None, restrict_vocab: int | None = None, *,
        topn: int | None = 1, method: str = "3cosadd", among: Among | None = None, metric: str = "cosine",
        oov: Oov | None = None, approximate: bool = False,
    ) -> Searcher:
        """Return the search that the options describe."""
        if restrict_vocab is not None and restrict_vocab < 1:
            raise ValueError(f"restrict_vocab = {restrict_vocab} is out of range: it must be 1 or more, or "
                             "None for all words")
        start, stop, _ = slice(clip_start, clip_end or None).indices(len(self))
        if restrict_vocab is not None:
            start, stop = 0, min(restrict_vocab, len(self))
        policy = self.oov if oov is None else oov
        indices = None
        if among is not None:
            chosen = np.unique(self.rows_among(among, policy))
            indices = chosen[(chosen >= start) & (chosen < stop)]
        if approximate and (among is not None or stop - start < len(self)):
            raise ValueError("approximate=True searches all words: it cannot be combined with among, clip_start, "
                             "clip_end or restrict_vocab")
        if approximate and topn is None:
            raise ValueError("topn=None gives all scores, which an approximate index does not have: leave out "
                             "approximate=True, or pass topn")
        space = Space(self.rows, self.fill_norms(), metric, start, stop, indices)
        index = None
        if approximate:
            from w2v.vectors.approximate import usable

            index = usable(self.ann, self.rows, metric)
        return Searcher(self._lookup, space, policy, method, index)

    def rows_among(self, among: Among, oov: Oov = "error") -> Indices:
        """Return the rows of a subset in its order; unknown words are an error, unless the policy is "skip"."""
        if is_key(among):
            raise TypeError(f"among must be a list of words: [{among!r}], not {among!r}")
        if isinstance(among, np.ndarray) and among.dtype == bool:
            if among.shape != (len(self),):
                raise ValueError(f"a mask of shape {among.shape} does not fit {len(self)} words")
            return np.flatnonzero(among)
        rows = [self._lookup.find(as_key(key)) if oov == "skip" else self.get_index(key) for key in among]
        return np.array([row for row in rows if row is not None], dtype=np.int64)

    def _answer(
        self, searcher: Searcher, positive: Terms | None, negative: Terms | None, topn: int | None, among: Among | None
    ) -> Neighbours | Scores:
        """Return the neighbours of one query, or with `topn` None all scores, those of a subset in its order."""
        if topn is not None:
            return searcher.nearest([positive], [negative], topn)[0]
        scores: Scores = searcher.every([positive], [negative], self._columns(searcher, among))[0]
        return scores

    def _columns(self, searcher: Searcher, among: Among | None) -> Indices | None:
        """Return the places of the words of a subset, in its order, among the rows of the search; None for all rows."""
        if searcher.space.indices is None or among is None:
            return None
        rows = self.rows_among(among, searcher.oov)
        return np.searchsorted(searcher.space.indices, rows[np.isin(rows, searcher.space.indices)])

    def _ids(self, rows: Indices) -> Indices:
        """Return the integers of rows where integers are keys, otherwise the rows; -1 stays."""
        if not self.integer_keys:
            return rows
        found, place = np.unique(rows, return_inverse=True)
        return integers_of(["-1" if row < 0 else self.index_to_key[row] for row in found])[place.reshape(rows.shape)]

    def predict_output_word(self, context_words_list: Sequence[Key], topn: int = 10) -> list[tuple[str, float]] | None:
        """Return the most probable words in the middle of a context, from its mean vector and `output_vectors`.

        Parameters
        ----------
        context_words_list : keys; unknown ones are left out.
        topn : number of answers, at least 1.

        Returns
        -------
        list of (word, probability), most probable first; None if no word of the context is known.

        Raises
        ------
        W2VError : these vectors have no `output_vectors`.
        ValueError, TypeError : `topn` is below 1; the context is a str instead of a list.

        Source
        ------
        See `w2v.vectors.prediction`.
        """
        return predict_output_word(self, self.output_vectors, context_words_list, topn)

    def index(self, path: StrPath | None = None, **options: Unpack[IndexOptions]) -> Index:
        """Build an approximate index over these vectors, for `approximate=True`. Needs the extra `w2v[ann]`.

        Parameters
        ----------
        path : load the index from this file if it exists and belongs to these vectors; otherwise build it and save it
            there. None keeps it in memory only.
        options : settings for building; see `w2v.vectors.approximate.build`.

        Returns
        -------
        Index : also kept as the attribute `ann`; `index.recall` is the share of true neighbours that it finds.

        Raises
        ------
        W2VError : usearch is not installed, the file cannot be read or written, or it has another metric.
        FormatError : the file is broken or belongs to other vectors.
        ValueError : unknown metric, or a setting out of range.

        Example
        -------
        >>> kv.index("vectors.bin.ann").recall
        0.987
        >>> kv.most_similar("paris", approximate=True)
        """
        from w2v.vectors.approximate import IndexOptions, build_or_load

        check_keywords(self.index, options, IndexOptions)
        self.ann = build_or_load(self.rows, self.fill_norms(), path, **options)
        return self.ann
