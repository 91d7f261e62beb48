"""Rows of the two matrices of a model, for one configuration and vocabulary.

Place in the data flow: configuration, vocabulary -> `ModelLayout` -> matrices and hot loop, in `w2v.training.trainer`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training.loop import _ngrams, _rows, _tree
from w2v.training.matrices import allocate_rows
from w2v.training.objectives.record import Objective
from w2v.training.objectives.table import objective_of
from w2v.types import Matrix


@dataclass(frozen=True)
class ModelLayout:
    """Layout of a model.

    Attributes
    ----------
    objective : the record of the objective.
    n_words : size of the vocabulary.
    tree : Huffman tree of hierarchical softmax, or None.
    ngrams : n-grams of the words, or None for a model of whole words.
    input_rows : rows of the input matrix: the words, then the n-grams.
    output_rows : rows of the output matrix, at least 1.
    outputs : rows of each output layer in the output matrix, by its name in checkpoints.
    untrained_loss : mean loss of a pair while all scores are 0.
    """

    objective: Objective
    n_words: int
    tree: _tree.HuffmanTree | None
    ngrams: _ngrams.Ngrams | None
    input_rows: int
    output_rows: int
    outputs: dict[str, slice]
    untrained_loss: float

    def parts(self, input_vectors: Matrix, output_vectors: Matrix) -> dict[str, Matrix]:
        """Return views of everything that is trained, by its name in checkpoints; parts without rows are left out."""
        parts = {"vectors": input_vectors[:self.n_words], "subword_vectors": input_vectors[self.n_words:],
                 **{name: output_vectors[rows] for name, rows in self.outputs.items()}}
        return {name: rows for name, rows in parts.items() if len(rows)}


def layout_of(config: TrainConfig, vocabulary: Vocabulary) -> ModelLayout:
    """Return the layout of a model with this configuration and vocabulary."""
    objective, n_words = objective_of(config), len(vocabulary)
    tree, decisions, begin, outputs = None, 0.0, 0, dict[str, slice]()
    for layer in objective.outputs:
        if layer.tree is not None:
            tree = layer.tree(vocabulary)
        decisions += layer.decisions(config, vocabulary, tree)
        outputs[layer.matrix] = slice(begin, begin + layer.rows(n_words))
        begin += layer.rows(n_words)
    ngrams = None
    if config.maxn:
        ngrams = _ngrams.Ngrams(vocabulary.blob, vocabulary.offsets, config.minn, config.maxn, config.bucket)
    input_rows = n_words + (config.bucket if config.maxn else 0)
    return ModelLayout(objective, n_words, tree, ngrams, input_rows, max(begin, 1), outputs, decisions * math.log(2))


def untrained_rows(config: TrainConfig, vocabulary: Vocabulary, layout: ModelLayout) -> Matrix:
    """Return the input matrix before training, (input_rows, padded) float32: random from the seed and the word or
    n-gram."""
    rows, n = allocate_rows(layout.input_rows, config.vector_size), layout.n_words
    _rows.init_vectors(rows[:n], config.vector_size, config.seed, vocabulary.blob, vocabulary.offsets)
    if layout.ngrams is not None:
        layout.ngrams.init_vectors(rows[n:], config.vector_size, config.seed)
    return rows


def word_rows(input_vectors: Matrix, layout: ModelLayout, words: npt.NDArray[np.int64]) -> Matrix:
    """Return copies of the vectors of these words, (k, padded): their rows, or the means of their rows and of those of
    their n-grams."""
    if layout.ngrams is None:
        copies: Matrix = input_vectors[words]
        return copies
    out = allocate_rows(len(words), input_vectors.shape[1])
    layout.ngrams.compose(input_vectors, np.ascontiguousarray(words, dtype=np.int64), out)
    return out
