"""What the rows of a matrix meet, and how often.

Place in the data flow: configuration, vocabulary -> `Meetings` -> the second moments of a merge
(`w2v.training.rounds.setup.moment_of`). All sums have a fixed order, so that each machine finds the same numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedText

LEADING = 12_000
"""Most frequent words whose rows the second moments are computed from. More changed no score (bench/NOTES.md)."""

Weights = npt.NDArray[np.float64]
Shares = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Meetings:
    """How often training meets the rows of each matrix.

    Attributes
    ----------
    inputs, outputs : (m,) float32 shares of the leading rows of a matrix among those that the rows of the other one
        meet, sum 1.
    contexts : mean number of contexts of a word.
    averaged : whether an input is the mean of the contexts (CBOW); `summed` whether it is their sum.
    """

    inputs: Shares
    outputs: Shares
    contexts: float
    averaged: bool
    summed: bool

    @classmethod
    def of(cls, corpus: EncodedText, config: TrainConfig) -> Meetings:
        """Return what training with skip-gram or CBOW and negative sampling meets."""
        vocabulary, negative = corpus.vocabulary, config.negative
        kept: Weights = vocabulary.counts.astype(np.float64) * vocabulary.keep_probabilities(config.sample)
        kept = kept / math.fsum(kept)
        noise = vocabulary.noise_weights(config.ns_exponent)
        return cls(_leading(kept), _leading(kept + negative * noise), contexts_of(corpus, config),
                   not config.sg and config.cbow_mean, not (config.sg or config.cbow_mean))


def contexts_of(corpus: EncodedText, config: TrainConfig) -> float:
    """Return the mean number of contexts of a word, at least 1."""
    if config.whole_lines:
        words = corpus.n_words / max(corpus.report.lines, 1) - 1
        return max(1.0, words if config.line_contexts is None else min(words, config.line_contexts))
    return max(1.0, config.mean_contexts)


def _leading(weights: Weights) -> Shares:
    found = weights[:LEADING] / math.fsum(weights[:LEADING])
    return found.astype(np.float32)
