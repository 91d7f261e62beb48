"""Encoding of a corpus with its phrases joined.

Place in the data flow: corpus and phrase model -> `EncodedCorpus` with joined words -> training. Without phrases this
is `w2v.corpus.encode.encode`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from w2v.corpus.encode import Progress, encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.paths import Corpus
from w2v.phrases.frozen import FrozenPhrases
from w2v.phrases.text import PhrasedText
from w2v.types import StrPath


def load_phrases(phrases: FrozenPhrases | StrPath) -> FrozenPhrases:
    """Return a phrase model; a path is loaded.

    Raises
    ------
    TypeError : neither a phrase model nor a path.
    FormatError, W2VError : see `FrozenPhrases.load`.
    """
    if isinstance(phrases, FrozenPhrases):
        return phrases
    if isinstance(phrases, (str, os.PathLike)):
        return FrozenPhrases.load(phrases)
    raise TypeError(f"phrases must be a file or a w2v.Phrases, not {phrases!r}")


def encode_joined(
    corpus: Corpus, phrases: FrozenPhrases | StrPath | None, *, min_count: int, max_vocab: int | None, threads: int,
    known: Sequence[str] = (), line_weights: bool = False, progress: Progress | None = None, memory_share: float = 0.5,
    spool: bool = True, shared: bool = False,
) -> EncodedCorpus:
    """Encode a corpus with phrases joined.

    Parameters
    ----------
    phrases : a phrase model or its file; None to join nothing.
    min_count : applies to the words after joining; rarer words can still be parts of phrases.
    shared : ignored with phrases.

    The other parameters, the result and the errors are those of `w2v.corpus.encode.encode`.
    """
    if phrases is None:
        return encode(corpus, min_count=min_count, max_vocab=max_vocab, known=known, line_weights=line_weights,
                      threads=threads, progress=progress, memory_share=memory_share, spool=spool, shared=shared)
    model = load_phrases(phrases)
    read = encode(corpus, min_count=1, line_weights=line_weights, threads=threads, progress=progress,
                  memory_share=memory_share, spool=spool)
    integer_keys, text_options = read.vocabulary.integer_keys, read.vocabulary.text_options
    text = PhrasedText(read, threads)
    del read
    model.join(text)
    joined = text.encoded(min_count=min_count, max_vocab=max_vocab, known=known)
    joined.vocabulary.integer_keys, joined.vocabulary.text_options = integer_keys, text_options
    return joined
