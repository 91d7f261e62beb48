"""What it costs threads to share one model, and which rows each of them had better copy.

A row that one thread has written must travel to the core of the next one that wants it. How often depends only on how
often a step touches the row, which the vocabulary tells. `csrc/loop/private.h` has the copies.
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

TOLERATED_TOUCHES = 0.05  # of a row by all other threads in the time of a step; each holds it for about a fifth of it
MOST_PRIVATE_ROWS = 128  # with 64 threads on 17 M words, 1,453 of them cost a quarter of the right analogies, 128 none


@dataclass(frozen=True)
class Touches:
    """How often a step touches each row, on average: (n_words,) float64 each, the nodes (n_words - 1,) or none."""

    inputs: Rates
    outputs: Rates
    nodes: Rates


def touches(vocabulary: Vocabulary, config: TrainConfig, tree: _tree.HuffmanTree | None = None) -> Touches:
    """Expected touches of each row by a step of `config.shared_windows` centres, or one with hierarchical softmax.

    An output row is touched as a centre and as a negative, a node as often as all words below it are centres; an input
    row comes into reach once for each time its word stands in the text, and stays in the core's own cache until it is
    out of reach. `tree` : that of hierarchical softmax, where it is made already.
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
    """The number of leading words and nodes that get private rows: those that the other threads touch more than
    `TOLERATED_TOUCHES` times a step, or what the configuration says. `tree` as for `touches`."""
    if config.private_rows is not None:
        return min(config.private_rows, len(vocabulary))
    if threads == 1:
        return 0
    rates = touches(vocabulary, config, tree)
    busy = [part[:MOST_PRIVATE_ROWS] * (threads - 1) > TOLERATED_TOUCHES for part in (rates.outputs, rates.nodes)]
    return max(len(part) if part.all() else int(np.argmin(part)) for part in busy)
