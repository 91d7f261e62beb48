"""What the rows of a matrix meet: how often, and the directions in which the other matrix pulls.

Place in the data flow: configuration, vocabulary -> `Rows` of each matrix -> the basis of a merge
(`w2v.training.rounds._merge`). All sums have a fixed order, so that each machine finds the same numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedText
from w2v.training.rounds._merge import MERGED_ROWS

LEADING = 12_000
"""Most frequent words whose rows the second moments are computed from. More changed no score (bench/NOTES.md)."""

Weights = npt.NDArray[np.float64]

_STEEPEST = 0.25  # largest sigmoid * (1 - sigmoid)


@dataclass(frozen=True)
class Met:
    """How often training meets the rows of one matrix.

    Attributes
    ----------
    weights : (m,) float32 shares of the leading rows among those that the rows of the other matrix meet, sum 1.
    expected : (blocks,) float32 largest curvature that a row of each block of `MERGED_ROWS` is expected to meet, for
        each word of the text and each unit of the learning rate.
    """

    weights: npt.NDArray[np.float32]
    expected: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Meetings:
    """`Met` of both matrices.

    Attributes
    ----------
    inputs, outputs : of the two matrices.
    contexts : mean number of contexts of a word.
    averaged : whether an input is the mean of the contexts (CBOW); `summed` whether it is their sum.
    """

    inputs: Met
    outputs: Met
    contexts: float
    averaged: bool
    summed: bool

    @classmethod
    def of(cls, corpus: EncodedText, config: TrainConfig) -> Meetings:
        """Return what training with skip-gram or CBOW and negative sampling meets."""
        vocabulary, negative = corpus.vocabulary, config.negative
        kept: Weights = vocabulary.counts.astype(np.float64) * vocabulary.keep_probabilities(config.sample)
        share = math.fsum(kept) / vocabulary.total  # of the words that subsampling leaves
        kept = kept / math.fsum(kept)
        noise = vocabulary.noise_weights(config.ns_exponent)
        contexts = contexts_of(corpus, config)
        steps = _STEEPEST * share
        if config.sg:
            inputs, outputs = steps * contexts * (negative + 1) * kept, steps * contexts * (kept + negative * noise)
        else:
            scale = contexts**2 if not config.cbow_mean else contexts if config.cbow_undivided else 1.0
            inputs, outputs = steps * scale * (negative + 1) * kept, steps * (kept + negative * noise)
        return cls(Met(_leading(kept), _of_blocks(inputs)), Met(_leading(kept + negative * noise), _of_blocks(outputs)),
                   contexts, not config.sg and config.cbow_mean, not (config.sg or config.cbow_mean))


def contexts_of(corpus: EncodedText, config: TrainConfig) -> float:
    """Return the mean number of contexts of a word, at least 1."""
    if config.whole_lines:
        words = corpus.n_words / max(corpus.report.lines, 1) - 1
        return max(1.0, words if config.line_contexts is None else min(words, config.line_contexts))
    left, right = config.sides
    return max(1.0, (left + right) / 2 + 1 if config.shrink_windows else float(left + right))


def _leading(weights: Weights) -> npt.NDArray[np.float32]:
    found = weights[:LEADING] / math.fsum(weights[:LEADING])
    return found.astype(np.float32)


def _of_blocks(expected: Weights) -> npt.NDArray[np.float32]:
    starts = np.arange(0, len(expected), MERGED_ROWS)
    found: npt.NDArray[np.float32] = np.maximum.reduceat(expected, starts).astype(np.float32)
    return found
