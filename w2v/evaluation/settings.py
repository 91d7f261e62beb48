"""Options of an evaluation.

Place in the data flow: options of `w2v.evaluate` or of the command line -> `Settings` -> the measure of each kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from w2v.evaluation.statistics.bootstrap import DRAWS, SEED

SENTENCE_METHODS = ("mean", "sif", "sif-1")  # `w2v.evaluation.measures.sentences`
RESTRICT_VOCAB = 30_000  # candidates of an analogy by default, as in word2vec's compute-accuracy


@dataclass(frozen=True)
class Settings:
    """Options of an evaluation.

    Attributes
    ----------
    methods : analogy methods, of `w2v.evaluation.measures.analogies.METHODS`.
    restrict_vocab : how many of the most frequent words are candidates of an analogy, 1 or more; None for all words.
        Kinds that do not search the vocabulary use all words.
    case_insensitive : whether words are compared in upper case.
    draws : number of bootstrap replicates, 0 for no intervals.
    seed : of the bootstrap, of k-means and of LRCos.
    sentence_methods : methods that make vectors of sentences, of SENTENCE_METHODS.
    """

    methods: tuple[str, ...] = ("3cosadd",)
    restrict_vocab: int | None = RESTRICT_VOCAB
    case_insensitive: bool = True
    draws: int = DRAWS
    seed: int = SEED
    sentence_methods: tuple[str, ...] = SENTENCE_METHODS


DEFAULTS = Settings()
