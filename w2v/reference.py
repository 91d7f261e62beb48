"""The slow, obvious twin of every kernel and of one whole training step, in NumPy. Read this first.

Nothing here is used in training; the tests compare each kernel of each instruction set with it. Formulas: Mikolov et
al. 2013, "Distributed Representations of Words and Phrases and their Compositionality", equation 4, over one window
whose negatives are shared by all of its contexts.

Shapes: C contexts, S = 1 + negatives, d dimensions. `contexts` (C, d) are rows of the input matrix, `outputs` (S, d)
rows of the output matrix, the centre word's first.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without overflow for any x."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def scores(contexts: Array, outputs: Array) -> Array:
    """(C, S): how well each context and each output row fit."""
    return contexts @ outputs.T


def loss(contexts: Array, outputs: Array) -> float:
    """Sum over all contexts of -log sigmoid(score of the centre) - sum of log sigmoid(-score) of the negatives."""
    x = scores(contexts, outputs)
    x[:, 0] *= -1
    return float(np.logaddexp(0, x).sum())


def gradient(contexts: Array, outputs: Array, alpha: float) -> Array:
    """g (C, S): minus alpha times the derivative of the loss by each score."""
    label = np.zeros((len(contexts), len(outputs)))
    label[:, 0] = 1
    return alpha * (label - sigmoid(scores(contexts, outputs)))


def rank_update(contexts: Array, outputs: Array, g: Array) -> tuple[Array, Array]:
    """The rows after both updates, each computed from the rows before."""
    return contexts + g @ outputs, outputs + g.T @ contexts


def window_update(contexts: Array, outputs: Array, alpha: float) -> tuple[Array, Array]:
    """One step of gradient descent on the loss of one window: the rows after it."""
    return rank_update(contexts, outputs, gradient(contexts, outputs, alpha))


def train_window(input_vectors: Array, output_vectors: Array, contexts: list[int], outputs: list[int],
                 alpha: float) -> None:
    """One step on whole matrices, in place; a word that stands twice among `contexts` gets both of its updates."""
    old_inputs, old_outputs = input_vectors[contexts], output_vectors[outputs]
    new_inputs, new_outputs = window_update(old_inputs, old_outputs, alpha)
    np.add.at(input_vectors, contexts, new_inputs - old_inputs)
    output_vectors[outputs] = new_outputs
