"""What a step predicts from what: n-grams, the tree of hierarchical softmax, rows of the matrices, untrained loss.

Place in the data flow: configuration, vocabulary -> `Objective` -> matrices and loop (`w2v/training/loop/_loop.pyx`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training.loop import _ngrams, _rows, _tree
from w2v.training.loop.settings import shared_negatives
from w2v.training.matrices import allocate_rows
from w2v.types import Matrix


@dataclass(frozen=True)
class Objective:
    """The parts of a model beside the words.

    Attributes
    ----------
    tree : of hierarchical softmax, or None.
    ngrams : of subwords, or None.
    input_rows, output_rows : of the two matrices. The n-grams stand after the words in the input matrix, the nodes of
        the tree before the words in the output matrix.
    nodes : rows of the nodes.
    untrained_loss : what a pair of a centre and its input costs while all scores are 0.
    """

    tree: _tree.HuffmanTree | None
    ngrams: _ngrams.Ngrams | None
    input_rows: int
    output_rows: int
    nodes: int
    untrained_loss: float

    def parts(self, input_vectors: Matrix, output_vectors: Matrix) -> dict[str, Matrix]:
        """All that is trained, by name, for checkpoints and the search for numbers that run away."""
        words = self.input_rows if self.ngrams is None else self.ngrams.n_words
        parts = {"vectors": input_vectors[:words], "subword_vectors": input_vectors[words:],
                 "nodes": output_vectors[:self.nodes], "output_vectors": output_vectors[self.nodes:]}
        return {name: rows for name, rows in parts.items() if len(rows)}


def noise_words(config: TrainConfig) -> int:
    """Negatives of most steps, and so of the loss."""
    shared = config.shared_windows == 2 and not config.hs
    return shared_negatives(config.negative) if shared else config.negative


def objective_of(config: TrainConfig, vocabulary: Vocabulary) -> Objective:
    n = len(vocabulary)
    tree, nodes, terms = None, 0, 0.0
    if config.hs:
        tree = huffman_tree(vocabulary)
        nodes = n - 1
        kept = vocabulary.counts * vocabulary.keep_probabilities(config.sample).astype(np.float64)
        passed = np.zeros(nodes)
        tree.add_rates(kept / max(kept.sum(), 1.0), passed)
        terms += float(passed.sum())  # mean length of a path
    if config.negative:
        terms += 1 + noise_words(config)
    ngrams = None
    if config.maxn:
        ngrams = _ngrams.Ngrams(vocabulary.blob, vocabulary.offsets, config.minn, config.maxn, config.bucket)
    inputs = n + (config.bucket if config.maxn else 0)
    outputs = nodes + (n if config.negative else 0)
    return Objective(tree, ngrams, inputs, max(outputs, 1), nodes, terms * math.log(2))


def huffman_tree(vocabulary: Vocabulary) -> _tree.HuffmanTree:
    order = np.argsort(-vocabulary.counts, kind="stable").astype(np.int32)
    return _tree.HuffmanTree(vocabulary.counts, order)


def untrained_rows(config: TrainConfig, vocabulary: Vocabulary, objective: Objective) -> Matrix:
    """(input_rows, padded) the input matrix before training: random from (seed, word), and from (seed, n-gram)."""
    rows, n = allocate_rows(objective.input_rows, config.vector_size), len(vocabulary)
    _rows.init_vectors(rows[:n], config.vector_size, config.seed, vocabulary.blob, vocabulary.offsets)
    if objective.ngrams is not None:
        objective.ngrams.init_vectors(rows[n:], config.vector_size, config.seed)
    return rows


def word_rows(input_vectors: Matrix, objective: Objective, words: npt.NDArray[np.int64]) -> Matrix:
    """(k, padded) copies of the vectors of these words: their rows, or what they and their n-grams make."""
    if objective.ngrams is None:
        copies: Matrix = input_vectors[words]
        return copies
    out = allocate_rows(len(words), input_vectors.shape[1])
    objective.ngrams.compose(input_vectors, np.ascontiguousarray(words, dtype=np.int64), out)
    return out
