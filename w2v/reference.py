"""The slow, obvious twin of every kernel and of one whole training step, in NumPy. Read this first.

Nothing here is used in training; the tests compare each kernel of each instruction set with it. Formulas: Mikolov et
al. 2013, "Distributed Representations of Words and Phrases and their Compositionality", equation 4, over one window, or
over two neighbouring windows that share their negatives.

Shapes: C contexts, S outputs (one or two centres, then the negatives), d dimensions. `contexts` (C, d) are rows of the
input matrix, `outputs` (S, d) rows of the output matrix. `labels` and `weights` (C, S) count in how many of the windows
a pair stands: as one that was seen (`labels`), and at all (`weights`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without overflow for any x."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def labels_and_weights(
    kinds: Sequence[int], n_outputs: int, n_centres: int, noise_weight: float = 1.0
) -> tuple[Array, Array]:
    """Both (C, S), from the windows that each context is in: bit 0 of its kind the first centre's, bit 1 the other.
    A negative counts `noise_weight` a window, less than 1 where more of them are drawn than the loss has."""
    labels, weights = np.zeros((len(kinds), n_outputs)), np.zeros((len(kinds), n_outputs))
    for c, kind in enumerate(kinds):
        windows = [kind & 1, kind >> 1]
        labels[c, :n_centres] = weights[c, :n_centres] = windows[:n_centres]
        weights[c, n_centres:] = noise_weight * sum(windows)
    return labels, weights


def scores(contexts: Array, outputs: Array) -> Array:
    """(C, S): how well each context and each output row fit."""
    return contexts @ outputs.T


def loss(contexts: Array, outputs: Array, labels: Array, weights: Array) -> float:
    """Sum of -log sigmoid(score) over the pairs that were seen and of -log sigmoid(-score) over those with noise."""
    x = scores(contexts, outputs)
    return float((labels * np.logaddexp(0, -x) + (weights - labels) * np.logaddexp(0, x)).sum())


def gradient(contexts: Array, outputs: Array, labels: Array, weights: Array, alpha: float) -> Array:
    """g (C, S): minus alpha times the derivative of the loss by each score."""
    return alpha * (labels - weights * sigmoid(scores(contexts, outputs)))


def rank_update(contexts: Array, outputs: Array, g: Array) -> tuple[Array, Array]:
    """The rows after both updates, each computed from the rows before."""
    return contexts + g @ outputs, outputs + g.T @ contexts


def window_update(contexts: Array, outputs: Array, labels: Array, weights: Array, alpha: float) -> tuple[Array, Array]:
    """One step of gradient descent on the loss: the rows after it."""
    return rank_update(contexts, outputs, gradient(contexts, outputs, labels, weights, alpha))


def train_window(input_vectors: Array, output_vectors: Array, contexts: Sequence[int], outputs: Sequence[int],
                 alpha: float, kinds: Sequence[int] | None = None, noise_weight: float = 1.0) -> None:
    """One step on whole matrices, in place, on the rows with these numbers; a word that stands twice among `contexts`
    gets both of its updates. Without `kinds` it is one window, with them two that share their negatives."""
    n_centres = 1 if kinds is None else 2
    kinds = [1] * len(contexts) if kinds is None else kinds
    labels, weights = labels_and_weights(kinds, len(outputs), n_centres, noise_weight)
    old_inputs, old_outputs = input_vectors[list(contexts)], output_vectors[list(outputs)]
    new_inputs, new_outputs = window_update(old_inputs, old_outputs, labels, weights, alpha)
    np.add.at(input_vectors, list(contexts), new_inputs - old_inputs)
    output_vectors[list(outputs)] = new_outputs
