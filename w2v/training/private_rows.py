"""The rows that each thread should copy, from how often threads touch the same rows.

A row that one thread has written must be moved to the core of the next thread that needs it. How often this happens
depends only on how often a step touches the row, which follows from the vocabulary. The copies are in
`csrc/loop/private.h`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training.loop import _tree
from w2v.training.objectives.hierarchical_softmax import huffman_tree
from w2v.training.objectives.negative_sampling import noise_words

Rates = npt.NDArray[np.float64]

TOLERATED_TOUCHES = 0.05  # of a row by all other threads during a step; each holds it for about a fifth of the step
MOST_PRIVATE_ROWS = 128  # with 64 threads on 17 M words, 1,453 cost a quarter of the correct analogies, 128 none


@dataclass(frozen=True)
class Touches:
    """Average touches of each row by a step.

    Attributes
    ----------
    inputs, outputs : (n_words,) float64
    nodes : (n_words - 1,) float64; (0,) without hierarchical softmax
    """

    inputs: Rates
    outputs: Rates
    nodes: Rates


def touches(vocabulary: Vocabulary, config: TrainConfig, tree: _tree.HuffmanTree | None = None) -> Touches:
    """Return the expected touches of each row by a step of `config.shared_windows` centres, or one with a tree.

    An output row is touched as a centre and as a negative, a node as often as all words below it are centres. An input
    row is counted once for each occurrence of its word in the text: while it is in reach of the windows, it stays in
    the core's cache.

    Parameters
    ----------
    tree : the tree of hierarchical softmax, if it exists already.
    """
    kept = vocabulary.counts * vocabulary.keep_probabilities(config.sample).astype(np.float64)
    centres = 1 if config.hs else config.shared_windows
    inputs = centres * kept / max(kept.sum(), 1.0)
    negatives = noise_words(config)
    outputs = inputs + negatives * vocabulary.noise_weights(config.ns_exponent) if negatives else np.zeros_like(inputs)
    nodes = np.zeros(len(vocabulary) - 1 if config.hs else 0)
    if config.hs:
        (tree or huffman_tree(vocabulary)).add_rates(inputs, nodes)
    return Touches(inputs, outputs, nodes)


def private_rows(vocabulary: Vocabulary, config: TrainConfig, threads: int,
                 tree: _tree.HuffmanTree | None = None) -> int:
    """Return the number of leading words and nodes that get private rows.

    It is given by the configuration; by default these are the rows that the other threads touch more than
    `TOLERATED_TOUCHES` times during a step, at most `MOST_PRIVATE_ROWS`. `tree` as in `touches`.
    """
    if config.private_rows is not None:
        return min(config.private_rows, len(vocabulary))
    if threads == 1:
        return 0
    rates = touches(vocabulary, config, tree)
    busy = [part[:MOST_PRIVATE_ROWS] * (threads - 1) > TOLERATED_TOUCHES for part in (rates.outputs, rates.nodes)]
    return max(len(part) if part.all() else int(np.argmin(part)) for part in busy)
