"""`FastText`: gensim's class of that name over our training: words are made of their own vectors and their n-grams'.

Place in the data flow: as `w2v.compat.word2vec`, with n-grams. `wv` gives vectors for words that were never seen.
"""

from __future__ import annotations

from typing import Any, Self

from w2v.compat.word2vec import Word2Vec
from w2v.errors import FormatError
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import VectorFile
from w2v.types import StrPath


class FastText(Word2Vec):
    """Vectors of words and of their n-grams, with gensim 4's names and defaults (CBOW).

    Parameters
    ----------
    min_n, max_n : letters of the shortest and the longest n-gram, fastText's minn and maxn; no n-grams if max_n is
        below min_n.
    bucket : vectors that all n-grams share, by their hash.
    word_ngrams : accepted as 1.
    sentences, corpus_file, sg, hs, options : as in `Word2Vec`, whose errors these are too.

    `load` reads what `save` wrote and also fastText's own `.bin`; `wv.save_fasttext_format` writes that.
    """

    _settings = (*Word2Vec._settings, "min_n", "max_n", "bucket")

    def __init__(
        self, sentences: Any = None, corpus_file: StrPath | None = None, sg: int = 0, hs: int = 0, *,
        word_ngrams: int = 1, min_n: int = 3, max_n: int = 6, bucket: int = 2_000_000, **options: Any,
    ) -> None:
        if word_ngrams != 1:
            raise ValueError(f"word_ngrams = {word_ngrams}: n-grams of words are for classification, and not offered")
        self.min_n, self.max_n, self.bucket = min_n, max_n, bucket
        super().__init__(sentences, corpus_file, sg=sg, hs=hs, **options)

    def _more(self) -> dict[str, Any]:
        return {"minn": self.min_n, "maxn": self.max_n} if self.max_n >= self.min_n else {}

    @classmethod
    def _from_file(cls, file: VectorFile, path: StrPath) -> Self:
        model, ngrams = super()._from_file(file, path), file.subwords
        if isinstance(ngrams, Subwords):
            model.min_n, model.max_n, model.bucket = ngrams.minn, ngrams.maxn, ngrams.buckets
        elif model.max_n >= model.min_n:
            raise FormatError(path, "no n-grams in it, which FastText goes on with; load it with Word2Vec")
        return model
