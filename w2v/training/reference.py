"""A slow, plain version of every kernel and of one whole training step, in NumPy. Read this first.

Training does not use it; the tests compare each kernel of each instruction set with it. Formulas: Mikolov et al. 2013,
"Distributed Representations of Words and Phrases and their Compositionality", equation 4, for one window, or for two
neighbouring windows that share their negatives.

Shapes: C contexts, S outputs (one or two centres, then the negatives), d dimensions. `contexts` (C, d) are rows of the
input matrix, `outputs` (S, d) rows of the output matrix. `labels` and `weights` (C, S) count the windows that contain a
pair: as an observed pair (`labels`), and in any role (`weights`).
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


def labels_and_weights(kinds: Sequence[int], n_outputs: int, n_centres: int) -> tuple[Array, Array]:
    """Labels and weights (C, S) from the kind of each context: bit 0 for the first window, bit 1 for the second."""
    labels, weights = np.zeros((len(kinds), n_outputs)), np.zeros((len(kinds), n_outputs))
    for c, kind in enumerate(kinds):
        windows = [kind & 1, kind >> 1]
        labels[c, :n_centres] = weights[c, :n_centres] = windows[:n_centres]
        weights[c, n_centres:] = sum(windows)
    return labels, weights


def path_labels(kinds: Sequence[int], n_outputs: int, path: Sequence[int]) -> tuple[Array, Array]:
    """Labels and weights (C, S) of one centre with hierarchical softmax (Mikolov et al. 2013, equation 3).

    The first outputs are the nodes of a path, whose labels are 1 for bit 0 of the code and 0 for bit 1. The centre and
    its negatives follow, if there are any.
    """
    row = np.array([*path, 1, *[0] * n_outputs][:n_outputs], dtype=np.float64)
    present = np.array([[float(kind > 0)] for kind in kinds])
    return present * row, present * np.ones(n_outputs)


def scores(contexts: Array, outputs: Array) -> Array:
    """Scores (C, S): the dot product of each context and each output row."""
    return contexts @ outputs.T


def loss(contexts: Array, outputs: Array, labels: Array, weights: Array) -> float:
    """Sum of -log sigmoid(score) over the observed pairs and of -log sigmoid(-score) over the pairs with noise."""
    x = scores(contexts, outputs)
    return float((labels * np.logaddexp(0, -x) + (weights - labels) * np.logaddexp(0, x)).sum())


def gradient(contexts: Array, outputs: Array, labels: Array, weights: Array, alpha: float) -> Array:
    """g (C, S): -alpha times the derivative of the loss with respect to each score."""
    return alpha * (labels - weights * sigmoid(scores(contexts, outputs)))


def rank_update(contexts: Array, outputs: Array, g: Array) -> tuple[Array, Array]:
    """The rows after both updates, each computed from the rows before."""
    return contexts + g @ outputs, outputs + g.T @ contexts


def window_update(contexts: Array, outputs: Array, labels: Array, weights: Array, alpha: float) -> tuple[Array, Array]:
    """The rows after one step of gradient descent on the loss."""
    return rank_update(contexts, outputs, gradient(contexts, outputs, labels, weights, alpha))


def train_window(input_vectors: Array, output_vectors: Array, contexts: Sequence[int], outputs: Sequence[int],
                 alpha: float, kinds: Sequence[int] | None = None, *,
                 path: Sequence[int] | None = None) -> None:
    """One step on whole matrices, in place, on the rows with the given numbers.

    A word that occurs twice among `contexts` gets both of its updates.

    Parameters
    ----------
    kinds : the kind of each context, for two windows that share their negatives; None for one window.
    path : with hierarchical softmax, the labels of the first outputs; the centre and its negatives follow, if there are
        any.
    """
    n_centres = 1 if kinds is None else 2
    kinds = [1] * len(contexts) if kinds is None else kinds
    labels, weights = labels_and_weights(kinds, len(outputs), n_centres)
    if path is not None:
        labels, weights = path_labels(kinds, len(outputs), path)
    old_inputs, old_outputs = input_vectors[list(contexts)], output_vectors[list(outputs)]
    new_inputs, new_outputs = window_update(old_inputs, old_outputs, labels, weights, alpha)
    np.add.at(input_vectors, list(contexts), new_inputs - old_inputs)
    output_vectors[list(outputs)] = new_outputs


def gather(rows: Array, weights: Array) -> Array:
    """Hidden rows (H, d): sums of the rows (C, d), weighted (H, C).

    They are the mean of a centre's contexts (CBOW), or of a word's own row and its n-grams.
    """
    return weights @ rows


def scatter(rows: Array, weights: Array, change: Array) -> Array:
    """The rows after each hidden row's `change` (H, d) was added to them, weighted (H, C)."""
    return rows + weights.T @ change


def train_cbow(input_vectors: Array, output_vectors: Array, contexts: Sequence[int], outputs: Sequence[int],
               alpha: float, kinds: Sequence[int] | None = None, *, mean: bool = True,
               undivided: bool = False, masses: Sequence[float] | None = None,
               path: Sequence[int] | None = None) -> None:
    """One step of CBOW on whole matrices, in place.

    The input of the step is a hidden row for each centre, combined from its contexts. Its change is added to them.

    Parameters
    ----------
    mean : whether the hidden row is the mean of its contexts; their sum otherwise.
    undivided : with the mean, add the whole change to every context instead of its share of the mean.
    masses : weight of each context in the mean; None for 1.
    path : as in `train_window`.
    """
    centres = [1] if kinds is None else [1, 2]
    bits = np.array([[bool(kind & centre) for kind in (kinds or [1] * len(contexts))] for centre in centres], float)
    weights = bits
    if mean:
        weights = bits * (1.0 if masses is None else np.asarray(masses))
        weights = weights / np.maximum(weights.sum(1, keepdims=True), 1e-300)
    present = [centre if bits[k].any() else 0 for k, centre in enumerate(centres)]
    labels, counts = labels_and_weights(present, len(outputs), len(centres))
    if path is not None:
        labels, counts = path_labels(present, len(outputs), path)
    hidden = gather(input_vectors[list(contexts)], weights)
    after, new_outputs = window_update(hidden, output_vectors[list(outputs)], labels, counts, alpha)
    shares = bits if undivided else weights
    np.add.at(input_vectors, list(contexts), shares.T @ (after - hidden))
    output_vectors[list(outputs)] = new_outputs
