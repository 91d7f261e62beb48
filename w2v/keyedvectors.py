"""`KeyedVectors`: words and their vectors, with lookup, neighbours and analogies; names and meanings as in gensim 4.

Place in the data flow: vectors -> queries. The matrix is held once, as it is stored (`w2v.rows`): only the lengths of
its rows are kept beside it, and every search goes over tiles of it (`w2v.search`), so memory does not grow with the
number of queries. Lookup is in `w2v.table`, what needs no search in `w2v.cosines`.

The cosine with a zero vector is 0. A row with a number that is not finite has no cosine: it is NaN, and such a row is
never the answer to a search.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, overload

import numpy as np
import numpy.typing as npt

from w2v.cosines import Cosines
from w2v.errors import W2VError
from w2v.files import StrPath
from w2v.formats import format_for, read_vectors, write_vectors
from w2v.lookup import Key, Oov
from w2v.neighbours import Keys, Neighbours, Searcher, graph
from w2v.prediction import predict_output_word
from w2v.rows import Matrix
from w2v.search import Indices, Scores, Space
from w2v.subwords import Subwords
from w2v.vectorfile import FASTTEXT_BINARY, SAFETENSORS, WORD2VEC_BINARY, WORD2VEC_TEXT, VectorFile

if TYPE_CHECKING:
    from w2v.ann import Index
    from w2v.evaluation.results import Evaluation


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


class KeyedVectors(Cosines):
    """Words with one vector each, and what can be asked of them; parameters and attributes as `w2v.table.Table`."""

    ann: Index | None = None  # what `index` made
    vectors_lockf: Any = np.broadcast_to(np.float32(1), 1)  # of gensim: 0 for words that `Word2Vec` leaves as they are

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
            from w2v.ann import usable

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
        that came with the vectors: see `w2v.prediction`."""
        return predict_output_word(self, self.output_vectors, context_words_list, topn)

    def index(self, path: StrPath | None = None, **options: Any) -> Index:
        """An approximate index over these vectors, for `approximate=True`: see `w2v.ann.build`. Needs `w2v[ann]`.

        With a path it is loaded if the file is there (and belongs to these vectors), otherwise built and saved.
        """
        from w2v.ann import build_or_load

        self.ann = build_or_load(self.rows, self.fill_norms(), path, **options)
        return self.ann

    def to_gensim(self) -> Any:
        """A `gensim.models.KeyedVectors` over the same memory (float32 and float16; the others become float32), for
        programs that ask for that class. Counts and attributes go along, `subwords` does not. Needs gensim."""
        try:
            from gensim.models import KeyedVectors as Gensim
        except ImportError:
            raise W2VError("to_gensim needs gensim: pip install 'w2v[gensim]'") from None
        theirs = Gensim(self.vector_size)
        theirs.index_to_key, theirs.key_to_index = list(self.index_to_key), dict(self.key_to_index)
        theirs.vectors, theirs.next_index = np.asarray(self.vectors), len(self)
        theirs.expandos = {**self._attributes, **({} if self.counts is None else {"count": self.counts})}
        return theirs

    # ------------------------------------------------------------------------------------------ files, evaluation

    @classmethod
    def load(
        cls, path: StrPath, limit: int | None = None, *, only: Iterable[str] | StrPath | None = None,
        dtype: str | None = None, mmap: bool | None = None, strict: bool = False, words: StrPath | None = None,
        download: bool = False, sha256: str | None = None,
    ) -> KeyedVectors:
        """Read vectors of any format that `w2v.formats.read_vectors` knows; options and errors as there.

        Parameters
        ----------
        path : a file; or, only with `download`, an address `https://...` or `hf://org/repo/file@revision`, which is
            fetched once and kept (`w2v.addresses`).
        download : permission to use the network.
        sha256 : what the file must have; an `https://` address needs it, for `hf://` a revision does.
        """
        from w2v.addresses import is_address, locate

        if is_address(path):
            path = locate(os.fspath(path), allowed=download, sha256=sha256)
        elif sha256 is not None or download:
            raise ValueError(f"download and sha256 are for addresses, and {os.fspath(path)} is a path")
        return cls.from_file(read_vectors(path, limit=limit, only=only, dtype=dtype, mmap=mmap, strict=strict,
                                          words=words))

    def intersect_word2vec_format(self, fname: StrPath, lockf: float = 0.0, binary: bool = False) -> None:
        """Take the vectors of the words that are known here from a file (of any format, also where `binary` is wrong);
        no word joins. In `Word2Vec`, 0 as `lockf` keeps them from changing, 1 lets them learn on.

        Raises
        ------
        ValueError : the dimension is another.
        """
        file = read_vectors(fname)
        if file.rows.shape[1] != self.vector_size:
            raise ValueError(f"{file.source}: these vectors have {self.vector_size} dimensions")
        index = self.key_to_index
        pairs = [(index[word], place) for place, word in enumerate(file.words) if word in index]
        rows, places = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        factors = np.broadcast_to(np.asarray(self.vectors_lockf, dtype=np.float32), len(self)).copy()
        self.rows[rows], factors[rows] = file.rows[places], lockf
        self.vectors_lockf = factors
        self.fill_norms(force=True)

    @classmethod
    def from_file(cls, file: VectorFile) -> KeyedVectors:
        kv = cls(file.words, file.rows, file.counts, source=file.source, distinct=True)
        kv.metadata, kv.report, kv.subwords = file.metadata, file.report, file.subwords
        kv.output_vectors = file.output_vectors
        return kv

    @classmethod
    def load_word2vec_format(cls, fname: StrPath, binary: bool = False, limit: int | None = None) -> KeyedVectors:
        """As `load`; `binary` is accepted for gensim's sake and not needed: the content says what it is."""
        return cls.load(fname, limit)

    def save(
        self, path: StrPath, *, metadata: dict[str, str] | None = None, output_vectors: Matrix | None = None,
        dtype: str | None = None,
    ) -> None:
        """Write in the format of the suffix: .bin, .txt, .vec or .safetensors; errors as `write_vectors`."""
        own = format_for(path) == SAFETENSORS
        write_vectors(path, self.index_to_key, self.rows, self.counts, dtype=dtype, output_vectors=output_vectors,
                      metadata=self.metadata if metadata is None else metadata,
                      subwords=self.subwords if own and isinstance(self.subwords, Subwords) else None)

    def save_word2vec_format(self, fname: StrPath, binary: bool = False) -> None:
        write_vectors(fname, self.index_to_key, self.rows, format=WORD2VEC_BINARY if binary else WORD2VEC_TEXT)

    def save_fasttext_format(self, fname: StrPath, *, output_vectors: Matrix | None = None) -> None:
        """Write a model that fastText loads (`fasttext.load_model`), with the n-grams if there are any; `save` writes
        word2vec's format where the suffix is `.bin`. `output_vectors` (n, d) serve fastText to go on training."""
        write_vectors(fname, self.index_to_key, self.rows, self.counts, format=FASTTEXT_BINARY, metadata=self.metadata,
                      output_vectors=output_vectors,
                      subwords=self.subwords if isinstance(self.subwords, Subwords) else None)

    @overload
    def evaluate(self, suite: str, **options: Any) -> Any: ...
    @overload
    def evaluate(self, suite: Sequence[str], **options: Any) -> Evaluation: ...
    def evaluate(self, suite: str | Sequence[str] = "standard", **options: Any) -> Any:
        """Evaluate on one set, by name or path (`kv.evaluate("google")`): its result; or on a list of them, on
        "standard", or by several methods: an `Evaluation`. Options as `w2v.evaluate`.

        Raises
        ------
        W2VError : the one set is not found, is broken, or has no known word. With several sets this is in the
        `failures` of the evaluation.
        """
        from w2v import evaluate

        found = evaluate.run(self, suite, **options)
        if not isinstance(suite, str) or suite == "standard":
            return found
        if found.failures:
            raise W2VError(found.failures[0].message)
        return found.results[0] if len(found.results) == 1 else found

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
        from w2v.evaluation.gensim import word_analogies

        return word_analogies(self, analogies, restrict_vocab, case_insensitive, dummy4unknown)

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
        from w2v.evaluation.gensim import word_pairs

        return word_pairs(self, pairs, delimiter, restrict_vocab, case_insensitive, dummy4unknown)
