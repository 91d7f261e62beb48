"""Types of the options of gensim's classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from w2v.compat.utils import TrimRule
from w2v.corpus_options import CorpusOptions


class Word2VecOptions(CorpusOptions, total=False):
    """Keyword options of `Word2Vec`, for classes that pass them on."""

    vector_size: int
    alpha: float
    window: int
    min_count: int
    max_vocab_size: int | None
    sample: float
    seed: int
    workers: int
    min_alpha: float
    negative: int
    ns_exponent: float
    cbow_mean: int
    hashfxn: Callable[..., int] | None
    epochs: int
    null_word: int
    trim_rule: TrimRule | None
    sorted_vocab: int
    batch_words: int
    compute_loss: bool
    callbacks: Iterable[object]
    comment: str | None
    max_final_vocab: int | None
    shrink_windows: bool
    progress: bool
