"""`GensimMethods`: what programs written for gensim 4 call besides lookup and searches. Adds it to `Queries`.

Place in the data flow: as `w2v.vectors.queries`. Names, parameters and results are those of gensim 4.4; attributes that
gensim 4 removed have its hints.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from w2v.errors import W2VError
from w2v.formats.keys import Key, is_key
from w2v.system import log
from w2v.types import Floats, Matrix
from w2v.vectors.queries import Queries


class _Removed:
    """An attribute of gensim 3 that gensim 4 removed: reading it raises AttributeError with a hint."""

    def __init__(self, hint: str) -> None:
        self._hint = hint

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> NoReturn:
        raise AttributeError(f"KeyedVectors has no {self._name!r} since gensim 4: {self._hint}")


class GensimMethods(Queries):
    """Words with one vector each, and further methods of gensim 4; parameters and attributes as in `Table`."""

    vocab: _Removed = _Removed("use key_to_index, index_to_key, get_vecattr(word, 'count') and set_vecattr")
    index2word: _Removed = _Removed("use index_to_key")
    index2entity: _Removed = _Removed("use index_to_key")
    vectors_norm: _Removed = _Removed("use get_normed_vectors()")
    syn0: _Removed = _Removed("use vectors")
    syn0norm: _Removed = _Removed("use get_normed_vectors()")

    def wmdistance(self, document1: Sequence[Key], document2: Sequence[Key], norm: bool = True) -> float:
        """Return the Word Mover's Distance of two documents. Needs the extra `w2v[wmd]`.

        Parameters
        ----------
        document1, document2 : words, with repetitions; those without a vector are left out.
        norm : scale the vectors to length 1 first.

        Returns
        -------
        The least mean Euclidean distance over which the words of one document can be moved to those of the other; 0 for
        equal documents, infinity if a document has no known word.

        Raises
        ------
        W2VError : POT is not installed.
        TypeError : a document is a str instead of a list of words.

        Source
        ------
        Kusner et al. 2015 (From Word Embeddings To Document Distances), section 4; gensim 4 KeyedVectors.wmdistance.
        Where all distances are zero, gensim returns infinity instead of 0.
        """
        try:
            from ot import emd2  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise W2VError("wmdistance needs POT: pip install 'w2v[wmd]'") from None
        (words1, weights1), (words2, weights2) = self._bag(document1), self._bag(document2)
        if not words1 or not words2:
            return float("inf")
        vectors1, vectors2 = (self.get_vectors(words, norm=norm).astype(np.float64) for words in (words1, words2))
        distances = np.stack([np.linalg.norm(vectors2 - vector, axis=1) for vector in vectors1])
        return float(emd2(weights1, weights2, distances)) if distances.any() else 0.0

    def _bag(self, document: Sequence[Key]) -> tuple[list[str], Floats]:
        """Return the distinct words of a document that have a vector, and their shares."""
        if is_key(document):
            raise TypeError(f"a document must be a list of words, not {document!r:.80}")
        counts = Counter(self._lookup.word(key) for key in document if key in self)
        if (left_out := len(document) - counts.total()) > 0:
            log.info(f"wmdistance: {left_out:,} words of a document have no vector and are left out")
        return list(counts), np.array(list(counts.values()), dtype=np.float64) / max(counts.total(), 1)

    def relative_cosine_similarity(self, wa: Key, wb: Key, topn: int = 10) -> float:
        """Return the cosine of two words over the sum of the cosines of the `topn` nearest words of the first.

        Above 1 / topn the words are more similar than the mean of these neighbours.

        Raises
        ------
        UnknownWordError : (a KeyError) a word has no vector.
        ValueError : the first word has no neighbours, or `topn` is below 1.

        Source
        ------
        Leeuwenberg et al. 2016 (A Minimally Supervised Approach for Synonym Extraction), equation 1.
        """
        near = self.similar_by_key(wa, topn)
        if not near:
            raise ValueError("a relative cosine needs at least one neighbour: topn must be 1 or more, and the vectors "
                             "must have other words")
        return self.similarity(wa, wb) / sum(score for _, score in near)

    def word_vec(self, *arguments: Any, **keywords: Any) -> Matrix:
        """Return `get_vector`, which replaces this name."""
        _renamed("word_vec", "get_vector")
        return self.get_vector(*arguments, **keywords)

    def words_closer_than(self, word1: Key, word2: Key) -> list[str]:
        """Return `closer_than`, which replaces this name."""
        _renamed("words_closer_than", "closer_than")
        return self.closer_than(word1, word2)

    def init_sims(self, replace: bool = False) -> None:
        """Compute the lengths of the rows, which searches do by themselves; with `replace` `unit_normalize_all`."""
        _renamed("init_sims", "fill_norms")
        if replace:
            self.unit_normalize_all()
        self.fill_norms()

    def similarity_unseen_docs(self, *arguments: object, **keywords: object) -> NoReturn:
        """Refuse, as gensim 4: only its class `Doc2Vec` has this method."""
        raise NotImplementedError("similarity_unseen_docs is a method of gensim's Doc2Vec, not of word vectors; "
                                  "compare lists of words with n_similarity or wmdistance")


def _renamed(old: str, new: str) -> None:
    """Warn that a name is outdated, as gensim 4 does."""
    warnings.warn(f"{old} is deprecated: use {new}", DeprecationWarning, stacklevel=3)
