"""`FastText`: gensim's class of that name, with vectors of words and of their character n-grams.

Place in the data flow: as `w2v.compat.word2vec`. `wv` also has vectors for words that are not in the vocabulary.
"""

from __future__ import annotations

from typing import Self, Unpack

from w2v.compat.options import Word2VecOptions
from w2v.compat.vectors import FastTextKeyedVectors
from w2v.compat.word2vec import Word2Vec
from w2v.config import TrainOptions
from w2v.corpus.paths import Corpus
from w2v.errors import FormatError
from w2v.formats import read_vectors
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import VectorFile
from w2v.keyedvectors import KeyedVectors
from w2v.types import StrPath


class FastText(Word2Vec):
    """Vectors of words and of their character n-grams, with gensim 4's names and defaults (CBOW).

    Parameters
    ----------
    min_n, max_n : letters of the shortest and the longest n-gram, fastText's minn and maxn; no n-grams if `max_n` is
        below `min_n`.
    bucket : number of n-gram vectors; n-grams are assigned to them by hash. 0 for none.
    word_ngrams : accepted only as 1.
    sentences, corpus_file, sg, hs, options : see `Word2Vec`.

    Raises
    ------
    TypeError, ValueError : see `Word2Vec`.

    Examples
    --------
    >>> model = FastText([["a", "river"], ["a", "stream"]] * 50, vector_size=8, min_count=1, workers=1, bucket=100)
    >>> model.wv["rivers"].shape  # not in the corpus
    (8,)

    `load` reads files of `save` and fastText's own `.bin` files, which `save_facebook_model` writes.
    """

    min_n: int
    max_n: int
    bucket: int

    _settings = (*Word2Vec._settings, "min_n", "max_n", "bucket")
    _parameters = (*Word2Vec._parameters, "word_ngrams", "min_n", "max_n", "bucket")

    def __init__(
        self, sentences: Corpus | None = None, corpus_file: StrPath | None = None, sg: int = 0, hs: int = 0, *,
        word_ngrams: int = 1, min_n: int = 3, max_n: int = 6, bucket: int = 2_000_000,
        **options: Unpack[Word2VecOptions],
    ) -> None:
        if word_ngrams != 1:
            raise ValueError(f"word_ngrams = {word_ngrams} is not supported: n-grams of words are for classification")
        self.min_n, self.max_n, self.bucket = min_n, max_n, bucket
        super().__init__(sentences, corpus_file, sg=sg, hs=hs, **options)

    def _more_options(self) -> TrainOptions:
        if self.bucket == 0:
            return {"bucket": 1}  # of no n-grams
        return {"minn": self.min_n, "maxn": self.max_n} if self.max_n >= self.min_n else {}

    def _vectors(self, wv: KeyedVectors) -> FastTextKeyedVectors:
        return FastTextKeyedVectors.of(wv, huffman=bool(self.hs))

    @classmethod
    def _from_file(cls, file: VectorFile, path: StrPath) -> Self:
        model, ngrams = super()._from_file(file, path), file.subwords
        if isinstance(ngrams, Subwords):
            model.min_n, model.max_n, model.bucket = ngrams.minn, ngrams.maxn, ngrams.buckets
        elif model.max_n >= model.min_n and model.bucket:
            raise FormatError(path, "the file has no n-grams, which FastText needs; load it with Word2Vec")
        return model


def load_facebook_model(path: StrPath) -> FastText:
    """Load a model from fastText's own `.bin` file; as `FastText.load`."""
    model: FastText = FastText.load(path)
    return model


def load_facebook_vectors(path: StrPath) -> FastTextKeyedVectors:
    """Load only the vectors from fastText's own `.bin` file."""
    return FastTextKeyedVectors.from_file(read_vectors(path))


def save_facebook_model(model: FastText, path: StrPath) -> None:
    """Write a model as fastText's own `.bin` file.

    Raises
    ------
    ValueError, W2VError : see `KeyedVectors.save_fasttext_format`.
    """
    model.wv.save_fasttext_format(path, output_vectors=model.syn1neg if model.negative else model.syn1[:-1])
